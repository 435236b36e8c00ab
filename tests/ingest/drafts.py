"""Small drafts for tests of what comes after parsing."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from ingest.drafts import Act, ActKind, Draft, DraftProvision
from kb.domain.works import WorkKind
from kb.text.numerals import format_article_label


def articles(*texts: str, first: int = 1) -> tuple[DraftProvision, ...]:
    """Articles numbered from ``first``, each on a line of its own."""
    return tuple(
        DraftProvision((number, 0), format_article_label((number, 0)), (), text, (number, number))
        for number, text in enumerate(texts, start=first)
    )


def act(kind: ActKind, day: str) -> Act:
    return Act(kind, dt.date.fromisoformat(day))


def draft(
    title: str = "某市灯会条例",
    *texts: str,
    acts: tuple[Act, ...] = (),
    file: str = "灯会条例.md",
    **fields: Any,
) -> Draft:
    """A statute of ``texts``; its file's digest follows from its name and texts."""
    provisions = fields.pop("provisions", articles(*(texts or ("为了灯会。", "本条例自公布之日起施行。"))))
    digest = hashlib.sha256(f"{file}{provisions}".encode()).hexdigest()
    return Draft(fields.pop("kind", WorkKind.STATUTE), title, provisions, file, digest, acts=acts, **fields)
