"""What a page shows of a record that is no statute: named facts, linked titles, bases with verdicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from api.catalogue import find_titled
from api.citing import article_address, check_basis
from api.detail_schemas import label_of
from kb.answer.verify import CheckedCitation, CitationVerifier, Verdict
from kb.domain.records import (
    CaseDetails,
    Details,
    GuideDetails,
    InstitutionDetails,
    LegalBasis,
    NormativeDetails,
    PersonDetails,
)
from kb.domain.works import WorkKind
from kb.store.database import Database

FACT_FIELDS: dict[type[Details], tuple[str, ...]] = {
    NormativeDetails: (
        *("document_number", "genre", "adopted_on", "written_on", "issued_on", "expires_on"),
        *("validity_note", "joint_bodies", "index_number", "subject", "openness", "legality_review"),
        *("filing_number", "filing_body", "interpreting_body", "clean_up_result", "explanation_url"),
        *("explanation_official", "issues", "issued_by"),
    ),
    CaseDetails: (
        *("case_kind", "entry_number", "guiding_number", "batch", "cause", "case_type", "court"),
        *("court_level", "procedure", "case_number", "decided_on", "related_trials", "keywords", "state"),
    ),
    GuideDetails: (
        *("item_code", "version", "item_type", "responsible_body", "audience", "level", "region"),
        *("verified_on", "reviewed_by"),
    ),
    InstitutionDetails: (
        *("institution_type", "credit_code", "licence_number", "competent_authority"),
        *("person_in_charge", "state", "business_scope", "district", "address", "longitude", "latitude"),
        *("phone", "hours", "accessibility", "verified_on"),
    ),
    PersonDetails: (
        *("person_type", "licence_number", "institution", "competent_authority", "state"),
        *("specialties", "languages", "district", "verified_on"),
    ),
}
TITLE_FIELDS = {
    "issues": WorkKind.NORMATIVE,
    "issued_by": WorkKind.NORMATIVE,
    "institution": WorkKind.INSTITUTION,
}
"""Fields that name another work, and of which kind it is."""
WIDE = 24
"""Longer values take a line of their own."""
FORCE_UNKNOWN = "参照效力未写明"
NOT_REVIEWED = "未经执业律师审核"
FICTIONAL = "虚构示例"
_NOUNS: dict[type[Details], str] = {
    CaseDetails: "案例",
    GuideDetails: "事项",
    InstitutionDetails: "机构",
    PersonDetails: "人员",
}


@dataclass(frozen=True)
class Fact:
    """One field as shown; ``address`` leads to the work that it names."""

    name: str
    label: str
    value: str
    address: str = ""

    @property
    def wide(self) -> bool:
        """True when the value is too long for a column."""
        return len(self.value) > WIDE


@dataclass(frozen=True)
class Basis:
    """A legal basis with what is to be said of it today; ``address`` leads to the article."""

    entry: LegalBasis
    checked: CheckedCitation | None

    @property
    def address(self) -> str:
        """Empty when we hold no such article."""
        return (
            article_address(self.checked.provision_id) if self.checked and self.checked.provision_id else ""
        )

    @property
    def holds(self) -> bool:
        """True when the article is in force."""
        return self.checked is not None and self.checked.verdict is Verdict.IN_FORCE

    @property
    def unknown(self) -> bool:
        """True when we hold nothing that would tell."""
        return self.checked is None or self.checked.verdict is Verdict.OUTSIDE_HOLDINGS


@dataclass(frozen=True)
class RecordView:
    """Everything that the page shows of the fields of a record."""

    details: Details | None
    facts: tuple[Fact, ...] = ()
    basis: tuple[Basis, ...] = ()
    marks: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def subtitle(self) -> str:
        """Of a case; empty for all else."""
        return self.details.subtitle if isinstance(self.details, CaseDetails) else ""


def view_record(database: Database, verifier: CitationVerifier, details: Details | None) -> RecordView:
    """The fields of a record as the page of its work shows them; empty for a statute."""
    if details is None:
        return RecordView(None)
    entries: tuple[LegalBasis, ...] = ()
    if isinstance(details, GuideDetails):
        entries = details.basis
    elif isinstance(details, CaseDetails):
        entries = details.cited
    checked = check_basis(verifier, entries)
    notices = tuple(_notices(details))
    return RecordView(
        details,
        tuple(_facts(database, details)),
        tuple(Basis(entry, one) for entry, one in zip(entries, checked, strict=False)),
        tuple(mark for mark in mark_record(details) if not any(mark in notice for notice in notices)),
        notices,
    )


def mark_record(details: Details | None) -> tuple[str, ...]:
    """Words that must stand beside a record wherever it is shown: its force, that nobody reviewed it …"""
    marks: list[str] = []
    if getattr(details, "fictional", False):
        marks.append(FICTIONAL)
    if isinstance(details, CaseDetails):
        marks.append(details.force or FORCE_UNKNOWN)
        marks += [details.state] if details.state not in ("", "有效") else []
    if isinstance(details, GuideDetails) and not details.reviewed_by:
        marks.append(NOT_REVIEWED)
    return tuple(marks)


def list_in_brief(details: Details | None) -> tuple[str, ...]:
    """The fields that tell one record of a list from the next."""
    names = ("document_number", "cause", "court", "district", "institution")
    return tuple(value for name in names if (value := write_value(getattr(details, name, ""))))


def _notices(details: Details) -> Iterable[str]:
    if getattr(details, "fictional", False):
        yield f"{FICTIONAL}：只演示格式，不是真实的{_NOUNS.get(type(details), '资料')}。"
    if isinstance(details, CaseDetails) and details.state not in ("", "有效"):
        yield f"本案例{details.state}，只供了解。"
    if isinstance(details, GuideDetails) and not details.reviewed_by:
        yield f"示例指引，{NOT_REVIEWED}。办理前请向办理机构核实，或拨打 12348 咨询。"


def _facts(database: Database, details: Details) -> Iterable[Fact]:
    for name in FACT_FIELDS[type(details)]:
        value = write_value(getattr(details, name))
        if not value:
            continue
        address = ""
        if name in TITLE_FIELDS:
            found = find_titled(database, value, TITLE_FIELDS[name])
            address = f"/works/{found}" if found else ""
        elif name == "phone" and value.isdigit() and value.isascii():
            address = f"tel:{value}"
        yield Fact(name, label_of(details, name), value, address)


def write_value(value: object) -> str:
    """A field as a person reads it; empty when it is not stated."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, tuple):
        return "、".join(str(one) for one in value)
    return str(value)
