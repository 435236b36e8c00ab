"""Signing in, one's own account and the administration of accounts in a real browser, without script."""

from __future__ import annotations

import datetime as dt
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
import uvicorn

from kb.domain.editing import Role
from tests.access.staff import PASSWORD, Clock
from tests.api.staff_pages import Office, open_office

pytestmark = pytest.mark.browser

NEW = "下雨天 记得带上 第二把雨伞"


@dataclass
class Counter:
    """Where the office is open."""

    address: str
    office: Office


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    office = open_office(tmp_path, Clock(dt.datetime(2026, 11, 27, 1, tzinfo=dt.UTC)))
    server = uvicorn.Server(uvicorn.Config(office.app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield Counter(f"http://127.0.0.1:{listener.getsockname()[1]}", office)
    server.should_exit = True
    thread.join(10)
    office.staff.database.close()


def enter(page, name: str, password: str) -> None:
    page.get_by_label("账号名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_day_of_an_administrator(counter, visit, width: int, dark: bool) -> None:
    one_time = counter.office.staff.access.accounts.bootstrap("王主任")
    window = visit(width, dark=dark, script=False)
    page = window.page
    page.goto(f"{counter.address}/accounts")
    assert page.url.endswith("/sign-in?next=/accounts")
    enter(page, "王主任", "不对的密码")
    assert "sign_in_failed" in page.content()
    window.shoot(f"sign-in-{width}")
    enter(page, "王主任", one_time)
    assert page.get_by_role("heading", name="改成自己的密码").is_visible()
    page.get_by_label("一次性密码").fill(one_time)
    page.get_by_label("新密码，至少 12 个字符").fill(NEW)
    page.get_by_label("再输一遍新密码").fill(NEW)
    page.get_by_role("button", name="改密码").click()
    assert "密码已经改好" in page.content()
    page.get_by_role("button", name="打开两步验证").click()
    window.shoot(f"two-steps-{width}")
    totp = pyotp.TOTP(re.findall(r"<code>([A-Z2-7]{32})</code>", page.content())[0])
    page.get_by_label("六位数字").fill(counter.office.staff.code(totp))
    page.get_by_role("button", name="打开两步验证").click()
    assert "两步验证已经打开" in page.content()
    page.get_by_role("link", name="账号管理").click()
    page.get_by_label("账号名：").fill("李律师")
    page.get_by_label("审核").first.check()
    page.get_by_role("button", name="新增").click()
    assert "“李律师”的一次性密码" in page.content()
    window.shoot(f"accounts-{width}")
    overflow = "() => document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(overflow) <= 0
    page.get_by_role("link", name="账号管理").click()
    assert "李律师" in page.content()
    page.get_by_role("button", name="退出").click()
    assert page.url.endswith("/sign-in")
    page.go_back()
    assert "李律师" not in page.content(), "the page before is not shown again"
    page.goto(f"{counter.address}/sign-in")
    counter.office.staff.clock.pass_(seconds=30)
    enter(page, "王主任", NEW)
    assert page.get_by_role("heading", name="两步验证").is_visible()
    window.shoot(f"second-step-{width}")
    page.get_by_label("手机验证器上的六位数字").fill(counter.office.staff.code(totp))
    page.get_by_role("button", name="确定").click()
    assert page.get_by_role("heading", name="我的账号").is_visible()
    assert not [one for one in window.complaints if "401" not in one]


def test_a_form_of_another_site_does_nothing(counter, visit) -> None:
    counter.office.staff.hire("wang", Role.ADMINISTRATOR)
    page = visit().page
    page.goto(f"{counter.address}/sign-in")
    enter(page, "wang", PASSWORD)
    # A page of another site, as its author would write it; the browser is signed in.
    hostile = (
        f'<form method="post" action="{counter.address}/accounts/change">'
        '<input name="name" value="wang"><input name="deed" value="reset"><button>赢大奖</button></form>'
    )
    page.goto("about:blank")
    page.set_content(hostile)
    page.get_by_role("button").click()
    page.wait_for_url("**/accounts/change")
    assert "origin_foreign" in page.content()
    counter.office.staff.sign_in("wang")
