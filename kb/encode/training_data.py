"""Labelled questions and the passages that answer them, as the training recipe wants them.

Two layouts are read, one JSON object a line: ``{"id", "question", "cites": [{"name", "text"}]}``, where a
lawyer named the provisions, and ``{"id", "question", "laws": ["《民法典》第一千零七十六条：…"]}``, where an
assistant was given them (``noisy``).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kb.encode.passage import passage_text, short_title
from kb.encode.training import LabelledQuestion, character_bigrams, flatten
from kb.errors import SourceError
from kb.store.rows import LoadedProvision

_CITED = re.compile(
    r"^《?(?P<title>.+?)》?(?P<label>第[零〇一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?)"
)
SHORTEST_ADVICE, ADVICE_CHARS = 5, 250
"""Characters: shorter questions say nothing, and what answers a question stands at the beginning."""
SAME_TEXT = 0.5
"""Share of the shorter text's bigrams that both must have for a cited text to be the one that we hold."""


@dataclass(frozen=True)
class HeldPassages:
    """Passages of the knowledge base by (short title, label), and all of them as a pool for negatives."""

    by_citation: Mapping[tuple[str, str], str]
    pool: tuple[str, ...]


def collect_passages(batches: Iterable[Iterable[LoadedProvision]]) -> HeldPassages:
    """Passages of numbered provisions; of several versions the newest answers a citation."""
    newest: dict[tuple[str, str], tuple[dt.date, str]] = {}
    pool = []
    for batch in batches:
        for loaded in batch:
            if loaded.provision.number is None:
                continue
            passage = passage_text(loaded.work.title, loaded.provision.path, loaded.provision.text)
            pool.append(passage)
            key = (short_title(loaded.work.title), loaded.provision.label)
            if key not in newest or newest[key][0] < loaded.version.version_date:
                newest[key] = (loaded.version.version_date, passage)
    return HeldPassages({key: passage for key, (_, passage) in newest.items()}, tuple(flatten([pool])))


def read_labelled_questions(path: Path, held: HeldPassages) -> Iterator[LabelledQuestion]:
    """Questions of one file. Raises SourceError ``questions_malformed`` naming the line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
                cited = _cited(record)
                question = LabelledQuestion(
                    str(record["id"]),
                    str(record["question"]),
                    tuple(flatten([[resolve_passage(name, text, held) for name, text in cited]])),
                    noisy="laws" in record,
                    keywords=" ".join(map(str.strip, map(str, record.get("keywords") or []))),
                    answer=str(record.get("answer") or "")[:ADVICE_CHARS],
                )
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise SourceError(
                    "questions_malformed",
                    "问题文件有一行读不懂",
                    place=f"{path.name}:{number}",
                    way_out="每行应为含 id、question 与 cites 或 laws 的 JSON 对象",
                ) from error
            if question.positives:
                yield question


def read_advice(path: Path) -> Iterator[tuple[str, str]]:
    """(question, answer) of each line, the answer cut to ADVICE_CHARS; very short questions are left out.

    Raises SourceError ``questions_malformed`` naming the line.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
                question, answer = str(record["question"]), str(record["answer"])
            except (ValueError, KeyError, TypeError) as error:
                raise SourceError(
                    "questions_malformed",
                    "问答文件有一行读不懂",
                    place=f"{path.name}:{number}",
                    way_out="每行应为含 question 与 answer 的 JSON 对象",
                ) from error
            if len(question) > SHORTEST_ADVICE:
                yield question, answer[:ADVICE_CHARS]


def _cited(record: dict[str, object]) -> list[tuple[str, str]]:
    if "laws" in record:
        laws = record["laws"]
        if not isinstance(laws, list):
            raise TypeError("laws is no list")
        pairs = (law.partition("：") for law in laws)
        return [(name, text) for name, _, text in pairs if text]
    cites = record["cites"]
    if not isinstance(cites, list):
        raise TypeError("cites is no list")
    return [(cite["name"], cite["text"]) for cite in cites]


def resolve_passage(name: str, text: str, held: HeldPassages) -> str:
    """Our passage for a citation when its text is the one cited, else a passage of the cited text.

    A question answered by an older article of the same number must not train towards the new one.
    """
    match = _CITED.match(name.strip())
    if match is None:
        return passage_text(name.strip("《》 "), [], text)
    title = short_title(match["title"].strip("《》 "))
    passage = held.by_citation.get((title, match["label"]))
    if passage is not None:
        cited, ours = set(character_bigrams(text)), set(character_bigrams(passage))
        if len(cited & ours) >= SAME_TEXT * min(len(cited), len(ours)):
            return passage
    return passage_text(title, [], text)
