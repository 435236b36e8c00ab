"""One spelling for Chinese text, with a map back to the characters of the original.

Kangxi radicals and compatibility characters become ordinary characters, full-width letters and
digits half-width, invisible marks and control characters go, and so do blanks between Chinese
characters and inside 《》. Chinese punctuation and line breaks stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

HAN_CLASS = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters, for use inside a regular expression's brackets."""

_CHINESE_MARKS = "、。，；：？！（）《》〈〉「」『』“”‘’〔〕【】—…·"
_TIGHT = f"{HAN_CLASS}{_CHINESE_MARKS}"

# The supplement's radicals have no decomposition in Unicode's own tables, so both rows stand here.
_RADICALS = (
    "⺁⺇⺌⺎⺏⺐⺑⺓⺔⺖⺗⺘⺙⺛⺝⺟⺠⺡⺢⺣⺤⺥⺧⺨⺩⺫⺬⺭⺮⺯⺰⺱⺲⺶⺷⺸⺹⺺⺼⺽⺾⺿⻀⻁⻂"
    "⻃⻄⻅⻆⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳"
)
_CHARACTERS = (
    "厂几小兀尣尢尢幺彑忄心扌攵旡月母民氵水灬爪爪牛犭王目示礻竹糹纟网罒羊羊羊耂聿肉臼艹艹艹虎衤"
    "覀西见角讠贝足车辶辶辶阝钅長镸长门阝雨青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾齐齿龙龟"
)


@dataclass(frozen=True)
class NormalisedText:
    """Clean text; ``offsets[i]`` is where character i began in the original, the last entry its length."""

    text: str
    offsets: Sequence[int]

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Span in the original of ``text[start:end]``."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


def _build_replacements() -> dict[str, str]:
    """Every character that is written otherwise, with what stands for it."""
    table: dict[str, str] = dict(zip(_RADICALS, _CHARACTERS, strict=True))
    blocks = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F), (0x3200, 0x33FF), (0x2474, 0x249B))
    for low, high in blocks:
        for code in range(low, high + 1):
            char = chr(code)
            plain = unicodedata.normalize("NFKC", char)
            if plain != char:
                table.setdefault(char, plain)
    for code in range(0x3220, 0x322A):  # ㈠ is the mark of a 项, which law writes with Chinese brackets
        table[chr(code)] = f"（{unicodedata.normalize('NFKC', chr(code))[1:-1]}）"
    for low, high in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)):
        table |= {chr(code): chr(code - 0xFEE0) for code in range(low, high + 1)}
    table |= {"\r\n": "\n", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}
    table |= {"\u2028": "\n", "\u2029": "\n", "\t": " ", "\xa0": " ", "\u3000": " ", "\u1680": " "}
    table |= {chr(code): " " for code in (*range(0x2000, 0x200B), 0x202F, 0x205F)}
    return table


_REPLACEMENTS = _build_replacements()
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff"
)
_REPLACED = "".join(re.escape(char) for char in _REPLACEMENTS if len(char) == 1 and char < "\U00010000")
_SUPPLEMENT = "\U0002f800-\U0002fa1d"
# One class, the far characters as a range: the engine looks for it a hundred times faster than for a list.
_SPELLING = re.compile(f"[{_REPLACED}{_SUPPLEMENT}{_INVISIBLE}]")

# A blank after 第十条 or 第一章 at the head of a line divides the number from what follows: it stays.
_BLANK = re.compile(
    r"(?P<head>^ {0,8}+第[ 0-9零〇一二三四五六七八九十百千]{1,16}+"
    r"(?:条(?:之[一二三四五六七八九十0-9]{1,3}+)?|分编|[编章节]))"
    r"(?P<after> {1,64}+)|(?P<blank> ++)|(?P<open>《)|(?P<close>》)|(?P<line>\n)",
    re.MULTILINE,
)
_TIGHT_CHAR = re.compile(f"[{_TIGHT}]")
_NUMERAL_BEFORE = re.compile(r"第[ 0-9零〇一二三四五六七八九十百千]{0,16}+\Z")
_HAN_CHAR = re.compile(f"[{HAN_CLASS}]")


def normalise(text: str) -> NormalisedText:
    """Clean ``text`` in linear time; the result is stable under a second pass.

    Lone surrogates, NUL and other control characters are dropped. Blanks go where one side is a
    Chinese character and the other a Chinese character or mark, within 第 17 条, and inside 《》 except
    between two Latin letters or digits; other runs of blanks become one.
    """
    spelled, offsets = _respell(text)
    return _close_blanks(spelled, offsets)


def normalise_query(text: str) -> str:
    """A person's question in one line: as ``normalise``, but blanks between words stay, one each.

    People part words with blanks (拖欠工资 劳动法第50条), so only spelling and invisible marks change.
    """
    spelled, _ = _respell(text)
    return " ".join(spelled.split())


def _respell(text: str) -> tuple[str, Sequence[int]]:
    """Replace and drop single characters."""
    first = _SPELLING.search(text)
    if first is None:
        return text, range(len(text) + 1)
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    for match in _SPELLING.finditer(text, first.start()):
        start, end = match.span()
        pieces.append(text[position:start])
        offsets.extend(range(position, start))
        written = _REPLACEMENTS.get(match[0], "")
        if written == "\n" and text.startswith("\r\n", start):
            end += 1
        pieces.append(written)
        offsets.extend([start] * len(written))
        position = end
    pieces.append(text[position:])
    offsets.extend(range(position, len(text) + 1))
    return "".join(pieces), offsets


def _close_blanks(text: str, origin: Sequence[int]) -> NormalisedText:
    """Take out the blanks that part no words."""
    if " " not in text:
        return NormalisedText(text, origin)
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    depth = 0
    for match in _BLANK.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
            continue
        if kind == "close":
            depth = max(depth - 1, 0)
            continue
        if kind == "line":
            depth = 0
            continue
        start, end = match.span("after" if kind == "after" else "blank")
        before, after = text[start - 1 : start], text[end : end + 1]
        if kind == "after":
            head_start, head_end = match.span("head")
            kept = " "
            for blank in re.finditer(" +", text[head_start:head_end]):
                pieces.append(text[position : head_start + blank.start()])
                offsets.extend(origin[position : head_start + blank.start()])
                position = head_start + blank.end()
        else:
            kept = "" if _joins(text, start, before, after, depth > 0) else " "
        if end - start == 1 and kept:
            continue
        pieces.append(text[position:start] + kept)
        offsets.extend(origin[position:start])
        offsets.extend(origin[start : start + len(kept)])
        position = end
    pieces.append(text[position:])
    offsets.extend(origin[position:])
    return NormalisedText("".join(pieces), offsets)


def _joins(text: str, start: int, before: str, after: str, in_title: bool) -> bool:
    """True when the blank run at ``start`` between two characters parts no words."""
    if not before or not after or before == "\n" or after == "\n":
        return True
    before_tight, after_tight = bool(_TIGHT_CHAR.match(before)), bool(_TIGHT_CHAR.match(after))
    if before_tight and after_tight:
        return bool(in_title or _HAN_CHAR.match(before) or _HAN_CHAR.match(after))
    if in_title:
        return before_tight or after_tight
    if after in "条章节编款项目" and before.isdigit():
        return bool(_NUMERAL_BEFORE.search(text, max(0, start - 18), start))
    return before == "第" and after.isdigit()
