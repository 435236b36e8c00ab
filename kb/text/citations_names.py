"""Read the name of the work that stands before an article, and short names that a text defines itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kb.text.catalogue import TitleCatalogue, stands_free
from kb.text.citations_documents import DocumentNumber
from kb.text.citations_types import TitleKind
from kb.text.normalise import HAN_CLASS
from kb.text.numerals import NUMERAL_CLASS
from kb.text.quoted_titles import QuotedTitle
from kb.text.short_titles import STATE_NAME

MAX_DEFINED = 50
"""Short names that one text may define."""
_GAP_WINDOW = 64
_NEAR = 9

_DIVISION = (
    rf"第[{NUMERAL_CLASS}]{{1,4}}(?:编|分编|章|节)"
    "|(?:总则|物权|合同|人格权|婚姻家庭|继承|侵权责任|分则|通则)编?"
)
# Between a name and its article: 《民法典》（2020年）第五编第一章的第…条.
_GAP_TAIL = re.compile(
    r"(?:[（(](?![一二三四五六七八九十]{1,3}[)）])[^（()）]{1,40}[)）])?[ \u3000\n]{0,2}"
    rf"(?:{_DIVISION}){{0,4}}"
    r"(?:[中的之里上]|[中里上]的|规定的|当中的?|里面的?|里头的?)?[ \u3000\n]{0,2}\Z"
)
_WORKS = (
    "(?:法典|法律|法|条例|规定|办法|解释|细则|决定|规则|章程"
    "|通知|意见|准则|公约|方案|批复|纪要|标准|指引|规范)"
)
_RELATIVE = re.compile(
    r"(?:(?<![基根样版文原资成日])本|(?<![应])该|(?<![因如彼])此|上述|前述|上引|前引|(?<![合不相共])同|这部)"
    rf"{_WORKS}\Z"
    r"|其(?:实施)?(?:条例|细则|办法|规定|司法解释|解释)\Z"
)
_NAME_LIKE = re.compile(
    rf"(?:[{HAN_CLASS}](?:法典|法|条例|规定|办法|解释|细则|规则|公约)"
    r"|合同|合约|协议|协议书|遗嘱|附件|章程|手册|规约|守则|须知|》)"
    r"(?:[一二三四五六七八九]|[（(][一二三四五六七八九十]{1,3}[)）])?\Z"
)
_LIKE_LAW = re.compile(
    "(?:(?<![方做想看说写用手语书魔疗兵办活吸忆唱画拳剑棋吃喝睡])法|(?<!方)办法|法典|条例|规定|解释|细则|规则|公约"
    "|(?:的|实施|指导|若干|执行)(?:意见|通知|决定|批复)|修正案|规划|纪要)"
    "(?:（[^（）]{1,16}）|[一二三四五六七八九])?\\Z"
)
# 《关于…意见》 is a document and 《决定》 short for one; 《停水通知》 《处罚决定》 are papers of one affair.
_LIKE_NOTICE = re.compile("(?:\\A|关于.{1,140})(?:意见|通知|决定|批复)(?:（[^（）]{1,16}）)?\\Z")
_DEFINITION = re.compile(
    r"[（(](?:以下|下文|下称|简称|下简称)(?:均|统)?(?:简称|称|统称)?(?:为)?[：:]?"
    r"(?:[“《「\"](?P<marked>[^”》」\"（）()\n]{2,40})[”》」\"]|(?P<plain>[^“”《》「」\"（）()\n，,。；;]{2,40}))"
)
_EDITION_YEAR = re.compile(r"[（(](?P<year>[12][0-9]{3})年?[^（()）]{0,16}[)）]")
_YEAR_BEFORE = re.compile(r"(?P<year>[12][0-9]{3})年?(?:版|修正|修订|修改)?的?\Z")


@dataclass(frozen=True)
class Name:
    """The name before an article: ``text[start:end]``, as the kind says."""

    start: int
    end: int
    title: str | None
    kind: TitleKind
    full_title: str | None = None


@dataclass(frozen=True)
class NameReader:
    """All that tells a name: titles in 《》 by their ends, the catalogue, names that the text defines."""

    closes: Mapping[int, QuotedTitle]
    numbers: Mapping[int, DocumentNumber]
    catalogue: TitleCatalogue | None
    defined: Mapping[str, str] = field(default_factory=dict)
    _sizes: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        text: str,
        quoted: Sequence[QuotedTitle],
        documents: Sequence[DocumentNumber],
        catalogue: TitleCatalogue | None,
    ) -> NameReader:
        """Reader for one text."""
        closes = {title.end: title for title in quoted}
        defined = find_definitions(text, quoted)
        sizes = tuple(sorted({len(name) for name in defined}, reverse=True))
        numbers = {document.end: document for document in documents}
        return cls(closes, numbers, catalogue, defined, sizes)

    def is_work(self, title: str) -> bool:
        """True for a title in 《》 that is a law's: defined in the text, known, or ending like one."""
        if title in self.defined or _LIKE_LAW.search(title) or _LIKE_NOTICE.search(title):
            return True
        return self.catalogue is not None and self.catalogue.knows(title)

    def read(self, text: str, end: int) -> Name:
        """The name that stands before an article expression beginning at ``end``."""
        low = max(end - _GAP_WINDOW, 0)
        ends = [end]
        if gap := _search_gap(text[low:end]):
            ends.append(low + gap)
        for place in dict.fromkeys(ends):
            if self.catalogue is not None:
                start = self.catalogue.find_name_before(text, place)
                # 《民法典》婚姻家庭编: the name behind 》 is a part of the work in 《》
                if start is not None and (text[start] == "《" or start not in self.closes or len(ends) == 1):
                    return Name(start, place, text[start:place], TitleKind.BARE)
            if document := self.numbers.get(place):
                return Name(document.start, place, None, TitleKind.NUMBER)
            if title := self.closes.get(place):
                if not self.is_work(title.title):
                    return Name(end, end, None, TitleKind.UNKNOWN)
                return Name(title.start, place, title.title, TitleKind.QUOTED, self.defined.get(title.title))
            for size in self._sizes:
                if (name := text[max(place - size, 0) : place]) in self.defined and stands_free(
                    text, place - size
                ):
                    return Name(place - size, place, name, TitleKind.BARE, self.defined[name])
        for place in dict.fromkeys(ends):
            near = text[max(place - _NEAR, 0) : place]
            if relative := _RELATIVE.search(near):
                return Name(place - len(relative[0]), place, relative[0], TitleKind.RELATIVE)
            if _NAME_LIKE.search(near):
                return Name(end, end, None, TitleKind.UNKNOWN)
        return Name(end, end, None, TitleKind.NONE)


def find_definitions(text: str, quoted: Sequence[QuotedTitle]) -> dict[str, str]:
    """Short names that ``text`` gives to titles: 《…的解释（一）》（以下简称《解释一》）."""
    defined: dict[str, str] = {}
    for title in quoted:
        match = _DEFINITION.match(text, title.end)
        if match is None:
            number = text.find("）", title.end, title.end + 30)
            match = _DEFINITION.match(text, number + 1) if number > 0 else None
        if match is not None and len(defined) < MAX_DEFINED:
            name = "".join((match["marked"] or match["plain"]).split())
            if name != title.title:
                defined[name] = title.title
    return defined


def find_edition(text: str, name: Name, end: int) -> tuple[int | None, bool]:
    """The year that pins an edition (《刑法》（2020年修正）, 2012年《刑法》), and whether 原 is before."""
    before = text[max(name.start - 12, 0) : name.start].removesuffix(STATE_NAME)
    former = before.endswith(("原", "原来的", "旧", "修正前的", "修订前的", "修改前的"))
    inside = _EDITION_YEAR.search(name.title or "", max(len(name.title or "") - 24, 0))
    match = inside or _EDITION_YEAR.match(text, name.end, end) or _YEAR_BEFORE.search(before)
    return (int(match["year"]) if match else None), former


def _search_gap(window: str) -> int | None:
    """Where the gap between a name and its article begins in ``window``; None when there is none."""
    match = _GAP_TAIL.search(window)
    return match.start() if match and match.start() < len(window) else None
