"""What a case says of itself: kind, court, numbers, day, cause, cited provisions; empty where it does not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.parsers.normative_days import find_days
from kb.domain.records import CASE_KINDS, LegalBasis
from kb.text.citations import TitleKind, find_citations
from kb.text.normalise import HAN_CLASS
from kb.text.quoted_titles import find_quoted_titles

FORCE_OF_GUIDING = "应当参照"
FORCE_OF_OTHERS = "供参考，非裁判依据"

_KIND_WORDS = (
    (re.compile(r"指导性案例|指导案例 ?(?:第 ?)?\d{1,4} ?号|检例第 ?\d{1,4} ?号"), "指导性案例"),
    (re.compile(r"人民法院案例库|入库编号|入库案例"), "人民法院案例库参考案例"),
    (re.compile(r"(?:北京.{0,12})?参阅案例"), "北京参阅案例"),
    (re.compile(r"公报案例|最高人民法院公报|最高人民检察院公报"), "公报案例"),
    (re.compile(r"司法行政(?:\(法律服务\)|（法律服务）)?案例"), "司法行政案例"),
    (re.compile(r"典型案[例事]"), "典型案例"),
)
_LIBRARY_NUMBER = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d-\d{3}-\d{3}(?![\d-])")
_GUIDING_NUMBER = re.compile(r"(?:指导(?:性)?案例 ?(?:第 ?)?\d{1,4} ?号|检例第 ?\d{1,4} ?号)")
CASE_NUMBER = re.compile(
    rf"[（(〔\[] ?(?P<year>(?:19|20)\d{{2}}) ?[）)〕\]] ?(?P<code>[{HAN_CLASS}0-9]{{2,20}}?) ?(?:第 ?)?"
    r"(?P<number>\d{1,6}) ?(?:号(?:之[一二三四五六七八九十]{1,2})?)"
)
_COURT = re.compile(
    rf"最高人民法院|[{HAN_CLASS}]{{2,24}}?(?:人民法院|知识产权法院|互联网法院|金融法院|海事法院|铁路运输法院|铁路运输中级法院)"
)
_NOT_A_COURT = re.compile(
    r"\A(?:本案|该案|一审|二审|再审|原审|生效|上诉|不服|经|由|在|向|至|后|遂|并|及|和|与|被告|原告|当事人|法院|维持|撤销|诉至|起诉至)+"
)
_SPEAKS = re.compile(r"(?:一审|二审|再审|经?审理|经审查|审查|作出|判决|裁定|认为|立案)")
_LEVELS = (
    ("最高人民法院", "最高"),
    ("高级人民法院", "高级"),
    ("中级", "中级"),
    ("知识产权法院", "中级"),
    ("金融法院", "中级"),
)
_PROCEDURES = (
    ("再", "再审"),
    ("监", "再审"),
    ("申", "申请再审审查"),
    ("终", "二审"),
    ("初", "一审"),
    ("执", "执行"),
)
_TYPES = (
    ("国赔", "国家赔偿"),
    ("委赔", "国家赔偿"),
    ("赔", "国家赔偿"),
    ("执", "执行"),
    ("刑", "刑事"),
    ("行", "行政"),
    ("民", "民事"),
)
CASE_TYPES = ("刑事", "民事", "行政", "国家赔偿", "执行")
_CAUSES = (
    "离婚|婚约财产|抚养费|抚养权|赡养|同居关系|法定继承|遗嘱继承|继承|婚姻家庭|分家析产|名誉权|隐私权|肖像权|姓名权|人格权"
    "|个人信息保护|一般人格权|身体权|健康权|生命权|物业服务合同|房屋租赁合同|房屋买卖合同|商品房预售合同|商品房销售合同|商品房买卖合同"
    "|租赁合同|网络服务合同|电信服务合同|医疗服务合同|旅游合同|教育培训合同|餐饮服务合同|服务合同|信息网络买卖合同|网络购物合同"
    "|网络信息购物合同|买卖合同|承揽合同|建设工程施工合同|建设工程合同|民间借贷|金融借款合同|借款合同|保理合同|保证合同|委托合同"
    "|运输合同|保管合同|赠与合同|技术合同|中介合同|合伙合同|保险合同|劳动争议|劳动合同|追索劳动报酬|工伤保险待遇|确认劳动关系|劳务合同"
    "|提供劳务者受害责任|机动车交通事故责任|医疗损害责任|产品责任|高度危险责任|环境污染责任|饲养动物损害责任|物件损害责任|财产损害赔偿"
    "|网络侵权责任|侵权责任|土地承包经营权|农村土地承包合同|土地承包合同|相邻关系|物权保护|物权确认|所有权确认|不当得利|无因管理"
    "|捆绑交易|滥用市场支配地位|垄断|不正当竞争|著作权|商标权|专利权|股权转让|公司决议|股东资格确认|破产|合同"
)
_CAUSE = re.compile(rf"(?P<cause>(?:{_CAUSES})(?:纠纷)?)(?:一)?案\Z")
_BARE_NAME = re.compile(
    rf"(?:\A|[、，。；：:（( ])(?P<name>[{HAN_CLASS}]{{2,40}}(?:法典|法|条例|规定|办法|解释|细则))\Z"
)
_ARTICLE_HEAD = re.compile(r"第[零〇一二三四五六七八九十百千0-9]{1,10}条(?:之[一二三四五六七八九十]{1,3})?")


@dataclass(frozen=True)
class Trial:
    """One decision that the text tells of: 北京市…人民法院于…作出（2020）…号民事判决."""

    court: str
    number: str
    day: dt.date | None
    case_type: str
    procedure: str

    def __str__(self) -> str:
        """One line for ``CaseDetails.related_trials``."""
        return " ".join(
            part for part in (self.court, self.number, self.day.isoformat() if self.day else "") if part
        )


def find_case_kind(*texts: str) -> str:
    """The kind that headings, batch or fields name; empty when none of them does."""
    for pattern, kind in _KIND_WORDS:
        if any(pattern.search(text) for text in texts):
            return kind
    return ""


def force_of(kind: str) -> str:
    """How a case of this kind binds; empty while the kind is not known."""
    if kind not in CASE_KINDS:
        return ""
    return FORCE_OF_GUIDING if kind == "指导性案例" else FORCE_OF_OTHERS


def find_entry_number(text: str) -> str:
    """入库编号 such as 2023-07-2-091-001."""
    match = _LIBRARY_NUMBER.search(text)
    return match[0] if match else ""


def find_guiding_number(text: str) -> str:
    """指导案例17号 or 检例第5号, without blanks."""
    match = _GUIDING_NUMBER.search(text)
    return "".join(match[0].split()) if match else ""


def find_cause(title: str) -> str:
    """案由 at the end of the parties' title, where it is one of the common causes; the longest wins."""
    match = _CAUSE.search(title)
    return match["cause"] if match else ""


def find_trials(text: str) -> list[Trial]:
    """Decisions of which court and day stand before the number; a number only referred to is none."""
    trials: dict[str, Trial] = {}
    for match in CASE_NUMBER.finditer(text):
        low = max(match.start() - 90, 0)
        before = re.split("[。；\n]", text[low : match.start()])[-1]
        days = find_days(before)
        courts = list_courts(before)
        dated = bool(days) and len(before) - days[-1].end <= 6
        if not courts or not (dated or before.endswith(("作出", "下达", "做出"))):
            continue
        number = f"（{match['year']}）{match['code']}{match['number']}号"
        if "第" in match[0]:
            number = f"（{match['year']}）{match['code']}第{match['number']}号"
        trial = Trial(
            courts[-1],
            number,
            days[-1].day if dated else None,
            read_case_type(match["code"]),
            read_procedure(match["code"]),
        )
        trials.setdefault(number, trial)
    return list(trials.values())


def list_courts(text: str) -> list[str]:
    """Courts named in ``text`` in order, without the words before their names."""
    found = []
    for match in _COURT.finditer(text):
        name = _NOT_A_COURT.sub("", match[0])
        if len(name) > 5 or name == "最高人民法院":
            found.append(name)
    return found


def find_deciding_court(text: str) -> tuple[str, str]:
    """The last court that the text lets speak and in what procedure (…人民法院二审认为); else empty."""
    court = procedure = ""
    for match in _COURT.finditer(text):
        if (spoken := _SPEAKS.match(text, match.end())) and (names := list_courts(match[0])):
            court = names[-1]
            procedure = spoken[0] if spoken[0] in ("一审", "二审", "再审") else ""
    return court, procedure


def read_court_level(court: str) -> str:
    """最高, 高级, 中级 or 基层 by the court's name; empty for none."""
    if not court:
        return ""
    return next((level for word, level in _LEVELS if word in court), "基层")


def read_procedure(code: str) -> str:
    """一审, 二审, 再审 … by the letters of a case number (民初, 民终, 民再)."""
    return next((name for char, name in _PROCEDURES if char in code), "")


def read_case_type(code: str) -> str:
    """民事, 刑事, 行政, 国家赔偿 or 执行 by the letters of a case number."""
    return next((name for chars, name in _TYPES if chars in code), "")


def list_cited(texts: Iterable[str]) -> tuple[LegalBasis, ...]:
    """Provisions of a related-law section, each once.

    A line that begins with 第X条 is an article of the title named before it, and its words cite nothing more.
    """
    found: dict[LegalBasis, None] = {}
    title = ""
    for text in texts:
        head = _ARTICLE_HEAD.match(text)
        if head:
            if title:
                found[LegalBasis(title, head[0])] = None
            continue
        known = title
        for citation in find_citations(text):
            if citation.title_kind is TitleKind.QUOTED:
                known = citation.title or ""
            elif citation.title_kind is TitleKind.UNKNOWN:
                name = _BARE_NAME.search(text[max(citation.span[0] - 45, 0) : citation.span[0]])
                known = name["name"] if name else ""
            elif citation.title_kind is TitleKind.BARE:
                known = citation.title or ""
            elif citation.title_kind is TitleKind.RELATIVE:
                continue
            if known:
                units = "".join(_write_unit(unit) for unit in citation.units[:1])
                found[LegalBasis(known, citation.label + units)] = None
        quoted = find_quoted_titles(text)
        if quoted:
            title = quoted[-1].title
    return tuple(found)


def _write_unit(unit: object) -> str:
    from kb.text.numerals import format_number

    paragraph, item = getattr(unit, "paragraph", None), getattr(unit, "item", None)
    return (f"第{format_number(paragraph)}款" if paragraph else "") + (
        f"第{format_number(item)}项" if item else ""
    )
