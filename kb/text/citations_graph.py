"""What one stored provision cites: the rows of the citation graph."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.domain.citations import CitationRow
from kb.domain.works import Provision, Work
from kb.text.catalogue import TitleCatalogue
from kb.text.citations_find import find_in_clean_text
from kb.text.citations_resolve import ReadingContext, resolve_references
from kb.text.citations_types import CitationForm, TitleKind

_MAY_CITE = re.compile("第[^。]{1,20}条|《|[前上该同]述?[一二两三四五六七八九十]?[条款项]|条第|款第|号")


FINDER_VERSION = "1"
"""Raised when the finder or the resolver reads stored texts otherwise, so that links are made again."""


def find_in_provision(
    provision: Provision,
    work: Work,
    catalogue: TitleCatalogue,
    *,
    preceding: Sequence[tuple[int, int]] = (),
) -> list[CitationRow]:
    """What ``provision`` of ``work`` cites, one row per article; its text as stored, one 款 or 项 a line.

    ``preceding`` are the numbers of the articles before it, nearest first, for 前条; without them articles
    are taken to follow one another. References of a provision to itself (本条第二款, 前款) are left out, and
    so are places that lead nowhere and articles of unknown things (合同第五条). ``CitationRow.title`` of kind
    ``number`` is the document's number.
    """
    text = provision.text
    if _MAY_CITE.search(text) is None:
        return []
    context = ReadingContext(work.id, work.title, provision.number, tuple(preceding), True)
    rows: list[CitationRow] = []
    for one in resolve_references(find_in_clean_text(text, catalogue), catalogue, text, context):
        found = one.found
        own = one.work_id is not None and one.work_id == context.work_id
        if own and one.number is not None and one.number == context.number:
            continue
        if one.work_id is None and found.title_kind not in (
            TitleKind.QUOTED,
            TitleKind.BARE,
            TitleKind.NUMBER,
        ):
            continue
        title = found.full_title or found.title or ""
        if found.form is CitationForm.DOCUMENT or found.title_kind is TitleKind.NUMBER:
            title = found.document_number or ""
        rows.append(
            CitationRow(
                provision.id,
                len(rows),
                found.text,
                found.span,
                title,
                found.title_kind.value,
                one.number,
                tuple((unit.paragraph, unit.item, unit.point) for unit in one.units),
                one.work_id,
            )
        )
    return rows
