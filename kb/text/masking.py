"""Personal data in what people write, replaced by what it is: [手机号], [身份证号], [姓名] …

Numbers are found by their form, names and addresses by the words around them. Used before a text is kept or
logged; it is no promise that nothing personal is left.
"""

from __future__ import annotations

import re

from kb.text.normalise import HAN_CLASS

_DIGIT_GAP = r"[ \-—.]?"
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘缪干解应宗丁宣邓郁单"
    "杭洪包诸左石崔吉龚程嵇邢滑裴陆荣翁荀羊於惠甄曲封芮储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴"
    "甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑"
    "桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越"
    "夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "[身份证号]",
        re.compile(rf"(?<![0-9])[1-9][0-9]{{5}}(?:{_DIGIT_GAP}[0-9]){{11}}{_DIGIT_GAP}[0-9Xx](?![0-9])"),
    ),
    ("[银行卡号]", re.compile(rf"(?<![0-9])(?:[0-9]{_DIGIT_GAP}){{15,18}}[0-9](?![0-9])")),
    (
        "[手机号]",
        re.compile(rf"(?<![0-9])(?:\+?86{_DIGIT_GAP})?1{_DIGIT_GAP}[3-9](?:{_DIGIT_GAP}[0-9]){{9}}(?![0-9])"),
    ),
    ("[电话]", re.compile(r"(?<![0-9])0[0-9]{2,3}[ \-—]?[0-9]{7,8}(?![0-9])")),
    ("[邮箱]", re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}")),
    (
        "[车牌]",
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ ·]?"
            r"[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
        ),
    ),
    (
        "[账号]",
        re.compile(
            r"(?:(?<=微信号)|(?<=微信)|(?<=QQ)|(?<=qq)|(?<=支付宝))[:：是 ]{0,3}"
            r"(?![0-9.,]{1,15}[元块万千百])[A-Za-z0-9_\-]{5,30}"
        ),
    ),
)
# 我是房东, 我是江苏人: what somebody is, though it begins like a name.
_ROLE = (
    rf"(?:[{HAN_CLASS}]{{1,2}}[人员者主户属头工机妇客商]|房东|农民|单亲|单身|单方|单位|公司|干部|高管|高中生|应届生|成年|"
    r"施工方|水电工|司法所|广告商|党委)"
)
_NAME = re.compile(
    rf"(?P<head>(?:我叫|我是(?!{_ROLE}(?:[，,。；;！!\s]|$))(?=[{_SURNAMES}][{HAN_CLASS}]{{1,2}}(?:[，,。；;！!\s]|$))|"
    rf"名叫|名字叫|名字是|姓名[是为:：]{{0,2}}|叫做|他叫|她叫|"
    rf"(?:老板|房东|邻居|老公|丈夫|老婆|妻子|前夫|前妻|对方|被告|原告|同事|朋友|经理|业主|儿子|女儿)叫))"
    rf"(?P<name>(?:欧阳|上官|司马|诸葛|司徒|皇甫|尉迟|公孙|慕容|令狐|[{_SURNAMES}])[{HAN_CLASS}]{{1,2}}?)"
    rf"(?=[，,。；;、！!？?\s]|$|的|欠|说|把|在|是|让|不|打|拿|借|和|跟)"
)
_NUMERAL = "0-9零一二三四五六七八九十百"
# 路上, 村里, 二楼, 三户 and 3月5号 are no addresses: a street or estate, then the number of a house.
_ADDRESS = re.compile(
    rf"(?:[{HAN_CLASS}]{{2,8}}(?:省|自治区))?(?:[{HAN_CLASS}]{{2,8}}[市州])?(?:[{HAN_CLASS}]{{1,8}}[区县旗])?"
    rf"[{HAN_CLASS}0-9]{{1,12}}?(?:街道|路|街|巷|胡同|(?<=[0-9])弄|小区|花园|家园|村|镇|乡)(?![上里下口边头过])"
    rf"[{HAN_CLASS}0-9]{{0,10}}?(?<![月{_NUMERAL}])"
    rf"(?:[{_NUMERAL}]{{1,5}}(?:号楼|号院|号|栋|幢|单元)|[0-9]{{3,5}}室)"
    rf"(?:[{_NUMERAL}]{{1,5}}(?:号楼|栋|幢|楼|层|单元|室|户|号|门)){{0,4}}"
)


def mask_personal(text: str) -> str:
    """``text`` with personal data replaced; the same text always gives the same."""
    for label, pattern in _PATTERNS:
        text = pattern.sub(label, text)
    text = _NAME.sub(lambda match: match["head"] + "[姓名]", text)
    return _ADDRESS.sub("[地址]", text)
