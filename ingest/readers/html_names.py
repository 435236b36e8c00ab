"""What the names in a page's source mean: classes, ids and roles of furniture, rules that hide."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from bs4.element import Tag

_HIDING_RULE = re.compile(r"([^{}]{1,400})\{([^{}]{0,1000})\}")
_SIMPLE_SELECTOR = re.compile(r"([.#])([\w-]{1,80})")
_CONTENT_TOKENS = frozenset(
    (
        "content",
        "article",
        "text",
        "body",
        "main",
        "detail",
        "details",
        "editor",
        "zoom",
        "con",
        "wrap",
        "container",
    )
)
_STRONG_TOKENS = {
    "导航": "nav navbar navigation menu submenu mainnav topnav subnav daohang dh",
    "当前位置": "crumb crumbs breadcrumb breadcrumbs bread mbx dqwz weizhi curpos",
    "分享": "share bdshare bshare sharebar sharebox jiathis social fenxiang",
    "页脚": "footer foot copyright bottominfo banquan",
    "二维码": "qrcode ewm erweima",
}
_WEAK_TOKENS = {
    "页头": "header head top topbar banner logo",
    "工具栏": "toolbar tools tool fontsize print printbar dayin ziti",
    "侧栏": "sidebar aside side left right leftnav rightnav",
    "相关链接": "related relevant relation xglj xgwz xgyd recommend hot links friendlink yqlj",
    "搜索": "search searchbox login sousuo",
    "翻页": "pagination pager paging prevnext",
    "底部": "bottom",
}
_TOKENS = {
    token: (reason, strong)
    for table, strong in ((_WEAK_TOKENS, False), (_STRONG_TOKENS, True))
    for reason, tokens in table.items()
    for token in tokens.split()
}
_ROLES = {
    "navigation": "导航",
    "banner": "页头",
    "contentinfo": "页脚",
    "search": "搜索",
    "complementary": "侧栏",
}
_TAG_REASONS = {
    "nav": ("导航", True),
    "footer": ("页脚", True),
    "aside": ("侧栏", False),
    "header": ("页头", False),
}
_SPLIT = re.compile(r"[^a-zA-Z]+|(?<=[a-z])(?=[A-Z])")


def attribute_of(tag: Tag, name: str) -> str:
    """Value of an attribute; empty where it is absent."""
    value = tag.get(name)
    if value is None:
        return ""
    return value if isinstance(value, str) else " ".join(value)


def name_furniture(tag: Tag) -> tuple[str, bool] | None:
    """Reason and strength when the element's tag, role, class or id means furniture."""
    if tag.name in _TAG_REASONS:
        return _TAG_REASONS[tag.name]
    if tag.name in ("html", "body", "h1", "p", "a", "span", "strong", "b", "td", "tr"):
        return None
    if not tag.attrs:
        return None
    role = attribute_of(tag, "role").lower()
    if role in _ROLES:
        return _ROLES[role], role != "banner"
    names = f"{attribute_of(tag, 'class')} {attribute_of(tag, 'id')}"[:400]
    if names == " ":
        return None
    tokens = [token.lower() for token in _SPLIT.split(names) if token]
    found = [_TOKENS[token] for token in tokens if token in _TOKENS]
    if not found or (not any(strong for _, strong in found) and not _CONTENT_TOKENS.isdisjoint(tokens)):
        return None
    return max(found, key=lambda entry: entry[1])


def hiding_names(soup: BeautifulSoup) -> frozenset[str]:
    """Classes and ids that the page's own style sheet hides by a plain rule (``.x {display: none}``)."""
    names: set[str] = set()
    for sheet in soup.find_all("style", limit=100):
        text = re.sub(r"/\*[^*]{0,4000}\*/", "", sheet.get_text()[:200_000])
        if "@media" in text:
            text = text.partition("@media")[0]
        for rule in _HIDING_RULE.finditer(text):
            if re.search(r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden", rule[2], re.I):
                for selector in rule[1].split(","):
                    simple = _SIMPLE_SELECTOR.fullmatch(selector.strip())
                    if simple:
                        names.add(simple[1] + simple[2])
    return frozenset(names)
