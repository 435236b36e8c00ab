"""What one stored provision cites: the rows of the citation graph."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.text.catalogue import TitleCatalogue
from kb.text.citations_find import find_in_clean_text
from kb.text.citations_resolve import ReadingContext, resolve_references
from kb.text.citations_types import CitationForm, TitleKind

_MAY_CITE = re.compile("第[^。]{1,20}条|《|[前上该同]述?[一二两三四五六七八九十]?[条款项]|条第|款第|号")


@dataclass(frozen=True)
class ProvisionCitation:
    """One article, work or document that a provision cites; fields as in ``kb.store.citations.CitationRow``.

    ``span`` is of the provision's stored text; ``position`` counts from 0. ``title`` is what the work is called
    without 《》 (a document's number for kind ``number``), empty where none is named; ``number`` None means the
    whole work. ``target_work`` is None while no one held work is meant.
    """

    position: int
    text: str
    span: tuple[int, int]
    title: str
    title_kind: str
    number: tuple[int, int] | None
    units: tuple[tuple[int | None, int | None, int | None], ...] = ()
    target_work: str | None = None


def find_in_provision(
    text: str, context: ReadingContext, catalogue: TitleCatalogue
) -> list[ProvisionCitation]:
    """Citations of the provision ``text`` (as stored: normalised, one 款 or 项 a line), one per article.

    ``context`` says where it stands. A provision's references to itself (本条第二款, 前款) are left out, and
    so are places that lead nowhere and articles of unknown things (合同第五条).
    """
    if _MAY_CITE.search(text) is None:
        return []
    rows: list[ProvisionCitation] = []
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
            ProvisionCitation(
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
