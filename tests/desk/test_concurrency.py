"""Several editors at once, on both databases: no update is lost, the audit chain stays whole.

``python -m tests.bench.editors`` does the same with fifty for minutes.
"""

from __future__ import annotations

from pathlib import Path

from kb.store.database import Database
from tests.bench.editors import run


def test_editors_at_once_lose_nothing(database: Database, tmp_path: Path) -> None:
    tally, wrong = run(database, tmp_path / "audit", workers=8, seconds=2, most=60)
    assert wrong == []
    assert tally.done["save"] > 0
    assert tally.done["publish"] > 0
