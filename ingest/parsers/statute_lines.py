"""The lines of a statute file to a draft: title, acts, articles with their divisions, blocks and annexes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ingest.drafts import Act, ActKind, Draft, DraftProvision
from ingest.lines import Finding, Line, ReadDocument
from ingest.parsers.annexes import count_signature, name_annex_block, read_annex
from ingest.parsers.headings import Heading, deepen, read_heading, read_listed_heading
from ingest.parsers.statute_articles import Choice, choose_articles, read_candidate, split_run_on
from ingest.parsers.statute_blocks import INTRODUCTION, cell_text, has_items, split_blocks
from ingest.parsers.statute_facts import (
    list_aliases,
    name_without_date,
    read_declared_start,
    read_issuing_body,
    read_name_date,
    read_region,
    read_statute_type,
    read_topic,
)
from ingest.parsers.statute_layout import Layout, close_blanks, lay_out
from ingest.parsers.statutes import shorten_title
from ingest.parsers.title_note import (
    NoteReading,
    read_day,
    read_order,
    read_title_note,
    tidy_document_number,
)
from kb.domain.works import WorkKind
from kb.text.numerals import format_article_label

PREAMBLE = "序言"
SIGNATURE = "落款"
_ENDS_SENTENCE = ("。", "；", "：", "！", "？", "”", "，")
_AMENDS = re.compile(r"修正案")
_MAX_CONTINUATION = 40
_FIELD_ACTS = {
    **dict.fromkeys(("公布日期", "发布日期", "成文日期"), ActKind.PUBLISHED),
    **dict.fromkeys(("施行日期", "实施日期", "生效日期"), ActKind.IN_FORCE),
}


def parse_statute(document: ReadDocument) -> tuple[Draft, ...]:
    """The statute that ``document`` holds; empty when it has no lines with text.

    Pure and linear in the number of lines. Every line of the body becomes part of a provision, or is a
    heading, or is named in a finding; every line that begins with 第…条 and is no article has a finding with
    its reason.
    """
    layout = lay_out(document)
    if not (layout.titles or layout.body):
        return ()
    note = read_title_note(layout.notes)
    order_acts, order_number = read_order(layout.order)
    title, part = _read_titles(layout, document)
    folder = PurePosixPath(document.name).parts[0] if "/" in document.name else ""
    acts = (*note.acts, *order_acts, *_acts_of_fields(layout))
    lines, split_findings = split_run_on(layout.body)
    choice = choose_articles(lines, bool(_AMENDS.search(title)))
    builder = _Builder(title, (part,) if part else ())
    if choice.articles:
        builder.read_articles(lines, choice)
    else:
        builder.read_blocks(lines)
    provisions = tuple(builder.provisions)
    name_date = read_name_date(document.name)
    body = read_issuing_body(title, acts)
    region = read_region(title, body, folder)
    candidates, unread = _count_candidates(document, choice)
    findings = (
        *document.findings,
        *layout.findings,
        *note.findings,
        *_check_header(acts, name_date),
        *split_findings,
        *choice.rejected.values(),
        *unread,
        *builder.findings,
    )
    draft = Draft(
        kind=WorkKind.STATUTE,
        title=title,
        provisions=provisions,
        file=document.name,
        file_sha256=document.sha256,
        short_title=shorten_title(title),
        aliases=() if part else list_aliases(title, document.name, acts),
        part=part,
        statute_type=read_statute_type(title, body, (*note.numbers, order_number), folder, region),
        issuing_body=body,
        region=region,
        topic=read_topic(folder),
        document_number=_choose_number(layout, note) or order_number,
        acts=acts,
        declared_from=read_declared_start(acts, provisions, name_date),
        name_date=name_date,
        candidates=candidates,
        unread=len(choice.rejected) + len(unread),
        findings=findings,
    )
    return (draft,)


def _read_titles(layout: Layout, document: ReadDocument) -> tuple[str, str]:
    """Title and part; the file's name stands in where the text bears no title."""
    if not layout.titles:
        return document.metadata.get("title", "") or name_without_date(document.name), ""
    title = layout.titles[0].strip()
    rest = [name for name in layout.titles[1:] if close_blanks(name) != close_blanks(title)]
    return title, close_blanks(rest[0]) if rest else ""


def _acts_of_fields(layout: Layout) -> tuple[Act, ...]:
    """What lines such as 公布日期：2020-05-28 say."""
    acts: list[Act] = []
    for name, value in layout.fields.items():
        kind = _FIELD_ACTS.get(name)
        day = read_day(value) if kind else None
        if kind and day:
            acts.append(Act(kind, day))
    return tuple(acts)


def _choose_number(layout: Layout, note: NoteReading) -> str:
    """文号 of the page or the note, the newest order last."""
    for name in ("发文字号", "文号", "字号"):
        if layout.fields.get(name):
            return tidy_document_number(layout.fields[name])
    bracketed = [number for number in note.numbers if "〔" in number]
    return bracketed[0] if bracketed else note.numbers[-1] if note.numbers else ""


def _check_header(acts: Sequence[Act], name_date: object) -> tuple[Finding, ...]:
    newest = max((act.day for act in acts), default=None)
    year = getattr(name_date, "year", None)
    if newest is None or year is None or newest.year >= year:
        return ()
    message = f"题注最新的日期是 {newest}，早于文件名所载的 {name_date}：正文可能是较早的文本"
    return (Finding("header_older_than_name", message),)


def _count_candidates(document: ReadDocument, choice: Choice) -> tuple[int, tuple[Finding, ...]]:
    """Lines of the whole file that begin with 第…条, and those among them outside the body."""
    read = {one.candidate.line.number for one in choice.articles.values()}
    read |= {finding.line for finding in choice.rejected.values()}
    count = 0
    outside: list[Finding] = []
    for index, line in enumerate(document.lines):
        candidate = read_candidate(index, line)
        if candidate is None or (candidate.mistyped and line.number not in read):
            continue
        count += 1
        if line.number not in read:
            message = f"{line.text[:14]}…：题注或目录里的一行，不是条文"
            outside.append(Finding("article_in_header", message, line.number))
    return count, tuple(outside)


@dataclass
class _Open:
    """A provision that still takes lines."""

    number: tuple[int, int] | None
    label: str
    path: tuple[str, ...]
    texts: list[str]
    first: int
    last: int


@dataclass
class _Builder:
    """Provisions of one text as they grow."""

    title: str
    base: tuple[str, ...]
    provisions: list[DraftProvision] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    open: _Open | None = None

    def read_blocks(self, lines: Sequence[Line]) -> None:
        """A text without 条."""
        start = next((i for i, line in enumerate(lines) if i and read_annex(line.text)), len(lines))
        main = lines[:start]
        signed = count_signature([line.text for line in main])
        for block in split_blocks(main[: len(main) - signed], self.base):
            self.add(None, block.label, block.path, block.texts, block.lines)
        self._add_signature(main[len(main) - signed :])
        self._read_annexes(lines[start:], {}, start)

    def read_articles(self, lines: Sequence[Line], choice: Choice) -> None:
        """A text with 条."""
        main = [index for index, one in choice.articles.items() if one.sequence == 0]
        first, last = main[0], main[-1]
        start = self._read_lead(lines, choice, first)
        if start is None:
            return
        end = self._find_annexes(lines, choice, last)
        path: tuple[Heading, ...] = ()
        preamble = False
        index = start
        while index < end:
            line = lines[index]
            heading, used = (
                (None, 1) if index in choice.articles else _take_heading(lines, index, end, choice)
            )
            if heading is not None:
                self.close()
                preamble = heading.opens_preamble
                path = () if preamble else deepen(path, heading)
            elif index in choice.articles:
                preamble = False
                self._open_article(choice, index, (*self.base, *(one.text for one in path)))
            elif self.open is not None:
                self.open.texts.append(cell_text(line))
                self.open.last = line.number
            else:
                names = (*self.base, *(one.text for one in path))
                label = PREAMBLE if preamble else names[-1] if path else INTRODUCTION
                self.open = _Open(None, label, names, [cell_text(line)], line.number, line.number)
            index += used
        self.close(may_be_signed=True)
        self._read_annexes(lines[end:], {i: one for i, one in choice.articles.items() if i >= end}, end)

    def _read_lead(self, lines: Sequence[Line], choice: Choice, first: int) -> int | None:
        """What stands before the first article: items of a decision, or an annex that holds all articles.

        Returns where the text proper begins, None when everything has been read.
        """
        annex = next((i for i in range(1, first) if read_annex(lines[i].text)), None)
        if annex is None:
            lead = lines[:first]
            if has_items(lead) and not any(_take_heading(lines, i, first, choice)[0] for i in range(first)):
                for block in split_blocks(lead, self.base):
                    self.add(None, block.label, block.path, block.texts, block.lines)
                return first
            return 0
        own = _find_own_title(lines, annex, first, self.title)
        for block in split_blocks(lines[:annex], self.base):
            self.add(None, block.label, block.path, block.texts, block.lines)
        if own is not None:
            message = f"第 {lines[annex].number} 行起附有全文，按本文收入"
            self.findings.append(Finding("annexed_own_text", message, lines[annex].number))
            return own
        message = "所附另一文件的条文随附件收入，不作为本文件的条"
        self.findings.append(Finding("annexed_other_text", message, lines[annex].number))
        self._read_annexes(lines[annex:], dict(choice.articles), annex)
        return None

    def _find_annexes(self, lines: Sequence[Line], choice: Choice, last: int) -> int:
        """Where the annexes begin behind the last article."""
        anew = next((i for i, one in choice.articles.items() if one.sequence), len(lines))
        for index in range(last + 1, anew):
            if read_annex(lines[index].text):
                return index
        if anew == len(lines):
            return anew
        start = anew
        while start - 1 > last and not lines[start - 1].text.endswith(_ENDS_SENTENCE) and anew - start < 4:
            start -= 1
        return start

    def _open_article(self, choice: Choice, index: int, path: tuple[str, ...]) -> None:
        self.close()
        one = choice.articles[index]
        label = format_article_label(one.number)
        if one.candidate.mistyped:
            message = f"行首的“笫”按“第”读作{label}"
            self.findings.append(Finding("article_mark_mistyped", message, one.candidate.line.number))
        number = None if one.repeat else one.number
        if one.repeat:
            message = f"{label}第 {one.repeat} 次出现，按未编号的一段收入"
            self.findings.append(Finding("label_repeated", message, one.candidate.line.number))
        texts = [one.candidate.text] if one.candidate.text else []
        line = one.candidate.line.number
        self.open = _Open(number, label, path, texts, line, line)

    def _read_annexes(self, lines: Sequence[Line], articles: dict[int, object], offset: int) -> None:
        """Annex blocks; articles inside an annex become blocks of their own that name it."""
        if not lines:
            return
        starts = [i for i, line in enumerate(lines) if i == 0 or _opens_annex(line.text)]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            group = lines[start:end]
            texts = [cell_text(line) for line in group]
            label = name_annex_block(texts) if read_annex(texts[0]) else "附"
            inner = [i for i in range(start, end) if i + offset in articles]
            head = inner[0] - start if inner else len(group)
            if head:
                self.add(None, label, (), texts[:head], (group[0].number, group[head - 1].number))
            short = label.partition(" ")[0]
            for at, after in zip(inner, [*inner[1:], end], strict=False):
                candidate = read_candidate(at, lines[at])
                assert candidate is not None
                assert candidate.number is not None
                own = [candidate.text, *(cell_text(line) for line in lines[at + 1 : after])]
                name = f"{short} {format_article_label(candidate.number)}"
                self.add(
                    None, name, (label,), [t for t in own if t], (lines[at].number, lines[after - 1].number)
                )

    def _add_signature(self, lines: Sequence[Line]) -> None:
        if lines:
            self.add(None, SIGNATURE, (), [line.text for line in lines], (lines[0].number, lines[-1].number))

    def close(self, may_be_signed: bool = False) -> None:
        """End the provision that takes lines; at the end of a text its signature becomes a block."""
        one, self.open = self.open, None
        if one is None:
            return
        signed = count_signature(one.texts) if may_be_signed else 0
        texts = one.texts[: len(one.texts) - signed]
        self.add(one.number, one.label, one.path, texts, (one.first, one.last))
        if signed:
            self.add(None, SIGNATURE, (), one.texts[len(one.texts) - signed :], (one.last, one.last))

    def add(
        self,
        number: tuple[int, int] | None,
        label: str,
        path: tuple[str, ...],
        texts: Sequence[str],
        lines: tuple[int, int],
    ) -> None:
        """Take a provision; a label that comes again is told apart as the default source's reader does."""
        seen = self.labels[label] = self.labels.get(label, 0) + 1
        name = label if seen == 1 else f"{label}（重复之{seen}）"
        self.provisions.append(DraftProvision(number, name, path, "\n".join(texts), lines))


def _take_heading(lines: Sequence[Line], index: int, end: int, choice: Choice) -> tuple[Heading | None, int]:
    """The heading at ``index`` and how many lines it takes: its name may go on in the next line."""
    line = lines[index]
    heading = read_heading(line)
    after = index + 1
    if heading is None:
        listed = read_listed_heading(line)
        leads = after < end and (after in choice.articles or read_heading(lines[after]) is not None)
        return (listed, 1) if listed and leads else (None, 1)
    if not line.level and index in choice.rejected:
        return None, 1
    if not line.level and _stands_in_quoted_text(lines, index, choice):
        return None, 1
    below = read_heading(lines[after]) if after < end else None
    if heading.is_nameless and below is not None and below.kind == "bare":
        name = f"{heading.text} {below.text}"
        return Heading(heading.depth, heading.kind, heading.number, name), 2
    if after < end and after not in choice.articles and below is None:
        text = lines[after].text
        short = len(text) <= _MAX_CONTINUATION and not text.endswith(_ENDS_SENTENCE)
        leads = after + 1 in choice.articles or (
            after + 1 < end and read_heading(lines[after + 1]) is not None
        )
        if short and leads and not heading.opens_preamble and read_listed_heading(lines[after]) is None:
            joint = " " if heading.is_nameless else ""
            return (
                Heading(
                    heading.depth, heading.kind, heading.number, heading.text + joint + close_blanks(text)
                ),
                2,
            )
    return heading, 1


def _opens_annex(text: str) -> bool:
    """Whether an annex begins; a rate table without 附 (个人所得税税率表二) belongs to the one before it."""
    return text.startswith("附") and bool(read_annex(text))


def _stands_in_quoted_text(lines: Sequence[Line], index: int, choice: Choice) -> bool:
    """Whether the next candidate behind a heading without level is one that an amendment quotes."""
    return any(i in choice.rejected for i in range(index + 1, min(index + 3, len(lines))))


def _find_own_title(lines: Sequence[Line], annex: int, first: int, title: str) -> int | None:
    """Where the text begins behind an annex mark and the document's own title, None for another title."""
    wanted = close_blanks(title)
    joined = ""
    for index in range(annex + 1, first):
        joined += close_blanks(lines[index].text)
        ends = index + 1 >= first or lines[index + 1].text.endswith(_ENDS_SENTENCE)
        if joined == wanted or (ends and wanted.endswith(joined) and len(joined) * 3 > len(wanted)):
            return index + 1
        if len(joined) > len(wanted):
            break
    return None
