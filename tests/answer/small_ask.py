"""An answer door over a real store, matching by words alone, so that a test needs no encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kb.answer.ask import AskService, Parts
from kb.answer.ask_fallback import Fallback
from kb.answer.ask_matching import MatcherKeeper
from kb.answer.ask_shelf import SampleShelf
from kb.answer.conversation import TokenMaker
from kb.answer.holdings import Holdings, StoreHoldings
from kb.answer.matching_model import Calibration, load_calibration
from kb.answer.rephrase import Rephraser
from kb.answer.rest_days import load_rest_days
from kb.domain.answers import StandardAnswer
from kb.domain.ask import AskReply, AskRequest
from kb.domain.search import SearchDoor
from kb.store.database import Database
from kb.text.tokenise import default_tokeniser

KEY = b"k" * 32
GENERATION = "g-test"


def store_holdings(database: Database) -> Callable[[], Iterator[Holdings]]:
    @contextmanager
    def opened() -> Iterator[Holdings]:
        with database.reading() as connection:
            yield StoreHoldings(connection)

    return opened  # type: ignore[return-value]


def open_small_ask(
    database: Database,
    door: SearchDoor,
    answers: Sequence[StandardAnswer],
    *,
    clock: Callable[[], float] = lambda: 1_000_000.0,
    rephraser: Rephraser | None = None,
    calibration: Calibration | None = None,
    record: Callable[[AskRequest, AskReply], None] | None = None,
) -> AskService:
    keeper = MatcherKeeper(calibration or load_calibration(), default_tokeniser(), None, None, None)
    return AskService(
        Parts(
            shelf=SampleShelf(answers, store_holdings(database)),  # type: ignore[arg-type]
            keeper=keeper,
            fallback=Fallback(lambda: door, database),
            tokens=TokenMaker(KEY, 3600),
            rest_days=load_rest_days(),
            generation=lambda: GENERATION,
            rephraser=rephraser,
            clock=clock,
            record=record,
        )
    )
