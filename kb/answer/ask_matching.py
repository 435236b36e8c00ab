"""The matcher for the answers that are published now, made anew when they change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from kb.answer.ask_shelf import PublishedAnswer
from kb.answer.matching import Encoder, Matcher, Vectors
from kb.answer.matching_index import texts_of
from kb.answer.matching_model import Calibration
from kb.text.tokenise import LegalTokeniser

log = logging.getLogger(__name__)


class MatcherKeeper:
    """Keeps one matcher. The first is made when it is asked for; a changed shelf is taken up in the
    background, and until then questions meet the wordings of before."""

    def __init__(
        self,
        calibration: Calibration,
        tokeniser: LegalTokeniser,
        encoder: Encoder | None,
        questions: Vectors | None,
        passages: Vectors | None,
    ) -> None:
        """``questions`` and ``passages`` keep vectors by text; without them words alone match."""
        self._calibration = calibration
        self.tokeniser = tokeniser
        self._encoder = encoder
        self._questions = questions
        self._passages = passages
        self._lock = threading.Lock()
        self._key: tuple[tuple[str, int], ...] | None = None
        self._matcher: Matcher | None = None
        self._making: threading.Thread | None = None

    def current(self, answers: Sequence[PublishedAnswer], *, wait: bool = False) -> Matcher:
        """The matcher for ``answers``; with ``wait`` never one of before."""
        key = tuple((one.answer.id, one.revision) for one in answers)
        with self._lock:
            if self._matcher is not None and self._key == key:
                return self._matcher
            if self._matcher is None or wait:
                return self._make(key, answers)
            if self._making is None or not self._making.is_alive():
                self._making = threading.Thread(
                    target=self._remake, args=(key, tuple(answers)), name="lawkb-matcher", daemon=True
                )
                self._making.start()
            return self._matcher

    def _make(self, key: tuple[tuple[str, int], ...], answers: Sequence[PublishedAnswer]) -> Matcher:
        matcher = Matcher(
            [texts_of(one.answer) for one in answers],
            self._calibration,
            self.tokeniser,
            self._encoder,
            self._questions,
            self._passages,
        )
        self._matcher, self._key = matcher, key
        return matcher

    def _remake(self, key: tuple[tuple[str, int], ...], answers: Sequence[PublishedAnswer]) -> None:
        try:
            matcher = Matcher(
                [texts_of(one.answer) for one in answers],
                self._calibration,
                self.tokeniser,
                self._encoder,
                self._questions,
                self._passages,
            )
        except Exception:
            log.exception("the changed answers could not be prepared for matching")
            return
        with self._lock:
            self._matcher, self._key = matcher, key
