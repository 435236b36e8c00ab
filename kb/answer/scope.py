"""What this service does not answer whatever words of law it holds: the law of other places, and other work.

Only what can be told by its form stands here; that a question is outside law for want of anything that
answers it, the calibrated matching tells.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Scope(StrEnum):
    """What a message asks for."""

    LAW = "law"
    """Nothing speaks against a question on the law of the mainland."""
    ELSEWHERE = "elsewhere"
    """The law of another country or region."""
    TASK = "task"
    """To write, translate, play a part, calculate …"""
    COMMAND = "command"
    """To change how the service behaves or to hand out what it holds."""


_PLACES = (
    r"(?:美国|加州|纽约|日本|韩国|朝鲜|英国|法国|德国|意大利|西班牙|俄罗斯|加拿大|澳大利亚|澳洲|新西兰|新加坡|马来西亚|泰国|越南|印度|"
    r"菲律宾|缅甸|柬埔寨|印尼|印度尼西亚|巴西|墨西哥|瑞士|瑞典|荷兰|迪拜|阿联酋|以色列|土耳其|埃及|南非|欧盟|香港|澳门|台湾|"
    r"古代|秦朝|汉朝|唐朝|宋朝|明朝|清朝|民国)(?:地区|特区|那边)?"
)
_SUBJECTS = (
    r"(?:法律|法院|法官|宪法|刑法|民法|[^，。？！,?!]{0,6}法(?![定人院官庭律])|判例|陪审团|规定|怎么判|合法吗|犯法吗|违法吗|签证|绿卡|移民|枫叶卡|"
    r"最低工资|年假|产假|加班费|遗产税|继承税|房产税|个税|税率|离婚|结婚|继承|租房|买房|房产|押金|诉讼时效|时效|交通规则|驾照|枪|"
    r"警察|律师|监狱|死刑|劳基法|呈请)"
)
# 我老公在美国, 美国公民, 在日本领的证: a person or a deed elsewhere is a matter of ours.
_OURS = re.compile(
    rf"(?:人|人在|公司|老公|老婆|孩子|儿子|女儿|丈夫|妻子|爸|妈|父|母|他|她|我|对方|都|去了|定居|住|回)(?:现在|一直|已经|人)?(?:在|是)?{_PLACES}"
    rf"|{_PLACES}(?:人|籍|公民|国籍|华侨|老公|老婆|客户|公司欠|法院判决.{{0,8}}(?:承认|认可|国内))"
    r"|国内|中国|大陆|内地|回国|涉外"
)
_ELSEWHERE = re.compile(rf"{_PLACES}的?[^，。？！,?!]{{0,4}}{_SUBJECTS}")
_ASKING = r"(?:^|[，。,.；;！!]|帮我|给我|替我|请你?|麻烦|能不能|可以)(?:帮我|给我|替我|再)?"
_TASK = re.compile(
    rf"{_ASKING}(?:用[^，。？！,?!]{{1,10}})?(?:写|编|作|创作|讲|说|背|来|唱(?=[一两几首个]))"
    r"(?:一|两|几|个|段|首|篇|份){0,2}(?:关于|有关|以)?[^，。？！,?!]{0,12}"
    r"(?:诗|藏头诗|对联|散文|小说|故事|剧本|小品|歌词|歌|作文|文案|笑话|段子|绕口令|代码|脚本|函数|算法|主持稿|演讲稿|广告词|祝福语)"
    r"|(?:帮我|给我|请你?|把这|把下面)[^，。？！,?!]{0,12}(?:翻译|译成)|(?:用|的)(?:英语|英文|日语|法语|韩语)(?:怎么|咋|单词)|两?个字造句"
    r"|(?:Python|Java|SQL|Excel|C\+\+|JavaScript|python|java|sql|excel|html|HTML)"
    rf"|{_ASKING}(?:扮演|假装|假扮|模仿|角色扮演)|写[^，。？！,?!]{{0,6}}(?:感人|搞笑|幽默|文艺)(?:一?点|的)|润色"
)
_COMMAND = re.compile(
    r"(?:忽略|无视|忘记|忘掉|不要管|不用管|跳过|覆盖|清除)[^，。？！,?!]{0,6}(?:以上|之前|前面|上面|所有|一切|原有|先前|系统|你的)[^，。？！,?!]{0,6}"
    r"(?:指令|规则|提示|设定|要求|限制|内容|命令|约束)"
    r"|(?:系统|初始|隐藏|内部)(?:提示词?|指令|设定|消息)|提示词|(?:配置文件|密钥|口令|环境变量|数据库密码|源代码|源码)"
    r"|从现在(?:开始|起)[^。]{0,8}(?:你|无论)|你现在是|没有(?:任何)?限制的?(?:助手|模型|AI)|越狱|开发者模式|管理员模式"
    r"|(?:ignore|disregard|forget)\b[^.]{0,30}\b(?:instructions?|rules?|prompts?|above)|system\s*prompt|\bjailbreak\b"
    r"|<\s*/?\s*script|javascript:|\bUNION\s+SELECT\b|\bDROP\s+TABLE\b|\bOR\s+1\s*=\s*1|\"role\"\s*:|^\s*(?:system|assistant)\s*[:：]"
    r"|(?:列出|导出|给我|输出|告诉我)[^，。？！,?!]{0,8}(?:所有|全部|其他)[^，。？！,?!]{0,6}(?:用户|人)的?[^，。？！,?!]{0,4}(?:电话|手机|信息|记录|资料|地址)",
    re.IGNORECASE,
)
_NONSENSE = re.compile(r"(.{1,2}?)\1{4,}")


def judge_scope(question: str) -> Scope:
    """What ``question`` (normalised, simplified) asks for, as far as its form tells."""
    if _COMMAND.search(question):
        return Scope.COMMAND
    if _TASK.search(question):
        return Scope.TASK
    if _ELSEWHERE.search(question) and not _OURS.search(question):
        return Scope.ELSEWHERE
    return Scope.LAW


def is_readable(question: str) -> bool:
    """False for what holds no Chinese words or repeats one sound: nothing can be matched with it."""
    han = sum("\u4e00" <= char <= "\u9fff" for char in question)
    if han < 2:
        return False
    repeated = _NONSENSE.search(question)
    return repeated is None or len(repeated[0]) * 2 < len(question)
