"""``lawkb answers calibrate``: fit the matching to the encoder, the answers and the index at hand."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from kb.answer.ask_shelf import PublishedAnswer
from kb.answer.compose import TOP_K, hit_features
from kb.answer.matching import prepare_index
from kb.answer.matching_calibration import Example, calibrate, read_outside_questions
from kb.answer.matching_index import texts_of
from kb.answer.matching_model import MatchModel, plain_calibration
from kb.answer.matching_signals import Signals, measure_signals
from kb.answer.reading import load_shipped
from kb.answer.safety_calibration import fit_danger_model
from kb.answer.safety_model import plain_danger_model
from kb.answer.sources_calibration import SourceExample, helps
from kb.cli import compose
from kb.cli.answering import open_shelf
from kb.cli.opened import OpenedInstallation, open_installation
from kb.clock import today
from kb.domain.answers import RiskClass
from kb.domain.held_out import held_out_variants
from kb.domain.search import SearchDoor, SearchRequest
from kb.encode.dense import DenseEncoder
from kb.search.door import SearchService
from kb.settings import Settings, get_settings
from kb.text.normalise import normalise_query
from kb.text.question_files import read_provision_questions
from kb.text.tokenise import LegalTokeniser
from kb.text.traditional import simplify


def run_calibration(output: Path, danger: Path | None, *, as_json: bool) -> None:
    """Write the calibration to ``output``, the danger model to ``danger``; print what was measured."""
    settings = get_settings()
    with open_installation(settings) as opened:
        watched = _fit_danger(danger, opened.encoder) if danger is not None else {}
        plain, models = _calibrate(settings, opened)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if as_json:
        measured = {name: model.measured for name, model in models.items()} | {"danger": watched}
        typer.echo(json.dumps(measured, indent=2))
        return
    if watched:
        _print_danger(watched)
    for name, model in models.items():
        _print_model(name, model)
    typer.echo(f"已写入 {output}")


def _calibrate(
    settings: Settings, opened: OpenedInstallation
) -> tuple[dict[str, object], dict[str, MatchModel]]:
    tokeniser = LegalTokeniser(cache_dir=settings.data_dir / "cache")
    day = today()
    published = tuple(one for one in open_shelf(settings, opened.database).published(day) if one.servable)
    index = prepare_index(
        [texts_of(one.answer, frozenset(held_out_variants(one.answer))) for one in published],
        tokeniser,
        compose.open_question_vectors(settings, opened.encoder),
        compose.open_vectors(settings, opened.encoder),
    )

    def measure(question: str) -> Signals:
        plain = simplify(normalise_query(question))
        return measure_signals(plain, opened.encoder.encode_query(plain), index, tokeniser)

    # Without the question bank: it holds the very wordings that are held out here.
    doors = {
        True: SearchService(opened.database, opened.holder, opened.encoder),
        False: SearchService(opened.database, opened.holder, None),
    }
    by_id = {one.answer.id: one for one in published}

    def judge_sources(example: Example, with_meaning: bool) -> SourceExample:
        return _judge(example, by_id.get(example.group), doors[with_meaning])

    made, _ = calibrate(
        [one.answer for one in published], index, measure, judge_sources, opened.encoder.id, day
    )
    return plain_calibration(made), {"含义与词语": made.with_meaning, "只按词语": made.words_only}


def _fit_danger(path: Path, encoder: DenseEncoder) -> dict[str, float]:
    """Write the danger model; questions of law are those of the corpora that concern no danger."""
    law = [one.text for one in read_provision_questions()]
    for answer in load_shipped():
        if answer.risk is not RiskClass.PERSONAL_SAFETY:
            law += [answer.question, *answer.variants]
    model, measured = fit_danger_model([*law, *read_outside_questions()], encoder.encode_queries, encoder.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plain_danger_model(model)) + "\n", "utf-8")
    return measured


def _print_danger(found: dict[str, float]) -> None:
    typer.echo(f"【人身安全】危险 {found['messages']:.0f} 句，无害 {found['harmless']:.0f} 句（交叉验证）")
    for name, label in (("danger", "含义与词语"), ("danger_words", "只按词语")):
        typer.echo(
            f"  {label}：发现 {found[f'{name}_found']:.1%}，"
            f"相近的无害话误报 {found[f'{name}_alarms_near']:.1%}，"
            f"法律问题误报 {found[f'{name}_alarms_law']:.1%}"
        )


def _judge(example: Example, published: PublishedAnswer | None, door: SearchDoor) -> SourceExample:
    question = simplify(normalise_query(example.question))
    hits = door.search(SearchRequest(question, top_k=TOP_K)).hits
    signals = example.signals
    nearest = float(signals.column("nearest").max()) if "nearest" in signals.names else 0.0
    found = published.basis if published is not None else ()
    provisions = {one.loaded.provision.id for one in found if one.loaded is not None}
    guides = set(published.answer.guides) if published is not None else set()
    return SourceExample(
        hit_features(question, hits, signals.unknown_share, nearest),
        helps(hits, provisions, guides),
        published is None,
        example.group,
    )


def _print_model(name: str, model: MatchModel) -> None:
    found = model.measured
    limits = model.thresholds
    typer.echo(
        f"【{name}】编码器 {model.encoder or '不用'}，留出的问法 {found['questions']:.0f} 个（交叉验证）"
    )
    typer.echo(f"  排第一的就对 {found['first_right']:.1%}，前四个里有 {found['in_four']:.1%}")
    typer.echo(
        f"  给出且对 {found['given_right']:.1%}，给错 {found['given_wrong']:.1%}，"
        f"请人选择 {found['offered']:.1%}（其中有对的 {found['offered_with_right']:.1%}），"
        f"高风险给错 {found['high_risk_wrong']:.0f} 个"
    )
    typer.echo(
        f"  没有答案的法律问题：给出 {found['uncovered_given']:.1%}，"
        f"请人选择 {found['uncovered_offered']:.1%}；"
        f"法律以外：给出 {found['outside_given']:.1%}，请人选择 {found['outside_offered']:.1%}"
    )
    typer.echo(
        f"  引条文：{found['quoted']:.1%} 的问题引得出，其中有用 {found['quoted_helps']:.1%}，"
        f"法律以外 {found['outside_quoted']:.1%}"
    )
    typer.echo(
        f"  校准误差 {found['calibration_error']:.3f}；门槛：给出 {limits.accept}，领先 {limits.margin}，"
        f"选择 {limits.offer}，引用 {limits.quote}"
    )
