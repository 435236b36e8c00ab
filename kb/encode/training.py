"""Contrastive training of the small dense encoder on labelled questions.

One anchor is a question, its positive a provision that answers it, its negative a provision that
shares words with the question and does not. The loss is MultipleNegativesRanking: every other
passage of the batch is a negative too.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class LabelledQuestion:
    """A question and the passages (already in ``passage_text`` form) that answer it.

    ``noisy`` marks labels that no lawyer chose: one positive is drawn per epoch instead of all.
    """

    id: str
    question: str
    positives: tuple[str, ...]
    noisy: bool = False


@dataclass(frozen=True)
class TrainingSettings:
    """Hyperparameters; the defaults are the shipped recipe."""

    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 5e-5
    temperature: float = 0.03
    max_tokens: int = 144
    hard_negative_ranks: int = 30
    warmup_steps: int = 40
    seed: int = 20261122


def is_held_out(question_id: str, share: float = 0.1) -> bool:
    """True for the ``share`` of questions (by SHA-256 of the id) that never enter training."""
    digest = hashlib.sha256(question_id.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < share


def character_bigrams(text: str) -> list[str]:
    """Overlapping pairs of the non-blank characters of ``text``."""
    kept = "".join(text.split())
    return [kept[i : i + 2] for i in range(len(kept) - 1)]


def drop_near_duplicates(
    questions: Sequence[LabelledQuestion], held_out: Sequence[str], threshold: float = 0.5
) -> list[LabelledQuestion]:
    """Questions whose character-bigram Jaccard to every held-out question is below ``threshold``."""
    held = [set(character_bigrams(text)) for text in held_out]
    kept = []
    for item in questions:
        own = set(character_bigrams(item.question))
        if all(len(own & other) < threshold * max(1, len(own | other)) for other in held):
            kept.append(item)
    return kept


def mine_negatives(questions: Sequence[LabelledQuestion], pool: Sequence[str], ranks: int) -> list[list[str]]:
    """For each question the ``ranks`` passages of ``pool`` that BM25 over character bigrams ranks
    highest, less the question's own positives; ties go to the earlier passage."""
    from scipy.sparse import csr_matrix

    vocabulary: dict[str, int] = {}
    rows, columns, values = [], [], []
    lengths = np.zeros(len(pool), np.float32)
    for row, text in enumerate(pool):
        grams, counts = np.unique(
            [vocabulary.setdefault(gram, len(vocabulary)) for gram in character_bigrams(text)],
            return_counts=True,
        )
        lengths[row] = counts.sum()
        rows.append(np.full(len(grams), row))
        columns.append(grams)
        values.append(counts)
    row_index, column_index = np.concatenate(rows), np.concatenate(columns)
    counts_all = np.concatenate(values).astype(np.float32)
    document_frequency = np.bincount(column_index, minlength=len(vocabulary))
    idf = np.log1p((len(pool) - document_frequency + 0.5) / (document_frequency + 0.5)).astype(np.float32)
    norm = 1.2 * (0.25 + 0.75 * lengths / max(1.0, float(lengths.mean())))
    weights = idf[column_index] * counts_all * 2.2 / (counts_all + norm[row_index])
    matrix = csr_matrix((weights, (row_index, column_index)), shape=(len(pool), len(vocabulary)))
    mined = []
    for item in questions:
        known = sorted({vocabulary[g] for g in character_bigrams(item.question) if g in vocabulary})
        query = np.zeros(len(vocabulary), np.float32)
        query[known] = 1.0
        scores = matrix @ query
        order = np.argsort(-scores, kind="stable")[: ranks + len(item.positives)]
        mined.append([pool[i] for i in order if pool[i] not in item.positives][:ranks])
    return mined


def training_rows(
    questions: Sequence[LabelledQuestion], negatives: Sequence[Sequence[str]], settings: TrainingSettings
) -> list[dict[str, str]]:
    """``epochs`` copies of every (question, positive) with another negative drawn for each copy."""
    draw = random.Random(settings.seed)
    rows = []
    for _ in range(settings.epochs):
        epoch = [
            {"anchor": item.question, "positive": positive, "negative": draw.choice(candidates)}
            for item, candidates in zip(questions, negatives, strict=True)
            for positive in ([draw.choice(item.positives)] if item.noisy else item.positives)
        ]
        draw.shuffle(epoch)
        rows.extend(epoch)
    return rows


def train(
    base: Path,
    output: Path,
    rows: Sequence[Mapping[str, str]],
    settings: TrainingSettings,
    resume: bool = False,
) -> None:
    """Train the folder ``base`` (see ``torch_model.write_bert_folder``) and save it to ``output``.

    Word embeddings are frozen, so the cut vocabulary loses nothing against the full one. Checkpoints
    go to ``output/checkpoints``; ``resume`` continues from the newest, if any. Uses a GPU where torch sees
    one, else the CPU in bf16.
    """
    import torch
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    from kb.encode.torch_model import load_trainable

    model = load_trainable(base, settings.max_tokens)
    for name, parameter in model.named_parameters():
        if "word_embeddings" in name:
            parameter.requires_grad = False
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(output / "checkpoints"),
        num_train_epochs=1,  # the rows already hold every epoch, each with its own negatives
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup_steps,
        lr_scheduler_type="linear",
        bf16=True,
        use_cpu=not torch.cuda.is_available(),
        seed=settings.seed,
        batch_sampler="no_duplicates",
        prompts={"anchor": "query: ", "positive": "passage: ", "negative": "passage: "},
        logging_steps=10,
        save_steps=100,
        save_total_limit=2,
        report_to="none",
        dataloader_num_workers=0,
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list([dict(row) for row in rows]),
        loss=MultipleNegativesRankingLoss(model, scale=1.0 / settings.temperature),
    )
    started = any((output / "checkpoints").glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=resume and started)
    transformer: Any = model[0]
    transformer.auto_model.float().save_pretrained(output / "model")
    transformer.tokenizer.save_pretrained(output / "model")
    (output / "log.json").write_text(json.dumps(trainer.state.log_history, indent=1), encoding="utf-8")


def flatten(groups: Iterable[Iterable[str]]) -> list[str]:
    """All texts of ``groups`` once each, in first-seen order."""
    return list(dict.fromkeys(text for group in groups for text in group))
