"""The package of a Word file: a ZIP of XML parts, opened without trusting any of it.

Nothing is unpacked to disk, no link is followed and no entity is resolved.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from kb.errors import SourceError

MAX_PARTS = 10_000
MAX_PART_BYTES = 64 << 20
"""Inflated size of one XML part; the longest code of law takes about 5 MiB."""
MAX_TOTAL_BYTES = 1 << 30
"""Declared size of all parts together, pictures included."""
MAX_RATIO = 200
"""How much smaller a large part may be packed; text of law packs 20 to 50 times."""
RATIO_FROM_BYTES = 4 << 20
MAX_LIVE_NODES = 2_000_000
"""Tags and attributes of one paragraph or table, or of a whole smaller part."""

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
)
_DOCTYPES = tuple(
    mark.encode(coding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for coding in ("ascii", "utf-16-le", "utf-16-be")
)
_ENCODING = re.compile(rb"""<\?xml[^>]{0,80}?encoding\s{0,4}=\s{0,4}["']([A-Za-z0-9_.-]{1,40})["']""")
_CHUNK = 1 << 16
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    IndexError,
    OverflowError,
)
_OTHER_OFFICE = {"xl/": "Excel 表格", "ppt/": "PowerPoint 演示文稿"}


@dataclass(frozen=True)
class Relation:
    """One link of a part: its id, the last word of its type, and where it leads."""

    id: str
    kind: str
    target: str
    external: bool


class DocxPackage:
    """The parts of a Word file by name; every check is done before a part is handed out.

    Args:
        content: the bytes of the file.
        name: the file's name for error messages.

    Raises SourceError with the codes ``docx_old_doc``, ``docx_encrypted``, ``docx_not_docx``,
    ``docx_truncated``, ``docx_damaged``, ``docx_zip_bomb``, ``docx_unsafe_path``, ``docx_no_document``.
    """

    def __init__(self, content: bytes, name: str) -> None:  # noqa: D107 - the class says it
        self._name = name
        _check_first_bytes(content, name)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            infos = self._zip.infolist()
        except _ZIP_ERRORS as error:
            if b"PK\x05\x06" not in content[-66_000:]:
                raise SourceError(
                    "docx_truncated",
                    "Word 文件不完整，缺少结尾部分。",
                    place=name,
                    way_out="请重新下载或复制原文件后再试。",
                ) from error
            raise self._damaged("压缩目录无法读取") from error
        self._infos = self._check_entries(infos)
        self.main_part = self._find_main_part()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parts, in the order of the file."""
        return tuple(self._infos)

    def _check_entries(self, infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        found: dict[str, zipfile.ZipInfo] = {}
        if len(infos) > MAX_PARTS:
            raise self._bomb(f"其中有 {len(infos)} 个文件")
        for info in infos:
            if _leads_outside(info.filename):
                raise SourceError(
                    "docx_unsafe_path",
                    "Word 文件中含有指向文件之外的路径，可能是恶意文件。",
                    place=f"{self._name} → {info.filename[:80]!r}",
                    way_out="请不要使用该文件，向来源单位索取正常文件。",
                )
            if info.flag_bits & 0x1:
                raise _encrypted(self._name)
            if info.filename in found:
                raise self._damaged(f"部件 {info.filename[:80]} 重复")
            if info.file_size > RATIO_FROM_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
                raise self._bomb(f"{info.filename[:80]} 展开后是压缩大小的 {MAX_RATIO} 倍以上")
            found[info.filename] = info
        if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
            raise self._bomb(f"展开后超过 {MAX_TOTAL_BYTES >> 20} MiB")
        return found

    def _find_main_part(self) -> str:
        if "_rels/.rels" in self._infos:
            for relation in self.relations(""):
                if relation.kind == "officeDocument" and relation.target in self._infos:
                    if relation.target.startswith(tuple(_OTHER_OFFICE)):
                        break
                    return relation.target
        if "word/document.xml" in self._infos:
            return "word/document.xml"
        for folder, kind in _OTHER_OFFICE.items():
            if any(part.startswith(folder) for part in self._infos):
                raise SourceError(
                    "docx_not_docx",
                    f"扩展名是 .docx，内容却是{kind}。",
                    place=self._name,
                    way_out="请改正文件扩展名，或另存为 Word 文档后再试。",
                )
        raise SourceError(
            "docx_no_document",
            "这是一个压缩包，里面没有 Word 正文（word/document.xml）。",
            place=self._name,
            way_out="如果是改名的压缩包，请解压后逐个导入其中的文件。",
        )

    def read(self, part: str) -> bytes | None:
        """Bytes of one part, None when there is none; strict-mode namespaces are made ordinary ones.

        Raises SourceError ``docx_zip_bomb`` beyond MAX_PART_BYTES, ``docx_damaged`` when it is broken.
        """
        info = self._infos.get(part)
        if info is None:
            return None
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._damaged(f"{part} 的压缩方式不是 Word 所用")
        pieces: list[bytes] = []
        size = 0
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(_CHUNK):
                    size += len(piece)
                    if size > MAX_PART_BYTES:
                        raise self._bomb(f"{part} 展开后超过 {MAX_PART_BYTES >> 20} MiB")
                    pieces.append(piece)
        except _ZIP_ERRORS as error:
            raise self._damaged(f"{part} 无法解压") from error
        data = b"".join(pieces)
        if any(mark in data for mark in _DOCTYPES):
            raise self._doctype(part)
        if b"http://purl.oclc.org/ooxml/" in data:
            for strict, ordinary in _STRICT:
                data = data.replace(strict, ordinary)
        return data

    def tree(self, part: str) -> Any | None:
        """Root element of a part, None when there is none. Raises as ``read``, or ``docx_damaged``."""
        data = self.read(part)
        if data is None:
            return None
        if _count_nodes(data) > MAX_LIVE_NODES:
            raise self._too_large(part)
        self._check_encoding(data, part)
        try:
            root = etree.fromstring(data, etree.XMLParser(**_PARSER_OPTIONS))
        except (etree.LxmlError, ValueError) as error:
            raise self._bad_xml(part, error) from error
        if root.getroottree().docinfo.doctype:
            raise self._doctype(part)
        return root

    def body_children(self, part: str) -> Iterator[Any]:
        """The children of w:body one after another; each is gone once the next is asked for."""
        data = self.read(part)
        if data is None:  # pragma: no cover - the main part was found before
            raise self._damaged(f"缺少 {part}")
        self._check_encoding(data, part)
        parser = etree.XMLPullParser(events=("end",), **_PARSER_OPTIONS)
        live = 0
        seen_body = False
        try:
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                live += _count_nodes(chunk)
                if live > MAX_LIVE_NODES:
                    raise self._too_large(part)
                parser.feed(chunk)
                for _, element in parser.read_events():
                    parent = element.getparent()
                    if parent is None or parent.tag != f"{WORD}body":
                        continue
                    if not seen_body and parent.getroottree().docinfo.doctype:
                        raise self._doctype(part)
                    seen_body = True
                    yield element
                    live = 0
                    element.clear(keep_tail=False)
                    while element.getprevious() is not None:
                        del parent[0]
            root = parser.close()
        except etree.LxmlError as error:
            raise self._bad_xml(part, error) from error
        if not seen_body and (root is None or root.find(f"{WORD}body") is None):
            raise SourceError(
                "docx_no_document",
                "Word 文件里没有正文（w:body）。",
                place=self._name,
                way_out="请用 Word 或 WPS 打开并另存为 .docx 后再试。",
            )

    def relations(self, part: str) -> tuple[Relation, ...]:
        """Links of a part; ``""`` means the package itself."""
        folder, _, base = part.rpartition("/")
        root = self.tree(posixpath.join(folder, "_rels", f"{base}.rels"))
        if root is None:
            return ()
        found = []
        for item in root.iter(_RELATION):
            target = item.get("Target", "")
            external = item.get("TargetMode", "") == "External"
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found.append(
                Relation(item.get("Id", ""), item.get("Type", "").rpartition("/")[2], target, external)
            )
        return tuple(found)

    def _check_encoding(self, data: bytes, part: str) -> None:
        """OOXML allows UTF-8 and UTF-16 alone; another could hide a DTD from the search for one."""
        declared = _ENCODING.match(data.lstrip(b"\xef\xbb\xbf")[:200])
        if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii"):
            raise self._damaged(f"{part} 的编码不是 UTF-8")

    def _damaged(self, detail: str) -> SourceError:
        return SourceError(
            "docx_damaged",
            f"Word 文件已损坏：{detail}。",
            place=self._name,
            way_out="请用 Word 或 WPS 打开并另存为 .docx，或重新获取原文件。",
        )

    def _bad_xml(self, part: str, error: Exception) -> SourceError:
        line = getattr(error, "lineno", None)
        where = f" 第 {line} 行" if line else ""
        return self._damaged(f"{part}{where} 不是合格的 XML")

    def _doctype(self, part: str) -> SourceError:
        return SourceError(
            "docx_dtd",
            "Word 文件中含有 DTD 或实体声明，正常文件不会有，可能是恶意文件。",
            place=f"{self._name} → {part}",
            way_out="请不要使用该文件，向来源单位索取正常文件。",
        )

    def _bomb(self, detail: str) -> SourceError:
        return SourceError(
            "docx_zip_bomb",
            f"Word 文件展开后过大，已停止读取：{detail}。",
            place=self._name,
            way_out="请确认文件来源；确属正常文件的，请拆分后再导入。",
        )

    def _too_large(self, part: str) -> SourceError:
        return SourceError(
            "docx_too_large",
            f"Word 文件的 {part} 内容过多，已停止读取。",
            place=self._name,
            way_out="请确认文件来源；确属正常文件的，请拆分后再导入。",
        )


_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def _count_nodes(data: bytes) -> int:
    return data.count(b"<") + data.count(b'="') + data.count(b"='")


def _leads_outside(name: str) -> bool:
    path = name.replace("\\", "/")
    return path.startswith("/") or ".." in path.split("/") or re.match(r"[A-Za-z]:", path) is not None


def _encrypted(name: str) -> SourceError:
    return SourceError(
        "docx_encrypted",
        "Word 文件设有打开密码，无法读取。",
        place=name,
        way_out="请去掉密码后另存再导入。",
    )


def _check_first_bytes(content: bytes, name: str) -> None:
    """Tell what a file is that is no ZIP."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _encrypted(name)
        raise SourceError(
            "docx_old_doc",
            "这是旧版 Word 文件（.doc），不能直接读取。",
            place=name,
            way_out="请用 Word 或 WPS 打开，另存为 .docx 后再导入。",
        )
    if content.startswith(b"PK"):
        return
    kinds = ((b"{\\rtf", "RTF 文件"), (b"%PDF-", "PDF 文件"), (b"<", "网页或 XML 文件"))
    kind = next((kind for mark, kind in kinds if head.startswith(mark)), "")
    detail = f"内容是{kind}" if kind else "文件是空的" if not content else "文件开头不是 Word 文件的标志"
    raise SourceError(
        "docx_not_docx",
        f"不是 Word（.docx）文件：{detail}。",
        place=name,
        way_out="请改正文件扩展名，或用 Word、WPS 另存为 .docx 后再试。",
    )
