"""The query pipeline: four Haystack components between a question and its hits.

``reader`` understands the question, ``retriever`` asks the index once, ``ranker`` fuses and pins,
``loader`` brings the texts. What passes between them is immutable, so the deep copies that Haystack makes
between components cost nothing: every carrier answers a copy with itself.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kb.clock import today
from kb.domain.search import Reason, SearchHit, SearchRequest
from kb.domain.topics import QuestionClass
from kb.domain.works import status_on
from kb.encode.dense import DenseEncoder
from kb.encode.vectors import FloatArray
from kb.errors import LawkbError
from kb.index.protocol import DENSE, SPARSE, IndexFilter, ScoredPoint, VectorQuery
from kb.search.bank import DEFAULT_VOTES, QuestionBank, cast_votes
from kb.search.features import BANK
from kb.search.fusion import DEFAULT_FUSION, FusedCandidate, FusionSettings, Signal, fuse
from kb.search.generation import ServingGeneration
from kb.search.mixing import mix_kinds, spread_works
from kb.search.pinning import Pin, Pinning, pin_citations
from kb.search.ranking import SUPERIOR, LearnedFusion, can_learn
from kb.search.reranking import RERANK, Reranking
from kb.search.topics import shipped_classifier
from kb.settings import silence_libraries
from kb.store.database import Database
from kb.store.provisions import load_provisions
from kb.store.rows import LoadedProvision
from kb.text.amounts import spell_amounts
from kb.text.catalogue import TitleCatalogue
from kb.text.everyday import find_legal_wording
from kb.text.respelling import respell

silence_libraries()

from haystack import Pipeline, component  # noqa: E402 - its telemetry is switched off just above

if TYPE_CHECKING:
    from kb.encode.sparse import SparseEncoder

log = logging.getLogger(__name__)

DEPTH = 200
"""How many points each list brings to the fusion, which learned from as many."""
EXPANSION_WEIGHT = 0.5
"""Of a statute's word that the word list gives for an everyday one, beside a word of the question."""
MIN_WORD_CHARS = 2
NO_MEANING = "按含义检索暂时不可用，以下结果只按词语匹配。"


class _Immutable:
    """Frozen data that may be shared: a copy of it is the thing itself."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self

    def __copy__(self) -> Any:
        return self


@dataclass(frozen=True)
class Ask(_Immutable):
    """A request, its checked and normalised question, and the generation that answers it."""

    request: SearchRequest
    question: str
    generation: ServingGeneration


@dataclass(frozen=True)
class Read(_Immutable):
    """A question understood: its vectors, filter, pins and the words to highlight."""

    ask: Ask
    as_of: dt.date
    pinning: Pinning
    condition: IndexFilter
    queries: tuple[VectorQuery, ...]
    words: tuple[str, ...]
    notices: tuple[str, ...]
    vector: FloatArray | None = None
    about: QuestionClass | None = None


@dataclass(frozen=True)
class Retrieved(_Immutable):
    """The ranked lists, by signal."""

    read: Read
    lists: dict[str, list[ScoredPoint]] = field(default_factory=dict)
    nearest: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Of each provision that the bank's neighbours cite: similarity and text of the nearest one."""
    known: Mapping[str, int] = field(default_factory=dict)
    """How many matters of the bank cite a provision."""


@dataclass(frozen=True)
class Ranked(_Immutable):
    """What to show, in order: pins first, then fused candidates."""

    read: Read
    candidates: tuple[FusedCandidate, ...]
    pinned: dict[tuple[str, str], Pin]
    nearest: dict[str, tuple[float, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Found(_Immutable):
    """Hits with their texts, and what the page says beside them."""

    read: Read
    hits: tuple[SearchHit, ...]


@component
class QuestionReader:
    """Understands a question: its citations, its words, its vectors."""

    def __init__(
        self, database: Database, catalogue: TitleCatalogue, dense: DenseEncoder | None, depth: int = DEPTH
    ) -> None:
        """``dense`` None searches by words only."""
        self._database = database
        self._catalogue = catalogue
        self._dense = dense
        self._depth = depth

    @component.output_types(read=Read)
    def run(self, ask: Ask) -> dict[str, Read]:
        """Encode the question both ways and find the provisions that it names."""
        request, question, generation = ask.request, ask.question, ask.generation
        as_of = request.as_of or today()
        pinning = pin_citations(question, self._catalogue, self._database, as_of)
        spelled = respell(question, generation.sparse.tokeniser.is_word)
        if spelled.changed:
            question = spelled.text
            ask = replace(ask, question=question)
        legal = [term for entry in find_legal_wording(question) for term in entry.law]
        legal += spell_amounts(question)
        weighed = generation.sparse.encode_expanded(question, legal, EXPANSION_WEIGHT)
        depth = max(self._depth, request.top_k)
        queries = [VectorQuery(SPARSE, weighed, depth)] if weighed.indices else []
        notices = [*pinning.notices, *([generation.partial] if generation.partial else [])]
        notices += [f"已按“{meant}”检索（输入的是“{typed}”）。" for typed, meant in spelled.changed]
        vector = self._encode(question) if generation.has_dense else None
        if vector is not None:
            queries.append(VectorQuery(DENSE, vector, depth))
        elif not generation.partial:
            notices.append(NO_MEANING)
        condition = IndexFilter(
            as_of=None if request.include_not_in_force else as_of,
            kinds=tuple(kind.value for kind in request.kinds),
            regions=request.regions,
            topics=request.topics,
        )
        words = words_to_highlight(question, legal, generation.sparse)
        classifier = shipped_classifier(self._dense.id) if self._dense is not None else None
        about = classifier.classify(vector) if classifier is not None and vector is not None else None
        read = Read(ask, as_of, pinning, condition, tuple(queries), words, tuple(notices), vector, about)
        return {"read": read}

    def _encode(self, question: str) -> FloatArray | None:
        """Vector of the question; None when the encoder fails, so that words alone can still answer."""
        if self._dense is None:
            return None
        try:
            return self._dense.encode_query(question)
        except Exception:
            log.exception("dense encoder failed")
            return None


def words_to_highlight(question: str, legal: Sequence[str], sparse: SparseEncoder) -> tuple[str, ...]:
    """Words of the question and of its legal wording worth marking in a text, longest first."""
    words = [*sparse.tokeniser.split(question)[0], *legal]
    kept = {word for word in words if len(word) >= MIN_WORD_CHARS}
    return tuple(sorted(kept, key=lambda word: (-len(word), word)))


@component
class Retriever:
    """Asks the index for every list in one batch, and the question bank for its votes."""

    def __init__(self, bank: Callable[[], QuestionBank] | None = None) -> None:
        """``bank`` gives the question bank as it is now."""
        self._bank = bank

    @component.output_types(retrieved=Retrieved)
    def run(self, read: Read) -> dict[str, Retrieved]:
        """One ranked list per query of ``read``, by signal name, and the bank's."""
        lists = read.ask.generation.index.query(read.queries, read.condition) if read.queries else []
        names = [query.using for query in read.queries]
        found = dict(zip(names, lists, strict=True))
        nearest: dict[str, tuple[float, str]] = {}
        known: Mapping[str, int] = {}
        if self._bank is not None and read.vector is not None:
            bank = self._bank()
            known = bank.known
            neighbours = bank.nearest(read.vector, DEFAULT_VOTES.neighbours)
            if votes := cast_votes(neighbours, read.condition):
                found[BANK] = votes
            for near in neighbours:
                for target in near.targets:
                    nearest.setdefault(target.provision_id, (near.similarity, near.question.text))
        return {"retrieved": Retrieved(read, found, nearest, known)}


@component
class Ranker:
    """Fuses the lists, puts named provisions first and keeps the kinds in proportion."""

    def __init__(
        self,
        fusion: FusionSettings = DEFAULT_FUSION,
        learned: LearnedFusion | None = None,
        reranking: Reranking | None = None,
    ) -> None:
        """``fusion`` holds the weights of the lists; ``learned`` orders law where there are meanings.

        ``reranking`` reads the first of them once more when a request asks for it.
        """
        self._fusion = fusion
        self._learned = learned
        self._reranking = reranking

    @component.output_types(ranked=Ranked)
    def run(self, retrieved: Retrieved) -> dict[str, Ranked]:
        """At most ``top_k`` candidates."""
        read = retrieved.read
        fused: Sequence[FusedCandidate] = fuse(retrieved.lists, self._fusion)
        if self._learned is not None and can_learn(retrieved.lists):
            similar = {one: similarity for one, (similarity, _) in retrieved.nearest.items()}
            fused = self._learned.rank(read.ask.question, retrieved.lists, similar, retrieved.known, fused)
            if self._reranking is not None and read.ask.request.rerank:
                fused = self._reranking.rank(read.ask.question, fused)
        by_key = {(one.provision_id, one.version_id): one for one in fused}
        pinned = {(pin.provision_id, pin.version_id): pin for pin in read.pinning.pins}
        first = [
            by_key.get(key) or FusedCandidate(pin.provision_id, pin.version_id, pin.work_id, "", 1.0, ())
            for key, pin in pinned.items()
        ]
        rest = [one for one in fused if (one.provision_id, one.version_id) not in pinned]
        spread = spread_works(rest, read.ask.request.per_work)
        mixed = mix_kinds(spread, keep_share=not read.ask.request.kinds)
        shown = tuple([*first, *mixed][: read.ask.request.top_k])
        return {"ranked": Ranked(read, shown, pinned, retrieved.nearest)}


@component
class HitLoader:
    """Loads the texts from the store, which is the truth, and says why each hit is there."""

    def __init__(self, database: Database) -> None:
        """``database`` holds the texts."""
        self._database = database

    @component.output_types(found=Found)
    def run(self, ranked: Ranked) -> dict[str, Found]:
        """Hits in rank order; a point whose text the store no longer holds is dropped and logged."""
        keys = [(one.provision_id, one.version_id) for one in ranked.candidates]
        with self._database.reading() as connection:
            loaded = load_provisions(connection, keys)
        hits = []
        for key, candidate in zip(keys, ranked.candidates, strict=True):
            if key in loaded:
                hits.append(_hit(loaded[key], candidate, ranked))
            else:
                log.warning("index names a provision that the store does not hold: %s %s", *key)
        return {"found": Found(ranked.read, tuple(hits))}


def _hit(loaded: LoadedProvision, candidate: FusedCandidate, ranked: Ranked) -> SearchHit:
    work, version, provision = loaded.work, loaded.version, loaded.provision
    pin = ranked.pinned.get((provision.id, version.id))
    reasons = [Reason("citation", None, None, f"问题点名了“{pin.cited_as}”")] if pin else []
    reasons += [_reason(signal, ranked, loaded) for signal in candidate.signals]
    return SearchHit(
        kind=work.kind,
        work_id=work.id,
        work_title=work.title,
        provision_id=provision.id,
        version_id=version.id,
        label=provision.label,
        path=provision.path,
        text=provision.text,
        status=status_on(version, work, ranked.read.as_of),
        effective_from=version.effective_from,
        effective_from_certain=version.effective_from_certain,
        effective_to=version.effective_to,
        effective_to_certain=version.effective_to_certain,
        score=1.0 if pin else round(candidate.score, 6),
        reasons=tuple(reasons),
    )


def _reason(signal: Signal, ranked: Ranked, loaded: LoadedProvision) -> Reason:
    if signal.name == SUPERIOR:
        kind = loaded.work.statute_type or "上位法"
        return Reason("superior", None, None, f"与相邻结果同样相关，{kind}的效力位阶更高，排在前面")
    if signal.name == RERANK:
        return Reason("rerank", signal.rank, round(signal.score, 4), f"与问题对照精读，排第 {signal.rank}")
    if signal.name == BANK:
        _, asked = ranked.nearest[loaded.provision.id]
        return Reason("bank", signal.rank, round(signal.score, 4), f"与已知的问题“{asked}”相近")
    if signal.name == DENSE:
        return Reason("meaning", signal.rank, round(signal.score, 4), f"含义相近，按含义排第 {signal.rank}")
    place = loaded.work.title + "".join(loaded.provision.path) + loaded.provision.text
    matched = [word for word in ranked.read.words if word in place]
    detail = f"出现了“{'、'.join(matched[:5])}”" if matched else "字面相近"
    return Reason("words", signal.rank, round(signal.score, 4), f"{detail}，按词语排第 {signal.rank}")


def build_pipeline(
    database: Database,
    catalogue: TitleCatalogue,
    dense: DenseEncoder | None,
    fusion: FusionSettings = DEFAULT_FUSION,
    bank: Callable[[], QuestionBank] | None = None,
    learned: LearnedFusion | None = None,
    reranking: Reranking | None = None,
) -> Pipeline:
    """Wire the four components; nothing of a user's text takes part in it."""
    pipeline = Pipeline()
    pipeline.add_component("reader", QuestionReader(database, catalogue, dense))
    pipeline.add_component("retriever", Retriever(bank))
    pipeline.add_component("ranker", Ranker(fusion, learned, reranking))
    pipeline.add_component("loader", HitLoader(database))
    pipeline.connect("reader.read", "retriever.read")
    pipeline.connect("retriever.retrieved", "ranker.retrieved")
    pipeline.connect("ranker.ranked", "loader.ranked")
    return pipeline


def run_pipeline(pipeline: Pipeline, ask: Ask) -> Found:
    """Run ``ask`` through ``pipeline``; an error of ours comes out as it was raised."""
    try:
        found: Found = pipeline.run({"reader": {"ask": ask}})["loader"]["found"]
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, LawkbError):
                raise cause from None
            cause = cause.__cause__
        raise
    return found
