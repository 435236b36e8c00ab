"""Secrets of the second step, encrypted with a key beside the database and never in it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from kb.errors import StoreError

KEY_FILE = "totp.key"
FOLDER = "access"
"""Under the data directory."""


class SecretKey:
    """The key in ``folder``, made there at first use; readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or written yet."""
        self._path = folder / KEY_FILE

    def seal(self, text: str) -> str:
        """``text`` encrypted. Raises StoreError ``totp_key_wrong``, ``totp_key_unwritable``."""
        if not self._path.exists():
            self._make()
        return self._open().encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """The reverse of ``seal``. Raises StoreError ``totp_key_wrong``."""
        try:
            return self._open().decrypt(sealed.encode("ascii")).decode()
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
                "totp_key_unwritable",
                "不能建立两步验证的密钥文件",
                place=str(self._path),
                way_out="检查数据目录的权限和磁盘空间",
            ) from error

    def _open(self) -> Fernet:
        try:
            return Fernet(self._path.read_bytes().strip())
        except (OSError, ValueError) as error:
            raise self._wrong() from error

    def _wrong(self) -> StoreError:
        return StoreError(
            "totp_key_wrong",
            "两步验证的密钥不对，不能核对验证码",
            place=str(self._path),
            way_out="从备份中找回 totp.key；确已丢失的，用 lawkb accounts reset 让各人重新设置",
        )
