"""The training loop: contrastive learning over batches of one kind of pair, on a CPU in bf16 or on a GPU.

Loss: InfoNCE over all targets of the batch (MultipleNegativesRanking; Henderson et al. 2017), both ways,
with every known right target of an anchor masked out of its negatives. Texts that occur more than once in a
batch are encoded once; texts of like length are encoded together, so little is spent on padding, and the
loss sees the whole batch at once. Of a batch too large for memory only vectors are kept, and its chunks are
encoded once more for their gradients (Gao et al. 2021, "Scaling deep contrastive learning batch size");
without dropout the gradient is that of the whole batch all the same.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.encode.pairs import Pair

if TYPE_CHECKING:
    import torch

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"


@dataclass(frozen=True)
class LoopSettings:
    """Hyperparameters of one stage; ``max_tokens`` cut passages and questions while training only.

    ``reverse`` weighs the loss from target to anchor. ``chunk_tokens`` bounds one forward pass and
    ``held_tokens`` what a backward pass keeps in memory; both change nothing but speed. ``average`` is the
    decay of the running mean of the weights that is saved at the end (0: the last weights).
    """

    batch_size: int = 48
    learning_rate: float = 5e-5
    temperature: float = 0.03
    reverse: float = 0.3
    max_tokens: int = 160
    warmup_share: float = 0.06
    weight_decay: float = 0.01
    chunk_tokens: int = 4096
    held_tokens: int = 16384
    average: float = 0.0
    save_every: int = 50
    seed: int = 20261127


def arrange_batches(epochs: Sequence[Sequence[Pair]], settings: LoopSettings) -> list[list[Pair]]:
    """The batches in order, epoch by epoch: shuffled, each of one kind, no anchor twice in a batch."""
    draw = random.Random(settings.seed)
    batches: list[list[Pair]] = []
    for pairs in epochs:
        epoch: list[list[Pair]] = []
        for kind in sorted({pair.kind for pair in pairs}):
            rows = [pair for pair in pairs if pair.kind == kind]
            draw.shuffle(rows)
            epoch.extend(_cut(rows, settings.batch_size))
        draw.shuffle(epoch)
        batches.extend(epoch)
    return batches


def _cut(rows: Sequence[Pair], size: int) -> Iterator[list[Pair]]:
    waiting: list[Pair] = list(rows)
    while waiting:
        batch: list[Pair] = []
        seen: set[str] = set()
        left: list[Pair] = []
        for place, row in enumerate(waiting):
            if len(batch) == size:
                left.extend(waiting[place:])
                break
            if row.anchor in seen:
                left.append(row)
            else:
                seen.add(row.anchor)
                batch.append(row)
        if len(batch) > 1:
            yield batch
        waiting = left


def train_stage(
    base: Path,
    output: Path,
    epochs: Sequence[Sequence[Pair]],
    settings: LoopSettings,
    report: Callable[[str], None],
    resume: bool = False,
    learner_type: type[Learner] | None = None,
) -> None:
    """Train the transformers folder ``base`` on the pairs of each epoch; the result is ``output/model``.

    Word embeddings stay as they are, so the cut vocabulary loses nothing against the full one. A checkpoint
    with optimiser and position is kept in ``output``; ``resume`` goes on from it. The log has one JSON
    object every ten steps. ``learner_type`` None trains an encoder.
    """
    import torch

    output.mkdir(parents=True, exist_ok=True)
    learner = (learner_type or Learner)(base, settings)
    batches = arrange_batches(epochs, settings)
    optimiser, schedule = learner.optimiser(len(batches))
    start = 0
    if resume and (output / CHECKPOINT).is_file():
        saved = torch.load(output / CHECKPOINT, weights_only=True)
        learner.parts.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        learner.mean = saved["mean"]
        start = saved["step"]
    else:
        head = {"settings": asdict(settings), "pairs": [len(pairs) for pairs in epochs]}
        (output / LOG).write_text(json.dumps(head) + "\n", encoding="utf-8")
    losses: list[float] = []
    for step, batch in enumerate(batches[start:], start=start + 1):
        losses.append(learner.backward(batch))
        torch.nn.utils.clip_grad_norm_(learner.trainable, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        learner.follow()
        if step % 10 == 0 or step == len(batches):
            mean = sum(losses) / len(losses)
            losses = []
            with (output / LOG).open("a", encoding="utf-8") as log:
                log.write(json.dumps({"step": step, "of": len(batches), "loss": round(mean, 4)}) + "\n")
            report(f"第 {step}/{len(batches)} 步，损失 {mean:.3f}")
        if step % settings.save_every == 0 and step < len(batches):
            learner.save_checkpoint(output / CHECKPOINT, optimiser, schedule, step)
    learner.save(output / "model")
    (output / CHECKPOINT).unlink(missing_ok=True)


def _targets(batch: Sequence[Pair]) -> list[str]:
    """Targets and negatives of ``batch``, once each: the columns of its scores."""
    return list(
        dict.fromkeys([pair.target for pair in batch] + [n for pair in batch for n in pair.negatives])
    )


class Learner:
    """The model with its tokenizer and what the loop does to it."""

    def __init__(self, base: Path, settings: LoopSettings) -> None:
        """Load the transformers folder ``base``; word embeddings are not trained."""
        import torch
        from tokenizers import Tokenizer

        from kb.encode.torch_model import load_bert

        torch.manual_seed(settings.seed)
        self.settings = settings
        self.base = base
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = load_bert(base).to(self.device)
        for name, parameter in self.model.named_parameters():
            if "word_embeddings" in name:
                parameter.requires_grad = False
        self.parts = self.make_parts()
        self.trainable = [one for one in self.parts.parameters() if one.requires_grad]
        self.tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(settings.max_tokens)
        self.mean: list[torch.Tensor] = (
            [one.detach().clone() for one in self.trainable] if settings.average else []
        )

    def optimiser(self, steps: int) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        """AdamW with a linear warm-up and a linear fall to nothing."""
        import torch

        plain = [one for one in self.trainable if one.ndim < 2]
        decayed = [one for one in self.trainable if one.ndim >= 2]
        optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": self.settings.weight_decay},
                {"params": plain, "weight_decay": 0.0},
            ],
            lr=self.settings.learning_rate,
        )
        warm = max(1, math.ceil(self.settings.warmup_share * steps))

        def rate(step: int) -> float:
            return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))

        return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, rate)

    def make_parts(self) -> torch.nn.ModuleDict:
        """All that is trained, by name."""
        import torch

        return torch.nn.ModuleDict({"bert": self.model})

    def backward(self, batch: Sequence[Pair]) -> float:
        """Add the gradients of one batch; returns its loss."""
        import torch

        kind, targets = batch[0].kind, _targets(batch)
        texts = [f"query: {pair.anchor}" for pair in batch] + [kind.target_prompt + text for text in targets]
        pieces = [one.ids for one in self.tokenizer.encode_batch(texts)]
        if sum(map(len, pieces)) <= self.settings.held_tokens:
            loss = self.loss(batch, self.encode(pieces))
            loss.backward()  # type: ignore[no-untyped-call]
            return float(loss.detach())
        with torch.no_grad():
            vectors = self.encode(pieces)
        vectors.requires_grad_()
        loss = self.loss(batch, vectors)
        loss.backward()  # type: ignore[no-untyped-call]
        assert vectors.grad is not None
        for chunk in self._chunks(pieces):
            again = self._forward([pieces[one] for one in chunk])
            (again * vectors.grad[chunk]).sum().backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    def loss(self, batch: Sequence[Pair], vectors: torch.Tensor) -> torch.Tensor:
        """The loss of one batch from the ``vectors`` of its anchors and then of its ``_targets``."""
        import torch

        place = {text: column for column, text in enumerate(_targets(batch))}
        anchors, others = vectors[: len(batch)], vectors[len(batch) :]
        scores = anchors @ others.T / self.settings.temperature
        wanted = torch.tensor([place[pair.target] for pair in batch], device=self.device)
        hidden = torch.zeros_like(scores, dtype=torch.bool)
        for row, pair in enumerate(batch):
            for text in pair.right:
                if text in place and text != pair.target:
                    hidden[row, place[text]] = True
            if pair.anchor in place and pair.anchor != pair.target:
                hidden[row, place[pair.anchor]] = True
        scores = scores.masked_fill(hidden, -1e4)
        loss = torch.nn.functional.cross_entropy(scores, wanted)
        if self.settings.reverse:
            back = scores[:, wanted].T  # row: the target of pair i; column: anchor j
            same = torch.zeros_like(back, dtype=torch.bool)
            for i, pair in enumerate(batch):
                for j, other in enumerate(batch):
                    if i != j and (pair.target == other.target or pair.target in other.right):
                        same[i, j] = True
            back = back.masked_fill(same, -1e4)
            diagonal = torch.arange(len(batch), device=self.device)
            loss = loss + self.settings.reverse * torch.nn.functional.cross_entropy(back, diagonal)
        return loss

    def encode(self, pieces: Sequence[Sequence[int]]) -> torch.Tensor:
        """Unit vectors of texts given as piece ids, (n, dimension), with their gradient."""
        import torch

        found = [(chunk, self._forward([pieces[one] for one in chunk])) for chunk in self._chunks(pieces)]
        places = torch.tensor([one for chunk, _ in found for one in chunk], device=self.device)
        stacked = torch.cat([vectors for _, vectors in found])
        return stacked[torch.argsort(places)]

    def _chunks(self, pieces: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Places of texts of like length, at most ``chunk_tokens`` together, padding counted."""
        order = sorted(range(len(pieces)), key=lambda one: len(pieces[one]))
        start = 0
        while start < len(order):
            stop = start + 1
            while (
                stop < len(order)
                and (stop - start + 1) * len(pieces[order[stop]]) <= self.settings.chunk_tokens
            ):
                stop += 1
            yield order[start:stop]
            start = stop

    def _forward(self, pieces: Sequence[Sequence[int]]) -> torch.Tensor:
        import torch

        return torch.nn.functional.normalize(self.pool(pieces), dim=1)

    def pool(self, pieces: Sequence[Sequence[int]]) -> torch.Tensor:
        """Mean of the last layer over the pieces of each text, (n, dimension)."""
        import torch

        width = max(map(len, pieces))
        ids = torch.full((len(pieces), width), 1, dtype=torch.long)
        mask = torch.zeros((len(pieces), width), dtype=torch.long)
        for row, one in enumerate(pieces):
            ids[row, : len(one)] = torch.tensor(one)
            mask[row, : len(one)] = 1
        ids, mask = ids.to(self.device), mask.to(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[..., None].float()
        mean: torch.Tensor = (hidden.float() * weight).sum(1) / weight.sum(1)
        return mean

    def follow(self) -> None:
        """Move the running mean of the weights a step."""
        for mean, now in zip(self.mean, self.trainable, strict=False):
            mean.mul_(self.settings.average).add_(now.detach(), alpha=1 - self.settings.average)

    def save_checkpoint(self, path: Path, optimiser: Any, schedule: Any, step: int) -> None:
        """Write all that ``resume`` needs, whole or not at all."""
        import torch

        state = {
            "model": self.parts.state_dict(),
            "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(),
            "mean": self.mean,
            "step": step,
        }
        beside = path.with_suffix(".tmp")
        torch.save(state, beside)
        beside.replace(path)

    def save(self, folder: Path) -> None:
        """The weights as a transformers folder with the tokenizer of the base."""
        import shutil

        for mean, now in zip(self.mean, self.trainable, strict=False):
            now.data.copy_(mean)
        self.model.float().save_pretrained(folder)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(self.base / name, folder / name)
