"""Applying an amendment: whole articles and whole 款, or nothing at all."""

from __future__ import annotations

import pytest

from ingest.parsers.amendment import apply_amendment
from kb.domain.works import Provision
from kb.errors import SourceError


def article(number: int, text: str, inserted: int = 0) -> Provision:
    label = {1: "第一条", 2: "第二条", 3: "第三条"}[number] + ("之一" if inserted else "")
    return Provision(f"w:a{number}", "old", (number, inserted), label, ("第一章",), text, number)


def item(number: int, text: str) -> Provision:
    return Provision(f"x:b{number}", "x", None, "一二三四"[number - 1] + "、", (), text, number)


BASE = (article(1, "甲。"), article(2, "乙：\n（一）丙；\n（二）丁。\n戊。"), article(2, "庚。", inserted=1))


def test_whole_articles_and_single_paragraphs() -> None:
    items = [
        item(1, '将样例法第一条修改为："新甲。\n"新的第二款。"'),
        item(2, "将样例法第二条第一款修改为：“新乙。”"),
        item(3, '在样例法第二条之一中增加一款作为第二款，将该条修改为:"庚。\n"新庚。"'),
        item(4, "本修正案自2024年3月1日起施行。"),
    ]
    changed = apply_amendment(BASE, items, "new", "样例法修正案")
    assert [provision.text for provision in changed] == [
        "新甲。\n新的第二款。",
        "新乙。\n戊。",
        "庚。\n新庚。",
    ]
    assert {provision.version_id for provision in changed} == {"new"}
    assert [provision.id for provision in changed] == [provision.id for provision in BASE]


@pytest.mark.parametrize(
    "text",
    [
        '在样例法第二条后增加一条，作为第二条之二："甲。"',
        '将样例法第三条修改为："甲。"',
        '将样例法第一条第二款修改为："甲。"',
        '将样例法第一条中的"甲"修改为"乙"。',
        '将样例法第一条修改为："甲称为"乙"。"',
        "删去样例法第一条。",
    ],
)
def test_anything_else_stops(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        apply_amendment(BASE, [item(1, text)], "new", "样例法修正案")
    assert caught.value.code == "amendment_not_understood"
    assert caught.value.place == "样例法修正案 一、"
