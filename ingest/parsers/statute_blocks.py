"""Texts without 条 (修正案, 决定, 批复, 解答, older rules), divided by 一、, 1., （一） or headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.lines import Line
from ingest.parsers.headings import Heading, deepen, read_heading
from ingest.parsers.provisions import WHOLE_TEXT
from kb.text.numerals import format_number, parse_number

INTRODUCTION = "引言"
"""The lead of an interpretation or decision; its own word for it (将引言修改为：…)."""

_CHINESE = "零〇一二三四五六七八九十百"
_MARKS = {
    "listed": re.compile(rf"([{_CHINESE}]{{1,6}}+)(?:、 ?|$)"),
    "dotted": re.compile(r"([0-9]{1,3}+)[.．、](?![0-9]) ?"),
    "bracketed": re.compile(rf"[（(] ?([{_CHINESE}]{{1,6}}+) ?[）)] ?"),
}
_ENDS_SENTENCE = ("。", "；", "：", "！", "？", "”", "）")


@dataclass(frozen=True)
class Block:
    """Lines that make one provision without article number; ``texts`` are without the label."""

    label: str
    path: tuple[str, ...]
    texts: tuple[str, ...]
    lines: tuple[int, int]


@dataclass(frozen=True)
class _Mark:
    index: int
    number: int
    end: int


def cell_text(line: Line) -> str:
    """The text of a line as a provision keeps it: the cells of a table row parted by bars."""
    return " | ".join(line.cells) if line.cells else line.text


def split_blocks(lines: Sequence[Line], base: tuple[str, ...] = ()) -> tuple[Block, ...]:
    """Divide a text without 条; labels as ``一、``, ``1.``, ``（一）``, a heading's text, 引言 or 全文."""
    if not lines:
        return ()
    kind, marks, by_heading = _choose_division(lines)
    if by_heading:
        return _split_by_headings(lines, base)
    if not marks:
        return (_block(WHOLE_TEXT, base, [cell_text(line) for line in lines], lines),)
    blocks: list[Block] = []
    path = base
    if marks[0].index:
        lead = list(lines[: marks[0].index])
        if kind == "dotted" and (heading := _heading_of(lead[-1])):
            path = (*base, heading)
            lead.pop()
        if lead:
            blocks.append(_block(INTRODUCTION, base, [cell_text(line) for line in lead], lead))
    for mark, after in zip(marks, [*(one.index for one in marks[1:]), len(lines)], strict=True):
        group = list(lines[mark.index : after])
        following = path
        if kind == "dotted" and len(group) > 1 and (heading := _heading_of(group[-1])):
            following = (*base, heading)
            group.pop()
        texts = [group[0].text[mark.end :], *(cell_text(line) for line in group[1:])]
        if not texts[0] and len(texts) > 1:
            texts = texts[1:]
        blocks.append(_block(_label(kind, mark.number), path, texts, group))
        path = following
    return tuple(blocks)


def has_items(lines: Sequence[Line]) -> bool:
    """Whether ``lines`` hold 一、 and 二、 in order."""
    return len(_find_chain(lines, "listed")) > 1


def _choose_division(lines: Sequence[Line]) -> tuple[str, list[_Mark], bool]:
    chapters = [
        one for line in lines if (one := read_heading(line)) and one.kind in ("编", "分编", "章", "节")
    ]
    levels = sum(bool(line.level) for line in lines)
    listed = _find_chain(lines, "listed")
    dotted = _find_chain(lines, "dotted")
    once = sum(1 for line in lines if (match := _MARKS["dotted"].match(line.text)) and match[1] == "1") == 1
    if len(chapters) > 1:
        return "", [], True
    headed = listed and all(_heading_of(lines[mark.index]) for mark in listed)
    if headed and once and len(dotted) > len(listed):
        return "dotted", dotted, False
    if len(listed) > 1:
        return "listed", listed, False
    if levels > 1:
        return "", [], True
    if once and len(dotted) > 1:
        return "dotted", dotted, False
    bracketed = _find_chain(lines, "bracketed")
    if len(bracketed) > 1 and bracketed[0].index == 0:
        return "bracketed", bracketed, False
    return "", [], False


def _find_chain(lines: Sequence[Line], kind: str) -> list[_Mark]:
    """Lines whose marks count on from one."""
    chain: list[_Mark] = []
    for index, line in enumerate(lines):
        match = _MARKS[kind].match(line.text)
        if match is None or (match.end() == len(line.text) and not line.level):
            continue
        number = parse_number(match[1])
        if number == len(chain) + 1:
            chain.append(_Mark(index, number, match.end()))
    return chain


def _heading_of(line: Line) -> str:
    """The line as a heading of the path, empty when it reads as a sentence."""
    if _MARKS["listed"].match(line.text) is None:
        return ""
    if line.level or (not line.text.endswith(_ENDS_SENTENCE) and len(line.text) <= 40):
        return line.text.replace(" ", "")
    return ""


def _split_by_headings(lines: Sequence[Line], base: tuple[str, ...]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    path: tuple[Heading, ...] = ()
    group: list[Line] = []

    def close() -> None:
        if not group:
            return
        names = (*base, *(heading.text for heading in path))
        label = names[-1] if path else INTRODUCTION
        blocks.append(_block(label, names, [cell_text(line) for line in group], group))
        group.clear()

    for line in lines:
        heading = read_heading(line)
        if heading is None:
            group.append(line)
            continue
        close()
        path = deepen(path, heading)
    close()
    return tuple(blocks)


def _label(kind: str, number: int) -> str:
    if kind == "dotted":
        return f"{number}."
    written = format_number(number)
    return f"{written}、" if kind == "listed" else f"（{written}）"


def _block(label: str, path: tuple[str, ...], texts: Sequence[str], lines: Sequence[Line]) -> Block:
    return Block(label, path, tuple(texts), (lines[0].number, lines[-1].number))
