"""Currency records: what was checked, what is due, what nobody has looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.domain.currency import CurrencyRecord, CurrencyState, OfficialStatus, currency_on
from kb.domain.works import Work, WorkKind
from kb.errors import BadInputError
from kb.store.currency import count_currency, get_currency, list_currency, list_currency_due, save_currency
from kb.store.database import Connection
from kb.store.works import save_bundle
from tests.store.records import day, make_bundle, make_version, make_work

LAWS = [make_work(f"第{n}号法") for n in (1, 2, 3)]


def record(work: Work, checked: str, due: str) -> CurrencyRecord:
    return CurrencyRecord(
        *(work.id, OfficialStatus.IN_FORCE, day("2020-01-01"), day(checked), "国家法律法规数据库", day(due)),
        note="页面截图存档",
    )


CHECKED = record(LAWS[0], "2026-06-01", "2027-06-01")
DUE = record(LAWS[1], "2025-06-01", "2026-06-01")


@pytest.fixture
def store(writing: Connection) -> Connection:
    for work in LAWS:
        save_bundle(writing, make_bundle(work, make_version(work, "2020-01-01")))
    assert save_currency(writing, [CHECKED, DUE]) == 2
    return writing


def test_records_come_back_and_are_not_written_twice(store: Connection) -> None:
    assert get_currency(store, LAWS[0].id) == CHECKED
    assert get_currency(store, LAWS[2].id) is None
    assert save_currency(store, [CHECKED, DUE]) == 0
    # An older look does not undo a newer one.
    older = replace(CHECKED, checked_on=day("2024-01-01"), official_status=OfficialStatus.REPEALED)
    assert save_currency(store, [older]) == 0
    newer = replace(CHECKED, checked_on=day("2026-07-01"), official_start=None)
    assert save_currency(store, [newer]) == 1
    assert get_currency(store, LAWS[0].id) == newer


def test_what_is_checked_due_and_unchecked(store: Connection) -> None:
    on = day("2026-06-01")
    listed, total = list_currency(store, on)
    assert total == 3
    assert [(one.work.title, one.state.value) for one in listed] == [
        *(("第1号法", "checked"), ("第2号法", "due"), ("第3号法", "unchecked")),
    ]
    ((due,), _) = list_currency_due(store, on)
    assert (due.work, due.record) == (LAWS[1], DUE)
    assert list_currency_due(store, day("2026-05-31")) == ((), 0)
    assert set(count_currency(store, on).values()) == {1}
    assert list_currency(store, on, kind=WorkKind.CASE) == ((), 0)
    page, total = list_currency(store, on, limit=1, offset=2)
    assert ([one.work.title for one in page], total) == (["第3号法"], 3)


def test_on_an_earlier_day_a_later_look_had_not_been_taken(store: Connection) -> None:
    assert count_currency(store, day("2025-12-31")) == {
        CurrencyState.UNCHECKED: 2,
        CurrencyState.DUE: 0,
        CurrencyState.CHECKED: 1,
    }
    assert currency_on(CHECKED, day("2026-05-31")) is CurrencyState.UNCHECKED


def test_a_record_that_is_due_before_it_was_made(store: Connection) -> None:
    with pytest.raises(BadInputError) as caught:
        save_currency(store, [replace(DUE, next_due=DUE.checked_on)])
    assert caught.value.code == "currency_invalid"
