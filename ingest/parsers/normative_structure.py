"""The body of a normative document as blocks: 一、（一）1. by GB/T 9704, or 条 under 章 and 节.

An item （一） is one block under its heading 一、; a heading 一、 without items is a block itself; in the 条
form each article is one. Words before the first mark are 引言, what stands behind 附件 is a block each, and a
text without marks is one block 全文.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.drafts import DraftProvision
from ingest.lines import Finding, Line
from kb.text.normalise import HAN_CLASS
from kb.text.numerals import format_article_label, format_number, parse_article_number, parse_number

PREFACE = "引言"
WHOLE_TEXT = "全文"
MAX_HEADING_CHARS = 60

_CHINESE = "[零〇一二三四五六七八九十百]{1,6}+"
_HEADING = re.compile(rf"(?P<number>{_CHINESE})、 ?(?P<text>.*)", re.DOTALL)
_ITEM = re.compile(rf"[（(] ?(?P<number>{_CHINESE}) ?[）)][、.．]? ?(?P<text>.*)", re.DOTALL)
_POINT = re.compile(r"(?P<number>\d{1,3}+) ?[.．、](?!\d) ?(?P<text>.*)", re.DOTALL)
_ARTICLE = re.compile(
    r"(?P<label>第 ?[0-9零〇一二三四五六七八九十百千]{1,10}+ ?条(?:之[一二三四五六七八九十]{1,3}+)?)"
    r"(?P<gap>[ :：]{0,3}+)(?P<text>.*)",
    re.DOTALL,
)
_DIVISION = re.compile(
    r"(?P<mark>第 ?[0-9零〇一二三四五六七八九十百]{1,6}+ ?(?P<level>编|分编|章|节|部分)|附则\Z|总则\Z)"
    r"[ :：]{0,3}+(?P<text>.{0,60})"
)
_ANNEX = re.compile(
    r"附 ?(?P<what>件|表|录|图)? ?(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})?"
    r"(?:[:：]?\Z|(?P<gap>[:： ])(?P<title>.{1,80})\Z)"
)
_CONTENTS = re.compile(r"目 ?录")
_LEADERS = re.compile(r"[.．…·\-—_ ]{0,200}\d{0,4}\Z")
_LEVELS = {"编": 0, "部分": 0, "分编": 1, "章": 2, "节": 3}
_FIRST_SENTENCE = re.compile(r"[^。；：！？]{1,40}。")
_SENTENCE_MARKS = "。；！？"
_LONG_LINE = 60


@dataclass(frozen=True)
class Structure:
    """Blocks in order; ``candidates`` lines bear a mark of a provision, ``unread`` of them became text."""

    provisions: tuple[DraftProvision, ...]
    candidates: int
    unread: int
    findings: tuple[Finding, ...]


def is_structural(text: str) -> bool:
    """Whether a line begins with 一、（一）第一条 or 第一章."""
    heading = _HEADING.match(text) or _ITEM.match(text)
    if heading is not None:
        return parse_number(heading["number"]) is not None
    return bool(_ARTICLE.match(text) or (_DIVISION.fullmatch(text) and len(text) <= MAX_HEADING_CHARS))


def is_annex_mark(text: str) -> bool:
    """Whether a line is 附件, 附件1, 附件2：… alone; a list of annexes (附件：1.…) is none."""
    match = _ANNEX.fullmatch(text)
    if match is None or (match["what"] is None and match["number"] is not None):
        return False
    title = match["title"] or ""
    if title and (not match["number"] or re.match(r"\d{1,2}[.、]", title)):
        return False
    return not any(mark in title for mark in _SENTENCE_MARKS)


def read_structure(lines: Sequence[Line], *, annexes: bool = True) -> Structure:
    """Blocks of ``lines``; with ``annexes`` False a line 附件 stays in the text around it."""
    findings: list[Finding] = []
    kept = _join_broken([line for line in _drop_contents(lines, findings) if _text_of(line)])
    body, tails = _split_annexes(kept) if annexes else (kept, [])
    articles = [line for line in body if _ARTICLE.match(line.text)]
    first = parse_article_number(_label(articles[0].text)) if articles else None
    reader = _Reader(findings)
    if articles and (len(articles) > 2 or first == (1, 0)):
        reader.read_articles(body)
    elif any(_starts_at_one(_HEADING, line) or _starts_at_one(_ITEM, line) for line in body):
        reader.read_items(body)
    elif sum(bool(_POINT.match(line.text)) for line in body) > 1:
        reader.read_points(body)
    else:
        reader.read_plain(body)
    for tail in tails:
        reader.read_annex(tail)
    return Structure(tuple(reader.provisions), reader.candidates, reader.unread, tuple(findings))


def _text_of(line: Line) -> str:
    return " | ".join(cell for cell in line.cells if cell) if line.cells else line.text.strip()


def _label(text: str) -> str:
    match = _ARTICLE.match(text)
    return "".join(match["label"].split()) if match else ""


def _starts_at_one(pattern: re.Pattern[str], line: Line) -> bool:
    match = pattern.match(line.text)
    return bool(match and parse_number(match["number"]) == 1)


def _join_broken(lines: Sequence[Line]) -> list[Line]:
    """Put a long line that stops inside a sentence and the next one together, where no mark begins there."""
    joined: list[Line] = []
    parts: list[str] = []
    for line in lines:
        last = parts[-1] if parts else ""
        before = joined[-1] if joined else None
        broken = (
            before is not None
            and not (before.cells or line.cells or line.level or before.level)
            and len(last) >= _LONG_LINE
            and re.match(f"[{HAN_CLASS}，、]", last[-1:])
            and re.match(f"[{HAN_CLASS}，、。；]", line.text)
            and not is_structural(line.text)
            and not is_annex_mark(line.text)
        )
        if broken:
            parts.append(line.text)
            continue
        if before is not None and len(parts) > 1:
            joined[-1] = _with_text(before, "".join(parts))
        joined.append(line)
        parts = [line.text]
    if joined and len(parts) > 1:
        joined[-1] = _with_text(joined[-1], "".join(parts))
    return joined


def _with_text(line: Line, text: str) -> Line:
    return Line(text, text, line.number, line.page, line.level, line.centred, line.bold, line.cells)


def _drop_contents(lines: Sequence[Line], findings: list[Finding]) -> list[Line]:
    """Take a 目录 out when all its entries come again as headings."""
    start = next((i for i, line in enumerate(lines) if _CONTENTS.fullmatch(line.text)), None)
    if start is None:
        return list(lines)
    end = start + 1
    entries: set[str] = set()
    while end < len(lines) and len(lines[end].text) <= MAX_HEADING_CHARS:
        entry = "".join(_LEADERS.sub("", lines[end].text[-200:]).split())
        if entry in entries or not (is_structural(lines[end].text) or is_annex_mark(lines[end].text)):
            break
        entries.add(entry)
        end += 1
    later = {"".join(line.text.split()) for line in lines[end:]}
    if not entries or not all(entry in later for entry in entries):
        return list(lines)
    findings.append(
        Finding("contents_dropped", f"目录 {len(entries)} 行不是正文，没有收入", lines[start].number)
    )
    return [*lines[:start], *lines[end:]]


def _split_annexes(lines: Sequence[Line]) -> tuple[list[Line], list[list[Line]]]:
    marks = [i for i, line in enumerate(lines) if i and not line.cells and is_annex_mark(line.text)]
    if not marks:
        return list(lines), []
    ends = [*marks[1:], len(lines)]
    return list(lines[: marks[0]]), [list(lines[a:b]) for a, b in zip(marks, ends, strict=True)]


@dataclass
class _Block:
    """A block as it grows."""

    label: str
    path: tuple[str, ...]
    number: tuple[int, int] | None = None
    texts: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0

    def add(self, text: str, line: Line) -> None:
        if text:
            self.texts.append(text)
        self.first = self.first or line.number
        self.last = max(self.last, line.number)


class _Reader:
    """Lines to blocks; one method for each form of document."""

    def __init__(self, findings: list[Finding]) -> None:
        self._findings = findings
        self._divisions: dict[int, str] = {}
        self._block: _Block | None = None
        self.provisions: list[DraftProvision] = []
        self.candidates = 0
        self.unread = 0

    def read_articles(self, lines: Sequence[Line]) -> None:
        previous = (0, 0)
        self._open(_Block(PREFACE, ()))
        for line in lines:
            match = _ARTICLE.match(line.text)
            if match is None:
                if not self._divide(line):
                    self._add(line)
                continue
            self.candidates += 1
            number = parse_article_number("".join(match["label"].split()))
            expected = number in ((previous[0] + 1, 0), (previous[0], previous[1] + 1))
            if number is None or not (expected or (match["gap"] and number > previous)):
                self.unread += 1
                self._report("article_unread", f"“{line.text[:12]}”像条文而序号不合，按正文收入", line)
                self._add(line)
                continue
            if not expected:
                self._report(
                    "number_gap",
                    f"{format_article_label(previous)}之后是{format_article_label(number)}",
                    line,
                )
            previous = number
            self._open(_Block(format_article_label(number), self._path(), number))
            self._add(line, match["text"])
        self._close()

    def read_items(self, lines: Sequence[Line]) -> None:
        """一、 headings with （一） items; either alone will do."""
        heading = ""
        last_heading = last_item = 0
        listed = 0
        self._open(_Block(PREFACE, ()))
        for line in lines:
            if self._divide(line):
                heading, last_heading, last_item, listed = "", 0, 0, 0
                continue
            text = line.text
            if match := _HEADING.match(text):
                number = parse_number(match["number"])
                self.candidates += 1
                restart = number == 1 and len(text) <= MAX_HEADING_CHARS
                if number is None or (number <= last_heading and not restart):
                    self.unread += 1
                    self._report("number_disordered", f"“{text[:12]}”序号不合，按正文收入", line)
                    self._add(line)
                    continue
                self._check(number, last_heading, f"{match['number']}、", line, restart)
                last_heading, listed = number, 0
                heading = _name_heading(match["number"], match["text"])
                self._open(_Block(f"{format_number(number)}、", self._path()), heading)
                self._add(line, match["text"])
                continue
            if match := _ITEM.match(text):
                number = parse_number(match["number"])
                if number is not None and (listed or self._begins_list(number, text)):
                    if number == listed + 1:  # 项 of an enumeration inside one block
                        listed = 0 if text.endswith("。") else number
                        self._add(line)
                        continue
                    listed = 0
                self.candidates += 1
                if number is None:
                    self.unread += 1
                    self._add(line)
                    continue
                if number <= last_item and number != 1:
                    self._report("number_repeated", f"（{match['number']}）序号重复或倒退", line)
                else:
                    self._check(number, last_item, f"（{match['number']}）", line, number == 1)
                last_item = number
                self._open_item(f"（{format_number(number)}）", heading)
                self._add(line, match["text"])
                continue
            self._add(line)
        self._close()

    def read_points(self, lines: Sequence[Line]) -> None:
        """1. 2. alone, in strict order; anything else is text."""
        previous = 0
        self._open(_Block(PREFACE, ()))
        for line in lines:
            if self._divide(line):
                previous = 0
                continue
            match = _POINT.match(line.text)
            if match and int(match["number"]) == previous + 1:
                previous += 1
                self.candidates += 1
                self._open(_Block(f"{previous}.", self._path()))
                self._add(line, match["text"])
            else:
                self._add(line)
        self._close()

    def read_plain(self, lines: Sequence[Line]) -> None:
        self._open(_Block(WHOLE_TEXT, ()))
        for line in lines:
            self._add(line)
        self._close()

    def read_annex(self, lines: Sequence[Line]) -> None:
        match = _ANNEX.fullmatch(lines[0].text)
        mark = f"附{match['what'] or ''}{match['number'] or ''}" if match else "附件"
        self._open(_Block(mark if mark != "附" else "附件", ()))
        self._add(lines[0], (match["title"] or "") if match else lines[0].text)
        for line in lines[1:]:
            self._add(line)
        self._close()

    def _begins_list(self, number: int, text: str) -> bool:
        before = self._block.texts[-1] if self._block and self._block.texts else ""
        return number == 1 and text.endswith(("；", ";")) and before.endswith(("：", ":"))

    def _divide(self, line: Line) -> bool:
        match = _DIVISION.fullmatch(line.text) if len(line.text) <= MAX_HEADING_CHARS else None
        if match is None or any(mark in line.text for mark in _SENTENCE_MARKS):
            return False
        self._close()
        level = _LEVELS.get(match["level"] or "章", 2)
        self._divisions = {key: text for key, text in self._divisions.items() if key < level}
        self._divisions[level] = " ".join(
            part for part in ("".join(match["mark"].split()), "".join(match["text"].split())) if part
        )
        self._block = None
        return True

    def _path(self) -> tuple[str, ...]:
        return tuple(text for _, text in sorted(self._divisions.items()))

    def _open(self, block: _Block, heading: str = "") -> None:
        self._close()
        self._block = block
        self._heading_of_block = heading

    def _open_item(self, label: str, heading: str) -> None:
        """The first item under a heading turns the heading's block into its introduction, if it has words."""
        block = self._block
        if block is not None and self._heading_of_block == heading and heading and block.label.endswith("、"):
            block.path = (*self._path(), heading)
            title = heading.split("、", 1)[1]
            if block.texts and block.texts[0].rstrip("。：") == title:
                block.texts.pop(0)
            elif block.texts:
                block.texts[0] = block.texts[0].removeprefix(f"{title}。")
        self._open(_Block(label, (*self._path(), heading) if heading else self._path()))

    def _close(self) -> None:
        block = self._block
        if block is not None and block.texts:
            self.provisions.append(
                DraftProvision(
                    block.number, block.label, block.path, "\n".join(block.texts), (block.first, block.last)
                )
            )
        elif block is not None and block.number is not None:
            self._findings.append(Finding("text_empty", f"{block.label}没有内容", block.first))
        self._block = None
        self._heading_of_block = ""

    def _add(self, line: Line, text: str | None = None) -> None:
        if self._block is None:
            self._open(_Block(PREFACE, self._path()))
        assert self._block is not None
        self._block.add(_text_of(line) if text is None else text.strip(), line)

    def _check(self, number: int, previous: int, label: str, line: Line, restart: bool) -> None:
        if number != previous + 1 and not restart:
            self._report("number_gap", f"{label}之前缺少第 {previous + 1} 项", line)

    def _report(self, code: str, message: str, line: Line) -> None:
        self._findings.append(Finding(code, message, line.number))


def _name_heading(number: str, text: str) -> str:
    """A heading as it enters the path: all of a short line, else its first sentence, else its number."""
    text = text.strip()
    if len(text) <= MAX_HEADING_CHARS and not any(mark in text[:-1] for mark in _SENTENCE_MARKS):
        return f"{number}、{text.rstrip('。：')}"
    match = _FIRST_SENTENCE.match(text)
    return f"{number}、{match[0][:-1]}" if match else f"{number}、"
