"""From cited names to the provisions that a search ought to find.

A name is resolved by its whole title and its article. The same number may stand for other words after an
amendment, so a cited text decides: it must be the text that the search can give on its day (CURRENT), or that
of another article of the same work (MOVED). A citation that leads to nothing findable stays in the count as
a miss and is listed with its reason.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from eval.labelled import CitedText, LabelledQuestion
from kb.domain.works import Work
from kb.encode.training import character_bigrams
from kb.encode.training_data import SAME_TEXT
from kb.store.rows import LoadedProvision
from kb.text.catalogue import TitleCatalogue
from kb.text.citations import ResolvedCitation, find_citations, resolve_citations
from kb.text.numerals import NUMERAL_CLASS

MOVED_TEXT = 0.7
"""Share of bigrams from which another article of the same work is taken for the cited one."""
NO_TOPIC = "（未收录）"
NO_DEPARTMENT = "（未分部门）"
_ARTICLE = re.compile(f"第[{NUMERAL_CLASS}0-9]{{1,9}}条")


class GoldState(StrEnum):
    """What became of a citation."""

    CURRENT = "current"
    MOVED = "moved"
    OLD_TEXT = "old_text"
    OTHER_TEXT = "other_text"
    NO_ARTICLE = "no_article"
    NO_WORK = "no_work"
    UNREADABLE = "unreadable"


STATE_LABELS = {
    GoldState.CURRENT: "库中有，文字一致",
    GoldState.MOVED: "同一文件中条号已变，按文字对上",
    GoldState.OLD_TEXT: "所引文字今天不是有效文本",
    GoldState.OTHER_TEXT: "库中同号条文的文字不同",
    GoldState.NO_ARTICLE: "库中该文件没有这一条",
    GoldState.NO_WORK: "库中没有这个文件",
    GoldState.UNREADABLE: "认不出是哪一条",
}
FINDABLE = frozenset({GoldState.CURRENT, GoldState.MOVED})


@dataclass(frozen=True)
class GoldCitation:
    """A citation with what it leads to: ``wanted`` is a provision id, or a name that no search returns."""

    name: str
    title: str
    state: GoldState
    wanted: str
    work: Work | None = None
    now: str = ""

    @property
    def findable(self) -> bool:
        """True when a search of this store can find it."""
        return self.state in FINDABLE


@dataclass(frozen=True)
class GoldQuestion:
    """A question with all that it ought to find."""

    id: str
    question: str
    citations: tuple[GoldCitation, ...]
    noisy: bool = False

    @property
    def wanted(self) -> tuple[str, ...]:
        """Everything relevant, once each, in the order cited; what is missing counts too."""
        return tuple(dict.fromkeys(citation.wanted for citation in self.citations))

    @property
    def answerable(self) -> bool:
        """True when everything that it cites can be found."""
        return all(citation.findable for citation in self.citations)

    @property
    def topic(self) -> str:
        """Department of law of most of the cited works; of several as many, the first cited.

        Works that no department is known of go by their type (司法解释, 行政法规).
        """
        topics = Counter(
            one.work.topic or one.work.statute_type or NO_DEPARTMENT
            for one in self.citations
            if one.work is not None
        )
        return max(topics, key=lambda topic: topics[topic]) if topics else NO_TOPIC


@dataclass(frozen=True)
class HeldTexts:
    """All provisions of the store and the day on which they are searched; None searches every version."""

    as_of: dt.date | None
    by_provision: Mapping[str, Sequence[LoadedProvision]] = field(repr=False)
    by_work: Mapping[str, Sequence[LoadedProvision]] = field(repr=False)

    @classmethod
    def collect(cls, batches: Iterable[Iterable[LoadedProvision]], as_of: dt.date | None) -> HeldTexts:
        """Index what ``iter_provisions`` gives."""
        by_provision: dict[str, list[LoadedProvision]] = {}
        by_work: dict[str, list[LoadedProvision]] = {}
        for batch in batches:
            for one in batch:
                by_provision.setdefault(one.provision.id, []).append(one)
                by_work.setdefault(one.work.id, []).append(one)
        return cls(as_of, by_provision, by_work)

    def __len__(self) -> int:
        """How many texts there are."""
        return sum(map(len, self.by_provision.values()))

    def serves(self, loaded: LoadedProvision) -> bool:
        """True when a search on the day can return this text."""
        version = loaded.version
        return self.as_of is None or version.effective_from <= self.as_of < version.effective_to

    def reading(self, provision_id: str) -> LoadedProvision | None:
        """The text that serves, or the newest held; None for an id that is not held."""
        held = self.by_provision.get(provision_id, ())
        return max(held, key=lambda one: (self.serves(one), one.version.effective_from), default=None)


def shared_bigrams(first: str, second: str) -> float:
    """Share of the shorter text's character bigrams that the other one has too, 0 to 1."""
    ours, theirs = set(character_bigrams(first)), set(character_bigrams(second))
    return len(ours & theirs) / (min(len(ours), len(theirs)) or 1)


def resolve_questions(
    questions: Iterable[LabelledQuestion], catalogue: TitleCatalogue, held: HeldTexts
) -> list[GoldQuestion]:
    """Each question with its citations resolved, in order."""
    return [
        GoldQuestion(
            item.id,
            item.question,
            tuple(gold for cite in item.cites for gold in resolve_cite(cite, catalogue, held)),
            item.noisy,
        )
        for item in questions
    ]


def resolve_cite(cite: CitedText, catalogue: TitleCatalogue, held: HeldTexts) -> tuple[GoldCitation, ...]:
    """What one citation leads to; a name that lists several articles leads to each."""
    resolved = resolve_citations(find_citations(cite.name, catalogue), catalogue)
    if not resolved:
        return (_missing(cite, cite.name, _title_of(cite.name), GoldState.UNREADABLE),)
    alone = len(resolved) == 1
    return tuple(_judge(cite, cite.name if alone else one.found.text, one, held) for one in resolved)


def resolve_name(name: str, catalogue: TitleCatalogue) -> str:
    """Provision id of a cited name such as 民法典第一百八十八条, empty when its work is not held."""
    for citation in resolve_citations(find_citations(name, catalogue), catalogue):
        if citation.work_id is not None:
            return _provision_id(citation)
    return ""


def _provision_id(citation: ResolvedCitation) -> str:
    from kb.domain.works import provision_id

    return provision_id(citation.work_id or "", citation.number)


def _judge(cite: CitedText, name: str, citation: ResolvedCitation, held: HeldTexts) -> GoldCitation:
    title = citation.found.title or _title_of(name)
    if citation.work_id is None or citation.work_id not in held.by_work:
        return _missing(cite, name, title, GoldState.NO_WORK)
    identity = _provision_id(citation)
    texts = held.by_provision.get(identity, ())
    same = [one for one in texts if _is_cited(cite, one)]
    work = held.by_work[citation.work_id][0].work
    if any(held.serves(one) for one in same):
        return GoldCitation(name, title, GoldState.CURRENT, identity, work)
    if moved := _find_moved(cite, held, citation.work_id):
        label = moved.provision.label
        return GoldCitation(name, title, GoldState.MOVED, moved.provision.id, work, label)
    if same:
        return _missing(cite, name, title, GoldState.OLD_TEXT, work)
    return _missing(cite, name, title, GoldState.OTHER_TEXT if texts else GoldState.NO_ARTICLE, work)


def _is_cited(cite: CitedText, held: LoadedProvision) -> bool:
    return not cite.text or shared_bigrams(cite.text, held.provision.text) >= SAME_TEXT


def _find_moved(cite: CitedText, held: HeldTexts, work_id: str) -> LoadedProvision | None:
    if not cite.text:
        return None
    near = [
        (shared_bigrams(cite.text, one.provision.text), one)
        for one in held.by_work[work_id]
        if held.serves(one)
        and one.provision.number is not None
        and len(one.provision.text) * 2 > len(cite.text)
    ]
    share, best = max(near, key=lambda pair: (pair[0], pair[1].provision.id), default=(0.0, None))
    return best if share >= MOVED_TEXT else None


def _missing(
    cite: CitedText, name: str, title: str, state: GoldState, work: Work | None = None
) -> GoldCitation:
    return GoldCitation(name, title, state, f"missing:{name}", work)


def _title_of(name: str) -> str:
    match = _ARTICLE.search(name)
    return (name[: match.start()] if match else name).strip("《》 ") or name
