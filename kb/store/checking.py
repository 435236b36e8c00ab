"""What a bundle must be before anything of it is written."""

from __future__ import annotations

from collections.abc import Sequence

from kb.domain.works import Provision, Version, VersionedText, Work, WorkBundle
from kb.errors import BadInputError
from kb.store.columns import require_storable

MAX_TITLE = 500
MAX_KEY = 200
"""Characters. PostgreSQL refuses index entries past 2,704 bytes, and a longer title is a whole document
that a parser took for one."""
MAX_NUMBER = 99_999
READING_MARK = "~"
"""Between a version's id and the digest of a later reading of it: the store's own (``kb.store.placing``)."""


def check_bundle(bundle: WorkBundle) -> None:
    """Raise BadInputError for a bundle that contradicts itself or holds what cannot be stored."""
    work = bundle.work
    _require(bool(work.id and work.title), "文件没有编号或标题", work.id)
    for name, value in (("标题", work.title), ("简称", work.short_title)):
        _require(len(value) <= MAX_TITLE, f"{name}超过 {MAX_TITLE} 字", work.id)
    for name, value in (("地域", work.region), ("主题", work.topic), ("编号", work.id)):
        _require(len(value) <= MAX_KEY, f"{name}超过 {MAX_KEY} 字", value[:MAX_KEY])
    _require_storable(work, work.id)
    _require_unique([text.version.id for text in bundle.versions], "版本编号重复", work.id)
    for text in bundle.versions:
        _check_text(text, work)


def _check_text(text: VersionedText, work: Work) -> None:
    version = text.version
    _require(len(version.id) <= MAX_KEY, f"编号超过 {MAX_KEY} 字", version.id[:MAX_KEY])
    _require(READING_MARK not in version.id, "版本编号含有保留的“~”", version.id)
    _require(version.work_id == work.id, "版本不属于这部文件", version.id)
    _require(version.effective_from <= version.effective_to, "版本的失效日期早于生效日期", version.id)
    _require_storable(version, version.id)
    _require_unique([provision.id for provision in text.provisions], "条文编号重复", version.id)
    _require_unique([provision.ordinal for provision in text.provisions], "条文次序重复", version.id)
    _require_unique(text.documents, "同一文件列了两次", version.id)
    documents = set(text.documents)
    for provision in text.provisions:
        _require(provision.version_id == version.id, "条文不属于这个版本", provision.id)
        _require(len(provision.id) <= MAX_KEY, f"编号超过 {MAX_KEY} 字", provision.id[:MAX_KEY])
        _require(
            all(0 <= part <= MAX_NUMBER for part in provision.number or ()),
            "条号超出范围",
            f"{provision.id} {provision.label}",
        )
        place = provision.place
        _require(place is None or place.document_id in documents, "条文出自没有列出的文件", provision.id)
        _require_storable(provision, f"{provision.id} {provision.label}")


def _require(holds: bool, message: str, place: str) -> None:
    if not holds:
        raise BadInputError(
            "bundle_invalid", message, place=place, way_out="请核对来源文件或解析结果；没有保存任何内容"
        )


def _require_unique(values: Sequence[object], message: str, place: str) -> None:
    _require(len(set(values)) == len(values), message, place)


def _require_storable(record: Work | Version | Provision, place: str) -> None:
    """Checked here and not only by the columns, so that the error names the record."""
    for name in record.__dataclass_fields__:
        value = getattr(record, name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                require_storable(text, place)
