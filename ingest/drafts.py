"""What parsers give: one dated text read from one file, before it takes its place among versions.

A draft knows nothing of ids, of other files or of today. ``ingest.assemble`` puts drafts of one
work together and decides starts, ends and ids.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.lines import Finding
from kb.domain.records import Details
from kb.domain.works import NATIONAL, WorkKind


class ActKind(StrEnum):
    """What a title note says was done to a document."""

    ADOPTED = "adopted"
    """通过."""
    AMENDED = "amended"
    """修正 (numbers stay), 修改."""
    REVISED = "revised"
    """修订 (a new text)."""
    PUBLISHED = "published"
    """公布, 发布, 印发."""
    IN_FORCE = "in_force"
    """施行, 实施, 生效."""
    REPEALED = "repealed"
    """废止, 失效."""
    APPROVED = "approved"
    """批准, 审议通过 by a second body."""


@dataclass(frozen=True)
class Act:
    """One dated act of a title note: 2023年9月1日 第十四届…第五次会议…第五次修正.

    ``by`` is the deciding document or meeting as written; ``number`` an order's number (主席令第…号,
    法释〔2020〕17号) where the note gives one.
    """

    kind: ActKind
    day: dt.date
    body: str = ""
    by: str = ""
    number: str = ""
    line: int = 0


@dataclass(frozen=True)
class DraftProvision:
    """One article or unnumbered block as read. Fields as ``kb.domain.works.Provision``.

    ``lines`` are the first and last ``Line.number`` that it was read from.
    """

    number: tuple[int, int] | None
    label: str
    path: tuple[str, ...]
    text: str
    lines: tuple[int, int]


@dataclass(frozen=True)
class Draft:
    """One dated text of one document.

    ``part`` names the piece when a work is spread over several files (总则 of 民法典), else empty.
    ``acts`` in the order of the note. ``declared_from`` is a start of force that the file itself states
    (title note, register field), None when it does not; ``expires_on`` the end that a normative document sets
    itself. ``unread`` counts lines that look like provisions (第X条 …) and did not become one.
    ``statute_type`` is the Chinese name of the type (法律, 行政法规, 司法解释, 规范性文件, 典型案例 …),
    empty when it cannot be read. ``document_number`` is 发文字号, 令号, 法释〔…〕…号, 入库编号 or 案号.
    """

    kind: WorkKind
    title: str
    provisions: tuple[DraftProvision, ...]
    file: str
    file_sha256: str
    short_title: str = ""
    aliases: tuple[str, ...] = ()
    part: str = ""
    statute_type: str = ""
    issuing_body: str = ""
    region: str = NATIONAL
    topic: str = ""
    document_number: str = ""
    acts: tuple[Act, ...] = ()
    declared_from: dt.date | None = None
    expires_on: dt.date | None = None
    name_date: dt.date | None = None
    details: Details | None = None
    candidates: int = 0
    unread: int = 0
    findings: tuple[Finding, ...] = field(default_factory=tuple)
