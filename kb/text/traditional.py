"""Traditional characters as simplified ones, one for one, so that offsets stay.

The table comes from OpenCC; a character that it would write as several stays as it is.
"""

from __future__ import annotations

from functools import cache

FIRST, LAST = 0x3400, 0x9FFF


def simplify(text: str) -> str:
    """``text`` with every traditional character simplified; same length."""
    return text if text.isascii() else text.translate(_read_table())


@cache
def _read_table() -> dict[int, int]:
    from opencc import OpenCC

    codes = range(FIRST, LAST + 1)
    written = OpenCC("t2s").convert("\n".join(map(chr, codes))).split("\n")
    pairs = zip(codes, written, strict=True)
    return {code: ord(plain) for code, plain in pairs if len(plain) == 1 and ord(plain) != code}
