"""What the DOCX reader dropped, mended or moved, gathered while it reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.lines import Finding

SAMPLE_CHARS = 60

# code: (Chinese message, whether content of the file was lost)
_MESSAGES = {
    "contents_dropped": ("目录不是正文，已略去 {count} 段", False),
    "numbering_restored": ("{count} 段的编号由自动编号还原", False),
    "tracked_insertions_kept": ("含修订痕迹：采用插入的文字 {count} 处", False),
    "tracked_deletions_dropped": ("含修订痕迹：已标为删除的文字 {count} 处不采用", True),
    "hidden_text_dropped": ("隐藏或看不见的文字 {count} 处不采用", True),
    "text_boxes_moved": ("文本框 {count} 个，文字放在所在段落之后", False),
    "footnotes_dropped": ("脚注或尾注 {count} 个不列入正文", True),
    "comments_dropped": ("批注 {count} 条不列入正文", False),
    "header_footer_dropped": ("页眉页脚 {count} 个不列入正文", False),
    "macros_ignored": ("含宏代码，未运行", False),
    "external_links_ignored": ("含外部链接 {count} 个，未访问", False),
    "pictures_not_read": ("图片 {count} 张，其中的文字不能读取", True),
    "objects_not_read": ("嵌入对象 {count} 个，其中的内容不能读取", True),
    "formulas_flattened": ("公式 {count} 个按一行文字读取", False),
    "symbols_dropped": ("符号字体中的字符 {count} 个无法辨认，已略去", True),
    "bullets_dropped": ("{count} 段的项目符号不列入正文", False),
    "field_unclosed": ("目录域没有结束标记，其后的文字全部按正文读取", False),
}


@dataclass
class _Entry:
    count: int = 0
    line: int = 0
    samples: list[str] = field(default_factory=list)


class Tally:
    """Counts by code, with the paragraph where each first occurred and a sample of its text."""

    def __init__(self) -> None:  # noqa: D107 - nothing to say
        self._entries: dict[str, _Entry] = {}

    def add(self, code: str, line: int = 0, sample: str = "", count: int = 1) -> None:
        """Note one more case of ``code`` (a key of the messages above)."""
        entry = self._entries.setdefault(code, _Entry(line=line))
        entry.count += count
        room = SAMPLE_CHARS - sum(map(len, entry.samples))
        if sample.strip() and room > 0:
            entry.samples.append(sample.strip()[:room])

    def findings(self) -> tuple[Finding, ...]:
        """One finding per code, in the order in which they first occurred."""
        found = []
        for code, entry in self._entries.items():
            message, lost = _MESSAGES[code]
            sample = "：" + "……".join(entry.samples) if entry.samples else ""
            found.append(Finding(code, f"{message.format(count=entry.count)}{sample}。", entry.line, lost))
        return tuple(found)
