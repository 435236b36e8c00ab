"""Watching for danger: the signs, and beside them the model that knows words no sign foresees.

Signs decide. What only the model finds is suspected: it is wrong too often to put everything else aside, and
right often enough that the numbers to call must stand beside the answer.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from kb.answer.safety import SAFE, Danger, find_danger
from kb.answer.safety_model import DangerModel, judge_danger, parse_danger_model
from kb.encode.vectors import FloatArray
from kb.errors import LawkbError, SourceError
from kb.text.normalise import normalise_query
from kb.text.traditional import simplify

log = logging.getLogger(__name__)

SHIPPED = "danger.json"
JUDGED_CHARS = 300
"""A longer message is judged by its first and its last characters: danger is said at an end."""

Watch = Callable[[str], Danger]


def load_danger_model(path: Path | None = None) -> DangerModel:
    """The file at ``path``, the shipped one for None. Raises SourceError ``danger_model_unreadable``."""
    source = path or files("kb.answer").joinpath("assets", SHIPPED)
    try:
        return parse_danger_model(json.loads(source.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            "danger_model_unreadable",
            "读不懂人身安全模型的文件",
            place=str(path or SHIPPED),
            way_out="运行 lawkb answers calibrate 重新生成",
        ) from error


class DangerWatch:
    """Calls danger where the signs or the model do; safe to call from several threads."""

    def __init__(self, model: DangerModel, encode: Callable[[str], FloatArray] | None) -> None:
        """``encode`` gives a question's vector by ``model.encoder``; None judges by characters alone."""
        self._model = model
        self._encode = encode

    @property
    def with_meaning(self) -> bool:
        """Whether vectors of meaning take part."""
        return self._encode is not None

    def __call__(self, text: str) -> Danger:
        """What ``text`` shows; the signs alone where the model fails."""
        signs = find_danger(text)
        if signs:
            return signs
        plain = simplify(normalise_query(text))
        if len(plain) > JUDGED_CHARS:
            plain = f"{plain[: JUDGED_CHARS // 2]}。{plain[-JUDGED_CHARS // 2 :]}"
        try:
            vector = self._encode(plain) if self._encode is not None and plain else None
            return replace(SAFE, suspected=bool(judge_danger(plain, self._model, vector)))
        except LawkbError as error:
            log.warning("danger judged by signs alone: %s", error)
            return signs
