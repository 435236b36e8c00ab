"""A small invented law and an answer that rests on it, whole and right, for tests to spoil."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from kb.answer.basis import BasisFinder
from kb.answer.holdings import BundleHoldings
from kb.domain.answers import (
    AnswerBasis,
    Branch,
    Choice,
    Gate,
    LimitKind,
    LimitUnit,
    RiskClass,
    Slots,
    StandardAnswer,
    TimeLimit,
)
from kb.domain.works import (
    FAR_FUTURE,
    Provision,
    Version,
    VersionedText,
    Work,
    WorkBundle,
    WorkKind,
    provision_id,
    version_id,
    work_id,
)

LAW = "中华人民共和国雨伞借用法"
OLD_LAW = "中华人民共和国油纸伞法"
TODAY = dt.date(2026, 11, 22)

ARTICLES = {
    (
        1,
        0,
    ): "借用人应当在借用之日起十五日内归还雨伞。\n逾期不还的，出借人可以请求支付雨伞价款百分之二十的补偿。",
    (2, 0): "有下列情形之一的，可以不予补偿：\n（一）雨伞在借用前已经损坏；\n（二）借用人不满八周岁。",
    (3, 0): "出借人对借用人的决定不服的，可以自收到决定之日起五日内请求复核。",
    (4, 0): "本法关于“五日”的规定是指工作日，不含法定休假日。",
}
NEXT_YEAR = {**ARTICLES, (1, 0): "借用人应当在借用之日起十日内归还雨伞。\n逾期不还的，不予补偿。"}


def _version(title: str, day: dt.date, end: dt.date, articles: dict[tuple[int, int], str]) -> VersionedText:
    work = work_id(WorkKind.STATUTE, title)
    version = Version(
        id=version_id(work, day),
        work_id=work,
        version_date=day,
        published_on=day,
        effective_from=day,
        effective_from_certain=True,
        effective_to=end,
        effective_to_certain=True,
        date_source="样例",
        declared_status="有效",
        text_sha256="",
    )
    provisions = tuple(
        Provision(provision_id(work, number), version.id, number, f"第{number[0]}条", (), text, i)
        for i, (number, text) in enumerate(articles.items())
    )
    return VersionedText(version, provisions)


def _work(title: str, **more: Any) -> Work:
    short = title.removeprefix("中华人民共和国")
    kept = {"repealed_on": None, **more}
    work = work_id(WorkKind.STATUTE, title)
    return Work(work, WorkKind.STATUTE, title, short, (), "法律", "样例机关", "民法商法", "全国", **kept)


def make_holdings() -> BundleHoldings:
    """Over ``make_bundles``."""
    return BundleHoldings(make_bundles())


def make_bundles() -> list[WorkBundle]:
    """The umbrella law in two texts, the second from 2027-03-01 on, and a law that is repealed."""
    start, change = dt.date(2020, 1, 1), dt.date(2027, 3, 1)
    umbrellas = WorkBundle(
        _work(LAW),
        (_version(LAW, start, change, ARTICLES), _version(LAW, change, FAR_FUTURE, NEXT_YEAR)),
        "sample",
    )
    ended = dt.date(2020, 1, 1)
    paper = WorkBundle(
        _work(OLD_LAW, repealed_on=ended, successor=LAW),
        (_version(OLD_LAW, dt.date(1990, 1, 1), ended, {(1, 0): "油纸伞应当在三日内归还。"}),),
        "sample",
    )
    return [umbrellas, paper]


def make_finder(as_of: dt.date = TODAY) -> BasisFinder:
    """Over ``make_holdings``."""
    return BasisFinder(make_holdings(), as_of)


def make_answer(**changes: Any) -> StandardAnswer:
    """An answer without a single problem but the note that its law changes; ``changes`` are fields."""
    answer = StandardAnswer(
        id="contracts-umbrella",
        topic="合同",
        category=("合同", "借用"),
        title="借出去的伞不还怎么办",
        question="借给别人的雨伞一直不还，怎么办？",
        variants=(
            "伞借出去要不回来咋办",
            "他借我伞不还",
            "借伞不还能要赔偿吗",
            "邻居拿了我的伞就没影了",
            "雨伞多少天要还",
            "俺家伞让人借走不给",
            "借伞不还违法不",
            "我爸的伞被同事借走一个月没还",
        ),
        risk=RiskClass.ORDINARY,
        slots=Slots(
            conclusion="对方要按时归还，逾期不还的您可以要补偿。",
            support=("b1", "b2"),
            time_limits=(TimeLimit(LimitKind.HANDLING, 15, LimitUnit.DAY, "借用之日", "对方归还雨伞", "b1"),),
            exceptions=("借伞的是不满8岁的孩子，可以不补偿。",),
        ),
        script="您好，借出去的伞，对方要在借用之日起十五日内归还，逾期不还的，您可以要求补偿。请先留好借用的聊天记录。",
        basis=(
            AnswerBasis("b1", LAW, "第一条", "什么时候还，逾期怎么补偿"),
            AnswerBasis("b2", LAW, "第二条第（二）项", "孩子借伞可以不补偿"),
        ),
        transfer="需要律师帮助的转法律援助（12348）。",
    )
    return replace(answer, **changes)


def make_gated_answer(**changes: Any) -> StandardAnswer:
    """The same answer with a gate: 借了多久."""
    plain = make_answer()
    late = Branch(
        {"overdue": "late"},
        Slots("已经逾期，可以要补偿。", support=("b1",)),
        "已经过了归还的日子，您可以要求对方补偿，请先书面催一次，留好记录。",
    )
    early = Branch(
        {"overdue": "early"},
        Slots("还没到期，先等对方归还。", support=("b1",)),
        "还没有到归还的日子，您可以先提醒对方按时归还，留好借用的记录。",
    )
    gate = Gate("overdue", "过了归还的日子没有？", (Choice("late", "过了"), Choice("early", "没过")))
    return replace(plain, gates=(gate,), branches=(late, early), **changes)
