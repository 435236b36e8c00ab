"""Where a question is sent that has no reliable answer here: which institution, what to bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kb.answer.scope import Scope
from kb.domain.ask import Segment, SegmentKind
from kb.domain.plain import from_plain
from kb.text.strict_yaml import parse_strict_yaml

PLACE = "corpora/referrals/topics.yaml"
GENERAL = "general"


@dataclass(frozen=True)
class Referral:
    """``who`` are sentences, ``bring`` things to have at hand, ``words`` what such questions say."""

    who: tuple[str, ...]
    bring: tuple[str, ...]
    words: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def load_referrals() -> Mapping[str, Referral]:
    """The shipped referrals by topic, and ``general``. Raises BadInputError, SourceError."""
    content = files("corpora").joinpath("referrals", "topics.yaml").read_bytes()
    loaded = parse_strict_yaml(content, PLACE)
    return {str(topic): from_plain(Referral, value, f"{PLACE}:{topic}") for topic, value in loaded.items()}


def guess_topic(question: str, ranked_topics: Sequence[tuple[str, float]]) -> str:
    """The topic of ``question``: most of the belief of the matching, else most words; empty when unclear.

    ``ranked_topics`` are (topic, share) of the nearest answers, the same topic perhaps several times.
    """
    shares: dict[str, float] = {}
    for topic, share in ranked_topics:
        shares[topic] = shares.get(topic, 0.0) + share
    best = max(shares, key=lambda topic: (shares[topic], topic), default="")
    hits = {
        topic: sum(word in question for word in referral.words)
        for topic, referral in load_referrals().items()
    }
    named = max(hits, key=lambda topic: (hits[topic], shares.get(topic, 0.0), topic))
    if best and shares[best] >= 0.5 and hits.get(best, 0):
        return best
    return named if hits[named] else ""


def say_referral(topic: str, scope: Scope = Scope.LAW) -> tuple[Segment, ...]:
    """Whom to ask and what to bring; a question outside our law is told that it is."""
    if scope is Scope.ELSEWHERE:
        return (
            _note("这里只解答我国内地的法律，其他国家和地区的法律请向当地的律师或者主管机构咨询。"),
            _refer("事情同时牵涉内地的，拨打12348公共法律服务热线说明情况。"),
        )
    if scope is not Scope.LAW:
        return (
            _note("这里只回答法律问题和办事问题，不做别的事情。"),
            _refer(
                "有法律方面的问题，请用一两句话说说是什么事、您想怎么样；也可以拨打12348公共法律服务热线。"
            ),
        )
    referrals = load_referrals()
    general = referrals[GENERAL]
    chosen = referrals.get(topic)
    who = [*(chosen.who if chosen else ()), *general.who]
    bring = chosen.bring if chosen else general.bring
    return (
        _note("这个问题没有找到可靠的答复，不能随便回答您。请向下面的机构咨询。"),
        *(_refer(text) for text in who),
        Segment(SegmentKind.MATERIAL, "咨询时带上：" + "；".join(bring)),
    )


def _note(text: str) -> Segment:
    return Segment(SegmentKind.NOTE, text)


def _refer(text: str) -> Segment:
    return Segment(SegmentKind.REFERRAL, text)
