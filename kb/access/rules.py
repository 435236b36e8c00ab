"""Pure rules of accounts: names, passwords, roles, how long a session lives."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from kb.domain.accounts import MAX_NAME, MAX_PASSWORD, MIN_PASSWORD, Account, Session
from kb.domain.editing import Role
from kb.errors import BadInputError, ConflictError, ForbiddenError

MAX_FAILURES = 5
FAILURE_WINDOW = dt.timedelta(minutes=15)
SECOND_STEP_LIFE = dt.timedelta(minutes=10)
ONE_TIME_LIFE = dt.timedelta(hours=72)
"""How long a one-time password opens the account."""
RESERVED = frozenset(("system", "operator"))
"""Names that the program itself acts under."""


class SignInError(ForbiddenError):
    """Nobody is signed in, or not as far as this needs."""

    http_status = 401


@dataclass(frozen=True)
class AccessSettings:
    """How long a session lives unused, and at the longest."""

    idle: dt.timedelta = dt.timedelta(minutes=30)
    longest: dt.timedelta = dt.timedelta(hours=12)


def key_of(name: str) -> str:
    """A name without regard to case, width, blanks around it and what is not seen."""
    seen = "".join(char for char in " ".join(name.split()) if unicodedata.category(char)[0] != "C")
    return unicodedata.normalize("NFKC", seen).casefold()


def read_name(name: str) -> str:
    """A name for a new account. Raises BadInputError ``account_name_invalid``."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    unseen = any(unicodedata.category(char)[0] == "C" for char in name)
    if not 2 <= len(name) <= MAX_NAME or unseen or key_of(name) in RESERVED:
        raise BadInputError(
            "account_name_invalid",
            f"账号名要 2 到 {MAX_NAME} 个字，不含看不见的字符，不用系统保留的名字",
            place="name",
            way_out="用姓名或工号，例如 王编辑、bj-0123",
        )
    return name


def read_password(password: str, name: str) -> str:
    """A password that may be chosen for ``name``, as it is hashed. Raises BadInputError ``password_weak``."""
    normal = normalise_password(password)
    key, folded = key_of(name), normal.casefold()
    if len(normal) < MIN_PASSWORD or len(normal) > MAX_PASSWORD:
        why = f"密码要 {MIN_PASSWORD} 到 {MAX_PASSWORD} 个字符"
    elif not normal.strip() or not folded.replace(key, "").strip():
        why = "密码不能就是账号名"
    else:
        return normal
    raise BadInputError(
        "password_weak", why, place="password", way_out="可以用几个不相干的词连成一句，容易记也够长"
    )


def normalise_password(password: str) -> str:
    """One spelling for keyboards that write the same character in two ways; half characters go."""
    whole = password.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFKC", whole)


def read_roles(roles: Collection[str]) -> frozenset[Role]:
    """Roles by their values, one at least. Raises BadInputError ``role_unknown``, ``roles_empty``."""
    try:
        chosen = frozenset(Role(role) for role in roles)
    except ValueError:
        raise BadInputError(
            "role_unknown",
            "没有这个角色",
            place="roles",
            way_out=f"可用：{'、'.join(role.value for role in Role)}",
        ) from None
    if not chosen:
        raise BadInputError("roles_empty", "至少要有一个角色", place="roles", way_out="选一个角色")
    return chosen


def is_alive(session: Session, settings: AccessSettings, now: dt.datetime) -> bool:
    """Whether a session is neither over nor left unused for too long."""
    return now < session.ends_at and now < session.seen_at + settings.idle


def one_time_is_over(account: Account, now: dt.datetime) -> bool:
    """Whether the one-time password was left unused for too long."""
    return account.password_until is not None and now >= account.password_until


def require_administrator(roles: frozenset[Role], name: str) -> None:
    """Raises ForbiddenError ``role_missing``."""
    if Role.ADMINISTRATOR not in roles:
        raise ForbiddenError(
            "role_missing", f"{name} 没有管理账号的权限", place=name, way_out="需要的角色：administrator"
        )


def require_one_left(accounts: Collection[Account], name: str) -> None:
    """Somebody else must be able to administer. Raises ConflictError ``last_administrator``."""
    others = [one for one in accounts if one.name != name and one.enabled and Role.ADMINISTRATOR in one.roles]
    if not others:
        raise ConflictError(
            "last_administrator",
            f"“{name}”是最后一个管理员，不能停用或去掉管理员角色",
            place=name,
            way_out="先让另一个账号成为管理员",
        )
