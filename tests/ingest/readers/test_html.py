"""Pages of government sites: their text without their furniture, and what is no document at all."""

from __future__ import annotations

import pytest

from ingest.lines import ReadDocument
from ingest.readers.dispatch import read_bytes
from kb.errors import SourceError
from tests.ingest.readers.pages import ARTICLES, TITLE, page, paragraphs

TEXTS = [TITLE, *(article.replace("　", " ") for article in ARTICLES)]


def read(text: str, encoding: str = "utf-8") -> ReadDocument:
    return read_bytes(text.encode(encoding), "样例.html")


def texts(text: str) -> list[str]:
    return [line.text for line in read(text).lines]


def codes(document: ReadDocument) -> list[str]:
    return [finding.code for finding in document.findings]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16"])
def test_only_the_document_is_left_of_a_page_in_any_encoding(encoding: str) -> None:
    document = read(page(), encoding)
    assert [line.text for line in document.lines] == TEXTS
    assert (document.lines[0].level, document.lines[0].centred) == (1, True)
    assert document.metadata["title"] == f"{TITLE}-样例市司法局"


def test_what_was_left_out_is_said() -> None:
    document = read(page(), "gb18030")
    dropped = " ".join(
        finding.message for finding in document.findings if finding.code == "boilerplate_dropped"
    )
    for furniture in ("导航", "当前位置", "工具栏", "相关链接", "上下篇", "页脚"):
        assert f"“{furniture}”" in dropped


def test_a_page_labelled_otherwise_is_read_and_reported() -> None:
    document = read(page(charset="utf-8"), "gb18030")
    assert [line.text for line in document.lines] == TEXTS
    assert "encoding_mislabelled" in codes(document)


@pytest.mark.parametrize(
    "body",
    [
        "<br>".join(ARTICLES),
        "<br/>\n".join("　　" + article for article in ARTICLES),
        "".join(f"<div><span>{article[:7]}</span><span>{article[7:]}</span></div>" for article in ARTICLES),
        "<table width='100%'><tr><td>" + paragraphs() + "</td></tr></table>",
        "<table><tr><td><table><tr><td>" + paragraphs() + "</td><td></td></tr></table></td></tr></table>",
        "<pre>" + "\n".join(ARTICLES) + "</pre>",
        paragraphs().replace("</p>", ""),
        paragraphs().replace("公共", "公\n共").replace("<p", "\n\n<P").replace("</p>", "</P>"),
        paragraphs().replace("第", "&#31532;").replace("，", "&#xFF0C;"),
        "<div class='nav-content'>" + paragraphs() + "</div>",
        "<div class='menu'>" + paragraphs() + "</div>",
    ],
)
def test_however_the_paragraphs_are_made(body: str) -> None:
    assert texts(page(body)) == TEXTS


def test_sentences_cut_by_line_breaks_are_joined() -> None:
    body = (
        "第一条　为了管理公共长椅，方便群众休息，保障设施完好，根据<br>有关规定，制定本办法。<br>第二条　甲。"
    )
    assert texts(page(body))[1:] == [
        "第一条 为了管理公共长椅，方便群众休息，保障设施完好，根据有关规定，制定本办法。",
        "第二条 甲。",
    ]


def test_tables_keep_their_rows() -> None:
    body = (
        "<table><tr><th>序号</th><th colspan=2>材料</th></tr><tr><td>1</td><td>身份证</td>"
        "<td><p>原件</p><p>一份</p></td></tr>"
        "<tr><td colspan=3>说明</td></tr></table>" + paragraphs()
    )
    lines = read(page(body)).lines[1:4]
    assert [line.cells for line in lines] == [("序号", "材料", ""), ("1", "身份证", "原件 一份"), ()]
    assert lines[1].text == "1 身份证 原件 一份"


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">第九条　看不见。</div>',
        '<p style="font-size:0">第九条　看不见。</p>',
        "<p hidden>第九条　看不见。</p>",
        '<p style="visibility: hidden;"><span>第九条　看不见。</span></p>',
        '<style>.x, #y { display : none }</style><p class="a x">第九条　看不见。</p>',
    ],
)
def test_hidden_text_is_left_out_and_reported(hidden: str) -> None:
    document = read(page(paragraphs() + hidden))
    assert [line.text for line in document.lines] == TEXTS
    (found,) = [finding for finding in document.findings if finding.code == "hidden_text"]
    assert found.lost
    assert "1 处以“第X条”开头" in found.message
    assert "看不见" in found.message


def test_provisions_are_kept_even_inside_furniture() -> None:
    document = read(page('<div class="footer">' + paragraphs() + "</div>"))
    assert [line.text for line in document.lines] == TEXTS
    assert "boilerplate_kept" in codes(document)


def test_a_provision_in_a_list_of_links_is_a_loss_that_is_reported() -> None:
    links = "".join(f'<li><a href="/{number}.html">第{number}条的解读</a></li>' for number in "一二三四")
    document = read(page(paragraphs() + f'<div class="related"><ul>{links}</ul></div>'))
    assert [line.text for line in document.lines] == TEXTS
    lost = [finding for finding in document.findings if finding.code == "boilerplate_provision"]
    assert len(lost) == 4
    assert all(finding.lost for finding in lost)


def test_a_table_of_contents_with_links_into_the_page_stays() -> None:
    contents = "".join(f'<p><a href="#{number}">第{number}章　总则</a></p>' for number in "一二三四五")
    assert texts(page(contents + paragraphs()))[1:6] == [f"第{number}章 总则" for number in "一二三四五"]


@pytest.mark.parametrize(
    "text",
    [
        "地址：样例市样例路1号",
        "咨询电话：000-00000000",
        "主办单位应当公布办理结果。",
        "下载表格后填写。",
        "大中小企业均适用本办法。",
    ],
)
def test_a_documents_own_words_are_not_furniture(text: str) -> None:
    assert text in texts(page(f"<p>{text}</p>" + paragraphs()))


def test_pictures_and_frames_in_the_text_are_reported_as_unread() -> None:
    document = read(page(paragraphs() + '<p><img src="a.png"><iframe src="b.html"></iframe></p>'))
    unread = [finding for finding in document.findings if finding.code == "embedded_not_read"]
    assert [finding.lost for finding in unread] == [True, True]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (
            "<html><head><title>404 Not Found</title></head><body><h1>404</h1></body></html>",
            "html_error_page",
        ),
        (
            "<html><body><h2>提示</h2><p>您访问的页面不存在</p><a href='/'>返回首页</a></body></html>",
            "html_error_page",
        ),
        (
            "<html><title>系统维护</title><body><p>网站正在升级，请稍后再来。</p></body></html>",
            "html_error_page",
        ),
        (
            "<html><head><title>请求被拦截</title></head><body><p>您的请求带有不合法参数</p></body></html>",
            "html_error_page",
        ),
        ("<html><body><div id='app'></div><script src='app.js'></script></body></html>", "html_no_text"),
        (
            "<html><body><noscript>请启用 JavaScript</noscript><script>1</script></body></html>",
            "html_no_text",
        ),
        ("<html><body><p>请开启JavaScript后访问</p><script>1</script></body></html>", "html_no_text"),
        ("<html><body></body></html>", "html_no_text"),
        ("<html><body>" + page()[:0] + "<p>&nbsp;</p></body></html>", "html_no_text"),
    ],
)
def test_a_page_without_a_document_is_an_error(content: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(content)
    assert caught.value.code == code
    assert caught.value.way_out


@pytest.mark.parametrize("end", ["第三条", '<div id="ft"><p>主办', 'class="TRS_', "<script>var"])
def test_a_page_that_was_cut_off_is_an_error(end: str) -> None:
    whole = page()
    with pytest.raises(SourceError) as caught:
        read(whole[: whole.index(end) + len(end)])
    assert caught.value.code == "html_truncated"


def test_a_short_real_notice_that_speaks_of_errors_is_no_error_page() -> None:
    body = "<p>关于12345热线系统维护期间办理法律援助的通知</p><p>现将有关事项通知如下。</p>"
    content = f"<html><head><title>通知</title></head><body><h1>通知</h1>{body}</body></html>"
    assert len(texts(content)) == 3


@pytest.mark.parametrize(
    "unit",
    [
        "<div>第一条 甲",
        "<b>x",
        "<table><tr><td>x",
        "<a href=x>y",
        "<ul><li>x",
        "<p>第一条 甲</p>",
        "<font>",
        "</p>",
        "<nav>x",
    ],
)
def test_tags_nested_or_repeated_beyond_reason_are_survived(unit: str) -> None:
    document = read(page(paragraphs() + unit * 10_000))
    assert document.lines[0].text == TITLE


def test_zero_width_and_bidi_characters_are_cleaned_and_reported() -> None:
    document = read(page(paragraphs().replace("公共", "公\u200b\u202e共")))
    assert [line.text for line in document.lines] == TEXTS
    assert {"zero_width_characters", "bidi_characters"} <= set(codes(document))


def test_the_pages_own_fields_become_metadata() -> None:
    document = read(
        page(head='<meta name="PubDate" content="2031-03-01 10:00"><meta name="ArticleTitle" content="甲">')
    )
    assert document.metadata["meta.pubdate"] == "2031-03-01 10:00"
    assert document.metadata["meta.articletitle"] == "甲"
