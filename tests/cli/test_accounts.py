"""``lawkb accounts`` as whoever runs the machine types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.cli.installation import NO_ENCODER, lawkb, running
from tests.small_corpus import copy_data_dir


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accounts") / "data"


def test_from_the_first_administrator_on(data_dir: Path) -> None:
    first = lawkb(data_dir, "accounts", "bootstrap", "王主任", public_url="https://law.example.cn/")
    assert first.returncode == 0, first.stderr
    (password,) = re.findall(r"：([0-9a-z]{4}(?:-[0-9a-z]{4}){4})$", first.stdout, re.M)
    assert "https://law.example.cn/sign-in" in first.stdout
    again = lawkb(data_dir, "accounts", "bootstrap", "别人")
    assert (again.returncode, "accounts_bootstrapped" in again.stderr) == (8, True)
    added = lawkb(data_dir, "accounts", "add", "李律师", "--role", "reviewer", "--role", "editor")
    assert added.returncode == 0, added.stderr
    roles = lawkb(data_dir, "accounts", "roles", "李律师", "--role", "reviewer")
    assert "审核" in roles.stdout
    assert "编辑" not in roles.stdout
    assert "已停用" in lawkb(data_dir, "accounts", "disable", "李律师").stdout
    assert "可登录" in lawkb(data_dir, "accounts", "enable", "李律师").stdout
    reset = lawkb(data_dir, "accounts", "reset", "王主任")
    assert "一次性密码" in reset.stdout
    assert password not in reset.stdout
    rows = json.loads(lawkb(data_dir, "accounts", "list", "--json").stdout)["accounts"]
    assert [(row["name"], row["roles"]) for row in rows] == [
        ("李律师", ["reviewer"]),
        ("王主任", ["administrator"]),
    ]
    assert not {"password_hash", "totp_sealed"} & set(rows[0])
    assert "完整" in lawkb(data_dir, "audit", "verify").stdout


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["bootstrap", "x"], 2, "account_name_invalid"),
        (["add", "某人"], 2, "roles_empty"),
        (["add", "某人", "--role", "king"], 2, "role_unknown"),
        (["disable", "没有这个人"], 3, "account_not_found"),
        (["reset", "没有这个人"], 3, "account_not_found"),
    ],
)
def test_what_goes_wrong_is_told(tmp_path: Path, arguments: list[str], exit_code: int, code: str) -> None:
    done = lawkb(tmp_path, "accounts", *arguments)
    assert done.returncode == exit_code
    assert f"错误 [{code}]" in done.stderr
    assert "办法：" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_one_time_password_opens_the_running_service(words_only_dir: Path, tmp_path: Path) -> None:
    data_dir = copy_data_dir(words_only_dir, tmp_path / "data")
    told = lawkb(data_dir, "accounts", "bootstrap", "王主任").stdout
    (password,) = re.findall(r"：([0-9a-z]{4}(?:-[0-9a-z]{4}){4})$", told, re.M)
    with running(data_dir, "serve", encoder=NO_ENCODER) as service:
        service.wait_until_ready()
        desk = "/api/v1/desk/answers"
        with httpx.Client(base_url=service.url, headers={"Origin": service.url}, trust_env=False) as client:
            assert client.get(desk).json()["code"] == "session_missing"
            entered = client.post("/sign-in", data={"name": "王主任", "password": password})
            assert (entered.status_code, entered.headers["location"]) == (303, "/account")
            assert client.get(desk).json()["code"] == "password_change_missing"
            csrf = re.findall(r'name="csrf" value="(\w+)"', client.get("/account").text)[0]
            new = "下雨天 记得带上 第二把雨伞"
            fields = {"csrf": csrf, "old": password, "new": new, "again": new}
            assert client.post("/account/password", data=fields).status_code == 303
            assert isinstance(client.get(desk).json()["answers"], list)
            # What is done at the command line holds for the service at once.
            lawkb(data_dir, "accounts", "reset", "王主任")
            assert client.get(desk).status_code == 401
