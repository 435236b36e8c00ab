"""Signing in: what opens, what does not, and what ends a session."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from kb.access.administration import OPERATOR
from kb.access.door import AccessDoor
from kb.access.passwords import Passwords
from kb.access.rules import MAX_FAILURES, SignInError
from kb.access.tokens import make_token
from kb.domain.accounts import Stage
from kb.domain.editing import Role
from kb.errors import BadInputError, ConflictError, LawkbError
from tests.access.staff import PASSWORD, Staff, everything_kept

WANG, OTHER = "王编辑", "一个别的密码 真的很长很长"


def refused(deed: Callable[[], object]) -> str:
    with pytest.raises(LawkbError) as error:
        deed()
    return error.value.code


def told(deed: Callable[[], object]) -> str:
    with pytest.raises(SignInError) as error:
        deed()
    return error.value.render()


@pytest.fixture
def wang(staff: Staff) -> str:
    return staff.hire(WANG, Role.EDITOR)


def test_a_right_password_opens_and_the_session_knows_who_it_is(staff: Staff, wang: str) -> None:
    signed = staff.sign_in("  王编辑 ")
    assert (signed.stage, signed.actor.id, signed.actor.roles) == (Stage.OPEN, WANG, {Role.EDITOR})
    again = staff.access.door.resume(signed.token)
    assert again.actor == signed.actor
    assert again.csrf == signed.csrf


def test_what_is_wrong_is_not_told(staff: Staff, wang: str) -> None:
    door = staff.access.door
    staff.hire("已停用", Role.EDITOR)
    staff.access.accounts.disable("已停用", OPERATOR)
    messages = {
        told(lambda: door.sign_in(WANG, OTHER)),
        told(lambda: door.sign_in("没有这个人", OTHER)),
        told(lambda: door.sign_in("已停用", PASSWORD)),
        told(lambda: door.sign_in("", "")),
        told(lambda: door.sign_in("x" * 10_000, "y" * 100_000)),
        told(lambda: door.sign_in("\ud800", "\ud800")),
    }
    assert len(messages) == 1
    assert "sign_in_failed" in messages.pop()


@pytest.mark.parametrize("name", [WANG, "没有这个人"])
def test_five_failures_lock_the_name_for_a_quarter_of_an_hour(staff: Staff, wang: str, name: str) -> None:
    door = staff.access.door
    for _ in range(MAX_FAILURES):
        assert refused(lambda: door.sign_in(name, OTHER)) == "sign_in_failed"
        staff.clock.pass_(minutes=1)
    assert refused(lambda: door.sign_in(name.upper(), PASSWORD)) == "sign_in_locked"
    staff.clock.pass_(minutes=9.9)
    assert refused(lambda: door.sign_in(name, PASSWORD)) == "sign_in_locked"
    staff.clock.pass_(minutes=0.2)
    if name == WANG:
        assert staff.sign_in(name).stage is Stage.OPEN


def test_success_forgets_failures_and_others_are_not_locked(staff: Staff, wang: str) -> None:
    staff.hire("li", Role.REVIEWER)
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            refused(lambda: staff.sign_in(WANG, OTHER))
        staff.sign_in(WANG)
    for _ in range(MAX_FAILURES):
        refused(lambda: staff.sign_in(WANG, OTHER))
    assert refused(lambda: staff.sign_in(WANG)) == "sign_in_locked"
    staff.sign_in("li")
    staff.access.accounts.reset(WANG, OPERATOR)
    assert refused(lambda: staff.sign_in(WANG)) == "sign_in_failed"


def test_many_at_once_get_no_more_attempts(staff: Staff, wang: str) -> None:
    seen: list[str] = []

    def attempt() -> None:
        seen.append(refused(lambda: staff.sign_in(WANG, OTHER)))

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen.count("sign_in_failed"), seen.count("sign_in_locked")) == (MAX_FAILURES, 11)


def test_each_sign_in_has_a_new_token_and_ends_the_one_that_was_held(staff: Staff, wang: str) -> None:
    door = staff.access.door
    planted = staff.sign_in(WANG)
    signed = door.sign_in(WANG, PASSWORD, held=planted.token)
    assert signed.token != planted.token
    assert refused(lambda: door.resume(planted.token)) == "session_missing"
    assert door.resume(signed.token).account.name == WANG


def test_the_store_holds_neither_token_nor_password_nor_secret(staff: Staff, wang: str) -> None:
    totp = staff.switch_on(WANG)
    signed = staff.sign_in(WANG)
    kept = everything_kept(
        staff.database, ("accounts", "account_sessions", "sign_in_failures", "audit_entries")
    )
    for secret in (signed.token, signed.csrf, PASSWORD, totp.secret):
        assert secret not in kept


@pytest.mark.parametrize("token", ["", "x", "x" * 43, make_token(), "密" * 43])
def test_a_forged_token_opens_nothing(staff: Staff, wang: str, token: str) -> None:
    staff.sign_in(WANG)
    assert refused(lambda: staff.access.door.resume(token)) == "session_missing"


def test_a_session_ends_unused_and_ends_in_any_case(staff: Staff, wang: str) -> None:
    door = staff.access.door
    signed = staff.sign_in(WANG)
    staff.clock.pass_(minutes=29)
    door.resume(signed.token)
    staff.clock.pass_(minutes=29)
    door.resume(signed.token)
    staff.clock.pass_(minutes=30)
    assert refused(lambda: door.resume(signed.token)) == "session_missing"
    signed = staff.sign_in(WANG)
    for _ in range(12 * 3 - 1):
        staff.clock.pass_(minutes=20)
        door.resume(signed.token)
    staff.clock.pass_(minutes=20)
    assert refused(lambda: door.resume(signed.token)) == "session_missing"


def test_signing_out_ends_the_session_for_whoever_copied_it(staff: Staff, wang: str) -> None:
    signed = staff.sign_in(WANG)
    staff.access.door.sign_out(signed.token)
    assert refused(lambda: staff.access.door.resume(signed.token)) == "session_missing"
    staff.access.door.sign_out(signed.token)


@pytest.mark.parametrize("deed", ["disable", "reset", "roles", "password"])
def test_what_ends_all_sessions_at_once(staff: Staff, wang: str, deed: str) -> None:
    door, accounts = staff.access.door, staff.access.accounts
    one, other = staff.sign_in(WANG), staff.sign_in(WANG)
    match deed:
        case "disable":
            accounts.disable(WANG, OPERATOR)
        case "reset":
            accounts.reset(WANG, OPERATOR)
        case "roles":
            accounts.set_roles(WANG, ["reviewer"], OPERATOR)
        case "password":
            fresh = door.change_password(one, PASSWORD, OTHER)
            assert door.resume(fresh.token).stage is Stage.OPEN
    for signed in (one, other):
        assert refused(lambda token=signed.token: door.resume(token)) == "session_missing"  # type: ignore[misc]


def test_a_one_time_password_leads_to_a_new_one_and_nowhere_else(staff: Staff) -> None:
    door = staff.access.door
    one_time = staff.access.accounts.add(WANG, ["editor"], OPERATOR)
    signed = door.sign_in(WANG, one_time)
    assert signed.stage is Stage.MUST_CHANGE
    assert refused(lambda: door.change_password(signed, one_time, "short")) == "password_weak"
    assert refused(lambda: door.change_password(signed, one_time, one_time)) == "password_same"
    assert refused(lambda: door.change_password(signed, OTHER, PASSWORD)) == "password_wrong"
    assert door.change_password(signed, one_time, PASSWORD).stage is Stage.OPEN
    assert refused(lambda: door.sign_in(WANG, one_time)) == "sign_in_failed"


def test_a_one_time_password_is_over_after_three_days(staff: Staff) -> None:
    one_time = staff.access.accounts.add(WANG, ["editor"], OPERATOR)
    staff.clock.pass_(hours=72)
    assert refused(lambda: staff.sign_in(WANG, one_time)) == "sign_in_failed"


def test_the_second_step(staff: Staff, wang: str) -> None:
    door = staff.access.door
    totp = staff.switch_on(WANG)
    half = staff.sign_in(WANG)
    assert half.stage is Stage.SECOND_STEP
    code = staff.code(totp)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert refused(lambda: door.second_step(half, wrong)) == "second_step_failed"
    whole = door.second_step(half, code)
    assert (whole.stage, whole.token != half.token) == (Stage.OPEN, True)
    assert refused(lambda: door.resume(half.token)) == "session_missing"
    # The same code, seen over a shoulder, opens no second time.
    again = staff.sign_in(WANG)
    assert refused(lambda: door.second_step(again, code)) == "second_step_failed"
    staff.clock.pass_(seconds=30)
    assert door.second_step(again, staff.code(totp)).stage is Stage.OPEN


def test_the_code_that_switched_the_second_step_on_is_used_up(staff: Staff, wang: str) -> None:
    totp = staff.switch_on(WANG)
    staff.clock.pass_(seconds=-30)
    half = staff.sign_in(WANG)
    assert refused(lambda: staff.access.door.second_step(half, staff.code(totp))) == "second_step_failed"


def test_codes_cannot_be_guessed_by_signing_in_again_and_again(staff: Staff, wang: str) -> None:
    staff.switch_on(WANG)
    seen = []
    for _ in range(MAX_FAILURES):
        half = staff.sign_in(WANG)
        seen.append(refused(lambda half=half: staff.access.door.second_step(half, "000000")))  # type: ignore[misc]
    assert set(seen) == {"second_step_failed"}
    assert refused(lambda: staff.sign_in(WANG)) == "sign_in_locked"


def test_half_a_session_does_not_wait_for_long(staff: Staff, wang: str) -> None:
    totp = staff.switch_on(WANG)
    half = staff.sign_in(WANG)
    staff.clock.pass_(minutes=10)
    assert refused(lambda: staff.access.door.resume(half.token)) == "session_missing"
    assert totp.secret


def test_one_code_for_two_at_once_opens_once(staff: Staff, wang: str) -> None:
    totp = staff.switch_on(WANG)
    halves, code = [staff.sign_in(WANG) for _ in range(2)], staff.code(totp)
    opened: list[Stage | str] = []

    def step(number: int) -> None:
        try:
            opened.append(staff.access.door.second_step(halves[number], code).stage)
        except SignInError as error:
            opened.append(error.code)

    threads = [threading.Thread(target=step, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, opened)) == ["open", "second_step_failed"]


def test_switching_the_second_step_on_and_off(staff: Staff, wang: str) -> None:
    door = staff.access.door
    signed, other = staff.sign_in(WANG), staff.sign_in(WANG)
    assert refused(lambda: door.confirm_two_steps(signed, "000000")) == "two_steps_not_begun"
    secret = door.begin_two_steps(signed)
    signed = door.resume(signed.token)
    assert door.pending_secret(signed) == secret
    assert staff.sign_in(WANG).stage is Stage.OPEN, "nothing changes before a code confirms it"
    assert refused(lambda: door.confirm_two_steps(signed, "abcdef")) == "second_step_failed"
    import pyotp

    door.confirm_two_steps(signed, staff.code(pyotp.TOTP(secret)))
    assert refused(lambda: door.resume(other.token)) == "session_missing"
    signed = door.resume(signed.token)
    with pytest.raises(ConflictError):
        door.begin_two_steps(signed)
    assert refused(lambda: door.drop_two_steps(signed, OTHER)) == "password_wrong"
    door.drop_two_steps(signed, PASSWORD)
    assert staff.sign_in(WANG).stage is Stage.OPEN


def test_ending_other_sessions_keeps_this_one(staff: Staff, wang: str) -> None:
    door = staff.access.door
    one, other = staff.sign_in(WANG), staff.sign_in(WANG)
    assert len(door.sessions(one)) == 2
    assert door.end_others(one) == 1
    assert door.resume(one.token)
    assert refused(lambda: door.resume(other.token)) == "session_missing"


def test_a_hash_of_less_work_is_made_anew(staff: Staff, wang: str) -> None:
    harder = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    door = AccessDoor(
        staff.database, staff.auditor, harder, staff.access.door._key._path.parent, now=staff.clock
    )
    door.sign_in(WANG, PASSWORD)
    (account,) = staff.access.accounts.accounts()
    assert "m=16,t=2" in account.password_hash
    assert door.sign_in(WANG, PASSWORD).stage is Stage.OPEN


def test_a_password_must_not_be_the_name(staff: Staff) -> None:
    name = "bj-worker-0123"
    one_time = staff.access.accounts.add(name, ["agent"], OPERATOR)
    signed = staff.sign_in(name, one_time)
    with pytest.raises(BadInputError):
        staff.access.door.change_password(signed, one_time, "BJ-Worker-0123")


def test_deeds_are_on_record_and_the_chain_is_whole(staff: Staff, wang: str) -> None:
    staff.sign_in(WANG)
    kept = everything_kept(staff.database, ("audit_entries",))
    for deed in ("account_added", "password_changed", "signed_in"):
        assert deed in kept
    assert staff.auditor.verify().sound
