"""Figures of a run by suite, two runs side by side, and a run against what was committed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from eval.suite_cases import Judging, Suite
from eval.suite_measures import (
    Estimate,
    Flip,
    estimate,
    expected_calibration_error,
    find_flips,
    jaccard,
    krippendorff_alpha,
    mean_pairwise_jaccard,
    reliability,
    same_as_majority,
)
from eval.suite_results import CaseResult, RunSetup, outcomes_of
from kb.errors import SourceError

BASELINES = Path(__file__).with_name("baselines")
TOLERANCE = 0.005
LESS_IS_BETTER = frozenset(
    ("wrong", "accepted", "false_alarm", "hinted_calm", "calibration_error", "confused", "errors")
)
TOLD_ONLY = frozenset(("clarify", "composed", "referred", "held"))
"""Measures that say where replies come from; neither way is worse."""
MEASURE_LABELS = {
    "right": "答对",
    "wrong": "答错",
    "clarify": "反问是哪件事",
    "clarify_right": "反问里有对的",
    "composed": "摘引条文",
    "referred": "转介",
    "helped": "答对或反问里有对的",
    "accepted": "范围外却给了标准答复",
    "caught": "危险认出",
    "first": "求助话放在最前",
    "hinted": "至少提到求助电话",
    "false_alarm": "误报",
    "hinted_calm": "没有危险也提到求助电话",
    "identical": "十次逐字节相同",
    "same_body": "与多数相同的份额",
    "same_answer": "三种用途同一答复",
    "same_segments": "三种用途同样要点",
    "same_transfer": "转接一致",
    "citations": "依据一致（Jaccard）",
    "numbers_agree": "期限金额一致",
    "periods_said": "期限金额都说到",
    "script_said": "热线说的是话术原文",
    "agree": "各项都一致",
    "held": "依据已收录",
    "in_force": "依据现行有效",
    "faithful": "引文在原文中",
    "sourced": "要点有依据",
    "number_in_law": "数字见于所引条文",
    "given": "给出该答复",
    "asks": "先问事实",
    "asks_in_its_words": "按问题原话问时先问事实",
    "branch": "按情形作答",
    "unmixed": "不混入别的情形",
    "settled": "选后不再追问",
    "turn_right": "每轮答对",
    "whole": "整段答对",
    "group_agreement": "同组同答（与多数）",
    "group_citations": "同组依据一致（Jaccard）",
    "alpha": "Krippendorff α",
    "both_right": "一对两问都答对",
    "confused": "一对两问给了同一答复",
    "calibration_error": "校准误差 ECE",
    "errors": "出错",
}


class Grade(IntEnum):
    """What ``lawkb eval check`` says of a suite; the value is the exit code."""

    OK = 0
    WORSE = 1
    BROKEN = 2


GRADE_LABELS = {Grade.OK: "正常", Grade.WORSE: "变差", Grade.BROKEN: "损坏"}


@dataclass(frozen=True)
class Compared:
    """Two runs of one suite."""

    suite: str
    cases: int
    flips: tuple[Flip, ...]
    flip_rate: float
    citations: float
    """Mean Jaccard of the provisions cited, case by case."""
    same_bodies: float
    changes: dict[str, tuple[float, float]]
    only_before: int = 0
    only_after: int = 0


@dataclass(frozen=True)
class Checked:
    """A suite against its baseline, with Chinese reasons."""

    suite: str
    grade: Grade
    reasons: tuple[str, ...] = ()


def by_suite(results: Sequence[CaseResult]) -> dict[str, list[CaseResult]]:
    """Results by suite, in the order met."""
    found: dict[str, list[CaseResult]] = {}
    for one in results:
        found.setdefault(one.suite, []).append(one)
    return found


def measure_suite(results: Sequence[CaseResult], judging: Judging, seed: int) -> dict[str, Estimate]:
    """Every measure of a suite's results with its interval; groups are drawn, not cases."""
    good = [one for one in results if not one.error]
    names = dict.fromkeys(name for one in good for name in one.scores)
    measured = {}
    for name in names:
        having = [one for one in good if name in one.scores]
        values = [one.scores[name] for one in having]
        measured[name] = estimate(values, [one.group for one in having], seed)
    if judging in (Judging.ANSWER, Judging.PAIR, Judging.SAFETY):
        measured |= _measure_calibration(good, seed)
    if judging is Judging.ANSWER:
        measured |= _measure_groups(good, seed)
    if judging is Judging.PAIR:
        measured |= _measure_pairs(good, seed)
    measured["errors"] = estimate([float(bool(one.error)) for one in results], (), seed)
    return measured


def confidences(results: Sequence[CaseResult]) -> list[tuple[float, bool]]:
    """(stated probability, right) of every standard answer that was given to a case with a right one."""
    return [
        (one.heard[0].confidence, one.scores["right"] > 0)
        for one in results
        if "right" in one.scores
        and one.heard
        and one.heard[0].answer_id
        and one.heard[0].confidence is not None
    ]


def _measure_calibration(results: Sequence[CaseResult], seed: int) -> dict[str, Estimate]:
    pairs = confidences(results)
    if not pairs:
        return {}
    error = expected_calibration_error(pairs)
    # The percentile interval of an ECE is biased upwards; only the value is told.
    return {"calibration_error": Estimate(error, error, error, len(pairs))}


def _groups(results: Sequence[CaseResult]) -> list[list[CaseResult]]:
    groups: dict[str, list[CaseResult]] = {}
    for one in results:
        groups.setdefault(one.group, []).append(one)
    return [group for group in groups.values() if len(group) > 1]


def _measure_groups(results: Sequence[CaseResult], seed: int) -> dict[str, Estimate]:
    groups = _groups(results)
    if not groups:
        return {}
    outcomes = [[one.outcome for one in group] for group in groups]
    cited = [[one.heard[0].citations for one in group] for group in groups]
    alpha = krippendorff_alpha(outcomes)
    return {
        "group_agreement": estimate([same_as_majority(one) for one in outcomes], (), seed),
        "group_citations": estimate([mean_pairwise_jaccard(one) for one in cited], (), seed),
        "alpha": Estimate(alpha, alpha, alpha, len(groups)),
    }


def _measure_pairs(results: Sequence[CaseResult], seed: int) -> dict[str, Estimate]:
    groups = _groups(results)
    both = [float(all(one.scores.get("right") for one in group)) for group in groups]
    given = [[one.heard[0].answer_id for one in group] for group in groups]
    confused = [float(bool(one[0]) and len(set(one)) == 1) for one in given]
    return {"both_right": estimate(both, (), seed), "confused": estimate(confused, (), seed)}


def summarise(suites: Sequence[Suite], setup: RunSetup, results: Sequence[CaseResult]) -> dict[str, Any]:
    """Plain values of a whole run for JSON and the page."""
    found = by_suite(results)
    rows = [_summarise(suite, found[suite.id], setup) for suite in suites if suite.id in found]
    return {
        "half": setup.half,
        "quick": setup.quick,
        "seed": setup.seed,
        "as_of": setup.as_of,
        "where": setup.where,
        "suites": rows,
    }


def _summarise(suite: Suite, results: Sequence[CaseResult], setup: RunSetup) -> dict[str, Any]:
    measured = measure_suite(results, suite.judging, setup.seed)
    targets = {one.measure: one for one in suite.targets}
    times = sorted(heard.took_ms for one in results for heard in one.heard)
    styles: dict[str, list[CaseResult]] = {}
    for one in results:
        styles.setdefault(one.style, []).append(one)
    return {
        "id": suite.id,
        "title": suite.title,
        "measured": suite.measures,
        "cases": len(results),
        "groups": len({one.group for one in results}),
        "known_issues": list(suite.known_issues),
        "median_ms": round(times[len(times) // 2], 1) if times else None,
        "p95_ms": round(times[int(len(times) * 0.95)], 1) if times else None,
        "measures": [
            {
                "name": name,
                "label": MEASURE_LABELS.get(name, name),
                "value": round(one.value, 4),
                "low": round(one.low, 4),
                "high": round(one.high, 4),
                "count": one.count,
                "target": targets[name].describe() if name in targets else "",
                "met": targets[name].is_met(one.value) if name in targets else None,
            }
            for name, one in measured.items()
        ],
        "styles": [
            {
                "style": style,
                "cases": len(kept),
                "measures": {
                    name: round(one.value, 4)
                    for name, one in measure_suite(kept, suite.judging, setup.seed).items()
                    if name in ("right", "helped", "accepted", "caught", "false_alarm", "agree")
                },
            }
            for style, kept in sorted(styles.items())
            if style and len(styles) > 1
        ],
        "reliability": [
            {"low": one.low, "high": one.high, "count": one.count, "sure": one.confidence, "right": one.right}
            for one in reliability(confidences(results))
        ],
        "failed": [
            {
                "case": one.case,
                "question": one.question,
                "outcome": one.outcome,
                "note": one.note or one.error,
            }
            for one in results
            if one.note or one.error
        ],
    }


def compare_runs(before: Sequence[CaseResult], after: Sequence[CaseResult]) -> list[Compared]:
    """The suites of both runs; only cases of both are compared."""
    ours, theirs = by_suite(before), by_suite(after)
    return [_compare(name, ours[name], theirs[name]) for name in ours if name in theirs]


def _compare(name: str, before: Sequence[CaseResult], after: Sequence[CaseResult]) -> Compared:
    old, new = {one.key: one for one in before}, {one.key: one for one in after}
    common = [key for key in old if key in new]
    flips = find_flips(outcomes_of(before), outcomes_of(after))
    pairs = [(a, b) for key in common for a, b in zip(old[key].heard, new[key].heard, strict=False)]
    names = dict.fromkeys(score for key in common for score in old[key].scores)
    changes = {}
    for score in names:
        both = [key for key in common if score in old[key].scores and score in new[key].scores]
        if both:
            was = sum(old[key].scores[score] for key in both) / len(both)
            now = sum(new[key].scores[score] for key in both) / len(both)
            changes[score] = (was, now)
    return Compared(
        name,
        len(common),
        tuple(flips),
        len(flips) / len(common) if common else 0.0,
        sum(jaccard(a.citations, b.citations) for a, b in pairs) / len(pairs) if pairs else 1.0,
        sum(a.digest == b.digest for a, b in pairs) / len(pairs) if pairs else 1.0,
        changes,
        len(old) - len(common),
        len(new) - len(common),
    )


def setup_key(setup: RunSetup) -> str:
    """Under which a baseline of these cases stands: ``both``, ``report-quick`` …"""
    return setup.half + ("-quick" if setup.quick else "")


def as_baseline(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is committed of a suite's summary."""
    return {"cases": row["cases"], "measures": {one["name"]: one["value"] for one in row["measures"]}}


def read_baseline(suite: str, key: str, folder: Path = BASELINES) -> dict[str, Any] | None:
    """The committed figures, None where there are none. Raises SourceError ``baseline_unreadable``."""
    path = folder / f"{suite}.json"
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text("utf-8")).get(key)
        return None if found is None else {"cases": int(found["cases"]), "measures": dict(found["measures"])}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            "baseline_unreadable", "基线读不懂", place=str(path), way_out="用 lawkb eval check --save 重写"
        ) from error


def write_baseline(row: Mapping[str, Any], key: str, folder: Path = BASELINES) -> Path:
    """Put a suite's figures beside those of other setups."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{row['id']}.json"
    held = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    held[key] = as_baseline(row)
    path.write_text(json.dumps(held, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
    return path


def check_row(row: Mapping[str, Any], baseline: Mapping[str, Any] | None) -> Checked:
    """A suite's figures against its baseline.

    Broken: no baseline, another number of cases, a measure gone, or cases that ended in an error. Worse: a
    measure fell behind by more than ``TOLERANCE``.
    """
    suite = str(row["id"])
    if baseline is None:
        return Checked(suite, Grade.BROKEN, ("没有提交过基线",))
    now = {one["name"]: float(one["value"]) for one in row["measures"]}
    broken = []
    if row["cases"] != baseline["cases"]:
        broken.append(f"题数由 {baseline['cases']} 变为 {row['cases']}")
    if now.get("errors"):
        broken.append("有题目出错")
    broken += [f"缺少 {MEASURE_LABELS.get(one, one)}" for one in baseline["measures"] if one not in now]
    worse = [
        f"{MEASURE_LABELS.get(name, name)} 由 {was:.3f} 变为 {now[name]:.3f}"
        for name, was in baseline["measures"].items()
        if name in now and name not in TOLD_ONLY and _fell(name, float(was), now[name])
    ]
    grade = Grade.BROKEN if broken else Grade.WORSE if worse else Grade.OK
    return Checked(suite, grade, (*broken, *worse))


def _fell(name: str, was: float, now: float) -> bool:
    return (now - was if name in LESS_IS_BETTER else was - now) > TOLERANCE
