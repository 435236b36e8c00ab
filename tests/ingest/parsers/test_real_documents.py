"""The real normative document and the real cases beside the checkout: structure against golden files.

The golden files hold labels, headings' digests, counts and days, never text. Write them anew with
``python -m tests.ingest.parsers.test_real_documents`` and review the difference.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path

import pytest

from ingest.drafts import Draft
from ingest.parsers.kinds import parse_document
from ingest.readers.dispatch import read_bytes
from kb.domain.records import CaseDetails, NormativeDetails
from kb.domain.works import WorkKind
from kb.text.numerals import format_number
from tests.shared_data import SHARED_DATA, require_shared

GOLDEN = Path(__file__).parents[1] / "golden"
NORMATIVE = GOLDEN / "normative_document.tsv"
CASES = GOLDEN / "cases.tsv"
_KANGXI = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_normative(root: Path) -> tuple[Draft, ...]:
    (path,) = root.glob("*.txt")
    return parse_document(read_bytes(path.read_bytes(), f"normative/{path.name}"))


def read_cases(root: Path) -> dict[str, tuple[Draft, ...]]:
    paths = sorted(root.rglob("*.md"), key=str)
    names = [str(path.relative_to(root.parent)) for path in paths]
    return {
        name: parse_document(read_bytes(path.read_bytes(), name))
        for name, path in zip(names, paths, strict=True)
    }


def list_normative(drafts: tuple[Draft, ...]) -> str:
    lines = []
    for place, draft in enumerate(drafts):
        for one in draft.provisions:
            heading = one.path[0] if one.path else ""
            mark = heading.split("、")[0] + ("、" if heading else "")
            row = (place, one.label, mark, digest(heading), one.lines[0], len(one.text), digest(one.text))
            lines.append("\t".join(map(str, row)))
    return "\n".join(lines) + "\n"


def list_cases(cases: dict[str, tuple[Draft, ...]]) -> str:
    lines = []
    for name, drafts in cases.items():
        for draft in drafts:
            assert isinstance(draft.details, CaseDetails)
            details = draft.details
            sections = "、".join(f"{one.label}{len(one.text)}" for one in draft.provisions)
            row = (
                *(
                    digest(name),
                    digest(draft.title),
                    digest(details.subtitle),
                    details.case_kind,
                    details.cause,
                ),
                *(details.court_level, details.procedure, details.case_number, details.decided_on or ""),
                *(len(details.cited), sections),
            )
            lines.append("\t".join(map(str, row)))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def normative() -> tuple[Draft, ...]:
    return read_normative(require_shared("normative"))


@pytest.fixture(scope="module")
def cases() -> dict[str, tuple[Draft, ...]]:
    return read_cases(require_shared("laws", "案例"))


def test_notice_and_plan_are_apart(normative: tuple[Draft, ...]) -> None:
    notice, plan = normative
    assert notice.title.endswith("的通知")
    assert plan.title.endswith("规划（2021-2025年）")
    for draft in normative:
        assert isinstance(draft.details, NormativeDetails)
        assert draft.kind is WorkKind.NORMATIVE
        assert draft.document_number == "京司发〔2022〕40号"
        assert draft.issuing_body == "北京市司法局"
        assert draft.region == "北京市"
        assert draft.details.adopted_on == dt.date(2022, 11, 4)
        assert draft.details.written_on == dt.date(2022, 11, 15)
        assert draft.details.issued_on == dt.date(2022, 12, 5)
        assert draft.unread == 0
    assert isinstance(notice.details, NormativeDetails)
    assert isinstance(plan.details, NormativeDetails)
    assert notice.details.issues == plan.title
    assert plan.details.issued_by == notice.title


def test_thirty_nine_items_stand_under_ten_headings(normative: tuple[Draft, ...]) -> None:
    items = [one for one in normative[1].provisions if one.label.startswith("（")]
    assert [one.label for one in items] == [f"（{format_number(n)}）" for n in range(1, 40)]
    headings = list(dict.fromkeys(one.path for one in items))
    assert [path[0].split("、")[0] for path in headings] == [format_number(n) for n in range(1, 11)]
    assert "热线答问标准化知识库" in next(one.text for one in items if one.label == "（十三）")
    assert [one.label for one in normative[1].provisions if one not in items] == ["引言"]


def test_no_radical_and_no_broken_sentence_is_left(normative: tuple[Draft, ...]) -> None:
    for draft in normative:
        for text in (draft.title, *(one.text for one in draft.provisions), *draft.provisions[-1].path):
            assert not _KANGXI.search(text)
    joined = next(one for one in normative[1].provisions if one.label == "（二十一）")
    assert len(joined.text.split("\n")) == 2


def test_the_structure_of_the_normative_document(normative: tuple[Draft, ...]) -> None:
    assert list_normative(normative) == NORMATIVE.read_text(encoding="utf-8")


def test_every_case_has_its_sections(cases: dict[str, tuple[Draft, ...]]) -> None:
    for name, drafts in cases.items():
        (draft,) = drafts
        assert draft.kind is WorkKind.CASE, name
        assert len(draft.provisions) > 1, name
        assert draft.unread == 0, name
        assert {finding.code for finding in draft.findings if finding.lost} <= {"comment_dropped"}, name


def test_the_structure_of_the_cases(cases: dict[str, tuple[Draft, ...]]) -> None:
    assert list_cases(cases) == CASES.read_text(encoding="utf-8")


if __name__ == "__main__":
    NORMATIVE.write_text(list_normative(read_normative(SHARED_DATA / "normative")), encoding="utf-8")
    CASES.write_text(list_cases(read_cases(SHARED_DATA / "laws" / "案例")), encoding="utf-8")
