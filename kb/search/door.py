"""The one search door: pages, API, command line and evaluation all call ``SearchService.search``."""

from __future__ import annotations

import time
from collections.abc import Callable

from kb.domain.search import SearchRequest, SearchResult
from kb.encode.dense import DenseEncoder
from kb.search.bank import QuestionBank
from kb.search.fusion import DEFAULT_FUSION, FusionSettings
from kb.search.generation import GenerationHolder
from kb.search.pipeline import Ask, build_pipeline, run_pipeline
from kb.search.ranking import LearnedFusion, open_learned_fusion
from kb.search.request import read_question
from kb.search.reranking import Reranking
from kb.store.database import Database
from kb.store.works import title_catalogue
from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases


class SearchService:
    """Searches the generation that ``holder`` serves; implements ``kb.domain.search.SearchDoor``.

    ``dense`` None (or an encoder that fails) searches by words and says so in ``notices``.
    """

    def __init__(
        self,
        database: Database,
        holder: GenerationHolder,
        dense: DenseEncoder | None,
        fusion: FusionSettings = DEFAULT_FUSION,
        bank: Callable[[], QuestionBank] | None = None,
        learned: LearnedFusion | None = None,
        reranking: Reranking | None = None,
    ) -> None:
        """Read the catalogue of titles and wire the pipeline.

        ``bank`` gives the question bank; ``learned`` None takes the learned fusion that ships. Without
        ``reranking`` a request that asks for it is answered in the fused order.
        """
        self._holder = holder
        self._pipeline = build_pipeline(
            database,
            read_catalogue(database),
            dense,
            fusion,
            bank,
            learned or open_learned_fusion(database),
            reranking,
        )

    def search(self, request: SearchRequest) -> SearchResult:
        """Find provisions.

        Raises BadInputError for a request out of bounds and IndexStateError when no generation serves.
        """
        started = time.perf_counter()
        question = read_question(request)  # before an index is asked for: bad input is always told so
        with self._holder.borrow() as generation:
            found = run_pipeline(self._pipeline, Ask(request, question, generation))
        took_ms = (time.perf_counter() - started) * 1000
        return SearchResult(
            hits=found.hits,
            as_of=found.read.as_of,
            generation=generation.id,
            took_ms=round(took_ms, 2),
            words=found.read.words,
            notices=found.read.notices,
            about=found.read.about,
        )


def read_catalogue(database: Database) -> TitleCatalogue:
    """Titles of all works in the store with the shipped everyday names."""
    with database.reading() as connection:
        titles = title_catalogue(connection)
    return TitleCatalogue.build(add_aliases(titles, read_aliases()))
