"""Our own static files: style sheets joined into one, icons; served from memory under a digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file as served: ``digest`` changes whenever a byte does."""

    name: str
    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """Twelve hex digits of SHA-256."""
        return hashlib.sha256(self.content).hexdigest()[:12]

    @property
    def url(self) -> str:
        """Address that may be cached for ever."""
        return f"/static/{self.name}?v={self.digest}"


@lru_cache(maxsize=1)
def load_assets() -> dict[str, Asset]:
    """Every asset by name. ``styles/*.css`` become one ``site.css``, in the order of their names."""
    sheets = sorted((STATIC / "styles").glob("*.css"))
    joined = b"\n".join(sheet.read_bytes() for sheet in sheets)
    assets = [Asset("site.css", joined, _MEDIA_TYPES[".css"])]
    assets += [
        Asset(path.name, path.read_bytes(), _MEDIA_TYPES[path.suffix])
        for path in sorted(STATIC.glob("*.svg"))
    ]
    return {asset.name: asset for asset in assets}
