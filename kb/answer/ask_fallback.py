"""What the answer door takes from the search door and the store: quoted sources, ended provisions, links."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kb.answer.compose import TOP_K, Composed, Weigh, compose_answer, hit_features
from kb.answer.matching_model import MatchModel
from kb.answer.matching_signals import Signals
from kb.domain.ask import NamedLink, ReplyCitation
from kb.domain.search import SearchDoor, SearchRequest
from kb.domain.validity import ProvisionStateKind
from kb.domain.works import NATIONAL
from kb.errors import LawkbError
from kb.store.database import Database
from kb.store.validity import provision_states_on
from kb.store.works import title_catalogue

log = logging.getLogger(__name__)

SEARCH_FAILED = "检索暂时不可用，没有查条文。"


@dataclass(frozen=True)
class ComposedReply(Composed):
    """A composed answer with what the search said beside it and the probability that it helps."""

    notices: tuple[str, ...] = ()
    chance: float | None = None


class Fallback:
    """Sources for questions without a standard answer."""

    def __init__(
        self,
        door: Callable[[], SearchDoor],
        database: Database,
        notices: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        """``door`` gives the search door of the moment, ``notices`` what must be said beside every reply."""
        self._door = door
        self._database = database
        self.notices = notices
        self._titles: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def compose(
        self, question: str, as_of: dt.date, region: str, signals: Signals, model: MatchModel, weigh: Weigh
    ) -> ComposedReply:
        """Quoted sources; empty when the hits are not good enough, or there is no search.

        ``weigh`` gives the words of a text with their rarity.
        """
        regions = tuple(dict.fromkeys((NATIONAL, region)))
        request = SearchRequest(question, top_k=TOP_K, as_of=as_of, regions=regions)
        try:
            found = self._door().search(request)
        except LawkbError as error:
            log.warning("no search for a composed answer: %s", error.code)
            return ComposedReply((), (), notices=(SEARCH_FAILED,))
        nearest = float(signals.column("nearest").max()) if "nearest" in signals.names else 0.0
        features = hit_features(question, found.hits, signals.unknown_share, nearest)
        chance = model.sources.probability(features)
        if chance < model.thresholds.quote:
            return ComposedReply((), (), notices=found.notices, chance=chance)
        composed = compose_answer(question, found, weigh)
        return ComposedReply(
            composed.segments, composed.citations, composed.guides, composed.cases, found.notices, chance
        )

    def ended(self, citations: Sequence[ReplyCitation], as_of: dt.date) -> Collection[str]:
        """Ids of cited provisions that are repealed as a whole by the day."""
        ids = [one.provision_id for one in citations if one.provision_id is not None]
        if not ids:
            return ()
        with self._database.reading() as connection:
            states = provision_states_on(connection, ids, as_of)
        return {
            id_
            for id_, found in states.items()
            if any(one.state is ProvisionStateKind.REPEALED and one.unit is None for one in found)
        }

    def link(self, titles: Sequence[str]) -> tuple[NamedLink, ...]:
        """Works by their titles; the id is None where we hold none or several of the name."""
        if not titles:
            return ()
        with self._lock:
            if any(title not in self._titles for title in titles):
                with self._database.reading() as connection:
                    self._titles = title_catalogue(connection)
        found = {title: self._titles.get(title, ()) for title in titles}
        return tuple(NamedLink(title, ids[0] if len(ids) == 1 else None) for title, ids in found.items())
