"""Plain text: paragraphs on lines, and sentences that a PDF broke."""

from __future__ import annotations

import textwrap

import pytest

from ingest.lines import ReadDocument
from ingest.readers.dispatch import read_bytes
from tests.shared_data import require_shared

PARAGRAPHS = (
    "第一条　为了管理公共长椅，方便群众休息，保障设施完好，根据有关规定，结合本市实际情况，制定本办法。",
    "第二条　公共长椅由所在街道办事处设置和维护，维护所需费用列入年度预算，任何单位和个人不得侵占挪用。",
    "依照本办法第一条的规定设置的长椅，应当标明设置单位、设置日期、联系电话以及报修的方式和办理的时限。",
    "（一）木制的长椅，每年检查两次，检查的结果向社会公布，发现损坏的应当自发现之日起七日内修复完毕；",
    "（二）石制的长椅，每年检查一次，按照前款第（一）项的规定公布检查结果，并将有关资料归档保存三年。",
)


def read(text: str) -> ReadDocument:
    return read_bytes(text.encode(), "样例.txt")


def texts(text: str) -> list[str]:
    return [line.text for line in read(text).lines]


def test_a_paragraph_on_each_line_stays() -> None:
    document = read("\n".join(PARAGRAPHS))
    assert [line.raw for line in document.lines] == list(PARAGRAPHS)
    assert [line.number for line in document.lines] == [1, 2, 3, 4, 5]
    assert document.findings == ()


@pytest.mark.parametrize("columns", [21, 28, 34])
def test_wrapped_lines_are_joined_to_the_paragraphs_they_were(columns: int) -> None:
    wrapped = "\n".join(
        "\n".join(textwrap.wrap("　　" + text, columns, drop_whitespace=False)) for text in PARAGRAPHS
    )
    document = read(wrapped)
    assert [line.text for line in document.lines] == texts("\n".join(PARAGRAPHS))
    assert [finding.code for finding in document.findings] == ["lines_joined"]


def test_a_reference_at_the_head_of_a_line_is_no_article() -> None:
    lines = [
        "违反本办法规定，有下列情形之一的，由街道办事处依照本办法",
        "第十条的规定责令改正，拒不改正的，依照前款的规定处以罚款",
        "，并将有关情况通报其所在单位；情节严重的，依照有关法律第",
        "（一）项的规定处理，构成犯罪的，移送司法机关依法追究责任",
        "第十一条　本办法所称长椅，是指供行人休息的座椅以及附属的",
        "遮阳设施。",
    ]
    assert [text[:4] for text in texts("\n".join(lines))] == ["违反本办", "第十一条"]


def test_one_sentence_broken_among_whole_paragraphs_is_joined() -> None:
    broken = PARAGRAPHS[1][:40]
    document = read("\n".join([PARAGRAPHS[0], broken, PARAGRAPHS[1][40:], PARAGRAPHS[2]]))
    assert [(line.number, line.raw) for line in document.lines] == [
        (1, PARAGRAPHS[0]),
        (2, PARAGRAPHS[1]),
        (4, PARAGRAPHS[2]),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("关于印发样例市公共长椅管理办法及其实施细则的通知", "各区司法局"),
        ("样例市司法局", "2031年3月1日"),
        ("2031年3月1日样例市人民政府常务会议通过，自2031年5月1日起施行", "根据样例市人民政府决定修改"),
        ("一、公共长椅设置的总体要求和基本原则，以及有关工作安排", "坚持以人民为中心。"),
        ("申请人的身份证明，原件和复印件", "长椅所在位置的照片"),
    ],
)
def test_headings_signatures_and_lists_are_not_joined(lines: tuple[str, str]) -> None:
    assert len(texts("\n".join(lines))) == 2


def test_form_feeds_count_pages_and_page_numbers_go() -> None:
    document = read(
        "第一条　甲。\n第二条　公共长椅由所在街道办事处设置。维护所需的费用列入\n— 1 —\n"
        "\x0c年度预算。\n- 2 -\n"
    )
    assert [(line.page, line.number, line.text) for line in document.lines] == [
        (1, 1, "第一条 甲。"),
        (1, 2, "第二条 公共长椅由所在街道办事处设置。维护所需的费用列入年度预算。"),
    ]
    assert [finding.code for finding in document.findings] == ["page_numbers_dropped", "lines_joined"]


def test_the_shared_normative_document_is_mended_in_its_one_broken_place() -> None:
    path = next(require_shared("normative").glob("*.txt"))
    document = read_bytes(path.read_bytes(), path.name)
    assert len(document.lines) == 72
    assert [finding.line for finding in document.findings if finding.code == "lines_joined"] == [55]
    assert not any("\u2e80" <= char <= "\u2fdf" for line in document.lines for char in line.text)
    assert sum(line.text.startswith("（") for line in document.lines) == 39
