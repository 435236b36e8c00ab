"""Danger in messages: what is found, what is not, and what is said.

The messages stand in ``safety/``. Half of each set, by hash, was never looked at while the signs changed.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from kb.answer.hotlines import EMERGENCY_NUMBERS, HOTLINES
from kb.answer.numbers import leftover_digits
from kb.answer.safety import clean_text, find_danger, load_messages, load_rules, say_safety

FOLDER = Path(__file__).parent / "safety"


def read_lines(name: str) -> list[str]:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_unseen(text: str) -> bool:
    return hashlib.sha256(text.encode()).digest()[3] % 2 == 1


DANGER = [tuple(line.split("\t")) for line in read_lines("danger.tsv")]
HARMLESS = read_lines("harmless.txt")


def test_the_sets_are_large_and_every_category_has_its_messages() -> None:
    assert len({text for _, text in DANGER}) >= 200
    assert len(set(HARMLESS)) >= 200
    assert {category for category, _ in DANGER} == set(load_messages().categories)


@pytest.mark.parametrize("unseen", [False, True])
def test_nearly_all_danger_is_found(unseen: bool) -> None:
    texts = [text for _, text in DANGER if is_unseen(text) == unseen]
    missed = [text for text in texts if not find_danger(text)]
    assert len(missed) <= 0.03 * len(texts), missed


@pytest.mark.parametrize("unseen", [False, True])
def test_hardly_anything_harmless_alarms(unseen: bool) -> None:
    texts = [text for text in HARMLESS if is_unseen(text) == unseen]
    alarmed = [text for text in texts if find_danger(text)]
    assert len(alarmed) <= 0.02 * len(texts), alarmed


def test_the_category_is_right_or_comes_with_another() -> None:
    wrong = [
        (category, text)
        for category, text in DANGER
        if (found := find_danger(text)) and category not in found.categories
    ]
    assert len(wrong) <= 0.03 * len(DANGER), wrong


@pytest.mark.parametrize(
    ("typed", "category"),
    [
        ("我不想活了", "self_harm"),
        ("我 不 想 活 了 。。。", "self_harm"),
        ("我不想活瞭", "self_harm"),
        ("離婚了我真的不想活了", "self_harm"),
        ("我想自沙", "self_harm"),
        ("他在外面踹门我躲在厕所", "domestic_violence"),
    ],
)
def test_spelling_marks_and_script_hide_nothing(typed: str, category: str) -> None:
    assert category in find_danger(typed).categories


@pytest.mark.parametrize(
    "text",
    ["我没有想自杀，只是问问保险", "电视剧里她说不想活了", "跳楼价的房子能买吗", "", "？？？", "劳动合同"],
)
def test_denials_films_and_manners_of_speaking_are_no_danger(text: str) -> None:
    assert not find_danger(text)


def test_a_question_about_law_beside_the_danger_is_told_apart() -> None:
    assert not find_danger("我不想活了").asks_law
    assert find_danger("老公今晚又拿刀砍我，我想离婚，怎么申请保护令").asks_law


def test_every_category_says_its_numbers_and_only_known_ones() -> None:
    messages = load_messages()
    for category, message in messages.categories.items():
        said = "".join(message.say)
        assert all(number in said for number in message.numbers), category
        assert set(message.numbers) <= EMERGENCY_NUMBERS.keys()
        assert all(digits in HOTLINES for digits in leftover_digits(said)), category
    assert set(messages.order) == set(messages.categories)


def test_a_child_brings_the_duty_to_report_and_a_crime_no_prediction() -> None:
    said = "".join(one.text for one in say_safety(find_danger("邻居天天打孩子 孩子身上全是伤")))
    assert "应当立即向公安" in said
    assert "12355" in said
    assert "不预测案件结果" in said
    assert "不预测" not in "".join(one.text for one in say_safety(find_danger("我不想活了")))


def test_nothing_is_said_twice() -> None:
    for _, text in DANGER:
        said = [one.text for one in say_safety(find_danger(text))]
        assert len(said) == len(set(said))


def test_a_very_long_message_is_read_at_both_ends() -> None:
    filler = "合同里写的事情很多说也说不完。" * 2_000
    assert find_danger("我不想活了。" + filler)
    assert find_danger(filler + "我不想活了。")


def test_no_sign_repeats_a_repeat() -> None:
    """Linear patterns: a bounded gap may follow another, but no group that repeats holds a repeat."""
    rules = load_rules()
    patterns = [*rules.always.values(), *rules.unless_legal.values(), *rules.when_now.values()]
    for pattern in patterns:
        assert not re.search(r"[+*]", pattern.pattern.replace(r"\+", "")), pattern.pattern[:80]


def test_words_misheard_are_put_right() -> None:
    assert clean_text("有人性亲我，报井", load_rules()) == "有人性侵我报警"
