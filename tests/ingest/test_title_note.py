"""Title notes in the spellings that occur."""

from __future__ import annotations

import pytest

from ingest.lines import Line
from ingest.parsers.title_note import read_title_note

Told = tuple[str, str, str, str]


def tell(*lines: str) -> list[Told]:
    """Kind, day, body, number of each act."""
    note = read_title_note([Line.of(text, number) for number, text in enumerate(lines, start=1)])
    return [(act.kind.value, act.day.isoformat(), act.body, act.number) for act in note.acts]


STANDING = "全国人民代表大会常务委员会"


@pytest.mark.parametrize(
    ("line", "acts"),
    [
        (
            "2010年8月28日 第十一届全国人民代表大会常务委员会第十六次会议通过",
            [("adopted", "2010-08-28", STANDING, "")],
        ),
        (
            "2018年10月26日 第十三届全国人民代表大会常务委员会第六次会议"
            "《关于修改〈样例法〉等十五部法律的决定》第二次修正",
            [("amended", "2018-10-26", STANDING, "")],
        ),
        (
            "2022年9月2日 第十三届全国人民代表大会常务委员会第三十六次会议修订）",
            [("revised", "2022-09-02", STANDING, "")],
        ),
        (
            "2013年7月18日 《国务院关于废止和修改部分行政法规的决定》第一次修订",
            [("amended", "2013-07-18", "", "")],
        ),
        (
            "2008年10月9日 中华人民共和国国务院令第536号公布",
            [("published", "2008-10-09", "国务院", "国务院令第536号")],
        ),
        ("2009年1月1日 施行", [("in_force", "2009-01-01", "", "")]),
        ("1988年11月3日 国务院第25次常务会议修订通过", [("revised", "1988-11-03", "国务院", "")]),
        (
            "1991年4月22日 样例局令第6号发布  自发布之日施行",
            [("published", "1991-04-22", "样例局", "样例局令第6号"), ("in_force", "1991-04-22", "", "")],
        ),
        (
            "1993年3月29日 中华人民共和国全国人民代表大会公告第八号公布施行",
            [
                ("published", "1993-03-29", "全国人民代表大会", "全国人民代表大会公告第八号"),
                ("in_force", "1993-03-29", "全国人民代表大会", "全国人民代表大会公告第八号"),
            ],
        ),
        (
            "2001年4月5日 最高人民法院审判委员会第1168次会议、"
            "2001年3月30日最高人民检察院第九届检察委员会第84次会议通过",
            [
                ("adopted", "2001-04-05", "最高人民法院审判委员会", ""),
                ("adopted", "2001-03-30", "最高人民检察院检察委员会", ""),
            ],
        ),
        (
            "2016年11月25日 北京市第十四届人民代表大会常务委员会第三十一次会议"
            "通过的《关于修改部分地方性法规的决定》修正",
            [("amended", "2016-11-25", "北京市人民代表大会常务委员会", "")],
        ),
        (
            "（2020年5月1日第十三届全国人民代表大会常务委员会第十八次会议通过　自2020年7月1日起施行）",
            [("adopted", "2020-05-01", STANDING, ""), ("in_force", "2020-07-01", "", "")],
        ),
        ("２０１９年１０月１日 样例部发布", [("published", "2019-10-01", "样例部", "")]),
    ],
)
def test_spellings(line: str, acts: list[Told]) -> None:
    kinds = [(kind, day) for kind, day, _, _ in acts]
    told = tell(line)
    assert [(kind, day) for kind, day, _, _ in told] == kinds
    if acts[0][0] != "in_force":
        assert told[0] == acts[0]


def test_a_second_adoption_by_the_same_body_is_an_amendment() -> None:
    told = tell(
        "2015年6月23日 最高人民法院审判委员会第1655次会议通过",
        "2020年8月18日 最高人民法院审判委员会第1809次会议通过",
    )
    assert [one[0] for one in told] == ["adopted", "amended"]


def test_lines_broken_inside_a_title_belong_together() -> None:
    told = tell(
        "2015年8月29日 第十二届全国人民代表大会常务委员会第十六次会议《关于修改〈甲法〉",
        "〈乙法〉",
        "〈丙法〉的决定》第三次修正",
    )
    assert told == [("amended", "2015-08-29", STANDING, "")]


def test_start_from_publication_takes_its_day() -> None:
    assert tell("1983年12月29日 国务院发布", "发布之日施行")[1][:2] == ("in_force", "1983-12-29")


def test_what_cannot_be_read_is_said() -> None:
    note = read_title_note(
        [Line.of("样例局：", 1), Line.of("1955年12月29日", 2), Line.of("2020年2月30日 国务院发布", 3)]
    )
    assert {(one.code, one.line) for one in note.findings} == {
        ("note_unread", 1),
        ("note_without_act", 2),
        ("date_impossible", 3),
        ("note_unread", 3),
    }
    assert note.acts == ()


def test_document_numbers_take_their_own_brackets() -> None:
    note = read_title_note([Line.of("样人发［1995］32号", 1)])
    assert note.numbers == ("样人发〔1995〕32号",)
