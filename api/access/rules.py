"""The table of rules: every route of the application stands here, or the application does not start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.answer.workflow import ROLES, Action
from kb.domain.accounts import Stage
from kb.domain.editing import Role


@dataclass(frozen=True)
class Rule:
    """Who may call a route.

    Without ``stages`` anybody may; else a session in one of them is needed, with one of ``roles`` where there
    are any. ``own_origin`` asks of a form without session that it comes from a page of ours.
    """

    stages: frozenset[Stage] = frozenset()
    roles: frozenset[Role] = frozenset()
    own_origin: bool = False

    @property
    def public(self) -> bool:
        """Whether nobody need be signed in."""
        return not self.stages


def _needs(*roles: Role) -> Rule:
    return Rule(frozenset((Stage.OPEN,)), frozenset(roles))


def _step(action: Action) -> Rule:
    return Rule(frozenset((Stage.OPEN,)), ROLES[action])


PUBLIC = Rule()
ENTRY = Rule(own_origin=True)
SECOND_STEP = Rule(frozenset((Stage.SECOND_STEP,)))
ANY_STAGE = Rule(frozenset(Stage))
OWN_ACCOUNT = Rule(frozenset((Stage.OPEN,)))
OWN_PASSWORD = Rule(frozenset((Stage.OPEN, Stage.MUST_CHANGE)))
ADMINISTRATION = _needs(Role.ADMINISTRATOR)
READ_DESK = _needs(Role.AGENT, Role.EDITOR, Role.REVIEWER, Role.ADMINISTRATOR)

_API = "/api/v1"
_DESK = f"{_API}/desk/answers"

RULES: Mapping[tuple[str, str], Rule] = {
    # Searching and asking: for everybody.
    ("GET", f"{_API}/search"): PUBLIC,
    ("POST", f"{_API}/search"): PUBLIC,
    ("POST", f"{_API}/ask"): PUBLIC,
    ("POST", f"{_API}/feedback"): PUBLIC,
    ("POST", f"{_API}/callbacks"): PUBLIC,
    ("GET", f"{_API}/works"): PUBLIC,
    ("GET", f"{_API}/works/{{work_id}}"): PUBLIC,
    ("GET", f"{_API}/works/{{work_id}}/sources"): PUBLIC,
    ("GET", f"{_API}/works/{{work_id}}/compare"): PUBLIC,
    ("GET", f"{_API}/works/{{work_id}}/versions"): PUBLIC,
    ("GET", f"{_API}/works/{{work_id}}/provisions"): PUBLIC,
    ("GET", f"{_API}/provisions/{{provision_id}}"): PUBLIC,
    ("GET", f"{_API}/provisions/{{provision_id}}/cites"): PUBLIC,
    ("GET", f"{_API}/provisions/{{provision_id}}/cited-by"): PUBLIC,
    ("GET", f"{_API}/provisions/{{provision_id}}/source"): PUBLIC,
    ("GET", f"{_API}/provisions/{{provision_id}}/versions"): PUBLIC,
    ("POST", f"{_API}/citations/verify"): PUBLIC,
    ("GET", f"{_API}/health"): PUBLIC,
    ("GET", f"{_API}/ready"): PUBLIC,
    ("GET", "/health"): PUBLIC,
    ("GET", "/ready"): PUBLIC,
    ("GET", "/"): PUBLIC,
    ("GET", "/search"): PUBLIC,
    ("GET", "/works"): PUBLIC,
    ("GET", "/works/{work_id}"): PUBLIC,
    ("GET", "/works/{work_id}/article"): PUBLIC,
    ("GET", "/works/{work_id}/compare"): PUBLIC,
    ("GET", "/provisions/{provision_id}"): PUBLIC,
    ("GET", "/verify"): PUBLIC,
    ("POST", "/verify"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/static/{name}"): PUBLIC,
    ("GET", "/favicon.ico"): PUBLIC,
    # Coming in and going out.
    ("GET", "/sign-in"): PUBLIC,
    ("POST", "/sign-in"): ENTRY,
    ("GET", "/sign-in/second-step"): SECOND_STEP,
    ("POST", "/sign-in/second-step"): SECOND_STEP,
    ("POST", "/sign-out"): ANY_STAGE,
    ("GET", "/account"): OWN_PASSWORD,
    ("POST", "/account/password"): OWN_PASSWORD,
    ("POST", "/account/two-steps"): OWN_ACCOUNT,
    ("POST", "/account/two-steps/confirm"): OWN_ACCOUNT,
    ("POST", "/account/two-steps/drop"): OWN_ACCOUNT,
    ("POST", "/account/sessions/end"): OWN_ACCOUNT,
    ("GET", "/accounts"): ADMINISTRATION,
    ("POST", "/accounts"): ADMINISTRATION,
    ("POST", "/accounts/change"): ADMINISTRATION,
    # The answers desk; the workflow asks for the same roles once more.
    ("GET", f"{_API}/desk/session"): OWN_ACCOUNT,
    ("GET", f"{_API}/desk/impact"): READ_DESK,
    ("GET", _DESK): READ_DESK,
    ("POST", _DESK): _step(Action.SAVE),
    ("GET", f"{_DESK}/{{answer_id}}"): READ_DESK,
    ("PUT", f"{_DESK}/{{answer_id}}"): _step(Action.SAVE),
    ("GET", f"{_DESK}/{{answer_id}}/diff"): READ_DESK,
    ("POST", f"{_DESK}/{{answer_id}}/submit"): _step(Action.SUBMIT),
    ("POST", f"{_DESK}/{{answer_id}}/return"): _step(Action.RETURN),
    ("POST", f"{_DESK}/{{answer_id}}/approve"): _step(Action.APPROVE),
    ("POST", f"{_DESK}/{{answer_id}}/publish"): _step(Action.PUBLISH),
    ("POST", f"{_DESK}/{{answer_id}}/mark-due"): _step(Action.MARK_DUE),
    ("POST", f"{_DESK}/{{answer_id}}/confirm"): _step(Action.CONFIRM),
    ("POST", f"{_DESK}/{{answer_id}}/retire"): _step(Action.RETIRE),
    ("POST", f"{_DESK}/{{answer_id}}/roll-back"): _step(Action.ROLL_BACK),
    ("POST", f"{_DESK}/{{answer_id}}/comments"): _step(Action.COMMENT),
}
"""Method and address -> rule."""
