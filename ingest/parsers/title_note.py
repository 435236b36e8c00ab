"""Title notes to dated acts: who passed, amended, published or repealed a text, when, by what document.

Known spellings: one act a line (2023年9月1日 第十四届…第五次会议…第五次修正), a note in brackets with
several acts, lines broken inside a title, two meetings under one 通过, 自…起施行, 发布之日施行.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.drafts import Act, ActKind
from ingest.lines import Finding, Line
from kb.text.numerals import parse_number

_NUMERALS = "零〇○一二三四五六七八九十0-9"
_DATE = re.compile(
    rf"([12][0-9]{{3}}|[一二][{_NUMERALS}]{{3}}) ?年 ?"
    rf"([{_NUMERALS}]{{1,3}}) ?月 ?([{_NUMERALS}]{{1,3}}) ?[日曰]"
)
_ISO_DATE = re.compile(r"([12][0-9]{3})[-./]([0-9]{1,2})[-./]([0-9]{1,2})(?![0-9])")
_ORDER = re.compile(
    r"(?P<body>[\u4e00-\u9fff、 ]{0,60}?)(?:(?P<order>令|公告) ?(?:[〔\[]?[0-9]{4}[〕\]]?年? ?)?"
    r"第 ?(?P<number>[零〇○一二三四五六七八九十百千0-9]{1,8}) ?号|第 ?(?P<reverse>[0-9]{1,6}) ?号令)"
)
_DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}[〔［\[(（【][0-9]{4}[〕］\])）】] ?第? ?[0-9]{1,5} ?号")
_MEETING = re.compile(r"第 ?[零〇一二三四五六七八九十百0-9]{1,8} ?(?:次|届)|会议|主席团")
_SESSION = re.compile(r"第?[零〇一二三四五六七八九十百0-9]{1,8}届(?!.{0,20}届)")
_OPENING = str.maketrans({"<": "〈", ">": "〉"})
_ORDINAL = r"(?:第[零〇一二三四五六七八九十0-9]{1,4}次)?"
_VERBS: tuple[tuple[re.Pattern[str], tuple[ActKind, ...]], ...] = (
    (re.compile(r"公[布告](?:即日起?)?(?:施行|实施)|公告公布施行"), (ActKind.PUBLISHED, ActKind.IN_FORCE)),
    (re.compile(r"修正公布"), (ActKind.AMENDED, ActKind.PUBLISHED)),
    (re.compile(r"修订(?:通过)?并?(?:公布|发布)"), (ActKind.REVISED, ActKind.PUBLISHED)),
    (re.compile(r"修正|修改"), (ActKind.AMENDED,)),
    (re.compile(r"修订"), (ActKind.REVISED,)),
    (re.compile(r"废止|失效"), (ActKind.REPEALED,)),
    (re.compile(r"施行|实施|生效|执行"), (ActKind.IN_FORCE,)),
    (re.compile(r"通过"), (ActKind.ADOPTED,)),
    (re.compile(r"批准"), (ActKind.APPROVED,)),
    (re.compile(r"公布|发布|颁布|印发|公告"), (ActKind.PUBLISHED,)),
)
_CHANGES_ONLY = re.compile(r"修改|修正|废止")
_FROM_PUBLICATION = re.compile(r"自?(?:公布|发布|颁布|印发|通过)之日起?(?:施行|实施|执行|生效)")
_ORDER_START = re.compile(r"自.{8,20}?起(?:施行|实施|生效)")
_FROM_DAY = re.compile(r"自$")
_STATE = "中华人民共和国"
_QUOTED = "《》"


@dataclass(frozen=True)
class NoteReading:
    """What a note says. ``numbers`` are 令号 and 文号 in order, ``unread`` lines without sense."""

    acts: tuple[Act, ...]
    numbers: tuple[str, ...]
    unread: tuple[Line, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Clause:
    """A piece of a note that speaks of one day; ``day`` is None where it names none."""

    day: dt.date | None
    text: str
    line: int
    stated_start: bool = False


def read_title_note(lines: Sequence[Line]) -> NoteReading:
    """Acts of the title note that ``lines`` are, in order.

    行政法规 call a change by a 修改决定 修订 although numbers stay: it is an amendment here. 通过 by the same
    body a second time is one too: the shared layout leaves out 《…修改…的决定》修正 behind it.
    """
    clauses: list[_Clause] = []
    numbers: list[str] = []
    unread: list[Line] = []
    findings: list[Finding] = []
    for line in join_note_lines(lines):
        text = line.text.translate(_OPENING)
        if (match := _DOCUMENT_NUMBER.fullmatch(text)) is not None:
            numbers.append(_tidy_number(match[0]))
            continue
        found = _split_clauses(text, line.number, findings)
        if not any(clause.day or _FROM_PUBLICATION.search(clause.text) for clause in found):
            unread.append(line)
            continue
        clauses += found
    acts = _to_acts(_give_verbs(clauses), findings)
    numbers += [act.number for act in acts if act.number]
    unread_lines = tuple(unread)
    findings += [
        Finding("note_unread", f"题注里的这一行没有读懂：{line.text[:40]}", line.number) for line in unread
    ]
    return NoteReading(tuple(acts), tuple(dict.fromkeys(numbers)), unread_lines, tuple(findings))


def read_order(lines: Sequence[Line]) -> tuple[tuple[Act, ...], str]:
    """Acts and number of an order of promulgation: …令 第…号, …现予公布，自…起施行, signature and day."""
    head = "".join(line.text for line in lines[:3]).replace(" ", "")
    found = _ORDER.match(head)
    number = _order_number(found) if found and found["order"] else ""
    body = _tidy_body(found["body"]) if found and found["body"] else ""
    acts: list[Act] = []
    for line in lines:
        start = _ORDER_START.search(line.text)
        day = read_day(start[0]) if start else None
        if day:
            acts.append(Act(ActKind.IN_FORCE, day, line=line.number))
    signed = [(day, line) for line in lines if len(line.text) < 40 and (day := read_day(line.text))]
    if signed:
        day, line = signed[-1]
        acts.insert(0, Act(ActKind.PUBLISHED, day, body, "", number, line.number))
    return tuple(acts), number


def is_title_note(text: str) -> bool:
    """Whether a line of running text is a title note: brackets, a day or meeting, and what was done."""
    if not text.startswith(("（", "(")) or len(text) > 3000:
        return False
    head = text[:400]
    dated = _DATE.search(text) is not None or "会议" in head
    return dated and any(verb.search(_hide_titles(text)) for verb, _ in _VERBS)


def is_document_number(text: str) -> bool:
    """Whether the line is 法释〔2024〕6号 or the like, and nothing else."""
    return _DOCUMENT_NUMBER.fullmatch(text.strip("（）() ")) is not None


def tidy_document_number(text: str) -> str:
    """法释〔2024〕6号 with the brackets that such numbers bear."""
    return _tidy_number(text.strip("（）() "))


def read_day(text: str) -> dt.date | None:
    """The first day named in ``text``, None where there is none or no such day exists."""
    match = _DATE.search(text) or _ISO_DATE.search(text)
    return _to_day(match) if match else None


def join_note_lines(lines: Iterable[Line]) -> list[Line]:
    """Put together lines that were broken inside a title or before their verb."""
    joined: list[Line] = []
    for line in lines:
        if not line.text:
            continue
        if joined and not _DOCUMENT_NUMBER.fullmatch(line.text) and _continues(joined[-1].text, line.text):
            joined[-1] = replace(
                joined[-1], text=joined[-1].text + line.text, raw=joined[-1].raw + "\n" + line.raw
            )
        else:
            joined.append(line)
    return joined


def _continues(before: str, text: str) -> bool:
    if _DATE.match(text.lstrip("（(")) or len(text) > 200:
        return False
    text_before = before.translate(_OPENING)
    if text_before.count("《") > text_before.count("》"):
        return True
    if _FROM_PUBLICATION.match(text) or not _DATE.search(before):
        return False
    return not any(verb.search(_hide_titles(text_before)) for verb, _ in _VERBS)


def _split_clauses(text: str, line: int, findings: list[Finding]) -> list[_Clause]:
    """Pieces that begin at the dates outside 《》."""
    hidden = _hide_titles(text)
    starts: list[tuple[int, int, dt.date | None]] = []
    for match in sorted((*_DATE.finditer(hidden), *_ISO_DATE.finditer(hidden)), key=lambda one: one.start()):
        day = _to_day(match)
        if day is None:
            findings.append(Finding("date_impossible", f"没有这一天：{match[0]}", line))
        starts.append((match.start(), match.end(), day))
    if not starts:
        return [_Clause(None, _trim(text), line)]
    clauses: list[_Clause] = []
    if _trim(text[: starts[0][0]]).rstrip("自据根"):
        clauses.append(_Clause(None, _trim(text[: starts[0][0]]), line))
    for (start, end, day), after in zip(starts, [*starts[1:], (len(text), 0, None)], strict=True):
        stated = bool(_FROM_DAY.search(text[max(0, start - 1) : start]))
        clauses.append(_Clause(day, _trim(text[end : after[0]]), line, stated))
    return clauses


def _give_verbs(clauses: Sequence[_Clause]) -> list[_Clause]:
    """A meeting without verb shares that of the clause behind it: 甲会议、乙会议通过."""
    given: list[_Clause] = []
    for index, clause in enumerate(clauses):
        if index + 1 < len(clauses) and not _find_kinds(clause.text) and _MEETING.search(clause.text):
            following = _find_kinds(clauses[index + 1].text)
            if following and ActKind.IN_FORCE not in following:
                verb = {ActKind.AMENDED: "修正", ActKind.REVISED: "修订", ActKind.PUBLISHED: "公布"}
                clause = replace(clause, text=clause.text.rstrip("、，") + verb.get(following[0], "通过"))
        given.append(clause)
    return given


def _to_acts(clauses: Sequence[_Clause], findings: list[Finding]) -> list[Act]:
    acts: list[Act] = []
    adopted: dict[str, dt.date] = {}
    for clause in clauses:
        relative = _FROM_PUBLICATION.search(clause.text)
        if relative and (day := clause.day or _last_published(acts)):
            if rest := _trim(clause.text[: relative.start()]):
                acts += _acts_of(replace(clause, day=day, text=rest), adopted)
            acts.append(Act(ActKind.IN_FORCE, day, line=clause.line))
            continue
        if clause.day is None:
            if _find_kinds(clause.text):
                findings.append(
                    Finding("note_undated", f"题注里的这一处没有日期：{clause.text[:40]}", clause.line)
                )
            continue
        found = _acts_of(clause, adopted)
        if not found:
            findings.append(
                Finding(
                    "note_without_act",
                    f"题注写了 {clause.day} 这一天，没有写明做了什么：{clause.text[:30]}",
                    clause.line,
                )
            )
        acts += found
    return acts


def _acts_of(clause: _Clause, adopted: dict[str, dt.date]) -> list[Act]:
    assert clause.day is not None
    kinds = (ActKind.IN_FORCE,) if clause.stated_start else _find_kinds(clause.text)
    order = _ORDER.search(_hide_titles(clause.text))
    if not kinds:
        kinds = (ActKind.PUBLISHED,) if order else ()
    document = _deciding_document(clause.text)
    if document and kinds[:1] == (ActKind.REVISED,) and _CHANGES_ONLY.search(document):
        kinds = (ActKind.AMENDED, *kinds[1:])
    if order and ActKind.PUBLISHED not in kinds and kinds[:1] in ((ActKind.REVISED,), (ActKind.AMENDED,)):
        kinds = (*kinds, ActKind.PUBLISHED)
    body = _body_of(clause.text)
    if kinds == (ActKind.ADOPTED,) and not document:
        before = adopted.get(body)
        if before is not None and before < clause.day:
            kinds = (ActKind.AMENDED,)
        adopted.setdefault(body, clause.day)
    number = _order_number(order) if order else ""
    by = document or (_meeting_of(clause.text) if _MEETING.search(_hide_titles(clause.text)) else "")
    return [
        Act(kind, clause.day, "" if kind is ActKind.IN_FORCE else body, by, number, clause.line)
        for kind in kinds
    ]


def _find_kinds(text: str) -> tuple[ActKind, ...]:
    """What was done, from the words outside 《》; 通过的《…决定》 alone is a change."""
    bare = _hide_titles(text)
    tail = bare.rpartition("》")[2] if "》" in bare else bare
    for verb, kinds in _VERBS:
        if verb.search(tail):
            if kinds == (ActKind.IN_FORCE,) and re.search(r"公布|发布", tail):
                return (ActKind.PUBLISHED, ActKind.IN_FORCE)
            return kinds
    if "通过的《" in bare:
        return (ActKind.AMENDED,)
    for verb, kinds in _VERBS:
        if verb.search(bare):
            return kinds
    return ()


def _deciding_document(text: str) -> str:
    start = text.find("《")
    end = text.rfind("》")
    return text[start + 1 : end] if 0 <= start < end else ""


def _body_of(text: str) -> str:
    """Who acted: the words before the meeting, the order, the document or the verb."""
    bare = _hide_titles(text).partition("《")[0].removeprefix("经").removeprefix("由")
    order = _ORDER.match(bare)
    if order and order["body"]:
        return _tidy_body(order["body"])
    session = re.match(r"第[零〇一二三四五六七八九十百0-9]{1,8}届", bare)
    bare = bare[session.end() :] if session else bare
    cut = re.search(
        r"第 ?[零〇一二三四五六七八九十百0-9]{1,8} ?[次届]|[0-9]{4}年|会议|"
        r"通过|修订|修正|修改|公[布告]|发布|颁布|印发|批准|审议|讨论|施行|废止|以",
        bare,
    )
    name = bare[: cut.start()] if cut else bare
    tail = bare[cut.start() :] if cut else ""
    after = re.match(r"第[零〇一二三四五六七八九十百0-9]{1,8}届", tail)
    if after:  # 北京市 + 第十五届 + 人民代表大会常务委员会
        rest = tail[after.end() :]
        stop = re.search(r"第[零〇一二三四五六七八九十百0-9]{1,8}次|会议", rest)
        name += rest[: stop.start()] if stop else ""
    return _tidy_body(name)


def _tidy_body(name: str) -> str:
    name = name.strip("，。、 ")
    while name.startswith("中" + _STATE):
        name = name[1:]
    parts = [part.strip().removeprefix(_STATE) or part.strip() for part in name.split("、")]
    return "、".join(part for part in parts if part)


def _meeting_of(text: str) -> str:
    bare = text.partition("《")[0]
    end = bare.rfind("会议")
    return bare[: end + 2].strip() if end >= 0 else ""


def _order_number(order: re.Match[str]) -> str:
    body = _tidy_body(order["body"])
    if order["reverse"]:
        return f"{body}令第{order['reverse']}号"
    return f"{body}{order['order']}第{order['number']}号"


def _last_published(acts: Sequence[Act]) -> dt.date | None:
    days = [act.day for act in acts if act.kind in (ActKind.PUBLISHED, ActKind.ADOPTED, ActKind.APPROVED)]
    return days[-1] if days else None


def _hide_titles(text: str) -> str:
    """``text`` of the same length with what stands inside 《》 blanked out."""
    out: list[str] = []
    depth = 0
    for char in text:
        if char == "《":
            depth += 1
            out.append(char if depth == 1 else " ")
        elif char == "》":
            depth = max(depth - 1, 0)
            out.append(char if depth == 0 else " ")
        else:
            out.append(" " if depth else char)
    return "".join(out)


def _trim(text: str) -> str:
    text = text.strip(" ，。；、（）()")
    return text.removesuffix("根据").removesuffix("自").strip(" ，。；、（）()")


def _tidy_number(text: str) -> str:
    tidy = re.sub(r"[［\[(（【]", "〔", text.replace(" ", ""))
    return re.sub(r"[］\])）】]", "〕", tidy)


def _to_day(match: re.Match[str]) -> dt.date | None:
    values = [parse_number(part) for part in match.groups()]
    try:
        return dt.date(values[0] or 0, values[1] or 0, values[2] or 0)
    except ValueError:
        return None
