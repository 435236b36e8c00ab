"""From when until when, worked by hand: what follows what, what is certain."""

from __future__ import annotations

import pytest

from kb.domain.works import FAR_FUTURE
from kb.store.intervals import Ending, StatedEnd, StatedInterval, derive_endings
from tests.store.records import day


def text(
    name: str, adopted: str, start: str, *, sure: bool = True, end: str = "", end_sure: bool = True
) -> StatedInterval:
    ends = day(end) if end else FAR_FUTURE
    return StatedInterval(name, day(adopted), day(start), sure, ends, end_sure)


def ending(on: str, certain: bool = True) -> Ending:
    return Ending(day(on) if on else FAR_FUTURE, certain)


A = text("a", "2017-06-27", "2017-07-01")
B = text("b", "2021-12-24", "2022-01-01")
C = text("c", "2023-09-01", "2024-01-01")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([C, A, B], ["2022-01-01", "2024-01-01", ""], id="each ends when the next begins"),
        pytest.param([A, C], ["2024-01-01", ""], id="one between is not held"),
        pytest.param([], [], id="none"),
    ],
)
def test_certain_starts(texts: list[StatedInterval], expected: list[str]) -> None:
    endings = derive_endings(texts, [])
    assert [endings[name] for name in sorted(endings)] == [ending(on) for on in expected]


def test_an_uncertain_start_closes_uncertainly_on_the_day_of_adoption() -> None:
    unsure = text("b", "2021-12-24", "2021-12-24", sure=False)
    endings = derive_endings([A, unsure, C], [])
    assert endings["a"] == ending("2021-12-24", certain=False)
    assert endings["b"] == ending("2024-01-01")
    assert endings["c"] == ending("")


def test_what_is_certain_is_not_emptied_by_what_is_not() -> None:
    """B was adopted before A began and nobody says when it begins: A stands, its end in doubt."""
    a = text("a", "2020-05-28", "2021-01-01")
    b = text("b", "2020-12-01", "2020-12-01", sure=False)
    endings = derive_endings([a, b], [])
    assert endings["a"] == ending("", certain=False)
    assert endings["b"] == ending("2020-12-01", certain=False)
    # A later certain start ends the doubt about what speaks then, not about how long A spoke.
    endings = derive_endings([a, b, C], [])
    assert (endings["a"], endings["c"]) == (ending("2024-01-01", certain=False), ending(""))


def test_a_text_that_was_changed_before_it_began_never_spoke() -> None:
    a = text("a", "2018-01-01", "2020-01-01")
    b = text("b", "2019-01-01", "2019-06-01")
    assert derive_endings([a, b], []) == {"a": ending("2020-01-01"), "b": ending("")}


def test_a_stated_end() -> None:
    limited = text("a", "2018-01-01", "2018-01-01", end="2023-01-01")
    assert derive_endings([limited], [])["a"] == ending("2023-01-01")
    # First come, first ends.
    assert derive_endings([limited, B], [])["a"] == ending("2022-01-01")
    assert derive_endings([limited, C], [])["a"] == ending("2023-01-01")
    # 到来源截止日已经失效 says less than a text that took its place.
    vague = text("a", "2018-01-01", "2018-01-01", end="2020-01-01", end_sure=False)
    assert derive_endings([vague], [])["a"] == ending("2020-01-01", certain=False)
    assert derive_endings([vague, C], [])["a"] == ending("2024-01-01")


def test_a_repeal_ends_what_was_adopted_before_it() -> None:
    repeal = StatedEnd(day("2023-01-01"), True, adopted_before=day("2022-10-30"))
    endings = derive_endings([A, B, C], [repeal])
    assert endings == {"a": ending("2022-01-01"), "b": ending("2023-01-01"), "c": ending("")}
    unsure = StatedEnd(day("2026-08-28"), False, adopted_before=day("2026-08-28"))
    assert derive_endings([A, B], [unsure])["b"] == ending("2026-08-28", certain=False)
    assert derive_endings([A, B], [unsure])["a"] == ending("2022-01-01")


def test_the_order_of_the_texts_decides_nothing() -> None:
    texts = [A, text("b", "2021-12-24", "2021-12-24", sure=False), C]
    assert derive_endings(texts, []) == derive_endings(texts[::-1], [])
