"""``lawkb eval candidates`` and ``lawkb eval fusion``: from labelled questions to the learned fusion."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import typer

from eval.folds import assign_folds
from eval.gold import HeldTexts, resolve_questions
from eval.labelled import read_labelled
from eval.measures import MEASURES, score_run
from eval.searching import ListSearcher
from kb.cli.evaluating import SEARCHING, EvalOptions, open_banks
from kb.cli.opened import open_installation
from kb.cli.progress import TerminalProgress
from kb.clock import today
from kb.errors import BadInputError, SourceError
from kb.search.door import read_catalogue
from kb.search.features import NAMES, Facts, describe_candidates
from kb.search.learning import RankingExample, train_fusion
from kb.search.mixing import LAW
from kb.search.trees import parse_trees
from kb.settings import get_settings
from kb.store.facts import count_citations, read_work_facts
from kb.store.provisions import iter_provisions

SHOWN = ("recall@10", "recall@100", "mrr@10", "ndcg@10")


def write_candidates(options: EvalOptions, output: Path) -> int:
    """Candidates of the questions of one fold with their features, into ``output``; returns their number.

    The encoder of this installation must not have seen the fold's questions.
    """
    day = options.as_of or today()
    questions = read_labelled(options.questions)
    folds = assign_folds({one.id: one.question for one in questions}, options.folds)
    with open_installation(get_settings()) as opened, TerminalProgress() as tell:
        with opened.database.reading() as connection:
            held = HeldTexts.collect(iter_provisions(connection), day)
            facts = Facts(read_work_facts(connection), count_citations(connection))
        banks = open_banks(opened, questions, folds, held, options)
        searcher = ListSearcher(opened.database, opened.holder, opened.encoder, day, lambda: banks.bank)
        chosen = [one for one in questions if options.fold is None or folds[one.id] == options.fold]
        golds = resolve_questions(chosen, read_catalogue(opened.database), held)
        rows = []
        for done, gold in enumerate(golds):
            tell(SEARCHING, done, len(golds))
            banks.choose(gold.id)
            try:
                retrieved = searcher.retrieve(gold.question)
            except BadInputError:
                continue
            nearest = {one: similarity for one, (similarity, _) in retrieved.nearest.items()}
            asked = retrieved.read.ask.question
            points, features = describe_candidates(asked, retrieved.lists, nearest, retrieved.known, facts)
            law = [row for row, point in enumerate(points) if point.kind in LAW]
            rows.append((gold, [points[row].provision_id for row in law], features[law]))
    np.savez_compressed(
        output,
        names=np.array(NAMES),
        questions=np.array([gold.id for gold, _, _ in rows]),
        wanted=np.array([json.dumps(gold.wanted, ensure_ascii=False) for gold, _, _ in rows]),
        sizes=np.array([len(ids) for _, ids, _ in rows]),
        provisions=np.array([one for _, ids, _ in rows for one in ids]),
        features=np.concatenate([features for _, _, features in rows]),
    )
    return len(rows)


def read_candidates(path: Path) -> list[RankingExample]:
    """What ``write_candidates`` wrote. Raises SourceError ``candidates_foreign``."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            if tuple(stored["names"]) != NAMES:
                raise ValueError("other features")
            ends = np.cumsum(stored["sizes"])
            return [
                RankingExample(
                    tuple(map(str, stored["provisions"][end - size : end])),
                    stored["features"][end - size : end],
                    tuple(json.loads(str(wanted))),
                )
                for end, size, wanted in zip(ends, stored["sizes"], stored["wanted"], strict=True)
            ]
    except (OSError, KeyError, ValueError) as error:
        raise SourceError(
            "candidates_foreign",
            "候选文件读不懂，或由另一个版本写出",
            place=path.name,
            way_out="用 lawkb eval candidates 重新生成",
        ) from error


def train_from_candidates(files: Sequence[Path], output: Path | None) -> None:
    """Cross-validate over ``files`` (one per fold), print the figures, and write the fusion of all."""
    folds = [read_candidates(path) for path in files]
    ranked: list[list[str]] = []
    wanted: list[Collection[str]] = []
    for place, left_out in enumerate(folds):
        others = [one for other, fold in enumerate(folds) if other != place for one in fold]
        if not others:
            break
        trees = parse_trees(train_fusion(others))
        for one in left_out:
            scores = trees.score(one.features)
            order = sorted(range(len(scores)), key=lambda row, s=scores, e=one: (-s[row], e.ids[row]))  # type: ignore[misc]
            ranked.append([one.ids[row] for row in order][:100])
            wanted.append(one.wanted)
    if ranked:
        values = score_run(ranked, wanted).mean(axis=0)
        told = dict(zip(MEASURES, values, strict=True))
        typer.echo(
            "  ".join(f"{name} {told[name]:.3f}" for name in SHOWN) + f"（{len(ranked)} 题，逐折留出）"
        )
    if output is not None:
        model = train_fusion([one for fold in folds for one in fold])
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(_rounded(model), separators=(",", ":")) + "\n", encoding="utf-8")
        typer.echo(f"已写出 {output}")


def _rounded(model: dict[str, object]) -> dict[str, object]:
    """Numbers short enough to be read; the thresholds of single-precision features lose nothing."""
    return json.loads(json.dumps(model), parse_float=lambda text: float(f"{float(text):.9g}"))  # type: ignore[no-any-return]
