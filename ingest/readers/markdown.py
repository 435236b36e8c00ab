"""Markdown as collections of law are kept: title, notes, INFO END, headings, a paragraph on each line.

``metadata["info_end"]`` is the line number of the ``<!-- INFO END -->`` that parts notes from text.
Marks of emphasis, links, lists and raw HTML go; what they held stays.
"""

from __future__ import annotations

import dataclasses
import hashlib
import html
import re

from ingest.lines import Finding, Line, ReadDocument
from ingest.readers.detect import Format
from ingest.readers.encoding import count_lines, decode, refuse_nul
from ingest.readers.joining import Piece, join_pieces
from ingest.readers.rows import row_line

_LINE_END = re.compile(r"\r\n|[\n\r]")
_HEADING = re.compile(r"(#{1,6})(?:[ \t\u3000]+|\Z)(.*)", re.DOTALL)
_CLOSING_MARKS = re.compile(r"[ \t]#{1,6}[ \t]{0,8}\Z")
_TABLE_RULE = re.compile(r"[|:\- \t]*-{2,}[|:\- \t]*")
_RULE = re.compile(r"(?:[-*_][ \t]{0,3}){3,80}")
_UNDERLINE = re.compile(r"={3,200}[ \t]{0,8}")
_QUOTE = re.compile(r"(?:>[ \t]{0,3}){1,8}")
_BULLET = re.compile(r"[-*+][ \t]{1,4}(?=\S)")
_FENCE = re.compile(r"(?:`{3,8}|~{3,8})[\w+-]{0,30}[ \t]{0,8}")
_TAGS = (
    "a|abbr|address|article|aside|audio|b|big|blockquote|body|br|button|canvas|caption|center|cite|code|col"
    "|colgroup|dd|del|details|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|frame|frameset"
    "|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|meta|nav"
    "|noscript|object|ol|option|p|param|pre|q|ruby|s|samp|script|section|select|small|source|span|strike"
    "|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|tt|u|ul"
    "|var|video|wbr"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:[\s/][^<>]{{0,4000}})?/?>", re.IGNORECASE)
_EMPTIED = re.compile(r"<(script|style|iframe|object|template|svg)\b", re.IGNORECASE)
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*_]{1,4000}+)(?<=\S)\1")
_IMAGE = re.compile(r"!\[([^\]\[\n]{0,400})\]\([^()\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\[\n]{0,1000})\]\([^()\s]{1,2000}(?: \"[^\"\n]{0,400}\")?\)")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,2000})\1")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_FIELD = re.compile(r"([A-Za-z_\u4e00-\u9fff][\w\-\u4e00-\u9fff]{0,60})[ \t]{0,8}:(?:[ \t]+(.*))?")
_KNOWN_COMMENTS = frozenset(("FORCE BREAK", "TABLE", "TABLE END"))
_MAX_FRONT = 200


def read_markdown(content: bytes, name: str) -> ReadDocument:
    """Read Markdown; ``Line.number`` is the line of the file.

    Raises SourceError ``encoding_unknown``, ``encoding_damaged``, ``text_nul``, ``markdown_unclosed``
    (a comment or script that never ends, with its line).
    """
    decoded = decode(content, name)
    refuse_nul(decoded.text, name)
    reader = _MarkdownReader(name)
    lines = reader.read(decoded.text)
    return ReadDocument(
        name,
        Format.MARKDOWN,
        hashlib.sha256(content).hexdigest(),
        lines=tuple(lines),
        metadata={"encoding": decoded.encoding, **reader.metadata},
        findings=(*decoded.findings, *reader.findings),
    )


class _MarkdownReader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.metadata: dict[str, str] = {}
        self.findings: list[Finding] = []
        self._lines: list[Line] = []
        self._pieces: list[Piece] = []
        self._stripped: list[int] = []
        self._gap = False

    def read(self, text: str) -> list[Line]:
        """Lines of ``text``, in one pass."""
        text = self._blank_comments(text)
        text = self._blank_emptied(text)
        physical = _LINE_END.split(text)
        start = self._read_front(physical)
        self._bold: set[int] = set()
        for number, raw in enumerate(physical[start:], start + 1):
            self._read_line(raw, number)
        self._flush()
        if self._stripped:
            count = len(self._stripped)
            message = f"有 {count} 行带 HTML 标签，已去掉标签、留下文字"
            self.findings.append(Finding("markdown_html_stripped", message, self._stripped[0]))
        return self._lines

    def _blank_comments(self, text: str) -> str:
        """Take comments out, keeping line ends, so that numbers stay right."""
        if "<!--" not in text:
            return text
        parts: list[str] = []
        position = 0
        counted, line = 0, 1
        while (start := text.find("<!--", position)) >= 0:
            line += _count_ends(text, counted, start)
            counted = start
            end = text.find("-->", start + 4)
            if end < 0:
                raise self._unclosed("注释 <!--", line)
            comment = text[start + 4 : end].strip()
            if comment == "INFO END":
                self.metadata.setdefault("info_end", str(line))
            elif comment not in _KNOWN_COMMENTS and comment:
                shown = " ".join(comment[:60].split())
                self.findings.append(Finding("comment_dropped", f"略去注释：{shown}", line, lost=True))
            parts += [text[position:start], "\n" * _count_ends(text, start, end)]
            position = end + 3
        return "".join([*parts, text[position:]])

    def _blank_emptied(self, text: str) -> str:
        """Take scripts, styles and the like out with what they hold."""
        if "<" not in text:
            return text
        parts: list[str] = []
        position = 0
        lowered = text.lower()
        while match := _EMPTIED.search(text, position):
            closing = f"</{match[1].lower()}"
            end = lowered.find(closing, match.end()) if len(lowered) == len(text) else -1
            line = count_lines(text, match.start())
            if end < 0:
                raise self._unclosed(f"标签 <{match[1]}>", line)
            close = text.find(">", end)
            close = len(text) if close < 0 else close + 1
            message = f"略去 <{match[1].lower()}> 及其内容"
            self.findings.append(Finding("markdown_html_dropped", message, line, lost=True))
            if len(self.findings) > 1000:
                raise self._unclosed("大量脚本或样式标签，开头", line)
            parts += [text[position : match.start()], "\n" * _count_ends(text, match.start(), close)]
            position = close
        return "".join([*parts, text[position:]])

    def _unclosed(self, what: str, line: int) -> Exception:
        from kb.errors import SourceError

        return SourceError(
            "markdown_unclosed",
            f"{what} 没有结束，其后的内容无法辨认",
            place=f"{self.name} 第 {line} 行",
            way_out="请补上结束标记或删去后重试；文件可能被截断",
        )

    def _read_front(self, physical: list[str]) -> int:
        """Fields between two ``---`` at the head of the file; returns how many lines they took."""
        if physical[0].strip() != "---":
            return 0
        fields: dict[str, str] = {}
        for index, raw in enumerate(physical[1:_MAX_FRONT], 1):
            if raw.strip() in ("---", "..."):
                self.metadata |= fields
                return index + 1
            match = _FIELD.fullmatch(raw.strip())
            if match is None and raw.strip():
                return 0
            if match:
                fields.setdefault(match[1], (match[2] or "").strip("\"' "))
        return 0

    def _read_line(self, raw: str, number: int) -> None:
        text = raw.strip(" \t\ufeff\u200b")
        if not text:
            self._gap = True
            return
        if text.startswith("|") and text.count("|") > 1:
            self._flush()
            if not _TABLE_RULE.fullmatch(text):
                self._add_row(text, number)
            return
        if _UNDERLINE.fullmatch(text) and self._pieces and not self._gap:
            title = self._pieces.pop()
            self._flush()
            self._add(Line.of(title.raw, title.number, level=1))
            return
        if _RULE.fullmatch(text) or _FENCE.fullmatch(text):
            self._gap = True
            return
        if heading := _HEADING.fullmatch(text):
            self._flush()
            body = self._clean(_CLOSING_MARKS.sub("", heading[2]), number)
            self._add(Line.of(body, number, level=len(heading[1])))
            return
        if quote := _QUOTE.match(text):
            text = text[quote.end() :]
        if bullet := _BULLET.match(text):
            text = text[bullet.end() :]
            self._gap = True
        body = raw if text == raw.strip(" \t\ufeff\u200b") else text
        strong = _STRONG.fullmatch(text)
        if strong and strong.end() == len(text):
            self._bold.add(number)
        self._pieces.append(Piece(self._clean(body, number), number, self._gap))
        self._gap = False

    def _add_row(self, text: str, number: int) -> None:
        inner = text.strip("|") if not text.endswith("\\|") else text.lstrip("|")
        cells = re.split(r"(?<!\\)\|", inner)
        line = row_line([self._clean(cell.strip(), number) for cell in cells], number)
        if line is not None:
            self._add(line)

    def _clean(self, text: str, number: int) -> str:
        """The words of one line without Markdown's own marks."""
        if "<" in text and _TAG.search(text):
            text = _TAG.sub("", text)
            self._stripped.append(number)
        if "![" in text and _IMAGE.search(text):
            text = _IMAGE.sub(r"\1", text)
            self.findings.append(Finding("image_dropped", "略去图片，图中文字未读取", number, lost=True))
        if "](" in text:
            text = _LINK.sub(r"\1", text)
        if "**" in text or "__" in text:
            text = _STRONG.sub(r"\2", text)
        if "`" in text:
            text = _CODE.sub(r"\2", text)
        if "\\" in text:
            text = _ESCAPE.sub(r"\1", text)
        return html.unescape(text) if "&" in text else text

    def _flush(self) -> None:
        """Make lines of the paragraphs collected so far."""
        if self._pieces:
            lines, findings = join_pieces(self._pieces)
            for line in lines:
                self._add(dataclasses.replace(line, bold=True) if line.number in self._bold else line)
            self.findings += findings
            self._pieces = []
        self._gap = False

    def _add(self, line: Line) -> None:
        if line.text:
            self._lines.append(line)


def _count_ends(text: str, start: int, end: int) -> int:
    return sum(1 for _ in _LINE_END.finditer(text, start, end))
