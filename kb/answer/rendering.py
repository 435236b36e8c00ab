"""The three renderings of a standard answer: for citizens, for the hotline, for 普法; all from the slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.answer.basis import parse_label
from kb.answer.limits import LIMIT_LABELS
from kb.answer.numbers import Quantity, find_quantities, missing_quantities
from kb.answer.parts import all_slots, branch_slots, join_slots, limit_words, slot_sources
from kb.answer.problems import Problem
from kb.answer.wording import named_articles, named_laws, short_title
from kb.domain.answers import (
    AnswerBasis,
    Branch,
    LimitUnit,
    RiskClass,
    Slots,
    StandardAnswer,
    TimeLimit,
)
from kb.errors import LawkbError
from kb.text.numerals import format_article_label

DISCLAIMER = "以上是法律信息，不是法律意见。"
SAMPLE_NOTICE = "示例答复，未经执业律师审核。"
UNVERIFIED = "（本库未收录原文，未核验）"


class RenderingError(LawkbError):
    """A rendering says another number, period or citation than the slots: it must not be shown."""

    http_status = 500


@dataclass(frozen=True)
class Section:
    """One heading of the citizen's text with its statements."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Renderings:
    """All three texts of one answer or of one of its branches."""

    citizen: tuple[Section, ...]
    script: str
    education: str

    @property
    def citizen_text(self) -> str:
        """The sections as plain text."""
        return "\n".join(
            f"{section.heading}\n" + "\n".join(f"· {line}" for line in section.lines)
            for section in self.citizen
        )


def render(
    answer: StandardAnswer, branch: Branch | None = None, *, unverified: frozenset[str] = frozenset()
) -> Renderings:
    """The three texts of ``answer``, of ``branch`` where it has branches.

    ``unverified`` are keys of basis whose work is not held: they are shown as such. Raises RenderingError
    ``rendering_differs`` when the script or the 普法 text states what the slots do not.
    """
    slots = answer.slots if branch is None else branch_slots(answer, branch)
    script = answer.script if branch is None else branch.script
    done = Renderings(
        citizen=_render_citizen(answer, slots, unverified),
        script=script,
        education=answer.education or _render_education(answer, slots, unverified),
    )
    every = [*slot_sources(join_slots([one for _, one in all_slots(answer)])), answer.urgent]
    gates = [text for gate in answer.gates for text in (gate.ask, *(one.label for one in gate.choices))]
    own = [*slot_sources(slots), answer.urgent] if branch else [*every, *gates]
    require_same_numbers(done.script, own, f"{answer.id} script")
    require_same_numbers(done.education, every, f"{answer.id} education")
    for text, name in ((done.script, "script"), (done.education, "education")):
        require_same_citations(text, answer.basis, f"{answer.id} {name}")
    return done


def require_same_numbers(text: str, sources: list[str], place: str) -> None:
    """Raise RenderingError ``rendering_differs`` when ``text`` has a quantity that no source has."""
    missing = missing_quantities(text, sources)
    if not missing:
        return
    known = [quantity for source in sources for quantity in find_quantities(source)]
    raise RenderingError(
        "rendering_differs",
        "；".join(_difference(quantity, known) for quantity in missing),
        place=place,
        way_out="让两处一致：数字先写进要点，再写进话术",
    )


def require_same_citations(text: str, basis: Sequence[AnswerBasis], place: str) -> None:
    """Raise RenderingError ``rendering_differs`` when ``text`` names a law or an article that no basis is."""
    titles = {short_title(one.title) for one in basis}
    numbers = {parsed[0] for one in basis if (parsed := parse_label(one.label))}
    other = [f"《{title}》" for title in named_laws(text) if short_title(title) not in titles]
    other += [format_article_label(number) for number in named_articles(text) if number not in numbers]
    if other:
        known = "、".join(f"《{one.title}》{one.label}" for one in basis)
        raise RenderingError(
            "rendering_differs",
            f"渲染里提到{'、'.join(other)}，依据是{known}",
            place=place,
            way_out="让两处一致：提到的法律和条号先列进依据",
        )


def describe_limit(limit: TimeLimit) -> str:
    """``申请劳动仲裁：1年，从……起算（仲裁时效）``."""
    line = f"{limit.what}：{limit_words(limit)}，从{limit.start}起算（{LIMIT_LABELS[limit.kind]}）"
    if limit.unit is LimitUnit.WORKING_DAY:
        line += "，只算工作日"
    return line + (f"。{limit.interruption}" if limit.interruption else "")


def describe_basis(basis: AnswerBasis, unverified: frozenset[str]) -> str:
    """``《…法》第三十八条第一款：……``, marked where the text is not held."""
    mark = UNVERIFIED if basis.key in unverified else ""
    return f"《{basis.title}》{basis.label}{mark}：{basis.says}"


def used_basis(answer: StandardAnswer, slots: Slots) -> tuple[AnswerBasis, ...]:
    """The basis that these slots rest on, in the order of the answer."""
    keys = {*slots.support, *(one.basis for one in slots.time_limits), *(one.basis for one in slots.amounts)}
    return tuple(basis for basis in answer.basis if basis.key in keys)


def _render_citizen(answer: StandardAnswer, slots: Slots, unverified: frozenset[str]) -> tuple[Section, ...]:
    amounts = []
    for amount in slots.amounts:
        dated = f"（{amount.year}年，{amount.source}，用到{amount.usable_until}）" if amount.source else ""
        amounts.append(f"{amount.what}：{amount.value}{dated}")
    where = [line for line in (slots.competent, slots.where) if line]
    if answer.transfer:
        where.append(answer.transfer)
    limits = Section("多长时间", tuple(describe_limit(limit) for limit in slots.time_limits))
    conclusion = Section("结论", (slots.conclusion,))
    opening = [conclusion]
    later = [limits]
    if answer.risk is RiskClass.TIME_CRITICAL:
        opening, later = [limits, conclusion], []
    sections = [
        Section("请先看", (answer.urgent,) if answer.urgent else ()),
        *opening,
        Section("适用条件", slots.conditions),
        Section("怎么做", slots.steps),
        *later,
        Section("多少钱", tuple(amounts)),
        Section("准备什么证据", slots.evidence),
        Section("准备什么材料", slots.materials),
        Section("可以走的途径", slots.routes),
        Section("找谁、去哪里", tuple(where)),
        Section("例外", slots.exceptions),
        Section("依据", tuple(describe_basis(basis, unverified) for basis in used_basis(answer, slots))),
        Section("说明", (SAMPLE_NOTICE + DISCLAIMER if answer.reviewed_by is None else DISCLAIMER,)),
    ]
    return tuple(section for section in sections if section.lines)


def _render_education(answer: StandardAnswer, slots: Slots, unverified: frozenset[str]) -> str:
    """Question, what the law says, what follows: for those who want to know before trouble comes."""
    named = "；".join(
        f"《{basis.title}》{basis.label}{UNVERIFIED if basis.key in unverified else ''}"
        for basis in used_basis(answer, slots)
    )
    parts = [answer.question, slots.conclusion, *slots.conditions, *slots.exceptions]
    parts += [describe_limit(limit) for limit in slots.time_limits]
    parts.append(f"依据：{named}")
    return "\n".join(parts)


def _difference(quantity: Quantity, known: list[Quantity]) -> str:
    near = dict.fromkeys(one.written for one in known if one.measure is quantity.measure)
    return f"渲染里写“{quantity.written}”，要点里是“{'、'.join(near) if near else '没有'}”"


def check_renderings(answer: StandardAnswer) -> tuple[Problem, ...]:
    """What keeps a rendering of the answer from being made: ``rendering_differs`` with both values."""
    problems = []
    for branch in answer.branches or (None,):
        try:
            render(answer, branch)
        except RenderingError as error:
            problems.append(Problem(error.code, error.message, error.place))
    return tuple(problems)
