"""One file to its drafts: read, parse, check. Runs in the reader's child process."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from ingest.checks import check_draft
from ingest.drafts import Draft
from ingest.file_manifest import TextFix
from ingest.lines import Line, ReadDocument
from ingest.parsers.kinds import parse_document
from ingest.readers.dispatch import read_bytes
from kb.domain.works import WorkKind
from kb.errors import SourceError


def read_drafts(
    content: bytes, name: str, *, kind: WorkKind | None = None, fixes: Sequence[TextFix] = ()
) -> tuple[Draft, ...]:
    """Everything that the file says, checked; ``fixes`` are the manifest's known mistakes of all files.

    Raises SourceError with the reader's or parser's code, or ``fix_unmatched``.
    """
    document = mend_document(read_bytes(content, name), [fix for fix in fixes if fix.file == name])
    drafts = parse_document(document, kind)
    return tuple(
        dataclasses.replace(draft, findings=(*draft.findings, *check_draft(draft))) for draft in drafts
    )


def mend_document(document: ReadDocument, fixes: Sequence[TextFix]) -> ReadDocument:
    """``document`` with each known mistake put right in the one line that holds it.

    Raises SourceError ``fix_unmatched`` when it stands nowhere or more than once.
    """
    lines = list(document.lines)
    for fix in fixes:
        at = [index for index, line in enumerate(lines) if fix.wrong in line.text]
        if len(at) != 1 or lines[at[0]].text.count(fix.wrong) != 1:
            raise SourceError(
                "fix_unmatched",
                f"清单所列的更正在文件里出现 {len(at)} 次，应当恰好一次：{fix.wrong[:40]}",
                place=document.name,
                way_out="请核对来源清单的 fixes；文件更新后请删去不再需要的更正",
            )
        lines[at[0]] = _mend(lines[at[0]], fix)
    return dataclasses.replace(document, lines=tuple(lines))


def _mend(line: Line, fix: TextFix) -> Line:
    return dataclasses.replace(line, text=line.text.replace(fix.wrong, fix.right))
