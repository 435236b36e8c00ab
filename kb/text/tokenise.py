"""Words and character bigrams of Chinese legal text, for search by words.

Words come from jieba with titles of laws and legal terms added, in search mode: a long word is
given together with the shorter words inside it. They are prefixed ``w:``, bigrams ``b:``, so the two
never collide. jieba's tokenizer is private to the instance and never touches the shared temp folder.
"""

from __future__ import annotations

import hashlib
import re
import threading
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from kb.text.dictionary import WordFrequencies, load_dictionary
from kb.text.normalise import HAN_CLASS, normalise

TOKENISER_VERSION = 1
"""Raised whenever the same text would give other tokens."""

WORD, BIGRAM = "w:", "b:"
MAX_TITLE_CHARS = 40
"""Longer titles are sentences; as one word nobody would ever type them."""
STATE_NAME = "中华人民共和国"

_RUN = re.compile(f"[{HAN_CLASS}]++|[0-9a-z]++")
_HAN_ONLY = re.compile(f"[{HAN_CLASS}]{{2,{MAX_TITLE_CHARS}}}")
_MAX_RUN = 512
"""Longer runs are cut in pieces, so that memory for one run stays small."""
_MEMO_WORDS = 100_000


def read_word_list(name: str) -> tuple[str, ...]:
    """Words of ``corpora/words/<name>``: one a line, ``#`` starts a comment; sorted, without repeats."""
    lines = files("corpora").joinpath("words", name).read_text("utf-8").splitlines()
    return tuple(sorted({line.partition("#")[0].strip() for line in lines} - {""}))


class LegalTokeniser:
    """Cuts text into prefixed words and bigrams; the same text always gives the same list.

    Args:
        titles: titles of laws to treat as words besides the shipped terms; 中华人民共和国 in front of a
            title is left off, titles that hold more than Chinese characters are left out.
        cache_dir: private folder for the prepared dictionary; None prepares it anew in memory.

    The dictionary is loaded at the first cut, once, whatever the number of threads. ``id`` names
    everything that decides the tokens: rules, jieba's version, titles, terms and stop words.
    """

    def __init__(  # noqa: D107 - the class docstring lists the arguments
        self, titles: Iterable[str] = (), cache_dir: Path | None = None
    ) -> None:
        shortened = (title.strip().removeprefix(STATE_NAME) for title in titles)
        self.titles = tuple(sorted({title for title in shortened if _HAN_ONLY.fullmatch(title)}))
        self._added = tuple(sorted({*self.titles, *read_word_list("legal_terms.txt")}))
        self._stop_words = frozenset(read_word_list("stop_words.txt"))
        self._stop_bigrams = frozenset(
            word[i : i + 2] for word in self._stop_words for i in range(len(word) - 1)
        )
        digest = hashlib.blake2b(digest_size=8)
        for part in (version("jieba"), *self._added, "", *sorted(self._stop_words)):
            digest.update(part.encode() + b"\n")
        self.id = f"jieba-bigram-{TOKENISER_VERSION}-{digest.hexdigest()}"
        self._cache_dir = cache_dir
        self._lock = threading.Lock()
        self._cut: Callable[..., list[str]] | None = None
        self._frequencies: WordFrequencies = {}
        self._inner: dict[str, tuple[str, ...]] = {}

    def tokenise(self, text: str) -> list[str]:
        """Words in reading order, then bigrams in reading order; repeats are kept."""
        words, bigrams = self.split(text)
        return [WORD + word for word in words] + [BIGRAM + pair for pair in bigrams]

    def split(self, text: str) -> tuple[list[str], list[str]]:
        """Words and bigrams of ``text`` without their prefixes, stop words left out."""
        cut = self._cut or self._load()
        words: list[str] = []
        bigrams: list[str] = []
        stop_words, stop_bigrams = self._stop_words, self._stop_bigrams
        for match in _RUN.finditer(normalise(text).text.lower()):
            run = match[0]
            if run[0].isascii():
                words.append(run)
                continue
            pairs = map("".join, pairwise(run))
            bigrams += [pair for pair in pairs if pair not in stop_bigrams]
            for start in range(0, len(run), _MAX_RUN):
                for word in cut(run[start : start + _MAX_RUN], False, False):
                    if word in stop_words:
                        continue
                    if len(word) > 2:
                        words += self._inner_words(word)
                    words.append(word)
        return words, bigrams

    def is_word(self, text: str) -> bool:
        """Whether ``text`` is a word of the dictionary."""
        if self._cut is None:
            self._load()
        return bool(self._frequencies.get(text))

    def warm_up(self) -> None:
        """Load the dictionary now instead of at the first cut."""
        if self._cut is None:
            self._load()

    def _inner_words(self, word: str) -> tuple[str, ...]:
        """Shorter dictionary words inside ``word``, as search mode gives them."""
        known = self._inner.get(word)
        if known is not None:
            return known
        found = tuple(
            part
            for size in range(2, min(len(word), 9))
            for i in range(len(word) - size + 1)
            if self._frequencies.get(part := word[i : i + size]) and part not in self._stop_words
        )
        if len(self._inner) < _MEMO_WORDS:
            self._inner[word] = found
        return found

    def _load(self) -> Callable[..., list[str]]:
        with self._lock:
            if self._cut is None:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # jieba's own syntax and deprecation warnings
                    import jieba
                tokenizer = jieba.Tokenizer()
                tokenizer.FREQ, tokenizer.total = load_dictionary(self._added, self._cache_dir)
                tokenizer.initialized = True  # it would otherwise read and write the shared temp folder
                self._frequencies = tokenizer.FREQ
                self._cut = tokenizer.lcut
            return self._cut


@lru_cache(maxsize=1)
def default_tokeniser() -> LegalTokeniser:
    """The tokeniser with the shipped words only, shared in this process."""
    return LegalTokeniser()


def tokenise(text: str) -> list[str]:
    """``default_tokeniser().tokenise(text)``."""
    return default_tokeniser().tokenise(text)
