"""Documents for parser tests: text and tables as the real readers give them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ingest.lines import ReadDocument
from ingest.readers.dispatch import read_bytes


def read_text(text: str, name: str = "示例.txt") -> ReadDocument:
    return read_bytes(text.encode(), name)


def read_table(header: Sequence[str], *rows: Sequence[str], name: str = "名录.csv") -> ReadDocument:
    written = io.StringIO()
    csv.writer(written).writerows([header, *rows])
    return read_bytes(written.getvalue().encode(), name)
