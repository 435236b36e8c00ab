"""What ships about a source: its manifest, and the dated corrections of starts, ends and repeals."""

from __future__ import annotations

import datetime as dt
import hashlib
from importlib.resources import files
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ingest.strict_yaml import read_strict_yaml
from kb.domain.works import Source

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedCounts(_Strict):
    """What the file must hold; ``declared`` counts laws by the source's own word for their status."""

    laws: int = Field(ge=1)
    articles: int = Field(ge=1)
    declared: dict[Text, int]
    titles_in_two_versions: int = Field(ge=0)


class QuotedArticles(_Strict):
    """Rows that the source took for articles of a document although they are quotations in it."""

    title: Text
    version_date: dt.date
    labels: list[Text]
    reason: Text


class SwallowedArticle(_Strict):
    """An article that the source ran into the one before it, without its first words."""

    title: Text
    version_date: dt.date
    inside: Text
    begins: Text
    label: Text


class Consolidation(_Strict):
    """A version that follows from a held version and a held 修正案."""

    title: Text
    base_version: dt.date
    amendment: Text


class SourceManifest(_Strict):
    """One source: publisher, licence, pinned bytes, expected counts, and what is known to be wrong in it."""

    id: Text
    title: Text
    publisher: Text
    url: Text
    licence: Text
    package: Text
    package_version: Text
    resource: Text
    sha256: Sha256
    retrieved_on: dt.date
    current_to: dt.date
    expected: ExpectedCounts
    first_books: dict[Text, Text] = {}
    lacking_preamble: list[Text] = []
    broken_lines: list[Text] = []
    remarks: dict[Text, Text] = {}
    quoted_articles: list[QuotedArticles] = []
    swallowed_articles: list[SwallowedArticle] = []
    consolidations: list[Consolidation] = []
    aliases: dict[Text, list[Text]] = {}

    def describe(self, digest: str) -> Source:
        """The source record, with the digest that was found in the file."""
        return Source(
            id=self.id,
            title=self.title,
            publisher=self.publisher,
            licence=self.licence,
            url=self.url,
            package_version=self.package_version,
            sha256=digest,
            retrieved_on=self.retrieved_on,
            current_to=self.current_to,
        )


class StartCorrection(_Strict):
    """Versions of ``version_date`` whose start is known from the deciding document."""

    titles: list[Text] = Field(min_length=1)
    version_date: dt.date
    effective_from: dt.date
    basis: Text
    checked_on: dt.date

    @model_validator(mode="after")
    def _starts_after_adoption(self) -> Self:
        if self.effective_from < self.version_date:
            raise ValueError("施行日期早于通过日期")
        return self


class DecidedStart(_Strict):
    """A decision that amended several texts at once: what it amended starts on ``effective_from``.

    It concerns texts of these ``statute_types`` whose newest act is an amendment of ``decided_on``.
    """

    statute_types: list[Text] = Field(min_length=1)
    decided_on: dt.date
    effective_from: dt.date
    basis: Text
    checked_on: dt.date

    @model_validator(mode="after")
    def _starts_after_decision(self) -> Self:
        if self.effective_from < self.decided_on:
            raise ValueError("施行日期早于决定日期")
        return self


class UnconfirmedStart(_Strict):
    """A version whose date in the source is that of an earlier text, and no better one is known."""

    title: Text
    version_date: dt.date
    reason: Text
    checked_on: dt.date


class EndCorrection(_Strict):
    """A version that was overtaken before the next one that we hold."""

    title: Text
    version_date: dt.date
    effective_to: dt.date
    basis: Text
    checked_on: dt.date

    @model_validator(mode="after")
    def _ends_after_adoption(self) -> Self:
        if self.effective_to <= self.version_date:
            raise ValueError("失效日期不晚于通过日期")
        return self


class RepealCorrection(_Strict):
    """The day on which a work ceased, and what replaced it (empty: nothing)."""

    title: Text
    repealed_on: dt.date
    successor: str = ""
    basis: Text
    checked_on: dt.date


class _DatesFile(_Strict):
    starts: list[StartCorrection]
    decisions: list[DecidedStart] = []
    unconfirmed_starts: list[UnconfirmedStart] = []
    ends: list[EndCorrection] = []
    repeals: list[RepealCorrection] = []

    @model_validator(mode="after")
    def _no_version_twice(self) -> Self:
        keys = [(title, entry.version_date) for entry in self.starts for title in entry.titles]
        keys += [(entry.title, entry.version_date) for entry in self.unconfirmed_starts]
        repeated = {f"{title}（{day}）" for title, day in keys if keys.count((title, day)) > 1}
        if repeated:
            raise ValueError(f"同一版本写了两次：{'、'.join(sorted(repeated))}")
        return self


class _RepealsFile(_Strict):
    repeals: list[RepealCorrection]

    @model_validator(mode="after")
    def _no_work_twice(self) -> Self:
        titles = [entry.title for entry in self.repeals]
        if len(set(titles)) != len(titles):
            raise ValueError("同一法律写了两次")
        return self


class DateCorrections(_Strict):
    """Every dated correction, with the digest of the files that it was read from."""

    starts: list[StartCorrection]
    unconfirmed_starts: list[UnconfirmedStart]
    ends: list[EndCorrection]
    repeals: list[RepealCorrection]
    digest: str
    decisions: list[DecidedStart] = []

    def count_starts(self) -> int:
        """Versions whose start is corrected or confirmed."""
        return sum(len(entry.titles) for entry in self.starts)


def load_manifest(name: str) -> tuple[SourceManifest, str]:
    """``corpora/sources/<name>.yaml`` and its digest. Raises SourceError (``yaml_…``)."""
    place = f"corpora/sources/{name}.yaml"
    content = (files("corpora") / "sources" / f"{name}.yaml").read_bytes()
    return read_strict_yaml(content, SourceManifest, place), hashlib.sha256(content).hexdigest()


def load_file_corrections() -> DateCorrections:
    """Every shipped correction, also those for texts that only come in as files.

    Raises SourceError (``yaml_…``).
    """
    base = load_date_corrections()
    place = "corpora/dates/file_dates.yaml"
    content = (files("corpora") / "dates" / "file_dates.yaml").read_bytes()
    more = read_strict_yaml(content, _DatesFile, place)
    return DateCorrections(
        starts=[*base.starts, *more.starts],
        unconfirmed_starts=[*base.unconfirmed_starts, *more.unconfirmed_starts],
        ends=[*base.ends, *more.ends],
        repeals=[*base.repeals, *more.repeals],
        decisions=more.decisions,
        digest=hashlib.sha256(base.digest.encode() + content).hexdigest(),
    )


def load_date_corrections() -> DateCorrections:
    """The shipped corrections in ``corpora/dates``. Raises SourceError (``yaml_…``)."""
    folder = files("corpora") / "dates"
    starts = (folder / "effective_dates.yaml").read_bytes()
    repeals = (folder / "repeals.yaml").read_bytes()
    dates = read_strict_yaml(starts, _DatesFile, "corpora/dates/effective_dates.yaml")
    ceased = read_strict_yaml(repeals, _RepealsFile, "corpora/dates/repeals.yaml")
    return DateCorrections(
        starts=dates.starts,
        unconfirmed_starts=dates.unconfirmed_starts,
        ends=dates.ends,
        repeals=ceased.repeals,
        digest=hashlib.sha256(starts + b"\x1f" + repeals).hexdigest(),
    )
