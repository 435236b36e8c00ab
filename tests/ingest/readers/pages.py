"""Invented government pages: the furniture is what such sites really put around a document."""

from __future__ import annotations

TITLE = "样例市公共长椅管理办法"
ARTICLES = (
    "第一条　为了管理公共长椅，方便群众休息，制定本办法。",
    "第二条　公共长椅由所在街道办事处设置和维护。",
    "任何人不得占用公共长椅堆放物品。",
    "第三条　违反本办法第二条规定的，由街道办事处责令改正；拒不改正的，处五十元罚款。",
    "第四条　本办法自2031年5月1日起施行。",
)

_NAVIGATION = """
<div class="top-nav"><ul><li><a href="/">首页</a></li><li><a href="/a">政务公开</a></li>
<li><a href="/b">办事服务</a></li><li><a href="/c">互动交流</a></li></ul></div>
<div class="crumbs">您现在的位置：<a href="/">首页</a> &gt; <a href="/zc">政策文件</a> &gt; 正文</div>
"""
_TOOLS = """
<div class="bar">【字体：<a href="javascript:;">大</a> <a href="javascript:;">中</a>
<a href="javascript:;">小</a>】 <a href="javascript:window.print()">打印本页</a> | 关闭窗口</div>
<div class="bdsharebuttonbox">分享到：<a href="#">微信</a><a href="#">微博</a></div>
"""
_RELATED = """
<div><h3>相关链接</h3><ul><li><a href="/1.html">《样例市公共长椅管理办法》解读</a></li>
<li><a href="/2.html">图解：长椅怎么管</a></li></ul></div>
<p>上一篇：<a href="/3.html">样例市路灯管理办法</a></p><p>下一篇：没有了</p>
"""
_FOOTER = """
<div id="ft"><p>主办单位：样例市司法局　地址：样例市样例路1号　邮编：000000</p>
<p>版权所有 样例市人民政府　样ICP备00000000号　网站标识码：0000000000</p>
<p><a href="/about">关于我们</a> | <a href="/map">网站地图</a></p></div>
"""


def paragraphs(lines: tuple[str, ...] = ARTICLES) -> str:
    """The articles as a site's editor writes them."""
    return "".join(f'<p style="text-indent:2em">{line}</p>\n' for line in lines)


def page(body: str | None = None, *, title: str = TITLE, charset: str = "gb2312", head: str = "") -> str:
    """A whole page with all its furniture around ``body`` (default: the articles)."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{title}-样例市司法局</title>{head}'
        "<script>var a = '<p>第九十九条 不是正文</p>';</script></head><body>"
        f'{_NAVIGATION}<div class="main"><h1 align="center">{title}</h1>{_TOOLS}'
        f'<div class="TRS_Editor">{paragraphs() if body is None else body}</div>{_RELATED}</div>{_FOOTER}'
        "</body></html>"
    )
