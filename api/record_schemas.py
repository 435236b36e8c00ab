"""Answers about what stands beside a text: comparison, citations both ways, sources and original lines."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from api.backing import Backing, NamedRepeal, Original, PlaceUnit
from api.catalogue import NO_DAY
from api.citing import CitedByPage, Cites
from api.comparing import ComparedTexts
from api.fields import DayParameter, Flag, TopK, VersionParameter
from api.work_schemas import CurrencyOut, ProvisionOut, VersionOut, WorkOut
from kb.domain.comparison import CHANGE_LABELS, ChangeKind, ProvisionChange, Segment, SegmentKind
from kb.domain.documents import Document
from kb.domain.works import FAR_FUTURE, WorkKind
from kb.store.citations import CitedBy
from kb.store.works import WitnessListing
from kb.text.numerals import format_article_label


class CompareQuestion(BaseModel):
    """对照哪两个版本。"""

    model_config = ConfigDict(extra="forbid")

    old: VersionParameter = Field(None, description="一个版本的编号；不给则取另一个之前的文本")
    new: VersionParameter = Field(None, description="另一个版本的编号；不给则取最新的文本")


class SegmentOut(BaseModel):
    """一段文字：两边都有，或只在一边。"""

    kind: SegmentKind = Field(description="equal 相同、delete 只在旧文本、insert 只在新文本")
    text: str = Field(description="文字")

    @classmethod
    def of(cls, segment: Segment) -> SegmentOut:
        """The stretch as published."""
        return cls(kind=segment.kind, text=segment.text)


class ChangeOut(BaseModel):
    """一条条文在两个版本之间的变化。"""

    kind: ChangeKind = Field(
        description="added 新增、removed 删除、renumbered 条序变化、changed 修改、"
        "moved 移动位置、unchanged 未变"
    )
    kind_label: str = Field(description="中文名称")
    old: ProvisionOut | None = Field(description="旧文本；新增的为 null")
    new: ProvisionOut | None = Field(description="新文本；删除的为 null")
    segments: list[SegmentOut] = Field(description="逐词对照；文字完全相同的为空")
    text_changed: bool = Field(description="文字是否变化（不计异体字和空格）")
    heading_changed: bool = Field(description="所在的编、章、节是否变化（不计序号）")

    @classmethod
    def of(cls, change: ProvisionChange) -> ChangeOut:
        """The change as published."""
        return cls(
            kind=change.kind,
            kind_label=CHANGE_LABELS[change.kind],
            old=ProvisionOut.of(change.old) if change.old else None,
            new=ProvisionOut.of(change.new) if change.new else None,
            segments=[SegmentOut.of(segment) for segment in change.segments],
            text_changed=change.text_changed,
            heading_changed=change.heading_changed,
        )


class CompareAnswer(BaseModel):
    """新旧对照，按新文本的次序；删除的条文在原来的位置。"""

    work: WorkOut
    old: VersionOut = Field(description="先施行的版本")
    new: VersionOut = Field(description="后施行的版本")
    as_of: dt.date = Field(description="判断版本状态的日期")
    counts: dict[ChangeKind, int] = Field(description="每种变化的条数")
    changes: list[ChangeOut] = Field(description="两个版本的每一条各出现一次")

    @classmethod
    def of(cls, compared: ComparedTexts, day: dt.date) -> CompareAnswer:
        """The comparison as published."""
        work = compared.shelf.work
        return cls(
            work=WorkOut.of(work),
            old=VersionOut.of(compared.old, work, day),
            new=VersionOut.of(compared.new, work, day),
            as_of=day,
            counts=compared.comparison.count(),
            changes=[ChangeOut.of(change) for change in compared.comparison.changes],
        )


class CitedByQuestion(BaseModel):
    """看哪一天的引用，哪一页。"""

    model_config = ConfigDict(extra="forbid")

    as_of: DayParameter = Field(None, description="只计这一天有效的文本中的引用（北京时间，默认今天）")
    include_not_in_force: Flag = Field(False, description="是否也计已失效和未生效的文本中的引用")
    limit: TopK = Field(20, description="每页条数，1 到 100")
    offset: int = Field(0, ge=0, le=1_000_000, description="从第几处开始，从 0 数起")


class CitingOut(BaseModel):
    """引用本条的一处文字。"""

    work_id: str = Field(description="作品编号")
    work_title: str = Field(description="引用它的法律或资料")
    kind: WorkKind = Field(description="资料类型")
    provision_id: str = Field(description="条文编号")
    version_id: str = Field(description="版本编号")
    label: str = Field(description="条号或栏目")
    text: str = Field(description="引用处的原文")
    span: tuple[int, int] = Field(description="在该条原文中的位置（按字符计，不含末位）")

    @classmethod
    def of(cls, one: CitedBy) -> CitingOut:
        """The citation as published."""
        return cls(
            work_id=one.loaded.work.id,
            work_title=one.loaded.work.title,
            kind=one.loaded.work.kind,
            provision_id=one.loaded.provision.id,
            version_id=one.loaded.version.id,
            label=one.loaded.provision.label,
            text=one.citation.text,
            span=one.citation.span,
        )


class CitedByAnswer(BaseModel):
    """哪些条文引用了这一条，按作品和位置排列。"""

    provision_id: str = Field(description="条文编号")
    work: WorkOut
    as_of: dt.date
    citations: list[CitingOut]
    total: int = Field(description="总数")
    limit: int
    offset: int

    @classmethod
    def of(cls, provision_id: str, page: CitedByPage, question: CitedByQuestion) -> CitedByAnswer:
        """The page as published."""
        return cls(
            provision_id=provision_id,
            work=WorkOut.of(page.work),
            as_of=page.as_of,
            citations=[CitingOut.of(one) for one in page.citations],
            total=page.total,
            limit=question.limit,
            offset=question.offset,
        )


class CitesOut(BaseModel):
    """本条引用的一条条文或一部文件。"""

    text: str = Field(description="引用处的原文")
    span: tuple[int, int] = Field(description="在本条原文中的位置（按字符计，不含末位）")
    title: str = Field(description="所引文件的全名；本库没有时为文中的写法")
    label: str = Field(description="条、款、项；引用整部文件时为空")
    work_id: str | None = Field(description="作品编号；本库没有或不能确定时为 null")
    provision_id: str | None = Field(description="条文编号；本库没有这一条时为 null")

    @classmethod
    def of(cls, one: Cites) -> CitesOut:
        """The citation as published."""
        return cls(
            text=one.citation.text,
            span=one.citation.span,
            title=one.work.title if one.work else one.citation.title,
            label=one.label,
            work_id=one.work.id if one.work else None,
            provision_id=one.target,
        )


class CitesAnswer(BaseModel):
    """一条条文引用了什么。"""

    provision_id: str = Field(description="条文编号")
    work: WorkOut
    as_of: dt.date
    version: VersionOut
    citations: list[CitesOut]


class FindingOut(BaseModel):
    """读入时发现的一个问题。"""

    code: str = Field(description="稳定的代码")
    message: str = Field(description="说明")
    line: int | None = Field(description="位置；指整个文件时为 null")
    lost: bool = Field(description="是否有内容没有收入")


class DocumentOut(BaseModel):
    """读入的一个文件。"""

    id: str = Field(description="文件内容的 SHA-256")
    name: str = Field(description="文件名")
    format: str = Field(description="格式")
    size: int = Field(description="字节数")
    retrieved_at: dt.datetime = Field(description="取得的时间")
    findings: list[FindingOut] = Field(description="读入时发现的问题")

    @classmethod
    def of(cls, document: Document) -> DocumentOut:
        """The file as published."""
        return cls(
            id=document.id,
            name=document.name,
            format=document.format,
            size=document.size,
            retrieved_at=document.retrieved_at,
            findings=[
                FindingOut(code=one.code, message=one.message, line=one.line or None, lost=one.lost)
                for one in dict.fromkeys(document.findings)
            ],
        )


class SourceOut(BaseModel):
    """一个来源，以及它对这个版本的说法。"""

    id: str = Field(description="来源编号")
    title: str = Field(description="名称")
    publisher: str = Field(description="发布者")
    licence: str = Field(description="许可")
    url: str = Field(description="地址")
    retrieved_on: dt.date | None = Field(description="取得日期；来源没有记载时为 null")
    stated_from: dt.date = Field(description="它给出的施行日期")
    stated_from_certain: bool = Field(description="这个日期是否有出处")
    stated_to: dt.date | None = Field(description="它给出的失效日期；没有则为 null")
    date_source: str = Field(description="日期的出处")
    differing: list[str] = Field(description="它的文字与本库不同的条文编号")

    @classmethod
    def of(cls, witness: WitnessListing) -> SourceOut:
        """The witness as published."""
        source = witness.source
        return cls(
            id=source.id,
            title=source.title,
            publisher=source.publisher,
            licence=source.licence,
            url=source.url,
            retrieved_on=source.retrieved_on if source.retrieved_on > NO_DAY else None,
            stated_from=witness.stated_from,
            stated_from_certain=witness.stated_from_certain,
            stated_to=None if witness.stated_to == FAR_FUTURE else witness.stated_to,
            date_source=witness.date_source,
            differing=list(witness.differing),
        )


class RepealOut(BaseModel):
    """本库某一条条文写明的废止。"""

    title: str = Field(description="被废止的文件，按原文的写法")
    label: str = Field(description="被废止的条；整部废止时为空")
    day: dt.date | None = Field(description="自哪一天起；原文没有写明时为 null")
    basis: str = Field(description="原文和出处")
    by_work_id: str = Field(description="写明废止的作品编号")
    by_title: str = Field(description="写明废止的文件")
    by_provision_id: str = Field(description="写明废止的条文编号")
    by_label: str = Field(description="写明废止的条号")

    @classmethod
    def of(cls, one: NamedRepeal) -> RepealOut:
        """The repeal as published."""
        return cls(
            title=one.stated.title,
            label=format_article_label(one.stated.number) if one.stated.number else "",
            day=one.stated.day,
            basis=one.stated.basis,
            by_work_id=one.by.work.id,
            by_title=one.by.work.title,
            by_provision_id=one.by.provision.id,
            by_label=one.by.provision.label,
        )


class BackingAnswer(BaseModel):
    """一个版本的来源、文件、时效核对和写明它被废止的条文。"""

    work: WorkOut
    as_of: dt.date
    version: VersionOut
    currency: CurrencyOut = Field(description="时效核对（截至今天）")
    sources: list[SourceOut]
    documents: list[DocumentOut]
    repeals: list[RepealOut]

    @classmethod
    def of(cls, work: WorkOut, as_of: dt.date, version: VersionOut, backing: Backing) -> BackingAnswer:
        """The record as published."""
        return cls(
            work=work,
            as_of=as_of,
            version=version,
            currency=CurrencyOut.of(backing.currency),
            sources=[SourceOut.of(witness) for witness in backing.witnesses],
            documents=[DocumentOut.of(document) for document in backing.documents],
            repeals=[RepealOut.of(one) for one in backing.repeals],
        )


class RawLine(BaseModel):
    """文件中的一行。"""

    number: int = Field(description="行号，从 1 数起")
    text: str = Field(description="这一行的文字，未经规范化")


class OriginalAnswer(BaseModel):
    """一条条文在来源文件中的位置和原样文字。"""

    provision_id: str = Field(description="条文编号")
    work: WorkOut
    version: VersionOut
    document: DocumentOut | None = Field(description="来源文件；没有保存时为 null")
    unit: PlaceUnit = Field(description="位置按什么计：line 行、row 表格的行、record 记录、paragraph 段落")
    first: int | None = Field(description="起始位置，从 1 数起")
    last: int | None = Field(description="末尾位置")
    lines: list[RawLine] | None = Field(
        description="原样的文字，只有文本类文件（Markdown、纯文本、CSV、JSONL）给出；其他格式为 null"
    )
    note: str = Field(description="没有原样文字时的说明")

    @classmethod
    def of(cls, provision_id: str, original: Original, day: dt.date) -> OriginalAnswer:
        """The place as published."""
        reading = original.reading
        return cls(
            provision_id=provision_id,
            work=WorkOut.of(reading.work),
            version=VersionOut.of(reading.version, reading.work, day),
            document=DocumentOut.of(original.document) if original.document else None,
            unit=original.unit,
            first=original.place.line_from if original.place else None,
            last=original.place.line_to if original.place else None,
            lines=[RawLine(number=number, text=text) for number, text in original.lines]
            if original.lines is not None
            else None,
            note=original.note,
        )
