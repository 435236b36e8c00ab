"""The first sorting of questions that were not answered."""

from __future__ import annotations

from eval.faults import Fault, find_fault, same_words
from eval.gold import HeldTexts, resolve_questions
from eval.labelled import CitedText, LabelledQuestion
from tests.eval import held
from tests.eval.held import BOATS, ORCHARDS

RENT, RETURN, PICKING = held.article(BOATS, 1), held.article(BOATS, 3), held.article(ORCHARDS, 1)


def fault(name: str, sparse: list[str], dense: list[str], text: str = "") -> Fault:
    texts = held.held_texts()
    question = LabelledQuestion("q", "问", (CitedText(name, text),))
    (gold,) = resolve_questions([question], held.catalogue(), texts)
    return find_fault(gold, {"sparse": sparse, "dense": dense}, "dense", texts)


def test_found_among_the_first_ten_is_no_fault() -> None:
    assert fault("果园管理条例第一条", [], [RENT, PICKING]) is Fault.NONE


def test_what_is_not_held_or_not_in_force_comes_first() -> None:
    assert fault("渔业法第一条", [], [RENT]) is Fault.NOT_HELD
    assert fault("船舶租赁法第一条", [], [RENT], held.OLD_RENT) is Fault.OLD_TEXT


def test_another_list_has_it() -> None:
    assert fault("果园管理条例第一条", [PICKING], [RENT]) is Fault.RANKED_LOW


def test_the_right_work_is_nearer_than_none() -> None:
    assert fault("船舶租赁法第一条", [], [RETURN]) is Fault.SAME_WORK
    assert fault("船舶租赁法第一条", [], [PICKING]) is Fault.WORD_GAP


def test_the_same_words_in_another_work() -> None:
    copy = held.loaded("港口条例", 1, held.PICKING.replace("果园", "果林"))
    texts = HeldTexts.collect([held.ALL, [copy]], held.TODAY)
    question = LabelledQuestion("q", "问", (CitedText("果园管理条例第一条"),))
    (gold,) = resolve_questions([question], held.catalogue(), texts)
    assert find_fault(gold, {"dense": [copy.provision.id]}, "dense", texts) is Fault.SAME_TEXT
    assert find_fault(gold, {"dense": [RENT]}, "dense", texts) is Fault.WORD_GAP


def test_a_refused_question_is_told_as_such() -> None:
    texts = held.held_texts()
    question = LabelledQuestion("q", "。", (CitedText("果园管理条例第一条"),))
    (gold,) = resolve_questions([question], held.catalogue(), texts)
    assert find_fault(gold, {"dense": []}, "dense", texts, "query_empty") is Fault.REFUSED


def test_same_words_minds_length() -> None:
    assert same_words("租金以书面约定为准", "租金以书面约定为准。")
    assert not same_words("租金", "租金以书面约定为准")
    assert not same_words("", "")
