"""What a page or text says about a document: 发文字号, 索引号, 成文日期, 有效期, bodies and region."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.lines import Line
from ingest.parsers.normative_days import add_months, add_years, find_days, parse_day
from kb.domain.works import NATIONAL
from kb.text.normalise import HAN_CLASS, normalise
from kb.text.numerals import parse_number

FIELD_KEYS: dict[str, str] = {
    **dict.fromkeys(("索引号", "信息索引号", "索引编号"), "index_number"),
    **dict.fromkeys(("主题分类", "信息分类", "所属主题", "分类"), "subject"),
    **dict.fromkeys(("体裁", "公文种类", "公文类型", "文种"), "genre"),
    **dict.fromkeys(("成文日期", "发文日期", "印发日期", "制发日期", "签发日期", "成文时间"), "written_on"),
    **dict.fromkeys(("发布日期", "公开日期", "发布时间", "公布日期"), "issued_on"),
    **dict.fromkeys(("通过日期", "审议通过日期"), "adopted_on"),
    **dict.fromkeys(("实施日期", "施行日期", "生效日期", "执行日期"), "effective_from"),
    **dict.fromkeys(("失效日期", "废止日期", "终止日期"), "expires_on"),
    **dict.fromkeys(("有效期", "有效期限"), "validity_note"),
    **dict.fromkeys(("有效性", "效力状态", "是否有效", "时效性"), "declared_state"),
    **dict.fromkeys(("发文字号", "发文文号", "公文字号", "文号"), "document_number"),
    **dict.fromkeys(
        ("发文机关", "发文机构", "发布机构", "发布机关", "制发机关", "制定机关", "发文单位", "发布单位"),
        "issuing_body",
    ),
    **dict.fromkeys(("联合发文机关", "联合发文单位"), "joint_bodies"),
    **dict.fromkeys(("名称", "标题", "文件名称", "信息名称"), "title"),
    **dict.fromkeys(("公开属性", "公开方式", "公开类别", "信息公开选项"), "openness"),
    **dict.fromkeys(("合法性审核", "合法性审核意见"), "legality_review"),
    **dict.fromkeys(("备案号", "备案编号", "备案登记号", "规范性文件编号", "统一编号"), "filing_number"),
    **dict.fromkeys(("备案机关", "备案单位"), "filing_body"),
    **dict.fromkeys(("解释机关", "解释单位"), "interpreting_body"),
    **dict.fromkeys(("清理结论", "清理结果"), "clean_up_result"),
    **dict.fromkeys(("政策解读", "解读链接", "解读"), "explanation_url"),
    **dict.fromkeys(("信息来源", "来源", "主题词", "阅读次数", "浏览次数", "公开时限"), "ignored"),
}
"""Names of fields on government pages, to fields of ``NormativeDetails`` and a few more."""

DATE_FIELDS = frozenset(("written_on", "issued_on", "adopted_on", "effective_from", "expires_on"))
MAX_FIELD_LINE = 400
"""A longer line is text, not fields."""

_KEY = re.compile(
    "(?:^| |;|；)(?P<key>" + "|".join(sorted(FIELD_KEYS, key=len, reverse=True)) + r") ?[:：] ?"
)
_NUMBER = re.compile(
    rf"(?P<code>[{HAN_CLASS}]{{1,16}}) ?(?:[〔\[［【(（]) ?(?P<year>\d{{4}}) ?(?:[〕\]］】)）]) ?(?:第 ?)?"
    r"(?P<number>\d{1,5}) ?号"
)
_CODE_END = re.compile(r"(?:[发办字函规通文号司政综法公民财人社教卫建交知市监管]|告|释|令|委|局|厅|院|会)\Z")
_ORDER = re.compile(
    rf"[{HAN_CLASS}]{{0,24}}(?:令|公告|通告)"
    r"(?: ?第 ?\d{1,4} ?号|[ (（]?\d{4} ?年 ?第 ?\d{1,4} ?号[)）]?)"
    r"|\d{4}年第 ?\d{1,4} ?号"
)
_NUMERAL = r"[0-9零〇一二三四五六七八九十两]{1,4}"
_DAY = (
    r"(?:\d{4}年\d{1,2}月\d{1,2}日"
    r"|[一二][〇○零一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)"
)
_FORCE = "(?:施行|实施|执行|生效|试行|起效)"
_START_ON = re.compile(rf"自(?P<day>{_DAY})起(?:正式|开始)?{_FORCE}")
_START_AFTER = re.compile(
    rf"自(?P<event>印发|发布|公布|下发|签发|发文)之日起(?:满?(?P<count>{_NUMERAL})(?P<unit>日|天|个工作日|个月)后?)?"
    rf"(?:正式|开始)?{_FORCE}"
)
_SPAN = re.compile(rf"自(?P<from>{_DAY})起?(?:至|到)(?P<to>{_DAY})止?(?:{_FORCE}|有效)")
_VALID_UNTIL = re.compile(
    rf"(?:有效期限?|执行期限?|试行期限?|有效|{_FORCE})(?:为)?(?:截至|截止到?|至|到)(?P<day>{_DAY})"
)
_VALID_FOR = re.compile(
    rf"(?:有效期(?:限)?|试行期(?:限)?|试行|执行期(?:限)?)(?:为|：)?(?P<count>{_NUMERAL})(?P<unit>年|个月)"
)
_VALIDITY_WORD = re.compile(rf"有效|试行|执行期|失效|起{_FORCE}|之日起|{_FORCE}至")
_OF_ITSELF = re.compile(r"\s*(?:第[^条]{1,8}条\s*)?(?:本[^，。；]{1,16}|有效期)")
_INTERPRETED = re.compile(
    rf"(?:由|授权)(?P<body>[{HAN_CLASS}、]{{2,60}}?)(?:会同[{HAN_CLASS}、]{{1,60}}?)?(?:负责)(?:具体)?(?:解释|说明)\Z"
)
_ADOPTED = re.compile(
    rf"(?:已)?经(?:过)? ?(?P<before>{_DAY})?"
    rf"(?P<by>[{HAN_CLASS}0-9 ]{{2,60}}?(?:会议|会|全会))(?P<after>{_DAY})?"
    r"(?:研究|审议|讨论)?(?:同意|通过|审议通过)"
)
_WINDOW = 140
"""Characters before 解释 or 通过 in which the body or meeting is looked for."""
_BODY_END = re.compile(
    r"(?:局|委员会|委|办公厅|办公室|人民政府|政府|部|厅|署|法院|检察院|研究院|中心|总队|支队|协会|学会|联合会"
    r"|总工会|银行|大会|常务委员会|党组|管理处|司法所|街道办事处|公司|社|院|会|站|处)\Z"
)
_PROVINCES = (
    *("北京市", "天津市", "上海市", "重庆市", "河北省", "山西省", "辽宁省", "吉林省", "黑龙江省", "江苏省"),
    *("浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "海南省"),
    *("四川省", "贵州省", "云南省", "陕西省", "甘肃省", "青海省", "内蒙古自治区", "广西壮族自治区"),
    *("西藏自治区", "宁夏回族自治区", "新疆维吾尔自治区"),
)
_PROVINCE = re.compile("|".join(_PROVINCES))


@dataclass(frozen=True)
class Validity:
    """What a text says of its own force: first day, first day no longer in force, and the sentence."""

    starts: dt.date | None = None
    ends: dt.date | None = None
    note: str = ""


def read_fields(line: Line) -> dict[str, str]:
    """Fields of one line or table row by their names in this module; empty when it holds none.

    ``发布日期：2022-12-05``, ``索引号：… 主题分类：…`` and rows of name and value cells are understood; a
    line with anything before its first field name is text.
    """
    if line.cells:
        return _read_cells(line.cells)
    if len(line.raw) > MAX_FIELD_LINE:
        return {}
    # Normalising joins what blanks part in Chinese, so the fields of one line are told apart in the original.
    parted = " ".join(normalise(part).text for part in line.raw.split())
    return _split_fields(parted) or _split_fields(line.text)


def _split_fields(text: str) -> dict[str, str]:
    text = text.strip().strip("[]【】")
    if text.rstrip("：: ") in FIELD_KEYS:
        return {FIELD_KEYS[text.rstrip("：: ")]: ""}
    matches = list(_KEY.finditer(text))
    if not matches or matches[0].start() != 0:
        return {}
    fields = {}
    for match, end in zip(matches, [*(m.start() for m in matches[1:]), len(text)], strict=True):
        fields[FIELD_KEYS[match["key"]]] = text[match.end() : end].strip(" ;；")
    return fields


def _read_cells(cells: Sequence[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    waiting = ""
    for cell in cells:
        text = "".join(cell.split())
        name = FIELD_KEYS.get(text.strip("[]【】:：").removesuffix("："), "")
        if waiting:
            fields[waiting] = "" if name else cell.strip()
            waiting = name
        elif name:
            waiting = name
        elif (match := _KEY.match(cell.strip())) and len(cell) <= MAX_FIELD_LINE:
            fields[FIELD_KEYS[match["key"]]] = cell.strip()[match.end() :].strip()
        else:
            return {}
    return fields


def find_document_number(text: str) -> str:
    """The first 发文字号 of ``text`` in the standard spelling (京司发〔2022〕40号); empty when there is none.

    All brackets and blanks that people use are accepted. 令 and 公告 numbers are kept as written.
    """
    for match in _NUMBER.finditer(text):
        code = match["code"]
        if _CODE_END.search(code):
            return f"{code}〔{match['year']}〕{int(match['number'])}号"
    return ""


def read_number_line(text: str) -> str:
    """The number that a whole line is (发文字号, 令号, 公告号), brackets around it allowed; else empty."""
    bare = text.strip().strip("()（） ")
    if _NUMBER.fullmatch(bare):
        return find_document_number(bare)
    return "".join(bare.split()) if _ORDER.fullmatch(bare) else ""


def read_validity(texts: Iterable[str], written: dt.date | None, issued: dt.date | None) -> Validity:
    """What the sentences of ``texts`` say of start and end.

    自印发之日起 counts from ``written``, 自发布之日起 from ``issued`` where known. 有效期五年 ends
    five years after the start; 有效期至 names the last day, so the end is the day after it.
    """
    starts: dt.date | None = None
    ends: dt.date | None = None
    notes: list[str] = []
    for text in texts:
        for sentence in re.split("[。\n]", text):
            if len(sentence) > 2_000 or not _VALIDITY_WORD.search(sentence):
                continue
            start, end = _read_sentence(sentence, starts, written, issued)
            if start or end:
                notes.append(sentence.strip() + "。")
            starts, ends = start or starts, end or ends
    return Validity(starts, ends, "".join(notes))


def _read_sentence(
    sentence: str, known: dt.date | None, written: dt.date | None, issued: dt.date | None
) -> tuple[dt.date | None, dt.date | None]:
    start = end = None
    if (span := _SPAN.search(sentence)) and _speaks_of_itself(sentence, span.start()):
        return parse_day(span["from"]), _day_after(parse_day(span["to"]))
    if (match := _START_ON.search(sentence)) and _speaks_of_itself(sentence, match.start()):
        start = parse_day(match["day"])
    elif (match := _START_AFTER.search(sentence)) and _speaks_of_itself(sentence, match.start()):
        base = (issued or written) if match["event"] in ("发布", "公布") else (written or issued)
        start = _count_on(base, match["count"], match["unit"])
    if not start and not _OF_ITSELF.match(sentence):
        return None, None
    if until := _VALID_UNTIL.search(sentence):
        end = _day_after(parse_day(until["day"]))
    elif length := _VALID_FOR.search(sentence):
        base = start or known
        count = parse_number(length["count"])
        if base and count and count <= 100:
            end = add_years(base, count) if length["unit"] == "年" else add_months(base, count)
    return start, end


def _speaks_of_itself(sentence: str, place: int) -> bool:
    """Whether 自…起 is said of the document: after 本办法, a mark or nothing, not of another title."""
    before = sentence[:place].rstrip()
    return not before or before[-1] in "，,；;：: " or bool(re.search(r"本[^，。；]{1,16}\Z", before))


def _count_on(base: dt.date | None, count: str | None, unit: str | None) -> dt.date | None:
    if base is None or not count:
        return base
    number = parse_number(count)
    if number is None or unit == "个工作日":
        return None
    return add_months(base, number) if unit == "个月" else base + dt.timedelta(days=number)


def _day_after(day: dt.date | None) -> dt.date | None:
    return day + dt.timedelta(days=1) if day else None


def find_interpreting_body(texts: Iterable[str]) -> str:
    """The body that 由…负责解释 names, from the last sentence that does."""
    found = ""
    for text in texts:
        place = max(text.rfind("解释"), text.rfind("说明"))
        if place >= 0 and (match := _INTERPRETED.search(text[max(place - _WINDOW, 0) : place + 2])):
            found = match["body"]
    return found


def find_adoption(text: str) -> tuple[dt.date | None, str]:
    """Day and meeting of 已经2022年11月4日…会议审议通过; (None, "") when nothing of the kind is said."""
    place = text.find("通过")
    match = _ADOPTED.search(text[max(place - _WINDOW, 0) : place + 2]) if place >= 0 else None
    if match is None:
        return None, ""
    days = find_days(match[0])
    return (days[0].day if days else None), "".join(match["by"].split())


def split_bodies(raw: str) -> tuple[str, ...]:
    """Issuing bodies of a signature line, parted by blanks in the original; empty when it is none."""
    pieces = [
        normalise(piece).text.strip() for piece in re.split(r"[\s\u3000]+", raw.strip()) if piece.strip()
    ]
    merged: list[str] = []
    for piece in pieces:  # 司 法 局 spread over the line is one body
        if merged and not _BODY_END.search(merged[-1]):
            merged[-1] += piece
        else:
            merged.append(piece)
    good = all(
        4 <= len(body) <= 30 and _BODY_END.search(body) and re.fullmatch(f"[{HAN_CLASS}（）()]+", body)
        for body in merged
    )
    return tuple(merged) if merged and good else ()


def find_region(*texts: str) -> str:
    """北京市 and the like from the first of the texts that names a province; else 全国.

    A 发文字号 beginning with 京 is Beijing's.
    """
    for text in texts:
        if text.startswith("京") and find_document_number(text):
            return "北京市"
        if match := _PROVINCE.search(text[:40]):
            return match[0]
    return NATIONAL
