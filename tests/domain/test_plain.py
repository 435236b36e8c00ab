"""Records survive the way through JSON, and a wrong field is named."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from kb.domain.answers import Branch, LimitKind, LimitUnit, Slots, TimeLimit
from kb.domain.plain import from_plain, to_plain
from kb.domain.records import (
    GuideDetails,
    InstitutionDetails,
    LegalBasis,
    Material,
    details_from_json,
    details_to_json,
)
from kb.errors import BadInputError

GUIDE = GuideDetails(
    item_type="示例",
    basis=(LegalBasis("中华人民共和国法律援助法", "第三十一条", "受理条件"),),
    materials=(Material("身份证明", originals=1),),
    channels=("窗口", "网上"),
    visits=1,
    verified_on=dt.date(2026, 11, 22),
)
BRANCH = Branch(
    {"relation": "labour"},
    Slots(
        "可以申请仲裁",
        time_limits=(TimeLimit(LimitKind.ARBITRATION, 1, LimitUnit.YEAR, "知道之日", "申请", "b1"),),
    ),
    "脚本",
)


def test_details_survive_json() -> None:
    text = json.dumps(details_to_json(GUIDE), ensure_ascii=False)
    assert details_from_json("guide", json.loads(text)) == GUIDE


def test_defaults_are_left_out() -> None:
    assert details_to_json(InstitutionDetails(district="东城区")) == {"district": "东城区"}


def test_enums_and_dictionaries_survive_json() -> None:
    text = json.dumps(to_plain(BRANCH), ensure_ascii=False)
    assert from_plain(Branch, json.loads(text), "分支") == BRANCH


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"pricing": "x"}, "guide"),
        ({"visits": "一次"}, "guide.visits"),
        ({"visits": True}, "guide.visits"),
        ({"verified_on": "2026-02-30"}, "guide.verified_on"),
        ({"materials": [{"originals": 1}]}, "guide.materials[0]"),
        ({"channels": "窗口"}, "guide.channels"),
        ([], "guide"),
    ],
)
def test_a_wrong_field_is_named(values: dict[str, object], place: str) -> None:
    with pytest.raises(BadInputError) as caught:
        details_from_json("guide", values)
    assert (caught.value.code, caught.value.place) == ("details_invalid", place)


def test_an_unknown_member_of_an_enum_is_told_with_the_known_ones() -> None:
    plain = to_plain(BRANCH)
    plain["slots"]["time_limits"][0]["kind"] = "forever"
    with pytest.raises(BadInputError, match="limitation"):
        from_plain(Branch, plain, "分支")
