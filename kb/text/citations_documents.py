"""Find document numbers: 京司发〔2022〕40号, 主席令第四十五号, 国务院令第586号, 某某部令2020年第16号."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.text.normalise import HAN_CLASS
from kb.text.numerals import MAX_NUMERAL_CHARS, NUMERAL_CLASS, parse_number

MAX_CODE = 14
"""Characters of the issuer's code (高检发释字, 京人社劳动发) or name (北京市人民政府)."""

_STATE = "中华人民共和国"
_NUMBER = rf"[{NUMERAL_CLASS}]{{1,{MAX_NUMERAL_CHARS}}}+"
_DATED = re.compile(
    r"[〔\[(（【﹝〖［]\s{0,2}(?P<year>[12][0-9]{3}|[一二][〇○零一二三四五六七八九]{3})\s{0,2}年?\s{0,2}[〕\])）】﹞〗］]"
    rf"\s{{0,2}}第?\s{{0,2}}(?P<number>{_NUMBER})\s{{0,2}}号"
)
_ORDER = re.compile(
    rf"令\s{{0,2}}(?P<open>[（(〔]\s{{0,2}})?第?\s{{0,2}}(?P<number>{_NUMBER})\s{{0,2}}号(?(open)\s{{0,2}}[）)〕])"
)
_ORDER_REVERSED = re.compile(rf"第\s{{0,2}}(?P<number>{_NUMBER})\s{{0,2}}号令")
_OF_YEAR = re.compile(
    r"(?P<sort>令|公告)\s{0,2}(?P<year>[12][0-9]{3})\s{0,2}年\s{0,2}"
    rf"第\s{{0,2}}(?P<number>{_NUMBER})\s{{0,2}}号"
)
_RUN = re.compile(rf"[{HAN_CLASS}]{{1,30}}\Z")
_ISSUER_LAST = re.compile(
    rf"第\s{{0,2}}(?P<number>{_NUMBER})\s{{0,2}}号(?P<issuer>(?:{_STATE})?(?:主席|国务院))令"
)
_ISSUER = re.compile(
    rf"(?:主席|国务院|总理|[{HAN_CLASS}]{{1,18}}?"
    r"(?:部|委员会|委|局|署|总局|人民政府|政府|法院|检察院|行|会|办公室|院|厅|省|市|区))\Z"
)
# Words that lead to an order. A dated code has its own characters, see below.
_LEADS = re.compile(
    ".*(?:根据|依据|依照|按照|参照|参见|详见|执行|落实|贯彻|印发|发布|下发|转发|公布|关于|文件|以及|或者|还有"
    "|其中|通知|适用|违反|所附|文号|编号|即为"
    "|系|见|以|和|与|及|按|据|的|在|由|为|是|从|对|把|将|被|至|或|有|了|说|称|含|等|这|找|看)"
)
# What the code of a dated number is made of: places, organs, offices, subjects, the kind of paper.
_CODE_HEADS = (
    "京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云黔滇陕甘青宁新藏国中法高最财税建民司公人劳卫教"
    "科工农林水交文旅环生自市商证银保审统海质药食安信军组厅体住城规房土发署监应退外知金期党纪宣网编残"
    "妇团研档机粮邮铁气地消特标认疾园综医社价政汇关总东西朝丰石门通顺昌大平怀密延"
)
_CODE_PARTS = (
    "央检办政府部委局院会计资源育广电管经贸改格能械急役专产权融货险行函字释告复令传战校储航象震防警种"
    "设备准控疫绿化救福老龄殡婚养促援律矫普戒毒基秘议治扶贫移侨台港澳事宗族测绘矿核原烟草盐业务企动就"
    "失伤城乡劳仲区县镇街额度文诉执刑立审监赔民研农调保户籍"
)
_CODE = re.compile(rf"[{_CODE_HEADS}][{_CODE_HEADS}{_CODE_PARTS}]{{0,{MAX_CODE - 1}}}+\Z")
_NO_DOCUMENT = re.compile("(?:仲|鉴|裁)字?\\Z|(?:合同|协议)\\Z")
"""Arbitration and appraisal numbers look alike and are of one case."""


@dataclass(frozen=True)
class DocumentNumber:
    """``text[start:end]`` and its one spelling: 京司发〔2022〕40号, 主席令第45号."""

    start: int
    end: int
    number: str


def find_document_numbers(text: str) -> list[DocumentNumber]:
    """Every document number in order of place."""
    found: list[DocumentNumber] = []
    reached = 0
    for match in _DATED.finditer(text):
        code = _read_code(text, match.start(), reached)
        if code:
            number = canonical_dated(code, match["year"], match["number"])
            if number:
                found.append(DocumentNumber(match.start() - len(code), match.end(), number))
                reached = match.end()
    for match in _ORDER.finditer(text):
        issuer = _read_issuer(text, match.start())
        count = parse_number(match["number"])
        if issuer and count:
            found.append(DocumentNumber(match.start() - len(issuer), match.end(), _order(issuer, count)))
    for match in _ORDER_REVERSED.finditer(text):
        issuer = _read_issuer(text, match.start())
        count = parse_number(match["number"])
        if issuer and count:
            found.append(DocumentNumber(match.start() - len(issuer), match.end(), _order(issuer, count)))
    for match in _OF_YEAR.finditer(text):
        issuer = _read_issuer(text, match.start())
        if issuer and (count := parse_number(match["number"])):
            number = f"{issuer.removeprefix(_STATE)}{match['sort']}{match['year']}年第{count}号"
            found.append(DocumentNumber(match.start() - len(issuer), match.end(), number))
    for match in _ISSUER_LAST.finditer(text):
        if count := parse_number(match["number"]):
            found.append(DocumentNumber(match.start(), match.end(), _order(match["issuer"], count)))
    return sorted(found, key=lambda one: one.start)


def document_key(number: str) -> str:
    """One spelling of a document number; ``number`` itself, without blanks, when it is none that we know."""
    plain = "".join(number.split())
    found = find_document_numbers(plain)
    return found[0].number if len(found) == 1 and found[0].end == len(plain) else plain


def is_document_number(name: str) -> bool:
    """Whether the whole of ``name`` is the number of a document."""
    plain = "".join(name.split())
    if not plain.endswith("号"):
        return False
    found = find_document_numbers(plain)
    return len(found) == 1 and (found[0].start, found[0].end) == (0, len(plain))


def canonical_dated(code: str, year: str, number: str) -> str | None:
    """京司发〔2022〕40号; None for a numeral that is none."""
    counted, when = parse_number(number), parse_number(year)
    return f"{code}〔{when}〕{counted}号" if counted and when else None


def _order(issuer: str, count: int) -> str:
    return f"{issuer.removeprefix(_STATE)}令第{count}号"


def _read_code(text: str, end: int, low: int) -> str:
    """The issuer's code that ends at ``end``; empty when what stands there is none."""
    code = _CODE.search(text, max(low, end - MAX_CODE), end)
    return code[0] if code and not _NO_DOCUMENT.search(code[0]) else ""


def _read_issuer(text: str, end: int) -> str:
    """Who gave an order: 主席, 国务院, a ministry or government, with 中华人民共和国 where it stands."""
    run = _RUN.search(text, max(0, end - 24), end)
    name = _without_lead(run[0]) if run else ""
    return name if _ISSUER.search(name) else ""


def _without_lead(run: str) -> str:
    """``run`` from its first character that belongs to a name."""
    state = run.rfind(_STATE)
    if state >= 0:
        return run[state:]
    lead = _LEADS.match(run[:-1])
    return run[lead.end() :] if lead else run
