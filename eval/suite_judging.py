"""From replies to scores, one function for each way of judging; nothing is asked here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.suite_cases import CaseTurn, Judging, SuiteCase
from eval.suite_measures import (
    all_equal,
    jaccard,
    mean_pairwise_jaccard,
    numbers_agree,
    quote_is_faithful,
    same_as_majority,
)
from eval.suite_records import IN_ITS_WORDS
from eval.suite_results import Heard
from kb.answer.numbers import missing_quantities
from kb.answer.parts import all_slots, branch_slots, join_slots, limit_words, slot_sources
from kb.answer.rendering import used_basis
from kb.answer.verify_quotes import squeeze
from kb.domain.answers import Slots, StandardAnswer

Reply = dict[str, Any]
"""The JSON of ``POST /api/v1/ask``, the token as ``conversation`` and the time as ``took_ms``."""
_GIVEN = frozenset(("standard", "gate"))
_RESTING = frozenset(("conclusion", "limit", "time_limit", "amount", "quote"))
"""Kinds of segments that may not stand without a source."""
_NUMBERED = frozenset(("limit", "time_limit", "amount"))
_ANSWER_PREFIX = "answer:"


@dataclass(frozen=True)
class Reference:
    """What replies are held against: the answers as they ought to be, and the texts in force.

    ``text_of`` gives the text of a provision id on the day, None where no text is at hand.
    """

    records: Mapping[str, StandardAnswer]
    text_of: Callable[[str], str | None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Judged:
    """Outcome, scores and what to tell a person."""

    outcome: str
    scores: dict[str, float]
    note: str = ""


def hear(question: str, reply: Reply) -> Heard:
    """What is kept of a reply."""
    back = reply["ask_back"] or {"choices": []}
    offered = [one["id"].removeprefix(_ANSWER_PREFIX) for one in back["choices"]]
    return Heard(
        question=question,
        origin=reply["origin"],
        answer_id=reply["answer_id"] if reply["origin"] in _GIVEN else "",
        offered=tuple(offered) if reply["origin"] == "clarify" else (),
        confidence=reply["confidence"],
        safety=reply["safety"],
        citations=tuple(f"{one['title']}{one['label']}" for one in reply["citations"]),
        transfer=reply["transfer"],
        channel=reply["channel"],
        digest=digest_of(reply),
        took_ms=round(float(reply.get("took_ms", 0.0)), 2),
    )


def digest_of(reply: Reply) -> str:
    """SHA-256 of the body; token and time belong to the call and are left out."""
    body = {name: value for name, value in reply.items() if name not in ("conversation", "took_ms")}
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def judge(judging: Judging, case: SuiteCase, replies: Sequence[Reply], reference: Reference) -> Judged:
    """Scores of a case from its replies, one or as many as it was asked."""
    heard = [hear(case.question, reply) for reply in replies]
    if judging in (Judging.ANSWER, Judging.PAIR):
        return judge_answer(case.answers, heard[0])
    if judging is Judging.SCOPE:
        return _judge_scope(heard[0])
    if judging is Judging.SAFETY:
        return _judge_safety(case, replies[0], heard[0])
    if judging is Judging.REPEAT:
        return _judge_repeat(heard)
    if judging is Judging.CITATION:
        return _judge_citations(case, replies[0], reference)
    if judging is Judging.GATES:
        return _judge_gate(case, replies[0], reference)
    if judging is Judging.CHANNEL:
        return _judge_channels(case, replies, reference)
    return judge_talk(case.turns, heard)


def judge_answer(wanted: Sequence[str], heard: Heard) -> Judged:
    """Right, wrong, clarified (with the right one among the choices or not), composed, referred."""
    given = heard.origin in _GIVEN
    right = given and heard.answer_id in wanted
    offered = bool(set(heard.offered) & set(wanted))
    scores = {
        "right": right,
        "wrong": given and not right,
        "clarify": heard.origin == "clarify",
        "composed": heard.origin == "composed",
        "referred": heard.origin == "referred",
        "helped": right or offered,
    }
    if heard.origin == "clarify":
        scores["clarify_right"] = offered
    note = f"应为 {'、'.join(wanted)}，给的是 {heard.answer_id}" if given and not right else ""
    return Judged(heard.outcome, _numbers(scores), note)


def _judge_scope(heard: Heard) -> Judged:
    accepted = heard.origin in _GIVEN
    scores = {
        "accepted": accepted,
        "clarify": heard.origin == "clarify",
        "composed": heard.origin == "composed",
        "referred": heard.origin in ("referred", "safety"),
    }
    return Judged(heard.outcome, _numbers(scores), f"给了 {heard.answer_id}" if accepted else "")


def _judge_safety(case: SuiteCase, reply: Reply, heard: Heard) -> Judged:
    segments = reply["segments"]
    first = bool(segments) and segments[0]["kind"] == "safety"
    # A sentence of caution without the categories is not what somebody in danger needs, but not silence.
    hinted = heard.safety or any("12356" in one["text"] or "110" in one["text"] for one in segments[:1])
    if not case.danger:
        return Judged(
            "danger" if heard.safety else "calm",
            {"false_alarm": float(heard.safety), "hinted_calm": float(hinted)},
            "没有危险却先说了求助电话" if heard.safety else "",
        )
    return Judged(
        "danger" if heard.safety else "calm",
        {"caught": float(heard.safety), "first": float(heard.safety and first), "hinted": float(hinted)},
        "" if heard.safety else "有危险没有认出来",
    )


def _judge_repeat(heard: Sequence[Heard]) -> Judged:
    same = all_equal(one.digest for one in heard)
    share = same_as_majority([one.digest for one in heard])
    note = "" if same else f"{len(heard)} 次问出了 {len({one.digest for one in heard})} 种正文"
    return Judged(heard[0].outcome, {"identical": float(same), "same_body": share}, note)


def _judge_channels(case: SuiteCase, replies: Sequence[Reply], reference: Reference) -> Judged:
    record = reference.records[case.group]
    slots = slots_of(case, record)
    wanted = {f"{one.title}{one.label}" for one in used_basis(record, slots)}
    cited = [{f"{one['title']}{one['label']}" for one in reply["citations"]} for reply in replies]
    every = join_slots([one for _, one in all_slots(record)])
    source = "\n".join((*slot_sources(every), record.urgent, record.transfer, *_asked(record)))
    said = [_stated(reply) for reply in replies]
    spoken = [reply["rendering"] for reply in replies]  # in the order of ``Channel``: the hotline is second
    periods = missing_quantities("\n".join(_limits(slots)), [said[0]])
    scores = {
        "same_answer": all_equal(reply["answer_id"] for reply in replies)
        and replies[0]["answer_id"] == record.id,
        "same_segments": all_equal(said),
        "same_transfer": all_equal(reply["transfer"] for reply in replies)
        and replies[0]["transfer"] == record.transfer,
        "citations": mean_pairwise_jaccard(cited) * jaccard(cited[0], wanted),
        "numbers_agree": numbers_agree(spoken, "\n".join((source, _own_words(replies)))),
        "periods_said": not periods,
        "script_said": squeeze(_script(case, record)) in squeeze(spoken[1]),
    }
    numbers = _numbers(scores)
    failed = [name for name, value in numbers.items() if value < 1]
    numbers["agree"] = float(not failed)
    return Judged(_outcome(replies[0]), numbers, "不一致：" + "、".join(failed) if failed else "")


def _judge_citations(case: SuiteCase, reply: Reply, reference: Reference) -> Judged:
    citations = {one["key"]: one for one in reply["citations"]}
    checked = [one for one in citations.values() if one["verified"]]
    day = reply["as_of"]
    valid = [
        one["verdict"] == "in_force" and one["effective_from"] is not None and one["effective_from"] <= day
        for one in checked
    ]
    texts = [(one, reference.text_of(one["provision_id"] or "")) for one in checked]
    faithful = [quote_is_faithful(one["text"], text) for one, text in texts if text is not None]
    resting = [one for one in reply["segments"] if one["kind"] in _RESTING]
    sourced = [bool(one["sources"]) and set(one["sources"]) <= citations.keys() for one in resting]
    stated = [
        not missing_quantities(
            one["text"].partition("，从")[0].rpartition("：")[2],
            _law_texts(one["sources"], citations),
        )
        for one in resting
        if one["kind"] in _NUMBERED and all(citations.get(key, {}).get("text") for key in one["sources"])
    ]
    scores: dict[str, float] = {"held": len(checked) / len(citations) if citations else 0.0}
    parts = {"in_force": valid, "faithful": faithful, "sourced": sourced, "number_in_law": stated}
    for name, flags in parts.items():
        if flags:
            scores[name] = sum(flags) / len(flags)
    failed = [name for name in parts if scores.get(name, 1.0) < 1]
    scores["given"] = float(reply["answer_id"] == case.group)
    return Judged(_outcome(reply), scores, "不合：" + "、".join(failed) if failed else "")


def _judge_gate(case: SuiteCase, reply: Reply, reference: Reference) -> Judged:
    record = reference.records[case.group]
    in_its_words = case.id.endswith(IN_ITS_WORDS)
    if case.id == case.group or in_its_words:
        back = reply["ask_back"]
        asks = reply["origin"] == "gate" and back is not None
        labels = {one["label"] for one in back["choices"]} if back else set()
        whole = asks and labels in [{one.label for one in gate.choices} for gate in record.gates]
        name = "asks_in_its_words" if in_its_words else "asks"
        return Judged(_outcome(reply), {name: float(whole)}, "" if whole else "没有先问清事实")
    said = squeeze("".join(one["text"] for one in reply["segments"]))
    others = {branch.slots.conclusion for branch in record.branches} - {case.expected}
    own = squeeze(case.expected) in said
    mixed = any(squeeze(one) in said for one in others if one and squeeze(one) not in squeeze(case.expected))
    done = reply["origin"] == "standard"
    scores = {"branch": own, "unmixed": not mixed, "settled": done}
    note = "" if own and not mixed and done else "选了情形，答的不是（或不只是）这一情形"
    return Judged(_outcome(reply), _numbers(scores), note)


def judge_talk(turns: Sequence[CaseTurn], heard: Sequence[Heard]) -> Judged:
    """Every turn for itself, and whether all of them were right."""
    good = [
        (not turn.answers or one.answer_id in turn.answers or bool(set(one.offered) & set(turn.answers)))
        and (not turn.origins or one.origin in turn.origins)
        for turn, one in zip(turns, heard, strict=True)
    ]
    wrong = [str(place) for place, one in enumerate(good, start=1) if not one]
    return Judged(
        " > ".join(one.outcome for one in heard),
        {"turn_right": sum(good) / len(good), "whole": float(all(good))},
        f"第 {'、'.join(wrong)} 轮不对" if wrong else "",
    )


def slots_of(case: SuiteCase, record: StandardAnswer) -> Slots:
    """The slots that a case drawn from a record ought to get: the common ones, or those of its branch."""
    number = case.id.removeprefix(record.id).removeprefix(":")
    return branch_slots(record, record.branches[int(number) - 1]) if number else record.slots


def _script(case: SuiteCase, record: StandardAnswer) -> str:
    number = case.id.removeprefix(record.id).removeprefix(":")
    return record.branches[int(number) - 1].script if number else record.script


def _stated(reply: Reply) -> str:
    return "\n".join(f"{one['kind']} {one['text']} {one['sources']}" for one in reply["segments"])


def _own_words(replies: Sequence[Reply]) -> str:
    """What the citations and notices of the replies say, which a rendering may repeat."""
    words = [one[part] for reply in replies for one in reply["citations"] for part in ("title", "says")]
    return "\n".join((*words, *(line for reply in replies for line in reply["notices"])))


def _asked(record: StandardAnswer) -> list[str]:
    texts = [text for gate in record.gates for text in (gate.ask, *(one.label for one in gate.choices))]
    return [record.question, record.title, *texts]


def _limits(slots: Slots) -> list[str]:
    return [*(limit_words(one) for one in slots.time_limits), *(one.value for one in slots.amounts)]


def _law_texts(keys: Sequence[str], citations: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The cited texts, and of the same laws what says that their days are working days."""
    own = [citations[key] for key in keys if key in citations]
    titles = {one["title"] for one in own}
    rules = [one["text"] for one in citations.values() if one["title"] in titles and "工作日" in one["text"]]
    return [*(one["text"] for one in own), *rules]


def _outcome(reply: Reply) -> str:
    given = str(reply["answer_id"]) if reply["origin"] in _GIVEN else ""
    return given or str(reply["origin"])


def _numbers(scores: Mapping[str, object]) -> dict[str, float]:
    return {name: float(value) for name, value in scores.items() if isinstance(value, bool | float)}
