"""``lawkb feedback`` and ``lawkb callbacks`` as an editor and whoever calls back run them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from kb.answer.feedback_box import FeedbackBox
from kb.cli.feedback import open_callback_desk
from kb.clock import utc_now
from kb.domain.ask import Channel
from kb.domain.feedback import Feedback, Verdict
from kb.settings import Settings
from kb.store.database import Database
from tests.cli.installation import NO_ENCODER, lawkb
from tests.feedback.conftest import PHONE, ask_all

DAY = dt.timedelta(days=1)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An installation in which things were asked, said and left."""
    settings = Settings(data_dir=tmp_path / "data")
    database = Database(settings.resolved_database_url)
    database.migrate()
    ask_all(database, "楼上漏水谁赔", "楼上漏水谁来赔", "离婚孩子归谁", at=utc_now() - DAY, topic="物业")
    ask_all(database, "很久以前的事", at=utc_now() - 200 * DAY)
    box = FeedbackBox(database, keep_days=730)
    box.put(Feedback(utc_now(), Channel.CITIZEN, Verdict.WRONG, 2, "第一步不对", "楼上漏水谁赔"))
    box.put(Feedback(utc_now(), Channel.HOTLINE, Verdict.ADOPTED, reference="c-1"))
    open_callback_desk(settings, database).take(PHONE, consent=True, topic="物业", note="下午打")
    database.close()
    return settings.data_dir


def run(data_dir: Path, *arguments: str) -> str:
    done = lawkb(data_dir, *arguments, encoder=NO_ENCODER)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_opinions_are_listed(data_dir: Path) -> None:
    told = run(data_dir, "feedback", "list")
    assert "【有误，满意 2/5】" in told
    assert "说：第一步不对" in told
    assert "共 2 条" in told
    (one,) = json.loads(run(data_dir, "feedback", "list", "--verdict", "adopted", "--json"))["feedback"]
    assert (one["verdict"], one["call"], one["satisfied"]) == ("adopted", "c-1", None)
    bad = lawkb(data_dir, "feedback", "list", "--verdict", "好")
    assert (bad.returncode, "verdict_unknown" in bad.stderr) == (2, True)


def test_a_gap_is_listed_drafted_and_gone(data_dir: Path) -> None:
    told = json.loads(run(data_dir, "feedback", "gaps", "--json"))
    assert told["by_meaning"] is False
    leak = next(gap for gap in told["gaps"] if gap["count"] == 2)
    assert (leak["question"], leak["variants"], leak["topic"]) == ("楼上漏水谁赔", ["楼上漏水谁来赔"], "物业")
    assert "只按字面归类" in run(data_dir, "feedback", "gaps")
    assert "很久以前的事" in run(data_dir, "feedback", "gaps", "--days", "365")
    draft = (
        "feedback",
        "draft",
        str(leak["number"]),
        "--id",
        "torts-leak",
        "--topic",
        "侵权",
        "--as",
        "王编辑",
    )
    assert "torts-leak：草稿" in run(data_dir, *draft)
    assert "楼上漏水谁赔" in run(data_dir, "answers", "list", "--state", "draft")
    assert "漏水" not in run(data_dir, "feedback", "gaps")
    again = lawkb(data_dir, *draft, encoder=NO_ENCODER)
    assert (again.returncode, "gap_not_found" in again.stderr) == (3, True)


def test_what_is_past_its_days_is_purged(data_dir: Path) -> None:
    counted = "提问 1 条，意见 0 条，回电登记 0 条"
    for _ in range(2):
        assert counted in run(data_dir, "feedback", "purge", "--dry-run")
    assert f"已删除：{counted}" in run(data_dir, "feedback", "purge")
    assert "提问 0 条" in run(data_dir, "feedback", "purge")


def test_contacts_are_read_on_record_and_closed(data_dir: Path) -> None:
    nobody = lawkb(data_dir, "callbacks", "list")
    assert (nobody.returncode, "actor_missing" in nobody.stderr) == (2, True)
    told = run(data_dir, "callbacks", "list", "--as", "孙回电")
    assert PHONE in told
    assert "下午打" in told
    (one,) = json.loads(run(data_dir, "callbacks", "list", "--as", "孙回电", "--json"))["callbacks"]
    assert one["contact"] == PHONE
    assert "已办结" in run(data_dir, "callbacks", "close", str(one["id"]), "--as", "孙回电")
    assert "共 0 条" in run(data_dir, "callbacks", "list", "--as", "孙回电")
    assert lawkb(data_dir, "callbacks", "close", str(one["id"]), "--as", "孙回电").returncode == 8
    assert "3" in run(data_dir, "audit", "verify")
    assert not any(PHONE.encode() in path.read_bytes() for path in data_dir.rglob("*") if path.is_file())


def test_a_call_number_is_checked_before_anything_is_opened(data_dir: Path) -> None:
    bad = lawkb(data_dir, "ask", "单位欠薪怎么办", "--call", "来电 1")
    assert (bad.returncode, "reference_malformed" in bad.stderr) == (2, True)
