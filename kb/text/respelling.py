"""Questions typed in pinyin, or with a wrong character of the same sound, as they were meant.

Both are decoded with the same small model: bigrams of characters over the shipped everyday questions,
words and legal terms (Viterbi over the characters of each syllable). A Chinese question is only changed
where the result contains a known term that the original did not, and where it is much likelier.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kb.text.everyday import read_everyday_entries
from kb.text.normalise import HAN_CLASS
from kb.text.question_files import read_provision_questions
from kb.text.tokenise import read_word_list

MIN_SYLLABLES = 3
LONGEST_SYLLABLE = 6
BACKOFF = 0.2
"""Weight of the single character beside the pair."""
TYPO_GAIN = 4.0
"""Natural logarithm by which a respelled question must be likelier, per changed character."""
LONGEST_DECODED = 120
START = "^"

_LETTERS = re.compile(r"[a-zü]+")
_HAN = re.compile(f"[{HAN_CLASS}]")
_HAN_RUN = re.compile(f"[{HAN_CLASS}]{{2,}}")


@dataclass(frozen=True)
class Respelling:
    """``text`` is what to search for; ``changed`` are (as typed, as meant), mostly empty."""

    text: str
    changed: tuple[tuple[str, str], ...] = ()


def respell(question: str, is_word: Callable[[str], bool]) -> Respelling:
    """A normalised, simplified question in characters, with wrong characters of known terms put right.

    What ``is_word`` knows as a word is taken as it is.
    """
    decoded = _decode_pinyin(question)
    if decoded is not None:
        return Respelling(decoded, ((question, decoded),))
    return _put_right(question, is_word)


class _Model:
    """Character bigrams, the sounds of characters, and the terms that a correction must yield."""

    def __init__(self) -> None:
        from pypinyin import Style, pinyin

        terms = {term for term in read_word_list("legal_terms.txt") if _HAN_RUN.fullmatch(term)}
        texts: list[str] = [one.text for one in read_provision_questions()]
        for entry in read_everyday_entries():
            texts += entry.say
            terms.update(form for form in (*entry.say, *entry.law) if _HAN_RUN.fullmatch(form))
        texts += sorted(terms)
        self.terms = frozenset(terms)
        self.longest = max(map(len, terms), default=0)
        self.singles: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for text in texts:
            for run in _HAN_RUN.findall(text):
                self.singles.update(run)
                pairs.update(pairwise(START + run))
        self.pairs = pairs
        self.starts = Counter({START: sum(n for (first, _), n in pairs.items() if first == START)})
        self.total = sum(self.singles.values())
        characters = sorted(self.singles)
        sounds = pinyin("".join(characters), style=Style.NORMAL, heteronym=True, v_to_u=False)
        self.sounds = {
            char: frozenset(found) for char, found in zip(characters, sounds, strict=True) if found
        }
        self.by_sound: dict[str, list[str]] = defaultdict(list)
        for char, heard in self.sounds.items():
            for sound in heard:
                self.by_sound[sound].append(char)

    def step(self, before: str, char: str) -> float:
        """Natural logarithm of the chance of ``char`` after ``before``."""
        single = (self.singles[char] + 0.1) / (self.total + 1000)
        seen = self.starts[before] or self.singles[before]
        pair = self.pairs[before, char] / seen if seen else 0.0
        return math.log((1 - BACKOFF) * pair + BACKOFF * single)

    def likelihood(self, run: str) -> float:
        """Natural logarithm of the chance of ``run``."""
        return sum(self.step(before, char) for before, char in pairwise(START + run))


@lru_cache(maxsize=1)
def _model() -> _Model:
    return _Model()


def _decode_pinyin(question: str) -> str | None:
    """The question in characters when it is pinyin from end to end, else None."""
    if _HAN.search(question) or not question.isascii():
        return None
    letters = "".join(_LETTERS.findall(question.lower()))
    if not MIN_SYLLABLES * 2 <= len(letters) <= LONGEST_DECODED:
        return None
    model = _model()
    # best way to each place and last character: (log chance, place before, character before)
    best: list[dict[str, tuple[float, int, str]]] = [{} for _ in range(len(letters) + 1)]
    best[0][START] = (0.0, -1, "")
    for end in range(1, len(letters) + 1):
        for begin in range(max(0, end - LONGEST_SYLLABLE), end):
            for char in model.by_sound.get(letters[begin:end], ()) if best[begin] else ():
                options = (
                    (chance + model.step(before, char), begin, before)
                    for before, (chance, _, _) in best[begin].items()
                )
                found = max(options)
                if char not in best[end] or found > best[end][char]:
                    best[end][char] = found
    if not best[-1]:
        return None
    chars: list[str] = []
    place, char = len(letters), max(best[-1], key=lambda one: (best[-1][one][0], one))
    while place > 0:
        chars.append(char)
        _, place, char = best[place][char]
    return "".join(reversed(chars)) if len(chars) >= MIN_SYLLABLES else None


def _put_right(question: str, is_word: Callable[[str], bool]) -> Respelling:
    """Wrong characters of the same sound inside known terms put right."""
    model = _model()
    text = question
    changed: list[tuple[str, str]] = []
    for match in _HAN_RUN.finditer(question):
        run = match[0]
        for begin in range(len(run)):
            for size in range(min(model.longest, len(run) - begin, 6), 1, -1):
                typed = run[begin : begin + size]
                meant = None if is_word(typed) else _meant(typed, run, begin, model)
                if meant is not None:
                    run = run[:begin] + meant + run[begin + size :]
                    changed.append((typed, meant))
                    break
        text = text[: match.start()] + run + text[match.end() :]
    return Respelling(text, tuple(changed))


def _meant(typed: str, run: str, begin: int, model: _Model) -> str | None:
    """The one known term that sounds like ``typed`` and is much likelier where it stands."""
    if typed in model.terms:
        return None
    terms = [term for term in _like_sounding(typed) if term != typed]
    if len(terms) != 1:
        return None
    meant = terms[0]
    wrong = sum(a != b for a, b in zip(typed, meant, strict=True))
    if wrong * 2 > len(typed):
        return None
    end = begin + len(typed)
    before, after = run[max(0, begin - 1) : begin], run[end : end + 1]
    gain = model.likelihood(before + meant + after) - model.likelihood(before + typed + after)
    return meant if gain > TYPO_GAIN * wrong else None


def _like_sounding(typed: str) -> tuple[str, ...]:
    """Known terms of the same length whose every character shares a sound with the one typed."""
    edges = _term_edges()
    if not any(
        (len(typed), first, last) in edges for first in _sounds(typed[0]) for last in _sounds(typed[-1])
    ):
        return ()
    return tuple(term for term in _terms_by_sound().get(_first_sounds(typed), ()) if len(term) == len(typed))


@lru_cache(maxsize=1)
def _term_edges() -> frozenset[tuple[int, str, str]]:
    """Length, first and last sound of every term: most of what is typed sounds like none of them."""
    return frozenset((len(sounds), sounds[0], sounds[-1]) for sounds in _terms_by_sound())


@lru_cache(maxsize=20_000)
def _sounds(char: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    (found,) = pinyin(char, style=Style.NORMAL, heteronym=True, v_to_u=False)
    return tuple(found)


@lru_cache(maxsize=1)
def _terms_by_sound() -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for term in sorted(_model().terms):
        found[_first_sounds(term)].append(term)
    return {sounds: tuple(terms) for sounds, terms in found.items()}


@lru_cache(maxsize=4096)
def _first_sounds(text: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(text))
