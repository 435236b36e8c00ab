"""Training the learned fusion, and the files that it learns from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kb.cli.fusing import read_candidates, train_from_candidates
from kb.errors import SourceError
from kb.search.features import NAMES
from kb.search.learning import RankingExample, train_fusion
from kb.search.trees import parse_trees, read_trees

BEST = NAMES.index("bank_best")


def make_examples(count: int, seed: int) -> list[RankingExample]:
    """Questions whose right provision is the one with the highest ``bank_best``."""
    draw = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        features = draw.random((20, len(NAMES))).astype(np.float32)
        right = int(features[:, BEST].argmax())
        ids = tuple(f"w:a{number}-{row}" for row in range(20))
        examples.append(RankingExample(ids, features, (ids[right],)))
    return examples


def write_file(path: Path, fold: str, bank: str, examples: list[RankingExample]) -> Path:
    np.savez_compressed(
        path,
        names=np.array(NAMES),
        bank=np.array(bank),
        questions=np.array([f"{fold}-{number}" for number in range(len(examples))]),
        wanted=np.array([json.dumps(one.wanted) for one in examples]),
        sizes=np.array([len(one.ids) for one in examples]),
        provisions=np.array([id_ for one in examples for id_ in one.ids]),
        features=np.concatenate([one.features for one in examples]),
    )
    return path


def test_the_fusion_learns_what_decides_and_is_the_same_again() -> None:
    pytest.importorskip("lightgbm")
    model = train_fusion(make_examples(120, 1), rounds=40)
    assert model == train_fusion(make_examples(120, 1), rounds=40)
    trees = parse_trees(model)
    unseen = make_examples(30, 2)
    right = sum(one.ids[int(trees.score(one.features).argmax())] == one.wanted[0] for one in unseen)
    assert right >= 20


def test_figures_are_of_folds_that_were_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("lightgbm")
    paths = []
    for fold in range(3):
        examples = make_examples(40, fold)
        paths.append(write_file(tmp_path / f"a{fold}.npz", str(fold), "lay.jsonl", examples))
        paths.append(write_file(tmp_path / f"b{fold}.npz", str(fold), "", examples))
    output = tmp_path / "fusion.json"
    train_from_candidates(paths, output)
    told = capsys.readouterr().out
    assert "另有标注问题库 lay.jsonl" in told
    assert "只有随附的问题库" in told
    assert told.count("（120 题，逐折留出）") == 2
    assert read_trees(output).names == NAMES


def test_a_candidate_file_comes_back(tmp_path: Path) -> None:
    examples = make_examples(3, 1)
    read = read_candidates(write_file(tmp_path / "c.npz", "x", "", examples))
    assert [one.ids for one in read.examples] == [one.ids for one in examples]
    assert [one.wanted for one in read.examples] == [one.wanted for one in examples]
    assert all(
        np.array_equal(ours.features, theirs.features)
        for ours, theirs in zip(read.examples, examples, strict=True)
    )


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    np.savez_compressed(path, names=np.array(["other"]))
    for content in (None, b"", b"PK"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SourceError) as error:
            read_candidates(path)
        assert error.value.code == "candidates_foreign"
