"""Titles and everyday names of works, looked up whole and never by a part.

《劳动合同法实施条例》 is not 《劳动合同法》: a name either equals a title or names nothing that we hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

import yaml

from kb.text.citations_documents import document_key, is_document_number
from kb.text.normalise import HAN_CLASS, normalise
from kb.text.short_titles import STATE_NAME, fold_part_number, short_forms
from kb.text.traditional import simplify

MAX_LAW_NAME = 12
"""Longer names of a law are not used inside the short names of its interpretations."""

_BRACKETS = str.maketrans({"《": "〈", "》": "〉", "<": "〈", ">": "〉", "(": "（", ")": "）"})
_EDITION = re.compile(
    r"（(?:[12]\d{3}年?(?:\d{1,2}月)?(?:\d{1,2}日)?)?(?:第[一二三四五六七八九十]{1,2}次)?(?:修正|修订|修改|公布|通过)?"
    r"(?:版|本|文本)?）\Z"
)
_BODY_BEFORE = re.compile("最高人民(?:法院|检察院)(?:[、和与 ]{0,2}最高人民检察院)?\\Z")
_HAN = re.compile(f"[{HAN_CLASS}A-Za-z0-9]")

# What may stand straight before a bare name of a law. A Chinese character that is not here may belong
# to a longer title that we do not know (台湾民法典, 证券公司法), and finding never guesses.
_LEAD_INS = frozenset(
    [
        *"据依照按用和与及或以在是对由见如查看问说从到有给把将向跟至经因当讲谈引凭即为了就都也还的",
        *"新旧原翻读懂想来去可该应请叫且但而若凡被违后前拿找走过着进入得念背抄提指犯守配再先又只才扯搬套",
        *("我国", "中国", "现行", "根据", "参照", "违反", "涉及", "关于", "规定", "什么", "怎么", "如何"),
        *"吗呢呀吧啊嗯呃哦哈喂哎唉诶嘛啦写让连像记贴",
        *("那个", "这个", "哪个", "这部", "那部", "哪部"),
        *("法律", "触犯", "符合", "构成", "属于", "不服", "援引", "详见", "请教", "咨询", "以及", "或者"),
        *("还有", "解释", "解读", "了解", "理解", "查询", "介绍", "告诉", "条文", "知道", "学习", "执行"),
        *("遵守", "遵循", "结合", "认为", "主张", "基于", "本院", "法院", "帮我", "其中", "当中", "按着"),
        *(
            "注意",
            "告知",
            "得知",
            "写明",
            "列明",
            "载明",
            "说明",
            "证明",
            "表明",
            "他们",
            "我们",
            "你们",
            "您们",
        ),
        *("处罚时", "起诉时", "这时", "同时", "等于", "属于", "至于", "对于", "由于", "优先", "单独", "直接"),
    ]
)
_LONGEST_LEAD_IN = max(map(len, _LEAD_INS))

# Names that no longer title of ours ends with: what stands before them is the sentence, unless it is a
# place or a branch of learning (台湾民法典, 军事刑法). Long names are as safe as these.
_DISTINCT = frozenset(["民法典", "刑法", "宪法", "民诉法", "刑诉法", "行诉法", "民法通则", "民法总则"])
_LONG_NAME = 5
_FOREIGN = re.compile(
    "(?:台湾|香港|澳门|港澳|地区|特区|[省市州县]|某|(?<!我)(?<!中)国|日本|瑞士|意大利|俄罗斯|苏联|奥地利"
    "|荷兰|西班牙|葡萄牙|印度|越南|新加坡|加拿大|澳大利亚|欧盟|欧洲|大陆|普鲁士|埃及|巴西|墨西哥|阿根廷|智利|土耳其|罗马|拿破仑|星球|大学|"
    "军事|国际|行政|经济|环境|附属|单行|特别|比较|外来|域外|涉外|古代|近代|民国|清代|唐代)\\Z"
)
_INTERPRETATION = re.compile(
    "(?:(?<!公)司法)?解释"
    "(?:（[一二三四五六七八九十]{1,2}）|\\([一二三四五六七八九十]{1,2}\\)|[一二三四五六七八九])?\\Z"
)


_IMPLEMENTING = ("实施条例", "实施细则")


def title_key(title: str) -> str:
    """Spelling under which titles are compared: normalised, one kind of brackets, no blanks or outer 《》."""
    plain = simplify("".join(normalise(title).text.split()))
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
    """Names -> work ids for ``TitleCatalogue``: ``titles`` plus every alias.

    An alias never takes the place of a title of that name. A work that we do not hold is known by its
    names all the same, with no ids: 合同法 is a law, though not one of ours.
    """
    names = {title: tuple(ids) for title, ids in titles.items()}
    by_key: dict[str, tuple[str, ...]] = {}
    for title, ids in names.items():
        by_key[short_key(title)] = tuple(dict.fromkeys(by_key.get(short_key(title), ()) + ids))
    for alias in aliases:
        held = by_key.get(short_key(alias.title), ())
        if not held:
            names.setdefault(alias.title, ())
        if short_key(alias.name) not in by_key:
            names[alias.name] = held
    return names


@dataclass(frozen=True)
class TitleCatalogue:
    """Every name by which works are known, with the ids of the works that bear it.

    Build it with ``TitleCatalogue.build``; it never changes afterwards. A name may be known without any
    work of ours bearing it.
    """

    _exact: Mapping[str, tuple[str, ...]]
    _short: Mapping[str, tuple[str, ...]]
    _forms: Mapping[str, tuple[str, ...]] = field(repr=False)
    _numbers: Mapping[str, tuple[str, ...]] = field(repr=False)
    _lengths: Mapping[str, tuple[int, ...]] = field(repr=False)

    @classmethod
    def build(
        cls, names: Mapping[str, Iterable[str]], document_numbers: Mapping[str, Iterable[str]] | None = None
    ) -> TitleCatalogue:
        """Catalogue of ``names`` (a title or alias each) -> ids of works that bear the name.

        ``document_numbers`` (京司发〔2022〕40号) lead to works in the same way, and so do names that are one.
        """
        numbers: dict[str, tuple[str, ...]] = {}
        exact: dict[str, tuple[str, ...]] = {}
        short: dict[str, tuple[str, ...]] = {}
        for name, ids in names.items():
            if is_document_number(name):
                number = document_key(name)
                numbers[number] = _joined(numbers.get(number, ()), ids)
                continue
            if not (key := title_key(name)):
                continue
            exact[key] = _joined(exact.get(key, ()), ids)
            less = short_key(name)
            short[less] = _joined(short.get(less, ()), exact[key])
        forms = _build_forms(short)
        for number, ids in (document_numbers or {}).items():
            key = document_key(number)
            numbers[key] = _joined(numbers.get(key, ()), ids)
        lengths: dict[str, set[int]] = {}
        for key in {*exact, *short, *forms}:
            lengths.setdefault(key[-2:], set()).add(len(key))
        by_ending = {ending: tuple(sorted(sizes, reverse=True)) for ending, sizes in lengths.items()}
        return cls(exact, short, forms, numbers, by_ending)

    def lookup(self, title: str) -> tuple[str, ...]:
        """Ids of the works that bear exactly this title or alias; more than one when it is shared.

        The name counts with and without 中华人民共和国 and an edition in brackets (2023年修正); titles of
        judicial interpretations also in the short forms of ``kb.text.short_titles``.
        """
        return self._find(title) or ()

    def knows(self, title: str) -> bool:
        """True when ``title`` is the whole name of a work, held or not."""
        return self._find(title) is not None

    def lookup_number(self, number: str) -> tuple[str, ...]:
        """Ids of the works with this document number, in any spelling."""
        return self._numbers.get(document_key(number), ())

    def find_name_before(self, text: str, end: int) -> int | None:
        """Start of the longest known name that ends at ``end``; None when no whole name stands there.

        A name counts as whole when nothing, a mark or blank, 中华人民共和国 or a word such as 根据 stands
        before it; 民法典, 刑法 and long names whatever stands before them but a place or branch of learning.
        """
        start = self._find_whole_before(text, end)
        if start is None and text.endswith(_IMPLEMENTING, max(end - 4, 0), end):
            # 招标投标法实施条例: an act that carries out a law we know, whether or not we know it too.
            law = self._find_whole_before(text, end - 4)
            if law is not None and text[end - 5] == "法":
                return law
        if start is None and (kind := _INTERPRETATION.search(text, max(end - 12, 0), end)):
            # 公司法解释三 names an interpretation of a law that we know, whether or not we know it too.
            law = self._find_whole_before(text, kind.start())
            if law is not None and text[kind.start() - 1] in "法典":
                return law
        return start

    def _find_whole_before(self, text: str, end: int) -> int | None:
        for size in self._lengths.get(text[max(end - 2, 0) : end].translate(_BRACKETS), ()):
            start = end - size
            if start < 0 or not self._holds(text[start:end].translate(_BRACKETS)):
                continue
            name = text[start:end]
            if text.endswith(STATE_NAME, 0, start):
                start -= len(STATE_NAME)
            if text.startswith("关于", start) and (
                body := _BODY_BEFORE.search(text, max(start - 24, 0), start)
            ):
                start = body.start()
            if stands_free(text, start, name):
                return start
        return None

    def _find(self, title: str) -> tuple[str, ...] | None:
        """None for a name that nobody knows; a name with ids comes before one without."""
        key, less = title_key(title), short_key(title)
        plain = _EDITION.sub("", less)
        known = [
            ids
            for ids in (
                self._exact.get(key),
                self._short.get(less),
                self._short.get(plain),
                self._forms.get(fold_part_number(less)),
                self._forms.get(fold_part_number(plain)),
            )
            if ids is not None
        ]
        return next((ids for ids in known if ids), known[0] if known else None)

    def _holds(self, name: str) -> bool:
        return name in self._exact or name in self._short or name in self._forms


def _joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _build_forms(short: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Short forms of the titles in ``short`` that are no title themselves.

    A law's everyday names stand for the law in the forms too (民诉法解释).
    """
    by_id: dict[str, list[str]] = {}
    for name, ids in short.items():
        if len(name) <= MAX_LAW_NAME and len(ids) == 1:
            by_id.setdefault(ids[0], []).append(name)
    nicknames = {
        name: tuple(by_id[ids[0]]) for name, ids in short.items() if len(ids) == 1 and ids[0] in by_id
    }
    forms: dict[str, tuple[str, ...]] = {}
    for title, ids in short.items():
        for form in short_forms(title, nicknames):
            if form not in short:
                forms[form] = _joined(forms.get(form, ()), ids)
    return forms


def stands_free(text: str, start: int, name: str = "") -> bool:
    """True when no character before ``start`` could belong to the same name."""
    if start == 0 or not _HAN.match(text, start - 1):
        return True
    if _FOREIGN.search(text, max(start - 6, 0), start):
        return False
    if name in _DISTINCT or (len(name) >= _LONG_NAME and name.endswith("法")):
        return True
    return any(text[max(start - size, 0) : start] in _LEAD_INS for size in range(1, _LONGEST_LEAD_IN + 1))
