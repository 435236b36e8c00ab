"""Time limits as people write them: 上诉期, 十五日, 3个工作日."""

from __future__ import annotations

from kb.answer.numbers import Measure, find_quantities
from kb.domain.answers import LimitKind, LimitUnit
from kb.errors import BadInputError

LIMIT_LABELS = {
    LimitKind.LIMITATION: "诉讼时效",
    LimitKind.PRECLUSION: "除斥期间",
    LimitKind.ARBITRATION: "仲裁时效",
    LimitKind.APPLICATION: "申请期限",
    LimitKind.SUIT: "起诉期限",
    LimitKind.APPEAL: "上诉期",
    LimitKind.DEFENCE: "答辩期",
    LimitKind.HANDLING: "办理期限",
}
_UNITS = {
    Measure.HOUR: LimitUnit.HOUR,
    Measure.DAY: LimitUnit.DAY,
    Measure.WORKING_DAY: LimitUnit.WORKING_DAY,
    Measure.MONTH: LimitUnit.MONTH,
    Measure.YEAR: LimitUnit.YEAR,
}


def parse_kind(text: str) -> LimitKind:
    """``appeal`` or 上诉期. Raises BadInputError ``limit_kind_unknown``."""
    for kind, label in LIMIT_LABELS.items():
        if text.strip() in (kind.value, label):
            return kind
    known = "、".join(f"{label}（{kind.value}）" for kind, label in LIMIT_LABELS.items())
    raise BadInputError(
        "limit_kind_unknown", f"不认识的期限种类“{text}”", place="kind", way_out=f"可以写：{known}"
    )


def parse_length(text: str) -> tuple[int, LimitUnit]:
    """(15, DAY) for 15日, 十五天; (6, MONTH) for 六个月. Raises BadInputError ``limit_length_unreadable``."""
    found = find_quantities(text)
    if len(found) == 1 and found[0].written == text.strip():
        quantity = found[0]
        if quantity.measure in _UNITS and quantity.value and quantity.value.denominator == 1:
            return int(quantity.value), _UNITS[quantity.measure]
    raise BadInputError(
        "limit_length_unreadable",
        f"读不出期限“{text}”",
        place="length",
        way_out="例如 15日、六个月、1年、3个工作日、24小时",
    )
