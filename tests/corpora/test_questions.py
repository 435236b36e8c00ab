"""Everyday questions that ship: each names a provision in force, in words of its own."""

from __future__ import annotations

import re
from collections import defaultdict

from kb.answer.basis import BasisState, find_basis
from kb.answer.holdings import BundleHoldings, TitleIndex
from kb.domain.answers import AnswerBasis
from kb.domain.works import WorkBundle
from kb.text.numerals import parse_article_number
from kb.text.question_files import read_provision_questions
from tests.corpora.test_answers import CHECKED_ON

QUESTIONS = read_provision_questions()
SHORTEST, LONGEST = 6, 90


def test_there_are_questions_for_many_provisions() -> None:
    assert len(QUESTIONS) > 10_000
    assert len({one.cites for one in QUESTIONS}) > 4_000


def test_wordings_are_questions_and_name_no_article() -> None:
    for one in QUESTIONS:
        assert SHORTEST <= len(one.text) <= LONGEST, one.text
        assert not re.search(r"第[一二三四五六七八九十百千零\d]+条", one.text), one.text
        assert not re.search(r"1[3-9]\d{9}|\d{17}[\dXx]", one.text), one.text


def test_a_wording_stands_under_two_provisions_at_most() -> None:
    places: dict[str, set[object]] = defaultdict(set)
    for one in QUESTIONS:
        places[one.text].add(one.cites)
    crowded = {text for text, cites in places.items() if len(cites) > 2}
    assert not crowded


def test_every_label_is_an_article() -> None:
    for one in QUESTIONS:
        (cite,) = one.cites
        assert parse_article_number(cite.label) is not None, (one.owner, cite.label)


def test_what_the_default_corpus_holds_is_cited_rightly(installed_bundles: tuple[WorkBundle, ...]) -> None:
    holdings = BundleHoldings(installed_bundles)
    titles = TitleIndex(holdings)
    wrong, held = [], 0
    for cite in {one.cites[0] for one in QUESTIONS}:
        if titles.by_title(cite.title) is None:
            continue  # an interpretation or regulation: its questions wait until it is ingested
        held += 1
        found = find_basis(AnswerBasis("b1", cite.title, cite.label, "", True), holdings, titles, CHECKED_ON)
        if found.state is not BasisState.IN_FORCE:
            wrong.append(f"{cite.title}{cite.label}：{found.why}")
    assert not wrong, "\n".join(wrong)
    assert held > 1_800
