"""The shipped service guides beside the law of the installed package, as it stands on a fixed day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from importlib.resources import files
from typing import Any, NamedTuple

import pytest
import yaml

from ingest.guide_check import HeldLaw, check_guide, find_copied_runs
from kb.domain.records import GuideDetails, details_from_json
from tests.small_corpus import read_installed_bundles

CHECKED_ON = dt.date(2026, 11, 22)
HEAD = ("title", "short_title", "aliases", "topic", "region")


class Guide(NamedTuple):
    slug: str
    head: dict[str, Any]
    details: GuideDetails


def read_guide(slug: str, content: str) -> Guide:
    values = yaml.safe_load(content)
    head = {name: values.pop(name) for name in HEAD}
    details = details_from_json("guide", values)
    assert isinstance(details, GuideDetails)
    return Guide(slug, head, details)


GUIDES = [
    read_guide(entry.name.removesuffix(".yaml"), entry.read_text("utf-8"))
    for entry in sorted(files("corpora").joinpath("guides").iterdir(), key=lambda one: one.name)
    if entry.name.endswith(".yaml")
]


@pytest.fixture(scope="module")
def law() -> HeldLaw:
    return HeldLaw.build(read_installed_bundles(), CHECKED_ON)


def test_at_least_forty_guides_ship() -> None:
    assert len(GUIDES) >= 40


@pytest.mark.parametrize("guide", GUIDES, ids=[guide.slug for guide in GUIDES])
def test_everything_in_a_guide_rests_on_law_in_force(guide: Guide, law: HeldLaw) -> None:
    assert check_guide(guide.head["topic"], guide.details, law) == ()


def test_no_guide_copies_a_provision(law: HeldLaw) -> None:
    assert find_copied_runs({guide.slug: guide.details for guide in GUIDES}, law.texts()) == ()


@pytest.mark.parametrize("name", ["title", "short_title"])
def test_names_are_unique(name: str) -> None:
    counted = Counter(guide.head[name] for guide in GUIDES)
    assert [value for value, times in counted.items() if times > 1] == []


def test_no_everyday_name_leads_to_two_guides() -> None:
    counted = Counter(alias for guide in GUIDES for alias in {*guide.head["aliases"], guide.head["title"]})
    assert [value for value, times in counted.items() if times > 1] == []


def test_files_are_named_in_english_and_name_their_region() -> None:
    assert all(guide.slug.replace("-", "").isascii() and guide.slug.islower() for guide in GUIDES)
    assert {guide.head["region"] for guide in GUIDES} == {"全国"}


def test_guides_were_checked_on_the_day_of_the_check_and_by_no_lawyer() -> None:
    assert {(guide.details.verified_on, guide.details.reviewed_by) for guide in GUIDES} == {(CHECKED_ON, "")}


def test_every_part_of_public_legal_service_has_a_guide() -> None:
    topics = {guide.head["topic"] for guide in GUIDES}
    assert topics >= {
        "法律援助",
        "公证",
        "仲裁调解",
        "行政",
        "劳动",
        "工伤社保",
        "诉讼",
        "执行",
        "婚姻家庭",
        "继承",
    }
    assert topics >= {"消费", "交通事故", "房屋买卖租赁", "物业", "借贷", "医疗", "刑事"}
