"""Titles and everyday names of works, looked up whole and never by a part.

《劳动合同法实施条例》 is not 《劳动合同法》: a name either equals a title or names nothing that we hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

import yaml

from kb.text.normalise import HAN_CLASS, normalise

STATE_NAME = "中华人民共和国"

_BRACKETS = str.maketrans({"《": "〈", "》": "〉", "<": "〈", ">": "〉", "(": "（", ")": "）"})
_EDITION = re.compile(
    r"（(?:[12]\d{3}年?(?:\d{1,2}月)?(?:\d{1,2}日)?)?(?:第[一二三四五六七八九十]{1,2}次)?(?:修正|修订|修改|公布|通过)?"
    r"(?:版|本|文本)?）\Z"
)
_HAN = re.compile(f"[{HAN_CLASS}A-Za-z0-9]")

# What may stand straight before a bare name of a law. A Chinese character that is not here may belong
# to a longer title that we do not know (台湾民法典, 证券公司法), and finding never guesses.
_LEAD_INS = frozenset(
    [
        *"据依照按用和与及或以在是对由见如查看问说从到有给把将向跟至经因当讲谈引凭即为了就都也还的",
        *"新旧原翻读懂想来去可该应请叫且但而若凡被违后前",
        *("我国", "中国", "现行", "根据", "参照", "违反", "涉及", "关于", "规定", "什么", "怎么", "如何"),
        *("法律", "触犯", "符合", "构成", "属于", "不服", "援引", "详见", "请教", "咨询", "以及", "或者"),
        *("还有", "解释", "解读", "了解", "理解", "查询", "介绍", "告诉", "条文", "知道", "学习", "执行"),
        *("遵守", "遵循", "结合", "认为", "主张", "基于", "本院", "法院", "帮我", "其中", "当中", "按着"),
    ]
)
_LONGEST_LEAD_IN = max(map(len, _LEAD_INS))


def title_key(title: str) -> str:
    """Spelling under which titles are compared: normalised, one kind of brackets, no blanks or outer 《》."""
    plain = "".join(normalise(title).text.split())
    if plain.startswith("《") and plain.endswith("》"):
        plain = plain[1:-1]
    return plain.translate(_BRACKETS)


def short_key(title: str) -> str:
    """``title_key`` without 中华人民共和国 anywhere in it (the constitution of the state stays 宪法)."""
    key = title_key(title)
    return key.replace(STATE_NAME, "") or key


@dataclass(frozen=True)
class Alias:
    """An everyday name of the work with this full title, and the day somebody checked it."""

    name: str
    title: str
    reviewed: str


def read_aliases() -> tuple[Alias, ...]:
    """Everyday names shipped in ``corpora/words/aliases.yaml``."""
    entries = yaml.safe_load(files("corpora").joinpath("words", "aliases.yaml").read_text("utf-8"))
    return tuple(
        Alias(name, entry["title"], str(entry["reviewed"])) for entry in entries for name in entry["names"]
    )


def add_aliases(titles: Mapping[str, Iterable[str]], aliases: Iterable[Alias]) -> dict[str, tuple[str, ...]]:
    """Names -> work ids for ``TitleCatalogue``: ``titles`` plus every alias whose title we hold.

    An alias never takes the place of a title of that name.
    """
    names = {title: tuple(ids) for title, ids in titles.items()}
    by_key: dict[str, tuple[str, ...]] = {}
    for title, ids in names.items():
        by_key[short_key(title)] = tuple(dict.fromkeys(by_key.get(short_key(title), ()) + ids))
    for alias in aliases:
        held = by_key.get(short_key(alias.title))
        if held and short_key(alias.name) not in by_key:
            names[alias.name] = held
    return names


@dataclass(frozen=True)
class TitleCatalogue:
    """Every name by which works are known, with the ids of the works that bear it.

    Build it with ``TitleCatalogue.build``; it never changes afterwards.
    """

    _exact: Mapping[str, tuple[str, ...]]
    _short: Mapping[str, tuple[str, ...]]
    _lengths: Mapping[str, tuple[int, ...]] = field(repr=False)

    @classmethod
    def build(cls, names: Mapping[str, Iterable[str]]) -> TitleCatalogue:
        """Catalogue of ``names`` (a title or alias each) -> ids of works that bear the name."""
        exact: dict[str, tuple[str, ...]] = {}
        short: dict[str, tuple[str, ...]] = {}
        for name, ids in names.items():
            if not (key := title_key(name)):
                continue
            exact[key] = tuple(dict.fromkeys((*exact.get(key, ()), *ids)))
            less = short_key(name)
            short[less] = tuple(dict.fromkeys((*short.get(less, ()), *exact[key])))
        lengths: dict[str, set[int]] = {}
        for key in {*exact, *short}:
            lengths.setdefault(key[-2:], set()).add(len(key))
        by_ending = {ending: tuple(sorted(sizes, reverse=True)) for ending, sizes in lengths.items()}
        return cls(exact, short, by_ending)

    def lookup(self, title: str) -> tuple[str, ...]:
        """Ids of the works that bear exactly this title or alias; more than one when it is shared.

        The name counts with and without 中华人民共和国 and an edition in brackets (2023年修正).
        """
        key, less = title_key(title), short_key(title)
        plain = _EDITION.sub("", less)
        return self._exact.get(key) or self._short.get(less) or self._short.get(plain) or ()

    def find_name_before(self, text: str, end: int) -> int | None:
        """Start of the longest known name that ends at ``end``; None when no whole name stands there.

        A name counts as whole when nothing, a mark or blank, 中华人民共和国 or a word such as 根据 stands
        before it. Titles with brackets inside are found in 《》 only.
        """
        for size in self._lengths.get(text[max(end - 2, 0) : end], ()):
            start = end - size
            if start < 0 or not self._holds(text[start:end]):
                continue
            if text.endswith(STATE_NAME, 0, start):
                start -= len(STATE_NAME)
            if _stands_free(text, start):
                return start
        return None

    def _holds(self, name: str) -> bool:
        return name in self._exact or name in self._short


def _stands_free(text: str, start: int) -> bool:
    """True when no character before ``start`` could belong to the same name."""
    if start == 0 or not _HAN.match(text, start - 1):
        return True
    return any(text[max(start - size, 0) : start] in _LEAD_INS for size in range(1, _LONGEST_LEAD_IN + 1))
