"""What kind of statute a file holds: type, issuing body, region, names, dates; from title, note, folder."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from ingest.drafts import Act, ActKind, DraftProvision
from ingest.parsers.statute_layout import close_blanks
from ingest.parsers.statutes import shorten_title
from ingest.parsers.validity import read_closing_clause
from kb.domain.works import NATIONAL, Provision

STATUTE_TYPES = (
    *(
        "宪法",
        "法律",
        "立法解释",
        "有关法律问题的决定",
        "修正案",
        "修改决定",
        "行政法规",
        "监察法规",
        "地方性法规",
    ),
    *(
        "自治条例和单行条例",
        "经济特区法规",
        "司法解释",
        "部门规章",
        "地方政府规章",
        "军事法规",
        "裁判口径",
        "规范性文件",
    ),
)
_FOLDER_TYPES = {
    "宪法": "宪法",
    "行政法规": "行政法规",
    "司法解释": "司法解释",
    "部门规章": "部门规章",
    "北京地方性法规": "地方性法规",
    "地方性法规": "地方性法规",
    "监察法规": "监察法规",
}
LAW_TOPICS = ("宪法相关法", "民法商法", "行政法", "经济法", "社会法", "刑法", "诉讼与非诉讼程序法")
_LAW_FOLDERS = (*LAW_TOPICS, "民法典")
_NAME_DATE = re.compile(r"[(（]([12][0-9]{3})[-.]([0-9]{1,2})[-.]([0-9]{1,2})[)）]$")
_PRACTICE = re.compile(r"会议纪要|答复|解答|问答|口径|审判指南|指导意见|审理指南|参考$")
_COURT = re.compile(r"最高人民法院|最高人民检察院")
_LOCAL = re.compile(
    r"(?:北京|上海|天津|重庆)市|(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|"
    r"云南|陕西|甘肃|青海)省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区|北京(?=历史|国际|中)"
)
_REGION_OF_BODY = re.compile(r"([\u4e00-\u9fff]{2,8}?(?:省|自治区|市))(?:第|人民代表大会|人大|人民政府)")
_HIGHEST = "全国人民代表大会"
_STANDING = "全国人民代表大会常务委员会"
_BODY_NAMES = {
    "最高人民法院审判委员会": "最高人民法院",
    "最高人民检察院检察委员会": "最高人民检察院",
    "人大常委会": "人民代表大会常务委员会",
}
_MAKES = (ActKind.ADOPTED, ActKind.AMENDED, ActKind.REVISED, ActKind.PUBLISHED, ActKind.APPROVED)
_TITLE_BODY = re.compile(
    r"((?:最高人民法院|最高人民检察院|公安部|国家安全部|司法部|国务院|中央军事委员会|"
    r"全国人民代表大会常务委员会|全国人民代表大会|[\u4e00-\u9fff]{2,12}人民代表大会常务委员会|、| )+)关于"
)


def read_name_date(name: str) -> dt.date | None:
    """The day in brackets at the end of a file's name, None where there is none."""
    match = _NAME_DATE.search(PurePosixPath(name).stem)
    if match is None:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def name_without_date(name: str) -> str:
    """The file's name as a title: without folders, ending and day."""
    return _NAME_DATE.sub("", PurePosixPath(name).stem).strip()


def read_issuing_body(title: str, acts: Sequence[Act]) -> str:
    """Who issued the text: named before 关于 in the title, else who first passed or published it.

    What a ministry published after 国务院 approved it is the ministry's.
    """
    if match := _TITLE_BODY.match(title):
        named = match[1].replace("最高人民法院最高", "最高人民法院、最高")
        return "、".join(part for part in re.split("[、 ]+", named.strip("、 ")) if part)
    order = (ActKind.ADOPTED, ActKind.PUBLISHED, ActKind.REVISED, ActKind.AMENDED, ActKind.APPROVED)
    for kind in order:
        bodies = dict.fromkeys(_name_body(act.body) for act in acts if act.kind is kind and act.body)
        if bodies and kind is ActKind.ADOPTED:
            first = min(act.day for act in acts if act.kind is kind and act.body)
            bodies = dict.fromkeys(
                _name_body(act.body)
                for act in acts
                if act.kind is kind and act.body and (act.day - first).days < 400
            )
            return "、".join(bodies)
        if bodies:
            return next(iter(bodies))
    return ""


def read_region(title: str, body: str, folder: str) -> str:
    """全国, or the province that a regulation's body, title or folder names."""
    if body.startswith(("全国", "国务院", "最高")) or _COURT.match(title):
        return NATIONAL
    if match := _REGION_OF_BODY.match(body):
        return match[1]
    if folder.endswith("地方性法规") and folder != "地方性法规":
        place = folder.removesuffix("地方性法规")
        return place if place.endswith(("省", "市", "区")) else f"{place}市"
    if (match := _LOCAL.match(title)) and "诉" not in title:
        return f"{match[0]}市" if match[0] == "北京" else match[0]
    return NATIONAL


def read_statute_type(title: str, body: str, numbers: Sequence[str], folder: str, region: str) -> str:
    """One of ``STATUTE_TYPES``; empty when neither title, body, number nor folder tells."""
    if "修正案" in title and "决定" not in title:
        return "修正案"
    courts = bool(_COURT.search(body) or _COURT.match(title)) or folder == "司法解释"
    if courts:
        if _PRACTICE.search(title):
            return "裁判口径"
        return "司法解释"
    if _PRACTICE.search(title) and "高级人民法院" in title:
        return "裁判口径"
    if body.startswith(_HIGHEST) or folder in _LAW_FOLDERS:
        if title.endswith("宪法") and folder in ("", "宪法"):
            return "宪法"
        if title.startswith("关于修改") or ("关于修改" in title and title.endswith("的决定")):
            return "修改决定"
        if "关于" in title and title.endswith("的解释"):
            return "立法解释"
        if "关于" in title and title.endswith(("的决定", "的决议", "若干规定")):
            return "有关法律问题的决定"
        return "法律"
    if region != NATIONAL:
        if "人民政府" in body:
            return "地方政府规章"
        return "地方性法规" if "人民代表大会" in body or folder.endswith("地方性法规") else ""
    if folder in _FOLDER_TYPES:
        known = _FOLDER_TYPES[folder]
        return known
    if any(number.startswith(("国务院令", "国务院、")) for number in numbers) or body.startswith("国务院"):
        return "行政法规"
    if body == "国家监察委员会":
        return "监察法规"
    if body.startswith("中央军事委员会"):
        return "军事法规"
    if re.search(r"[部局署会行]$", body) and any("令" in number for number in numbers):
        return "部门规章"
    return ""


def read_topic(folder: str) -> str:
    """The department of law that the folder names."""
    if folder == "民法典":
        return "民法商法"
    return folder if folder in LAW_TOPICS else ""


def list_aliases(title: str, name: str, acts: Sequence[Act]) -> tuple[str, ...]:
    """Other names of the text: the file's, and 中华人民共和国… where a deciding document says it."""
    found: list[str] = []
    file_title = name_without_date(name)
    if close_blanks(file_title) != close_blanks(title) and len(file_title) > 1:
        found.append(file_title)
    full = f"中华人民共和国{title}"
    if not title.startswith("中华人民共和国") and any(f"〈{full}〉" in act.by for act in acts):
        found.append(full)
    short = shorten_title(title)
    return tuple(one for one in dict.fromkeys(found) if one not in (title, short))


def read_declared_start(
    acts: Sequence[Act], provisions: Sequence[DraftProvision], name_date: dt.date | None
) -> dt.date | None:
    """The start that the file states for this text, None when what it states is an older text's.

    A 施行 act of the note, else the text's own 自…起施行, must not lie before the newest act; where the note
    says nothing, the text's clause must not lie before the day in the file's name.
    """
    newest = max((act.day for act in acts if act.kind in _MAKES), default=None)
    starts = [act.day for act in acts if act.kind is ActKind.IN_FORCE]
    valid = [day for day in starts if newest is None or day >= newest]
    if valid:
        return max(valid)
    tail = [
        Provision("", "", one.number, one.label, one.path, one.text, index)
        for index, one in enumerate(provisions)
        if one.number or len(provisions) < 4
    ][-4:]
    clause = read_closing_clause(tail)
    if clause is None or clause.day is None:
        return None
    floor = newest or name_date
    return clause.day if floor is None or clause.day >= floor else None


def _name_body(body: str) -> str:
    for written, name in _BODY_NAMES.items():
        if body.endswith(written):
            return body[: len(body) - len(written)] + name
    return body
