"""``lawkb answers`` and ``lawkb deadline`` as an author and an agent run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.answer.reading import list_shipped
from tests.cli.installation import lawkb


@pytest.fixture(scope="module")
def no_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory without a store: authors need none."""
    return tmp_path_factory.mktemp("empty")


def test_what_ships_passes(no_store: Path) -> None:
    done = lawkb(no_store, "answers", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"核对了 {len(list_shipped())} 个答案：0 处错误" in done.stdout


def test_a_wrong_file_is_told_and_ends_with_1(no_store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "labour"
    folder.mkdir()
    file = next(one for one in list_shipped() if one.stem == "labour-unpaid-wages")
    text = file.content.decode().replace("length: 1\n", "length: 2\n")
    (folder / "labour-unpaid-wages.yaml").write_text(text, encoding="utf-8")
    (folder / "broken.yaml").write_text("id: [", encoding="utf-8")
    done = lawkb(no_store, "answers", "check", str(folder), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    by_name = {Path(place).name: {one["code"] for one in found} for place, found in told.items()}
    assert by_name["broken.yaml"] == {"yaml_invalid"}
    assert "number_unsupported" in by_name["labour-unpaid-wages.yaml"]
    assert "wording_shared" not in by_name["labour-unpaid-wages.yaml"]  # the shipped one is the same answer


def test_shows_renderings_with_their_length(no_store: Path, tmp_path: Path) -> None:
    file = next(one for one in list_shipped() if one.stem == "family-divorce-by-agreement")
    path = tmp_path / "family-divorce-by-agreement.yaml"
    path.write_bytes(file.content)
    done = lawkb(no_store, "answers", "show", str(path))
    assert done.returncode == 0, done.stderr
    assert "【群众版】" in done.stdout
    assert "示例答复，未经执业律师审核" in done.stdout


def test_prints_a_provision_with_its_version(no_store: Path) -> None:
    done = lawkb(no_store, "answers", "text", "民法典", "第一千零七十七条第一款")
    assert done.returncode == 0, done.stderr
    assert "2021-01-01 起施行" in done.stdout
    assert lawkb(no_store, "answers", "text", "民法典", "第九千条").returncode == 3
    unknown = lawkb(no_store, "answers", "text", "劳动合同法实施条例", "第五条")
    assert unknown.returncode == 3
    assert "work_not_found" in unknown.stderr


def test_finds_provisions_by_their_words(no_store: Path) -> None:
    done = lawkb(no_store, "answers", "find", "民法典：离婚", "三十日")
    assert "第一千零七十七条" in done.stdout
    assert "劳动" not in done.stdout


def test_reckons_a_deadline(no_store: Path) -> None:
    done = lawkb(no_store, "deadline", "上诉期", "2026-09-16", "十五日")
    assert done.returncode == 0, done.stderr
    assert "2026-10-08（星期四）" in done.stdout
    plain = json.loads(lawkb(no_store, "deadline", "appeal", "2026-09-16", "15日", "--json").stdout)
    assert plain["last_day"] == "2026-10-08"
    assert plain["reckoned"] == "2026-10-01"
    assert lawkb(no_store, "deadline", "上诉期", "2026-13-01", "15日").returncode == 2
    assert lawkb(no_store, "deadline", "什么期", "2026-09-16", "15日").returncode == 2
