"""What is kept of a conversation: a few turns, in a token that the caller holds and only we can make.

Nothing is stored on the server. A turn keeps the question with personal data masked, the answer given, the
facts stated and what was asked back; messages about danger are never kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kb.errors import NotFoundError, StoreError
from kb.text.masking import mask_personal

MAX_TURNS = 4
MAX_TEXT = 200
MAX_TOKEN = 8_000
MAX_PLAIN = 16_000
KEY_BYTES = 32
TAG_BYTES = 16
KEY_FILE = "conversation.key"
_VERSION = 1


@dataclass(frozen=True)
class Turn:
    """One question and what came of it.

    ``text`` is the question that a follow-up is read with, ``said`` the message itself. ``facts`` are gates
    with choices, by id; ``gate`` is the gate that was asked back; ``offered`` are answers of which the caller
    was to choose.
    """

    text: str
    said: str = ""
    answer: str = ""
    topic: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    gate: str = ""
    offered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """Turns, oldest first."""

    turns: tuple[Turn, ...] = ()

    @property
    def last(self) -> Turn | None:
        """The turn before this one."""
        return self.turns[-1] if self.turns else None

    def texts_about(self, answer: str) -> tuple[str, ...]:
        """Messages of the latest turns without a break that led to ``answer``, oldest first."""
        texts: list[str] = []
        for turn in reversed(self.turns):
            if turn.answer != answer and answer not in turn.offered:
                break
            texts.append(turn.said or turn.text)
        return tuple(reversed(texts))

    def add(self, turn: Turn) -> Conversation:
        """With one turn more, the oldest forgotten; its text is masked and cut."""
        said = mask_personal(turn.said)[:MAX_TEXT] if turn.said != turn.text else ""
        kept = replace(turn, text=mask_personal(turn.text)[:MAX_TEXT], said=said)
        return Conversation((*self.turns, kept)[-MAX_TURNS:])


NEW = Conversation()


class TokenMaker:
    """Writes and reads tokens with a key of this installation."""

    def __init__(self, key: bytes, life_seconds: int) -> None:
        """``life_seconds`` after it was made a token is refused."""
        self._key = key
        self._life = life_seconds

    def write(self, conversation: Conversation, now: float) -> str:
        """The token of ``conversation`` at ``now`` (seconds since 1970)."""
        plain = {"v": _VERSION, "at": int(now), "turns": [_plain_turn(turn) for turn in conversation.turns]}
        packed = zlib.compress(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode("utf-8"), 9)
        return f"{_encode(packed)}.{_encode(self._sign(packed))}"

    def read(self, token: str, now: float) -> Conversation:
        """The conversation in ``token``.

        Raises NotFoundError ``conversation_invalid`` for what this service did not make, and
        ``conversation_expired``.
        """
        if not token:
            return NEW
        if len(token) > MAX_TOKEN:
            raise _invalid()
        head, _, tail = token.partition(".")
        try:
            packed, tag = _decode(head), _decode(tail)
        except (ValueError, binascii.Error):
            raise _invalid() from None
        # Base64 has several spellings of the same bytes; only the one that we write is ours.
        if token != f"{_encode(packed)}.{_encode(tag)}" or not hmac.compare_digest(self._sign(packed), tag):
            raise _invalid()
        plain = json.loads(zlib.decompressobj().decompress(packed, MAX_PLAIN))
        if plain.get("v") != _VERSION or not -300 <= now - plain["at"] <= self._life:
            raise NotFoundError(
                "conversation_expired",
                "这段对话隔得太久了，前面说过的内容没有保留",
                place="conversation",
                way_out="请把问题完整地再问一遍，不带 conversation",
            )
        return Conversation(tuple(_read_turn(turn) for turn in plain["turns"]))

    def _sign(self, packed: bytes) -> bytes:
        return hmac.new(self._key, b"lawkb-conversation\n" + packed, hashlib.sha256).digest()[:TAG_BYTES]


def open_key(folder: Path) -> bytes:
    """The key of this installation, made at the first call; readable by its owner only.

    Raises StoreError ``key_unusable``.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
            try:
                os.link(fresh, path)  # whoever is first wins, and nobody reads half a key
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        key = path.read_bytes()
    except OSError as error:
        raise _unusable(path) from error
    if len(key) != KEY_BYTES:
        raise _unusable(path)
    return key


def _unusable(path: Path) -> StoreError:
    return StoreError(
        "key_unusable",
        "对话令牌的密钥文件不能使用",
        place=str(path),
        way_out="检查数据目录的权限；删掉这个文件会重新生成，只是进行中的对话要重新开始",
    )


def _plain_turn(turn: Turn) -> dict[str, Any]:
    plain = {
        "t": turn.text,
        "s": turn.said,
        "a": turn.answer,
        "k": turn.topic,
        "f": dict(turn.facts),
        "g": turn.gate,
        "o": list(turn.offered),
    }
    return {name: value for name, value in plain.items() if value}


def _read_turn(plain: Mapping[str, Any]) -> Turn:
    return Turn(
        text=plain.get("t", ""),
        said=plain.get("s", ""),
        answer=plain.get("a", ""),
        topic=plain.get("k", ""),
        facts=dict(plain.get("f", {})),
        gate=plain.get("g", ""),
        offered=tuple(plain.get("o", ())),
    )


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _invalid() -> NotFoundError:
    return NotFoundError(
        "conversation_invalid",
        "对话令牌不是本服务发出的，或者被改动过",
        place="conversation",
        way_out="请原样使用上一次回答给出的 conversation；也可以不带它，把问题重新问一遍",
    )
