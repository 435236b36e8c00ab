"""The search door over a small real library: filters, reasons, the same answer every time, degradation."""

from __future__ import annotations

import copy
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from kb.cli import compose
from kb.domain.search import SearchHit, SearchRequest
from kb.domain.works import VersionStatus, WorkKind
from kb.encode.dense import DenseEncoder
from kb.encode.vectors import FloatArray
from kb.errors import BadInputError, IndexStateError
from kb.index.protocol import IndexFilter, ScoredPoint, VectorQuery
from kb.search.door import SearchService, read_catalogue
from kb.search.generation import GenerationHolder, ServingGeneration
from kb.search.pipeline import NO_MEANING, Ask, Found, Ranked, Retrieved, build_pipeline, run_pipeline
from tests.conftest import Library

LEAVING = "员工想辞职要提前几天通知公司"
TRADEMARK = "商标注册申请"
CHANGE_OVER = dt.date(2027, 1, 1)


def found_for(library: Library, text: str, **options: object) -> tuple[SearchHit, ...]:
    return library.door.search(SearchRequest(text, **options)).hits  # type: ignore[arg-type]


def test_everyday_words_find_the_provision(small_library: Library) -> None:
    labels = [hit.label for hit in found_for(small_library, LEAVING, top_k=5)]
    assert "第三十七条" in labels


def test_hits_are_as_many_as_asked_for_and_best_first(small_library: Library) -> None:
    hits = found_for(small_library, LEAVING, top_k=7)
    assert len(hits) == 7
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_fewer_hits_are_the_beginning_of_more(small_library: Library) -> None:
    assert found_for(small_library, LEAVING, top_k=3) == found_for(small_library, LEAVING, top_k=30)[:3]


def test_a_result_names_day_generation_words_and_time(small_library: Library) -> None:
    found = small_library.door.search(SearchRequest(LEAVING, as_of=dt.date(2026, 11, 22)))
    assert found.as_of == dt.date(2026, 11, 22)
    assert found.generation == small_library.holder.current_id
    assert found.took_ms > 0
    assert "辞职" in found.words


def test_a_topic_keeps_the_others_out(small_library: Library) -> None:
    for topic, held in {
        "社会法": {"中华人民共和国劳动合同法"},
        "民法商法": {"中华人民共和国民法典", "中华人民共和国商标法"},
    }.items():
        hits = found_for(small_library, "合同解除和商标注册", topics=(topic,), top_k=100)
        assert {hit.work_title for hit in hits} == held


def test_a_topic_or_region_or_kind_without_records_finds_nothing(small_library: Library) -> None:
    assert found_for(small_library, LEAVING, topics=("军事法",)) == ()
    assert found_for(small_library, LEAVING, regions=("北京市",)) == ()
    assert found_for(small_library, LEAVING, kinds=(WorkKind.CASE,)) == ()


def test_region_and_kind_of_the_records_find_them(small_library: Library) -> None:
    unfiltered = found_for(small_library, LEAVING)
    assert found_for(small_library, LEAVING, regions=("全国", "北京市")) == unfiltered
    assert found_for(small_library, LEAVING, kinds=(WorkKind.STATUTE,)) == unfiltered


@pytest.mark.parametrize(
    ("day", "version"),
    [(CHANGE_OVER - dt.timedelta(days=1), "2019-04-23"), (CHANGE_OVER, "2026-06-26")],
)
def test_only_the_text_of_the_day_is_found(small_library: Library, day: dt.date, version: str) -> None:
    hits = found_for(small_library, TRADEMARK, as_of=day, top_k=20)
    of_the_law = {hit.version_id.split("@")[1] for hit in hits if hit.work_title.endswith("商标法")}
    assert of_the_law == {version}
    assert {hit.status for hit in hits} == {VersionStatus.IN_FORCE}


def test_a_repealed_law_is_found_only_on_days_on_which_it_stood(small_library: Library) -> None:
    question = "公民应当增强环境保护意识"

    def titles(day: dt.date) -> set[str]:
        return {hit.work_title for hit in found_for(small_library, question, as_of=day)}

    assert "中华人民共和国环境保护法" in titles(dt.date(2026, 8, 14))
    assert "中华人民共和国环境保护法" not in titles(dt.date(2026, 8, 15))


def test_any_status_adds_past_and_future_texts_each_marked(small_library: Library) -> None:
    day = dt.date(2026, 11, 22)
    hits = found_for(small_library, TRADEMARK, as_of=day, include_not_in_force=True, top_k=50)
    marks = {hit.version_id.split("@")[1]: hit.status for hit in hits if hit.work_title.endswith("商标法")}
    assert marks == {
        "2019-04-23": VersionStatus.IN_FORCE,
        "2026-06-26": VersionStatus.NOT_YET_IN_FORCE,
    }
    repealed = found_for(small_library, "环境保护意识", as_of=day, include_not_in_force=True)
    assert VersionStatus.REPEALED in {hit.status for hit in repealed}


def test_every_hit_says_why_it_is_there(small_library: Library) -> None:
    hits = found_for(small_library, LEAVING, top_k=20)
    for hit in hits:
        assert hit.reasons
        assert {reason.signal for reason in hit.reasons} <= {"words", "meaning"}
        for reason in hit.reasons:
            assert reason.rank is not None
            assert reason.rank >= 1
            assert f"排第 {reason.rank}" in reason.detail
    both = [hit for hit in hits if len(hit.reasons) == 2]
    assert both, "words and meaning never agree"


def test_a_words_reason_names_words_that_stand_in_the_hit(small_library: Library) -> None:
    for hit in found_for(small_library, "商标注册", top_k=5):
        (words,) = [reason for reason in hit.reasons if reason.signal == "words"]
        assert "商标" in words.detail
        assert "商标" in hit.work_title + "".join(hit.path) + hit.text


def test_a_question_without_any_known_word_is_answered_all_the_same(small_library: Library) -> None:
    assert small_library.door.search(SearchRequest("zzqx wvvk")).notices == ()


@pytest.mark.parametrize("text", ["离婚\x00冷静期", "离婚\ud800冷静期", "離婚冷靜期", "离婚' OR 1=1 --"])
def test_odd_characters_do_no_harm(small_library: Library, text: str) -> None:
    found = small_library.door.search(SearchRequest(text, top_k=3))
    assert found.notices == ()
    assert len(found.hits) == 3


def test_the_longest_question_is_answered(small_library: Library) -> None:
    assert found_for(small_library, "公司拖欠工资，" * 280)


def test_bad_input_is_told_even_without_an_index(small_library: Library) -> None:
    door = SearchService(small_library.database, GenerationHolder(), None)
    with pytest.raises(BadInputError):
        door.search(SearchRequest(""))
    with pytest.raises(IndexStateError) as caught:
        door.search(SearchRequest(LEAVING))
    assert caught.value.code == "generation_missing"


# -- the same answer every time -------------------------------------------------------------------


def ranking(hits: Sequence[SearchHit]) -> list[list[object]]:
    return [
        [hit.provision_id, hit.version_id, hit.score, [[r.signal, r.rank, r.score] for r in hit.reasons]]
        for hit in hits
    ]


QUESTIONS = [LEAVING, TRADEMARK, "高空抛物找不到人", "离婚冷静期多久", "被狗咬了谁赔"]


def test_the_same_question_gives_the_same_list(small_library: Library) -> None:
    for question in QUESTIONS:
        first = found_for(small_library, question, top_k=50)
        assert found_for(small_library, question, top_k=50) == first


IN_ANOTHER_PROCESS = """
import json, sys
from pathlib import Path
from kb.cli import compose
from kb.settings import Settings
from kb.store.database import Database
from tests.conftest import open_library
from tests.search.test_door import QUESTIONS, found_for, ranking

settings = Settings(data_dir=Path(sys.argv[1]))
library = open_library(settings, Database(settings.resolved_database_url), compose.open_encoder(settings))
print(json.dumps([ranking(found_for(library, question, top_k=50)) for question in QUESTIONS]))
"""


def test_two_processes_give_the_same_list_bit_for_bit(small_library: Library) -> None:
    """Hash seeds, thread pools and module state differ; the lists, their scores included, do not."""
    here = [ranking(found_for(small_library, question, top_k=50)) for question in QUESTIONS]
    generation = small_library.holder.current_id
    small_library.holder.close()  # one process at a time opens an embedded index
    try:
        told = subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS, str(small_library.settings.data_dir)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    finally:
        generations = compose.open_generations(small_library.settings)
        small_library.holder.switch(compose.open_serving(small_library.settings, generations, None))
    assert small_library.holder.current_id == generation
    assert json.loads(told) == here


# -- degradation and errors -----------------------------------------------------------------------


class BrokenEncoder(DenseEncoder):
    """An encoder whose model was lost while it ran."""

    def __init__(self, like: DenseEncoder) -> None:
        self.id, self.dimension = like.id, like.dimension

    def encode_query(self, text: str) -> FloatArray:
        raise RuntimeError("session lost")


def test_a_failing_encoder_leaves_the_words_and_says_so(
    small_library: Library, encoder: DenseEncoder
) -> None:
    for broken in (BrokenEncoder(encoder), None):
        door = SearchService(small_library.database, small_library.holder, broken)
        found = door.search(SearchRequest("劳动者解除劳动合同提前三十日书面通知"))
        assert found.notices == (NO_MEANING,)
        assert found.hits[0].label == "第三十七条"
        assert {reason.signal for hit in found.hits for reason in hit.reasons} == {"words"}


class FullDiskIndex:
    """An index that answers with an error of ours."""

    def query(self, queries: Sequence[VectorQuery], condition: IndexFilter) -> list[list[ScoredPoint]]:
        raise IndexStateError("index_unreachable", "索引没有回答")


def test_an_error_of_ours_comes_out_of_the_pipeline_as_it_was_raised(small_library: Library) -> None:
    with small_library.holder.borrow() as serving:
        broken = ServingGeneration("gx", FullDiskIndex(), serving.sparse, False, lambda: None)  # type: ignore[arg-type]
    holder = GenerationHolder()
    holder.switch(broken)
    with pytest.raises(IndexStateError) as caught:
        SearchService(small_library.database, holder, None).search(SearchRequest(LEAVING))
    assert caught.value.code == "index_unreachable"


def test_what_passes_between_components_is_never_copied(small_library: Library) -> None:
    """Haystack deep-copies every value that it hands on; ours answer with themselves."""
    with small_library.holder.borrow() as serving:
        ask = Ask(SearchRequest(LEAVING), LEAVING, serving)
        pipeline = build_pipeline(small_library.database, read_catalogue(small_library.database), None)
        found = run_pipeline(pipeline, ask)
        assert found.read.ask is ask
        assert found.read.ask.generation.index is serving.index
    retrieved = Retrieved(found.read, {})
    for carrier in (ask, found.read, retrieved, Ranked(found.read, (), {}), Found(found.read, ())):
        assert copy.deepcopy(carrier) is carrier
        assert copy.copy(carrier) is carrier
