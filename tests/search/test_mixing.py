"""Law and other records in one list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.search.fusion import FusedCandidate
from kb.search.mixing import LAW, mix_kinds


def candidate(name: str) -> FusedCandidate:
    """``s1`` is an article, ``g2.3`` block 3 of guide 2, ``c1.1`` of case 1."""
    kind = {"s": "statute", "g": "guide", "c": "case", "n": "normative"}[name[0]]
    return FusedCandidate(name, "v", name.partition(".")[0] if kind != "statute" else "law", kind, 1.0, ())


def mixed(*names: str, keep_share: bool = True) -> list[str]:
    return [one.provision_id for one in mix_kinds(map(candidate, names), keep_share=keep_share)]


def test_law_alone_stays_as_it_is() -> None:
    assert mixed("s1", "s2", "n1.1", "n1.2") == ["s1", "s2", "n1.1", "n1.2"]


def test_the_best_block_of_a_guide_stands_for_it() -> None:
    assert mixed("g1.4", "s1", "g1.2", "s2", "g1.1") == ["g1.4", "s1", "s2"]


def test_many_guides_leave_room_for_the_law() -> None:
    asked = mixed("g1.1", "g2.1", "g3.1", "c1.1", "s1", "s2", "s3", "s4")
    assert asked == ["g1.1", "s1", "g2.1", "s2", "s3", "g3.1", "s4", "c1.1"]


def test_where_there_is_no_law_nothing_is_lost() -> None:
    assert mixed("g1.1", "g2.1", "c1.1") == ["g1.1", "g2.1", "c1.1"]


def test_a_person_who_chose_guides_gets_guides() -> None:
    assert mixed("g1.1", "g2.1", "s1", keep_share=False) == ["g1.1", "g2.1", "s1"]


@given(
    st.lists(
        st.sampled_from(["s1", "s2", "s3", "s4", "s5", "g1.1", "g1.2", "g2.1", "g3.1", "c1.1"]), unique=True
    )
)
def test_every_record_is_there_once_and_the_order_within_a_kind_stands(names: list[str]) -> None:
    got = mixed(*names)
    law = [name for name in names if name[0] == "s"]
    assert [name for name in got if name[0] == "s"] == law
    firsts = list({name.partition(".")[0]: name for name in reversed(names) if name[0] != "s"})
    assert sorted(name.partition(".")[0] for name in got if name[0] != "s") == sorted(firsts)
    for place in range(1, len(got) + 1):
        others = sum(candidate(name).kind not in LAW for name in got[:place])
        law_left = any(name[0] == "s" for name in got[place:])
        assert others <= 1 + place // 3 or not law_left
