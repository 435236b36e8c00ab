"""A report as one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from eval.plots import plot_ranks, plot_recall, plot_topics

STAGE_LABELS = {
    "search": "整个检索（取 10 条，含读取正文）",
    "encode": "编码问题",
    "understand": "读懂问题（含编码）",
    "retrieve": "查索引",
    "rank": "融合",
}


def render_page(report: dict[str, Any], ranks: Mapping[str, Sequence[int | None]]) -> str:
    """The page of ``report``; ``ranks`` has the place of every wanted provision by mode."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(
        files("eval").joinpath("templates", "retrieval.html").read_text("utf-8")
    )
    plots = {"recall": plot_recall(report), "ranks": plot_ranks(ranks), "topics": plot_topics(report)}
    everything = {**report, "label": "全部问题"}
    rows = [everything, *(row for row in report["subsets"] if row["questions"])]
    stages = [
        (label, report["latency"][name]) for name, label in STAGE_LABELS.items() if name in report["latency"]
    ]
    return template.render(
        report=report, rows=rows, plots=plots, stages=stages, last=list(report["metrics"])[-1]
    )
