"""What a record of each kind holds beside its text: normative documents, cases, guides, institutions, people.

The text of such a record is kept as provisions (one labelled block each, so that it is found and
quoted like an article); these types keep the fields. All of them turn to and from plain JSON
values by ``details_to_json`` and ``details_from_json``. Fields follow 政府信息公开 catalogues,
人民法院案例库 and 政务服务事项 guides. Empty means not stated, never assumed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.domain.plain import from_plain, to_plain


@dataclass(frozen=True)
class LegalBasis:
    """A provision that a record rests on, as written: title without 《》, label such as 第三十八条第一款.

    ``about`` says which statement it carries (受理条件, 法定办结时限 …).
    """

    title: str
    label: str = ""
    about: str = ""


@dataclass(frozen=True)
class NormativeDetails:
    """规范性文件. ``issues`` names the document that a 通知 issues, ``issued_by`` the reverse."""

    document_number: str = ""
    index_number: str = ""
    subject: str = ""
    genre: str = ""
    written_on: dt.date | None = None
    issued_on: dt.date | None = None
    adopted_on: dt.date | None = None
    expires_on: dt.date | None = None
    validity_note: str = ""
    joint_bodies: tuple[str, ...] = ()
    openness: str = ""
    legality_review: str = ""
    filing_number: str = ""
    filing_body: str = ""
    interpreting_body: str = ""
    clean_up_result: str = ""
    explanation_url: str = ""
    explanation_official: bool | None = None
    issues: str = ""
    issued_by: str = ""


CASE_KINDS = (
    *("指导性案例", "人民法院案例库参考案例", "典型案例", "公报案例", "北京参阅案例", "司法行政案例"),
)


@dataclass(frozen=True)
class CaseDetails:
    """参照案例. ``case_kind`` is one of ``CASE_KINDS``.

    ``force`` is how it binds (应当参照 for 指导性案例, else 供参考，非裁判依据); ``state`` is 有效, 已替代
    or 已撤下.
    """

    case_kind: str = ""
    force: str = ""
    entry_number: str = ""
    guiding_number: str = ""
    batch: str = ""
    subtitle: str = ""
    keywords: tuple[str, ...] = ()
    cause: str = ""
    case_type: str = ""
    court: str = ""
    court_level: str = ""
    procedure: str = ""
    case_number: str = ""
    decided_on: dt.date | None = None
    related_trials: tuple[str, ...] = ()
    cited: tuple[LegalBasis, ...] = ()
    state: str = "有效"
    fictional: bool = False


@dataclass(frozen=True)
class Material:
    """One 申请材料; ``necessity`` 必要, 视情形 …; ``source`` 申请人自备, 政府部门核发 …."""

    name: str
    originals: int = 0
    copies: int = 0
    necessity: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Step:
    """One step of 办理流程."""

    name: str
    who: str = ""
    time_limit: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Office:
    """办理地点 and 时间 of one district; empty fields: 以办理机构公布为准."""

    district: str = ""
    name: str = ""
    address: str = ""
    hours: str = ""
    phone: str = ""


@dataclass(frozen=True)
class QuestionAnswer:
    """常见问题."""

    question: str
    answer: str


@dataclass(frozen=True)
class GuideDetails:
    """办事指引. Every fact of the texts is tied to an entry of ``basis`` by its ``about``."""

    item_code: str = ""
    version: str = ""
    item_type: str = ""
    responsible_body: str = ""
    audience: str = ""
    level: str = ""
    basis: tuple[LegalBasis, ...] = ()
    conditions: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    steps: tuple[Step, ...] = ()
    legal_time_limit: str = ""
    legal_time_limit_note: str = ""
    promised_time_limit: str = ""
    promised_time_limit_note: str = ""
    fee: str = ""
    channels: tuple[str, ...] = ()
    visits: int | None = None
    offices: tuple[Office, ...] = ()
    phone: str = ""
    supervision: str = ""
    remedies: tuple[str, ...] = ()
    questions: tuple[QuestionAnswer, ...] = ()
    region: str = ""
    verified_on: dt.date | None = None
    reviewed_by: str = ""
    fictional: bool = False


INSTITUTION_TYPES = (
    *("律师事务所", "公证处", "法律援助中心", "司法鉴定机构", "仲裁委员会", "人民调解委员会"),
    *("公共法律服务中心", "公共法律服务站", "公共法律服务室"),
)


@dataclass(frozen=True)
class InstitutionDetails:
    """机构. ``institution_type`` is one of ``INSTITUTION_TYPES``.

    Coordinates in degrees (WGS 84), None when not stated.
    """

    institution_type: str = ""
    credit_code: str = ""
    licence_number: str = ""
    competent_authority: str = ""
    person_in_charge: str = ""
    state: str = ""
    business_scope: tuple[str, ...] = ()
    district: str = ""
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    phone: str = ""
    hours: str = ""
    accessibility: str = ""
    verified_on: dt.date | None = None
    fictional: bool = False


@dataclass(frozen=True)
class PersonDetails:
    """人员: lawyers, notaries, judicial experts, mediators, legal aid staff. Public register fields only."""

    person_type: str = ""
    licence_number: str = ""
    institution: str = ""
    competent_authority: str = ""
    state: str = ""
    specialties: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    district: str = ""
    verified_on: dt.date | None = None
    fictional: bool = False


Details = NormativeDetails | CaseDetails | GuideDetails | InstitutionDetails | PersonDetails

DETAIL_TYPES: dict[str, type[Details]] = {
    "normative": NormativeDetails,
    "case": CaseDetails,
    "guide": GuideDetails,
    "institution": InstitutionDetails,
    "person": PersonDetails,
}
"""By ``WorkKind`` value; a statute has no details beyond its work and versions."""


def details_to_json(details: Details) -> dict[str, Any]:
    """Plain values for JSON: dates as ISO text, tuples as lists; fields at their default are left out."""
    return to_plain(details)


def details_from_json(kind: str, values: Mapping[str, Any]) -> Details:
    """The reverse of ``details_to_json``. Raises BadInputError ``details_invalid`` naming the field."""
    return from_plain(DETAIL_TYPES[kind], values, kind, code="details_invalid")
