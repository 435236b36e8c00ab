"""Contacts that people leave to be called back: encrypted, read by few, kept for days.

The key is a file beside the database, never in it: whoever gets hold of the database or a copy of it reads no
contact. Reading goes on the audit trail, without the contact.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from kb.answer.audit import Auditor
from kb.clock import utc_now
from kb.domain.answers import TOPICS
from kb.domain.editing import Actor, Role
from kb.domain.feedback import MAX_CONTACT, MAX_NOTE, CallbackRequest, SealedCallback
from kb.errors import BadInputError, ConflictError, ForbiddenError, StoreError
from kb.store import feedback as store
from kb.store.database import Database

KEY_FILE = "contact.key"
FOLDER = "contacts"
"""Under the data directory."""


class ContactKey:
    """The key in ``folder``, made there when the first contact is left; readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or written yet."""
        self._path = folder / KEY_FILE

    def seal(self, text: str) -> str:
        """``text`` encrypted. Raises StoreError ``contact_key_wrong`` for a file that holds no key."""
        if not self._path.exists():
            self._make()
        return self._open().encrypt(text.encode("utf-8")).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """The reverse of ``seal``. Raises StoreError ``contact_key_wrong``."""
        try:
            return self._open().decrypt(sealed.encode("ascii")).decode("utf-8")
        except InvalidToken:
            raise self._wrong() from None

    def _make(self) -> None:
        """Written aside and put in place at once: nobody reads half a key, and the first one stays."""
        fresh = self._path.with_name(f"{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(Fernet.generate_key())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, self._path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        except OSError as error:
            raise StoreError(
                "contact_key_unwritable",
                "不能建立联系方式的密钥文件，这条登记没有保存",
                place=str(self._path),
                way_out="检查数据目录的权限和磁盘空间",
            ) from error

    def _open(self) -> Fernet:
        try:
            return Fernet(self._path.read_bytes().strip())
        except (OSError, ValueError) as error:
            raise self._wrong() from error

    def _wrong(self) -> StoreError:
        return self.explain(())

    def explain(self, ids: Sequence[int]) -> StoreError:
        """The error for requests that the key does not open."""
        named = f"，编号 {'、'.join(map(str, ids))}" if ids else ""
        return StoreError(
            "contact_key_wrong",
            f"联系方式的密钥不对，登记的内容解不开{named}",
            place=str(self._path),
            way_out="从备份中找回原来的 contact.key；密钥确已丢失的，逐条用 lawkb callbacks close 办结，"
            "再把密钥文件移走，下一次登记时会生成新的",
        )


class CallbackDesk:
    """Takes contacts from anybody and gives them to whoever calls back."""

    def __init__(self, database: Database, auditor: Auditor, folder: Path, *, keep_days: int) -> None:
        """``folder`` holds the key; ``keep_days`` 0 takes no contacts."""
        self._database = database
        self._auditor = auditor
        self._key = ContactKey(folder)
        self._keep_days = keep_days

    def take(
        self, contact: str, *, consent: bool, topic: str = "", note: str = ""
    ) -> tuple[int, dt.datetime]:
        """Keep a contact; returns its id and until when it is kept.

        Raises BadInputError ``consent_missing``, ``contact_empty``, ``contact_too_long``, ``note_too_long``,
        ``topic_unknown``; ConflictError ``callbacks_off``; StoreError ``contact_key_wrong``,
        ``contact_key_unwritable``.
        """
        if not consent:
            raise consent_missing()
        contact, note = contact.strip(), note.strip()
        require_contact(contact, topic, note)
        if not self._keep_days:
            raise ConflictError(
                "callbacks_off",
                "这里不收回电登记",
                way_out="请直接拨打12348公共法律服务热线",
            )
        now = utc_now()
        until = now + dt.timedelta(days=self._keep_days)
        sealed = SealedCallback(
            at=now,
            topic=topic,
            contact_encrypted=self._key.seal(contact),
            note_encrypted=self._key.seal(note),
            due_until=until,
        )
        with self._database.writing() as connection:
            return store.add_callback(connection, sealed), until

    def list_open(self, actor: Actor) -> tuple[CallbackRequest, ...]:
        """Requests that nobody has dealt with, oldest first; that they were read goes on record.

        Raises ForbiddenError ``role_missing``; StoreError ``contact_key_wrong``, also when it is wrong for
        one of them only: otherwise somebody would wait for a call in vain.
        """
        _require_role(actor, "查看")
        with self._auditor.writing() as write:
            requests = self._unseal(store.list_callbacks(write.connection, now=utc_now()))
            if requests:
                write.record(actor.id, "callbacks_read", "callbacks", {"ids": [one.id for one in requests]})
        return requests

    def close(self, callback_id: int, actor: Actor) -> None:
        """Done with: contact and note are forgotten, which needs no key.

        Raises ForbiddenError ``role_missing``, NotFoundError ``callback_not_found``, ConflictError
        ``callback_closed``.
        """
        _require_role(actor, "办结")
        with self._auditor.writing() as write:
            store.close_callback(write.connection, callback_id, actor.id, utc_now())
            write.record(actor.id, "callback_closed", f"callback-{callback_id}", {})

    def _unseal(self, sealed: Sequence[SealedCallback]) -> tuple[CallbackRequest, ...]:
        opened, shut = [], []
        for one in sealed:
            try:
                contact, note = self._key.unseal(one.contact_encrypted), self._key.unseal(one.note_encrypted)
            except StoreError:
                shut.append(one.id)
                continue
            opened.append(CallbackRequest(one.id, one.at, one.topic, contact, note, one.due_until))
        if shut:
            raise self._key.explain(shut)
        return tuple(opened)


def consent_missing() -> BadInputError:
    """The error of a contact that is left without consent."""
    return BadInputError(
        "consent_missing",
        "没有同意保存联系方式，没有登记",
        place="consent",
        way_out="确认本人同意为回电保存联系方式后，把 consent 设为 true",
    )


def require_contact(contact: str, topic: str, note: str) -> None:
    """Raises BadInputError as ``CallbackDesk.take`` says."""
    if not any(char.isalnum() for char in contact):
        raise BadInputError(
            "contact_empty", "没有写联系方式", place="contact", way_out="写明电话或其他能联系上的方式"
        )
    for code, name, text, limit in (
        ("contact_too_long", "联系方式", contact, MAX_CONTACT),
        ("note_too_long", "备注", note, MAX_NOTE),
    ):
        if len(text) > limit:
            raise BadInputError(
                code,
                f"{name}超过 {limit} 个字",
                place=code.split("_")[0],
                way_out=f"请缩短到 {limit} 个字以内",
            )
    if topic and topic not in TOPICS:
        raise BadInputError(
            "topic_unknown",
            f"没有“{topic[:20]}”这个主题",
            place="topic",
            way_out=f"可用的主题：{'、'.join(TOPICS)}",
        )


def _require_role(actor: Actor, deed: str) -> None:
    if Role.CALLBACK not in actor.roles:
        raise ForbiddenError(
            "role_missing",
            f"{actor.name} 没有{deed}回电登记的权限",
            place=actor.id,
            way_out=f"需要的角色：{Role.CALLBACK.value}",
        )
