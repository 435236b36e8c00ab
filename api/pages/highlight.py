"""Marking the words of a question in a text, safely."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape


def mark_words(text: str, words: Iterable[str]) -> Markup:
    """``text`` escaped for HTML, with every occurrence of a word inside ``<mark>``.

    Overlapping and touching occurrences become one mark, so that 劳动合同 from 劳动 and 动合同 is marked
    once. Time grows with ``len(text)`` for each word; there is no pattern to blow up.
    """
    spans = sorted(span for word in set(words) if word.strip() for span in _spans_of(word, text))
    parts: list[Markup] = []
    end = 0
    for start, stop in _join_spans(spans):
        parts += [escape(text[end:start]), Markup("<mark>"), escape(text[start:stop]), Markup("</mark>")]
        end = stop
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def _spans_of(word: str, text: str) -> Iterable[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)


def _join_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, stop in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined
