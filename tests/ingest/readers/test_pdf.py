"""Reading PDF files: what stands around the text goes, and rows become paragraphs again."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.lines import ReadDocument
from ingest.readers.pdf import read_pdf
from tests.ingest.readers.page_samples import CODE, DECISION, LawSheet
from tests.ingest.readers.pdf_samples import FONT, Layout, PageMaker, make_pdf, make_plain_pdf

SENTENCES = [
    "第一条 为了规范样例的制作、保管和使用，保护样例所有人的合法权益，维护样例管理秩序，制定本办法。",
    "第二条 本办法所称样例，是指为说明一种做法而编写的例子；依照本办法第一条规定保管的材料，也是样例。",
    "（一）文字样例以及与文字样例有关的说明、注释和其他附带材料，但是法律、行政法规另有规定的除外；",
    "（二）图表样例。",
]


def texts(document: ReadDocument) -> list[str]:
    return [line.text for line in document.lines]


def found(document: ReadDocument, code: str) -> str:
    return next(finding.message for finding in document.findings if finding.code == code)


def draw(*strings: tuple[float, float, str], size: float = 12, pages: int = 1) -> Canvas:
    canvas = Canvas(io.BytesIO())
    for _ in range(pages):
        canvas.setFont(FONT, size)
        for x, y, text in strings:
            canvas.drawString(x, y, text)
        if pages > 1:
            canvas.showPage()
    return canvas


def read(canvas: Canvas) -> ReadDocument:
    return read_pdf(canvas.getpdfdata(), "样例.pdf")


def test_a_printed_law() -> None:
    law = LawSheet.of_markdown(CODE)
    document = read_pdf(make_pdf(law), "法规/样例.pdf")
    title, note, *body = document.lines
    assert (title.text, title.centred, title.page) == (law.title, True, 1)
    assert note.text.startswith("（2019年3月15日")
    assert note.text.endswith("修正）")
    assert [line.text.replace(" ", "") for line in body] == [item.text.replace(" ", "") for item in law.body]
    assert [line.centred for line in body] == [bool(item.level) for item in law.body]
    assert {line.page for line in body} == {2, 3}
    assert found(document, "header_footer_dropped") == f"页眉页脚 3 行不列入正文：{law.title}。"
    assert found(document, "page_numbers_dropped") == "页码 3 个不列入正文。"
    assert found(document, "contents_dropped").startswith("目录不是正文，已略去 7 段")
    assert document.metadata["pages"] == "3"


def test_a_paragraph_goes_on_over_pages() -> None:
    long = "第一条 " + "样例应当真实地反映所要说明的做法，" * 60 + "并予以公布。"
    document = read_pdf(make_plain_pdf(long, "第二条 乙。", layout=Layout(header="页眉")), "长.pdf")
    assert texts(document) == [long, "第二条 乙。"]
    assert [line.page for line in document.lines] == [1, 2]


@pytest.mark.parametrize(
    "number", ["- {page} -", "— {page} —", "{page}", "第{page}页", "第 {page} 页 共 3 页", "{page}/3"]
)
def test_page_numbers_of_all_kinds(number: str) -> None:
    long = "样例应当真实地反映所要说明的做法，" * 80 + "并予以公布。"
    assert texts(read_pdf(make_plain_pdf(long, layout=Layout(page_number=number)), "页.pdf")) == [long]


def test_a_header_that_changes_by_chapter() -> None:
    maker = PageMaker(Layout(page_number=""))
    expected = []
    for page in range(4):
        if page:
            maker.new_page()
        maker._canvas.setFont(FONT, 9)
        maker._canvas.drawString(250, 800, f"第{'一二三四'[page]}章 样例")
        for number in range(5):
            expected.append(f"{'甲乙丙丁'[page]}{'子丑寅卯辰'[number]}样例应当真实{'地反映做法' * number}。")
            maker.add(expected[-1])
    assert texts(read_pdf(maker.finish(), "章.pdf")) == expected


def test_two_columns_are_read_one_after_the_other() -> None:
    layout = Layout(size=10.5, pitch=16, columns=2, header="样例公报")
    document = read_pdf(make_plain_pdf(*SENTENCES * 12, layout=layout), "公报.pdf")
    assert texts(document) == SENTENCES * 12


def test_the_short_last_page_of_two_columns() -> None:
    layout = Layout(size=10.5, pitch=16, columns=2, bottom=600)
    document = read_pdf(make_plain_pdf(*SENTENCES * 5, layout=layout), "公报.pdf")
    assert texts(document) == SENTENCES * 5


def test_paragraphs_without_indentation_are_parted_by_their_ends() -> None:
    maker = PageMaker(Layout(page_number=""))
    for text in SENTENCES * 3:
        maker.add(text, indent=False)
    assert texts(read_pdf(maker.finish(), "齐.pdf")) == SENTENCES * 3


def test_where_a_paragraph_ends_cannot_be_seen_it_is_said() -> None:
    first = "样" * 26 + "。"
    maker = PageMaker(Layout(page_number="", left=79, right=84.27))
    for text in (first, "例" * 26 + "。", "第三段。"):
        maker.add(text, indent=False)
    document = read_pdf(maker.finish(), "齐.pdf")
    assert texts(document)[0].startswith(first)
    assert found(document, "paragraph_ends_uncertain").startswith("版面没有首行缩进")


def test_a_title_over_two_rows_is_one_line() -> None:
    law = LawSheet.of_markdown(DECISION)
    title = read_pdf(make_pdf(law), "决定.pdf").lines[0]
    assert (title.text, title.centred) == (law.title, True)


def test_latin_words_keep_their_blanks_and_lose_their_hyphens() -> None:
    rows = [
        (72, 700 - 20 * n, text)
        for n, text in enumerate(["This law applies to exam-", "ples of the kind", "that 1 is."])
    ]
    assert (
        texts(read(draw(*rows, (72, 600, "中文。"))))[0]
        == "This law applies to examples of the kind that 1 is."
    )


def test_kangxi_radicals_become_characters() -> None:
    line = read(draw((72, 700, "第一条 自本日起施行。"))).lines[0]
    assert line.text == "第一条 自本日起施行。"


def test_bold_by_printing_twice_is_one_text() -> None:
    rows = [(72.0, 700.0, "第一条 样例。"), (72.3, 700.0, "第一条 样例。")]
    assert texts(read(draw(*rows))) == ["第一条 样例。"]


def test_watermarks_are_no_text() -> None:
    canvas = draw((72, 700, "第一条 样例应当真实。"))
    canvas.rotate(45)
    canvas.drawString(300, 100, "内部资料")
    document = read(canvas)
    assert texts(document) == ["第一条 样例应当真实。"]
    assert "内部资料" in found(document, "watermark_dropped")


def test_invisible_text_is_no_text() -> None:
    canvas = draw((72, 700, "看得见的样例文字。"))
    hidden = canvas.beginText(72, 600)
    hidden.setTextRenderMode(3)
    hidden.textLine("看不见")
    canvas.drawText(hidden)
    document = read(canvas)
    assert texts(document) == ["看得见的样例文字。"]
    assert "看不见" in found(document, "hidden_text_dropped")


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_upright(turn: int) -> None:
    canvas = Canvas(io.BytesIO())
    canvas.setFont(FONT, 12)
    canvas.translate(300, 400)
    canvas.rotate(turn)
    canvas.drawString(-100, 40, "第一条 样例应当真实。")
    canvas.drawString(-100, 0, "第二条 样例应当公布。")
    assert texts(read(canvas)) == ["第一条 样例应当真实。", "第二条 样例应当公布。"]


def test_footnotes_are_told_not_mixed_in() -> None:
    maker = PageMaker(Layout(page_number="", bottom=150))
    maker._canvas.setFont(FONT, 9)
    maker._canvas.drawString(79, 120, "① 本条所称样例见附件。")
    long = "第一条 " + "样例应当真实地反映所要说明的做法，" * 40 + "并予以公布。"
    maker.add(long)
    document = read_pdf(maker.finish(), "注.pdf")
    assert texts(document) == [long]
    assert found(document, "footnotes_dropped") == "第 1 页脚注不列入正文：① 本条所称样例见附件。"


def test_rows_of_a_table_have_cells() -> None:
    rows = [
        (x, y, text)
        for y, row in ((700, "甲乙丙"), (680, "丁戊己"))
        for x, text in zip((72, 200, 330), row, strict=True)
    ]
    assert [line.cells for line in read(draw(*rows)).lines] == [("甲", "乙", "丙"), ("丁", "戊", "己")]


def test_pages_that_are_pictures_are_named() -> None:
    canvas = draw((72, 700, "第一条 样例应当真实{'地反映做法' * number}。"))
    canvas.showPage()
    add_picture(canvas)
    document = read(canvas)
    assert found(document, "pages_without_text") == "下列页是图片，没有文字，需 OCR：2。"


def test_text_that_ocr_left_is_read_and_marked() -> None:
    canvas = Canvas(io.BytesIO())
    add_picture(canvas)
    layer = canvas.beginText(72, 700)
    layer.setFont(FONT, 12)
    layer.setTextRenderMode(3)
    layer.textLine("第一条 样例应当真实。")
    canvas.drawText(layer)
    document = read(canvas)
    assert texts(document) == ["第一条 样例应当真实。"]
    assert "须与原件核对" in found(document, "text_from_ocr")


def add_picture(canvas: Canvas) -> None:
    """One grey dot over the page, drawn without any picture library."""
    canvas._code.append("q 500 0 0 700 50 50 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q")
