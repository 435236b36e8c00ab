"""Sections of a case: which lines are headings (基本案情, 【裁判要旨】), and what stands under each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.lines import Line


class Role(StrEnum):
    """What a section holds, whatever its name."""

    KEYWORDS = "keywords"
    GIST = "gist"
    FACTS = "facts"
    REQUEST = "request"
    FOCUS = "focus"
    PROCESS = "process"
    RESULT = "result"
    REASONS = "reasons"
    SIGNIFICANCE = "significance"
    ANALYSIS = "analysis"
    LAW = "law"
    TRIALS = "trials"
    OTHER = "other"


SECTION_ROLES: dict[str, Role] = {
    **dict.fromkeys(("关键词", "关键字"), Role.KEYWORDS),
    **dict.fromkeys(
        ("裁判要点", "裁判要旨", "裁判摘要", "参考要旨", "案例要旨", "要旨", "裁判规则"), Role.GIST
    ),
    **dict.fromkeys(
        (
            "基本案情",
            "案情回顾",
            "简要案情",
            "案情简介",
            "案情介绍",
            "案情概要",
            "基本事实",
            "案件事实",
            "案例简介",
        ),
        Role.FACTS,
    ),
    **dict.fromkeys(("案件基本情况", "案情", "基本情况", "案情摘要"), Role.FACTS),
    **dict.fromkeys(("申请人请求", "原告诉讼请求", "诉讼请求", "仲裁请求"), Role.REQUEST),
    **dict.fromkeys(("争议焦点", "案件焦点", "焦点问题", "争议焦点问题"), Role.FOCUS),
    **dict.fromkeys(
        (
            "检察机关履职过程",
            "检察履职情况",
            "履职过程",
            "办理过程",
            "调解过程",
            "办案过程",
            "公证过程",
            "鉴定过程",
        ),
        Role.PROCESS,
    ),
    **dict.fromkeys(
        (
            "裁判结果",
            "处理结果",
            "法院裁判",
            "判决结果",
            "审理结果",
            "审判结果",
            "仲裁结果",
            "调解结果",
            "执行结果",
        ),
        Role.RESULT,
    ),
    **dict.fromkeys(("裁判内容", "办理结果", "诉讼结果", "法院判决"), Role.RESULT),
    **dict.fromkeys(("裁判理由", "判决理由", "裁判说理", "法院说理"), Role.REASONS),
    **dict.fromkeys(
        ("典型意义", "指导意义", "案例意义", "社会意义", "法律意义", "普法意义"), Role.SIGNIFICANCE
    ),
    **dict.fromkeys(
        (
            "案例分析",
            "案例评析",
            "适用解析",
            "法官解读",
            "法官说法",
            "法官提示",
            "案例解读",
            "专家点评",
            "律师说法",
            "评析",
        ),
        Role.ANALYSIS,
    ),
    **dict.fromkeys(
        (
            "相关法条",
            "关联法条",
            "相关规定",
            "相关法律规定",
            "相关法律",
            "适用法条",
            "法律依据",
            "相关法律条文",
        ),
        Role.LAW,
    ),
    **dict.fromkeys(("司法解释相关法条", "司法解释相关条文", "关联索引", "法律链接", "法条链接"), Role.LAW),
    **dict.fromkeys(("关联审判", "相关审判", "审理经过", "审判程序"), Role.TRIALS),
}
"""Names of sections as publishers write them."""

_NAMES = "|".join(sorted(SECTION_ROLES, key=len, reverse=True))
_MARK = r"(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.、])?"
_SECTION = re.compile(
    rf"{_MARK} ?(?P<open>[【\[〔])? ?(?P<name>{_NAMES}) ?(?P<close>[】\]〕])?"
    r"(?P<mark>[:：。]?) ?(?P<rest>.*)",
    re.DOTALL,
)
_MAX_KEYWORDS = 120
"""Publishers write 关键词 民事 买卖合同 on one line, without a mark."""


@dataclass
class Section:
    """A section with its name as the file writes it."""

    label: str
    role: Role
    texts: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0

    @property
    def text(self) -> str:
        """Its paragraphs, one a line."""
        return "\n".join(self.texts)

    def add(self, text: str, line: Line) -> None:
        """Put a paragraph behind the others."""
        if text:
            self.texts.append(text)
        self.first = self.first or line.number
        self.last = max(self.last, line.number)


def read_section_heading(line: Line) -> tuple[str, str] | None:
    """Name of the section that begins here and the words behind it on the line; None when none does.

    The name stands alone, in brackets, or before a colon.
    """
    if line.cells:
        first = "".join(line.cells[0].split()).strip("【】[]：:")
        if first in SECTION_ROLES:
            return first, " ".join(cell for cell in line.cells[1:] if cell)
        return None
    text = line.text.strip()
    if text.startswith("关键词") and len(text) < _MAX_KEYWORDS and "。" not in text[:-1]:
        return "关键词", text.removeprefix("关键词").strip("：: ")
    match = _SECTION.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    if match["rest"] and not match["open"] and match["mark"] not in (":", "："):
        return None
    return match["name"], match["rest"].strip()


def read_sections(lines: Sequence[Line]) -> tuple[list[Line], list[Section]]:
    """Lines before the first section, and the sections.

    A heading of the format whose name is not known makes a section of its own, once sections have begun.
    """
    head: list[Line] = []
    sections: list[Section] = []
    for line in lines:
        named = read_section_heading(line)
        if named is not None:
            name, rest = named
            sections.append(Section(name, SECTION_ROLES[name]))
            sections[-1].add(rest, line)
        elif not sections:
            head.append(line)
        elif line.level and len(line.text) <= 40:
            sections.append(Section(line.text.strip(), Role.OTHER))
            sections[-1].add("", line)
        else:
            sections[-1].add(" | ".join(cell for cell in line.cells if cell) or line.text.strip(), line)
    return head, sections
