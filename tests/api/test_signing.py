"""Signing in with a browser: cookie, origin, form token, roles, and what pages show."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from markupsafe import escape

from api.access.gate import Gate, list_routes
from api.access.rules import RULES, Rule
from api.app import create_app
from api.guard import SECURITY_HEADERS
from api.services import Services
from kb.access.administration import OPERATOR
from kb.access.tokens import make_token
from kb.domain.accounts import Stage
from kb.domain.editing import Role
from tests.access.staff import PASSWORD
from tests.api.staff_pages import ORIGIN, Browser, Office, open_office
from tests.api.test_pages import Tags

NEW = "下雨天 记得带上 第二把雨伞"
PROTECTED = sorted((method, path) for (method, path), rule in RULES.items() if not rule.public)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = open_office(tmp_path)
    yield office
    office.staff.database.close()


# -- the table of rules ----------------------------------------------------------------------------


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    routes = {
        (method, path) for method, path, _ in list_routes(create_app(Services(None, None, None)).routes)
    }
    assert routes == set(RULES)


def test_an_application_with_a_route_without_rule_does_not_start(office: Office) -> None:
    app = FastAPI(docs_url=None, redoc_url=None)
    app.get("/forgotten")(lambda: "x")
    with pytest.raises(LookupError, match="no rule for GET /forgotten"):
        Gate(office.services).learn(app)


def test_what_changes_anything_is_either_public_by_name_or_needs_a_session() -> None:
    public = {path for (method, path), rule in RULES.items() if rule.public and method != "GET"}
    assert public == {
        "/api/v1/search", "/api/v1/ask", "/api/v1/feedback", "/api/v1/callbacks",
        "/api/v1/citations/verify", "/verify", "/sign-in",
    }  # fmt: skip


def fill(path: str) -> str:
    return path.replace("{answer_id}", "contracts-umbrella")


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_without_a_session_nothing_opens(office: Office, method: str, path: str) -> None:
    for token in ("", "x" * 43, make_token()):
        browser = office.browser()
        if token:
            browser.client.cookies.set("lawkb", token)
        response = browser.call(method, fill(path), {})
        if method == "GET" and not path.startswith("/api/"):
            assert response.status_code == 303
            assert response.headers["location"].startswith("/sign-in?next=/")
        else:
            assert response.status_code == 401
            assert "session_missing" in response.text


def test_roles_by_routes(office: Office) -> None:
    """Every role at every route that asks for one: let in where the table says so, and nowhere else."""
    browsers = {role: office.browser(role) for role in Role}
    for (method, path), rule in RULES.items():
        if not rule.roles:
            continue
        for role, browser in browsers.items():
            response = browser.call(method, fill(path), {})
            refused = response.status_code == 403 and "role_missing" in response.text
            assert refused == (role not in rule.roles), (method, path, role, response.text[:200])


@pytest.mark.parametrize(("method", "path"), [one for one in PROTECTED if one[0] != "GET"])
def test_no_write_without_the_sessions_token_and_our_origin(office: Office, method: str, path: str) -> None:
    browser, other = office.browser(*Role, name="甲某"), office.browser(*Role, name="乙某")
    address = fill(path)
    right = browser.csrf
    for wrong in ("", "0" * 64, other.csrf, right[:-1], right.upper(), right + "0"):
        browser.csrf = wrong
        response = browser.call(method, address, {})
        assert response.status_code == 403, wrong
        assert "csrf_invalid" in response.text
    browser.csrf = right
    for headers in (
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:81"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver@evil.example"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://["},
    ):
        browser.headers = headers
        response = browser.call(method, address, {})
        assert response.status_code == 403, headers
        assert "origin_foreign" in response.text
    browser.headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    response = browser.call(method, address, {})
    assert "origin_foreign" not in response.text
    assert "csrf_invalid" not in response.text


def test_signing_in_from_a_foreign_page_is_refused(office: Office) -> None:
    office.staff.hire("wang", Role.EDITOR)
    browser = office.browser()
    browser.headers = {"Origin": "https://evil.example"}
    response = browser.sign_in("wang")
    assert response.status_code == 403
    assert not browser.token


@pytest.mark.parametrize("stage", [Stage.SECOND_STEP, Stage.MUST_CHANGE])
def test_half_a_session_opens_only_what_completes_it(office: Office, stage: Stage) -> None:
    if stage is Stage.SECOND_STEP:
        office.staff.hire("wang", *Role)
        office.staff.switch_on("wang")
        password = PASSWORD
    else:
        password = office.staff.access.accounts.add("wang", [role.value for role in Role], OPERATOR)
    browser = office.browser()
    assert browser.sign_in("wang", password).status_code == 303
    assert browser.csrf
    for method, path in PROTECTED:
        rule: Rule = RULES[method, path]
        if stage in rule.stages:
            continue
        response = browser.call(method, fill(path), {})
        assert response.status_code in (303, 401), (method, path)
        assert "<h1" not in response.text or response.status_code == 401


# -- cookie and pages ------------------------------------------------------------------------------


def test_the_cookie_is_out_of_reach(office: Office, tmp_path: Path) -> None:
    office.staff.hire("wang", Role.EDITOR)
    cookie = office.browser().sign_in("wang").headers["set-cookie"]
    assert re.fullmatch(r"lawkb=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookie)
    (tmp_path / "tls").mkdir()
    secure = open_office(tmp_path / "tls", public_url="https://law.example.cn")
    secure.staff.hire("wang", Role.EDITOR)
    browser = secure.browser()
    browser.headers = {"Origin": "https://law.example.cn"}
    cookie = browser.send("/sign-in", name="wang", password=PASSWORD).headers["set-cookie"]
    assert re.fullmatch(r"__Host-lawkb=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", cookie)
    browser.headers = {"Origin": "http://law.example.cn"}
    assert browser.send("/sign-in", name="wang", password=PASSWORD).status_code == 403
    # A cookie without the prefix may have been planted by a neighbour of the host.
    planted = secure.staff.sign_in("wang")
    browser = secure.browser()
    browser.client.cookies.set("lawkb", planted.token)
    assert browser.get("/account").headers["location"].startswith("/sign-in")
    secure.staff.database.close()


def test_a_planted_session_is_not_the_one_that_is_signed_in(office: Office) -> None:
    office.staff.hire("wang", Role.EDITOR)
    office.staff.hire("attacker", Role.EDITOR)
    planted = office.staff.sign_in("attacker")
    browser = office.browser()
    browser.client.cookies.set("lawkb", planted.token, domain="testserver.local", path="/")
    browser.sign_in("wang")
    assert browser.token != planted.token
    with pytest.raises(Exception, match="session_missing"):
        office.staff.access.door.resume(planted.token)


def test_after_signing_out_nothing_is_left(office: Office) -> None:
    browser = office.browser(Role.ADMINISTRATOR)
    token = browser.token
    page = browser.get("/accounts")
    assert page.headers["cache-control"] == "no-store"
    assert browser.send("/sign-out").status_code == 303
    assert not browser.token
    browser.client.cookies.set("lawkb", token)
    assert browser.get("/accounts").headers["location"] == "/sign-in?next=/accounts"


def test_signing_out_takes_a_form_and_not_a_link(office: Office) -> None:
    browser = office.browser(Role.EDITOR)
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/account").status_code == 200


def test_a_disabled_account_is_out_at_once(office: Office) -> None:
    chief = office.browser(Role.ADMINISTRATOR)
    browser = office.browser(Role.EDITOR, name="wang")
    assert browser.get("/account").status_code == 200
    assert chief.send("/accounts/change", name="wang", deed="disable").status_code == 303
    assert browser.get("/account").status_code == 303
    assert browser.call("GET", "/api/v1/desk/session").status_code == 401
    assert browser.sign_in("wang").status_code == 401


def test_an_expired_session_leads_to_the_sign_in(office: Office) -> None:
    browser = office.browser(Role.EDITOR)
    office.staff.clock.pass_(minutes=30)
    assert browser.get("/account").headers["location"] == "/sign-in?next=/account"


def test_locked_out_in_the_browser(office: Office) -> None:
    office.staff.hire("wang", Role.EDITOR)
    for name in ("wang", "nobody"):
        pages = [office.browser().sign_in(name, "wrong") for _ in range(6)]
        codes = [re.findall(r"<code>(\w+)</code>", page.text) for page in pages]
        assert codes == [["sign_in_failed"]] * 5 + [["sign_in_locked"]]
        assert {page.status_code for page in pages} == {401}
    first = office.browser().sign_in("nobody2", "wrong").text
    assert first.replace("nobody2", "wang2") == office.browser().sign_in("wang2", "wrong").text


def test_the_first_sign_in_from_one_time_password_to_second_step(office: Office) -> None:
    one_time = office.staff.access.accounts.bootstrap("主任")
    browser = office.browser()
    response = browser.send("/sign-in", name="主任", password=one_time, next="/accounts")
    assert response.headers["location"] == "/account"
    browser.read_csrf()
    page = browser.get("/account").text
    assert "改成自己的密码" in page
    assert "两步验证" not in re.sub(r"<title>.*?</title>", "", page)
    weak = browser.send("/account/password", old=one_time, new="short", again="short")
    assert (weak.status_code, "password_weak" in weak.text) == (422, True)
    other = browser.send("/account/password", old=one_time, new=NEW, again=NEW + "x")
    assert "password_differs" in other.text
    done = browser.send("/account/password", old=one_time, new=NEW, again=NEW)
    assert done.headers["location"] == "/account?done=password"
    browser.read_csrf()
    assert browser.send("/account/two-steps").status_code == 303
    page = browser.get("/account").text
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", page)
    totp = pyotp.TOTP(secret)
    code = office.staff.code(totp)
    assert browser.send("/account/two-steps/confirm", code=code).status_code == 303
    assert secret not in browser.get("/account").text
    browser.send("/sign-out")
    office.staff.clock.pass_(seconds=30)
    half = browser.send("/sign-in", name="主任", password=NEW, next="/accounts")
    assert half.headers["location"] == "/sign-in/second-step?next=/accounts"
    browser.read_csrf("/sign-in/second-step")
    replayed = browser.send("/sign-in/second-step", code=code)
    assert (replayed.status_code, "second_step_failed" in replayed.text) == (401, True)
    fresh = office.staff.code(totp)
    done = browser.send("/sign-in/second-step", code=fresh, next="/accounts")
    assert done.headers["location"] == "/accounts"
    assert browser.get("/accounts").status_code == 200


def test_two_submits_of_one_form(office: Office) -> None:
    browser = office.browser(Role.ADMINISTRATOR)
    first = browser.send("/accounts", name="wang", role=["editor"])
    again = browser.send("/accounts", name="wang", role=["editor"])
    assert (first.status_code, again.status_code) == (200, 409)
    assert "account_exists" in again.text
    (password,) = re.findall(r"<code>([0-9a-z-]{24})</code>", first.text)
    assert password not in again.text
    assert office.browser().sign_in("wang", password).status_code == 303
    browser = office.browser(Role.EDITOR, name="li")
    stale = Browser(browser.client, browser.csrf)
    assert browser.send("/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303
    # The session goes on under a new token, so that the form of the old one is good no more.
    assert stale.send("/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 403


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", '"><img src=x onerror=a()>', "{{7*7}}'<b>"])
def test_a_hostile_name_is_shown_and_does_nothing(office: Office, payload: str) -> None:
    browser = office.browser(Role.ADMINISTRATOR, name=payload)
    pages = [
        browser.get("/account"),
        browser.get("/accounts"),
        browser.send("/accounts", name=payload, role=["editor"]),
        browser.send("/accounts/change", name=payload, deed="reset"),
        office.browser().sign_in(payload, "wrong"),
    ]
    for page in pages:
        assert "html" in page.headers["content-type"]
        tags = Tags(page.text).found
        assert not {"script", "img", "b", "svg"} & {tag for tag, _ in tags}
        assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
        assert str(escape(payload)) in page.text


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: 1"],
)
def test_nobody_is_sent_elsewhere(office: Office, wanted: str) -> None:
    office.staff.hire("wang", Role.EDITOR)
    browser = office.browser()
    assert "evil" not in browser.get("/sign-in", next=wanted).text
    response = browser.send("/sign-in", name="wang", password=PASSWORD, next=wanted)
    assert response.headers["location"] == "/account"


def test_pages_keep_the_policy_and_are_kept_by_no_cache(office: Office) -> None:
    browser = office.browser(*Role, name="全能")
    for path in ("/sign-in", "/account", "/accounts"):
        page = browser.get(path)
        for name, value in SECURITY_HEADERS.items():
            # Without its origin no browser could pass the check: Origin would be "null".
            expected = "same-origin" if name == "Referrer-Policy" else value
            assert page.headers[name] == expected
        assert page.headers["cache-control"] == "no-store"
        assert '<meta name="referrer" content="same-origin">' in page.text
        for tag, attributes in Tags(page.text).found:
            assert tag not in ("script", "iframe", "style")
            assert "style" not in attributes
            for name in ("href", "src", "action"):
                assert re.match(r"(/(?!/)|#|tel:)", attributes.get(name) or "/")
        labels = {value["for"] for tag, value in Tags(page.text).found if tag == "label" and "for" in value}
        inputs = [
            value for tag, value in Tags(page.text).found
            if tag == "input" and value.get("type") not in ("hidden", "checkbox") and "hidden" not in value
        ]  # fmt: skip
        assert all(value["id"] in labels for value in inputs)
    assert browser.get("/").headers["referrer-policy"] == "no-referrer"


def test_an_administrator_looks_after_accounts(office: Office) -> None:
    chief = office.browser(Role.ADMINISTRATOR)
    office.staff.hire("wang", Role.EDITOR)
    assert (
        chief.send("/accounts/change", name="wang", deed="roles", role=["agent", "callback"]).status_code
        == 303
    )
    page = chief.get("/accounts").text
    assert "话务、回电" in page
    reset = chief.send("/accounts/change", name="wang", deed="reset")
    (password,) = re.findall(r"<code>([0-9a-z-]{24})</code>", reset.text)
    assert office.browser().sign_in("wang", password).status_code == 303
    assert "last_administrator" in chief.send("/accounts/change", name="administrator", deed="disable").text
    assert "deed_unknown" in chief.send("/accounts/change", name="wang", deed="promote").text
    assert "roles_empty" in chief.send("/accounts/change", name="wang", deed="roles").text


def test_where_nobody_can_sign_in_the_rest_still_serves(office: Office) -> None:
    bare = TestClient(
        create_app(Services(office.services.door, office.staff.database, office.services.readiness))
    )
    assert bare.get("/").status_code == 200
    assert bare.get("/sign-in").status_code == 503
    assert bare.get("/account").status_code == 503
    refused = bare.post("/sign-in", data={"name": "a"}, headers={"Origin": ORIGIN})
    assert "accounts_off" in refused.text


def test_a_form_of_too_many_fields_is_refused(office: Office) -> None:
    browser = office.browser(Role.EDITOR)
    body = "&".join(f"a{number}=1" for number in range(100))
    headers = {**browser.headers, "Content-Type": "application/x-www-form-urlencoded"}
    response = browser.client.post("/account/sessions/end", content=body, headers=headers)
    assert response.status_code == 403
    assert list(itertools.islice(re.findall(r"<code>(\w+)</code>", response.text), 1)) == ["form_malformed"]
