"""The furniture of government pages: found by name, by links and by its fixed phrases, and left out.

Nothing goes unseen: each piece is a finding with its beginning. A line that begins with 第X条 is never
furniture, unless it is a link in a list of links; then the finding says that it was lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.lines import Finding
from ingest.readers.html_blocks import Block, Region
from kb.text.normalise import normalise

_PROVISION = re.compile(r"\s{0,20}第[0-9零〇一二三四五六七八九十百千]{1,9}条")
_DIVISION = re.compile(
    r"第[零〇一二三四五六七八九十百千]{1,9}[编章节]|[（(]?[一二三四五六七八九十]{1,3}[、）)]"
    r"|附 ?则|附件|目 ?录"
)
_POSITION = re.compile(
    r"(?:(?:您|你)?(?:现在|当前|所在|目前)?(?:的)?位置|当前(?:栏目|页面))[：:].{0,200}|首页[>›»/＞→-].{0,200}"
)
_TOOL_WORDS = re.compile(
    r"我要|打印|关闭|收藏|分享|字号|字体|大小|放大|缩小|默认|微信|微博|新浪|腾讯|人人网|豆瓣|QQ|空间|好友|朋友圈|复制|链接|下载|返回"
    r"|顶部|首页|纠错|无障碍|浏览|长者|适老|关怀版|模式|简体|繁体|English|手机版|移动版|电脑版|网站地图|设为|主页|加入|本页|本文"
    r"|窗口|页面|扫一扫|在手机|打开|当前页|二维码|客户端|更多|上一页|下一页|尾页|末页|播放|朗读|语音|登录|注册|搜索|高级|到|至|给"
    r"|大|中|小|次数|点击|阅读|访问|量|次|视力|保护色|T|A|\+|-"
)
_TOOL_MUST = re.compile(
    r"打印|关闭|字号|字体|分享|收藏|扫一扫|返回顶部|纠错|无障碍|浏览|网站地图|设为首页|登录|大中小|浏览次数|朗读"
)
_NOT_WORDS = re.compile(r"[\s\d|【】\[\]（）()：:、，。,.·>»&/\-—_!！<*]+")
_NEIGHBOUR = re.compile(r"(?:上|下)一?(?:篇|条|页)[：:].{0,200}")
_RELATED = re.compile(
    r"[【\[]?(?:相关(?:链接|阅读|文章|解读|稿件|新闻|文件|信息|内容|推荐|专题|政策)|延伸阅读|猜你喜欢|热点推荐|推荐阅读|热门文章|友情链接"
    r"|热点新闻|最新文章|网站导航|扫一扫.{0,30}|分享到.{0,60})[】\]]?[：:]?"
)
_FOOTER_SURE = re.compile(
    r"ICP[备证]|公网安备|网站标识码|版权所有|Copyright|©|All Rights Reserved|违法和不良信息"
    r"|党政机关网站|政府网站找错"
    r"|(?:建议|推荐)使用.{0,40}(?:浏览器|分辨率)",
    re.IGNORECASE,
)
_FOOTER_LIKE = re.compile(
    r"(?:主办|承办|协办|维护|运行维护|制作|技术支持|管理)(?:单位|部门)?[：:]|技术支持|地址[：:]|邮编[：:]|邮政编码|联系(?:电话|我们|方式)"
    r"|(?:举报|投诉|值班|咨询)?电话[：:]|传真[：:]|(?:E-?mail|邮箱)[：:]|网站声明|关于我们|隐私|法律声明|站点地图|网站地图|备案号",
    re.IGNORECASE,
)
_SHORT = 200
_LINKED = 0.85


def drop_boilerplate(blocks: list[Block]) -> tuple[list[Block], list[Finding]]:
    """The blocks of the document itself, and a finding for each group of others."""
    reasons: dict[int, str] = {}
    body = sum(block.size - block.linked for block in blocks)
    decided: dict[int, bool] = {}
    kept_regions: list[Finding] = []
    for block in blocks:
        reason = _reason_by_region(block, body, decided, kept_regions)
        if reason:
            reasons[block.number] = reason
    rest = [block for block in blocks if block.number not in reasons]
    texts = {block.number: normalise(block.text).text.strip() for block in rest}
    for number, reason in (*_phrases(rest, texts), *_link_lists(rest, texts), *_related(rest, texts)):
        reasons.setdefault(number, reason)
    for number, reason in _footers(rest, texts, reasons):
        reasons.setdefault(number, reason)
    kept = [block for block in blocks if block.number not in reasons]
    dropped = [block for block in blocks if block.number in reasons]
    return kept, [*kept_regions, *_report(dropped, reasons)]


def _reason_by_region(block: Block, body: int, decided: dict[int, bool], kept: list[Finding]) -> str:
    """Why the block goes with an element around it; the outermost that goes is the reason."""
    chain: list[Region] = []
    region = block.region
    while region is not None and id(region) not in decided:
        chain.append(region)
        region = region.parent
    if region is not None and decided[id(region)]:
        for inner in chain:
            decided[id(inner)] = True
        return region.reason if not chain else chain[0].reason
    goes = False
    reason = ""
    for inner in reversed(chain):
        goes = goes or _goes(inner, body)
        if goes:
            reason = inner.reason
        elif inner.provisions and inner.strong:
            message = f"“{inner.reason}”部分里有以“第X条”开头的行，按正文保留，请核对"
            kept.append(Finding("boilerplate_kept", message, block.number))
        decided[id(inner)] = goes
    return reason


def _goes(region: Region, body: int) -> bool:
    """True when an element that is furniture by its name is so by what it holds."""
    own = region.characters - region.linked
    mostly_links = region.characters > 0 and region.linked >= 0.6 * region.characters
    if region.provisions and not (mostly_links and region.linked >= _LINKED * region.characters):
        return False
    if region.headings and not mostly_links:
        return False
    if own > 400 and own > body * 0.4:
        return False
    return region.strong or mostly_links or (region.reason == "工具栏" and region.characters < _SHORT)


def _is_linked(block: Block) -> bool:
    return block.links > 0 and block.linked >= _LINKED * block.size


def _phrases(blocks: list[Block], texts: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Blocks that are a fixed phrase of government pages."""
    for block in blocks:
        text = texts[block.number]
        if len(text) > _SHORT or _PROVISION.match(text) or block.level == 1:
            continue
        if _POSITION.fullmatch(text):
            yield block.number, "当前位置"
        elif _NEIGHBOUR.fullmatch(text):
            yield block.number, "上下篇"
        elif _TOOL_MUST.search(_NOT_WORDS.sub("", text)) and _is_tools(text):
            yield block.number, "工具栏"


def _is_tools(text: str) -> bool:
    return not _TOOL_WORDS.sub("", _NOT_WORDS.sub("", text))


def _link_lists(blocks: list[Block], texts: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Blocks of many links, and four or more short links in a row, that are no table of contents."""
    run: list[Block] = []
    for block in (*blocks, None):
        if block is not None and _is_linked(block) and block.size <= 80 and not block.level:
            run.append(block)
            continue
        if len(run) >= 4 and sum(1 for entry in run if _DIVISION.match(texts[entry.number])) < len(run) / 2:
            for entry in run:
                yield entry.number, "链接列表"
        run = []
        if (
            block is not None
            and block.links >= 3
            and _is_linked(block)
            and block.size <= 400
            and not block.level
        ):
            yield block.number, "链接列表"


def _related(blocks: list[Block], texts: dict[int, str]) -> Iterator[tuple[int, str]]:
    """A heading such as 相关链接 with the links below it."""
    following = False
    for block in blocks:
        text = texts[block.number]
        if len(text) <= 80 and _RELATED.fullmatch(text):
            following = True
            yield block.number, "相关链接"
        elif following and _is_linked(block) and block.size <= 120:
            yield block.number, "相关链接"
        else:
            following = False


def _footers(
    blocks: list[Block], texts: dict[int, str], reasons: dict[int, str]
) -> Iterator[tuple[int, str]]:
    """Lines with a sure mark of the foot, and lines beside them that look like it."""

    def is_short(position: int) -> bool:
        text = texts[blocks[position].number]
        return len(text) <= 300 and not _PROVISION.match(text)

    def is_gone(position: int) -> bool:
        return blocks[position].number in reasons

    sure = [
        position
        for position, block in enumerate(blocks)
        if is_short(position)
        and len(texts[block.number]) <= _SHORT
        and _FOOTER_SURE.search(texts[block.number])
        and not re.search("[。；]$", texts[block.number])
    ]
    marked = set(sure)
    for position in sure:
        yield blocks[position].number, "页脚"
        for step in (-1, 1):
            beside = position + step
            while 0 <= beside < len(blocks) and beside not in marked:
                text = texts[blocks[beside].number]
                if not is_gone(beside) and not (
                    is_short(beside)
                    and (_FOOTER_LIKE.search(text) or (_is_linked(blocks[beside]) and len(text) <= 60))
                ):
                    break
                marked.add(beside)
                yield blocks[beside].number, "页脚"
                beside += step


def _report(dropped: list[Block], reasons: dict[int, str]) -> Iterator[Finding]:
    """One finding for each reason; one more for each 第X条 line that went with a list of links."""
    groups: dict[str, list[Block]] = {}
    for block in dropped:
        groups.setdefault(reasons[block.number], []).append(block)
        if _PROVISION.match(block.text):
            shown = " ".join(block.text.split())[:40]
            message = f"链接列表里以“第X条”开头的一行未作正文：{shown}"
            yield Finding("boilerplate_provision", message, block.number, lost=True)
    for reason, group in groups.items():
        shown = " ".join(" ".join(block.text.split()) for block in group[:8])[:80]
        message = f"略去页面的“{reason}”{len(group)} 段：{shown}"
        yield Finding("boilerplate_dropped", message, group[0].number)
