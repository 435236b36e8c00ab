"""Short forms of the long titles of judicial interpretations: 婚姻家庭编解释（一）, 民诉法解释.

最高人民法院关于适用〈民法典〉婚姻家庭编的解释（一） is written in many shorter ways. Each form made here
is a whole name: nothing is ever matched by a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

STATE_NAME = "中华人民共和国"

_DIGITS = "零一二三四五六七八九十"
_PART = r"(?P<part>（[一二三四五六七八九十]{1,2}）)?"
_BODY = re.compile(
    r"最高人民(?:法院|检察院)(?:[、和与]?最高人民检察院)?(?:[、和与]?(?:公安部|司法部|国家安全部))*(?=关于)"
)
_ON_LAW = re.compile(
    r"关于(?:在[^〈〉]{1,12}中)?适用〈(?P<law>[^〈〉]{1,30})〉(?P<rest>[^〈〉（）]{0,20}?)(?:(?:若干|有关|的)?问题)?的?(?:若干)?"
    rf"(?P<sort>解释|规定)(?:（试行）)?{_PART}"
)
_ON_CASES = re.compile(
    r"关于(?:人民法院)?(?:审理|办理|审查)(?P<topic>[^〈〉（）]{1,60}?)(?:(?:如何)?(?:具体)?(?:适用|应用)(?:法律|国际条约和国际惯例))?"
    rf"(?:若干|有关|的|几个)*(?:问题)?的?(?:若干)?(?P<sort>解释|规定)(?:（试行）)?{_PART}"
)
_ON_SUBJECT = re.compile(
    rf"关于(?P<topic>[^〈〉（）]{{1,40}}?)(?:(?:适用|应用)法律)?(?:若干|有关)*(?:问题)?的?(?:若干)?(?P<sort>解释|规定)(?:（试行）)?{_PART}"
)
_PART_NUMBER = re.compile(r"(?P<sort>解释|规定)(?P<part>[一二三四五六七八九十]{1,2}|1?[0-9]|（1?[0-9]）)\Z")
_EDITION = "（试行）"


def fold_part_number(name: str) -> str:
    """民法典婚姻家庭编解释一 and …解释1 as …解释（一）; anything else as it is."""
    match = _PART_NUMBER.search(name)
    if match is None:
        return name
    part = match["part"].strip("（）")
    if part.isdigit():
        number = int(part)
        if not 0 < number < 20:
            return name
        part = _DIGITS[number] if number <= 10 else "十" + _DIGITS[number - 10]
    return f"{name[: match.end('sort')]}（{part}）"


def short_forms(title: str, nicknames: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Short names of ``title``, a title key without 中华人民共和国; empty for anything but an interpretation.

    ``nicknames`` maps the short title of a law to its everyday names.
    """
    body = _BODY.match(title)
    subject = title[body.end() :] if body else title
    if not subject.startswith("关于") or not (body or "〈" in subject):
        return ()
    forms = [subject, subject.removeprefix("关于")] if body else [subject.removeprefix("关于")]
    forms += [form.replace("〈", "").replace("〉", "") for form in list(forms)]
    if match := _ON_LAW.fullmatch(subject):
        forms += _forms_on_law(match, nicknames)
    elif match := _ON_CASES.fullmatch(subject):
        forms += _forms_on_topic(match, _case_topics(match["topic"]))
    elif match := _ON_SUBJECT.fullmatch(subject):
        forms += _forms_on_topic(match, [match["topic"]])
    written = [variant for form in forms for variant in _with_part_variants(form)]
    return tuple(name for name in dict.fromkeys(written) if len(name) > 3 and name != title)


def _forms_on_law(match: re.Match[str], nicknames: Mapping[str, Iterable[str]]) -> Iterator[str]:
    rest = match["rest"].removeprefix("有关").removesuffix("的").removesuffix("若干").removesuffix("有关")
    part = match["part"] or ""
    names = list(dict.fromkeys((match["law"], *nicknames.get(match["law"], ()))))
    for name in names:
        if "编" in name and rest:
            continue  # 婚姻家庭编 stands for 民法典 among its names, 婚姻家庭编婚姻家庭编 for nothing
        for opened in (name, f"〈{name}〉", f"〈{STATE_NAME}{name}〉"):
            yield from _sorts(f"{opened}{rest}", match["sort"], part)
            yield from _sorts(f"适用{opened}{rest}", match["sort"], part)
            if rest:
                yield f"{opened}{rest}的{match['sort']}{part}"
                yield f"适用{opened}{rest}的{match['sort']}{part}"
                yield f"关于适用{opened}{rest}的{match['sort']}{part}"
            else:
                yield f"适用{opened}的{match['sort']}{part}"
                yield f"关于适用{opened}的{match['sort']}{part}"
    if rest:
        yield from _sorts(rest, match["sort"], part)
        if rest.endswith("编通则"):
            yield from _sorts(rest.removesuffix("通则"), match["sort"], part)


def _forms_on_topic(match: re.Match[str], topics: Iterable[str]) -> Iterator[str]:
    for topic in topics:
        yield from _sorts(topic, match["sort"], match["part"] or "")


def _sorts(name: str, sort: str, part: str) -> Iterator[str]:
    """An interpretation is called 司法解释 whether its title says 解释 or 规定."""
    yield f"{name}{sort}{part}"
    yield f"{name}司法解释{part}"
    if sort == "规定":
        yield f"{name}解释{part}"


def _case_topics(topic: str) -> list[str]:
    """建设工程施工合同纠纷案件 with and without 案件, 纠纷 and 合同 at its end and 涉及 at its head."""
    topics = [topic]
    for ending in ("案件", "刑事", "民事", "行政", "纠纷", "民事"):
        if topics[-1].endswith(ending) and len(topics[-1]) > len(ending) + 1:
            topics.append(topics[-1].removesuffix(ending))
    for plain in list(topics):
        for head in ("涉及", "涉"):
            if plain.startswith(head):
                topics.append(plain.removeprefix(head))
                break
    return topics


def _with_part_variants(form: str) -> Iterator[str]:
    """解释（一） also as 解释一 and 解释1."""
    yield form
    if form.endswith("）") and (opened := form.rfind("（")) > 0:
        part = form[opened + 1 : -1]
        yield form[:opened] + part
        if part in _DIGITS[1:]:
            yield f"{form[:opened]}{_DIGITS.index(part)}"
