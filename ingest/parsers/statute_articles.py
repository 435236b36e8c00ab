"""Which lines that begin with 第…条 are articles: numbering continuity tells them from references.

A line is a candidate when it begins with 第…条. It is an article when its number follows, or when it leaves
a gap that no later line fills; never when it reads as a reference or stands in text that an amendment
inserts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.lines import Finding, Line
from kb.text.numerals import NUMERAL_CLASS, format_article_label, parse_article_number

Number = tuple[int, int]

_START = re.compile(
    rf"(?P<mark>[第笫]) ?(?P<number>[{NUMERAL_CLASS}]{{1,16}}+) ?条"
    rf"(?P<inserted>之[{NUMERAL_CLASS}]{{1,3}}+(?!款|项))?(?P<rest>.*+)",
    re.DOTALL,
)
_REFERENCE = re.compile(
    r" ?(?:第[零一二三四五六七八九十百0-9（(]{1,8}[）)]?[款项目]|规定的|的|之规定|所称|所列|所规定|所指|"
    r"、第|至第|到第|和第|及第|以及第|或者第|与第|，第|相应改为|改为|修改为)"
)
_REFERENCE_WITHOUT_BLANK = re.compile(r"规定|中规定|中的|中所|，|、|》|”")
_RUN_ON = re.compile(
    rf"(?<=[。；！？”）：])[第笫]([{NUMERAL_CLASS}]{{1,16}}+)条(之[{NUMERAL_CLASS}]{{1,3}}+)?"
)


@dataclass(frozen=True)
class Candidate:
    """A line that begins with 第…条. ``index`` is its place among the lines, ``rest`` the text after it."""

    index: int
    line: Line
    number: Number | None
    rest: str
    blank: bool
    reference: bool
    mistyped: bool

    @property
    def text(self) -> str:
        """The article's first line."""
        return self.rest.lstrip(" ")


@dataclass(frozen=True)
class Chosen:
    """A candidate that is an article. ``sequence`` counts texts that begin anew at 第一条; ``repeat`` is 0,
    or 2 for the second time that a number comes in its sequence."""

    candidate: Candidate
    number: Number
    sequence: int
    repeat: int = 0


@dataclass(frozen=True)
class Choice:
    """The articles by the index of their line, and the candidates that are none with the reason."""

    articles: dict[int, Chosen]
    rejected: dict[int, Finding]


def read_candidate(index: int, line: Line) -> Candidate | None:
    """The candidate that ``line`` is; rows of tables and lines that open with a quotation mark are none."""
    match = None if line.cells or " | " in line.text else _START.match(line.text)
    if match is None:
        return None
    number = parse_article_number(f"第{match['number']}条{match['inserted'] or ''}")
    rest = match["rest"]
    blank = rest == "" or rest.startswith(" ") or rest.startswith(("【", "（")) or line.bold
    reference = bool(_REFERENCE.match(rest)) or (not blank and bool(_REFERENCE_WITHOUT_BLANK.match(rest)))
    return Candidate(index, line, number, rest, blank, reference, match["mark"] != "第")


def follows(number: Number, before: Number) -> bool:
    """Whether ``number`` comes right after ``before``: 第十八条 or 第十七条之一 after 第十七条."""
    return number in ((before[0] + 1, 0), (before[0], before[1] + 1))


def choose_articles(lines: Sequence[Line], amends: bool = False) -> Choice:
    """Tell the articles among ``lines``. ``amends``: a 修正案, which quotes articles that it inserts."""
    candidates = [one for i, line in enumerate(lines) if (one := read_candidate(i, line))]
    last_place: dict[Number, int] = {}
    for place, one in enumerate(candidates):
        if one.number is not None and not one.reference and not one.mistyped:
            last_place[one.number] = place
    quoted = _find_quoted(lines)
    articles: dict[int, Chosen] = {}
    rejected: dict[int, Finding] = {}
    before: Number = (0, 0)
    sequence = 0
    seen: dict[Number, int] = {}
    for place, one in enumerate(candidates):
        verdict = _judge(one, place, before, candidates, last_place, one.index in quoted, amends)
        if isinstance(verdict, Finding):
            rejected[one.index] = verdict
            continue
        assert one.number is not None
        if verdict == "anew":
            sequence += 1
            seen = {}
        seen[one.number] = seen.get(one.number, 0) + 1
        repeat = seen[one.number] if seen[one.number] > 1 else 0
        articles[one.index] = Chosen(one, one.number, sequence, repeat)
        if not repeat:
            before = one.number if verdict == "anew" else max(before, one.number)
    return Choice(articles, rejected)


def split_run_on(lines: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[Finding, ...]]:
    """Divide lines that hold several articles: …。第十六条…, where no line begins with that number."""
    numbers = {
        one.number for i, line in enumerate(lines) if (one := read_candidate(i, line)) and not one.mistyped
    }
    divided: list[Line] = []
    findings: list[Finding] = []
    before: Number = (0, 0)
    for index, line in enumerate(lines):
        first = read_candidate(index, line)
        if first is not None and first.number is not None and not first.reference and first.number > before:
            before = first.number
        cuts = [0]
        for match in _RUN_ON.finditer(line.text):
            number = parse_article_number(match[0].replace("笫", "第"))
            rest = line.text[match.end() :]
            if number is None or number in numbers or not before[0] or not follows(number, before):
                continue
            if number[1] or _REFERENCE.match(rest) or _REFERENCE_WITHOUT_BLANK.match(rest):
                continue
            cuts.append(match.start())
            before = number
        if len(cuts) > 1:
            label = format_article_label(before)
            message = f"这一行连排了 {len(cuts) - 1} 条（至{label}），已按条号分开"
            findings.append(Finding("article_run_on", message, line.number))
        ends = [*cuts[1:], len(line.text)]
        divided += [
            replace(line, text=line.text[start:end].strip())
            for start, end in zip(cuts, ends, strict=True)
            if line.text[start:end].strip()
        ]
    return tuple(divided), tuple(findings)


def _judge(
    one: Candidate,
    place: int,
    before: Number,
    candidates: Sequence[Candidate],
    last_place: dict[Number, int],
    quoted: bool,
    amends: bool,
) -> str | Finding:
    """``next``, ``gap`` or ``anew`` for an article, else the finding why it is none."""
    if one.number is None:
        return _reject(one, "article_number_unread", "条号读不出数字")
    comes_again = last_place.get(one.number, -1) > place
    if follows(one.number, before):
        if one.reference and (comes_again or not one.blank):
            return _reject(one, "article_reference", "行首是对该条的引用，不是条文的开头")
        return "next"
    if one.mistyped:
        return _reject_gap(one)
    if one.reference:
        return _reject(one, "article_reference", "行首是对该条的引用，不是条文的开头")
    if amends and before[0]:
        return _reject(one, "article_quoted", "修正案引出的新条文，随该项收入")
    if not before[0]:
        return "gap" if one.blank or one.number == (1, 0) else _reject_gap(one)
    if one.number == (1, 0) and before > (1, 0) and _second_follows(place, candidates):
        return "anew"
    if quoted:
        return _reject(one, "article_quoted", "引号内的条文，随引用它的条文收入")
    if one.number > before:
        filled_later = last_place.get((before[0] + 1, 0), -1) > place
        if filled_later and (comes_again or not one.blank):
            return _reject_gap(one)
        following = candidates[place + 1].number if place + 1 < len(candidates) else None
        if one.blank or (following is not None and follows(following, one.number)):
            return "gap"
        return _reject_gap(one)
    return "gap" if one.blank else _reject_gap(one)


def _second_follows(place: int, candidates: Sequence[Candidate]) -> bool:
    for one in candidates[place + 1 : place + 4]:
        if not one.reference:
            return one.number == (2, 0)
    return place + 1 >= len(candidates)


def _reject_gap(one: Candidate) -> Finding:
    return _reject(one, "article_reference", "条号不接续，按上一条的文字收入")


def _reject(one: Candidate, code: str, reason: str) -> Finding:
    return Finding(code, f"{one.line.text[:14]}…：{reason}", one.line.number)


def _find_quoted(lines: Sequence[Line]) -> set[int]:
    """Indices of lines that begin inside quotation marks opened on a line before."""
    inside: set[int] = set()
    open_mark = False
    for index, line in enumerate(lines):
        if open_mark:
            inside.add(index)
        opened, closed = line.text.rfind("“"), line.text.rfind("”")
        if opened >= 0 or closed >= 0:
            open_mark = opened > closed
    return inside
