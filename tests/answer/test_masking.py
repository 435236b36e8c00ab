"""Personal data that must not be kept, and law, amounts and dates that must."""

from __future__ import annotations

import random
import time

import pytest

from kb.text.masking import mask_personal

MASKED = [
    ("手机13812345678", "手机[手机号]"),
    ("手机 138-1234-5678", "手机 [手机号]"),
    ("138 1234 5678打给我", "[手机号]打给我"),
    ("+86 13812345678", "[手机号]"),
    ("电话010-12345678", "电话[电话]"),
    ("0551 6543210", "[电话]"),
    ("身份证110101199003071234", "身份证[身份证号]"),
    ("身份证11010119900307123X，", "身份证[身份证号]，"),
    ("110101 19900307 123x", "[身份证号]"),
    ("卡号6222021234567890123", "卡号[银行卡号]"),
    ("卡号6222 0212 3456 7890", "卡号[银行卡号]"),
    ("发到li.si-2@mail.example.com", "发到[邮箱]"),
    ("车京A12345追尾", "车[车牌]追尾"),
    ("京AD12345的司机", "[车牌]的司机"),
    ("微信号：zhang_san88", "微信号[账号]"),
    ("加我QQ 12345678", "加我QQ[账号]"),
    ("我叫王小强，", "我叫[姓名]，"),
    ("我叫欧阳娜娜。", "我叫[姓名]。"),
    ("我是张伟，被辞退了", "我是[姓名]，被辞退了"),
    ("老板叫李刚，不发工资", "老板叫[姓名]，不发工资"),
    ("对方叫赵四欠我钱", "对方叫[姓名]欠我钱"),
    ("姓名：孙丽", "姓名：[姓名]"),
    ("北京市朝阳区建国路88号3号楼1单元502室漏水", "[地址]漏水"),
    ("住在海淀区中关村大街27号", "[地址]"),
    ("回龙观东大街12号院", "[地址]"),
    ("幸福小区3号楼2单元", "[地址]"),
    ("阳光花园12栋", "[地址]"),
]

KEPT = [
    "《中华人民共和国民法典》第一千零七十九条",
    "劳动合同法第38条第1款第（二）项",
    "中华人民共和国乡镇企业法第十二条",
    "（2023）京0105民初12345号判决",
    "京司发〔2022〕40号",
    "法释〔2020〕17号",
    "欠我139000元",
    "我是江苏人，在北京打工",
    "我们小区502的车位被占了",
    "工资6222.02元，赔偿百分之二十",
    "2026年3月5日收到判决书",
    "2026-03-05离职，2026/3/6申请",
    "拨打12348、12345或者110",
    "合同第88号附件",
    "单元房的物业费3.5元每平方米",
    "我是房东，租客不交租",
    "我是农民，工资被拖欠",
    "我是车主，被追尾",
    "我是公务员，能做兼职吗",
    "我是司机，疲劳驾驶",
    "我是包工头，没钱发工资",
    "我是单亲，要抚养费",
    "我是党员，离婚影响吗",
    "我是家属，想申请法律援助",
    "我是老师，被打了",
    "我是经理，签了竞业限制",
    "他叫我还钱",
    "老板叫我加班",
    "我们小区二楼邻居漏水怎么办",
    "我们村里三户人家占我的地",
    "小区楼下的路不让走",
    "我在路上3月5号被车撞了",
    "下班路上5号被撞的",
    "我们村3月15号开的会",
    "街道办12月1号贴的通知",
    "镇上的工厂3月15号辞退我",
    "他弄坏了我三楼的窗户",
    "城镇户口三室的房子",
    "微信转账20000元不还",
    "通过微信50000元转给他",
    "支付宝20000块没还",
    "微信聊天记录能当证据吗",
    "同学借我的钱",
    "劳动关系还是劳务关系",
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_personal_data_is_replaced_by_what_it_is(text: str, masked: str) -> None:
    assert mask_personal(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_law_amounts_dates_and_parts_in_a_matter_stay(text: str) -> None:
    assert mask_personal(text) == text


@pytest.mark.parametrize("text", [text for text, _ in MASKED])
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_personal(text)
    assert mask_personal(once) == once


def test_nothing_of_a_number_survives_however_it_is_parted() -> None:
    draw = random.Random(11)
    for _ in range(300):
        digits = "1" + draw.choice("3456789") + "".join(draw.choice("0123456789") for _ in range(9))
        parted = "".join(digit + draw.choice(["", "", "-", " "]) for digit in digits[:-1]) + digits[-1]
        masked = mask_personal(f"打我电话{parted}，谢谢")
        assert masked == "打我电话[手机号]，谢谢", parted


@pytest.mark.parametrize(
    "text",
    [
        "省市区路" * 2_500,
        "省市州区县旗街道路街巷" * 900,
        "我叫" * 5_000,
        "1 " * 5_000,
        "路" + "零一二三四五六七八九十" * 900,
        "a." * 5_000,
        "a@" + "a." * 5_000,
        "村" * 10_000,
        "北市" * 5_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    started = time.perf_counter()
    mask_personal(text)
    assert time.perf_counter() - started < 5
