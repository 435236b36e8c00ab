"""Plots of a report as SVG text, drawn by matplotlib (extra ``eval``); the same figures, the same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eval.measures import MEASURES
from kb.errors import ServiceError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CUTOFFS = tuple(int(name.removeprefix("recall@")) for name in MEASURES if name.startswith("recall@"))
RANK_BINS = ((1, 1), (2, 3), (4, 5), (6, 10), (11, 30), (31, 100))
NOT_FOUND = "100 以外"
COLOURS = ("#1f5fa8", "#c4622d", "#2e7d4f", "#7a4fa3", "#8a6d1c")
MAX_TOPICS = 12


def check_plotting() -> None:
    """Raises ServiceError ``eval_extra_missing`` when matplotlib is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ServiceError(
            "eval_extra_missing",
            "缺少画图所需的包 matplotlib",
            way_out="安装评测依赖：pip install 'lawkb[eval]'",
        ) from error


def plot_recall(report: dict[str, Any]) -> str:
    """Recall at each cutoff by mode, with intervals as bands."""
    figure, axes = _canvas(6.4, 3.8)
    for colour, (mode, metrics) in zip(COLOURS, report["metrics"].items(), strict=False):
        ends = [report["intervals"][mode][f"recall@{k}"] for k in CUTOFFS]
        axes.plot(CUTOFFS, [metrics[f"recall@{k}"] for k in CUTOFFS], "o-", color=colour, label=mode)
        axes.fill_between(CUTOFFS, *zip(*ends, strict=True), color=colour, alpha=0.15, linewidth=0)
    axes.set_xscale("log")
    axes.set_xticks(CUTOFFS, [str(k) for k in CUTOFFS])
    axes.minorticks_off()
    axes.set_ylim(0, 1)
    axes.set_xlabel("前 k 条")
    axes.set_ylabel("recall@k")
    axes.legend(frameon=False, loc="lower right")
    return _as_svg(figure)


def plot_ranks(ranks: Mapping[str, Sequence[int | None]]) -> str:
    """How many of the wanted provisions stand where, by mode."""
    names = [f"{low}" if low == high else f"{low}–{high}" for low, high in RANK_BINS] + [NOT_FOUND]
    figure, axes = _canvas(6.4, 3.4)
    width = 0.8 / max(1, len(ranks))
    for place, (colour, (mode, places)) in enumerate(zip(COLOURS, ranks.items(), strict=False)):
        counts = [sum(low <= (one or 0) <= high for one in places) for low, high in RANK_BINS]
        counts.append(sum(one is None for one in places))
        at = [x + width * (place - (len(ranks) - 1) / 2) for x in range(len(names))]
        axes.bar(at, counts, width, color=colour, label=mode)
    axes.set_xticks(range(len(names)), names)
    axes.set_xlabel("应当找到的条文排在第几")
    axes.set_ylabel("条文数")
    axes.legend(frameon=False)
    return _as_svg(figure)


def plot_topics(report: dict[str, Any], measure: str = "recall@10") -> str:
    """One bar per topic for the last mode, with its interval; the topics with most questions."""
    rows = report["topics"][:MAX_TOPICS][::-1]
    mode = list(report["metrics"])[-1]
    figure, axes = _canvas(6.4, 0.9 + 0.34 * len(rows))
    means = [row["metrics"][mode][measure] for row in rows]
    ends = [row["intervals"][mode][measure] for row in rows]
    below = [max(0.0, mean - low) for mean, (low, _) in zip(means, ends, strict=True)]
    above = [max(0.0, high - mean) for mean, (_, high) in zip(means, ends, strict=True)]
    axes.barh(range(len(rows)), means, xerr=[below, above], color=COLOURS[0], ecolor="#444444", capsize=2)
    axes.set_yticks(range(len(rows)), [f"{row['topic']}（{row['questions']}）" for row in rows])
    axes.set_xlim(0, 1)
    axes.set_xlabel(f"{measure}（{mode}）")
    return _as_svg(figure)


def _canvas(width: float, height: float) -> tuple[Figure, Any]:
    import matplotlib
    from matplotlib.figure import Figure

    # Text stays text: the reader's own Chinese font draws it, and none is needed where this runs.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "lawkb", "font.family": "sans-serif"})
    figure = Figure(figsize=(width, height), layout="tight")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="both", color="#e3e3e3", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _as_svg(figure: Figure) -> str:
    import warnings

    target = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    text = target.getvalue()
    return text[text.index("<svg") :]


def plot_targets(row: dict[str, Any]) -> str:
    """One bar per measure of a suite, with its interval; green where its target is kept, orange where not."""
    measures = [one for one in row["measures"] if one["name"] != "errors"][::-1]
    figure, axes = _canvas(6.4, 0.9 + 0.34 * len(measures))
    colours = [COLOURS[0] if one["met"] is None else COLOURS[2 if one["met"] else 1] for one in measures]
    values = [max(0.0, one["value"]) for one in measures]
    below = [max(0.0, value - one["low"]) for value, one in zip(values, measures, strict=True)]
    above = [max(0.0, one["high"] - value) for value, one in zip(values, measures, strict=True)]
    axes.barh(range(len(measures)), values, xerr=[below, above], color=colours, ecolor="#444444", capsize=2)
    axes.set_yticks(range(len(measures)), [one["label"] for one in measures])
    axes.set_xlim(0, 1)
    return _as_svg(figure)


def plot_reliability(bins: list[dict[str, Any]]) -> str:
    """Share of right answers by stated confidence; the area of a dot is the number of answers."""
    figure, axes = _canvas(4.2, 3.8)
    axes.plot([0, 1], [0, 1], "--", color="#888888", linewidth=1)
    most = max((one["count"] for one in bins), default=1)
    sizes = [20 + 180 * one["count"] / most for one in bins]
    axes.scatter([one["sure"] for one in bins], [one["right"] for one in bins], sizes, color=COLOURS[0])
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("说的把握")
    axes.set_ylabel("答对的份额")
    return _as_svg(figure)
