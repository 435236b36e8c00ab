"""Rows of tables, as lines with cells and as records of a register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.lines import Line
from kb.errors import SourceError
from kb.text.normalise import normalise


def row_line(cells: Iterable[str], number: int, *, page: int = 0, bold: bool = False) -> Line | None:
    """A table row as a line; None when all its cells are empty.

    A row with one cell in use becomes a plain paragraph.
    """
    raws = list(cells)
    texts = [" ".join(normalise(raw).text.split()) for raw in raws]
    filled = [index for index, text in enumerate(texts) if text]
    if not filled:
        return None
    if len(filled) == 1:
        return Line.of(raws[filled[0]], number, page=page, bold=bold)
    raw = " ".join(raws)
    return Line(" ".join(text for text in texts if text), raw, number, page, bold=bold, cells=tuple(texts))


def clean_value(text: str) -> str:
    """One field of a register: normalised, line breaks kept, nothing around it."""
    return normalise(text).text.strip()


def clean_header(cells: Sequence[str], place: str) -> tuple[str, ...]:
    """Field names of a table, trailing empty ones dropped.

    Raises SourceError ``table_header_missing`` or ``table_header_repeated``.
    """
    names = [clean_value(cell).replace("\n", "") for cell in cells]
    while names and not names[-1]:
        names.pop()
    way_out = "请让第一行是字段名，每列一个，不空不重复"
    if not names or not all(names):
        empty = names.index("") + 1 if names else 1
        raise SourceError(
            "table_header_missing", f"表头第 {empty} 列没有字段名", place=place, way_out=way_out
        )
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SourceError(
                "table_header_repeated", f"表头的字段名重复：{name[:40]}", place=place, way_out=way_out
            )
        seen.add(name)
    return tuple(names)


def fit_to_header(cells: Sequence[str], header: Sequence[str], place: str) -> dict[str, str]:
    """Fields of one row by name; missing cells at its end are empty.

    Raises SourceError ``table_columns_wrong`` for a row with more filled cells than the header.
    """
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    if extra:
        raise SourceError(
            "table_columns_wrong",
            f"这一行有 {len(cells)} 列，表头只有 {len(header)} 列，整个文件未导入",
            place=place,
            way_out="请核对这一行的分隔符和引号（文字里的逗号须放在引号内），改正后重新导入",
        )
    padded = [*cells[: len(header)], *[""] * (len(header) - len(cells))]
    return {name: clean_value(cell) for name, cell in zip(header, padded, strict=True)}
