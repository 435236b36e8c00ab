"""One door to all parsers: the kind is told by content, the shipped templates go in through it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import corpora
from ingest.drafts import Draft
from ingest.lines import Line, ReadDocument, Row
from ingest.parsers.kinds import detect_kind, parse_document
from ingest.readers.dispatch import read_bytes
from kb.domain.records import DETAIL_TYPES, details_from_json, details_to_json
from kb.domain.works import WorkKind
from kb.errors import LawkbError, SourceError
from tests.ingest.parsers.documents import read_table, read_text

TEMPLATES = Path(corpora.__file__).parent / "templates"
ARTICLES = "第一条 甲。\n第二条 乙。\n"


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        (
            f"示例市示例条例\n（2020年1月1日示例市人民代表大会常务委员会通过）\n{ARTICLES}",
            "a.txt",
            WorkKind.STATUTE,
        ),
        (f"最高人民法院关于示例问题的规定\n法释〔2020〕1号\n{ARTICLES}", "a.txt", WorkKind.STATUTE),
        (f"示例管理办法\n示例部令第3号\n{ARTICLES}", "a.txt", WorkKind.STATUTE),
        (f"示例市示例局示例管理办法\n示示发〔2020〕3号\n{ARTICLES}", "a.txt", WorkKind.NORMATIVE),
        (f"示例局关于印发《示例办法》的通知\n{ARTICLES}", "a.txt", WorkKind.NORMATIVE),
        (f"示例管理办法\n{ARTICLES}", "部门规章/a.txt", WorkKind.STATUTE),
        (f"示例管理办法\n{ARTICLES}", "规范性文件/a.txt", WorkKind.NORMATIVE),
        ("# 某甲诉某乙案\n\n## 基本案情\n\n甲。\n\n## 裁判结果\n\n乙。\n", "a.md", WorkKind.CASE),
        (f"# 某甲诉某乙案\n\n## 基本案情\n\n甲。\n\n## 相关法条\n\n{ARTICLES}", "行政法/a.md", WorkKind.CASE),
        ("示例事项\n受理条件\n甲。\n申请材料\n乙。\n办理流程\n丙。\n", "a.txt", WorkKind.GUIDE),
        ("title: 示例\nconditions: [甲]\n", "a.yaml", WorkKind.GUIDE),
        ('{"标题": "甲诉乙案", "基本案情": "丙"}\n', "a.jsonl", WorkKind.CASE),
    ],
)
def test_content_tells_the_kind(text: str, name: str, kind: WorkKind) -> None:
    assert detect_kind(read_text(text, name)) is kind


def test_columns_tell_registers_apart() -> None:
    institutions = read_table(("机构名称", "机构类型", "区"), ("示例", "公证处", "东城区"))
    people = read_table(("姓名", "人员类别", "所在机构"), ("示例", "律师", "示例"))
    assert detect_kind(institutions) is WorkKind.INSTITUTION
    assert detect_kind(people) is WorkKind.PERSON


def test_unknown_content_is_refused_with_the_way_out() -> None:
    for document in (read_text("你好。\n"), read_table(("颜色", "气味"), ("红", "香"))):
        with pytest.raises(SourceError) as caught:
            parse_document(document)
        assert caught.value.code == "kind_unknown"
        assert caught.value.place == document.name
        assert "--kind" in caught.value.way_out


def test_a_kind_that_cannot_be_is_refused() -> None:
    with pytest.raises(SourceError, match="kind_mismatch"):
        parse_document(read_table(("姓名", "人员类别"), ("示例", "律师")), WorkKind.STATUTE)
    with pytest.raises(SourceError, match="kind_mismatch"):
        parse_document(read_text(f"示例\n{ARTICLES}"), WorkKind.PERSON)


def test_a_kind_that_is_given_wins() -> None:
    (draft,) = parse_document(read_text(f"示例管理办法\n{ARTICLES}"), WorkKind.NORMATIVE)
    assert draft.kind is WorkKind.NORMATIVE


@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [
        ("institutions.csv", WorkKind.INSTITUTION, 5),
        ("people.csv", WorkKind.PERSON, 3),
        ("cases.csv", WorkKind.CASE, 2),
        ("guides.csv", WorkKind.GUIDE, 1),
        ("guide.yaml", WorkKind.GUIDE, 1),
    ],
)
def test_the_shipped_templates_go_in_and_are_clearly_fictional(name: str, kind: WorkKind, count: int) -> None:
    drafts = parse_document(read_bytes((TEMPLATES / name).read_bytes(), name))
    assert {draft.kind for draft in drafts} == {kind}
    assert len(drafts) == count
    for draft in drafts:
        assert "虚构" in draft.title
        assert draft.details is not None
        values = details_to_json(draft.details)
        assert values["fictional"] is True
        assert details_from_json(kind.value, values) == draft.details
        assert not draft.findings


def test_the_templates_show_every_column() -> None:
    from ingest.parsers import cases_rows, guides, institutions, people

    shown = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    for file, columns in (
        ("institutions.csv", institutions.COLUMNS),
        ("people.csv", people.COLUMNS),
        ("cases.csv", cases_rows.COLUMNS),
        ("guides.csv", guides.COLUMNS),
    ):
        header = (TEMPLATES / file).read_text(encoding="utf-8").split("\n", 1)[0].split(",")
        assert header == [column.name for column in columns]
        assert [column.name for column in columns if column.name not in shown] == []
    own = (TEMPLATES / "guide.yaml").read_text(encoding="utf-8")
    fields = {f"{name}:" for name in guides.OWN_NAMES}
    assert fields <= {line.split(" ")[0] for line in own.split("\n")}
    assert set(DETAIL_TYPES) == {kind.value for kind in WorkKind} - {"statute"}


_WORDS = st.sampled_from(
    (
        *(
            "一、总体要求",
            "（一）甲",
            "（二）乙；",
            "第一条 甲",
            "第二章 乙",
            "附件1",
            "目录",
            "基本案情",
            "【裁判要旨】丙",
        ),
        *(
            "关于印发《甲办法》的通知",
            "甲办法",
            "京司发〔2022〕4号",
            "2022年11月15日",
            "示例市司法局",
            "受理条件",
        ),
        *(
            "案例一：甲诉乙案",
            "有效期五年，自印发之日起施行。",
            "《甲法》第三条｜乙",
            "发布日期：2022-13-45",
            "关键词",
            "：",
        ),
    )
)
_TEXTS = st.one_of(_WORDS, st.text(max_size=40), st.builds("".join, st.lists(_WORDS, max_size=4)))
_CELLS = st.lists(_TEXTS, max_size=4).map(tuple)
_NAMES = (
    "标题",
    "机构名称",
    "机构类型",
    "姓名",
    "人员类别",
    "事项名称",
    "申请材料",
    "title",
    "basis",
    "区",
    "案号",
    "经度",
)


@st.composite
def documents(draw: st.DrawFn) -> ReadDocument:
    """Any document that a reader could give: normalised lines with odd places, or rows with odd values."""
    if draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=5, unique=True))
        rows = [Row(n, {name: draw(_TEXTS) for name in names}) for n in range(2, draw(st.integers(3, 5)))]
        return ReadDocument(
            "示例.yaml", draw(st.sampled_from(("csv", "yaml", "jsonl"))), "0" * 64, rows=tuple(rows)
        )
    lines = []
    for number in range(1, draw(st.integers(1, 12))):
        line = Line.of(draw(_TEXTS), number, level=draw(st.sampled_from((0, 0, 1, 2))))
        cells = draw(_CELLS) if draw(st.integers(0, 5)) == 0 else ()
        lines.append(Line(line.text, line.raw, number, 0, line.level, cells=cells))
    return ReadDocument("示例.txt", "text", "0" * 64, lines=tuple(lines))


@settings(max_examples=150, deadline=None)
@given(documents(), st.sampled_from([kind for kind in WorkKind if kind is not WorkKind.STATUTE]))
def test_whatever_a_file_holds_only_our_own_errors_come_out(document: ReadDocument, kind: WorkKind) -> None:
    drafts: tuple[Draft, ...] = ()
    refused: LawkbError | None = None
    try:
        drafts = parse_document(document, kind)
    except LawkbError as error:
        refused = error
    assert drafts or (refused and refused.place and refused.way_out)
    for draft in drafts:
        assert draft.title
        assert draft.provisions
        assert all(one.text and one.label for one in draft.provisions)
