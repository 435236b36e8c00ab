"""The day and the start of a version, by what a file says."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.dating import UNDATED, decide_draft_start, decide_version_day
from ingest.drafts import ActKind
from ingest.manifest import DateCorrections, DecidedStart, StartCorrection
from kb.domain.records import CaseDetails, NormativeDetails
from kb.domain.works import WorkKind
from tests.ingest.drafts import act, draft

NOTHING_KNOWN = DateCorrections(starts=[], unconfirmed_starts=[], ends=[], repeals=[], digest="")
ADOPTED = act(ActKind.ADOPTED, "2003-08-01")
AMENDED = act(ActKind.AMENDED, "2019-04-02")
PUBLISHED = act(ActKind.PUBLISHED, "2003-08-10")


def start_of(one: object, corrections: DateCorrections = NOTHING_KNOWN) -> tuple[str, bool]:
    day = decide_version_day(one)  # type: ignore[arg-type]
    start = decide_draft_start(one, day, corrections)  # type: ignore[arg-type]
    return start.day.isoformat(), start.certain


def test_the_newest_act_names_the_version() -> None:
    assert decide_version_day(draft(acts=(ADOPTED, AMENDED))).day == dt.date(2019, 4, 2)


def test_publication_of_a_first_text_is_kept_apart_from_its_adoption() -> None:
    day = decide_version_day(draft(acts=(ADOPTED, PUBLISHED)))
    assert (day.day, day.published_on) == (dt.date(2003, 8, 1), dt.date(2003, 8, 10))


def test_publication_of_an_older_text_says_nothing_of_the_amended_one() -> None:
    day = decide_version_day(draft(acts=(ADOPTED, PUBLISHED, AMENDED)))
    assert day.published_on == day.day == dt.date(2019, 4, 2)


def test_a_start_in_the_note_counts_when_it_is_not_an_older_texts() -> None:
    later, older = act(ActKind.IN_FORCE, "2019-06-01"), act(ActKind.IN_FORCE, "2003-10-01")
    assert start_of(draft(acts=(ADOPTED, AMENDED, later))) == ("2019-06-01", True)
    assert start_of(draft("某法", "自2003年10月1日起施行。", acts=(ADOPTED, AMENDED, older))) == (
        "2019-04-02",
        False,
    )


def test_a_first_text_that_starts_with_publication_starts_on_that_day() -> None:
    assert start_of(draft(acts=(ADOPTED, PUBLISHED))) == ("2003-08-10", True)


def test_the_same_words_in_an_amended_text_prove_nothing() -> None:
    assert start_of(draft(acts=(ADOPTED, PUBLISHED, AMENDED))) == ("2019-04-02", False)


def test_a_correction_with_its_source_comes_before_all_else() -> None:
    known = StartCorrection(
        titles=["某市灯会条例"],
        version_date=dt.date(2019, 4, 2),
        effective_from=dt.date(2019, 5, 1),
        basis="某决定",
        checked_on=dt.date(2026, 11, 1),
    )
    corrections = NOTHING_KNOWN.model_copy(update={"starts": [known]})
    assert start_of(draft(acts=(ADOPTED, AMENDED)), corrections) == ("2019-05-01", True)


def test_a_decision_that_amended_many_texts_is_listed_once() -> None:
    known = DecidedStart(
        statute_types=["行政法规"],
        decided_on=dt.date(2019, 4, 2),
        effective_from=dt.date(2019, 6, 1),
        basis="某决定",
        checked_on=dt.date(2026, 11, 1),
    )
    corrections = NOTHING_KNOWN.model_copy(update={"decisions": [known]})
    amended = draft(acts=(ADOPTED, AMENDED), statute_type="行政法规")
    assert start_of(amended, corrections) == ("2019-06-01", True)
    assert start_of(draft(acts=(ADOPTED, AMENDED), statute_type="法律"), corrections)[1] is False
    unamended = draft(acts=(ADOPTED,), statute_type="行政法规")
    assert start_of(unamended, corrections) == ("2003-08-01", True)


def test_a_text_without_note_may_state_its_own_start() -> None:
    named = draft(
        "某规定",
        "自2018年1月1日起施行。",
        name_date=dt.date(2017, 12, 1),
        declared_from=dt.date(2018, 1, 1),
    )
    assert start_of(named) == ("2018-01-01", True)


def test_a_normative_document_bears_its_own_day() -> None:
    details = NormativeDetails(written_on=dt.date(2022, 11, 15), issued_on=dt.date(2022, 12, 5))
    passed = draft("某规划", "内容。", kind=WorkKind.NORMATIVE, details=details, acts=(ADOPTED,))
    day = decide_version_day(passed)
    assert (day.day, day.published_on) == (dt.date(2022, 11, 15), dt.date(2022, 12, 5))


def test_a_files_name_tells_versions_apart_and_proves_no_start() -> None:
    named = draft("某法", "自2018年1月1日起施行。", name_date=dt.date(2017, 12, 1))
    day = decide_version_day(named)
    assert (day.day, day.certain) == (dt.date(2017, 12, 1), False)
    assert day.finding is not None
    assert start_of(named) == ("2017-12-01", False)


def test_a_text_without_any_day_says_so() -> None:
    day = decide_version_day(draft())
    assert (day.day, day.certain) == (UNDATED, False)
    assert day.finding is not None
    assert day.finding.code == "date_missing"


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        (WorkKind.NORMATIVE, NormativeDetails(written_on=dt.date(2022, 11, 15)), ("2022-11-15", False)),
        (WorkKind.CASE, CaseDetails(decided_on=dt.date(2015, 3, 2)), ("2015-03-02", True)),
    ],
)
def test_other_records_have_days_in_their_fields(
    kind: WorkKind, details: NormativeDetails | CaseDetails, expected: tuple[str, bool]
) -> None:
    assert start_of(draft("某文", "内容。", kind=kind, details=details)) == expected


def test_a_normative_document_starts_when_it_says() -> None:
    stated = draft(
        "某规划",
        "内容。",
        kind=WorkKind.NORMATIVE,
        details=NormativeDetails(written_on=dt.date(2022, 11, 15)),
        declared_from=dt.date(2022, 12, 5),
    )
    assert start_of(stated) == ("2022-12-05", True)
