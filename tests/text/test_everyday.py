"""Everyday words and the statutes' words for them."""

from __future__ import annotations

import datetime as dt

from kb.text.everyday import EverydayEntry, find_legal_wording, read_everyday_entries

ENTRIES = (
    EverydayEntry(("过期食品", "过期"), ("超过保质期",), "2026-11-22"),
    EverydayEntry(("房东",), ("出租人",), "2026-11-22"),
)


def test_the_longest_form_that_stands_in_the_question_is_named() -> None:
    found = find_legal_wording("房东给我吃过期食品", ENTRIES)
    assert [(one.said, one.law) for one in found] == [("过期食品", ("超过保质期",)), ("房东", ("出租人",))]


def test_a_question_in_the_words_of_the_law_gains_nothing() -> None:
    assert find_legal_wording("出租人的维修义务", ENTRIES) == ()


def test_every_shipped_entry_is_whole_dated_and_said_once() -> None:
    entries = read_everyday_entries()
    assert len(entries) >= 60
    said = [form for entry in entries for form in entry.say]
    assert len(said) == len(set(said))
    for entry in entries:
        assert entry.say
        assert entry.law
        assert dt.date.fromisoformat(entry.reviewed) <= dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(
            days=1
        )
