"""Write the golden structure of some shared statutes: ``python -m tests.ingest.write_golden_statutes``.

One file each: title, type, dates and findings; then one line a provision with label, path and the first
twelve hex digits of its text's SHA-256. No sentence of law stands in them; review the diff.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from ingest.drafts import Draft
from ingest.parsers.statute_lines import parse_statute
from tests.ingest.shared_statutes import LAWS, read_statute_file

GOLDEN = Path(__file__).parent / "golden" / "statutes"

CHOSEN = {
    "criminal_law": "刑法/刑法.md",
    "constitution": "宪法/宪法.md",
    "constitution_amendment_2018": "宪法/宪法修正案（2018年）.md",
    "criminal_law_amendment_8": "刑法/刑法修正案（八）.md",
    "civil_procedure_2023": "诉讼与非诉讼程序法/民事诉讼法(2023-09-01).md",
    "civil_code_property": "民法典/物权编.md",
    "hong_kong_basic_law": "宪法相关法/香港特别行政区基本法(1990-04-04).md",
    "civil_procedure_interpretation": "司法解释/最高人民法院关于适用《民事诉讼法》的解释(2022-04-01).md",
    "execution_rules": "司法解释/最高人民法院关于人民法院执行工作若干问题的规定（试行）(2020-12-29).md",
    "reputation_answers": "司法解释/最高人民法院关于审理名誉权案件若干问题的解答(1993-08-07).md",
    "marriage_supplement": (
        "司法解释/最高人民法院关于适用《婚姻法》若干问题的解释（二）的补充规定(2017-02-28).md"
    ),
    "flight_rules": "行政法规/飞行基本规则(2007-10-18).md",
    "environment_tax": "经济法/环境保护税法(2018-10-26).md",
    "beijing_seeds": "北京地方性法规/北京市种子条例(2022-01-10).md",
    "traffic_police": "部门规章/公安部/交通警察道路执勤执法工作规范(2018-01-25).md",
}


def describe(draft: Draft) -> str:
    """The golden text of a draft."""
    head = [
        f"title\t{draft.title}",
        f"part\t{draft.part}",
        f"type\t{draft.statute_type}",
        f"body\t{draft.issuing_body}",
        f"region\t{draft.region}",
        f"number\t{draft.document_number}",
        f"name_date\t{draft.name_date}",
        f"declared_from\t{draft.declared_from}",
        f"candidates\t{draft.candidates}",
        f"unread\t{draft.unread}",
        *(f"act\t{act.kind.value}\t{act.day}\t{act.body}\t{act.number}" for act in draft.acts),
        *(f"finding\t{code}\t{n}" for code, n in sorted(Counter(f.code for f in draft.findings).items())),
    ]
    for one in draft.provisions:
        digest = hashlib.sha256(one.text.encode()).hexdigest()[:12]
        head.append("\t".join((one.label, " > ".join(one.path), digest, f"{one.lines[0]}-{one.lines[1]}")))
    return "\n".join(head) + "\n"


def main() -> None:
    """Read the files and write the golden ones."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, file in CHOSEN.items():
        (draft,) = parse_statute(read_statute_file(LAWS / file))
        (GOLDEN / f"{name}.tsv").write_text(describe(draft), encoding="utf-8")


if __name__ == "__main__":
    main()
