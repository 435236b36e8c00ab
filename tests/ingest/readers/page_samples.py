"""Laws to lay out in a test (invented, or a Markdown file of the shared data), and a government page."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_HEADING = re.compile(r"(#{1,6}) (.+)")
_NUMBERED_HEADING = re.compile(r"(第[^ ]{1,8}(?:分编|[编章节])) (.+)")


@dataclass(frozen=True)
class Paragraph:
    """A heading (``level`` 1 or more) or a paragraph (0) of a law's body."""

    level: int
    text: str


@dataclass(frozen=True)
class LawSheet:
    """A law ready to be laid out: its Markdown text cut into title, title notes and body."""

    title: str
    notes: tuple[str, ...]
    body: tuple[Paragraph, ...]

    @classmethod
    def of_markdown(cls, markdown: str) -> LawSheet:
        """From the layout ``# title``, notes, ``<!-- INFO END -->``, headings, one paragraph per 款."""
        head, mark, rest = markdown.partition("<!-- INFO END -->")
        if not mark:
            head, _, rest = markdown.partition("\n\n")
        first, *notes = [line.strip() for line in head.splitlines() if line.strip()]
        body = []
        for line in rest.splitlines():
            heading = _HEADING.fullmatch(line.strip())
            if heading:
                body.append(Paragraph(len(heading[1]), heading[2].strip()))
            elif line.strip():
                body.append(Paragraph(0, line.strip()))
        return cls(first.removeprefix("# ").strip(), tuple(notes), tuple(body))

    @property
    def headings(self) -> tuple[Paragraph, ...]:
        """The table of contents."""
        return tuple(item for item in self.body if item.level)


def spread_heading(text: str) -> str:
    """``第一章 总则`` as the national database prints it: ``第一章　总　　则``."""
    match = _NUMBERED_HEADING.fullmatch(text)
    if not match:
        return text
    name = "　　".join(match[2]) if len(match[2]) == 2 else match[2]
    return f"{match[1]}　{name}"


CODE = """# 中华人民共和国样例管理法

2019年3月15日 第十三届全国人民代表大会第二次会议通过

2021年10月23日 第十三届全国人民代表大会常务委员会第三十一次会议修正

<!-- INFO END -->

## 第一编 总则

### 第一章 基本规定

第一条 为了规范样例的制作、保管和使用，保护样例所有人的合法权益，维护样例管理秩序，根据宪法，制定本法。

第二条 本法所称样例，是指为说明一种做法而编写的例子，包括下列各项：

（一）文字样例；

（二）图表样例，以及与图表样例有关的说明、注释和其他附带材料，但是法律、行政法规另有规定的除外；

（三）其他样例：

1.声音样例；

2.影像样例。

前款所称附带材料不包括依照本法第三条规定已经销毁的材料；附带材料的范围由主管部门规定，并向社会公布。

第二条之一 样例应当真实地反映所要说明的做法。

### 第二章 样例的制作

#### 第一节 一般规定

第三条 制作样例应当使用GB 18030-2022规定的字符。使用Word 2016等软件制作的，应当注明“使用软件制作”字样。

第四条 任何单位和个人不得制作下列样例：

（一）抄录他人作品的；

（二）可能使人误认为真实文件的。

#### 第二节 特别规定

第五条 样例中的比例为30%以上50%以下的，依照第四条的规定办理；超过50%的，应当报告。

## 第二编 附则

第六条 本法自2020年1月1日起施行。
"""

DECISION = """# 样例市人民代表大会常务委员会关于停止使用旧样例的决定

2022年6月1日 样例市第十五届人民代表大会常务委员会第三十九次会议通过

<!-- INFO END -->

为了统一样例的使用，样例市第十五届人民代表大会常务委员会第三十九次会议决定：

一、自本决定施行之日起，停止使用2010年1月1日以前制作的样例，但是为了研究需要保存的除外。

二、市人民政府应当组织清点旧样例，并于2022年12月31日以前向市人民代表大会常务委员会报告清点的结果、处理的办法和今后的安排。

三、本决定自公布之日起施行。
"""

INTERPRETATION = """# 最高样例法院关于审理样例制作、保管、使用纠纷案件适用法律若干问题的解释（二）

2020年12月23日 最高样例法院审判委员会第1823次会议通过

<!-- INFO END -->

为正确审理样例纠纷案件，根据《中华人民共和国样例管理法》等法律的规定，结合审判实践，制定本解释。

第一条 当事人以样例与事实不符为由请求赔偿的，人民法院应予支持；但是制作人能够证明已经注明“仅供说明”的除外。

第二条 本解释施行后尚未终审的案件，适用本解释；本解释施行前已经终审，当事人申请再审的案件，不适用本解释。

第三条 本解释自2021年1月1日起施行。
"""

INVENTED = {"code": CODE, "decision": DECISION, "interpretation": INTERPRETATION}


def make_page(law: LawSheet, encoding: str = "gb18030") -> bytes:
    """A government page of a law: navigation, share bar, related links, footer."""
    notes = "".join(f"<p align='center'>（{html.escape(note)}）</p>" for note in law.notes)
    body = "".join(
        f"<p style='text-align:center'><strong>{html.escape(spread_heading(item.text))}</strong></p>\n"
        if item.level
        else f"<p>　　{_bold_label(item.text)}</p>\n"
        for item in law.body
    )
    links = "".join(f"<li><a href='/xxgk/{n}.html'>关于样例工作的通知之{n}</a></li>" for n in range(1, 9))
    page = f"""<!DOCTYPE html>
<html><head><meta charset="{encoding}"><title>{html.escape(law.title)}_样例市人民政府</title>
<style>.nav{{color:red}}</style><script>var 页面 = "第一百条 脚本里的字";</script></head>
<body>
<div class="header"><div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li>
<li><a href="/fw/">办事服务</a></li><li><a href="/hd/">政民互动</a></li></ul></div></div>
<div class="location">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; 法规</div>
<div class="main"><h1>{html.escape(law.title)}</h1>
<div class="info">来源：样例市人民政府　发布时间：2021-11-01 09:00　浏览次数：123　字号：【大 中 小】</div>
<div class="share">分享到：<a href="#">微信</a><a href="#">微博</a></div>
<div class="article-content TRS_Editor">
{notes}
{body}
</div>
<div class="tools"><a href="javascript:print()">打印本页</a><a href="javascript:close()">关闭窗口</a></div>
</div>
<div class="related"><h3>相关链接</h3><ul>{links}</ul></div>
<div class="footer">版权所有：样例市人民政府　主办：样例市人民政府办公室　备案号：样ICP备00000000号</div>
</body></html>"""
    return page.encode(encoding, "xmlcharrefreplace")


def _bold_label(text: str) -> str:
    label, blank, rest = text.partition(" ")
    if blank and re.fullmatch(r"第.{1,12}条(?:之.{1,3})?", label):
        return f"<strong>{html.escape(label)}</strong>　{html.escape(rest)}"
    return html.escape(text)
