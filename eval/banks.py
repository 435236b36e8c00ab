"""Question banks for measuring: each labelled question is asked of a bank that lacks its own fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eval.gold import GoldQuestion, HeldTexts
from kb.domain.bank import BankQuestion, BankSource, BankTarget, CitedProvision
from kb.encode.dense import DenseEncoder
from kb.encode.training import character_bigrams
from kb.search.bank import QuestionBank

NEAR_DUPLICATE = 0.5
"""Character-bigram Jaccard from which a bank question is kept away from the question that is asked."""


class FoldedBanks:
    """The installation's own bank, with the labelled questions of all folds but one beside it.

    ``choose`` says which question is asked next; ``bank`` is then the bank without that question's fold
    and, from whatever source, without what is nearly the same question.
    """

    def __init__(
        self,
        own: QuestionBank,
        labelled: Sequence[GoldQuestion],
        folds: Mapping[str, int],
        held: HeldTexts,
        encoder: DenseEncoder,
    ) -> None:
        """Encode ``labelled``; ``folds`` are theirs by id."""
        self._own = own
        questions, targets = _as_bank(labelled, held)
        vectors = encoder.encode_queries([one.text for one in questions])
        self._banks = {
            fold: own.joined(
                [one for one in questions if folds[one.owner] != fold],
                vectors[[row for row, one in enumerate(questions) if folds[one.owner] != fold]],
                targets,
            )
            for fold in sorted(set(folds.values()))
        }
        self._folds = folds
        self.bank = own

    def choose(self, question_id: str) -> None:
        """Use the bank that may answer this question."""
        self.bank = self._banks.get(self._folds.get(question_id, -1), self._own)


def _as_bank(
    labelled: Sequence[GoldQuestion], held: HeldTexts
) -> tuple[list[BankQuestion], dict[CitedProvision, BankTarget]]:
    questions: list[BankQuestion] = []
    targets: dict[CitedProvision, BankTarget] = {}
    for gold in labelled:
        cites = []
        for citation in gold.citations:
            readings = held.by_provision.get(citation.wanted, ()) if citation.findable else ()
            if not readings:
                continue
            work = readings[0].work
            cite = CitedProvision(work.title, readings[0].provision.label)
            cites.append(cite)
            targets[cite] = BankTarget(
                citation.wanted,
                work.id,
                work.kind.value,
                work.region,
                work.topic,
                tuple(
                    sorted(
                        (one.version.effective_from, one.version.effective_to, one.version.id)
                        for one in readings
                    )
                ),
            )
        if cites:
            questions.append(BankQuestion(gold.question, BankSource.LABELLED, gold.id, tuple(cites)))
    return questions, targets


def near_duplicates(bank: QuestionBank, asked: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs (asked, bank question) whose character-bigram Jaccard reaches NEAR_DUPLICATE."""
    grams = [(one.text, frozenset(character_bigrams(one.text))) for one in bank.questions]
    found = []
    for text in asked:
        own = frozenset(character_bigrams(text))
        for other, theirs in grams:
            shared = len(own & theirs)
            if own and shared >= NEAR_DUPLICATE * (len(own) + len(theirs) - shared):
                found.append((text, other))
    return found


def empty_bank() -> QuestionBank:
    """A bank without a question."""
    return QuestionBank((), np.zeros((0, 1), np.float32), {})
