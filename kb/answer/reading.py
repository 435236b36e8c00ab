"""Standard answers from their YAML files: one answer a file, read strictly, shipped ones and others alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from kb.domain.answers import StandardAnswer
from kb.domain.plain import from_plain
from kb.errors import NotFoundError
from kb.text.normalise import normalise
from kb.text.strict_yaml import parse_strict_yaml

SHIPPED = "corpora/answers"
GUIDES = "corpora/guides"


@dataclass(frozen=True)
class AnswerFile:
    """One file: ``place`` names it in messages, ``folder`` and ``stem`` are parts of its name."""

    place: str
    folder: str
    stem: str
    content: bytes


def read_answer(file: AnswerFile) -> StandardAnswer:
    """The answer in ``file``.

    Raises SourceError ``yaml_invalid``, ``yaml_too_large``; BadInputError ``answer_invalid`` naming the
    field: unknown, missing, or of the wrong type.
    """
    loaded = _join_lines(parse_strict_yaml(file.content, file.place))
    return from_plain(StandardAnswer, loaded, file.place, code="answer_invalid")


def list_shipped() -> tuple[AnswerFile, ...]:
    """Files of the answers that ship, by folder and name."""
    found: list[AnswerFile] = []
    for folder in sorted((files("corpora") / "answers").iterdir(), key=_name):
        if folder.is_dir():
            for file in sorted(folder.iterdir(), key=_name):
                if file.name.endswith(".yaml"):
                    place = f"{SHIPPED}/{folder.name}/{file.name}"
                    stem = file.name.removesuffix(".yaml")
                    found.append(AnswerFile(place, folder.name, stem, file.read_bytes()))
    return tuple(found)


def list_files(paths: Iterable[Path]) -> tuple[AnswerFile, ...]:
    """Answer files at ``paths``, folders searched through; each once, by path.

    Raises NotFoundError ``path_not_found``.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise NotFoundError("path_not_found", "没有这个文件或文件夹", place=str(path))
        inside = path.rglob("*.yaml") if path.is_dir() else [path]
        found.update((one, None) for one in inside)
    return tuple(
        AnswerFile(str(one), one.resolve().parent.name, one.stem, one.read_bytes()) for one in sorted(found)
    )


@lru_cache(maxsize=1)
def load_shipped() -> tuple[StandardAnswer, ...]:
    """All answers that ship, in the order of their files, read once. Raises as ``read_answer``."""
    return tuple(read_answer(file) for file in list_shipped())


def list_guide_titles() -> frozenset[str]:
    """Titles of the service guides that ship; an answer's ``guides`` name these.

    Raises SourceError ``yaml_invalid``, ``yaml_too_large`` for a guide that cannot be read.
    """
    titles = set()
    for file in (files("corpora") / "guides").iterdir():
        if file.name.endswith(".yaml"):
            loaded = parse_strict_yaml(file.read_bytes(), f"{GUIDES}/{file.name}")
            if isinstance(loaded, dict) and isinstance(loaded.get("title"), str):
                titles.add(_join_lines(loaded["title"]))
    return frozenset(titles)


def _join_lines(value: Any) -> Any:
    """Texts in one spelling: a folded line leaves a blank between Chinese characters, which goes."""
    if isinstance(value, str):
        return normalise(value).text.strip()
    if isinstance(value, list):
        return [_join_lines(item) for item in value]
    if isinstance(value, dict):
        return {key: _join_lines(item) for key, item in value.items()}
    return value


def _name(entry: Traversable) -> str:
    return entry.name
