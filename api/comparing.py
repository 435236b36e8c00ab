"""新旧对照 of two versions of a work, read from one snapshot."""

from __future__ import annotations

import re
from dataclasses import dataclass

from api.catalogue import Shelf, shelf_in
from api.fields import VERSION_ID
from kb.domain.comparison import Comparison
from kb.domain.works import Version
from kb.errors import BadInputError, NotFoundError
from kb.store.database import Database
from kb.store.works import list_provisions
from kb.text.comparison import compare_versions


@dataclass(frozen=True)
class ComparedTexts:
    """Two texts of a work side by side; ``old`` is the one that began earlier."""

    shelf: Shelf
    old: Version
    new: Version
    comparison: Comparison


def read_comparison(database: Database, work_id: str, old: str | None, new: str | None) -> ComparedTexts:
    """The two versions named, by default the two newest texts, in the order of their starts.

    Raises NotFoundError (``work_not_found``, ``version_not_found``, ``one_version_only``) and BadInputError
    ``versions_same``.
    """
    with database.reading() as connection:
        shelf = shelf_in(connection, work_id)
        before, after = choose_pair(shelf, old, new)
        texts = list_provisions(connection, before.id), list_provisions(connection, after.id)
    return ComparedTexts(shelf, before, after, compare_versions(*texts))


def choose_pair(shelf: Shelf, old: str | None, new: str | None) -> tuple[Version, Version]:
    """The versions to compare: what is not named is the newest, or the one before the other."""
    after = _named(shelf, new) if new else None
    before = _named(shelf, old) if old else None
    if before is not None and after is not None and before.id == after.id:
        raise BadInputError(
            "versions_same",
            "新旧两个版本是同一个",
            place="old、new",
            way_out="请选择两个不同的版本",
        )
    others = [one for one in shelf.versions if one.id not in {each.id for each in (before, after) if each}]
    if after is None and others:
        after = others.pop()
    if before is None:
        earlier = [one for one in others if after and _start(one) <= _start(after)] or others
        before = earlier[-1] if earlier else None
    if before is None or after is None:
        raise NotFoundError(
            "one_version_only",
            f"《{shelf.work.title}》只有一个版本，没有可以对照的文本",
            place=shelf.work.id,
            way_out=f"全文见 /works/{shelf.work.id}",
        )
    first, second = sorted((before, after), key=_start)
    return first, second


def _start(version: Version) -> tuple[object, ...]:
    return version.effective_from, version.version_date, version.id


def _named(shelf: Shelf, version_id: str) -> Version:
    for version in (*shelf.versions, *shelf.superseded):
        if version.id == version_id:
            return version
    raise NotFoundError(
        "version_not_found",
        f"《{shelf.work.title}》没有这个版本",
        place=version_id if re.fullmatch(VERSION_ID, version_id) else "版本编号",
        way_out=f"各版本见 /api/v1/works/{shelf.work.id}/versions",
    )
