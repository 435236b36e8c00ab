"""Passwords: Argon2id, and one-time passwords that a person can type."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

AT_ONCE = 4
"""Each check takes 64 MiB: more at once would let anybody fill the memory."""
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 5, 4


class Passwords:
    """Hashes and checks; a check takes the same work whether or not there is anything to check against."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """``hasher`` for tests that need less work."""
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        assert self._hasher.type is Type.ID
        self._gate = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = self.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """The hash with its salt and parameters."""
        with self._gate:
            return self._hasher.hash(password)

    def check(self, password: str, hashed: str | None) -> bool:
        """Whether ``password`` belongs to ``hashed``; None is nobody's, checked at the same length."""
        with self._gate:
            try:
                right = self._hasher.verify(hashed or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return right and hashed is not None

    def is_old(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)


def make_one_time() -> str:
    """A password of 99 bits, read out without mistakes."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
