"""Names of works, looked up whole."""

import datetime as dt

import pytest

from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases, title_key

STATE = "中华人民共和国"
CATALOGUE = TitleCatalogue.build(
    {
        f"{STATE}劳动合同法": ["a"],
        f"{STATE}宪法": ["b"],
        "反分裂国家法": ["c"],
        "全国人大常委会关于《中华人民共和国刑法》第三十条的解释": ["d"],
        "消法": ["e"],
        "物业管理条例": ["f", "g"],
        STATE: ["h"],
    }
)


@pytest.mark.parametrize(
    ("title", "ids"),
    [
        ("劳动合同法", ("a",)),
        ("中华人民共和国劳动合同法", ("a",)),
        ("《劳动合同法》", ("a",)),
        ("中华人民共和国 劳动 合同法", ("a",)),
        ("劳动合同法（2012年修正）", ("a",)),
        ("劳动合同法(2012修正)", ("a",)),
        ("宪法", ("b",)),
        ("中华人民共和国反分裂国家法", ("c",)),
        ("全国人大常委会关于〈刑法〉第三十条的解释", ("d",)),
        ("消法", ("e",)),
        ("物业管理条例", ("f", "g")),
        ("劳动合同法实施条例", ()),
        ("合同法", ()),
        ("劳动", ()),
        ("", ()),
    ],
)
def test_lookup_compares_whole_titles(title: str, ids: tuple[str, ...]) -> None:
    assert CATALOGUE.lookup(title) == ids


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("劳动合同法", "劳动合同法"),
        ("违反劳动合同法", "劳动合同法"),
        ("依照中华人民共和国劳动合同法", "中华人民共和国劳动合同法"),
        ("工资，劳动合同法", "劳动合同法"),
        ("取消法", None),
        ("某某劳动合同法", None),
        ("劳动合同法规", None),
    ],
)
def test_a_bare_name_must_stand_free(text: str, name: str | None) -> None:
    start = CATALOGUE.find_name_before(text, len(text))
    assert (None if start is None else text[start:]) == name


def test_title_key_is_one_spelling() -> None:
    assert title_key("《关于《⺠法典》的解释(一)》") == "关于〈民法典〉的解释（一）"


def test_shipped_aliases_are_one_to_one_and_reviewed() -> None:
    aliases = read_aliases()
    names = [alias.name for alias in aliases]
    assert len(names) == len(set(names)) >= 80
    assert {
        "消法",
        "劳合法",
        "民诉法",
        "刑诉法",
        "行诉法",
        "治安法",
        "道交法",
        "未保法",
        "婚姻家庭编",
    } <= set(names)
    assert all(dt.date.fromisoformat(alias.reviewed) for alias in aliases)
    assert all(title_key(alias.name) != title_key(alias.title) for alias in aliases)


def test_an_alias_never_replaces_a_title() -> None:
    names = add_aliases({f"{STATE}企业破产法": ["new"], f"{STATE}破产法": ["old"]}, read_aliases())
    catalogue = TitleCatalogue.build(names)
    assert catalogue.lookup("破产法") == ("old",)
    assert catalogue.lookup("企业破产法") == ("new",)
    assert catalogue.lookup("消法") == ()


def test_an_alias_that_is_a_document_number_is_found_as_one() -> None:
    catalogue = TitleCatalogue.build({"某某规划": ("w1",), "京司发〔2022〕40号": ("w1",)})
    assert catalogue.lookup_number("京司发[2022]40号") == ("w1",)
    assert catalogue.lookup("京司发〔2022〕40号") == ()
