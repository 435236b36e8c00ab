"""``lawkb eval retrieval``: how well the search finds what labelled questions cite."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from eval.banks import FoldedBanks, empty_bank
from eval.comparing import compare_reports, read_report
from eval.figures import Judged, describe_latency, describe_served, rank_of, score_modes, summarise
from eval.folds import assign_folds
from eval.gold import HeldTexts, resolve_questions
from eval.intervals import SEED
from eval.labelled import LabelledQuestion, read_labelled
from eval.measures import MEASURES
from eval.page import render_page
from eval.plots import check_plotting
from eval.searching import ListSearcher, Served, choose_modes
from eval.seen import question_digest, read_seen
from kb.cli import compose
from kb.cli.opened import OpenedInstallation, open_installation
from kb.cli.progress import TerminalProgress
from kb.clock import today
from kb.encode.training import is_held_out
from kb.errors import BadInputError
from kb.index.follow import pending_count
from kb.index.rebuild import STARTER_PREFIX
from kb.search.door import read_catalogue
from kb.search.ranking import open_learned_fusion
from kb.search.trees import read_trees
from kb.settings import Settings, get_settings
from kb.store.provisions import iter_provisions

CORPORA = ("store", "default")
DEFAULT_FOLDER = "eval-default"
"""Under the data directory: the default corpus alone, for ``--corpus default``."""
SEARCHING = "逐题检索"
SHOWN_TITLES = 20


@dataclass(frozen=True)
class EvalOptions:
    """What the command was asked; see the options of ``lawkb eval retrieval``."""

    questions: Path
    corpus: str = "store"
    modes: str = ""
    folds: int = 5
    fold: int | None = None
    held_out: bool = False
    any_status: bool = False
    as_of: dt.date | None = None
    worst: int = 30
    seed: int = SEED
    as_json: bool = False
    html: Path | None = None
    against: Path | None = None
    bank: Path | None = None
    shipped_bank: bool = True
    fusion: Path | None = None


@dataclass(frozen=True)
class Measured:
    """A finished report and the place of every wanted provision by mode."""

    report: dict[str, Any]
    ranks: dict[str, list[int | None]]


def run_retrieval(options: EvalOptions) -> None:
    """Measure and tell: on the terminal or as JSON, and as a page where one is asked for."""
    modes = choose_modes(options.modes)
    if options.corpus not in CORPORA:
        raise BadInputError(
            "corpus_unknown",
            f"没有“{options.corpus}”这个语料范围",
            place="--corpus",
            way_out="store 为数据目录里的库，default 为单独的默认语料",
        )
    if options.fold is not None and not 0 <= options.fold < options.folds:
        raise BadInputError(
            "fold_out_of_range",
            f"没有第 {options.fold} 折",
            place="--fold",
            way_out=f"请取 0 到 {options.folds - 1} 之间的整数",
        )
    if options.html is not None:
        check_plotting()
    before = read_report(options.against) if options.against else None
    questions = read_labelled(options.questions)
    settings = get_settings()
    with TerminalProgress() as tell:
        if options.corpus == "default":
            settings = prepare_default_corpus(settings, tell)
        with open_installation(settings) as opened:
            measured = measure_retrieval(opened, settings, questions, modes, options, tell)
    report = measured.report
    if before is not None:
        report["comparison"] = compare_reports(report, before, options.seed)
    if options.html is not None:
        options.html.write_text(render_page(report, measured.ranks), encoding="utf-8")
    if options.as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        print_report(report)


def prepare_default_corpus(settings: Settings, tell: Callable[[str, int, int], None]) -> Settings:
    """Settings of the default corpus alone, in a folder of its own that is kept between runs."""
    from kb.cli.ingesting import ingest_sources
    from kb.index.rebuild import build_from_store
    from kb.store.provisions import corpus_digest

    own = settings.model_copy(
        update={"data_dir": settings.data_dir / DEFAULT_FOLDER, "database_url": "", "index_engine": "edge"}
    )
    compose.prepare_paths(own)
    database = compose.open_database(own)
    try:
        ingest_sources(own, database, (), progress=tell)
        with database.reading() as connection:
            digest = corpus_digest(connection)
        encoder = compose.open_encoder(own)
        generations = compose.open_generations(own)
        serving = generations.current()
        if serving is None or (serving.corpus_digest, serving.encoder_id) != (digest, encoder.id):
            build_from_store(database, generations, compose.open_encoders(own, encoder), tell, keep=1)
    finally:
        database.close()
    return own


def measure_retrieval(
    opened: OpenedInstallation,
    settings: Settings,
    questions: Sequence[LabelledQuestion],
    modes: Sequence[str],
    options: EvalOptions,
    tell: Callable[[str, int, int], None],
) -> Measured:
    """Search every question that ``options`` choose and put the figures together."""
    as_of = None if options.any_status else options.as_of or today()
    folds = assign_folds({one.id: one.question for one in questions}, options.folds)
    with opened.database.reading() as connection:
        held = HeldTexts.collect(iter_provisions(connection), as_of)
    banks = open_banks(opened, questions, folds, held, options)
    learned = open_learned_fusion(opened.database, read_trees(options.fusion) if options.fusion else None)
    searcher = ListSearcher(
        opened.database,
        opened.holder,
        opened.encoder,
        as_of,
        lambda: banks.bank,
        learned,
        reranking=compose.open_reranking(settings, opened.database),
    )
    searcher.check(modes)
    chosen = [
        one
        for one in questions
        if one.cites
        and (options.fold is None or folds[one.id] == options.fold)
        and (not options.held_out or (is_held_out(one.id) and not one.noisy))
    ]
    if not chosen:
        raise BadInputError("no_question", "没有一个可以评测的问题", place=str(options.questions))
    golds = resolve_questions(chosen, read_catalogue(opened.database), held)
    seen = read_seen(settings.encoder, opened.encoder.id)
    judged: list[Judged] = []
    answered: list[Judged] = []
    served: list[Served] = []
    for done, gold in enumerate(golds):
        tell(SEARCHING, done, len(golds))
        banks.choose(gold.id)
        known = None if seen is None else question_digest(gold.question) in seen
        one = Judged(gold, searcher.run(gold.question, modes), folds[gold.id], known)
        judged.append(one)
        if not one.run.refused:
            answered.append(one)
            served.append(searcher.serve(gold.question))
    tell(SEARCHING, len(golds), len(golds))
    scores = score_modes(judged, modes, options.seed)
    report = {
        "file": options.questions.name,
        "measures": list(MEASURES),
        "as_of": as_of.isoformat() if as_of else None,
        "corpus": {
            "name": options.corpus,
            "points": opened.manifest.points,
            "generation": opened.manifest.id,
            "digest": opened.manifest.corpus_digest,
            "encoder": opened.encoder.id,
        },
        "seed": options.seed,
        **summarise(judged, scores, held, options.folds, options.worst),
        "served": describe_served(answered, served),
        "latency": describe_latency([one.run for one in judged], served),
        "notes": [*_index_notes(opened), *_notes(judged, sum(not one.cites for one in questions))],
    }
    ranks = {
        mode: [rank_of(one, item.run.lists[mode]) for item in judged for one in item.gold.wanted]
        for mode in modes
    }
    return Measured(report, ranks)


def open_banks(
    opened: OpenedInstallation,
    questions: Sequence[LabelledQuestion],
    folds: dict[str, int],
    held: HeldTexts,
    options: EvalOptions,
) -> FoldedBanks:
    """The banks that the questions are asked of: the installation's own, and labelled ones of other folds."""
    own = opened.bank.bank if options.shipped_bank else empty_bank()
    if options.bank is None:
        return FoldedBanks(own, (), {}, held, opened.encoder)
    labelled = read_labelled(options.bank)
    if {one.id for one in labelled} != {one.id for one in questions}:
        folds = {**assign_folds({one.id: one.question for one in labelled}, options.folds), **folds}
    catalogue = read_catalogue(opened.database)
    return FoldedBanks(own, resolve_questions(labelled, catalogue, held), folds, held, opened.encoder)


def _index_notes(opened: OpenedInstallation) -> list[str]:
    """What makes the index another than the store: figures are then of neither."""
    notes = []
    if opened.manifest.corpus_digest.startswith(STARTER_PREFIX):
        notes.append("索引只有部分常用法律；请先运行 lawkb index build。")
    if pending_count(opened.database, opened.manifest.id):
        notes.append("数据库里有改动还没有进入索引；请先运行 lawkb index build。")
    return notes


def _notes(judged: Sequence[Judged], skipped: int) -> list[str]:
    notes = []
    seen = sum(one.seen is True for one in judged)
    if any(one.seen is None for one in judged):
        notes.append("不知道编码器训练时见过哪些问题；见过的问题数字会偏高。")
    elif seen:
        notes.append(
            f"{len(judged)} 题中有 {seen} 题编码器训练时见过，数字偏高；"
            f"评价检索请看没有见过的 {len(judged) - seen} 题。"
        )
    if refused := sum(bool(one.run.refused) for one in judged):
        notes.append(f"{refused} 题被检索拒绝（空、太短或太长），按没有找到计。")
    if skipped:
        notes.append(f"{skipped} 题没有标注，不计在内。")
    if noisy := sum(one.gold.noisy for one in judged):
        notes.append(f"{noisy} 题的标注由程序给出，可能有误。")
    return notes


def print_report(report: dict[str, Any]) -> None:
    """The figures as text; all of them are in the JSON and on the page."""
    corpus = report["corpus"]
    typer.echo(
        f"问题 {report['file']}，{report['questions']} 题；语料 {corpus['name']}，{corpus['points']} 个条文，"
        f"{corpus['generation']}，{corpus['encoder']}；{report['as_of'] or '不限日期'}"
    )
    for note in report["notes"]:
        typer.echo(f"注意：{note}")
    _print_rows("全部问题", report)
    for row in report["subsets"]:
        if row["questions"]:
            _print_rows(row["label"], row)
    last = list(report["metrics"])[-1]
    typer.echo(f"\n按主题（{last}）")
    for row in report["topics"]:
        typer.echo(_values(row["metrics"][last]) + f"  {row['topic']}（{row['questions']}）")
    typer.echo(f"\n分折（{last}）")
    for row in report["folds"]:
        typer.echo(_values(row["metrics"][last]) + f"  第 {row['fold']} 折（{row['questions']}）")
    if "comparison" in report:
        _print_comparison(report["comparison"])
    _print_citations(report["citations"])
    typer.echo(f"\n没有找到的原因（{last}，前十条）")
    for one in report["faults"]:
        typer.echo(f"{one['count']:>6}  {one['label']}（没有见过的 {one['unseen']}）")
    typer.echo("\n最差的问题")
    for one in report["worst"]:
        _print_question(one)
    served = report["served"]
    typer.echo(
        f"\n服务一页十条：recall@10 {served['recall@10']:.3f}，"
        f"{served['questions']} 题中 {served['same_as_fused']} 题与 fused 的前十条完全一致"
    )
    _print_latency(report["latency"])


def _print_rows(label: str, row: dict[str, Any]) -> None:
    typer.echo(f"\n{label}（{row['questions']} 题；第二行为 95% 区间）")
    typer.echo(" " * 9 + "".join(f"{name:>13}" for name in MEASURES))
    for mode, metrics in row["metrics"].items():
        typer.echo(f"{mode:<9}" + "".join(f"{metrics[name]:>13.3f}" for name in MEASURES))
        ends = (row["intervals"][mode][name] for name in MEASURES)
        typer.echo(" " * 9 + "".join(f"{f'{low:.3f}-{high:.3f}':>13}" for low, high in ends))


def _values(metrics: dict[str, float]) -> str:
    shown = ("recall@10", "recall@100", "mrr@10", "ndcg@10")
    return "  ".join(f"{name} {metrics[name]:.3f}" for name in shown)


def _print_comparison(comparison: dict[str, Any]) -> None:
    typer.echo(f"\n与上一次相比（{comparison['questions']} 题，配对；区间含 0 的差别可能是偶然）")
    for mode, changes in comparison["modes"].items():
        for name in ("recall@10", "recall@100", "mrr@10", "ndcg@10"):
            low, high = changes[name]["interval"]
            typer.echo(f"{mode:<9}{name:>11}  {changes[name]['change']:+.3f}（{low:+.3f} 至 {high:+.3f}）")


def _print_citations(citations: dict[str, Any]) -> None:
    typer.echo(f"\n引用 {citations['total']} 处")
    for one in citations["states"]:
        typer.echo(f"{one['count']:>6}  {one['label']}")
    for one in citations["lost"][:SHOWN_TITLES]:
        typer.echo(f"{one['count']:>6}  {one['title']}：{one['label']}")
    if len(citations["lost"]) > SHOWN_TITLES:
        typer.echo(f"        还有 {len(citations['lost']) - SHOWN_TITLES} 个文件，见 --json")


def _print_question(one: dict[str, Any]) -> None:
    typer.echo(f"- {one['id']} {one['question']}（{one['fault_label']}）")
    for want in one["wanted"]:
        ranks = "，".join(f"{mode} {rank or '—'}" for mode, rank in want["ranks"].items())
        typer.echo(f"    应为 {want['name']}{'（今 ' + want['now'] + '）' if want['now'] else ''}：{ranks}")
    found = "；".join(f"{hit['title']}{hit['label']}" for hit in one["found"])
    typer.echo(f"    找到 {found or '无'}")


def _print_latency(latency: dict[str, Any]) -> None:
    whole, encode = latency["search"], latency["encode"]
    typer.echo(
        f"用时：整个检索中位 {whole['median_ms']} ms，p95 {whole['p95_ms']} ms；"
        f"编码问题中位 {encode['median_ms']} ms，占 {latency['encoder']['share']:.0%}"
    )
