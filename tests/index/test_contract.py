"""What every engine must do, on every engine."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.encode.vectors import FloatArray, SparseVector
from kb.errors import IndexStateError
from kb.index.edge_engine import EdgeEngine
from kb.index.engine import IndexSpec
from kb.index.protocol import (
    DENSE,
    SPARSE,
    IndexFilter,
    PointPayload,
    ScoredPoint,
    VectorIndex,
    VectorQuery,
)
from kb.index.qdrant import QdrantIndex
from tests.index.conftest import ENGINES, SERVER_URL, MakeIndex, make_engine
from tests.index.points import DIMS, dense_scores, make_dense, make_points, make_sparse, rank, sparse_scores

ANY = IndexFilter()
DAY = dt.date(2022, 6, 1)
POINTS = make_points(400)


@pytest.fixture(scope="module", params=ENGINES)
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorIndex]:
    """An index of all POINTS, for tests that only read."""
    folder = tmp_path_factory.mktemp("full")
    engine = make_engine(request.param, folder)
    index = engine.create("full", folder / "full", IndexSpec(DIMS))
    index.upsert(POINTS)
    index.finish()
    yield index
    index.close()
    engine.drop("full", folder / "full")


def ids(found: list[ScoredPoint]) -> list[uuid.UUID]:
    return [point.id for point in found]


def holds(condition: IndexFilter) -> Callable[[PointPayload], bool]:
    """The filter as its docstring words it, written apart from the code under test."""

    def passes(payload: PointPayload) -> bool:
        in_time = condition.as_of is None or (
            payload.effective_from <= condition.as_of and condition.as_of < payload.effective_to
        )
        return (
            in_time
            and (not condition.kinds or payload.kind in condition.kinds)
            and (not condition.regions or payload.region in condition.regions)
            and (not condition.topics or payload.topic in condition.topics)
            and (not condition.work_ids or payload.work_id in condition.work_ids)
        )

    return passes


FILTERS = [
    ANY,
    IndexFilter(as_of=DAY),
    IndexFilter(kinds=("case",)),
    IndexFilter(kinds=("statute", "normative")),
    IndexFilter(regions=("北京市",)),
    IndexFilter(topics=("t1", "t3")),
    IndexFilter(work_ids=("w3",)),
    IndexFilter(as_of=DAY, kinds=("statute",), regions=("全国",), topics=("t0", "t1", "t2")),
    IndexFilter(as_of=DAY, kinds=("case",), work_ids=tuple(f"w{n}" for n in range(30))),
    IndexFilter(as_of=dt.date(1900, 1, 1)),
    IndexFilter(kinds=("无此类",)),
]


@pytest.mark.parametrize("condition", FILTERS, ids=str)
def test_ranking_is_that_of_numpy_under_every_filter(full: VectorIndex, condition: IndexFilter) -> None:
    index = full
    rng = np.random.default_rng(7)
    for limit in (1, 10, 60):
        dense, sparse = make_dense(rng), make_sparse(rng, 12, scale=8)
        by_meaning, by_words = index.query(
            [VectorQuery(DENSE, dense, limit), VectorQuery(SPARSE, sparse, limit)], condition
        )
        passes = holds(condition)
        cosines, dots = dense_scores(POINTS, dense), sparse_scores(POINTS, sparse)
        assert ids(by_meaning) == rank(POINTS, cosines, limit, passes)
        assert ids(by_words) == rank(POINTS, dots, limit, passes, positive=True)
        place = {point.id: number for number, point in enumerate(POINTS)}
        assert [hit.score for hit in by_meaning] == pytest.approx(
            [cosines[place[hit.id]] for hit in by_meaning], abs=1e-6
        )
        # On the grid a sparse score has no rounding at all.
        assert [hit.score for hit in by_words] == [dots[place[hit.id]] for hit in by_words]
        for hit in by_meaning + by_words:
            payload = POINTS[place[hit.id]].payload
            assert (hit.provision_id, hit.version_id, hit.work_id) == (
                payload.provision_id,
                payload.version_id,
                payload.work_id,
            )


def test_a_larger_index_ranks_like_numpy_too(make_index: MakeIndex) -> None:
    points = make_points(5000, seed=21)
    index = make_index(points)
    condition = IndexFilter(as_of=DAY, kinds=("statute",))
    rng = np.random.default_rng(6)
    for _ in range(5):
        dense, sparse = make_dense(rng), make_sparse(rng, 14, scale=8)
        by_meaning, by_words = index.query(
            [VectorQuery(DENSE, dense, 100), VectorQuery(SPARSE, sparse, 100)], condition
        )
        assert ids(by_meaning) == rank(points, dense_scores(points, dense), 100, holds(condition))
        dots = sparse_scores(points, sparse)
        assert ids(by_words) == rank(points, dots, 100, holds(condition), positive=True)


def test_half_precision_moves_a_cosine_by_less_than_a_thousandth_and_never_between_builds(
    tmp_path: Path,
) -> None:
    points = make_points(2000, seed=5)
    engine = EdgeEngine(tmp_path)
    assert engine.datatype == "float16"
    indexes = [engine.create(f"h{i}", tmp_path / f"h{i}", IndexSpec(DIMS)) for i in range(2)]
    for index, order in zip(indexes, (points, points[::-1]), strict=True):
        index.upsert(order)
        index.finish()
    rng = np.random.default_rng(9)
    for _ in range(10):
        asked = make_dense(rng)
        first, second = (index.query([VectorQuery(DENSE, asked, 50)], IndexFilter())[0] for index in indexes)
        assert first == second
        exact = dense_scores(points, asked)
        order = {point.id: place for place, point in enumerate(points)}
        assert all(abs(one.score - exact[order[one.id]]) < 1e-3 for one in first)
        assert len({one.id for one in first}) == 50
    for index in indexes:
        index.close()


def test_a_version_is_in_force_from_its_first_day_to_the_day_before_its_end(make_index: MakeIndex) -> None:
    (point,) = make_points(1)
    payload = replace(point.payload, effective_from=dt.date(2021, 1, 1), effective_to=dt.date(2024, 3, 1))
    index = make_index([replace(point, payload=payload)])

    def found(day: dt.date) -> bool:
        (hits,) = index.query([VectorQuery(SPARSE, point.sparse, 5)], IndexFilter(as_of=day))
        return bool(hits)

    assert not found(dt.date(2020, 12, 31))
    assert found(dt.date(2021, 1, 1))
    assert found(dt.date(2024, 2, 29))
    assert not found(dt.date(2024, 3, 1))


def test_lists_come_in_the_order_of_the_queries(full: VectorIndex) -> None:
    index = full
    rng = np.random.default_rng(3)
    queries = [VectorQuery(SPARSE, make_sparse(rng, 9), 5), VectorQuery(DENSE, make_dense(rng), 7)] * 3
    queries[2] = VectorQuery(SPARSE, SparseVector((), ()), 5)
    together = index.query(queries, IndexFilter(as_of=DAY))
    assert together == [index.query([query], IndexFilter(as_of=DAY))[0] for query in queries]
    assert [len(hits) for hits in together] == [5, 7, 0, 7, 5, 7]
    assert index.query([], ANY) == []
    assert index.query([VectorQuery(DENSE, make_dense(rng), 0)], ANY) == [[]]


def test_equal_scores_are_cut_by_id(make_index: MakeIndex) -> None:
    """120 provisions with the same text: far more than any margin beyond the limit."""
    model = POINTS[0]
    payload = replace(model.payload, effective_from=dt.date(2000, 1, 1), effective_to=dt.date(9999, 12, 31))
    twins = [
        replace(model, id=uuid.uuid5(uuid.NAMESPACE_OID, str(n)), payload=replace(payload, topic=f"t{n % 2}"))
        for n in range(120)
    ]
    random.Random(4).shuffle(twins)
    index = make_index(twins[:70] + POINTS[1:50])
    index.upsert(twins[70:])  # these lie in another segment, in the order of writing
    assert model.dense is not None
    query = [VectorQuery(DENSE, model.dense, 10), VectorQuery(SPARSE, model.sparse, 10)]
    for condition in (ANY, IndexFilter(as_of=DAY), IndexFilter(topics=("t1",)), IndexFilter(kinds=("case",))):
        for hits in index.query(query, condition):
            expected = sorted(twin.id for twin in twins if holds(condition)(twin.payload))[:10]
            assert ids(hits)[: len(expected)] == expected
            assert len({hit.score for hit in hits[: len(expected)]}) <= 1


def test_writing_a_point_again_changes_nothing(make_index: MakeIndex) -> None:
    index = make_index(POINTS)
    before = ask(index)
    assert index.upsert(POINTS[:150]) == 150
    assert index.count() == len(POINTS)
    assert ask(index) == before


def test_an_upsert_replaces_vectors_and_dates(make_index: MakeIndex) -> None:
    index = make_index(POINTS[:30])
    old, new = POINTS[3], POINTS[200]
    payload = replace(old.payload, effective_from=dt.date(2030, 1, 1), effective_to=dt.date(9999, 12, 31))
    index.upsert([replace(old, dense=new.dense, sparse=new.sparse, payload=payload)])
    assert new.dense is not None
    query = [VectorQuery(DENSE, new.dense, 1), VectorQuery(SPARSE, new.sparse, 1)]
    for hits in index.query(query, IndexFilter(as_of=dt.date(2031, 1, 1))):
        assert ids(hits) == [old.id]
        assert hits[0].provision_id == old.payload.provision_id
    for hits in index.query(query, IndexFilter(as_of=dt.date(2029, 1, 1))):
        assert old.id not in ids(hits)


def test_a_deleted_point_is_gone_and_unknown_ids_are_ignored(make_index: MakeIndex) -> None:
    index = make_index(POINTS)
    index.delete([point.id for point in POINTS[:100]] + [uuid.uuid4()])
    index.delete([POINTS[0].id])
    index.delete([])
    assert index.count() == 300
    rng = np.random.default_rng(9)
    dense, sparse = make_dense(rng), make_sparse(rng, 10)
    by_meaning, by_words = index.query(
        [VectorQuery(DENSE, dense, 300), VectorQuery(SPARSE, sparse, 300)], ANY
    )
    left = POINTS[100:]
    assert ids(by_meaning) == rank(left, dense_scores(left, dense), 300)
    assert ids(by_words) == rank(left, sparse_scores(left, sparse), 300, positive=True)


def test_a_generation_of_words_only_answers_dense_queries_with_nothing(make_index: MakeIndex) -> None:
    points = make_points(60, seed=5, dense=False)
    index = make_index(points, None)
    rng = np.random.default_rng(2)
    sparse = make_sparse(rng, 15)
    by_meaning, by_words = index.query(
        [VectorQuery(DENSE, make_dense(rng), 5), VectorQuery(SPARSE, sparse, 5)], ANY
    )
    assert by_meaning == []
    assert ids(by_words) == rank(points, sparse_scores(points, sparse), 5, positive=True)
    index.upsert(POINTS[:10])  # dense vectors are of no use here, and no harm
    assert index.count() == 70


def test_two_builds_give_the_same_lists_to_the_last_bit(make_index: MakeIndex) -> None:
    """Also when the points come in another order, and some by a later change."""
    shuffled = list(POINTS)
    random.Random(8).shuffle(shuffled)
    first, second, third = make_index(POINTS), make_index(shuffled), make_index(shuffled[:250] + POINTS[:9])
    third.upsert(shuffled[250:])
    assert ask(first) == ask(second) == ask(third)


@pytest.mark.parametrize("dense", [None, np.zeros(3, np.float32), np.full(16, np.nan, np.float32)])
def test_a_vector_that_does_not_fit_is_refused(full: VectorIndex, dense: FloatArray | None) -> None:
    with pytest.raises(IndexStateError) as refusal:
        full.upsert([replace(POINTS[6], dense=dense)])
    assert refusal.value.code == "vector_mismatch"
    assert full.count() == len(POINTS)
    if dense is not None:
        with pytest.raises(IndexStateError):
            full.query([VectorQuery(DENSE, dense, 5)], ANY)


def test_a_closed_index_says_so(make_index: MakeIndex) -> None:
    index = make_index(POINTS[:5])
    index.close()
    index.close()
    for call in (index.count, lambda: ask(index), lambda: index.upsert(POINTS[:1])):
        with pytest.raises(IndexStateError) as refusal:
            call()
        assert refusal.value.code == "index_closed"


def test_a_query_that_shares_no_word_finds_nothing(full: VectorIndex) -> None:
    assert full.query([VectorQuery(SPARSE, SparseVector((4_294_967_295,), (1.0,)), 5)], ANY) == [[]]


def ask(index: VectorIndex) -> list[list[tuple[uuid.UUID, float]]]:
    """Lists with their scores to the last bit; numpy, behind the engine in memory, rounds cosines
    differently from place to place, so there only their order counts."""
    bitwise = not isinstance(index, QdrantIndex) or bool(SERVER_URL)
    rng = np.random.default_rng(11)
    answers = []
    for condition in FILTERS[:8] * 2:
        dense, sparse = make_dense(rng), make_sparse(rng, 14, scale=9.0)
        by_meaning, by_words = index.query(
            [VectorQuery(DENSE, dense, 25), VectorQuery(SPARSE, sparse, 25)], condition
        )
        answers.append([(hit.id, hit.score if bitwise else 0.0) for hit in by_meaning])
        answers.append([(hit.id, hit.score) for hit in by_words])
    return answers
