"""Whether a service guide says only what its legal basis carries.

A guide is written in our own words, and every fact in it rests on a provision that it names. This
module reads a guide beside the held law of one day and lists what does not hold: a citation that names
nothing in force, a number that no cited provision of that field states, a copied sentence, a telephone
number that nobody confirmed. Nothing here judges meaning; a person still reads each guide.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingest.guide_quantities import Quantity, find_quantities
from kb.domain.records import GuideDetails, LegalBasis
from kb.domain.works import Provision, VersionStatus, WorkBundle, status_on
from kb.text.catalogue import TitleCatalogue
from kb.text.citations import CitedUnit, find_citations
from kb.text.numerals import parse_number
from kb.text.quoted_titles import find_quoted_titles

TOPICS = (
    *(
        "婚姻家庭",
        "继承",
        "劳动",
        "工伤社保",
        "借贷",
        "房屋买卖租赁",
        "物业",
        "交通事故",
        "消费",
        "医疗",
        "侵权",
    ),
    *("合同", "公司", "知识产权", "行政", "刑事", "法律援助", "公证", "仲裁调解", "执行", "诉讼"),
)
OUTSIDE_MARK = "依据未收录，请以原文为准"
"""Stands in the ``about`` of a basis, and in every sentence, that rests on a work we do not hold."""
AS_PUBLISHED = "以办理机构公布为准"
ALLOWED_PHONES = frozenset(["12348", "12333", "12345", "12338", "12355", "12315", "110", "119", "120", "122"])
"""法律服务, 人社, 政务, 妇联, 青少年, 消费; 报警, 火警, 急救, 交通事故."""
MAX_COPIED = 29
"""Longest run of characters that a guide may share with a provision outside quotation marks."""

FIELD_NAMES = (
    *("办理机关", "申请条件", "申请材料", "办理流程", "法定时限", "收费", "办理形式", "监督投诉", "救济途径"),
    "常见问题",
)
"""What ``about`` names before its colon: the fields that the provision carries, joined by 、."""

_ABOUT = re.compile(r"(?P<fields>[^：]{1,60})：(?P<statement>.{1,80})")
_ITEM_LINE = re.compile(r"[（(](?P<number>[一二三四五六七八九十]{1,4})[）)]")
_DIGITS = re.compile(r"(?<![0-9.])[0-9][0-9-]{2,}(?![0-9])(?!年)")
_QUOTED = re.compile(r"“[^”]{0,200}”|「[^」]{0,200}」")
_ARTICLE_IN_TEXT = re.compile(r"第[0-9零一二三四五六七八九十百千]{1,12}条")
_NO_BASIS_NEEDED = (AS_PUBLISHED, "公布为准", "没有规定", "没有期限要求", "没有写明", "没有统一")


@dataclass(frozen=True)
class GuideFinding:
    """One thing that does not hold: stable ``code``, ``place`` (field and value), Chinese ``message``."""

    code: str
    place: str
    message: str


@dataclass(frozen=True)
class HeldLaw:
    """Provisions in force on ``day``, found by the title of their work and the number of their article."""

    day: dt.date
    _catalogue: TitleCatalogue
    _articles: Mapping[str, Mapping[tuple[int, int], Provision]]

    @classmethod
    def build(cls, bundles: Iterable[WorkBundle], day: dt.date) -> HeldLaw:
        """The works of ``bundles`` as they stand on ``day``; a work not in force then is known but empty."""
        names: dict[str, tuple[str, ...]] = {}
        articles: dict[str, dict[tuple[int, int], Provision]] = {}
        for bundle in bundles:
            names[bundle.work.title] = (*names.get(bundle.work.title, ()), bundle.work.id)
            held = articles.setdefault(bundle.work.id, {})
            for text in bundle.versions:
                if status_on(text.version, bundle.work, day) is VersionStatus.IN_FORCE:
                    held.update({one.number: one for one in text.provisions if one.number is not None})
        return cls(day, TitleCatalogue.build(names), articles)

    def knows(self, title: str) -> bool:
        """Whether a held work bears this title, in force or not."""
        return bool(self._catalogue.lookup(title))

    def is_in_force(self, title: str) -> bool:
        """Whether a held work of this title has provisions in force."""
        return any(self._articles[work] for work in self._catalogue.lookup(title))

    def find(self, title: str, number: tuple[int, int]) -> Provision | None:
        """The article in force; None when the title is shared, unknown or lacks the article."""
        works = self._catalogue.lookup(title)
        return self._articles[works[0]].get(number) if len(works) == 1 else None

    def texts(self) -> Iterator[str]:
        """The text of every provision in force."""
        for articles in self._articles.values():
            for provision in articles.values():
                yield provision.text


def check_guide(topic: str, details: GuideDetails, law: HeldLaw) -> tuple[GuideFinding, ...]:
    """All findings on one guide, in the order of its fields; empty when it holds.

    Copied sentences are looked for apart, over all guides at once (``find_copied_runs``).
    """
    findings = list(_check_presence(topic, details))
    carried: dict[str, set[Quantity]] = {name: set() for name in FIELD_NAMES}
    named: set[str] = set()
    for index, basis in enumerate(details.basis):
        place = f"basis[{index}] 《{basis.title}》{basis.label}"
        fields, found = _check_basis(basis, law, place)
        findings.extend(found)
        named.update(fields)
        quantities = set() if OUTSIDE_MARK in basis.about else set(find_quantities(_cited_text(basis, law)))
        for name in fields:
            carried[name] |= quantities
    for name, place, text in iterate_texts(details):
        findings.extend(_check_text(name, place, text, carried, law))
    for name, place, text in iterate_texts(details):
        if name not in named and not any(words in text for words in _NO_BASIS_NEEDED):
            findings.append(
                GuideFinding("guide_field_without_basis", place, f"依据中没有一条写明用于“{name}”")
            )
    return tuple(findings)


def iterate_texts(details: GuideDetails) -> Iterator[tuple[str, str, str]]:
    """Every text that a person reads: the name of its field in ``FIELD_NAMES``, its place, itself."""
    yield "办理机关", "responsible_body", details.responsible_body
    yield "申请条件", "audience", details.audience
    for i, condition in enumerate(details.conditions):
        yield "申请条件", f"conditions[{i}]", condition
    for i, material in enumerate(details.materials):
        words = "；".join((material.name, material.source, material.note))
        yield "申请材料", f"materials[{i}]", words
    for i, step in enumerate(details.steps):
        words = "；".join((step.name, step.who, step.time_limit, step.outcome))
        yield "办理流程", f"steps[{i}]", words
    yield "法定时限", "legal_time_limit", details.legal_time_limit
    if details.legal_time_limit_note:
        yield "法定时限", "legal_time_limit_note", details.legal_time_limit_note
    yield "收费", "fee", details.fee
    for i, channel in enumerate(details.channels):
        yield "办理形式", f"channels[{i}]", channel
    yield "监督投诉", "supervision", details.supervision
    for i, remedy in enumerate(details.remedies):
        yield "救济途径", f"remedies[{i}]", remedy
    for i, pair in enumerate(details.questions):
        yield "常见问题", f"questions[{i}]", f"{pair.question}{pair.answer}"


def find_copied_runs(guides: Mapping[str, GuideDetails], texts: Iterable[str]) -> tuple[GuideFinding, ...]:
    """Runs longer than ``MAX_COPIED`` characters that a guide shares with a text, outside quotation marks.

    ``guides`` by name. Linear in both; blanks and line breaks do not count.
    """
    size = MAX_COPIED + 1
    places: dict[str, str] = {}
    for name, details in guides.items():
        for _, place, text in iterate_texts(details):
            for part in _QUOTED.split(text):
                plain = "".join(part.split())
                for start in range(len(plain) - size + 1):
                    places.setdefault(plain[start : start + size], f"{name} {place}")
    hits: dict[str, str] = {}
    for text in texts:
        plain = "".join(text.split())
        for start in range(len(plain) - size + 1):
            run = plain[start : start + size]
            if run in places:
                hits.setdefault(places[run], run)
    return tuple(
        GuideFinding("guide_text_copied", place, f"与条文有{size}字以上相同：{run}")
        for place, run in hits.items()
    )


def _check_presence(topic: str, details: GuideDetails) -> Iterator[GuideFinding]:
    if topic not in TOPICS:
        yield GuideFinding("guide_topic_unknown", "topic", f"没有这个主题：{topic}")
    required = (
        *("version", "item_type", "responsible_body", "audience", "conditions", "materials"),
        *("legal_time_limit", "fee", "channels", "offices", "phone", "supervision", "remedies"),
        "verified_on",
    )
    for name in required:
        if not getattr(details, name):
            yield GuideFinding("guide_field_empty", name, "这一栏必须填写")
    for name, least in (("basis", 3), ("steps", 2), ("questions", 2)):
        if len(getattr(details, name)) < least:
            yield GuideFinding("guide_field_empty", name, f"至少要有{least}项")
    for name in ("item_code", "promised_time_limit", "reviewed_by"):
        if getattr(details, name):
            yield GuideFinding("guide_field_unconfirmed", name, "没有核实过的内容应当留空")
    for index, office in enumerate(details.offices):
        for value in (office.address, office.hours, office.phone):
            if value not in ("", AS_PUBLISHED) and value not in ALLOWED_PHONES:
                yield GuideFinding("guide_field_unconfirmed", f"offices[{index}]", f"没有核实过：{value}")
    if details.phone not in ALLOWED_PHONES:
        yield GuideFinding("guide_phone_unknown", "phone", f"不在核实过的电话里：{details.phone}")


def _check_basis(basis: LegalBasis, law: HeldLaw, place: str) -> tuple[tuple[str, ...], list[GuideFinding]]:
    """Fields that the basis says it carries, and what is wrong with it."""
    match = _ABOUT.fullmatch(basis.about)
    if match is None:
        return (), [GuideFinding("guide_about_unclear", place, "about 应写作“栏目：说明”")]
    fields = tuple(match["fields"].split("、"))
    findings = [
        GuideFinding("guide_about_unclear", place, f"about 中没有这个栏目：{name}")
        for name in fields
        if name not in FIELD_NAMES
    ]
    fields = tuple(name for name in fields if name in FIELD_NAMES)
    if OUTSIDE_MARK in basis.about:
        if law.knows(basis.title):
            findings.append(GuideFinding("guide_basis_held", place, "已收录的依据不应标为未收录"))
        return fields, findings
    if not law.is_in_force(basis.title):
        return fields, [*findings, GuideFinding("guide_basis_not_in_force", place, "没有收录或者当日无效")]
    text = _cited_text(basis, law)
    if not text:
        return fields, [*findings, GuideFinding("guide_basis_unknown", place, "没有这一条、款或项")]
    for quantity in sorted(set(find_quantities(match["statement"])) - set(find_quantities(text))):
        findings.append(
            GuideFinding("guide_number_without_basis", place, f"条文里没有：{quantity.describe()}")
        )
    return fields, findings


def _check_text(
    name: str, place: str, text: str, carried: Mapping[str, set[Quantity]], law: HeldLaw
) -> Iterator[GuideFinding]:
    for quantity in sorted(set(find_quantities(text)) - carried[name]):
        message = f"用于“{name}”的依据里没有：{quantity.describe()}"
        yield GuideFinding("guide_number_without_basis", place, message)
    for phone in _DIGITS.findall(text):
        if phone not in ALLOWED_PHONES:
            yield GuideFinding("guide_phone_unknown", place, f"不在核实过的电话里：{phone}")
    if match := _ARTICLE_IN_TEXT.search(text):
        yield GuideFinding("guide_article_in_text", place, f"条号写在依据里，不写在文字里：{match[0]}")
    for quoted in find_quoted_titles(text):
        if quoted.title.endswith("指引") or law.is_in_force(quoted.title) or OUTSIDE_MARK in text:
            continue
        yield GuideFinding("guide_title_outside", place, f"没有收录《{quoted.title}》，应注明{OUTSIDE_MARK}")


def _cited_text(basis: LegalBasis, law: HeldLaw) -> str:
    """The text that a basis points at: the article, or one 款 or 项 of it; empty when there is none."""
    found = find_citations(f"《{basis.title}》{basis.label}")
    if len(found) != 1 or found[0].text != f"《{basis.title}》{basis.label}":
        return ""
    number = found[0].number
    provision = law.find(basis.title, number) if number else None
    if provision is None:
        return ""
    if not found[0].units:
        return provision.text
    parts = [_cut(provision.text, unit) for unit in found[0].units]
    return "\n".join(parts) if all(parts) else ""


def _cut(text: str, unit: CitedUnit) -> str:
    """The 款 (with its 项) or the 项 (with the words before the list) that ``unit`` names."""
    paragraphs: list[list[str]] = []
    for line in text.splitlines():
        if _ITEM_LINE.match(line) and paragraphs:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    if unit.paragraph is not None:
        paragraphs = paragraphs[unit.paragraph - 1 : unit.paragraph]
    if unit.item is None:
        return "\n".join(line for lines in paragraphs for line in lines)
    for lead, *items in paragraphs:
        for line in items:
            number = _ITEM_LINE.match(line)
            if number and parse_number(number["number"]) == unit.item:
                return f"{lead}\n{line}"
    return ""
