"""Cells of a guide in a table or page: one entry a line, its parts between ｜ (身份证｜原件1｜必要)."""

from __future__ import annotations

import re

from ingest.parsers.registers import CellError
from kb.domain.records import LegalBasis, Material, Office, QuestionAnswer, Step
from kb.text.quoted_titles import find_quoted_titles

_PARTS = re.compile(r" ?[|｜] ?")
_NUMBERING = re.compile(
    r"(?:\d{1,2}[.、)）]|[（(]\d{1,2}[)）]"
    r"|[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、) ?"
)
_COUNT = re.compile(r"(?P<what>原件|正本|复印件|副本) ?[:：]? ?(?P<number>\d{1,3}) ?(?:份|张|件)?")
_ARTICLE = re.compile(r"第[零〇一二三四五六七八九十百千0-9]{1,10}条(?:之[一二三四五六七八九十]{1,3})?.{0,24}")
_VISITS = re.compile(r"(?:最多|不超过)?(?P<count>[0-9]{1,2}) ?次?")


def read_entries(text: str) -> tuple[str, ...]:
    """Entries of a cell: its lines, or what ；parts where it has one line; 1. 2. before them is dropped."""
    parts = text.split("\n") if "\n" in text else re.split("[；;]", text)
    entries = [_NUMBERING.sub("", part.strip(), count=1).strip(" ；;") for part in parts]
    return tuple(entry for entry in entries if entry)


def read_basis(text: str) -> tuple[LegalBasis, ...]:
    """《法律援助法》第三十一条｜受理条件: title, article, and what it carries."""
    found = []
    for entry in read_entries(text):
        cited, *rest = _PARTS.split(entry, maxsplit=1)
        titles = find_quoted_titles(cited)
        if not titles:
            raise CellError(
                f"“{entry[:30]}”没有写明《法律名称》，应为《法律援助法》第三十一条｜受理条件 这样的形式"
            )
        label = cited[titles[0].end :].strip(" ，,、")
        if label and not _ARTICLE.fullmatch(label):
            raise CellError(f"“{label[:20]}”不是条号，一行只写一条，说明写在“｜”之后")
        found.append(LegalBasis(titles[0].title, label, rest[0].strip() if rest else ""))
    return tuple(found)


def read_materials(text: str) -> tuple[Material, ...]:
    """名称｜原件1｜复印件2｜必要｜来源｜说明; counts in any place, the rest in this order."""
    found = []
    for entry in read_entries(text):
        name, *parts = _PARTS.split(entry)
        counts = {"原件": 0, "复印件": 0}
        words = []
        for part in parts:
            matches = list(_COUNT.finditer(part))
            for match in matches:
                counts["原件" if match["what"] in ("原件", "正本") else "复印件"] = int(match["number"])
            if not matches:
                words.append(part.strip())
        if len(words) > 3:
            raise CellError(f"“{entry[:30]}”分成的栏太多，应为 名称｜原件1｜复印件1｜必要｜来源｜说明")
        necessity, source, note = (*words, "", "", "")[:3]
        found.append(Material(name.strip(), counts["原件"], counts["复印件"], necessity, source, note))
    return tuple(found)


def read_steps(text: str) -> tuple[Step, ...]:
    """步骤｜谁办｜时限｜结果."""
    return tuple(Step(*_split(entry, 4, "步骤｜谁办｜时限｜结果")) for entry in read_entries(text))


def read_offices(text: str) -> tuple[Office, ...]:
    """区｜名称｜地址｜时间｜电话."""
    return tuple(
        Office(*_split(entry, 5, "区｜名称｜地址｜时间｜电话")) for entry in text.split("\n") if entry.strip()
    )


def read_questions(text: str) -> tuple[QuestionAnswer, ...]:
    """问｜答, one a line."""
    found = []
    for entry in (line.strip() for line in text.split("\n")):
        if not entry:
            continue
        question, *answer = _PARTS.split(entry, maxsplit=1)
        if not answer:
            raise CellError(f"“{entry[:30]}”没有答，应为 问｜答")
        found.append(QuestionAnswer(question.strip(), answer[0].strip()))
    return tuple(found)


def read_visits(text: str) -> int:
    """到现场次数: 0, 1 次, 最多2次."""
    match = _VISITS.fullmatch(text)
    if match is None:
        raise CellError(f"“{text[:20]}”不是次数，应填数字")
    return int(match["count"])


def _split(entry: str, limit: int, form: str) -> list[str]:
    parts = [part.strip() for part in _PARTS.split(entry)]
    if len(parts) > limit:
        raise CellError(f"“{entry[:30]}”分成的栏太多，应为 {form}")
    return parts
