"""``lawkb eval candidates`` and ``lawkb eval fusion``: from labelled questions to the learned fusion."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

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
from kb.search.fusion import fuse
from kb.search.learning import RankingExample, train_fusion
from kb.search.mixing import LAW
from kb.search.ranking import choose_judged
from kb.search.trees import parse_trees
from kb.settings import get_settings
from kb.store.facts import count_citations, read_work_facts
from kb.store.provisions import iter_provisions


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
            judged = choose_judged([one for one in fuse(retrieved.lists) if one.kind in LAW])
            features = describe_candidates(asked, retrieved.lists, nearest, retrieved.known, facts, judged)
            rows.append((gold, [provision for provision, _ in judged], features))
    np.savez_compressed(
        output,
        names=np.array(NAMES),
        bank=np.array(options.bank.name if options.bank else ""),
        questions=np.array([gold.id for gold, _, _ in rows]),
        wanted=np.array([json.dumps(gold.wanted, ensure_ascii=False) for gold, _, _ in rows]),
        sizes=np.array([len(ids) for _, ids, _ in rows]),
        provisions=np.array([one for _, ids, _ in rows for one in ids]),
        features=np.concatenate([features for _, _, features in rows]),
    )
    return len(rows)


@dataclass(frozen=True)
class CandidateFile:
    """Candidates of one fold; ``questions`` are their ids, ``bank`` names the labelled bank, if any."""

    questions: frozenset[str]
    bank: str
    examples: tuple[RankingExample, ...]


def read_candidates(path: Path) -> CandidateFile:
    """What ``write_candidates`` wrote. Raises SourceError ``candidates_foreign``."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            if tuple(stored["names"]) != NAMES:
                raise ValueError("other features")
            ends = np.cumsum(stored["sizes"])
            # an npz member is read anew at every access
            ids, features, wanted = stored["provisions"], stored["features"], stored["wanted"]
            examples = tuple(
                RankingExample(
                    tuple(map(str, ids[end - size : end])),
                    features[end - size : end],
                    tuple(json.loads(str(one))),
                )
                for end, size, one in zip(ends, stored["sizes"], wanted, strict=True)
            )
            return CandidateFile(frozenset(map(str, stored["questions"])), str(stored["bank"]), examples)
    except (OSError, EOFError, BadZipFile, KeyError, ValueError) as error:
        raise SourceError(
            "candidates_foreign",
            "候选文件读不懂，或由另一个版本写出",
            place=path.name,
            way_out="用 lawkb eval candidates 重新生成",
        ) from error


def train_from_candidates(paths: Sequence[Path], output: Path | None) -> None:
    """Cross-validate over the folds of ``paths``, print the figures, and write the fusion of all.

    Files with the same questions (with and without a labelled bank) are one fold: the fusion must serve both.
    """
    files = [read_candidates(path) for path in paths]
    folds = sorted({file.questions for file in files}, key=min)
    for bank in sorted({file.bank for file in files}, reverse=True):
        _cross_validate(files, folds, bank)
    if output is not None:
        model = train_fusion([one for file in files for one in file.examples])
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(_rounded(model), separators=(",", ":")) + "\n", encoding="utf-8")
        typer.echo(f"已写出 {output}")


def _cross_validate(files: Sequence[CandidateFile], folds: Sequence[frozenset[str]], bank: str) -> None:
    ranked: list[list[str]] = []
    wanted: list[Collection[str]] = []
    for fold in folds if len(folds) > 1 else ():
        others = [one for file in files if file.questions != fold for one in file.examples]
        trees = parse_trees(train_fusion(others))
        for one in (
            one for file in files if (file.questions, file.bank) == (fold, bank) for one in file.examples
        ):
            scores = trees.score(one.features)
            order = sorted(range(len(scores)), key=lambda row, s=scores, e=one: (-s[row], e.ids[row]))  # type: ignore[misc]
            ranked.append([one.ids[row] for row in order][:100])
            wanted.append(one.wanted)
    if not ranked:
        return
    told = dict(zip(MEASURES, score_run(ranked, wanted).mean(axis=0), strict=True))
    figures = "  ".join(f"{name} {told[name]:.3f}" for name in MEASURES)
    label = f"另有标注问题库 {bank}" if bank else "只有随附的问题库"
    typer.echo(f"{label}：{figures}（{len(ranked)} 题，逐折留出）")


def _rounded(model: dict[str, object]) -> dict[str, object]:
    """Numbers short enough to be read; the thresholds of single-precision features lose nothing."""
    return json.loads(json.dumps(model), parse_float=lambda text: float(f"{float(text):.9g}"))  # type: ignore[no-any-return]
