"""The ways of asking standard answers, as questions of the bank."""

from __future__ import annotations

from collections.abc import Iterator

from kb.answer.basis import parse_label
from kb.answer.reading import load_shipped
from kb.domain.answers import StandardAnswer
from kb.domain.bank import BankQuestion, BankSource, CitedProvision
from kb.domain.held_out import held_out_variants
from kb.text.numerals import format_article_label


def bank_questions(answer: StandardAnswer) -> tuple[BankQuestion, ...]:
    """The question and every variant, each citing the articles of the answer's basis."""
    cites = tuple(
        dict.fromkeys(
            CitedProvision(basis.title, format_article_label(parsed[0]))
            for basis in answer.basis
            if (parsed := parse_label(basis.label)) is not None
        )
    )
    return tuple(
        BankQuestion(text, BankSource.ANSWER, answer.id, cites, answer.topic)
        for text in dict.fromkeys((answer.question, *answer.variants))
    )


def answer_questions() -> Iterator[BankQuestion]:
    """Questions of all shipped answers, without those that are kept away from training."""
    for answer in load_shipped():
        away = held_out_variants(answer)
        yield from (one for one in bank_questions(answer) if one.text not in away)


def answer_readings() -> dict[str, str]:
    """What the reranker reads of each shipped answer, by its id: its question and conclusion."""
    return {answer.id: f"{answer.question}：{answer.slots.conclusion}" for answer in load_shipped()}
