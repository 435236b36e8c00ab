"""Why a search did not put what was wanted among the first ten: a first sorting, for a person to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from eval.gold import GoldQuestion, GoldState, HeldTexts
from kb.encode.training import character_bigrams

FIRST = 10
SAME_WORDS = 0.6
"""Jaccard similarity of character bigrams from which two provisions say the same."""


class Fault(StrEnum):
    """What stands between a question and its provisions, the plainest reason first."""

    NONE = "none"
    REFUSED = "refused"
    NOT_HELD = "not_held"
    OLD_TEXT = "old_text"
    SAME_TEXT = "same_text"
    RANKED_LOW = "ranked_low"
    SAME_WORK = "same_work"
    WORD_GAP = "word_gap"


FAULT_LABELS = {
    Fault.NONE: "前十条里有",
    Fault.REFUSED: "问题被拒绝",
    Fault.NOT_HELD: "所引条文库中没有",
    Fault.OLD_TEXT: "所引文字今天无效",
    Fault.SAME_TEXT: "别的文件里同文的条文占了位置",
    Fault.RANKED_LOW: "找到了，排在十名以后",
    Fault.SAME_WORK: "找对了文件，没找对条",
    Fault.WORD_GAP: "问题与条文用词不同，前一百条里没有",
}


def same_words(first: str, second: str) -> bool:
    """True when two texts are the same but for a few words."""
    ours, theirs = set(character_bigrams(first)), set(character_bigrams(second))
    return bool(ours) and len(ours & theirs) >= SAME_WORDS * len(ours | theirs)


def find_fault(
    gold: GoldQuestion,
    lists: Mapping[str, Sequence[str]],
    mode: str,
    held: HeldTexts,
    refused: str = "",
) -> Fault:
    """Why ``mode`` has nothing that is wanted among its first ten; ``lists`` are of every mode."""
    wanted = set(gold.wanted)
    if refused:
        return Fault.REFUSED
    if wanted & set(lists[mode][:FIRST]):
        return Fault.NONE
    findable = [one for one in gold.citations if one.findable]
    if not findable:
        old = any(one.state in (GoldState.OLD_TEXT, GoldState.OTHER_TEXT) for one in gold.citations)
        return Fault.OLD_TEXT if old else Fault.NOT_HELD
    first = [reading for one in lists[mode][:FIRST] if (reading := held.reading(one))]
    texts = [reading.provision.text for one in findable if (reading := held.reading(one.wanted))]
    if any(same_words(text, hit.provision.text) for text in texts for hit in first):
        return Fault.SAME_TEXT
    if any(wanted & set(ranked) for ranked in lists.values()):
        return Fault.RANKED_LOW
    works = {one.work.id for one in findable if one.work}
    return Fault.SAME_WORK if works & {hit.work.id for hit in first} else Fault.WORD_GAP
