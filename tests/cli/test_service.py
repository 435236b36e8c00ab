"""The service as a real process: it serves, follows the store, and comes back after every kill."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from kb.cli import compose
from kb.domain.works import Provision, WorkBundle
from kb.settings import Settings
from kb.store.database import Database
from kb.store.works import save_bundle
from tests.cli.installation import NO_ENCODER, RunningService, lawkb, running, wait_for
from tests.small_corpus import CIVIL_CODE, LABOUR_CONTRACTS, choose_small, copy_data_dir, fill_store

pytestmark = pytest.mark.slow

WITHOUT_ENCODER = {"encoder": NO_ENCODER}
"""Most of these tests need no meaning, and the encoder takes seconds to load."""


def settings_of(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir)


def rewrite_article(data_dir: Path, bundles: Sequence[WorkBundle], label: str, text: str) -> None:
    """Change an article of 劳动合同法 in SQL, as a new load of the source would."""
    (bundle,) = [one for one in choose_small(bundles) if one.work.title == LABOUR_CONTRACTS]
    (version,) = bundle.versions

    def rewritten(one: Provision) -> Provision:
        return replace(one, text=text) if one.label == label else one

    changed = replace(version, provisions=tuple(map(rewritten, version.provisions)))
    database = Database(settings_of(data_dir).resolved_database_url)
    with database.writing() as connection:
        assert save_bundle(connection, replace(bundle, versions=(changed,))).outbox_rows
    database.close()


def finds(service: RunningService, question: str, label: str) -> bool:
    """Whether ``label`` is the first hit of ``question``."""
    hits = service.search(question, 1)["hits"]
    return bool(hits) and hits[0]["label"] == label


# -- one service, many questions ------------------------------------------------------------------


@pytest.fixture(scope="module")
def data_dir(words_only_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_data_dir(words_only_dir, tmp_path_factory.mktemp("serving") / "data")


@pytest.fixture(scope="module")
def service(data_dir: Path) -> Iterator[RunningService]:
    with running(data_dir, "serve", **WITHOUT_ENCODER) as started:
        started.wait_until_ready()
        yield started


def test_a_service_without_its_encoder_serves_degraded(service: RunningService) -> None:
    status, body = service.get("/api/v1/ready")
    assert (status, body["state"]) == (200, "degraded")
    answer = service.search("从建筑物中抛掷物品")
    assert answer["hits"]
    assert answer["notices"]


def test_the_search_command_asks_the_running_service(service: RunningService, data_dir: Path) -> None:
    """A proxy of the environment must not come between: the dead one here would be asked first."""
    dead = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "no_proxy": ""}
    here = lawkb(data_dir, "search", "民法典第1254条", "-k", "1", env=dead)
    assert here.returncode == 0, here.stderr
    assert "第一千二百五十四条" in here.stdout
    refused = lawkb(data_dir, "search", "钱")
    assert refused.returncode == 2
    assert "[query_too_short]" in refused.stderr


def test_a_second_process_is_told_who_owns_the_index(service: RunningService, data_dir: Path) -> None:
    second = lawkb(data_dir, "serve", "--port", "0")
    assert second.returncode == 5, second.stderr
    assert "[generation_owned]" in second.stderr
    assert str(service.process.pid) in second.stderr
    assert service.url in second.stderr


def test_status_names_the_running_service(service: RunningService, data_dir: Path) -> None:
    told = lawkb(data_dir, "status")
    assert service.url in told.stdout
    assert str(service.process.pid) in told.stdout


def test_a_changed_text_is_found_while_the_service_runs(
    service: RunningService, data_dir: Path, installed_bundles: tuple[WorkBundle, ...]
) -> None:
    rewrite_article(data_dir, installed_bundles, "第十条", "鹦鹉驯养员应当订立书面劳动合同。")
    wait_for(lambda: finds(service, "鹦鹉驯养员", "第十条"), "the changed text")


def test_a_new_generation_and_a_rollback_are_followed(service: RunningService, data_dir: Path) -> None:
    first = service.search("劳动合同")["generation"]
    built = lawkb(data_dir, "index", "build", "--words-only")
    assert built.returncode == 0, built.stderr
    second = wait_for(
        lambda: (now := service.search("劳动合同")["generation"]) != first and now, "the new generation"
    )
    rolled = lawkb(data_dir, "index", "rollback")
    assert rolled.returncode == 0, rolled.stderr
    assert first in rolled.stdout
    wait_for(lambda: service.search("劳动合同")["generation"] == first, "the former generation")
    assert second != first
    assert finds(service, "鹦鹉驯养员", "第十条"), "the former generation has not kept up"


def test_after_a_kill_the_next_start_brings_the_index_up_to_the_store(
    service: RunningService, data_dir: Path, installed_bundles: tuple[WorkBundle, ...]
) -> None:
    """The change is committed in SQL while no process follows it, as by a kill before the index write."""
    service.kill()
    rewrite_article(data_dir, installed_bundles, "第十一条", "企鹅饲养员的报酬不明确的，实行同工同酬。")
    with running(data_dir, "serve", **WITHOUT_ENCODER) as again:
        again.wait_until_ready()
        wait_for(lambda: finds(again, "企鹅饲养员", "第十一条"), "the change made while nobody served")
        assert again.stop() == 0
    assert lawkb(data_dir, "search", "企鹅饲养员", "-k", "1").returncode == 0


# -- starting and building ------------------------------------------------------------------------


def test_run_gives_a_generation_of_words_its_meanings_and_stops_when_told(
    words_only_dir: Path, tmp_path: Path
) -> None:
    """Words serve at once; the encoder that is there now brings the rest, built in a child process."""
    data_dir = copy_data_dir(words_only_dir, tmp_path / "data")
    with running(data_dir, "run") as service:
        assert service.wait_until_ready()["state"] == "ready"
        wait_for(lambda: not service.search("离婚冷静期多久")["notices"], "the generation with meanings")
        hits = service.search("员工想辞职要提前几天通知公司", 10)["hits"]
        assert "meaning" in {reason["signal"] for hit in hits for reason in hit["reasons"]}
        assert service.stop() == 0
        assert "Traceback" not in service.output.read_text("utf-8")
    manifest = compose.open_generations(settings_of(data_dir)).current()
    assert manifest is not None
    assert "dense" in manifest.modes


def choose_medium(bundles: Sequence[WorkBundle]) -> tuple[WorkBundle, ...]:
    """The civil code, which is among the works that are there first, and enough others to take a while."""
    return tuple(one for one in bundles if one.work.title == CIVIL_CODE) + tuple(bundles[:60])


def children_of(service: RunningService) -> list[psutil.Process]:
    return psutil.Process(service.process.pid).children(recursive=True)


def uncommitted(data_dir: Path) -> list[Path]:
    root = data_dir / "index" / "generations"
    return [path for path in root.iterdir() if not (path / "manifest.json").exists()]


def test_a_kill_during_a_build_leaves_the_serving_generation_and_the_next_start_finishes(
    installed_bundles: tuple[WorkBundle, ...], tmp_path: Path
) -> None:
    settings = settings_of(tmp_path / "data")
    fill_store(settings, choose_medium(installed_bundles)).close()
    with running(settings.data_dir, "run", **WITHOUT_ENCODER) as service:
        service.wait_until_ready()
        starter = service.search("离婚冷静期")
        assert any("正在建立" in notice for notice in starter["notices"])
        wait_for(lambda: uncommitted(settings.data_dir), "the building child to write", every=0.005)
        for child in children_of(service):
            os.kill(child.pid, signal.SIGKILL)
        (left,) = uncommitted(settings.data_dir)
        wait_for(lambda: "失败" in service.get("/api/v1/ready")[1]["detail"], "the failure to be told")
        after = service.search("离婚冷静期")
        assert after["generation"] == starter["generation"]
        assert after["hits"] == starter["hits"]
        service.kill()
    with running(settings.data_dir, "run", **WITHOUT_ENCODER) as again:
        again.wait_until_ready()
        wait_for(lambda: again.search("离婚冷静期")["generation"] != after["generation"], "the whole build")
        whole = again.search("离婚冷静期")
        assert not any("正在建立" in notice for notice in whole["notices"])
        assert not left.exists()
        assert uncommitted(settings.data_dir) == []
        wait_for(lambda: not children_of(again), "the building child to end")


def test_a_damaged_generation_is_replaced_by_the_next_run(words_only_dir: Path, tmp_path: Path) -> None:
    data_dir = copy_data_dir(words_only_dir, tmp_path / "data")
    (manifest,) = data_dir.glob("index/generations/*/manifest.json")
    manifest.write_text("{")
    with running(data_dir, "run", **WITHOUT_ENCODER) as service:
        service.wait_until_ready()
        assert finds(service, "民法典第1254条", "第一千二百五十四条")


def test_serving_what_was_never_built_ends_with_an_error(tmp_path: Path) -> None:
    told = lawkb(tmp_path / "data", "serve", encoder=NO_ENCODER)
    assert told.returncode == 5, told.stderr
    assert "[generation_missing]" in told.stderr
    assert "Traceback" not in told.stderr
