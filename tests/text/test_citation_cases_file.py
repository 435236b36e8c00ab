"""Both sets of hand-made citation cases keep their page of rules (the finder is tested elsewhere)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kb.text.numerals import NUMERAL_CLASS, parse_number
from tests.shared_data import require_shared

RULES_FILE = Path(__file__).with_name("citation_cases.md")

FORMS = (
    "quoted_chinese",
    "quoted_arabic",
    "bare_chinese",
    "bare_arabic",
    "bare_without_di",
    "inserted",
    "units",
    "list",
    "range",
    "several_works",
    "nested_title",
    "short_interpretation",
    "this_law",
    "relative",
    "that_law",
    "edition",
    "division",
    "document_number",
    "typing",
    "quote",
    "work_only",
    "foreign_or_unknown",
    "not_a_law",
    "lone",
    "negative",
)


@dataclass(frozen=True, slots=True)
class CaseSet:
    """One file of cases and the size that it promises."""

    file_name: str
    id_prefix: str
    fewest_cases: int
    fewest_citations: int
    fewest_of_a_form: int
    fewest_negatives: int

    def read(self) -> list[dict[str, Any]]:
        """Every line of the file as an object."""
        lines = Path(__file__).with_name(self.file_name).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


FIRST = CaseSet("citation_cases.jsonl", "c", 440, 900, 15, 60)
HELD_OUT = CaseSet("citation_cases_held_out.jsonl", "h", 160, 280, 5, 20)

CASE_KEYS = {"id", "form", "text", "context", "citations"}
CITATION_KEYS = {"text", "start", "end", "title", "title_kind", "article", "units", "document_number"}
UNTITLED = {"relative", "none", "number"}

_NUMERAL = re.compile(rf"[{NUMERAL_CLASS}]+")
_BLANK = re.compile(r"\s+")
_RANGE_SIGN = re.compile(r"[至到~～—－-]")
_COPY_CHARS = 20
"""From this length on, the same run of characters is a copied sentence and no common turn of phrase."""


@pytest.fixture(scope="module", params=[FIRST, HELD_OUT], ids=["first", "held_out"])
def case_set(request: pytest.FixtureRequest) -> CaseSet:
    chosen: CaseSet = request.param
    return chosen


@pytest.fixture(scope="module")
def cases(case_set: CaseSet) -> list[dict[str, Any]]:
    return case_set.read()


def _citations(cases: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for case in cases:
        for citation in case["citations"]:
            yield case["id"], citation


def _numbers(text: str) -> list[int]:
    """Value of every numeral in ``text``, blanks aside."""
    values = (parse_number(run) for run in _NUMERAL.findall(_BLANK.sub("", text)))
    return [value for value in values if value is not None]


def _shape_faults(citation: dict[str, Any]) -> Iterator[str]:
    keys = set(citation)
    if keys - {"refers_to"} != CITATION_KEYS:
        yield f"keys {sorted(keys)}"
    kind, title, article = citation["title_kind"], citation["title"], citation["article"]
    if kind not in UNTITLED | {"quoted", "bare"}:
        yield f"title_kind {kind}"
    if (title is None) != (kind in UNTITLED):
        yield f"title {title} with title_kind {kind}"
    if kind == "number" and citation["document_number"] is None:
        yield "title_kind number without a document number"
    if article is None and kind in {"bare", "none"}:
        yield f"title_kind {kind} without an article"
    if article is not None and not (len(article) == 2 and article[0] > 0 and article[1] >= 0):
        yield f"article {article}"
    for unit in citation["units"]:
        if len(unit) != 3 or all(part is None for part in unit):
            yield f"unit {unit}"
    if citation.get("refers_to") and kind not in {"relative", "none"}:
        yield f"refers_to with title_kind {kind}"


def test_every_id_is_used_once_and_in_order(case_set: CaseSet, cases: list[dict[str, Any]]) -> None:
    wanted = [f"{case_set.id_prefix}{place:03d}" for place in range(1, len(cases) + 1)]
    assert [case["id"] for case in cases] == wanted


def test_no_text_comes_twice() -> None:
    """Not within a set, and nothing of the first set is in the held-out one."""
    both = [*FIRST.read(), *HELD_OUT.read()]
    texts = Counter(_BLANK.sub("", case["text"]) for case in both)
    assert [text for text, times in texts.items() if times > 1] == []


def test_the_set_is_as_large_as_promised(case_set: CaseSet, cases: list[dict[str, Any]]) -> None:
    counts = Counter(case["form"] for case in cases)
    fewest = dict.fromkeys(FORMS, case_set.fewest_of_a_form) | {"negative": case_set.fewest_negatives}
    assert set(counts) == set(FORMS)
    assert {form: count for form, count in counts.items() if count < fewest[form]} == {}
    assert len(cases) >= case_set.fewest_cases
    assert sum(len(case["citations"]) for case in cases) >= case_set.fewest_citations


def test_every_form_is_explained_in_the_rules() -> None:
    rules = RULES_FILE.read_text(encoding="utf-8")
    assert [form for form in FORMS if f"`{form}`" not in rules] == []


def test_every_case_has_the_agreed_fields(cases: list[dict[str, Any]]) -> None:
    assert [case["id"] for case in cases if set(case) != CASE_KEYS] == []
    contexts = [case["context"] for case in cases if case["context"] is not None]
    assert all(set(context) == {"work", "article"} for context in contexts)
    faults = [(place, fault) for place, citation in _citations(cases) for fault in _shape_faults(citation)]
    assert faults == []


def test_negatives_hold_no_citation_and_all_others_do(cases: list[dict[str, Any]]) -> None:
    assert [case["id"] for case in cases if (case["form"] == "negative") == bool(case["citations"])] == []


def test_offsets_cut_out_the_citation(cases: list[dict[str, Any]]) -> None:
    wrong = [
        (case["id"], citation["text"])
        for case in cases
        for citation in case["citations"]
        if case["text"][citation["start"] : citation["end"]] != citation["text"]
    ]
    assert wrong == []


def test_no_citation_has_blanks_or_separators_at_its_ends(cases: list[dict[str, Any]]) -> None:
    ends = " \n\u3000、，。；：,;“”（）()"
    closed = (citation["text"].removesuffix("）") for _, citation in _citations(cases))
    assert [text for text in closed if text != text.strip(ends)] == []


def test_citations_stand_in_the_order_of_the_text(cases: list[dict[str, Any]]) -> None:
    for case in cases:
        starts = [citation["start"] for citation in case["citations"]]
        assert starts == sorted(starts), case["id"]


def test_spans_overlap_only_within_a_range(cases: list[dict[str, Any]]) -> None:
    """The articles of a range end where the range ends; so do those of 前两条."""
    for case in cases:
        for first, second in pairwise(case["citations"]):
            if second["start"] < first["end"]:
                assert second["end"] == first["end"], case["id"]
                assert _RANGE_SIGN.search(second["text"]) or second["text"] == "前两条", case["id"]


def test_articles_are_the_numbers_in_the_text(cases: list[dict[str, Any]]) -> None:
    """A single article is written in its span; an article of a range lies between two written numbers."""
    for place, citation in _citations(cases):
        if citation["article"] is None or citation["text"].startswith(("前", "本条")):
            continue
        article, inserted = citation["article"]
        if citation["text"].startswith("之"):
            assert _numbers(citation["text"]) == [inserted], place
            continue
        numbers = _numbers(citation["text"].rpartition("》")[2])
        assert article in numbers or min(numbers) < article < max(numbers), (place, citation["text"])
        assert not inserted or "之" in citation["text"], (place, citation["text"])


def test_units_are_the_numbers_in_the_text(cases: list[dict[str, Any]]) -> None:
    for place, citation in _citations(cases):
        numbers = _numbers(citation["text"])
        for part in (part for unit in citation["units"] for part in unit if part is not None):
            within_range = _RANGE_SIGN.search(citation["text"]) and min(numbers) < part < max(numbers)
            assert part in numbers or within_range, (place, citation["text"])


def test_titles_and_document_numbers_are_as_written(cases: list[dict[str, Any]]) -> None:
    texts = {case["id"]: case["text"] for case in cases}
    for place, citation in _citations(cases):
        number = citation["document_number"]
        assert number is None or number in citation["text"], place
        title = citation["title"]
        if title is not None:
            # A PDF's line breaks and blanks may cut the text, never the title.
            assert title in texts[place], place
        opening = citation["text"][:1]
        if opening in {"《", "<"}:
            assert citation["title_kind"] == "quoted", place
            assert title is not None, place


def test_every_article_number_of_the_texts_is_annotated(cases: list[dict[str, Any]]) -> None:
    """第…条 outside every citation occurs in negatives, and in titles that hold one."""
    article = re.compile(rf"第\s?[{NUMERAL_CLASS}]{{1,16}}\s?[条條]")
    for case in cases:
        if case["form"] == "negative":
            continue
        covered = [range(c["start"], c["end"]) for c in case["citations"]]
        missed = [
            match[0]
            for match in article.finditer(case["text"])
            if not any(match.start() in span for span in covered)
        ]
        assert missed == [], case["id"]


def test_context_settles_what_refers_to_it(cases: list[dict[str, Any]]) -> None:
    """A relative citation without a number has an article exactly where the case gives a context."""
    for case in cases:
        for citation in case["citations"]:
            if citation["text"].startswith(("前", "本条第")) and citation["title_kind"] == "relative":
                if re.match(r"前[述条款两三项].{0,3}第.{1,8}条", citation["text"]):
                    continue
                assert (citation["article"] is None) == (case["context"] is None), case["id"]


def test_no_sentence_is_copied_from_real_texts(cases: list[dict[str, Any]]) -> None:
    """Our own words: citations aside, no run of 20 characters is also in the laws or the questions."""
    folder = require_shared()
    grams: dict[str, str] = {}
    for case in cases:
        for piece in _own_words(case):
            for start in range(len(piece) - _COPY_CHARS + 1):
                grams[piece[start : start + _COPY_CHARS]] = case["id"]
    copied = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            copied |= {
                grams[text[at : at + _COPY_CHARS]]
                for at in range(len(text) - _COPY_CHARS + 1)
                if text[at : at + _COPY_CHARS] in grams
            }
    assert grams
    assert copied == set()


def _own_words(case: dict[str, Any]) -> Iterator[str]:
    """The stretches of a case's text between its citations."""
    at = 0
    for citation in sorted(case["citations"], key=lambda c: c["start"]):
        yield case["text"][at : citation["start"]]
        at = max(at, citation["end"])
    yield case["text"][at:]
