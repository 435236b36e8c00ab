"""Pure rules: names, passwords, tokens, codes."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import pyotp
import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.access.passwords import Passwords, make_one_time
from kb.access.rules import AccessSettings, is_alive, key_of, read_name, read_password, read_roles
from kb.access.tokens import csrf_matches, csrf_of, digest_token, make_token, subject_of
from kb.access.totp import STEP_SECONDS, address_of, make_secret, match_step
from kb.domain.accounts import MAX_NAME, MIN_PASSWORD, Session, Stage
from kb.errors import BadInputError
from tests.access.staff import QUICK

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in base 32
RFC_VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
"""RFC 6238, appendix B, SHA-1, the last six digits."""


def at(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@pytest.mark.parametrize(("seconds", "code"), RFC_VECTORS)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert match_step(RFC_SECRET, code, at(seconds), 0) == seconds // STEP_SECONDS


@given(st.integers(600, 2**33), st.integers(-5, 5))
@settings(deadline=None, max_examples=60)
def test_a_code_is_good_for_its_step_and_one_beside_it_and_once(seconds: int, off: int) -> None:
    step = seconds // STEP_SECONDS
    code = pyotp.TOTP(RFC_SECRET).at((step + off) * STEP_SECONDS)
    found = match_step(RFC_SECRET, code, at(seconds), -1)
    if abs((step + off) - step) <= 1:
        assert found is not None
        assert match_step(RFC_SECRET, code, at(seconds), found) is None
    elif found is not None:  # one in a million by chance
        assert pyotp.TOTP(RFC_SECRET).at(found * STEP_SECONDS) == code


@pytest.mark.parametrize("code", ["", "28708", "2870820", "28708a", "28708²8", "287082; --", "\ud800"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert match_step(RFC_SECRET, code, at(59), 0) is None


def test_a_code_may_be_typed_with_blanks_and_in_full_width() -> None:
    assert match_step(RFC_SECRET, "287 082", at(59), 0) == 1
    assert match_step(RFC_SECRET, "２８７０８２", at(59), 0) == 1


def test_secrets_are_long_and_the_address_names_who_it_is_for() -> None:
    secret = make_secret()
    assert len(secret) == 32
    assert make_secret() != secret
    assert address_of(secret, "wang").startswith("otpauth://totp/")


def refused(name: str) -> str:
    with pytest.raises(BadInputError) as error:
        read_name(name)
    return error.value.code


@pytest.mark.parametrize(
    "name", ["", "a", " ", "x" * 41, "a\x00b", "a\u202eb", "a\u200bb", "System", "operator"]
)
def test_names_that_cannot_be_had(name: str) -> None:
    assert refused(name) == "account_name_invalid"


@given(st.text(max_size=60))
def test_a_name_that_is_taken_is_one_line_that_is_seen(name: str) -> None:
    try:
        read = read_name(name)
    except BadInputError:
        return
    assert 2 <= len(read) <= MAX_NAME
    assert read.isprintable() or " " in read or "\u3000" in read
    assert read_name(read) == read
    assert key_of(read) == key_of(name)


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 11, "x" * 201, "wang-gong-01", "Wang-Gong-01", " " * 14]
)
def test_weak_passwords(password: str) -> None:
    with pytest.raises(BadInputError) as error:
        read_password(password, "wang-gong-01")
    assert error.value.code == "password_weak"


@given(st.text(min_size=MIN_PASSWORD, max_size=100))
@settings(deadline=None, max_examples=30)
def test_a_password_that_is_taken_opens_and_no_other_does(password: str) -> None:
    try:
        chosen = read_password(password, "wang")
    except BadInputError:
        return
    hashed = QUICK.hash(chosen)
    assert QUICK.check(read_password(password, "wang"), hashed)
    assert not QUICK.check(chosen + "x", hashed)
    assert chosen not in hashed


def test_hashes_are_argon2id_and_old_parameters_are_seen() -> None:
    passwords = Passwords()
    hashed = passwords.hash("一个很长很长的密码句子")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not passwords.is_old(hashed)
    assert passwords.is_old(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x"))
    assert not passwords.check("一个很长很长的密码句子", "no hash at all")


def test_an_unknown_account_takes_the_work_of_a_known_one() -> None:
    passwords = Passwords()
    hashed = passwords.hash("一个很长很长的密码句子")

    def took(against: str | None) -> float:
        best = 9.0
        for _ in range(5):
            started = time.perf_counter()
            passwords.check("别的密码", against)
            best = min(best, time.perf_counter() - started)
        return best

    known, unknown = took(hashed), took(None)
    assert 0.5 < unknown / known < 2


def test_one_time_passwords_are_long_and_differ() -> None:
    made = {make_one_time() for _ in range(100)}
    assert len(made) == 100
    assert all(read_password(one, "wang") for one in made)


def test_roles() -> None:
    assert {role.value for role in read_roles(["editor", "reviewer"])} == {"editor", "reviewer"}
    for wrong, code in ((["king"], "role_unknown"), ([], "roles_empty")):
        with pytest.raises(BadInputError) as error:
            read_roles(wrong)
        assert error.value.code == code


def test_tokens_are_random_and_their_digest_is_of_nothing_else() -> None:
    tokens = {make_token() for _ in range(200)}
    assert len(tokens) == 200
    assert len({digest_token(one) for one in tokens}) == 200
    for wrong in ("", "x" * 42, "x" * 44, "x" * 42 + "/", "x" * 43 + "\n", "密" * 43):
        assert digest_token(wrong) == ""


@given(st.text(max_size=80))
def test_no_text_but_its_own_is_the_form_token_of_a_session(given_: str) -> None:
    token = make_token()
    assert csrf_matches(token, csrf_of(token))
    assert not csrf_matches(token, given_)
    assert token not in csrf_of(token)
    assert len(subject_of(given_)) == 64


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 60), st.integers(1, 1440))
def test_a_session_lives_while_it_is_used_and_not_for_ever(
    since: int, ago: int, idle: int, longest: int
) -> None:
    now = at(10**9)
    started = now - dt.timedelta(minutes=max(since, ago))
    session = Session("d", "wang", Stage.OPEN, started, now - dt.timedelta(minutes=ago), started)
    session = replace(session, ends_at=started + dt.timedelta(minutes=longest))
    lives = AccessSettings(dt.timedelta(minutes=idle), dt.timedelta(minutes=longest))
    assert is_alive(session, lives, now) == (ago < idle and max(since, ago) < longest)
