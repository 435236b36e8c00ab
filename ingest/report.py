"""What loading a source found: dates, certainty and every oddity, ready for JSON."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass

from kb.domain.works import FAR_FUTURE, WorkBundle


@dataclass(frozen=True)
class Oddity:
    """Something in the source that is not as it should be, and what was done about it.

    ``code`` is stable; ``place`` names the 条 or row, empty when the whole document is meant.
    """

    code: str
    title: str
    version_date: dt.date | None
    place: str
    message: str


@dataclass(frozen=True)
class StatedRepeal:
    """A 同时废止 clause: ``successor`` ended ``title``, held or not; the day is None if not stated."""

    title: str
    repealed_on: dt.date | None
    successor: str
    basis: str


@dataclass(frozen=True)
class DocumentReport:
    """One dated text: how many provisions, how many of them numbered 条, in force when, known how."""

    work_id: str
    title: str
    version_date: str
    provisions: int
    articles: int
    effective_from: str
    effective_from_certain: bool
    effective_to: str | None
    effective_to_certain: bool
    date_source: str
    declared_status: str
    oddities: tuple[str, ...]


@dataclass(frozen=True)
class LoadReport:
    """All documents of one load with totals; equal input gives an equal report."""

    source_id: str
    works: int
    versions: int
    provisions: int
    certain_starts: int
    uncertain_starts: int
    corrections: int
    documents: tuple[DocumentReport, ...]
    oddities: tuple[Oddity, ...]
    stated_repeals: tuple[StatedRepeal, ...]

    def count_oddities(self) -> dict[str, int]:
        """How often each oddity code occurred, by code."""
        return dict(sorted(Counter(oddity.code for oddity in self.oddities).items()))

    def to_json(self) -> dict[str, object]:
        """Plain values for ``json.dumps``; dates as ISO text."""
        plain = asdict(self)
        for entry in plain["oddities"]:
            day = entry["version_date"]
            entry["version_date"] = day.isoformat() if day else None
        for entry in plain["stated_repeals"]:
            day = entry["repealed_on"]
            entry["repealed_on"] = day.isoformat() if day else None
        return {**plain, "oddity_counts": self.count_oddities()}


def write_load_report(
    source_id: str,
    bundles: tuple[WorkBundle, ...],
    oddities: tuple[Oddity, ...],
    stated_repeals: tuple[StatedRepeal, ...],
    corrections: int,
) -> LoadReport:
    """Sum up ``bundles``; ``corrections`` counts the versions whose start the shipped list decides."""
    documents: list[DocumentReport] = []
    for bundle in bundles:
        for text in bundle.versions:
            version = text.version
            documents.append(
                DocumentReport(
                    work_id=bundle.work.id,
                    title=bundle.work.title,
                    version_date=version.version_date.isoformat(),
                    provisions=len(text.provisions),
                    articles=sum(provision.number is not None for provision in text.provisions),
                    effective_from=version.effective_from.isoformat(),
                    effective_from_certain=version.effective_from_certain,
                    effective_to=_name_end(version.effective_to),
                    effective_to_certain=version.effective_to_certain,
                    date_source=version.date_source,
                    declared_status=version.declared_status,
                    oddities=tuple(
                        f"{oddity.place}：{oddity.message}" if oddity.place else oddity.message
                        for oddity in oddities
                        if (oddity.title, oddity.version_date) == (bundle.work.title, version.version_date)
                    ),
                )
            )
    certain = sum(document.effective_from_certain for document in documents)
    return LoadReport(
        source_id=source_id,
        works=len(bundles),
        versions=len(documents),
        provisions=sum(document.provisions for document in documents),
        certain_starts=certain,
        uncertain_starts=len(documents) - certain,
        corrections=corrections,
        documents=tuple(documents),
        oddities=oddities,
        stated_repeals=stated_repeals,
    )


def _name_end(day: dt.date) -> str | None:
    return None if day == FAR_FUTURE else day.isoformat()
