"""What looks wrong in a draft: numbering, order of days, empty texts, labels, headings, missing parts.

Every check reports and none repairs: a gap may be the source's, and a person decides.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import Counter
from collections.abc import Iterator

from ingest.drafts import ActKind, Draft, DraftProvision
from ingest.lines import Finding
from ingest.parsers.provisions import OMITTED
from kb.domain.works import WorkKind
from kb.text.numerals import format_article_label, parse_article_number, parse_number

EARLIEST = dt.date(1949, 10, 1)
LATEST = dt.date(2100, 1, 1)
_HAVE_PREAMBLE = re.compile(r"(?:^|国)宪法$|特别行政区基本法$|民族区域自治法$")
_HEADING = re.compile(r"第([零一二三四五六七八九十百0-9]{1,8})(分编|编|章|节)")
_REPEATED = re.compile(r"(?:第.{1,12}条.{0,4})（重复之[0-9]{1,4}）")
_CLOSING = re.compile(r"施行|实施|生效|执行|之日起")
_CLOSING_TYPES = ("法律", "行政法规", "地方性法规", "部门规章")
_CLOSING_PROVISIONS = 4
_MAKES = (ActKind.ADOPTED, ActKind.AMENDED, ActKind.REVISED, ActKind.APPROVED)


def check_draft(draft: Draft) -> tuple[Finding, ...]:
    """Findings of all checks, in a fixed order; empty when nothing looks wrong. Pure.

    Codes: ``article_missing``, ``article_disordered``, ``label_repeated``, ``label_duplicate``,
    ``text_empty``, ``provisions_missing``, ``heading_gap``, ``heading_repeated``, ``preamble_missing``,
    ``closing_missing``, ``candidates_unread``, ``date_impossible``, ``dates_disordered``,
    ``start_before_adoption``.
    """
    return (
        *_check_numbers(draft),
        *_check_labels(draft),
        *_check_texts(draft),
        *_check_headings(draft),
        *_check_whole(draft),
        *_check_days(draft),
    )


def _check_numbers(draft: Draft) -> Iterator[Finding]:
    """Gaps and steps back, 第十七条之一 counted under its article."""
    before: tuple[int, int] | None = None
    for one in draft.provisions:
        if one.number is None:
            continue
        number = one.number
        if before is not None and number < before:
            message = f"{one.label}排在{format_article_label(before)}之后"
            yield Finding("article_disordered", message, one.lines[0])
            continue
        if _leaves_gap(draft, before, number):
            yield Finding("article_missing", _name_gap(before, number, one), one.lines[0])
        before = number


def _leaves_gap(draft: Draft, before: tuple[int, int] | None, number: tuple[int, int]) -> bool:
    """A part of a work and a 修正案 may begin anywhere: 宪法修正案 count on from one to the next."""
    if before is None:
        return number != (1, 0) and not draft.part and draft.statute_type != "修正案"
    return number not in (before, (before[0] + 1, 0), (before[0], before[1] + 1))


def _name_gap(before: tuple[int, int] | None, number: tuple[int, int], one: DraftProvision) -> str:
    if before is None:
        return f"第一个条号是{one.label}，前面缺条"
    return f"{format_article_label(before)}之后是{one.label}，中间缺条"


def _check_labels(draft: Draft) -> Iterator[Finding]:
    for one in draft.provisions:
        if _REPEATED.search(one.label):
            yield Finding("label_repeated", f"条号重复：{one.label}", one.lines[0])
    counts = Counter(one.label for one in draft.provisions)
    for label, count in counts.items():
        if count > 1:
            yield Finding("label_duplicate", f"“{label}”用了 {count} 次，不能区分")
    for one in draft.provisions:
        if one.number is not None and parse_article_number(one.label) != one.number:
            yield Finding("label_duplicate", f"“{one.label}”与条号 {one.number} 不符", one.lines[0])


def _check_texts(draft: Draft) -> Iterator[Finding]:
    for one in draft.provisions:
        if not one.text.strip(f" \n{OMITTED}"):
            yield Finding("text_empty", f"{one.label}没有文字", one.lines[0])


def _check_headings(draft: Draft) -> Iterator[Finding]:
    """章 and 节 count on from one; they may begin anew under the next outer heading or run through."""
    last: dict[str, int] = {}
    seen: set[tuple[str, ...]] = set()
    path: tuple[str, ...] = ()
    for one in draft.provisions:
        if one.label.startswith("附") and one.number is None:
            continue
        shared = 0
        while shared < min(len(path), len(one.path)) and path[shared] == one.path[shared]:
            shared += 1
        for depth in range(shared, len(one.path)):
            opened = one.path[: depth + 1]
            if opened in seen and one.label != opened[-1]:
                yield Finding("heading_repeated", f"“{opened[-1]}”分在两处", one.lines[0])
            seen.add(opened)
            yield from _check_heading(opened[-1], last, one)
        path = one.path


def _check_heading(heading: str, last: dict[str, int], one: DraftProvision) -> Iterator[Finding]:
    match = _HEADING.match(heading)
    number = parse_number(match[1]) if match else None
    if match is None or number is None:
        return
    kind = match[2]
    before = last.get(kind, 0)
    if number not in (1, before + 1):
        follows = f"在第 {before} {kind}之后" if before else "排在最前"
        yield Finding("heading_gap", f"“{heading}”{follows}，编号不接续", one.lines[0])
    last[kind] = number
    if kind in ("编", "分编", "章"):
        last.pop("节", None)


def _check_whole(draft: Draft) -> Iterator[Finding]:
    if not draft.provisions:
        yield Finding("provisions_missing", "没有读出任何条文或段落", lost=True)
        return
    has_preamble = any(one.label.startswith("序言") for one in draft.provisions)
    if draft.kind is WorkKind.STATUTE and _HAVE_PREAMBLE.search(draft.title) and not has_preamble:
        yield Finding("preamble_missing", "这部法律有序言，文件里没有读到")
    articles = [one for one in draft.provisions if one.number is not None]
    closes = any(_CLOSING.search(one.text) for one in articles[-_CLOSING_PROVISIONS:])
    divided = len(articles) > 9 or any(one.path for one in articles)
    expected = divided and not draft.part and draft.statute_type in _CLOSING_TYPES
    if expected and not closes:
        message = "最后几条没有施行日期的规定，文件可能不完整"
        yield Finding("closing_missing", message, articles[-1].lines[1])
    if draft.unread:
        yield Finding(
            "candidates_unread", f"{draft.candidates} 行以第…条开头，其中 {draft.unread} 行不是条文"
        )


def _check_days(draft: Draft) -> Iterator[Finding]:
    for act in draft.acts:
        if not EARLIEST <= act.day <= LATEST:
            yield Finding("date_impossible", f"题注所载 {act.day} 不在可能的范围内", act.line)
    made = [act for act in draft.acts if act.kind in _MAKES]
    for before, after in itertools.pairwise(made):
        if after.day < before.day and not (
            before.line == after.line or _meet_together(before.day, after.day)
        ):
            yield Finding("dates_disordered", f"题注里 {after.day} 排在 {before.day} 之后", after.line)
    first = min((act.day for act in draft.acts if act.kind is not ActKind.IN_FORCE), default=None)
    for act in draft.acts:
        if act.kind is ActKind.IN_FORCE and first is not None and act.day < first:
            message = f"题注所载施行日期 {act.day} 早于最早的通过或公布日期 {first}"
            yield Finding("start_before_adoption", message, act.line)
    newest = max((act.day for act in made), default=None)
    if draft.declared_from is not None and newest is not None and draft.declared_from < newest:
        message = f"施行日期 {draft.declared_from} 早于最近一次通过或修改的日期 {newest}"
        yield Finding("start_before_adoption", message)
    start, end = draft.declared_from, draft.expires_on
    if start is not None and end is not None and end <= start:
        yield Finding("dates_disordered", f"失效日期 {end} 不晚于施行日期 {start}")


def _meet_together(before: dt.date, after: dt.date) -> bool:
    """Two bodies that pass one text need not meet in the order in which the note names them."""
    return (before - after).days < 400
