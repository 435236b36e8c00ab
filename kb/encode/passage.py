"""What the dense encoder reads for a provision: short title, headings, text.

Training and indexing must agree on this to the letter, so both call ``passage_text``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMBERED_HEADING = re.compile(r"^第[零〇一二三四五六七八九十百千0-9]+(?:编|分编|章|节)\s*")
STATE_NAME = "中华人民共和国"


def short_title(title: str) -> str:
    """``中华人民共和国劳动合同法`` -> ``劳动合同法``; other titles stay."""
    return title.removeprefix(STATE_NAME) if title != STATE_NAME else title


def passage_text(title: str, headings: Sequence[str], text: str) -> str:
    """One line: ``劳动法 工资：工资应当以货币形式……`` (the E5 prompt is added by the encoder).

    ``headings`` run from the outermost to the innermost; their numbers carry no meaning and go.
    """
    names = [NUMBERED_HEADING.sub("", heading).replace("\u3000", "").replace(" ", "") for heading in headings]
    head = " ".join([short_title(title), *(name for name in names if name)])
    return f"{head}：{' '.join(text.split())}"
