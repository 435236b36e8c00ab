"""Works, their dated versions and the provisions in them.

A *work* (中华人民共和国民法典) has *versions*, each in force over ``[effective_from, effective_to)``;
a version has *provisions* whose id survives amendment.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from kb.domain.records import Details

FAR_FUTURE = dt.date(9999, 12, 31)
"""End of an open interval (null filters are awkward in every vector engine)."""

POINT_NAMESPACE = uuid.UUID("5d1c9c0e-6f0b-5a63-9b0e-2f1f7c1d8a11")
NATIONAL = "全国"


class WorkKind(StrEnum):
    """What sort of record a work is."""

    STATUTE = "statute"
    NORMATIVE = "normative"
    CASE = "case"
    GUIDE = "guide"
    INSTITUTION = "institution"
    PERSON = "person"


class VersionStatus(StrEnum):
    """State of a version on a given day."""

    IN_FORCE = "in_force"
    AMENDED = "amended"
    REPEALED = "repealed"
    NOT_YET_IN_FORCE = "not_yet_in_force"


STATUS_LABELS = {
    VersionStatus.IN_FORCE: "现行有效",
    VersionStatus.AMENDED: "已被修改",
    VersionStatus.REPEALED: "已废止",
    VersionStatus.NOT_YET_IN_FORCE: "尚未生效",
}


@dataclass(frozen=True)
class Work:
    """A law, decision, interpretation or other document, apart from its dated texts.

    ``statute_type`` is the Chinese name of the type (宪法/法律/立法解释/修正案 …), ``topic`` the
    department of law (民法商法 …), ``region`` 全国 or a place name such as 北京市.
    ``repealed_on`` is None while the work stands; ``successor`` then names what replaced it.
    """

    id: str
    kind: WorkKind
    title: str
    short_title: str
    aliases: tuple[str, ...]
    statute_type: str
    issuing_body: str
    topic: str
    region: str
    repealed_on: dt.date | None = None
    repealed_on_certain: bool = True
    successor: str = ""


@dataclass(frozen=True)
class Version:
    """One dated text of a work, in force over ``[effective_from, effective_to)``.

    ``effective_from_certain`` is False when no source states the start: ``effective_from`` is then the
    day of adoption, before which the text cannot have been in force. ``date_source`` says where
    the start was read. ``declared_status`` is the source's own word, kept and never trusted as validity.

    What a source gives here is its own statement; the store decides ``effective_to`` from all versions
    that it holds. ``superseded_by`` is set by the store alone: this text was replaced under the same day by
    another reading (that version's id), is in force on no day, and is kept so that an old reference reads.
    """

    id: str
    work_id: str
    version_date: dt.date
    published_on: dt.date
    effective_from: dt.date
    effective_from_certain: bool
    effective_to: dt.date
    effective_to_certain: bool
    date_source: str
    declared_status: str
    text_sha256: str
    superseded_by: str = ""


@dataclass(frozen=True)
class SourcePlace:
    """Lines ``line_from`` to ``line_to`` (from 1) of the document with this id (SHA-256 of its bytes)."""

    document_id: str
    line_from: int
    line_to: int


@dataclass(frozen=True)
class Provision:
    """One article (条), or one unnumbered block, as it reads in one version.

    ``number`` is (17, 1) for 第十七条之一 and None for a block without number; ``path`` runs from
    the outermost heading to the innermost (编, 分编, 章, 节); ``text`` keeps one paragraph (款 or 项) per
    line; ``ordinal`` is the place in the version, from 0. ``place`` is where it was read, None when unknown
    or not asked for; two readings of one text from different places are equal.
    """

    id: str
    version_id: str
    number: tuple[int, int] | None
    label: str
    path: tuple[str, ...]
    text: str
    ordinal: int
    place: SourcePlace | None = field(default=None, compare=False)

    @property
    def text_sha256(self) -> str:
        """Digest of the text alone, hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class VersionedText:
    """A version with all its provisions in order.

    ``details`` are the fields of a record that is no statute; ``documents`` the ids of the documents that
    it was read from, in order (several when one text is spread over files).
    """

    version: Version
    provisions: tuple[Provision, ...]
    details: Details | None = None
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where records came from: publisher, licence, digest of the bytes, day of retrieval.

    Where two sources hold one work, the one with the higher ``priority`` describes it and its text serves;
    the other fills what is empty and bears witness.
    """

    id: str
    title: str
    publisher: str
    licence: str
    url: str
    package_version: str
    sha256: str
    retrieved_on: dt.date
    current_to: dt.date
    priority: int = 50


@dataclass(frozen=True)
class WorkBundle:
    """A work with every version of it that one source holds: the unit of ingest."""

    work: Work
    versions: tuple[VersionedText, ...]
    source_id: str


def work_id(kind: WorkKind, title: str, region: str = NATIONAL) -> str:
    """Stable id of a work: 12 hex digits of SHA-256 over kind, region and full title."""
    digest = hashlib.sha256("\x1f".join((kind, region, title)).encode()).hexdigest()
    return f"w{digest[:12]}"


def version_id(work: str, version_date: dt.date) -> str:
    """``w0123456789ab@2020-05-28``."""
    return f"{work}@{version_date.isoformat()}"


def provision_id(work: str, number: tuple[int, int] | None, block: int = 0) -> str:
    """``w…:a17`` for 第十七条, ``w…:a17-1`` for 第十七条之一, ``w…:b3`` for the third unnumbered block."""
    if number is None:
        return f"{work}:b{block}"
    article, inserted = number
    return f"{work}:a{article}" + (f"-{inserted}" if inserted else "")


def point_id(provision: str, version: str) -> uuid.UUID:
    """Id of the index point of a provision in a version; never collides between versions."""
    return uuid.uuid5(POINT_NAMESPACE, f"{provision}\x1f{version}")


def status_on(version: Version, work: Work, as_of: dt.date) -> VersionStatus:
    """State of ``version`` on the day ``as_of``, from dates alone."""
    if as_of < version.effective_from:
        return VersionStatus.NOT_YET_IN_FORCE
    if as_of < version.effective_to:
        return VersionStatus.IN_FORCE
    if work.repealed_on is not None and version.effective_to >= work.repealed_on:
        return VersionStatus.REPEALED
    return VersionStatus.AMENDED
