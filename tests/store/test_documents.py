"""Files as they came, and those that did not go in."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest

from kb.domain.documents import Document, DocumentFinding, QuarantineEntry
from kb.domain.works import WorkKind
from kb.errors import BadInputError, NotFoundError
from kb.store.database import Connection
from kb.store.documents import (
    get_document,
    held_documents,
    list_documents,
    list_quarantine,
    prune_documents,
    quarantine_files,
    read_document,
    save_document,
)
from kb.store.works import save_bundle, save_source
from tests.store.records import SOURCE, make_bundle, make_version, make_work

CONTENT = "# 某条例\n第一条 ⽇常\x00\n".encode() * 500
MOMENT = dt.datetime(2026, 9, 1, 8, 30, tzinfo=dt.UTC)
FILE = Document(
    id=hashlib.sha256(CONTENT).hexdigest(),
    name="条例/某条例.md",
    format="markdown",
    kind=WorkKind.STATUTE,
    source_id=SOURCE.id,
    retrieved_at=MOMENT,
    size=len(CONTENT),
    findings=(DocumentFinding("header_outdated", "标题说明较旧", 3, lost=True),),
)


def test_a_file_comes_back_byte_for_byte(writing: Connection) -> None:
    assert save_document(writing, FILE, CONTENT)
    assert get_document(writing, FILE.id) == FILE
    assert read_document(writing, FILE.id) == CONTENT
    assert list_documents(writing) == list_documents(writing, SOURCE.id) == (FILE,)
    assert held_documents(writing, [FILE.id, "0" * 64]) == {FILE.id}
    with pytest.raises(NotFoundError) as caught:
        read_document(writing, "0" * 64)
    assert caught.value.code == "document_not_found"


def test_the_same_bytes_again_keep_their_first_name(writing: Connection) -> None:
    save_document(writing, FILE, CONTENT)
    save_source(writing, replace(SOURCE, id="other"))
    copy = replace(FILE, name="copy.md", source_id="other", findings=())
    assert not save_document(writing, copy, CONTENT)
    assert get_document(writing, FILE.id) == replace(FILE, findings=())


def test_a_wrong_digest_is_refused(writing: Connection) -> None:
    for wrong in (replace(FILE, id="0" * 64), replace(FILE, size=1)):
        with pytest.raises(BadInputError) as caught:
            save_document(writing, wrong, CONTENT)
        assert caught.value.code == "document_digest"


def test_what_nothing_was_read_from_can_be_dropped(writing: Connection) -> None:
    others = [b"used", b"kept", b"loose"]
    made = [replace(FILE, id=hashlib.sha256(data).hexdigest(), size=len(data)) for data in others]
    for document, data in zip(made, others, strict=True):
        save_document(writing, document, data)
    work = make_work()
    text = replace(make_version(work, "2020-01-01"), documents=(made[0].id,))
    save_bundle(writing, make_bundle(work, text))
    assert prune_documents(writing, SOURCE.id, [made[1].id]) == 1
    assert held_documents(writing, [one.id for one in made]) == {made[0].id, made[1].id}


def entry(file: str, line: int, reason: str, sha256: str = "a" * 64) -> QuarantineEntry:
    return QuarantineEntry("folder", file, line, "unread_line", reason, MOMENT, sha256)


def test_quarantine_is_cleared_when_the_file_goes_in(writing: Connection) -> None:
    first, second, third = entry("a.md", 3, "读不懂"), entry("a.md", 9, "也读不懂"), entry("b.pdf", 0, "加密")
    quarantine_files(writing, "folder", ["a.md", "b.pdf"], [third, first, second])
    assert list_quarantine(writing) == (first, second, third)
    # The same again keeps its moment.
    later = [replace(one, at=MOMENT + dt.timedelta(days=1)) for one in (first, second, third)]
    quarantine_files(writing, "folder", ["a.md", "b.pdf"], later)
    assert list_quarantine(writing, "folder") == (first, second, third)
    # Other bytes are another event.
    changed = replace(later[2], sha256="b" * 64)
    quarantine_files(writing, "folder", ["a.md", "b.pdf"], [changed])
    assert list_quarantine(writing) == (changed,)
    quarantine_files(writing, "another", ["b.pdf"], [])
    assert list_quarantine(writing) == (changed,)
    quarantine_files(writing, "folder", ["b.pdf"], [])
    assert list_quarantine(writing) == ()
