"""Reading Word files: what is text, what is not, and what the findings say about the rest."""

from __future__ import annotations

import io

import docx
import pytest

from ingest.lines import ReadDocument
from ingest.readers.docx import read_docx
from tests.ingest.readers.docx_samples import WORD_NS, make_docx, pack, paragraph, relations
from tests.ingest.readers.page_samples import CODE, LawSheet


def read(body: str, parts: dict[str, str | bytes] | None = None) -> ReadDocument:
    return read_docx(pack(body, parts), "样例.docx")


def texts(document: ReadDocument) -> list[str]:
    return [line.text for line in document.lines]


def found(document: ReadDocument, code: str) -> str:
    return next(finding.message for finding in document.findings if finding.code == code)


@pytest.mark.parametrize("contents", ["field", "none"])
def test_a_law_of_the_national_database(contents: str) -> None:
    law = LawSheet.of_markdown(CODE)
    document = read_docx(make_docx(law, contents), "法规/样例.docx")
    title, note, *body = document.lines
    assert (title.text, title.centred, title.bold) == ("中华人民共和国样例管理法", True, True)
    assert note.text.startswith("（2019年3月15日")
    # One line per paragraph of the law, without contents, header or empty paragraphs.
    assert len(body) == len(law.body)
    assert body[0].text == "第一编 总则"
    assert body[2].text.startswith("第一条 为了规范")
    assert (body[2].centred, body[2].bold) == (False, False)
    assert (document.format, document.name) == ("docx", "法规/样例.docx")
    assert document.metadata["title"] == law.title
    codes = {finding.code for finding in document.findings}
    assert codes == {"header_footer_dropped"} | ({"contents_dropped"} if contents == "field" else set())


def test_numbers_count_paragraphs_and_rows_of_tables() -> None:
    table = "".join(
        f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in row)}</w:tr>"
        for row in [("项目", "标准"), ("样例", "10 元")]
    )
    document = read(paragraph("甲") + paragraph("") + f"<w:tbl>{table}</w:tbl>" + paragraph("乙"))
    assert [(line.number, line.text) for line in document.lines] == [
        (1, "甲"),
        (3, "项目 标准"),
        (4, "样例 10 元"),
        (5, "乙"),
    ]
    assert document.lines[2].cells == ("样例", "10 元")


def test_a_table_of_one_cell_is_a_frame_around_text() -> None:
    document = read(f"<w:tbl><w:tr><w:tc>{paragraph('第一条')}{paragraph('第二条')}</w:tc></w:tr></w:tbl>")
    assert [line.cells for line in document.lines] == [(), ()]


def test_levels_and_centring_come_from_styles_too() -> None:
    styles = f"""<w:styles {WORD_NS}>
    <w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/>
      <w:pPr><w:jc w:val="center"/></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="a"><w:name w:val="我的"/><w:basedOn w:val="1"/>
      <w:rPr><w:b/></w:rPr></w:style>
    <w:style w:type="paragraph" w:styleId="x"><w:name w:val="圈"/><w:basedOn w:val="y"/></w:style>
    <w:style w:type="paragraph" w:styleId="y"><w:name w:val="圈"/><w:basedOn w:val="x"/></w:style>
    </w:styles>"""
    body = "".join(
        paragraph("第一章 总则", f'<w:pStyle w:val="{style}"/>') for style in ("1", "a", "x", "none")
    )
    lines = read(body, {"word/styles.xml": styles}).lines
    assert [(line.level, line.centred, line.bold) for line in lines] == [
        (1, True, False),
        (1, True, True),
        (0, False, False),
        (0, False, False),
    ]


def test_tracked_changes_are_accepted_and_reported() -> None:
    body = (
        "<w:p><w:r><w:t>期限为</w:t></w:r><w:del><w:r><w:delText>十</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>三十</w:t></w:r></w:ins><w:r><w:t>日。</w:t></w:r></w:p>"
        "<w:p><w:moveFrom><w:r><w:t>移走的</w:t></w:r></w:moveFrom><w:r><w:t>留下的。</w:t></w:r></w:p>"
    )
    document = read(body)
    assert texts(document) == ["期限为三十日。", "留下的。"]
    assert found(document, "tracked_insertions_kept") == "含修订痕迹：采用插入的文字 1 处：三十。"
    assert (
        found(document, "tracked_deletions_dropped")
        == "含修订痕迹：已标为删除的文字 2 处不采用：十……移走的。"
    )


def test_a_deleted_paragraph_mark_joins_two_paragraphs() -> None:
    deleted = '<w:rPr><w:del w:id="1"/></w:rPr>'
    assert texts(read(paragraph("本法所称", deleted) + paragraph("样例。"))) == ["本法所称样例。"]


@pytest.mark.parametrize(
    "run", ["<w:vanish/>", '<w:color w:val="FFFFFF"/>', '<w:sz w:val="2"/>', '<w:rStyle w:val="h"/>']
)
def test_what_nobody_sees_is_no_text(run: str) -> None:
    styles = (
        f'<w:styles {WORD_NS}><w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>'
        "</w:styles>"
    )
    document = read(paragraph("看得见。") + paragraph("看不见。", run=run), {"word/styles.xml": styles})
    assert texts(document) == ["看得见。"]
    assert found(document, "hidden_text_dropped") == "隐藏或看不见的文字 1 处不采用：看不见。。"


def test_vanish_may_be_switched_off() -> None:
    assert texts(read(paragraph("看得见。", run='<w:vanish w:val="0"/>'))) == ["看得见。"]


def test_a_text_box_follows_its_paragraph_once() -> None:
    inner = f"<w:txbxContent>{paragraph('框里的字')}</w:txbxContent>"
    body = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>"
        f"{inner}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{inner}</v:textbox></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>段落的字</w:t></w:r></w:p>"
    )
    document = read(body)
    assert texts(document) == ["段落的字", "框里的字"]
    assert found(document, "text_boxes_moved").startswith("文本框 1 个")


def test_contents_in_a_content_control() -> None:
    body = (
        "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
        f"<w:sdtContent>{paragraph('目录')}{paragraph('第一章 总则 1')}</w:sdtContent></w:sdt>"
        f"<w:sdt><w:sdtContent>{paragraph('第一章 总则')}</w:sdtContent></w:sdt>"
    )
    assert texts(read(body)) == ["第一章 总则"]


def test_contents_that_never_end_do_not_swallow_the_law() -> None:
    begin = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r></w:p>'
    )
    document = read(begin + paragraph("第一章 总则") + paragraph("第一条 甲。"))
    assert texts(document) == ["第一章 总则", "第一条 甲。"]
    assert any(finding.code == "field_unclosed" for finding in document.findings)


def test_other_fields_give_their_result() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2022年</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    linked = "<w:hyperlink><w:r><w:t>样例法</w:t></w:r></w:hyperlink>"
    assert texts(read(f"<w:p>{field}{linked}</w:p>")) == ["2022年样例法"]


def test_breaks_inside_and_between_sentences() -> None:
    between = (
        "<w:p><w:r><w:t>第一条 甲。</w:t><w:br/><w:t>第二条 乙，</w:t><w:br/><w:t>丙。</w:t></w:r></w:p>"
    )
    centred = '<w:pPr><w:jc w:val="center"/></w:pPr>'
    title = f"<w:p>{centred}<w:r><w:t>样例市</w:t><w:br/><w:t>样例办法</w:t></w:r></w:p>"
    assert texts(read(title + between)) == ["样例市样例办法", "第一条 甲。", "第二条 乙，丙。"]


def test_footnotes_and_comments_are_told_not_mixed_in() -> None:
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body = f"<w:p><w:r><w:t>本法</w:t></w:r>{mark}<w:r><w:t>施行。</w:t></w:r></w:p>"
    notes = f'<w:footnotes {WORD_NS}><w:footnote w:id="2">{paragraph("注的字")}</w:footnote></w:footnotes>'
    comments = f'<w:comments {WORD_NS}><w:comment w:id="1">{paragraph("批注")}</w:comment></w:comments>'
    document = read(body, {"word/footnotes.xml": notes, "word/comments.xml": comments})
    assert texts(document) == ["本法施行。"]
    assert found(document, "footnotes_dropped") == "脚注不列入正文：注的字"
    assert found(document, "comments_dropped") == "批注 1 条不列入正文。"


def test_macros_and_outside_links_are_ignored_and_reported() -> None:
    outside = 'Id="r9" Type="x/attachedTemplate" Target="http://192.0.2.1/a.dotm" TargetMode="External"'
    parts: dict[str, str | bytes] = {
        "word/vbaProject.bin": b"macro",
        "word/_rels/settings.xml.rels": relations(outside),
    }
    document = read(paragraph("甲。"), parts)
    assert found(document, "macros_ignored") == "含宏代码，未运行。"
    assert found(document, "external_links_ignored") == "含外部链接 1 个，未访问：http://192.0.2.1/a.dotm。"


def test_strict_files_and_utf_16_are_read() -> None:
    strict = (
        '<?xml version="1.0" encoding="UTF-16"?>'
        '<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>'
        "<w:p><w:r><w:t>甲。</w:t></w:r></w:p></w:body></w:document>"
    )
    assert texts(read("", {"word/document.xml": strict.replace("UTF-16", "UTF-8")})) == ["甲。"]
    ordinary = strict.replace(
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    )
    assert texts(read("", {"word/document.xml": ordinary.encode("utf-16")})) == ["甲。"]


def test_the_original_is_kept_beside_the_clean_text() -> None:
    line = read(paragraph("第⼀条　⽇期")).lines[0]
    assert (line.raw, line.text) == ("第⼀条　⽇期", "第一条 日期")


def test_python_docx_tables_keep_their_place() -> None:
    made = docx.Document()
    made.add_paragraph("前。")
    table = made.add_table(rows=2, cols=2)
    for index, cell in enumerate(table._cells):
        cell.text = f"格{index}"
    made.add_paragraph("后。")
    out = io.BytesIO()
    made.save(out)
    assert texts(read_docx(out.getvalue(), "表.docx")) == ["前。", "格0 格1", "格2 格3", "后。"]
