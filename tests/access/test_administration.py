"""Accounts made and changed by an administrator."""

from __future__ import annotations

import threading

import pytest

from kb.access.administration import OPERATOR
from kb.domain.editing import Actor, Role
from kb.errors import ConflictError, ForbiddenError, LawkbError, NotFoundError
from tests.access.staff import PASSWORD, Staff

CHIEF = Actor("主任", "主任", frozenset((Role.ADMINISTRATOR,)))


def test_the_first_administrator_is_made_once(staff: Staff) -> None:
    accounts = staff.access.accounts
    one_time = accounts.bootstrap("主任")
    assert staff.sign_in("主任", one_time).account.roles == {Role.ADMINISTRATOR}
    for name in ("主任", "别人"):
        with pytest.raises(ConflictError) as error:
            accounts.bootstrap(name)
        assert error.value.code == "accounts_bootstrapped"


def test_of_two_at_once_one_becomes_the_first_administrator(staff: Staff) -> None:
    seen: list[str] = []

    def begin(name: str) -> None:
        try:
            staff.access.accounts.bootstrap(name)
        except LawkbError as error:
            seen.append(error.code)
        else:
            seen.append("made")

    threads = [threading.Thread(target=begin, args=(f"admin-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == ["accounts_bootstrapped"] * 3 + ["made"]


@pytest.mark.parametrize("name", ["Wang", "wang", "ＷＡＮＧ", " wang "])
def test_a_name_is_given_once_however_it_is_written(staff: Staff, name: str) -> None:
    staff.hire("Wang", Role.EDITOR)
    with pytest.raises(ConflictError) as error:
        staff.access.accounts.add(name, ["editor"], OPERATOR)
    assert error.value.code == "account_exists"


def test_somebody_can_always_administer(staff: Staff) -> None:
    accounts = staff.access.accounts
    accounts.bootstrap("主任")
    for deed in (
        lambda: accounts.disable("主任", CHIEF),
        lambda: accounts.set_roles("主任", ["editor"], CHIEF),
    ):
        with pytest.raises(ConflictError) as error:
            deed()
        assert error.value.code == "last_administrator"
    staff.hire("副主任", Role.ADMINISTRATOR)
    accounts.disable("主任", CHIEF)
    with pytest.raises(ConflictError):
        accounts.disable("副主任", CHIEF)
    accounts.enable("主任", CHIEF)
    accounts.set_roles("副主任", ["editor"], CHIEF)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_changes_accounts(staff: Staff, role: Role) -> None:
    accounts = staff.access.accounts
    staff.hire("wang", Role.EDITOR)
    actor = Actor("li", "li", frozenset((role,)))
    for deed in (
        lambda: accounts.add("zhao", ["editor"], actor),
        lambda: accounts.disable("wang", actor),
        lambda: accounts.enable("wang", actor),
        lambda: accounts.reset("wang", actor),
        lambda: accounts.set_roles("wang", ["editor"], actor),
    ):
        with pytest.raises(ForbiddenError) as error:
            deed()
        assert error.value.code == "role_missing"


def test_reset_takes_the_second_step_off(staff: Staff) -> None:
    staff.hire("wang", Role.EDITOR)
    staff.switch_on("wang")
    one_time = staff.access.accounts.reset("wang", OPERATOR)
    signed = staff.sign_in("wang", one_time)
    fresh = staff.access.door.change_password(signed, one_time, PASSWORD)
    assert not fresh.account.two_steps


def test_enabling_gives_the_old_password_back_but_no_session(staff: Staff) -> None:
    staff.hire("wang", Role.EDITOR)
    signed = staff.sign_in("wang")
    staff.access.accounts.disable("wang", OPERATOR)
    staff.access.accounts.enable("wang", OPERATOR)
    with pytest.raises(ForbiddenError):
        staff.access.door.resume(signed.token)
    staff.sign_in("wang")


def test_an_unknown_account_is_told(staff: Staff) -> None:
    with pytest.raises(NotFoundError) as error:
        staff.access.accounts.disable("谁", OPERATOR)
    assert error.value.code == "account_not_found"
