"""What may be done to an answer, by whom, and in which state: pure rules.

draft -> in review -> approved -> published -> due for review -> (a new draft | retired). The newest
revision has the state; an older revision stays published until a newer one takes its place.
"""

from __future__ import annotations

from enum import StrEnum

from kb.domain.editing import STATE_LABELS, Actor, AnswerEntry, AnswerState, Role
from kb.errors import ConflictError, ForbiddenError


class Action(StrEnum):
    """A step in the life of an answer."""

    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    MARK_DUE = "mark_due"
    CONFIRM = "confirm"
    """Looked at again and still right."""
    RETIRE = "retire"
    ROLL_BACK = "roll_back"
    COMMENT = "comment"


ACTION_LABELS = {
    Action.SAVE: "保存",
    Action.SUBMIT: "提交审核",
    Action.RETURN: "退回",
    Action.APPROVE: "通过",
    Action.PUBLISH: "发布",
    Action.MARK_DUE: "要求复审",
    Action.CONFIRM: "复审无误",
    Action.RETIRE: "停用",
    Action.ROLL_BACK: "恢复旧稿",
    Action.COMMENT: "留言",
}

_S = AnswerState
RESULTS: dict[Action, dict[AnswerState, AnswerState]] = {
    Action.SAVE: dict.fromkeys(
        (_S.DRAFT, _S.IN_REVIEW, _S.APPROVED, _S.PUBLISHED, _S.DUE, _S.RETIRED), _S.DRAFT
    ),
    Action.ROLL_BACK: dict.fromkeys((_S.DRAFT, _S.APPROVED, _S.PUBLISHED, _S.DUE, _S.RETIRED), _S.DRAFT),
    Action.SUBMIT: {_S.DRAFT: _S.IN_REVIEW},
    Action.RETURN: {_S.IN_REVIEW: _S.DRAFT, _S.APPROVED: _S.DRAFT},
    Action.APPROVE: {_S.IN_REVIEW: _S.APPROVED},
    Action.PUBLISH: {_S.APPROVED: _S.PUBLISHED},
    Action.MARK_DUE: {_S.PUBLISHED: _S.DUE},
    Action.CONFIRM: {_S.DUE: _S.PUBLISHED},
    Action.RETIRE: dict.fromkeys((_S.DRAFT, _S.IN_REVIEW, _S.APPROVED, _S.PUBLISHED, _S.DUE), _S.RETIRED),
    Action.COMMENT: {state: state for state in AnswerState},
}
"""State before -> state after, by action; what is not listed cannot be done."""

ROLES: dict[Action, frozenset[Role]] = {
    Action.SAVE: frozenset((Role.EDITOR, Role.ADMINISTRATOR)),
    Action.ROLL_BACK: frozenset((Role.EDITOR, Role.ADMINISTRATOR)),
    Action.SUBMIT: frozenset((Role.EDITOR, Role.ADMINISTRATOR)),
    Action.RETURN: frozenset((Role.REVIEWER, Role.ADMINISTRATOR)),
    Action.APPROVE: frozenset((Role.REVIEWER,)),
    Action.PUBLISH: frozenset((Role.REVIEWER, Role.ADMINISTRATOR)),
    Action.MARK_DUE: frozenset((Role.REVIEWER, Role.ADMINISTRATOR)),
    Action.CONFIRM: frozenset((Role.REVIEWER,)),
    Action.RETIRE: frozenset((Role.REVIEWER, Role.ADMINISTRATOR)),
    Action.COMMENT: frozenset((Role.AGENT, Role.EDITOR, Role.REVIEWER, Role.ADMINISTRATOR)),
}
NEEDS_COMMENT = frozenset((Action.RETURN, Action.MARK_DUE, Action.RETIRE, Action.COMMENT))


def next_state(action: Action, entry: AnswerEntry, actor: Actor) -> AnswerState:
    """The state after ``action``.

    Raises ForbiddenError ``role_missing`` and ConflictError ``state_unfit``.
    """
    require_role(action, actor)
    after = RESULTS[action].get(entry.state)
    if after is None:
        allowed = "、".join(STATE_LABELS[state] for state in RESULTS[action])
        raise ConflictError(
            "state_unfit",
            f"“{STATE_LABELS[entry.state]}”的答案不能{ACTION_LABELS[action]}",
            place=entry.id,
            way_out=f"能{ACTION_LABELS[action]}的状态：{allowed}",
        )
    return after


def require_role(action: Action, actor: Actor) -> None:
    """Raises ForbiddenError ``role_missing``."""
    if not actor.roles & ROLES[action]:
        wanted = "、".join(sorted(role.value for role in ROLES[action]))
        raise ForbiddenError(
            "role_missing",
            f"{actor.name} 没有{ACTION_LABELS[action]}的权限",
            place=actor.id,
            way_out=f"需要的角色：{wanted}",
        )


def require_other_person(actor: Actor, authors: frozenset[str], entry: AnswerEntry) -> None:
    """Nobody approves or confirms what they wrote. Raises ForbiddenError ``own_text``."""
    if actor.id in authors:
        raise ForbiddenError(
            "own_text",
            "自己写的稿子不能自己审核",
            place=entry.id,
            way_out="请另一位审核人员处理",
        )
