"""What a cited name leads to, on a day, with and without the words that were cited."""

from __future__ import annotations

import datetime as dt

import pytest

from eval.gold import (
    FINDABLE,
    NO_TOPIC,
    GoldCitation,
    GoldState,
    resolve_cite,
    resolve_questions,
    shared_bigrams,
)
from eval.labelled import CitedText, LabelledQuestion
from tests.eval import held
from tests.eval.held import BOATS, ORCHARDS


def resolve(name: str, text: str = "", as_of: dt.date | None = held.TODAY) -> GoldCitation:
    (citation,) = resolve_cite(CitedText(name, text), held.catalogue(), held.held_texts(as_of))
    return citation


@pytest.mark.parametrize(
    "name", ["船舶租赁法第一条", "《中华人民共和国船舶租赁法》第一条", "船舶租赁法第1条"]
)
def test_short_and_full_titles_mean_the_same_article(name: str) -> None:
    citation = resolve(name)
    assert (citation.state, citation.wanted) == (GoldState.CURRENT, held.article(BOATS, 1))


def test_a_title_is_never_matched_by_a_part_of_it() -> None:
    citation = resolve("果园管理条例实施办法第一条")
    assert (citation.state, citation.title) == (GoldState.NO_WORK, "果园管理条例实施办法")
    assert not citation.findable


def test_a_law_that_is_known_and_not_held_is_a_miss_under_its_name() -> None:
    citation = resolve("渔业法第三条")
    assert (citation.state, citation.title) == (GoldState.NO_WORK, "渔业法")
    assert citation.wanted == "missing:渔业法第三条"


def test_an_article_that_is_not_there_is_a_miss() -> None:
    assert resolve("果园管理条例第九条").state is GoldState.NO_ARTICLE


def test_what_names_no_article_is_a_miss() -> None:
    assert resolve("有关规定").state is GoldState.UNREADABLE


def test_the_cited_words_choose_the_article_that_has_them_now() -> None:
    citation = resolve("船舶租赁法第二条", held.RETURN)
    assert citation.state is GoldState.MOVED
    assert (citation.wanted, citation.now) == (held.article(BOATS, 3), "第三条")


def test_an_older_article_of_the_same_number_is_a_miss_today() -> None:
    today = resolve("船舶租赁法第一条", held.OLD_RENT)
    assert (today.state, today.findable) == (GoldState.OLD_TEXT, False)


@pytest.mark.parametrize("as_of", [dt.date(2010, 1, 1), None])
def test_and_is_found_on_its_day_or_among_all_versions(as_of: dt.date | None) -> None:
    citation = resolve("船舶租赁法第一条", held.OLD_RENT, as_of)
    assert (citation.state, citation.wanted) == (GoldState.CURRENT, held.article(BOATS, 1))


def test_words_that_no_version_has_are_another_text() -> None:
    assert resolve("果园管理条例第一条", "禁止在林区内吸烟、野炊和燃放爆竹。").state is GoldState.OTHER_TEXT


def test_a_part_of_an_article_is_its_text() -> None:
    citation = resolve("果园管理条例第一条", held.PICKING[:14])
    assert citation.state is GoldState.CURRENT


def test_a_question_counts_what_is_missing_and_each_article_once() -> None:
    cites = [CitedText(name) for name in ("渔业法第一条", "果园管理条例第一条", "《果园管理条例》第一条")]
    (question,) = resolve_questions(
        [LabelledQuestion("q", "问", tuple(cites))], held.catalogue(), held.held_texts()
    )
    assert question.wanted == ("missing:渔业法第一条", held.article(ORCHARDS, 1))
    assert not question.answerable
    assert question.topic == "经济法"


def test_a_question_of_nothing_held_has_no_topic() -> None:
    (question,) = resolve_questions(
        [LabelledQuestion("q", "问", (CitedText("渔业法第一条"),))], held.catalogue(), held.held_texts()
    )
    assert question.topic == NO_TOPIC


def test_the_text_that_serves_is_the_reading_of_a_provision() -> None:
    texts = held.held_texts()
    reading = texts.reading(held.article(BOATS, 1))
    assert reading is not None
    assert reading.provision.text == held.NEW_RENT
    assert texts.reading("nothing") is None
    assert len(texts) == len(held.ALL)


def test_shared_bigrams_are_of_the_shorter_text() -> None:
    assert shared_bigrams("甲乙丙", "甲乙丙丁戊己") == 1.0
    assert shared_bigrams("甲乙丙", "甲乙丁") == 0.5
    assert shared_bigrams("", "甲乙") == 0.0


def test_only_two_states_can_be_found() -> None:
    assert {GoldState.CURRENT, GoldState.MOVED} == FINDABLE
