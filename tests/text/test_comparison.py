"""新旧对照: hand-worked cases, properties of the diff, and real revisions."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.comparison import ChangeKind, Comparison, SegmentKind, new_text, old_text
from kb.domain.works import Provision, provision_id
from kb.text.comparison import compare_versions
from kb.text.numerals import format_article_label, parse_article_number
from kb.text.text_diff import diff_texts
from tests.shared_data import require_shared

Number = tuple[int, int]

ADDED, REMOVED, RENUMBERED, CHANGED, MOVED, UNCHANGED = (
    *(ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.RENUMBERED),
    *(ChangeKind.CHANGED, ChangeKind.MOVED, ChangeKind.UNCHANGED),
)
RULES = [
    "经营者应当明码标价，不得收取未予标明的费用。",
    "消费者有权知悉其购买的商品的真实情况。",
    "行业协会应当加强自律，引导会员依法经营。",
    "县级以上人民政府应当加强对本条例实施工作的领导。",
    "违反第二条规定的，由市场监督管理部门责令改正。",
    "本条例自公布之日起施行。",
]


def version(texts: dict[Number | int, str], path: tuple[str, ...] = ()) -> list[Provision]:
    """Provisions by number; a plain 3 is 第三条."""
    made = []
    for ordinal, (key, text) in enumerate(texts.items()):
        number = (key, 0) if isinstance(key, int) else key
        label = format_article_label(number)
        made.append(Provision(provision_id("w", number), "v", number, label, path, text, ordinal))
    return made


def numbered(texts: list[str]) -> list[Provision]:
    """第一条, 第二条 …"""
    return version(dict(enumerate(texts, 1)))


def read(comparison: Comparison) -> list[tuple[str, Number | None, Number | None]]:
    """(kind, old number, new number) in order."""
    return [
        (one.kind.value, one.old.number if one.old else None, one.new.number if one.new else None)
        for one in comparison.changes
    ]


def show(segments: tuple[object, ...]) -> str:
    marks = {SegmentKind.EQUAL: "{}", SegmentKind.DELETE: "[-{}-]", SegmentKind.INSERT: "[+{}+]"}
    return "".join(marks[one.kind].format(one.text) for one in segments)  # type: ignore[attr-defined]


def test_an_inserted_article_shifts_the_others() -> None:
    old = numbered(RULES)
    texts = [*RULES[:2], "经营者不得利用格式条款减轻自己的责任。", *RULES[2:]]
    texts[5] = "违反第三条规定的，由市场监督管理部门责令改正。"
    found = compare_versions(old, numbered(texts))
    assert read(found) == [
        ("unchanged", (1, 0), (1, 0)),
        ("unchanged", (2, 0), (2, 0)),
        ("added", None, (3, 0)),
        ("renumbered", (3, 0), (4, 0)),
        ("renumbered", (4, 0), (5, 0)),
        ("renumbered", (5, 0), (6, 0)),
        ("renumbered", (6, 0), (7, 0)),
    ]
    assert [one.text_changed for one in found.changes] == [False, False, True, False, False, True, False]
    assert show(found.changes[5].segments) == "违反第[-二-][+三+]条规定的，由市场监督管理部门责令改正。"
    assert found.changes[4].segments == ()
    assert found.count() == {ADDED: 1, REMOVED: 0, RENUMBERED: 4, CHANGED: 0, MOVED: 0, UNCHANGED: 2}


def test_a_removed_article_stands_at_its_old_place() -> None:
    old = numbered(RULES)
    kept = [text for n, text in enumerate(RULES, 1) if n not in (1, 3)]
    found = compare_versions(old, numbered(kept))
    assert [kind for kind, *_ in read(found)] == [
        *("removed", "renumbered", "removed", "renumbered", "renumbered", "renumbered")
    ]


def test_an_article_rewritten_under_its_number_is_the_same_article() -> None:
    old = numbered(RULES)
    texts: dict[Number | int, str] = dict(enumerate(RULES, 1))
    texts[3] = "本市建立信用记录制度。"
    texts[4] = "县级以上人民政府应当加强对本条例实施工作的领导和监督。"
    found = compare_versions(old, version(texts))
    assert read(found)[2:4] == [("changed", (3, 0), (3, 0)), ("changed", (4, 0), (4, 0))]
    assert show(found.changes[3].segments).endswith("领导[+和监督+]。")


def test_an_article_moved_across_others_is_found_when_nearly_the_same() -> None:
    old = numbered(RULES)
    order = [RULES[4].replace("责令改正", "责令限期改正"), *RULES[:4], RULES[5]]
    found = read(compare_versions(old, numbered(order)))
    assert found[0] == ("renumbered", (5, 0), (1, 0))
    assert found[1:5] == [("renumbered", (n, 0), (n + 1, 0)) for n in range(1, 5)]
    assert found[5] == ("unchanged", (6, 0), (6, 0))


def test_equal_texts_are_matched_one_to_one_by_number_then_in_order() -> None:
    same = "（略）"
    old = version({1: same, 2: same, 3: same})
    found = read(compare_versions(old, version({2: same, 3: same, 4: same, 5: same})))
    assert found[:2] == [("unchanged", (2, 0), (2, 0)), ("unchanged", (3, 0), (3, 0))]
    assert sorted(kind for kind, *_ in found) == ["added", "renumbered", "unchanged", "unchanged"]


def test_of_two_that_are_alike_the_one_of_its_number_is_it() -> None:
    rule = "经营者应当明码标价，不得收取未予标明的费用，并接受有关部门的监督检查。"
    copies = [rule.replace("督检查", "察管理"), rule.replace("检查", "指导")]
    found = compare_versions(numbered([rule]), numbered(copies))
    assert read(found) == [("changed", (1, 0), (1, 0)), ("added", None, (2, 0))]


def test_headings_count_by_their_names() -> None:
    old = version({1: RULES[0], 2: RULES[1]}, ("第二章 经营者",))
    shifted = version({1: RULES[0], 2: RULES[1]}, ("第三章　经营者",))
    assert compare_versions(old, shifted).count()[UNCHANGED] == 2
    renamed = version({1: RULES[0], 2: RULES[1] + "并有权投诉。"}, ("第二章 权利",))
    found = compare_versions(old, renamed)
    assert [(one.kind, one.heading_changed) for one in found.changes] == [(MOVED, True), (CHANGED, True)]


def test_spelling_and_blanks_are_no_change_but_shown() -> None:
    old = version({1: "经营者应当明码标价，\n不得收费。"})
    (change,) = compare_versions(old, version({1: "经营者应当明码标价， 不得收费。"})).changes
    assert (change.kind, change.text_changed) == (UNCHANGED, False)
    assert change.segments


def test_an_article_and_a_block_are_never_one() -> None:
    article = version({1: RULES[0]})
    block = [Provision("w:b1", "v", None, "序言", (), RULES[0], 0)]
    assert compare_versions(article, block).count() | {ADDED: 1, REMOVED: 1} == {
        kind: int(kind in (ADDED, REMOVED)) for kind in ChangeKind
    }


def test_nothing_against_something() -> None:
    some = version({1: RULES[0], 2: RULES[1]})
    assert compare_versions([], []).changes == ()
    assert compare_versions([], some).count()[ADDED] == 2
    assert compare_versions(some, []).count()[REMOVED] == 2
    assert compare_versions(some, some).count()[UNCHANGED] == 2


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("处五百元罚款。", "处一千元罚款。", "处[-五百-][+一千+]元罚款。"),
        ("自2021年起施行。", "自2024年起施行。", "自[-2021-][+2024+]年起施行。"),
        ("由甲部门批准。", "由甲部门批准并公告。", "由甲部门批准[+并公告+]。"),
        ("同样。", "同样。", ""),
        ("", "新的。", "[+新的。+]"),
        # 的 alone between two changes is chance.
        ("必要的措施", "相应的办法", "[-必要的措施-][+相应的办法+]"),
    ],
)
def test_a_diff_reads_well(old: str, new: str, shown: str) -> None:
    assert show(diff_texts(old, new)) == shown


LEGAL = st.text(alphabet="第一二三十条款的应当不得人民法院，。\n0129A", max_size=80)


@given(LEGAL, LEGAL)
def test_the_diff_gives_both_sides_back(old: str, new: str) -> None:
    segments = diff_texts(old, new)
    if old == new:
        assert segments == ()
        return
    assert old_text(segments) == old
    assert new_text(segments) == new
    assert all(one.text for one in segments)
    assert all(one.kind is not other.kind for one, other in pairwise(segments))


@given(st.lists(LEGAL, max_size=12), st.lists(LEGAL, max_size=12))
def test_every_provision_of_both_sides_comes_once(old: list[str], new: list[str]) -> None:
    before = numbered(old)
    after = numbered(new)
    found = compare_versions(before, after)
    assert [one.new for one in found.changes if one.new] == after
    assert sorted(one.old.ordinal for one in found.changes if one.old) == list(range(len(before)))
    assert found == compare_versions(before, after)


def test_a_version_against_itself_shuffled_matches_whole() -> None:
    generator = random.Random(7)
    texts = ["".join(generator.choices("甲乙丙丁戊己庚辛壬癸子丑寅卯", k=40)) for _ in range(300)]
    shuffled = texts[:]
    generator.shuffle(shuffled)
    found = compare_versions(
        numbered(texts),
        numbered(shuffled),
    )
    assert not any(one.text_changed for one in found.changes)


def test_hostile_repetition_ends() -> None:
    """Nothing here is unlike anything else: no index helps, and the numbers decide."""
    many = {n: "的" * 200 + "是" * (n % 7) for n in range(1, 1201)}
    found = compare_versions(version(many), version({n: text + "不" for n, text in many.items()}))
    assert found.count()[CHANGED] == 1200
    long = diff_texts("的是" * 60_000, "是的不" * 60_000)
    assert (old_text(long), new_text(long)) == ("的是" * 60_000, "是的不" * 60_000)


# -- real revisions -------------------------------------------------------------------------------

_ARTICLE = re.compile(r"(第[零〇一二三四五六七八九十百千]{1,9}条(?:之[一二三四五六七八九十]{1,3})?)\s(.*)")


def split_articles(path: Path) -> list[Provision]:
    """A plain cut at 第X条, enough to compare two files of one layout."""
    texts: dict[Number | int, str] = {}
    current: Number | None = None
    for line in path.read_text("utf-8").splitlines():
        stripped = line.strip().replace("\u3000", " ")
        if match := _ARTICLE.match(stripped):
            current = parse_article_number(match[1])
            assert current is not None
            texts[current] = match[2].strip()
        elif current and stripped and not stripped.startswith("#"):
            texts[current] += f"\n{stripped}"
    return version(texts)


def test_the_revision_of_civil_procedure_of_2023() -> None:
    folder = require_shared("laws", "诉讼与非诉讼程序法")
    old, new = (split_articles(folder / f"民事诉讼法({day}).md") for day in ("2021-12-24", "2023-09-01"))
    found = compare_versions(old, new)
    assert (len(old), len(new)) == (291, 306)
    renumbered = {
        one.old.number[0]: one.new.number[0]
        for one in found.changes
        if one.kind is RENUMBERED and one.old and one.new and one.old.number and one.new.number
    }
    # Four articles on estate administrators were put in before 194; all behind shifted.
    assert [renumbered[n] for n in (194, 211, 270)] == [198, 215, 274]
    assert renumbered[291] == 306
    added = [one.new.number[0] for one in found.changes if one.kind is ADDED and one.new and one.new.number]
    assert added[:4] == [194, 195, 196, 197]
    changed = {
        one.new.number[0] for one in found.changes if one.kind is CHANGED and one.new and one.new.number
    }
    assert changed == {40, 47, 115, 130, 140, 184}
    for one in found.changes:
        if one.segments and one.old and one.new:
            assert (old_text(one.segments), new_text(one.segments)) == (one.old.text, one.new.text)
