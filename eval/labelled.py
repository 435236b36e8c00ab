"""Labelled questions as their files have them.

One JSON object a line. ``{"id", "question", "cites": [...]}`` names the provisions that a person chose: a
cite is a name (劳动法第五十条) or an object with ``name`` and, where known, the ``text`` that was cited.
``{"id", "question", "laws": ["《民法典》第一千零七十六条：…"]}`` has what an assistant was given instead: its
labels are ``noisy``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.errors import BadInputError, SourceError


@dataclass(frozen=True)
class CitedText:
    """A citation as written and the words that it stood for; ``text`` is empty when the file has none."""

    name: str
    text: str = ""


@dataclass(frozen=True)
class LabelledQuestion:
    """A question and what it cites, each name once; ``noisy`` marks labels that no person chose."""

    id: str
    question: str
    cites: tuple[CitedText, ...]
    noisy: bool = False


def read_labelled(path: Path) -> list[LabelledQuestion]:
    """Read a file whole, in its order; blank lines are nothing.

    Raises BadInputError ``questions_missing`` and SourceError ``questions_malformed`` (a line that is no
    such object, or an id that was there before) naming file and line.
    """
    if not path.is_file():
        raise BadInputError("questions_missing", f"找不到问题文件 {path.name}", place=str(path))
    questions: dict[str, LabelledQuestion] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = _read_record(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _malformed(path, number, "读不懂") from error
        if item.id in questions:
            raise _malformed(path, number, f"编号 {item.id} 已经用过")
        questions[item.id] = item
    return list(questions.values())


def _malformed(path: Path, number: int, problem: str) -> SourceError:
    return SourceError(
        "questions_malformed",
        f"问题文件有一行{problem}",
        place=f"{path.name}:{number}",
        way_out="每行应为含 id、question 与 cites 或 laws 的 JSON 对象",
    )


def _read_record(record: Any) -> LabelledQuestion:
    question = record["question"]
    if not isinstance(question, str) or not question.strip():
        raise TypeError("question is no text")
    noisy = "cites" not in record
    given = record["laws"] if noisy else record["cites"]
    if not isinstance(given, list):
        raise TypeError("cites is no list")
    cites = [_read_law(one) if noisy else _read_cite(one) for one in given]
    once = {cite.name: cite for cite in reversed(cites)}  # the first of a name wins
    order = dict.fromkeys(cite.name for cite in cites)
    return LabelledQuestion(str(record["id"]), question, tuple(once[name] for name in order), noisy)


def _read_cite(cite: Any) -> CitedText:
    if isinstance(cite, str):
        return CitedText(cite.strip())
    name, text = cite["name"], cite.get("text") or ""
    if not isinstance(name, str) or not isinstance(text, str):
        raise TypeError("a cite is no text")
    return CitedText(name.strip(), text)


def _read_law(law: Any) -> CitedText:
    if not isinstance(law, str):
        raise TypeError("a law is no text")
    name, _, text = law.partition("：")
    return CitedText(name.strip(), text)
