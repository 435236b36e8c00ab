"""Five invented answers over the small law, each of another kind, and a door over them and a real index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from kb.answer.ask import AskService
from kb.answer.matching import Decision
from kb.answer.matching_model import Calibration, Thresholds, load_calibration
from kb.answer.rephrase import Rephraser
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
from kb.domain.search import SearchDoor
from kb.store.database import Database
from tests.answer.small_answers import LAW, OLD_LAW, make_answer
from tests.answer.small_ask import open_small_ask

PLAIN, LATE, REVIEW = "contracts-umbrella", "contracts-umbrella-late", "administration-umbrella-review"
ENDED, WAITING = "contracts-paper-umbrella", "contracts-umbrella-rental"
RENTAL_RULES = "雨伞租赁管理条例"
ASKED = {
    PLAIN: "借给别人的雨伞一直不还，怎么办？",
    LATE: "归还雨伞的日子说不清楚，能不能要补偿？",
    REVIEW: "对出借人的决定不服，怎么请求复核？",
    ENDED: "油纸伞几天之内要归还？",
    WAITING: "租来的雨伞坏了由谁修理？",
}


@dataclass(frozen=True)
class SmallWorld:
    """A store with the small law and a search door over a real index of it, by words only."""

    database: Database
    door: SearchDoor
    opened: dict[tuple[Decision | None, bool | None], AskService] = field(default_factory=dict)
    """Doors over all five answers, as they keep nothing of what they were asked."""


def make_late() -> StandardAnswer:
    """Turns on a fact: whether the day for giving back has passed."""
    late = Branch(
        {"overdue": "late"},
        Slots("已经逾期，您可以要补偿。", support=("b1",)),
        "您好，已经过了归还的日子，您可以要求对方补偿，请先书面催一次，留好借用的记录。",
    )
    early = Branch(
        {"overdue": "early"},
        Slots("还没到期，先等对方归还。", support=("b1",)),
        "您好，还没有到归还的日子，您可以先提醒对方按时归还，并且留好借用的记录。",
    )
    gate = Gate(
        "overdue",
        "过了归还的日子没有？",
        (Choice("late", "已经过了归还的日子"), Choice("early", "还没到归还的日子")),
    )
    return make_answer(
        id=LATE,
        title="归还的日子和补偿",
        question=ASKED[LATE],
        variants=(
            "对方晚还伞要不要赔我",
            "伞晚几天才还能不能要钱",
            "逾期还伞要补偿吗",
            "还伞拖了好久有没有补偿",
            "他还伞晚了给补偿不",
            "没按时还伞怎么算",
            "伞拖着不还能要点补偿吗",
            "还伞的日子怎么定",
        ),
        slots=Slots(
            "能不能要补偿，先看过了归还的日子没有。",
            support=("b1",),
            evidence=("借用的聊天记录",),
            where="可以到社区调解室。",
        ),
        script="您好，能不能要补偿，要先看过了归还的日子没有。请问，已经过了归还的日子，还是还没到？",
        basis=make_answer().basis[:1],
        gates=(gate,),
        branches=(late, early),
    )


def make_review() -> StandardAnswer:
    """A right is lost when a day passes."""
    return make_answer(
        id=REVIEW,
        topic="行政",
        category=("行政", "复核"),
        title="对出借人的决定不服，请求复核",
        question=ASKED[REVIEW],
        variants=(
            "出借人的决定我不认怎么办",
            "收到决定想找人复核",
            "借伞的决定不公平想复核",
            "不服借伞决定去哪说理",
            "决定书说我赔伞钱不合理能复核吗",
            "复核申请几天内要交",
            "出借单位的决定想推翻",
            "决定下来了还能不能再看一遍",
        ),
        risk=RiskClass.TIME_CRITICAL,
        slots=Slots(
            "可以请求复核。",
            support=("b1", "b2"),
            steps=("写明不服的理由，连同决定书一起递交",),
            time_limits=(
                TimeLimit(LimitKind.APPLICATION, 5, LimitUnit.WORKING_DAY, "收到决定之日", "请求复核", "b1"),
            ),
            materials=("决定书", "身份证明"),
            competent="向作出决定的出借人提出。",
        ),
        script="您好，对决定不服的，请在收到决定之日起五个工作日内请求复核，写明理由，连同决定书一起递交。",
        basis=(
            AnswerBasis("b1", LAW, "第三条", "不服决定的复核期限"),
            AnswerBasis("b2", LAW, "第四条", "五日是工作日"),
        ),
    )


def make_ended() -> StandardAnswer:
    """Rests on a law that is repealed."""
    return make_answer(
        id=ENDED,
        title="油纸伞的归还期限",
        question=ASKED[ENDED],
        variants=(
            "油纸伞要几天内还",
            "借的油纸伞什么时候还",
            "油纸伞还晚了咋办",
            "油纸伞归还期限",
            "借了油纸伞最迟哪天还",
            "油纸伞能借几天",
            "老式油纸伞借期",
            "油纸伞借几日",
        ),
        slots=Slots(
            "油纸伞要在3日内归还。",
            support=("b1",),
            time_limits=(TimeLimit(LimitKind.HANDLING, 3, LimitUnit.DAY, "借用之日", "归还油纸伞", "b1"),),
        ),
        script="您好，借用的油纸伞要在三日内归还，请您尽快还给对方，并且留好归还的凭据。",
        basis=(AnswerBasis("b1", OLD_LAW, "第一条", "归还期限"),),
    )


def make_waiting() -> StandardAnswer:
    """Rests on the law and on rules that are not held."""
    return make_answer(
        id=WAITING,
        title="租来的雨伞坏了谁修",
        question=ASKED[WAITING],
        variants=(
            "租的伞骨断了谁管",
            "共享雨伞坏了让我赔",
            "租伞坏了修理费谁出",
            "租赁的伞漏雨找谁修",
            "租的伞用坏了咋办",
            "伞租来就是坏的",
            "租伞公司不修伞",
            "租来的伞断了还要我出钱",
        ),
        slots=Slots(
            "租伞的一方负责修理；借用前已经坏了的，您可以不补偿。",
            support=("b1", "b2"),
        ),
        script="您好，租来的伞坏了，先请租伞的一方修理。借用前已经坏了的，您可以不补偿，请留好照片。",
        basis=(
            AnswerBasis("b1", LAW, "第二条", "借用前损坏的不补偿"),
            AnswerBasis("b2", RENTAL_RULES, "第八条", "租伞的一方修理", held=False),
        ),
    )


def make_all() -> tuple[StandardAnswer, ...]:
    return (make_answer(), make_late(), make_review(), make_ended(), make_waiting())


def steer(decision: Decision | None = None, *, quote: bool | None = None) -> Calibration:
    """The shipped model with thresholds that everything passes or nothing: its figures decide nothing."""
    shipped = load_calibration()
    limits = shipped.words_only.thresholds
    if decision is not None:
        limits = Thresholds(
            accept=0.0 if decision is Decision.GIVE else 2.0,
            margin=0.0,
            offer=0.0 if decision is Decision.OFFER else 2.0,
            quote=limits.quote,
        )
    if quote is not None:
        limits = replace(limits, quote=0.0 if quote else 2.0)
    return replace(shipped, words_only=replace(shipped.words_only, thresholds=limits))


def open_door(
    world: SmallWorld,
    decision: Decision | None = None,
    *,
    quote: bool | None = None,
    answers: Sequence[StandardAnswer] | None = None,
    clock: Callable[[], float] = lambda: 1_000_000.0,
    rephraser: Rephraser | None = None,
) -> AskService:
    """A new door over ``world``; ``decision`` and ``quote`` steer what is not asked in known words."""
    return open_small_ask(
        world.database,
        world.door,
        make_all() if answers is None else answers,
        clock=clock,
        rephraser=rephraser,
        calibration=steer(decision, quote=quote),
    )


def steered_door(
    world: SmallWorld, decision: Decision | None = None, *, quote: bool | None = None
) -> AskService:
    """As ``open_door`` over all five answers, the same one every time."""
    wanted = (decision, quote)
    if wanted not in world.opened:
        world.opened[wanted] = open_door(world, decision, quote=quote)
    return world.opened[wanted]
