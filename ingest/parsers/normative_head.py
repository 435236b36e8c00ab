"""The head of a normative document: title, 发文字号, fields of a government page, notes under the title."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.lines import Finding, Line, ReadDocument
from ingest.parsers.normative_days import find_days, parse_day
from ingest.parsers.normative_fields import (
    find_document_number,
    read_fields,
    read_number_line,
    split_bodies,
)
from ingest.parsers.normative_structure import is_structural
from kb.errors import SourceError
from kb.text.normalise import HAN_CLASS

MAX_TITLE_CHARS = 200
_HEAD_LINES = 80
_LONG_LINE = 80
_GENRES = (
    "通知|公告|通告|意见|决定|办法|规定|细则|规划|方案|规则|指引|指南|纲要|计划|措施|标准|规范|目录|清单|批复|复函|函"
    "|命令|令|条例|章程|制度|要点|纪要|决议|公报|报告|基准|程序|流程|说明|举措|倡议|名单|解读|答复|安排|导则"
)
_ENDING = re.compile(rf"(?P<genre>{_GENRES})(?:[（(][^（()）]{{1,30}}[）)]){{0,3}}\Z")
_BLANK_AT_MARK = re.compile(r"(?<=[（(〔\[《“]) +| +(?=[）)〕\]》”])")
_LETTERHEAD = re.compile(rf"[{HAN_CLASS} ]{{4,40}}文件|[0-9]{{1,8}}|秘密|机密|特急|加急")


@dataclass
class Head:
    """What the lines before the text say."""

    title: str = ""
    number: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    note_days: list[dt.date] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_head(document: ReadDocument, lines: Sequence[Line]) -> tuple[Head, int]:
    """Title, number and fields, and the index where the text begins."""
    head = Head()
    pending: list[Line] = []
    index = 0
    while index < min(len(lines), _HEAD_LINES):
        line = lines[index]
        if fields := read_fields(line):
            head.fields |= {name: value for name, value in fields.items() if value}
            index += 1
            continue
        if not head.number and (number := read_number_line(line.text)):
            head.number = number
            index += 1
            continue
        if not head.title:
            title, used = read_title(lines, index, head.fields.get("title", ""))
            if title:
                head.title = title
                index += used
            elif len(line.text) > _LONG_LINE or is_structural(line.text):
                break
            else:
                pending.append(line)
                index += 1
            continue
        if tidy_title(line.text) in (head.title, head.fields.get("title", "")):
            index += 1
        elif line.text[0] in "（(" and len(line.text) < 200 and find_days(line.text):
            _read_note(line.text, head)
            index += 1
        elif _LETTERHEAD.fullmatch(line.text) or parse_day(line.text):
            head.note_days += [found.day for found in find_days(line.text)]
            index += 1
        else:
            break
    if not head.title:
        head.title = tidy_title(head.fields.get("title") or document.metadata.get("title", ""))
        index, pending = (0, []) if not head.fields else (index, pending)
    if not head.title:
        raise SourceError(
            "title_missing",
            "没有找到文件的标题。",
            place=f"{document.name} 第 {lines[0].number} 行" if lines else document.name,
            way_out="请在正文第一行写明标题（如“……关于……的通知”），再导入。",
        )
    for line in pending:
        if not _LETTERHEAD.fullmatch(line.text) and not split_bodies(line.raw):
            message = f"标题之前的“{line.text[:20]}”不是正文，没有收入"
            head.findings.append(Finding("line_before_title", message, line.number, lost=True))
    inner = re.search(r"[（(]([^（()）]{2,40}号)[）)]\Z", head.title)
    if inner and (number := read_number_line(inner[1])):
        head.number = head.number or number
        head.title = head.title[: inner.start()].strip()
    head.number = head.number or find_document_number(head.fields.get("document_number", ""))
    head.number = head.number or read_number_line(head.fields.get("document_number", ""))
    return head, index


def read_title(lines: Sequence[Line], index: int, given: str) -> tuple[str, int]:
    """A title that begins at ``index`` and the number of lines that it takes; ("", 0) when none does."""
    text = ""
    best = ("", 0)
    for used, line in enumerate(lines[index : index + 5], start=1):
        if line.cells or len(line.text) > MAX_TITLE_CHARS or is_structural(line.text):
            break
        text += line.text.strip()
        if len(text) > MAX_TITLE_CHARS or any(mark in text for mark in "。；"):
            break
        tidy = tidy_title(text)
        if tidy == tidy_title(given) and given:
            return tidy, used
        balanced = text.count("《") == text.count("》")
        if best[1] and not (
            line.text.startswith(("的", "》")) or (line.text[0] in "（(" and _ENDING.search(tidy))
        ):
            break
        if balanced and _ENDING.search(tidy) and len(tidy) > 4 and not _LETTERHEAD.fullmatch(tidy):
            best = (tidy, used)
    if (
        not best[1]
        and lines[index].level == 1
        and not (lines[index].cells or is_structural(lines[index].text))
    ):
        return tidy_title(lines[index].text), 1
    return best


def _read_note(text: str, head: Head) -> None:
    """A note in brackets under the title: （2022年11月15日 京司发〔2022〕40号 …）."""
    head.number = head.number or find_document_number(text)
    head.note_days += [found.day for found in find_days(text)]


def tidy_title(title: str) -> str:
    """A title on one line without stray blanks."""
    return _BLANK_AT_MARK.sub("", " ".join(title.split())).strip()


def find_genre(title: str) -> str:
    """The kind of document that a title ends with: 通知, 规划, 办法; empty when it ends otherwise."""
    match = _ENDING.search(title)
    return match["genre"] if match else ""
