"""Danger in a message, before anything else is done with it: to life, to a child, from violence, to oneself.

A rule engine over normalised text. Signs stand in ``corpora/safety/signs.yaml`` in three strengths, contexts
that take a sign back (a question about law, the past, a film, a manner of speaking) beside them. It is better
to give a number to call too often than once too seldom; but whoever asks what the law says on violence is
no alarm. Every pattern is linear: no repeat inside a repeat, all gaps bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kb.domain.ask import Segment, SegmentKind
from kb.domain.plain import from_plain
from kb.errors import SourceError
from kb.text.normalise import HAN_CLASS, normalise_query
from kb.text.strict_yaml import parse_strict_yaml
from kb.text.traditional import simplify

SIGNS = "corpora/safety/signs.yaml"
MESSAGES = "corpora/safety/messages.yaml"
MAX_READ = 4_000
"""Characters of a message that are looked at, from both ends of a longer one."""
_KEPT = re.compile(rf"[^{HAN_CLASS}0-9a-z]+")
_DENIAL_WINDOW = 4


@dataclass(frozen=True)
class CategorySigns:
    """Patterns of one category by strength."""

    always: tuple[str, ...] = ()
    unless_legal: tuple[str, ...] = ()
    now: tuple[str, ...] = ()


@dataclass(frozen=True)
class _SignsFile:
    heard: dict[str, str]
    now: str
    legal: str
    past: str
    media: str
    denied: str
    figurative: str
    categories: Mapping[str, CategorySigns]


@dataclass(frozen=True)
class CategoryMessage:
    """What is said for one category; ``numbers`` are those that must be among its words."""

    label: str
    say: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Duty:
    """强制报告 with the provision that it rests on."""

    text: str
    title: str
    label: str


@dataclass(frozen=True)
class SafetyMessages:
    """All that is said; ``order`` is the order of urgency."""

    order: tuple[str, ...]
    categories: Mapping[str, CategoryMessage]
    duty: Duty
    human: str
    crime: str


@dataclass(frozen=True)
class Danger:
    """``categories`` that a message shows, most urgent first; ``asks_law``: it asks about law too.

    ``suspected``: no sign shows it, but the message sounds like those of people in danger.
    """

    categories: tuple[str, ...] = ()
    asks_law: bool = False
    suspected: bool = False

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.categories)


SAFE = Danger()
_CHILD_WORDS = re.compile(
    r"孩子|小孩|娃|宝宝|学生|未成年|小姑娘|婴儿|(?<![0-9])(?:[1-9]|1[0-7])岁|十[一二三四五六七]?岁|[三四五六七八九]岁|幼儿园|上学"
)
_ASKS_LAW = re.compile(
    r"离婚|起诉|告他|告她|告他们|赔偿|赔多少|怎么赔|判几年|判多少|怎么判|保护令|抚养|财产|立案|证据|律师|违法|犯法|犯罪|坐牢|法律|工资|仲裁|合同|债|遗产|继承|房子|"
    r"工伤|认定|拘留|欠钱|欠款|网贷|还钱|房租|押金|辞退|上诉|判决"
)
_CRIME = frozenset(("violence", "detention", "domestic_violence", "sexual", "child"))


@dataclass(frozen=True, eq=False)
class SafetyRules:
    """Compiled signs."""

    heard: tuple[tuple[str, str], ...]
    now: re.Pattern[str]
    legal: re.Pattern[str]
    past: re.Pattern[str]
    media: re.Pattern[str]
    denied: re.Pattern[str]
    figurative: re.Pattern[str]
    always: Mapping[str, re.Pattern[str]]
    unless_legal: Mapping[str, re.Pattern[str]]
    when_now: Mapping[str, re.Pattern[str]]
    order: tuple[str, ...]


def find_danger(text: str, rules: SafetyRules | None = None) -> Danger:
    """The danger that ``text`` (as typed or heard) shows."""
    rules = rules or load_rules()
    plain = clean_text(text, rules)
    told = rules.figurative.sub("□", plain)
    if rules.media.search(told):
        return SAFE
    happening, legal, past = frames_of(told, rules)
    found = []
    for category in rules.order:
        strong = _stands(rules.always.get(category), told, rules)
        medium = not legal and not past and _stands(rules.unless_legal.get(category), told, rules)
        event = happening and not past and _stands(rules.when_now.get(category), told, rules)
        if strong and past and legal and not happening:
            strong = False
        if event and legal and not _pressing(told):
            event = False
        if strong or medium or event:
            found.append(category)
    return Danger(tuple(found), asks_law(told)) if found else SAFE


def frames_of(told: str, rules: SafetyRules) -> tuple[bool, bool, bool]:
    """Whether a cleaned message says that something is happening, asks about law, tells of the past."""
    return (
        rules.now.search(told) is not None,
        rules.legal.search(told) is not None,
        rules.past.search(told) is not None,
    )


def asks_law(told: str) -> bool:
    """Whether a cleaned message also asks what the law gives."""
    return _ASKS_LAW.search(told) is not None


def clean_text(text: str, rules: SafetyRules) -> str:
    """Simplified characters without marks and blanks, lower case, misheard words put right."""
    if len(text) > MAX_READ:
        text = text[: MAX_READ // 2] + text[-MAX_READ // 2 :]
    plain = _KEPT.sub("", simplify(normalise_query(text)).lower())
    for wrong, right in rules.heard:
        if wrong in plain:
            plain = plain.replace(wrong, right)
    return plain


def say_safety(danger: Danger) -> tuple[Segment, ...]:
    """What is said first, most urgent category first, each sentence once.

    The duty to report stands where a child is concerned; nothing is predicted where a crime is.
    """
    messages = load_messages()
    lines: dict[str, None] = {}
    for category in danger.categories:
        if category == "violence" and "domestic_violence" in danger.categories:
            continue  # it says the same
        lines.update(dict.fromkeys(messages.categories[category].say))
    if "child" in danger.categories:
        lines[messages.duty.text] = None
    if _CRIME & set(danger.categories):
        lines[messages.crime] = None
    lines[messages.human] = None
    return tuple(Segment(SegmentKind.SAFETY, line) for line in lines)


@lru_cache(maxsize=1)
def load_rules() -> SafetyRules:
    """The shipped signs. Raises SourceError ``safety_rules_invalid``."""
    content = files("corpora").joinpath("safety", "signs.yaml").read_bytes()
    loaded = parse_strict_yaml(content, SIGNS)
    try:
        read = _SignsFile(
            **{name: value for name, value in loaded.items() if name != "categories"},
            categories={
                str(name): from_plain(CategorySigns, value, f"{SIGNS}:{name}")
                for name, value in loaded["categories"].items()
            },
        )
        return SafetyRules(
            heard=tuple((wrong, right) for wrong, right in read.heard.items() if wrong != right),
            now=_compile(read.now),
            legal=_compile(read.legal),
            past=_compile(read.past),
            media=_compile(read.media),
            denied=re.compile(rf"(?:{read.denied})\Z"),
            figurative=_compile(read.figurative),
            always=_join(read.categories, "always"),
            unless_legal=_join(read.categories, "unless_legal"),
            when_now=_join(read.categories, "now"),
            order=load_messages().order,
        )
    except (TypeError, KeyError, re.error) as error:
        raise SourceError(
            "safety_rules_invalid", f"安全规则读不懂：{error}", place=SIGNS, way_out="照文件开头的说明改正"
        ) from error


@lru_cache(maxsize=1)
def load_messages() -> SafetyMessages:
    """The shipped messages. Raises BadInputError ``record_invalid``, SourceError."""
    loaded = parse_strict_yaml(files("corpora").joinpath("safety", "messages.yaml").read_bytes(), MESSAGES)
    return SafetyMessages(
        order=tuple(loaded["order"]),
        categories={
            str(name): from_plain(CategoryMessage, value, f"{MESSAGES}:{name}")
            for name, value in loaded["categories"].items()
        },
        duty=from_plain(Duty, loaded["duty"], f"{MESSAGES}:duty"),
        human=str(loaded["human"]),
        crime=str(loaded["crime"]),
    )


_PRESSING = re.compile(
    r"正在|现在.{0,6}(?:打|砸|追|拿|踹|堵)|今晚|救命|救我|拿着?刀|躲在|不敢回家|刚刚?被|刚才被|还在打|在砸|在打|踹门|砸门|门口"
)


def _pressing(told: str) -> bool:
    """Whether it is happening so plainly that a question about law changes nothing."""
    return _PRESSING.search(told) is not None


def _stands(pattern: re.Pattern[str] | None, told: str, rules: SafetyRules) -> bool:
    """Whether a sign is there that nothing just before it denies."""
    if pattern is None:
        return False
    for match in pattern.finditer(told):
        head = told[max(0, match.start() - _DENIAL_WINDOW) : match.start()]
        if not rules.denied.search(head):
            return True
    return False


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", "").replace("\n", ""))


def _join(categories: Mapping[str, CategorySigns], strength: str) -> dict[str, re.Pattern[str]]:
    found = {}
    for name, signs in categories.items():
        patterns = getattr(signs, strength)
        if patterns:
            found[name] = _compile("|".join(f"(?:{pattern})" for pattern in patterns))
    return found
