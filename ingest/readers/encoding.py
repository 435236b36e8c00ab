"""Bytes to text: which of the encodings of Chinese offices a file is in, whatever its label says.

Tried in this order: byte order mark, UTF-8, UTF-16 without a mark, GB18030 (which holds GBK and GB2312),
Big5. A label is only compared with what was found.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from ingest.lines import Finding
from kb.errors import SourceError

_SAMPLE = 20_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END = re.compile(r"\r\n|\n|\r")
_ORDINARY = re.compile(
    "[\t\n\r\x20-\x7e\xa0\xb7\xd7\u2000-\u206f\u2100-\u22ff\u2460-\u24ff\u2500-\u26ff\u2e80-\u2fdf\u3000-\u303f"
    "\u3220-\u33ff\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]"
)
_HAN = re.compile("[\u4e00-\u9fff]")
_FAMILIES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "gb18030": "gb18030",
    "x-gbk": "gb18030",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf-16": "utf-16",
}
_WAY_OUT = "请用文本编辑器或 Word 打开核对，另存为 UTF-8 编码后重试"


@dataclass(frozen=True)
class Decoded:
    """Text without byte order mark, the encoding's name, and what was odd about it."""

    text: str
    encoding: str
    findings: tuple[Finding, ...] = ()


def decode(content: bytes, name: str, *, declared: str = "", lenient: bool = False) -> Decoded:
    """Decode ``content`` in linear time; ``declared`` is the label that the file itself carries.

    Raises SourceError ``encoding_unknown`` where no encoding fits, ``encoding_damaged`` (with line)
    where one fits but for broken bytes. With ``lenient`` up to one broken place in a thousand
    characters (three in a short text) becomes U+FFFD and a finding with ``lost``.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            marked = _decode_marked(content[len(mark) :], encoding, name, lenient)
            return _checked(marked, encoding, declared)
    encoding = _choose(content)
    if encoding:
        return _checked(Decoded(content.decode(encoding), encoding), encoding, declared)
    damaged = _decode_damaged(content, name, lenient)
    if damaged is None:
        raise SourceError(
            "encoding_unknown",
            "无法辨认文件的编码（不是 UTF-8、UTF-16、GB18030 或 Big5 的文字）",
            place=name,
            way_out=_WAY_OUT,
        )
    return _checked(damaged, damaged.encoding, declared)


def plausibility(text: str) -> float:
    """Share of the characters, 0 to 1, that Chinese documents are written with."""
    sample = text[:_SAMPLE].replace("\ufffd", "")
    return len(_ORDINARY.findall(sample)) / len(sample) if sample else 1.0


def count_lines(text: str, end: int) -> int:
    """Number, from 1, of the line on which character ``end`` stands."""
    return sum(1 for _ in _LINE_END.finditer(text, 0, end)) + 1


def _choose(content: bytes) -> str:
    """The encoding that fits all of ``content`` best; empty when none does."""
    try:
        as_utf8 = content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if b"\0" in content and (wide := _wide_encoding(content)):
            return wide
        if not _looks_like_gb18030(as_utf8, content):
            return "utf-8"
    if wide := _wide_encoding(content):
        return wide
    if _is_nearly_utf8(content):
        return ""
    fitting = [
        (_chinese_score(text), -order, encoding)
        for order, encoding in enumerate(("gb18030", "big5hkscs"))
        if (text := _try(content, encoding)) is not None
        and plausibility(text) > 0.85
        and (encoding != "gb18030" or _is_written_in_gb(text))
    ]
    return max(fitting)[2] if fitting else ""


def _try(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_nearly_utf8(content: bytes) -> bool:
    """True for UTF-8 with a few broken bytes, which would also pass for GB18030, as nonsense."""
    text = content[: 4 * _SAMPLE].decode("utf-8", "replace")
    return len(_HAN.findall(text)) > 5 * text.count("\ufffd") or (
        len(_HAN.findall(text)) > 1 and text.count("\ufffd") == 1
    )


def _is_written_in_gb(text: str) -> bool:
    """False for Chinese characters thrown together, as other encodings look when read as GB18030."""
    return len(_HAN.findall(text[:200])) < 8 or _common_share(text) >= 0.6


def _looks_like_gb18030(as_utf8: str, content: bytes) -> bool:
    """True for the few short GBK texts whose bytes are valid UTF-8, as letters that nobody writes."""
    if as_utf8.isascii() or _HAN.search(as_utf8) or plausibility(as_utf8) > 0.9:
        return False
    other = _try(content, "gb18030")
    return other is not None and plausibility(other) > 0.99


def _wide_encoding(content: bytes) -> str:
    """UTF-16 without a mark, when it reads much better than bytes would."""
    if len(content) % 2 or len(content) < 4:
        return ""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _try(content[: 2 * _SAMPLE], encoding) or _try(content[: 2 * _SAMPLE - 2], encoding)
        if text and plausibility(text) > 0.97 and (b"\0" in content or _common_share(text) > 0.8):
            return encoding if _try(content, encoding) is not None else ""
    return ""


def _common_share(text: str) -> float:
    """Share of the Chinese characters that are among the 3,755 of GB2312's first level."""
    sample = "".join(_HAN.findall(text[:_SAMPLE]))
    if not sample:
        return 0.0
    pairs = sample.encode("gb2312", "replace")
    lead = [byte for byte in pairs if byte >= 0x80 or byte == 0x3F]
    return sum(1 for byte in lead[::2] if 0xB0 <= byte <= 0xD7) / len(sample) if lead else 0.0


def _chinese_score(text: str) -> float:
    """How much a reading of the bytes looks like written Chinese, simplified or traditional."""
    han = _HAN.findall(text[:_SAMPLE])
    if not han:
        return plausibility(text)
    everyday = sum(1 for char in han if char in _EVERYDAY)
    return plausibility(text) + 3 * everyday / len(han)


_EVERYDAY = frozenset(
    "的一是不在了有和人这這中大为為上个個国國我以要他时時来來用们們生到作地于於出就分对對成会會可主发發年动動同工也能下"
    "过過子说說产產种種面而方后後多定行学學法所民得经經十三之进進着等部度家电電力里裡如水化高自二理起小物现現实實加量"
    "都两兩体體制机機当當使点點从從业業本去把性好应應开開它合还還因由其些然前外天政四日那社义義事平形相全表间間样樣与與"
    "关關各重新线線内內数數正心反你明看原又么利比或但质質第向道命此变變条條没沒结結解问問意建月公无無系军軍很情者最立代想"
    "已通并提直题題党黨程展五果料象员員革位入常文总總次品式活设設及管特件长長求老头頭基资資边邊流路级級少图圖山统統接知较"
    "较將组組见見计計别別她手角期根论論运運农農指几幾九区區强強放决決西被干做必战戰先回则則任取据據处處理府研質信规規定"
    "责責保依施职職权權利违違罪刑申请請诉訴讼訟仲裁证證书書款项項章节節附办辦"
)


def _decode_marked(body: bytes, encoding: str, name: str, lenient: bool) -> Decoded:
    try:
        return Decoded(body.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        if lenient and encoding == "utf-8" and (mended := _replace(body, encoding)):
            return mended
        raise _damaged(body, error, encoding, name) from None


def _decode_damaged(content: bytes, name: str, lenient: bool) -> Decoded | None:
    """``content`` in the encoding that fits but for a few bytes; None when none nearly does."""
    for encoding in ("utf-8", "gb18030"):
        text = content[: 4 * _SAMPLE].decode(encoding, "replace")
        broken = text.count("\ufffd")
        if broken > max(3, len(text) // 50) or plausibility(text) < 0.85 or not _HAN.search(text):
            continue
        if encoding == "gb18030" and not _is_written_in_gb(text):
            continue
        if lenient and (mended := _replace(content, encoding)):
            return mended
        try:
            content.decode(encoding)
        except UnicodeDecodeError as error:
            raise _damaged(content, error, encoding, name) from None
    return None


def _replace(content: bytes, encoding: str) -> Decoded | None:
    text = content.decode(encoding, "replace")
    broken = text.count("\ufffd") - content.decode(encoding, "ignore").count("\ufffd")
    if broken > max(3, len(text) // 1000):
        return None
    first = count_lines(text, text.index("\ufffd"))
    message = f"有 {broken} 处字节损坏，以“\ufffd”代替（首处在源文件第 {first} 行），请与原文核对"
    return Decoded(text, encoding, (Finding("encoding_bytes_replaced", message, lost=True),))


def _damaged(content: bytes, error: UnicodeDecodeError, encoding: str, name: str) -> SourceError:
    line = content.count(b"\n", 0, error.start) + 1 if "16" not in encoding else 0
    at_end = error.start >= len(content) - 4
    return SourceError(
        "encoding_damaged",
        f"文件按 {encoding.upper()} 读到第 {error.start} 字节时遇到损坏的字节"
        + ("，末尾的字不完整，文件可能被截断" if at_end else ""),
        place=f"{name} 第 {line} 行" if line else name,
        way_out="请重新取得完整的文件；" + _WAY_OUT,
    )


def _checked(decoded: Decoded, encoding: str, declared: str) -> Decoded:
    """Add what the label and the text itself give away."""
    findings = list(decoded.findings)
    label = declared.strip().lower()
    family = _FAMILIES.get(label, label)
    if label and not decoded.text.isascii() and not encoding.startswith(family):
        message = f"文件自称编码为 {declared.strip()[:40]}，实为 {encoding.upper()}，已按实际编码读取"
        findings.append(Finding("encoding_mislabelled", message))
    if not decoded.findings and "\ufffd" in decoded.text:
        line = count_lines(decoded.text, decoded.text.index("\ufffd"))
        count = decoded.text.count("\ufffd")
        message = f"文字里已有 {count} 个替代符“\ufffd”，之前转换编码时丢过字，请与原文核对"
        findings.append(Finding("replacement_characters", message, line, lost=True))
    return Decoded(decoded.text, encoding, tuple(findings))


def refuse_nul(text: str, name: str) -> None:
    """Raise SourceError ``text_nul`` with the line of the first NUL character."""
    at = text.find("\0")
    if at >= 0:
        raise SourceError(
            "text_nul",
            "文件里有空字符（NUL），可能不是文字文件或已损坏",
            place=f"{name} 第 {count_lines(text, at)} 行",
            way_out=_WAY_OUT,
        )
