"""Saving works as they are read from a source: what changed, and what the indexes must follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from kb.domain.works import Provision, Source, Version, VersionedText, Work, WorkBundle
from kb.errors import BadInputError
from kb.store import outbox
from kb.store.columns import require_storable, utc_now
from kb.store.outbox import OutboxChange, OutboxOp
from kb.store.rows import (
    SOURCE_COLUMNS,
    VERSION_COLUMNS,
    WORK_COLUMNS,
    provision_from,
    provision_values,
    provisions_of,
    source_from,
    title_search,
    values_of,
    version_from,
    work_from,
)
from kb.store.tables import provisions, sources, versions, works

INDEXED_OF_WORK = ("kind", "title", "short_title", "region", "topic")
INDEXED_OF_VERSION = ("work_id", "effective_from", "effective_to")
INDEXED_OF_PROVISION = ("label", "path", "text")
"""Fields that an index point holds or that its vectors are made from; the others change SQL alone."""

MAX_TITLE = 500
MAX_KEY = 200
"""Characters. PostgreSQL refuses index entries past 2,704 bytes, and a longer title is a whole document
that a parser took for one."""
MAX_NUMBER = 99_999


@dataclass(frozen=True)
class Tally:
    """How many records of one sort were added, changed, removed or left as they were."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
            self.unchanged + other.unchanged,
        )

    @property
    def is_noop(self) -> bool:
        """Whether nothing was written."""
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True)
class SaveSummary:
    """What saving did.

    ``rewritten_versions`` are ids of versions whose text is no longer the one first held under the
    same id: a source corrected itself, or two texts claim one day. ``outbox_rows`` is what the
    indexes have to follow.
    """

    works: Tally = field(default_factory=Tally)
    versions: Tally = field(default_factory=Tally)
    provisions: Tally = field(default_factory=Tally)
    outbox_rows: int = 0
    rewritten_versions: tuple[str, ...] = ()

    def __add__(self, other: SaveSummary) -> SaveSummary:
        """Both together, for a run over many works."""
        return SaveSummary(
            self.works + other.works,
            self.versions + other.versions,
            self.provisions + other.provisions,
            self.outbox_rows + other.outbox_rows,
            self.rewritten_versions + other.rewritten_versions,
        )

    @property
    def is_noop(self) -> bool:
        """Whether nothing was written."""
        return self.works.is_noop and self.versions.is_noop and self.provisions.is_noop


def save_source(connection: sa.Connection, source: Source) -> bool:
    """Write ``source`` and return whether anything was new in it."""
    row = connection.execute(sa.select(*SOURCE_COLUMNS).where(sources.c.id == source.id)).one_or_none()
    if row is not None and source_from(row) == source:
        return False
    values = {**values_of(source), "updated_at": utc_now()}
    if row is None:
        connection.execute(sa.insert(sources), values)
    else:
        connection.execute(sa.update(sources).where(sources.c.id == source.id).values(values))
    return True


def save_bundle(connection: sa.Connection, bundle: WorkBundle) -> SaveSummary:
    """Make the store hold ``bundle`` and put what an index must follow on the outbox.

    A version that the same source gave before and that is no longer in ``bundle`` is removed;
    versions from other sources stay. Saving the same bundle again writes nothing. All of it belongs
    to the caller's transaction.

    Raises:
        BadInputError: ``bundle_invalid`` when the bundle contradicts itself (the place names the
            record), ``source_unknown`` when its source was not saved before, ``text_not_storable``.
    """
    check_bundle(bundle)
    # Before the first read: two savers of one work must see each other's rows.
    outbox.hold_order(connection)
    known = connection.execute(sa.select(sources.c.id).where(sources.c.id == bundle.source_id))
    if known.one_or_none() is None:
        raise BadInputError(
            "source_unknown",
            "记录的来源还没有登记",
            place=bundle.source_id,
            way_out="请先保存来源，再保存其中的文件",
        )
    work = bundle.work
    changes = _Changes(work.id)
    work_tally, work_reindex = _save_work(connection, work)
    held = {
        row[0]: (version_from(row[:-1]), row[-1])
        for row in connection.execute(
            sa.select(*VERSION_COLUMNS, versions.c.source_id).where(versions.c.work_id == work.id)
        )
    }
    version_tally, provision_tally, rewritten = Tally(), Tally(), list[str]()
    for text in bundle.versions:
        before = held.pop(text.version.id, None)
        row_changed, reindex = _save_version(connection, text.version, bundle.source_id, before)
        tally, text_changed = _save_provisions(connection, text, reindex or work_reindex, changes)
        provision_tally += tally
        if before is None:
            version_tally += Tally(added=1)
        elif row_changed or not tally.is_noop:
            version_tally += Tally(changed=1)
        else:
            version_tally += Tally(unchanged=1)
        if before is not None and (text_changed or before[0].text_sha256 != text.version.text_sha256):
            rewritten.append(text.version.id)
    for version, source_id in held.values():
        if source_id == bundle.source_id:
            provision_tally += _remove_version(connection, version.id, changes)
            version_tally += Tally(removed=1)
        elif work_reindex:
            changes.put(OutboxOp.UPSERT, version.id, _ids_in(connection, version.id))
    return SaveSummary(
        work_tally, version_tally, provision_tally, changes.append_to(connection), tuple(rewritten)
    )


def remove_work(connection: sa.Connection, work_id: str, *, source_id: str | None = None) -> SaveSummary:
    """Remove a work with its versions; unknown ids remove nothing.

    With ``source_id`` only what that source gave: the work itself goes when no other source holds a
    version of it.
    """
    outbox.hold_order(connection)
    changes = _Changes(work_id)
    version_tally, provision_tally = Tally(), Tally()
    held = sa.select(versions.c.id, versions.c.source_id).where(versions.c.work_id == work_id)
    left = False
    for version_id, from_source in connection.execute(held.order_by(versions.c.id)).all():
        if source_id is not None and from_source != source_id:
            left = True
            continue
        provision_tally += _remove_version(connection, version_id, changes)
        version_tally += Tally(removed=1)
    removed = 0
    if not left:
        removed = connection.execute(sa.delete(works).where(works.c.id == work_id)).rowcount
    return SaveSummary(Tally(removed=removed), version_tally, provision_tally, changes.append_to(connection))


class _Changes:
    """What the indexes must follow, each provision and version once, in the order it was met."""

    def __init__(self, work_id: str) -> None:
        self._work_id = work_id
        self._ops: dict[tuple[str, str], OutboxOp] = {}

    def put(self, op: OutboxOp, version_id: str, provision_ids: Iterable[str]) -> None:
        self._ops.update(((provision_id, version_id), op) for provision_id in provision_ids)

    def append_to(self, connection: sa.Connection) -> int:
        return outbox.append(
            connection,
            [OutboxChange(op, *key, work_id=self._work_id) for key, op in self._ops.items()],
        )


def _differs(before: object, after: object, names: Iterable[str]) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _save_work(connection: sa.Connection, work: Work) -> tuple[Tally, bool]:
    """Write the row; also whether the index must follow for all its provisions."""
    row = connection.execute(sa.select(*WORK_COLUMNS).where(works.c.id == work.id)).one_or_none()
    before = None if row is None else work_from(row)
    if before == work:
        return Tally(unchanged=1), False
    values = {**values_of(work), "title_search": title_search(work), "updated_at": utc_now()}
    if before is None:
        connection.execute(sa.insert(works), {**values, "created_at": values["updated_at"]})
        return Tally(added=1), False
    connection.execute(sa.update(works).where(works.c.id == work.id).values(values))
    return Tally(changed=1), _differs(before, work, INDEXED_OF_WORK)


def _save_version(
    connection: sa.Connection, version: Version, source_id: str, held: tuple[Version, str] | None
) -> tuple[bool, bool]:
    """Write the row; whether it changed, and whether the index must follow for all its provisions."""
    if held == (version, source_id):
        return False, False
    values = {**values_of(version), "source_id": source_id, "updated_at": utc_now()}
    if held is None:
        connection.execute(sa.insert(versions), {**values, "created_at": values["updated_at"]})
        return True, False
    connection.execute(sa.update(versions).where(versions.c.id == version.id).values(values))
    return True, _differs(held[0], version, INDEXED_OF_VERSION)


def _save_provisions(
    connection: sa.Connection, text: VersionedText, reindex: bool, changes: _Changes
) -> tuple[Tally, bool]:
    """Write the rows that differ; also whether any text is not what it was."""
    version_id = text.version.id
    held = {
        provision.id: provision
        for provision in map(provision_from, connection.execute(provisions_of(version_id)))
    }
    added: list[Provision] = []
    changed: list[Provision] = []
    to_index: list[str] = []
    text_changed = False
    for provision in text.provisions:
        before = held.pop(provision.id, None)
        if before is None:
            added.append(provision)
        elif before != provision:
            changed.append(provision)
            text_changed = text_changed or before.text != provision.text
        if before is None or reindex or _differs(before, provision, INDEXED_OF_PROVISION):
            to_index.append(provision.id)
    _delete_provisions(connection, version_id, held)
    if changed:
        _delete_provisions(connection, version_id, [provision.id for provision in changed])
    if added or changed:
        connection.execute(
            sa.insert(provisions), [provision_values(provision) for provision in (*added, *changed)]
        )
    changes.put(OutboxOp.DELETE, version_id, held)
    changes.put(OutboxOp.UPSERT, version_id, to_index)
    unchanged = len(text.provisions) - len(added) - len(changed)
    tally = Tally(added=len(added), changed=len(changed), removed=len(held), unchanged=unchanged)
    return tally, text_changed or bool(added or held)


def _delete_provisions(connection: sa.Connection, version_id: str, ids: Iterable[str]) -> None:
    rows = [{"version": version_id, "provision": id_} for id_ in ids]
    if rows:
        statement = sa.delete(provisions).where(
            provisions.c.version_id == sa.bindparam("version"),
            provisions.c.provision_id == sa.bindparam("provision"),
        )
        connection.execute(statement, rows)


def _ids_in(connection: sa.Connection, version_id: str) -> list[str]:
    ids = sa.select(provisions.c.provision_id).where(provisions.c.version_id == version_id)
    return list(connection.execute(ids.order_by(provisions.c.ordinal)).scalars())


def _remove_version(connection: sa.Connection, version_id: str, changes: _Changes) -> Tally:
    ids = _ids_in(connection, version_id)
    changes.put(OutboxOp.DELETE, version_id, ids)
    connection.execute(sa.delete(provisions).where(provisions.c.version_id == version_id))
    connection.execute(sa.delete(versions).where(versions.c.id == version_id))
    return Tally(removed=len(ids))


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
        version = text.version
        _require(len(version.id) <= MAX_KEY, f"编号超过 {MAX_KEY} 字", version.id[:MAX_KEY])
        _require(version.work_id == work.id, "版本不属于这部文件", version.id)
        _require(version.effective_from <= version.effective_to, "版本的失效日期早于生效日期", version.id)
        _require_storable(version, version.id)
        _require_unique([provision.id for provision in text.provisions], "条文编号重复", version.id)
        _require_unique([provision.ordinal for provision in text.provisions], "条文次序重复", version.id)
        for provision in text.provisions:
            _require(provision.version_id == version.id, "条文不属于这个版本", provision.id)
            _require(len(provision.id) <= MAX_KEY, f"编号超过 {MAX_KEY} 字", provision.id[:MAX_KEY])
            _require(
                all(0 <= part <= MAX_NUMBER for part in provision.number or ()),
                "条号超出范围",
                f"{provision.id} {provision.label}",
            )
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
