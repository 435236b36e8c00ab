"""Find citations in Chinese text, then say which work and article each one means.

Finding reads only what stands there: 《劳动合同法》第三十八条第一款第（二）项, 民法典1254条,
第1254、1255条, 第十条至第十二条, 本法第三条, 前两款, 法释〔2020〕17号, 《劳动法》. It gives one citation
per article, each with its place in the text as it was given, and never guesses a title. Resolving is
the second step and knows the catalogue and where the text stands. Every pass is linear in the text.

This module is the door; the parts are in ``kb.text.citations_*``.
"""

from __future__ import annotations

from collections.abc import Iterable

from kb.text.catalogue import TitleCatalogue
from kb.text.citations_articles import MAX_EXPANDED
from kb.text.citations_find import find_citations, find_in_clean_text, find_references
from kb.text.citations_graph import FINDER_VERSION, find_in_provision
from kb.text.citations_resolve import NOWHERE, ReadingContext, resolve_references
from kb.text.citations_types import (
    CitationForm,
    CitedUnit,
    FoundCitation,
    FoundQuote,
    Place,
    PlaceBase,
    PlaceLevel,
    ResolvedCitation,
    TitleKind,
)

__all__ = [
    "FINDER_VERSION",
    "MAX_EXPANDED",
    "NOWHERE",
    "CitationForm",
    "CitedUnit",
    "FoundCitation",
    "FoundQuote",
    "Place",
    "PlaceBase",
    "PlaceLevel",
    "ReadingContext",
    "ResolvedCitation",
    "TitleKind",
    "find_citations",
    "find_in_clean_text",
    "find_in_provision",
    "find_references",
    "resolve_citations",
    "resolve_references",
]


def resolve_citations(found: Iterable[FoundCitation], catalogue: TitleCatalogue) -> list[ResolvedCitation]:
    """``resolve_references`` for citations that stand in no work of their own."""
    return resolve_references(list(found), catalogue)
