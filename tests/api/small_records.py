"""One record of each kind beside the laws of the small library: invented files, taken in as anybody's are."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from ingest.linking import link_texts
from ingest.manifest import load_file_corrections
from ingest.paths import find_files
from ingest.run_files import FilesRun, describe_local_files, ingest_files
from kb.domain.currency import CurrencyRecord, OfficialStatus
from kb.domain.validity import ProvisionState, ProvisionStateKind
from kb.domain.works import VersionedText, WorkBundle, WorkKind, provision_id, version_id, work_id
from kb.store.currency import save_currency
from kb.store.database import Database
from kb.store.validity import save_provision_states
from kb.store.works import (
    get_version,
    get_work,
    list_provisions,
    list_sources,
    save_bundle,
    save_source,
)

PARKING = work_id(WorkKind.STATUTE, "示例市停车条例", "示例市")
FEES = work_id(WorkKind.STATUTE, "示例市停车收费规定", "示例市")
LAWS = ("示例市停车条例", "示例市停车收费规定")
OLD_PARKING = version_id(PARKING, dt.date(2015, 3, 1))
NEW_PARKING = version_id(PARKING, dt.date(2020, 5, 6))
GUIDE = work_id(WorkKind.GUIDE, "示例停车位登记")
CASE = "示例甲诉示例物业停车纠纷案（虚构）"
UNDATED = "示例乙与示例丙相邻关系案（虚构）"
INSTITUTION = "示例公证处（虚构）"
PERSON = "示例公证员乙（虚构）"
NOTICE = "示例市司法局关于印发《示例市便民服务办法》的通知"
ISSUED = "示例市便民服务办法"
"""Titles; their ids are asked of the catalogue."""

FILES = {
    "示例市停车条例(2015-03-01).md": """# 示例市停车条例

2015年3月1日 示例市人民代表大会常务委员会通过

<!-- INFO END -->

## 第一章 总则

第一条 为了规范停车秩序，方便市民出行，制定本条例。

第二条 本市行政区域内的停车管理适用本条例。

第三条 停车位应当优先满足本小区业主的需要。

停车费由双方约定，每小时不得超过十元。

第四条 占用消防通道停车的，由公安机关责令改正，处五十元罚款。

第五条 本条例自2015年6月1日起施行。
""",
    "示例市停车条例(2020-05-06).md": """# 示例市停车条例

2015年3月1日 示例市人民代表大会常务委员会通过

2020年5月6日 示例市人民代表大会常务委员会修订

<!-- INFO END -->

## 第一章 总则

第一条 为了规范停车秩序，方便市民出行，制定本条例。

第二条 本市行政区域内的停车管理适用本条例。

第三条 鼓励建设充电车位和无障碍车位。

第四条 停车位应当优先满足本小区业主的需要。

停车费由双方约定，每小时不得超过八元。

第五条 占用消防通道停车的，由公安机关责令改正，处五十元罚款。

第六条 本条例自2020年7月1日起施行。
""",
    "示例市停车收费规定(2021-02-03).md": """# 示例市停车收费规定

2021年2月3日 示例市人民政府公布

<!-- INFO END -->

第一条 根据《示例市停车条例》第四条和《中华人民共和国民法典》第二百七十五条，制定本规定。

第二条 违反《示例市停车条例》第五条的，车辆可以移走。

第三条 停车收费适用《示例市不存在的条例》第九条。

第四条 本规定自2021年3月1日起施行。《示例市停车条例》第三条同时废止。
""",
    "undated.csv": "标题,基本案情,裁判结果,状态,虚构\n"
    "示例乙与示例丙相邻关系案（虚构）,示例乙的树遮住了示例丙的窗。,判令修剪。,有效,是\n",
    "示例停车位登记.yaml": """
title: 示例停车位登记
aliases: [怎么登记停车位]
topic: 物业
region: 全国
version: "1"
item_type: 公共服务
responsible_body: 示例机构
audience: 业主
basis:
  - {title: 中华人民共和国民法典, label: 第二百七十五条, about: "受理条件：车位归属"}
  - {title: 中华人民共和国环境保护法, label: 第五条, about: "办理流程"}
  - {title: 示例市不存在的条例, label: 第九条, about: "收费"}
conditions: [在本小区有房屋, 有一辆车]
materials:
  - {name: 身份证明, originals: 1, copies: 2, necessity: 必要, source: 申请人自备, note: 复印件签名}
  - {name: 房屋证明, necessity: 视情形}
steps:
  - {name: 提出申请, who: 业主, time_limit: 三日内, outcome: 受理}
  - {name: 登记, who: 示例机构}
legal_time_limit: 十五日
promised_time_limit_note: 以办理机构公布为准
fee: 免费
channels: [窗口, 网上]
visits: 1
offices:
  - {district: 东城区, name: 示例大厅, address: 示例路1号, hours: 工作日, phone: "12348"}
phone: "12348"
supervision: 示例监督
remedies: [申请行政复议, 提起行政诉讼]
questions:
  - {question: 租来的房子能登记吗？, answer: 示例答复。}
verified_on: 2026-01-05
reviewed_by: ""
""",
    "cases.csv": "标题,案例类型,指导案例号,发布机关,发布日期,关键词,案由,案件类型,审理法院,案号,裁判日期,"
    "基本案情,裁判结果,相关法条,状态,虚构\n"
    "示例甲诉示例物业停车纠纷案（虚构）,指导性案例,示例1号,示例机关,2022-02-02,停车；物业,物业服务合同纠纷,"
    "民事,示例法院,（2021）示例0001号,2021-12-01,示例甲的车位被占。,判令返还。,"
    "《中华人民共和国民法典》第二百七十五条,有效,是\n",
    "institutions.csv": "机构名称,机构类型,执业许可证号,主管机关,负责人,状态,业务范围,区,地址,电话,"
    "核验日期,虚构\n"
    "示例公证处（虚构）,公证处,示例-0002,示例机关,示例负责人,正常,继承公证、委托公证,西城区,示例地址,12348,"
    "2025-01-01,是\n",
    "people.csv": "姓名,人员类别,执业证号,所在机构,主管机关,状态,专长,语言,区,核验日期,虚构\n"
    "示例公证员乙（虚构）,公证员,示例-执业-2,示例公证处（虚构）,示例机关,正常,继承公证,普通话,西城区,2025-01-01,是\n",
    "示司发〔2023〕7号.txt": """示例市司法局关于印发《示例市便民服务办法》的通知
示司发〔2023〕7号
各区司法局：
《示例市便民服务办法》已经2023年4月1日局长办公会议审议通过，现印发给你们，请认真执行。
示例市司法局
2023年4月5日
示例市便民服务办法
第一条 为了方便群众办事，制定本办法。
第二条 服务窗口应当公布电话。
第三条 本办法自2023年6月1日起施行，有效期五年。
""",
}


def add_records(database: Database, folder: Path) -> None:
    """Files of every kind, their links, and what is known of them beside their text."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    corrections = load_file_corrections()
    run = FilesRun(describe_local_files(corrections), find_files([folder]))
    report = ingest_files(database, run, corrections, workers=1)
    assert not report.errors, [(one.file, one.error) for one in report.errors]
    link_texts(database, workers=1)
    with database.writing() as connection:
        save_currency(
            connection,
            [
                CurrencyRecord(
                    PARKING,
                    OfficialStatus.IN_FORCE,
                    dt.date(2020, 7, 1),
                    dt.date(2026, 1, 10),
                    "示例市人大网站",
                    dt.date(2199, 1, 1),
                )
            ],
        )
        save_provision_states(
            connection,
            "local_files",
            [
                ProvisionState(
                    provision_id(PARKING, (4, 0)),
                    (2, None, None),
                    dt.date(2022, 1, 1),
                    ProvisionStateKind.SUSPENDED,
                    "示例决定暂停适用停车费上限",
                    "示例市人大常委会",
                )
            ],
        )
    _supersede(database)


def _supersede(database: Database) -> None:
    """A source of more weight reads the fee rules of the same day otherwise: the first reading is kept."""
    held = version_id(FEES, dt.date(2021, 2, 3))
    with database.writing() as connection:
        source = next(one for one in list_sources(connection) if one.id == "local_files")
        better = replace(
            source, id="gazette", title="示例公报", url="https://example.org/gazette", priority=90
        )
        save_source(connection, better)
        provisions = list_provisions(connection, held)
        changed = tuple(
            replace(one, text=one.text.replace("可以移走", "应当移走"), place=None) for one in provisions
        )
        text = VersionedText(replace(get_version(connection, held), text_sha256="1" * 64), changed)
        save_bundle(connection, WorkBundle(get_work(connection, FEES), (text,), better.id))
    link_texts(database, workers=1)
