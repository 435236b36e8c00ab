"""``lawkb verify``: the citations of a text or a file, each with its verdict."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Any

import typer

from api.citation_schemas import CitationsAnswer
from kb.answer.verify import MAX_CHARS, CheckedCitation, CitationVerifier, Verdict
from kb.cli import compose
from kb.clock import today
from kb.errors import BadInputError
from kb.settings import get_settings

MAX_BYTES = 4 * MAX_CHARS
STDIN = "-"
_LONGEST_NAME = 1_000
"""Longer arguments are text: no system has file names like that."""


def read_text(argument: str) -> str:
    """The text itself, or what stands in the file of that name or on standard input (``-``).

    Raises BadInputError ``text_empty``, ``text_too_long``, ``file_unreadable`` or ``text_malformed``.
    """
    if argument == STDIN:
        return _decode(sys.stdin.buffer.read(MAX_BYTES + 1), "标准输入")
    path = _as_file(argument)
    if path is None:
        text = argument
    else:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise BadInputError(
                "file_unreadable",
                "文件不能读取",
                place=str(path),
                way_out="检查文件是否存在、是否有读取权限",
            ) from error
        text = _decode(data, str(path))
    if not text.strip():
        raise BadInputError("text_empty", "没有要核对的文字", way_out='例如：lawkb verify "民法典第1254条"')
    return text


def _as_file(argument: str) -> Path | None:
    """The file that an argument names; None when it is the text itself."""
    if not argument.strip() or len(argument) > _LONGEST_NAME or "\n" in argument or "\0" in argument:
        return None
    path = Path(argument)
    try:
        if path.is_dir():
            raise BadInputError(
                "file_unreadable", "这是一个目录", place=argument, way_out="请给出一个文本文件"
            )
        if path.is_file():
            return path
    except (OSError, ValueError):
        return None
    if os.sep in argument and "。" not in argument and path.suffix in (".txt", ".md", ".text"):
        raise BadInputError("file_unreadable", "没有这个文件", place=argument, way_out="请核对文件名")
    return None


def _decode(data: bytes, place: str) -> str:
    if len(data) > MAX_BYTES:
        raise BadInputError(
            "text_too_long",
            f"文字太长，最多 {MAX_CHARS} 个字",
            place=place,
            way_out="请分成几段核对",
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInputError(
        "text_malformed",
        "文件不是文本，或编码无法识别",
        place=place,
        way_out="请保存为 UTF-8 编码的纯文本；Word 和 PDF 请先另存为文本",
    )


def verify_argument(argument: str, as_of: str | None) -> tuple[list[CheckedCitation], dt.date]:
    """Check the text or file ``argument`` on the day ``as_of`` (default today)."""
    day = compose.parse_day(as_of) or today()
    text = read_text(argument)
    settings = get_settings()
    compose.prepare_paths(settings)
    database = compose.open_database(settings)
    try:
        return CitationVerifier(database).verify(text, day), day
    finally:
        database.close()


def as_json(checked: list[CheckedCitation], day: dt.date) -> dict[str, Any]:
    """The same JSON as ``POST /api/v1/citations/verify``."""
    answer: dict[str, Any] = CitationsAnswer.of(checked, day).model_dump(mode="json")
    return answer


_COLOURS = {Verdict.IN_FORCE: typer.colors.GREEN, Verdict.OUTSIDE_HOLDINGS: typer.colors.YELLOW}


def print_checked(checked: list[CheckedCitation], day: dt.date) -> None:
    """Verdicts for a person at a terminal."""
    for place, one in enumerate(checked, start=1):
        verdict = typer.style(f"[{one.verdict_label}]", fg=_COLOURS.get(one.verdict, typer.colors.RED))
        text = " ".join(one.text.split())
        typer.echo(f"{place}. {typer.style(text, bold=True)} {verdict} {one.reason}")
    if not checked:
        typer.echo("没有找到法律引用。")
        return
    counts = {verdict: sum(one.verdict is verdict for one in checked) for verdict in Verdict}
    labels = {one.verdict: one.verdict_label for one in checked}
    told = "，".join(f"{labels[verdict]} {count}" for verdict, count in counts.items() if count)
    typer.echo(f"共 {len(checked)} 处引用：{told}（依据 {day} 的法律）")
