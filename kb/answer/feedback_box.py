"""Where opinions of answers go in; personal data is masked before anything is kept."""

from __future__ import annotations

from dataclasses import replace

from kb.answer.ask_reading import require_reference
from kb.answer.safety import find_danger
from kb.domain.feedback import MAX_FEEDBACK_TEXT, MAX_QUESTION_KEPT, MAX_SATISFIED, Feedback
from kb.errors import BadInputError, ConflictError
from kb.store import feedback as store
from kb.store.answers import get_entry, get_revision
from kb.store.database import Database
from kb.text.keeping import keepable


class FeedbackBox:
    """Takes opinions from anybody; of a message about danger no words are kept."""

    def __init__(self, database: Database, *, keep_days: int) -> None:
        """``keep_days`` 0 takes none."""
        self._database = database
        self._keep_days = keep_days

    def put(self, opinion: Feedback) -> int:
        """Keep an opinion; returns its number.

        Raises BadInputError ``text_too_long``, ``query_too_long``, ``satisfied_out_of_range``,
        ``reference_malformed``; NotFoundError ``answer_not_found``, ``revision_not_found``; ConflictError
        ``feedback_off``.
        """
        _require_bounds(opinion)
        require_reference(opinion.reference)
        if not self._keep_days:
            raise ConflictError("feedback_off", "这里不收意见", way_out="请拨打12348公共法律服务热线反映")
        if find_danger(opinion.text) or find_danger(opinion.question):
            kept = replace(opinion, text="", question="")
        else:
            kept = replace(
                opinion,
                text=keepable(opinion.text, MAX_FEEDBACK_TEXT),
                question=keepable(opinion.question, MAX_QUESTION_KEPT),
            )
        if not kept.answer_id:
            kept = replace(kept, revision=0)
        with self._database.writing() as connection:
            if kept.answer_id:
                get_entry(connection, kept.answer_id)
                if kept.revision:
                    get_revision(connection, kept.answer_id, kept.revision)
            return store.add_feedback(connection, kept)


def _require_bounds(opinion: Feedback) -> None:
    for code, name, text, limit in (
        ("text_too_long", "意见", opinion.text, MAX_FEEDBACK_TEXT),
        ("query_too_long", "问题", opinion.question, MAX_QUESTION_KEPT),
    ):
        if len(text) > limit:
            raise BadInputError(code, f"{name}超过 {limit} 个字", way_out=f"请缩短到 {limit} 个字以内")
    if opinion.satisfied is not None and not 1 <= opinion.satisfied <= MAX_SATISFIED:
        raise BadInputError(
            "satisfied_out_of_range",
            f"满意程度应为 1 到 {MAX_SATISFIED}",
            place="satisfied",
            way_out=f"请填写 1 到 {MAX_SATISFIED} 之间的整数",
        )
