"""Where the parts of a statute file lie: title, title note, table of contents, and the body.

The shared Markdown layout ends its header with a mark; other formats show the title, the note in brackets and
perhaps an order of promulgation and a table of contents before the body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.lines import Finding, Line, ReadDocument
from ingest.parsers.headings import Heading, read_heading, read_listed_heading
from ingest.parsers.title_note import is_document_number, is_title_note

INFO_END = "info_end"
_BLANKS = re.compile(r"\s++")
_CONTENTS = re.compile(r"目 ?录|目 ?次")
_ENDS_SENTENCE = ("。", "；", "：", "，", "！", "？")
_MAX_TITLE_LINES = 6
_MAX_TITLE = 120
_FIELD = re.compile(
    r"[【\[]?(来源|发布时间|发布日期|公布日期|成文日期|施行日期|实施日期|生效日期|发布单位|发布机关|发文机关|发文机构|制定机关|"
    r"发文字号|文号|字号|索引号|主题分类|标题|名称|时效性|效力级别|效力|法律性质|有效性|公文种类|主题词|浏览次数|字体|"
    r"时间|日期|作者|责任编辑)[】\]]? ?[：:](.{0,80})"
)
_PROMULGATES = re.compile(r"现予(?:公布|发布)|现(?:将|予以).{0,60}(?:公布|发布)")
_ORDER_TITLE = re.compile(r".{2,40}(?:令|公告)(?: ?[（(]?第.{1,10}号[）)]?)?")
_ARTICLE_START = re.compile(r"[第笫][0-9零〇○一二三四五六七八九十百千 ]{1,16}条")
_REST_OF_NOTE = re.compile(r".{0,20}(?:通过|修正|修订|公布|发布)[）)]")


@dataclass(frozen=True)
class Layout:
    """The parts of one file. ``titles`` are the lines of title and part; ``fields`` what lines such as
    公布日期：… say; ``order`` the order of promulgation; ``dropped`` what stands twice (contents, title)."""

    titles: tuple[str, ...]
    notes: tuple[Line, ...]
    body: tuple[Line, ...]
    order: tuple[Line, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    dropped: tuple[Line, ...] = ()
    findings: tuple[Finding, ...] = ()


def lay_out(document: ReadDocument) -> Layout:
    """Divide the lines of a statute file; every line lands in exactly one part."""
    lines = tuple(line for line in document.lines if line.text.strip() and not line.text.startswith("<!--"))
    mark = int(document.metadata.get(INFO_END, "0") or 0)
    layout = _divide_marked(lines, mark) if mark else _divide_unmarked(lines)
    layout = _drop_contents(layout)
    return _drop_repeated_title(layout)


def close_blanks(text: str) -> str:
    """``text`` without any blank, for comparing titles."""
    return _BLANKS.sub("", text)


def is_article_start(text: str) -> bool:
    """Whether ``text`` begins with 第…条."""
    return _ARTICLE_START.match(text) is not None


def _divide_marked(lines: Sequence[Line], mark: int) -> Layout:
    header = [line for line in lines if line.number < mark]
    body = [line for line in lines if line.number > mark]
    titles = [line for line in header if line.level]
    notes = [line for line in header if not line.level]
    if not titles and notes:
        titles, notes = notes[:1], notes[1:]
    if body and notes and _REST_OF_NOTE.fullmatch(body[0].text) and not body[0].text.startswith("（"):
        notes[-1] = replace(notes[-1], text=notes[-1].text + body[0].text)
        body = body[1:]
    names = tuple(line.text for line in titles)
    layout = Layout(names, tuple(notes), tuple(body))
    return _take_leading_notes(_take_title_out_of_notes(layout))


def _take_title_out_of_notes(layout: Layout) -> Layout:
    """Lines of the header that only say the title again, broken in two."""
    plain = [
        index for index, line in enumerate(layout.notes) if not any(char.isdigit() for char in line.text)
    ]
    wanted = close_blanks(layout.titles[0]) if layout.titles else ""
    for count in (1, 2, 3):
        chosen = plain[:count]
        if wanted and close_blanks("".join(layout.notes[index].text for index in chosen)) == wanted:
            kept = tuple(line for index, line in enumerate(layout.notes) if index not in chosen)
            gone = tuple(layout.notes[index] for index in chosen)
            return replace(layout, notes=kept, dropped=layout.dropped + gone)
    return layout


def _take_leading_notes(layout: Layout) -> Layout:
    """Numbers (法释〔…〕…号) and notes in brackets that stand at the head of the body."""
    notes = list(layout.notes)
    body = list(layout.body)
    kept: list[Line] = []
    for index, line in enumerate(body[: _MAX_TITLE_LINES + 2]):
        if is_document_number(line.text) or is_title_note(line.text):
            notes.append(line)
        elif is_article_start(line.text) or line.level or line.text.endswith("。"):
            kept += body[index:]
            break
        else:
            kept.append(line)
    else:
        kept += body[_MAX_TITLE_LINES + 2 :]
    return replace(layout, notes=tuple(notes), body=tuple(kept))


def _divide_unmarked(lines: Sequence[Line]) -> Layout:
    """Title, note and body of a file without marks, by what the lines say and how they stand."""
    order, rest = _split_order(lines)
    fields: dict[str, str] = {}
    titles: list[Line] = []
    notes: list[Line] = []
    position = 0
    while position < len(rest):
        line = rest[position]
        text = line.text
        if (match := _FIELD.fullmatch(text)) is not None:
            fields[match[1]] = match[2].strip()
        elif is_title_note(text) or is_document_number(text) or (notes and _opens_note(notes[-1].text)):
            notes.append(line)
        elif _CONTENTS.fullmatch(text) or is_article_start(text) or (read_heading(line) and line.level != 1):
            break
        elif not notes and len(titles) < _MAX_TITLE_LINES and _may_be_title(line, titles):
            titles.append(line)
        elif text.startswith(("（", "(")) and not text.endswith(("）", ")")) and titles and not notes:
            notes.append(line)
        else:
            break
        position += 1
    name = _join_title(titles)
    return Layout((name,) if name else (), tuple(notes), tuple(rest[position:]), tuple(order), fields)


def _split_order(lines: Sequence[Line]) -> tuple[Sequence[Line], Sequence[Line]]:
    """An order of promulgation (…令 第…号 …现予公布…) with its signature, before the title."""
    head = lines[:12]
    if not any(_ORDER_TITLE.fullmatch(line.text) for line in head[:4]):
        return (), lines
    for index, line in enumerate(head):
        if is_article_start(line.text):
            break
        if _PROMULGATES.search(line.text):
            end = index + 1
            quoted = [close_blanks(name) for name in re.findall(r"《([^《》]{2,80})》", line.text)]
            while end < min(len(lines), index + 8):
                text = close_blanks(lines[end].text)
                if any(name.startswith(text) or text.startswith(name) for name in quoted) or lines[end].level:
                    return lines[:end], lines[end:]
                end += 1
            break
    return (), lines


def _may_be_title(line: Line, titles: Sequence[Line]) -> bool:
    if len(line.text) > _MAX_TITLE or line.text.endswith(_ENDS_SENTENCE):
        return False
    if not titles:
        return True
    first = titles[0]
    if first.centred or first.level or first.bold:
        return line.centred == first.centred and line.level == first.level
    return len("".join(one.text for one in titles)) + len(line.text) <= _MAX_TITLE


def _join_title(lines: Sequence[Line]) -> str:
    return "".join(line.text for line in lines).strip()


def _opens_note(text: str) -> bool:
    """Whether a note in brackets is still open at the end of ``text``."""
    return text.startswith(("（", "(")) and not text.endswith(("）", ")"))


def _drop_contents(layout: Layout) -> Layout:
    """Take out a table of contents: 目录 and the headings that come again, before the first text.

    What is kept of a run of headings before the first article is the chain that leads to it.
    """
    body = layout.body
    first = next((i for i, line in enumerate(body) if is_article_start(line.text)), len(body))
    marked = next((i for i, line in enumerate(body[:first]) if _CONTENTS.fullmatch(line.text)), None)
    headings = {i: one for i, line in enumerate(body[:first]) if (one := _contents_entry(line))}
    if not headings and marked is None:
        return layout
    again = {
        close_blanks(_key(one))
        for line in body[first:]
        if (one := read_heading(line) or read_listed_heading(line))
    }
    chain = _last_chain(headings, body, first)
    last_of_key = {close_blanks(_key(one)): index for index, one in headings.items()}
    gone: list[int] = [] if marked is None else [marked]
    for index, heading in headings.items():
        key = close_blanks(_key(heading))
        if index in chain or (heading.opens_preamble and last_of_key[key] == index):
            continue
        if key in again or last_of_key[key] != index or (marked is not None and index > marked):
            gone.append(index)
    if marked is not None:
        gone += _other_entries(body, marked, min(chain, default=first), set(gone))
    if not gone:
        return layout
    chosen = set(gone)
    dropped = tuple(line for index, line in enumerate(body) if index in chosen)
    finding = Finding(
        "contents_dropped", f"目录 {len(dropped)} 行与正文标题重复，不另收入", dropped[0].number
    )
    return replace(
        layout,
        body=tuple(line for index, line in enumerate(body) if index not in chosen),
        dropped=layout.dropped + dropped,
        findings=(*layout.findings, finding),
    )


def _other_entries(body: Sequence[Line], marked: int, end: int, known: set[int]) -> list[int]:
    """Entries of a marked table that are no headings (附件, half a name): they come again below."""
    later = {close_blanks(line.text) for line in body[end:]}
    found = []
    for index in range(marked + 1, end):
        text = close_blanks(re.sub(r"[ .…·．]{0,60}+[0-9]{0,4}$", "", body[index].text))
        if index not in known and text in later and len(text) < 60:
            found.append(index)
    return found


def _contents_entry(line: Line) -> Heading | None:
    return read_heading(line) or read_listed_heading(line)


def _key(heading: Heading) -> str:
    return f"{heading.kind} {heading.text}"


def _last_chain(headings: dict[int, Heading], body: Sequence[Line], first: int) -> set[int]:
    """The headings right before the first article that lead down to it, each deeper than the one above."""
    chain: set[int] = set()
    depth = 99
    for index in range(first - 1, -1, -1):
        heading = headings.get(index)
        if heading is None:
            if chain and not body[index].text.endswith(_ENDS_SENTENCE):
                break
            continue
        if heading.depth >= depth:
            break
        chain.add(index)
        depth = heading.depth
    return chain


def _drop_repeated_title(layout: Layout) -> Layout:
    """Take out the title where the body says it once more, over one or several lines."""
    wanted = close_blanks("".join(layout.titles[:1]))
    joined = ""
    for count, line in enumerate(layout.body[:_MAX_TITLE_LINES], start=1):
        joined += close_blanks(line.text)
        if joined == wanted:
            gone = layout.body[:count]
            finding = Finding("title_repeated", "正文开头重复的标题不另收入", gone[0].number)
            rest = replace(
                layout,
                body=layout.body[count:],
                dropped=layout.dropped + gone,
                findings=(*layout.findings, finding),
            )
            return _take_leading_notes(rest)
        if len(joined) > len(wanted) or not wanted.startswith(joined):
            break
    return layout
