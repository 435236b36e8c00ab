"""Annexes, schedules and signatures behind the last article, told line by line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.parsers.statute_text import name_annex, read_annex_label

_ANNEX = re.compile(
    r"(?P<label>附[件表录图注]?(?: ?[0-9]{1,2}| ?[一二三四五六七八九十]{1,3})?)"
    r"(?:(?P<colon>[：:])|(?P<blank> )|(?P<end>$))(?P<title>.{0,80})"
)
_NUMBERED = re.compile(r"附[件表录图]")
_DAY = re.compile(
    r"(?:[0-9]{4}|[一二][零〇○一二三四五六七八九0]{3}|二[零〇○0]{2}[一-九]) ?年.{1,8}月.{1,8}日"
)
_BODY = re.compile(
    r"[\u4e00-\u9fff（）()、 ]{2,40}(?:法院|检察院|[部局署厅会府]|办公室|大会|国务院|银行|总队|公安部)"
)
_MAX_SIGNATURE = 8


def read_annex(text: str) -> str:
    """Label (附件一, 附表, 附) where ``text`` opens an annex, else empty.

    附则 and running words (附载作业人员 …) are none; 附件1 title and 附：title are.
    """
    label = read_annex_label(text)
    if label:
        return label
    match = _ANNEX.match(text)
    if match is None or text.rstrip().endswith(("。", "；")):
        return ""
    if match["blank"] and not _NUMBERED.match(text):
        return ""
    return match["label"].replace(" ", "")


def name_annex_block(lines: Sequence[str]) -> str:
    """Label of the block whose lines these are, with the annex's own title where it stands there."""
    label = read_annex(lines[0])
    if read_annex_label(lines[0]) == label:
        return name_annex(list(lines), 0)
    beside = lines[0][len(label) :].lstrip("：: ").partition("（")[0].strip()
    return f"{label} {beside}" if 2 <= len(beside) <= 40 and "。" not in beside else label


def count_signature(lines: Sequence[str]) -> int:
    """How many lines at the end of ``lines`` are signature and date, 0 when the text ends otherwise."""
    count = 0
    named = False
    for text in reversed(lines[-_MAX_SIGNATURE:]):
        bare = text.strip("（）() ")
        if _DAY.fullmatch(bare) and not named:
            count += 1
        elif _BODY.fullmatch(bare) and "，" not in bare:
            count += 1
            named = True
        else:
            break
    if count == len(lines):
        return 0
    before = lines[len(lines) - count - 1]
    return count if before.endswith(("。", "”", "）", "；")) else 0
