"""A run of the suites as one HTML file that needs nothing beside it, and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from eval.plots import plot_reliability, plot_targets
from eval.suite_summary import MEASURE_LABELS, Compared

MAX_FAILED = 200
"""Failed cases that the page lists for a suite; all of them are in the results."""
HALF_LABELS = {"tune": "调试用的一半", "report": "报告用的一半", "both": "两半都用"}


def render_suites(report: dict[str, Any]) -> str:
    """The page of a summary."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(files("eval").joinpath("templates", "suites.html").read_text("utf-8"))
    plots = {row["id"]: plot_targets(row) for row in report["suites"]}
    dots = {row["id"]: plot_reliability(row["reliability"]) for row in report["suites"] if row["reliability"]}
    return template.render(
        report=report,
        plots=plots,
        dots=dots,
        half=HALF_LABELS[report["half"]],
        labels=MEASURE_LABELS,
        most=MAX_FAILED,
    )


def render_markdown(report: dict[str, Any]) -> str:
    """The same figures as tables."""
    lines = [
        "# 一致性评测",
        "",
        f"{HALF_LABELS[report['half']]}；{'快速' if report['quick'] else '全部题目'}；"
        f"依据 {report['as_of']} 的法律；区间为 95%，按组自助抽样，种子 {report['seed']}。",
    ]
    for row in report["suites"]:
        lines += ["", f"## {row['title']}（{row['id']}）", "", row["measured"], ""]
        lines += [f"{row['cases']} 题，{row['groups']} 组。", ""]
        lines += ["| 指标 | 数值 | 95% 区间 | 题数 | 目标 |", "|---|---:|---:|---:|---|"]
        for one in row["measures"]:
            kept = "" if one["met"] is None else f"{one['target']} {'达到' if one['met'] else '**未达到**'}"
            span = f"{one['low']:.3f}–{one['high']:.3f}"
            lines.append(f"| {one['label']} | {one['value']:.3f} | {span} | {one['count']} | {kept} |")
        for issue in row["known_issues"]:
            lines += ["", f"已知问题：{issue}"]
    return "\n".join(lines) + "\n"


def render_comparison(compared: Sequence[Compared]) -> str:
    """Two runs side by side for a terminal, every flip listed."""
    lines = []
    for one in compared:
        lines.append(
            f"{one.suite}：{one.cases} 题相同，结果变了 {len(one.flips)} 题（{one.flip_rate:.1%}），"
            f"依据一致 {one.citations:.3f}，正文逐字节相同 {one.same_bodies:.1%}"
        )
        if one.only_before or one.only_after:
            lines.append(f"  只在前一次 {one.only_before} 题，只在后一次 {one.only_after} 题")
        for name, (was, now) in one.changes.items():
            if was != now:
                label = MEASURE_LABELS.get(name, name)
                lines.append(f"  {label}：{was:.3f} → {now:.3f}（{now - was:+.3f}）")
        lines += [f"  {flip.case}：{flip.before} → {flip.after}" for flip in one.flips]
    return "\n".join(lines)
