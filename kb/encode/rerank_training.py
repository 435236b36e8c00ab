"""Training the reranker: a question and a passage read together, the right passage against mined ones.

Loss: cross-entropy over the scores of one right passage and the pair's own negatives (listwise softmax; Cao
et al. 2007). The layers start as the untrained encoder's, the head as an identity, so a few thousand
questions suffice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.encode.contrastive import Learner, LoopSettings
from kb.encode.pairs import Pair
from kb.encode.reranker import join_pieces

if TYPE_CHECKING:
    import torch

    from kb.encode.onnx_export import ScoreHead

HEAD_FILE = "head.npz"


class RerankLearner(Learner):
    """A BERT with a pooled layer and one score; trains on pairs with negatives of their own."""

    def __init__(self, base: Path, settings: LoopSettings) -> None:
        """``base`` is a transformers folder; a head beside it is taken up again."""
        super().__init__(base, settings)
        self.tokenizer.no_truncation()

    def make_parts(self) -> torch.nn.ModuleDict:
        """The BERT and its head, from ``base`` where it has one."""
        import torch

        width = self.model.config.hidden_size
        pool, score = torch.nn.Linear(width, width), torch.nn.Linear(width, 1)
        with torch.no_grad():
            pool.weight.copy_(torch.eye(width))
            pool.bias.zero_()
            score.weight.normal_(std=0.02)
            score.bias.zero_()
            if (self.base / HEAD_FILE).is_file():
                head = read_head(self.base)
                for layer, weight, bias in (
                    (pool, head.pool, head.pool_bias),
                    (score, head.score, head.score_bias),
                ):
                    layer.weight.copy_(torch.from_numpy(weight))
                    layer.bias.copy_(torch.from_numpy(bias))
        self.head = torch.nn.Sequential(pool, torch.nn.Tanh(), score).to(self.device)
        return torch.nn.ModuleDict({"bert": self.model, "head": self.head})

    def backward(self, batch: Sequence[Pair]) -> float:
        """Add the gradients of one batch, a few questions at a time; returns its loss."""
        import torch

        total, start = 0.0, 0
        while start < len(batch):
            rows: list[list[int]] = []
            stop = start
            while stop < len(batch) and (stop == start or sum(map(len, rows)) < self.settings.held_tokens):
                rows.extend(self.rows(batch[stop]))
                stop += 1
            scores = self.scores(rows)
            sizes = [1 + len(pair.negatives) for pair in batch[start:stop]]
            losses = [
                torch.nn.functional.cross_entropy(
                    part[None], torch.zeros(1, dtype=torch.long, device=self.device)
                )
                for part in torch.split(scores, sizes)
            ]
            loss = torch.stack(losses).sum() / len(batch)
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
            start = stop
        return total

    def rows(self, pair: Pair) -> list[list[int]]:
        """Pieces of the question with the right passage, then with each negative."""
        texts = [pair.anchor, pair.target, *pair.negatives]
        asked, *read = self.tokenizer.encode_batch(texts, add_special_tokens=False)
        return [join_pieces(asked.ids, one.ids) for one in read]

    def scores(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """One score a row, shape (rows,), with its gradient."""
        import torch

        found = [
            (chunk, self.head(self.pool([rows[one] for one in chunk]))[:, 0]) for chunk in self._chunks(rows)
        ]
        places = torch.tensor([one for chunk, _ in found for one in chunk], device=self.device)
        return torch.cat([scores for _, scores in found])[torch.argsort(places)]

    def save(self, folder: Path) -> None:
        """The weights as a transformers folder, and the head beside them."""
        super().save(folder)
        pool, _, score = self.head
        np.savez(
            folder / HEAD_FILE,
            **{
                f"{name}.{kind}": getattr(layer, kind).detach().float().cpu().numpy()
                for name, layer in (("pool", pool), ("score", score))
                for kind in ("weight", "bias")
            },
        )


def read_head(folder: Path) -> ScoreHead:
    """The head of a trained folder."""
    from kb.encode.onnx_export import ScoreHead

    with np.load(folder / HEAD_FILE) as stored:
        return ScoreHead(
            stored["pool.weight"], stored["pool.bias"], stored["score.weight"], stored["score.bias"]
        )
