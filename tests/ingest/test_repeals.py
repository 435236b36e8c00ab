"""What a text says of the end of others."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.parsers.repeals import find_stated_repeals
from kb.domain.works import FAR_FUTURE, Provision, Version

DAY = dt.date(2021, 1, 1)


def version(start: dt.date = DAY, *, certain: bool = True) -> Version:
    return Version(
        "w1@2020-05-28", "w1", dt.date(2020, 5, 28), dt.date(2020, 5, 28), start, certain, FAR_FUTURE, True,
        "", "", "",
    )  # fmt: skip


def read(
    *texts: str, title: str = "某市灯会管理条例", first_text: bool = True
) -> list[tuple[str, str, dt.date | None]]:
    provisions = [
        Provision(f"w1:a{i}", "w1@2020-05-28", (i, 0), f"第{i}条", (), text, i)
        for i, text in enumerate(texts, start=1)
    ]
    found = find_stated_repeals(title, version(), provisions, first_text=first_text)
    return [(one.title, "" if one.number is None else f"{one.number[0]}", one.day) for one in found]


def test_a_list_of_titles_ends_on_the_day_that_the_clause_names() -> None:
    text = "本条例自2021年1月1日起施行。《灯会暂行办法》、《庙会规定》同时废止。"
    assert read(text) == [("灯会暂行办法", "", DAY), ("庙会规定", "", DAY)]


def test_who_issued_the_old_text_may_stand_before_its_title() -> None:
    text = "本办法自2021年1月1日起施行，1987年3月2日某市人民政府发布的《灯会暂行办法》同时废止。"
    assert read(text) == [("灯会暂行办法", "", DAY)]


def test_the_decision_that_amended_the_old_text_is_not_ended_with_it() -> None:
    text = (
        "根据1997年某市人大常委会《关于修改〈灯会办法〉的决定》修正的《灯会办法》自本条例施行之日起即行废止。"
    )
    assert read(text) == [("灯会办法", "", DAY)]


def test_in_an_amended_text_the_old_clause_has_no_day_of_its_own() -> None:
    text = "本条例自公布之日起施行。《灯会暂行办法》同时废止。"
    assert read(text) == [("灯会暂行办法", "", DAY)]
    assert read(text, first_text=False) == [("灯会暂行办法", "", None)]


def test_one_article_may_end_alone() -> None:
    text = "本条例自2021年1月1日起施行。《庙会规定》第十二条同时废止。"
    assert read(text) == [("庙会规定", "12", DAY)]


@pytest.mark.parametrize(
    "text",
    [
        "支付令失效后，债权人依照《收费办法》补交费用。",
        "违反《灯会办法》的，由主管部门处罚。",
        "修改、废止地方性法规，适用《立法条例》的规定。",
        "本条例自2021年1月1日起施行。",
    ],
)
def test_what_speaks_of_ending_without_ending_a_text_is_left_alone(text: str) -> None:
    assert read(text) == []


def test_a_decision_ends_what_its_title_and_its_list_name() -> None:
    title = "某市人大常委会关于废止《灯会条例》和修改《庙会条例》的决定"
    items = (
        "一、废止《灯会条例》",
        "二、对《庙会条例》作如下修改：将第三条改为第四条。",
        "本决定自公布之日起施行。",
    )
    assert read(*items, title=title) == [("灯会条例", "", DAY)]


def test_a_list_goes_on_until_something_is_amended() -> None:
    title = "某市人民政府关于宣布失效一批文件的决定"
    items = (
        "现决定废止下列文件：",
        "1.《灯会暂行办法》",
        "2.《庙会规定》",
        "对《庙会条例》修改如下",
        "《夜市办法》",
    )
    assert [name for name, _, _ in read(*items, title=title)] == ["灯会暂行办法", "庙会规定"]
