"""Web pages to lines: what a reader of the page sees, without the page's furniture.

Parsed by lxml through BeautifulSoup; walked without recursion, so that depth costs nothing.
"""

from __future__ import annotations

import hashlib
import re

from bs4 import BeautifulSoup

from ingest.lines import Finding, Line, ReadDocument
from ingest.readers.boilerplate import drop_boilerplate
from ingest.readers.detect import Format
from ingest.readers.encoding import decode
from ingest.readers.html_blocks import Block, read_blocks
from ingest.readers.joining import Piece, join_pieces
from ingest.readers.rows import row_line
from kb.errors import SourceError

_MAX_CHARACTERS = 24_000_000
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([\w-]{1,40})", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?encoding\s{0,8}=\s{0,8}[\"']([\w-]{1,40})", re.IGNORECASE)
_DATA_ADDRESS = re.compile(
    r"(?<=[\"'(=])data:[a-z]{1,20}/[\w.+-]{1,60};base64,[A-Za-z0-9+/=\s]{0,20000000}+", re.I
)
_ERROR_PAGE = re.compile(
    r"页面(?:不存在|找不到|已删除|无法访问|走丢)|(?:您|你)(?:要|所)?访问的(?:页面|网页|内容|网址|地址)"
    r"|找不到(?:该|此|您)?.{0,8}(?:页面|网页)|请求(?:被拦截|被拒绝|已被)|访问(?:被拦截|被拒绝|被阻断|过于频繁)"
    r"|服务器(?:错误|繁忙|内部错误)|not found|bad gateway|access denied|request rejected|service unavailable"
    r"|internal server error",
    re.IGNORECASE,
)
_ERROR_TITLE = re.compile(
    r"(?:^|\D)(?:40[0134]|50[0234])(?:\D|$)|网站(?:维护|升级)|系统(?:维护|繁忙|升级|错误)|防火墙|安全验证|验证码|forbidden|error"
    r"|请登录|用户登录|登录超时|会话已?(?:过期|超时)|出错(?:了|啦)|访问受限|维护中",
    re.IGNORECASE,
)
_NEEDS_SCRIPT = re.compile(
    r"(?:启用|开启|打开|允许|支持).{0,12}(?:JavaScript|脚本)|(?:enable|requires?|run).{0,20}JavaScript"
    r"|JavaScript.{0,30}(?:启用|禁用|enabled|disabled)|^(?:正在)?(?:加载中|载入中|loading)[.。…]{0,6}$",
    re.IGNORECASE,
)
_OPENED = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:html|body)\s{0,20}>", re.IGNORECASE)
_RAW_TEXT = re.compile(r"<(/?)(script|style|textarea|title)\b", re.IGNORECASE)
_META_NAMES = re.compile(r"[\w.:-]{1,60}")
_PROVISION = re.compile(r"第[0-9零〇一二三四五六七八九十百千]{1,9}条")
_SHORT_PAGE = 600
"""Characters up to which a page can be a notice of the server rather than a document."""

_REFETCH = "请用浏览器打开该网页，确认看得到正文后“另存为”网页，再导入"


def read_html(content: bytes, name: str) -> ReadDocument:
    """Read a page; ``Line.number`` counts its text blocks, dropped ones included.

    ``metadata`` has title, encoding and the page's own meta fields as ``meta.<name>``.
    Raises SourceError ``html_no_text``, ``html_error_page``, ``html_truncated``, ``html_too_large``,
    ``encoding_unknown``, ``encoding_damaged``.
    """
    declared = _DECLARED.search(content[:4096]) or _XML_DECLARED.search(content[:400])
    label = declared[1].decode("ascii", "replace") if declared else ""
    decoded = decode(content, name, declared=label, lenient=True)
    text, findings = _clean_source(decoded.text, name)
    soup = BeautifulSoup(text, "lxml")
    blocks, hidden = read_blocks(soup)
    kept, dropped = drop_boilerplate(blocks)
    lines, joins = _make_lines(kept)
    metadata = {"encoding": decoded.encoding, **_read_head(soup)}
    _check_content(lines, text, metadata.get("title", ""), name)
    return ReadDocument(
        name,
        Format.HTML,
        hashlib.sha256(content).hexdigest(),
        lines=tuple(lines),
        metadata=metadata,
        findings=(*decoded.findings, *findings, *hidden, *dropped, *joins),
    )


def _clean_source(text: str, name: str) -> tuple[str, list[Finding]]:
    """Check that the page is whole; take out NUL and pictures that are written into it."""
    findings: list[Finding] = []
    if "\0" in text:
        count = text.count("\0")
        findings.append(Finding("nul_dropped", f"略去 {count} 个空字符（NUL）"))
        text = text.replace("\0", "")
    if "base64," in text:
        text = _DATA_ADDRESS.sub("", text)
    if len(text) > _MAX_CHARACTERS:
        raise SourceError(
            "html_too_large",
            f"网页有 {len(text) // 1_000_000} 百万字符，不像是一份文件",
            place=name,
            way_out="请只保存正文所在的网页",
        )
    tail = text.rstrip()[-400:]
    cut_in_tag = tail.rfind("<") > tail.rfind(">") and re.match(r"<[!/a-zA-Z]", tail[tail.rfind("<") :])
    unfinished = _OPENED.search(text, 0, 20_000) is not None and _CLOSED.search(text) is None
    if cut_in_tag or unfinished or _ends_inside(text):
        raise SourceError(
            "html_truncated",
            "网页不完整：到文件末尾还没有结束（缺 </html>），后面的条文可能丢失",
            place=f"{name} 第 {text.count(chr(10)) + 1} 行",
            way_out=_REFETCH,
        )
    return text, findings


def _ends_inside(text: str) -> bool:
    """True when the text ends inside a comment, a script or a style."""
    comment = text.rfind("<!--")
    if comment >= 0 and text.find(">", comment + 4) < 0:
        return True
    last = None
    for last in _RAW_TEXT.finditer(text):  # noqa: B007 - only the last one counts
        pass
    return last is not None and not last[1] and last[2].lower() in ("script", "style")


def _read_head(soup: BeautifulSoup) -> dict[str, str]:
    fields: dict[str, str] = {}
    if soup.title is not None and (title := " ".join(soup.title.get_text().split())):
        fields["title"] = title[:500]
    for meta in soup.find_all("meta", limit=200):
        name = str(meta.get("name") or meta.get("property") or "")
        value = " ".join(str(meta.get("content") or "").split())
        if value and _META_NAMES.fullmatch(name):
            fields.setdefault(f"meta.{name.lower()}", value[:1000])
    return fields


def _make_lines(blocks: list[Block]) -> tuple[list[Line], list[Finding]]:
    """Blocks to lines: rows of data tables together, sentences cut by <br> joined."""
    lines: list[Line] = []
    findings: list[Finding] = []
    run: list[Block] = []

    def flush() -> None:
        pieces = [Piece(block.text, block.number, gap=not block.soft) for block in run]
        joined, found = join_pieces(pieces)
        looks = {block.number: block for block in run}
        for line in joined:
            look = looks[line.number]
            lines.append(
                Line(line.text, line.raw, line.number, centred=look.centred, bold=look.bold)
                if look.centred or look.bold
                else line
            )
        findings.extend(found)
        run.clear()

    position = 0
    while position < len(blocks):
        block = blocks[position]
        row = block.row if block.row is not None and not block.row.table.is_layout else None
        if row is not None:
            flush()
            end = position
            cells: dict[int, list[str]] = {}
            while end < len(blocks) and blocks[end].row is row:
                cells.setdefault(blocks[end].column, []).append(blocks[end].text.strip())
                end += 1
            texts = ["\n".join(cells.get(column, ())) for column in range(min(row.width, 200))]
            line = row_line(texts, block.number)
            if line is not None:
                lines.append(line)
            position = end
            continue
        if block.level:
            flush()
            line = Line.of(
                block.text, block.number, level=block.level, centred=block.centred, bold=block.bold
            )
            if line.text:
                lines.append(line)
        else:
            run.append(block)
        position += 1
    flush()
    if len(findings) > 1:
        first = findings[0]
        message = f"有 {len(findings)} 处的句子断在行中，已接成整段"
        findings = [Finding(first.code, message, first.line)]
    return lines, findings


def _check_content(lines: list[Line], source: str, title: str, name: str) -> None:
    """Refuse a page that shows no document."""
    length = sum(len(line.text) for line in lines)
    if length > _SHORT_PAGE or any(_PROVISION.match(line.text) for line in lines):
        return
    shown = " ".join(line.text for line in lines)
    has_script = "<script" in source.lower()
    if length < 2 or (has_script and (length < 20 or _NEEDS_SCRIPT.search(shown))):
        raise SourceError(
            "html_no_text",
            "网页里没有正文" + ("：内容要靠脚本另行加载，保存下来的只是空壳" if has_script else ""),
            place=name,
            way_out=_REFETCH,
        )
    heading = next((line.text for line in lines if line.level), lines[0].text)
    # 系统维护 may stand in the title of a real notice; a page that is no more than that has a short one.
    titles = [part for part in (title, heading) if len(part) <= 14]
    parts = (title, heading, *((line.text for line in lines) if length <= 200 else ()))
    if any(map(_ERROR_TITLE.search, titles)) or any(map(_ERROR_PAGE.search, parts)):
        raise SourceError(
            "html_error_page",
            f"这是网站的提示页，不是正文：{(title or heading)[:40]}",
            place=name,
            way_out=_REFETCH,
        )
