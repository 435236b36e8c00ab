"""Two runs over the same questions: did it get better, and is that more than chance?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from eval.intervals import SEED, bootstrap_means
from eval.measures import MEASURES
from kb.errors import BadInputError

DIGITS = 4


def read_report(path: Path) -> dict[str, Any]:
    """A report that ``lawkb eval retrieval --json`` wrote. Raises BadInputError ``report_unreadable``."""
    try:
        report: dict[str, Any] = json.loads(path.read_bytes())
        shapes = {len(values) for one in report["per_question"] for values in one["values"].values()}
        if shapes - {len(MEASURES)} or report["measures"] != list(MEASURES):
            raise ValueError("other measures")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(
            "report_unreadable",
            f"{path.name} 不是可以比较的评测结果",
            place=str(path),
            way_out="请给出本版本 lawkb eval retrieval --json 写出的文件",
        ) from error
    return report


def compare_reports(now: dict[str, Any], before: dict[str, Any], seed: int = SEED) -> dict[str, Any]:
    """Mean differences (now less before) with 95 % intervals of the paired bootstrap, by mode and measure.

    Only questions and modes that both reports have take part. A difference whose interval has 0 in it
    may be chance.
    """
    old = {one["id"]: one["values"] for one in before["per_question"]}
    pairs = [(one["values"], old[one["id"]]) for one in now["per_question"] if one["id"] in old]
    modes = [mode for mode in now["metrics"] if mode in before["metrics"]]
    differences: dict[str, Any] = {}
    for mode in modes:
        rows = [np.subtract(new[mode], former[mode]) for new, former in pairs]
        changes = np.asarray(rows, np.float32).reshape(len(rows), len(MEASURES))
        means = changes.mean(axis=0) if rows else np.zeros(len(MEASURES))
        differences[mode] = {
            name: {
                "change": round(float(mean), DIGITS),
                "interval": [round(float(low), DIGITS), round(float(high), DIGITS)],
            }
            for name, mean, low, high in zip(MEASURES, means, *bootstrap_means(changes, seed), strict=True)
        }
    return {"questions": len(pairs), "modes": differences}
