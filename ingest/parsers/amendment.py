"""Applying a 修正案 to the text that it amends, item by item, where every item gives the new wording.

Two forms are understood, because they leave nothing to guess: a whole article in its new wording
(将…第…条修改为：“…”, or 增加一款…将该条修改为：“…”)
and one 款 in its new wording (将…第…条第一款修改为：“…”).
Any other item stops the work: a half-applied amendment would be a law that never existed.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from kb.domain.works import Provision
from kb.errors import SourceError
from kb.text.numerals import parse_article_number, parse_number

_ARTICLE = r"(第[一二三四五六七八九十百千零]{1,12}条(?:之[一二三四五六七八九十]{1,3})?)"
_ITEM = re.compile(
    rf"(?:在[\u4e00-\u9fff]{{1,12}}?{_ARTICLE}中增加一款作为第[一二三四五六七八九十]{{1,3}}款，将该条"
    rf"|将[\u4e00-\u9fff]{{1,12}}?{_ARTICLE}(?:第([一二三四五六七八九十]{{1,3}})款)?)修改为[：:]([\"“].{{1,20000}}[\"”])",
    re.DOTALL,
)
_START = re.compile(r"本修正案自.{4,14}起施行。")
_QUOTES = '"“”'
_SUBITEM = re.compile(r"（[一二三四五六七八九十]{1,3}）")


def apply_amendment(
    base: Sequence[Provision], items: Sequence[Provision], version: str, place: str
) -> tuple[Provision, ...]:
    """Provisions of ``base`` as the items of an amendment leave them, under the id ``version``.

    ``place`` names the amendment in errors. Raises SourceError ``amendment_not_understood`` for an item of
    another form, an article that the base does not have, or a 款 that the article does not have.
    """
    texts = {provision.number: provision.text for provision in base if provision.number}
    for item in items:
        if _START.fullmatch(item.text):
            continue
        match = _ITEM.fullmatch(item.text)
        number = parse_article_number(match[1] or match[2]) if match else None
        if match is None or number is None or number not in texts:
            raise _not_understood(place, item)
        wording = _unquote(match[4], place, item)
        if match[3]:
            wording = _replace_paragraph(texts[number], parse_number(match[3]) or 0, wording, place, item)
        texts[number] = wording
    return tuple(
        dataclasses.replace(
            provision,
            version_id=version,
            text=texts[provision.number] if provision.number else provision.text,
        )
        for provision in base
    )


def _unquote(wording: str, place: str, item: Provision) -> str:
    """Take the quotation marks off: one before each paragraph, one behind the last."""
    text = "\n".join(line.removeprefix('"').removeprefix("“") for line in wording[:-1].split("\n"))
    if any(mark in text for mark in _QUOTES):
        raise _not_understood(place, item)
    return text


def _replace_paragraph(text: str, ordinal: int, wording: str, place: str, item: Provision) -> str:
    """``text`` with its ``ordinal``-th 款 (from 1) replaced; the 项 under a 款 belong to it."""
    paragraphs: list[list[str]] = []
    for line in text.split("\n"):
        if paragraphs and _SUBITEM.match(line):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    if not 1 <= ordinal <= len(paragraphs):
        raise _not_understood(place, item)
    paragraphs[ordinal - 1] = [wording]
    return "\n".join(line for paragraph in paragraphs for line in paragraph)


def _not_understood(place: str, item: Provision) -> SourceError:
    return SourceError(
        "amendment_not_understood",
        "修正案的这一项不是整条或整款的新文本，不能自动合成。",
        place=f"{place} {item.label}",
        way_out="请在 corpora/sources 的清单中去掉这项 consolidations，或收录合成后的文本。",
    )
