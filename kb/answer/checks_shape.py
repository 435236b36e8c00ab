"""Checks of an answer that need no law: variants, gates and branches, scripts, risk, place of the file."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from kb.answer.hotlines import EMERGENCY_NUMBERS
from kb.answer.numbers import find_quantities
from kb.answer.parts import all_slots, branch_slots, limit_words, retold_texts, stated_texts
from kb.answer.problems import Problem
from kb.answer.wording import MAX_SENTENCE, longest_sentence, unspoken_marks, wording_key
from kb.domain.answers import (
    MIN_VARIANTS,
    SCRIPT_MAX,
    TOPIC_FOLDERS,
    TOPICS,
    RiskClass,
    StandardAnswer,
    TimeLimit,
)

MIN_VARIANT = 4
MAX_VARIANT = 80
MIN_SCRIPT = 30
MIN_CHOICES, MAX_CHOICES, MAX_GATES = 2, 4, 3
SAID_FIRST = 60
"""Characters of a script within which the number to call in danger must come."""

_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+){1,8}")
_CHOICE_ID = re.compile(r"[a-z][a-z0-9_]{0,30}")
_PREDICTION = re.compile(r"(?:大概|估计|一般|肯定|通常|应该|多半)会?被?(?:判|处)")


def is_answer_id(text: str) -> bool:
    """Whether ``text`` may be the id of an answer."""
    return _ID.fullmatch(text) is not None and len(text) <= 60


def check_shape(answer: StandardAnswer) -> tuple[Problem, ...]:
    """Everything about one answer that can be told without the law."""
    return (
        *_check_head(answer),
        *_check_variants(answer),
        *_check_texts(answer),
        *_check_gates(answer),
        *_check_scripts(answer),
        *_check_risk(answer),
    )


def check_unreviewed(answer: StandardAnswer) -> tuple[Problem, ...]:
    """What ships has been read by no lawyer, so none may be named."""
    if answer.reviewed_by is None:
        return ()
    return (Problem("reviewer_named", "随附的示例答复未经律师审核，不写 reviewed_by", "reviewed_by"),)


def check_place(answer: StandardAnswer, folder: str, stem: str) -> tuple[Problem, ...]:
    """Whether the file lies where its topic and id say."""
    problems = []
    if stem != answer.id:
        problems.append(Problem("file_name_differs", f"文件名应为 {answer.id}.yaml", "id"))
    wanted = TOPIC_FOLDERS.get(answer.topic, folder)
    if folder != wanted:
        problems.append(Problem("folder_differs", f"主题“{answer.topic}”的文件夹是 {wanted}", "topic"))
    return tuple(problems)


def check_guides(answer: StandardAnswer, titles: Collection[str]) -> tuple[Problem, ...]:
    """Whether each guide that the answer names is a guide: ``titles`` are those that there are."""
    problems = []
    for i, title in enumerate(answer.guides):
        if title in titles:
            continue
        near = get_close_matches(title, sorted(titles), n=1, cutoff=0.5)
        hint = f"，相近的是“{near[0]}”" if near else "，名称见 corpora/guides 里各文件的 title"
        problems.append(Problem("guide_unknown", f"没有办事指引“{title}”{hint}", f"guides[{i}]"))
    return tuple(problems)


def check_together(answers: Mapping[str, StandardAnswer]) -> dict[str, tuple[Problem, ...]]:
    """What several answers must not share, by the key under which each is given."""
    problems: dict[str, list[Problem]] = {key: [] for key in answers}
    ids = Counter(answer.id for answer in answers.values())
    titles = Counter(wording_key(answer.title) for answer in answers.values())
    wordings: dict[str, dict[str, None]] = {}
    for key, answer in answers.items():
        for text in (answer.question, answer.title, *answer.variants):
            wordings.setdefault(wording_key(text), {})[key] = None
    for key, answer in answers.items():
        if ids[answer.id] > 1:
            problems[key].append(Problem("id_repeated", f"编号 {answer.id} 已有别的答案在用", "id"))
        if titles[wording_key(answer.title)] > 1:
            problems[key].append(Problem("title_repeated", "标题与另一个答案相同", "title"))
        texts = [("question", answer.question)]
        texts += [(f"variants[{i}]", text) for i, text in enumerate(answer.variants)]
        for place, text in texts:
            others = [other for other in wordings[wording_key(text)] if other != key]
            if others:
                message = f"“{text}”与 {answers[others[0]].id} 的问法相同"
                problems[key].append(Problem("wording_shared", message, place))
    return {key: tuple(found) for key, found in problems.items()}


def _check_head(answer: StandardAnswer) -> Iterator[Problem]:
    if not is_answer_id(answer.id):
        yield Problem("id_malformed", "编号用小写字母、数字和连字符，如 labour-unpaid-wages", "id")
    if answer.topic not in TOPICS:
        yield Problem("topic_unknown", f"主题只能是：{'、'.join(TOPICS)}", "topic")
    if not answer.category or answer.category[0] != answer.topic:
        yield Problem("category_malformed", "category 从主题写起，如 [劳动, 工资]", "category")
    if not answer.transfer:
        yield Problem("transfer_missing", "没有写转到哪里（transfer）", "transfer")
    if answer.valid_from and answer.valid_until and answer.valid_until <= answer.valid_from:
        yield Problem("validity_reversed", "valid_until 不晚于 valid_from", "valid_until")


def _check_variants(answer: StandardAnswer) -> Iterator[Problem]:
    if len(answer.variants) < MIN_VARIANTS:
        message = f"口语问法只有 {len(answer.variants)} 个，至少 {MIN_VARIANTS} 个"
        yield Problem("variants_few", message, "variants")
    seen = {wording_key(answer.question): "question", wording_key(answer.title): "title"}
    for i, text in enumerate(answer.variants):
        place = f"variants[{i}]"
        key = wording_key(text)
        if not MIN_VARIANT <= len(key) <= MAX_VARIANT:
            message = f"“{text}”应为 {MIN_VARIANT} 到 {MAX_VARIANT} 个字"
            yield Problem("variant_length", message, place)
        if key in seen:
            yield Problem("variant_repeated", f"“{text}”与 {seen[key]} 相同", place)
        seen.setdefault(key, place)


def _check_texts(answer: StandardAnswer) -> Iterator[Problem]:
    texts = [("title", answer.title), ("question", answer.question), *stated_texts(answer)]
    texts += [(place, text) for place, text, _ in retold_texts(answer)]
    texts += [(f"{place}.conclusion", slots.conclusion) for place, slots in all_slots(answer)]
    texts += [(f"basis[{i}].says", basis.says) for i, basis in enumerate(answer.basis)]
    for place, text in dict(texts).items():
        if not text.strip():
            yield Problem("text_empty", "不能为空", place)
        elif text != text.strip() or "\n" in text.strip():
            yield Problem("text_untidy", "首尾不要空白，中间不要换行", place)


def _check_gates(answer: StandardAnswer) -> Iterator[Problem]:
    if bool(answer.gates) != bool(answer.branches):
        yield Problem("branches_missing", "gates 和 branches 要同时有", "gates")
        return
    if not answer.gates:
        return
    if len(answer.gates) > MAX_GATES:
        yield Problem("gates_many", f"最多问 {MAX_GATES} 个问题", "gates")
        return
    choices: dict[str, list[str]] = {}
    for i, gate in enumerate(answer.gates):
        ids = [choice.id for choice in gate.choices]
        if gate.id in choices:
            yield Problem("gate_repeated", f"问题编号 {gate.id} 用了两次", f"gates[{i}]")
        choices[gate.id] = ids
        if not MIN_CHOICES <= len(ids) <= MAX_CHOICES:
            message = f"选项应有 {MIN_CHOICES} 到 {MAX_CHOICES} 个"
            yield Problem("gate_choices", message, f"gates[{i}].choices")
        labels = [wording_key(choice.label) for choice in gate.choices]
        if len(set(ids)) != len(ids) or len(set(labels)) != len(labels):
            yield Problem("choice_repeated", "选项重复", f"gates[{i}].choices")
        for name in (gate.id, *ids):
            if not _CHOICE_ID.fullmatch(name):
                yield Problem("choice_id_malformed", f"“{name}”应为小写英文", f"gates[{i}]")
    known = True
    for i, branch in enumerate(answer.branches):
        if not branch.when:
            known = False
            yield Problem("branch_without_condition", "when 不能为空", f"branches[{i}].when")
        for gate_id, choice in branch.when.items():
            if choice not in choices.get(gate_id, ()):
                known = False
                yield Problem(
                    "branch_unreachable", f"没有 {gate_id}: {choice} 这个选项", f"branches[{i}].when"
                )
    for gate_id in choices:
        if all(gate_id not in branch.when for branch in answer.branches):
            yield Problem("gate_unused", f"没有分支用到 {gate_id}", "gates")
    if known:
        yield from _check_coverage(answer, choices)


def _check_coverage(answer: StandardAnswer, choices: Mapping[str, list[str]]) -> Iterator[Problem]:
    """Each combination of choices leads to exactly one branch."""
    for combination in itertools.product(*choices.values()):
        given = dict(zip(choices, combination, strict=True))
        fitting = [i for i, branch in enumerate(answer.branches) if branch.when.items() <= given.items()]
        if len(fitting) == 1:
            continue
        said = "、".join(f"{gate}: {choice}" for gate, choice in given.items())
        if not fitting:
            yield Problem("combination_uncovered", f"没有分支回答 {said}", "branches")
        else:
            numbers = "、".join(str(i) for i in fitting)
            yield Problem("combination_ambiguous", f"{said} 同时落入分支 {numbers}", "branches")


def _check_scripts(answer: StandardAnswer) -> Iterator[Problem]:
    scripts = [(place, text) for place, text, _ in retold_texts(answer) if place.endswith("script")]
    for place, script in scripts:
        if len(script) > SCRIPT_MAX:
            message = f"话术 {len(script)} 字，超过 {SCRIPT_MAX} 字，一分钟读不完"
            yield Problem("script_long", message, place)
        if len(script) < MIN_SCRIPT:
            yield Problem("script_short", f"话术不足 {MIN_SCRIPT} 字", place)
        if marks := unspoken_marks(script):
            message = f"有读不出来的符号：{' '.join(marks)}；括号和符号请改成话"
            yield Problem("script_unspoken", message, place)
        if len(sentence := longest_sentence(script)) > MAX_SENTENCE:
            message = f"一句话 {len(sentence)} 字，超过 {MAX_SENTENCE} 字，请断句：“{sentence[:16]}…”"
            yield Problem("script_sentence_long", message, place)


def _check_risk(answer: StandardAnswer) -> Iterator[Problem]:
    if answer.risk is RiskClass.TIME_CRITICAL:
        yield from _check_time_critical(answer)
    if answer.risk is RiskClass.PERSONAL_SAFETY:
        if not any(number in answer.urgent for number in EMERGENCY_NUMBERS):
            yield Problem("urgent_missing", "人身安全类要在 urgent 里先说危险时打什么电话", "urgent")
        if not any(number in answer.script[:SAID_FIRST] for number in EMERGENCY_NUMBERS):
            message = f"人身安全类话术的前 {SAID_FIRST} 字里要有 110、120 等电话"
            yield Problem("emergency_not_first", message, "script")
    if answer.risk is RiskClass.LIBERTY:
        for place, text in [*stated_texts(answer), *((p, t) for p, t, _ in retold_texts(answer))]:
            if match := _PREDICTION.search(text):
                yield Problem("outcome_predicted", f"刑事问题不预测结果：“{match[0]}”", place)


def _check_time_critical(answer: StandardAnswer) -> Iterator[Problem]:
    if not any(slots.time_limits for _, slots in all_slots(answer)):
        yield Problem("limit_missing", "有期限风险的答案至少写一个 time_limits", "slots.time_limits")
        return
    told = [
        (f"branches[{i}].script", one.script, branch_slots(answer, one).time_limits)
        for i, one in enumerate(answer.branches)
    ]
    if not answer.branches:
        told = [("script", answer.script, answer.slots.time_limits)]
    for place, script, limits in told:
        if limits and not any(_says(script, limit) for limit in limits):
            written = "、".join(limit_words(limit) for limit in limits)
            yield Problem("limit_not_in_script", f"话术没有说到期限：{written}", place)


def _says(script: str, limit: TimeLimit) -> bool:
    wanted = find_quantities(limit_words(limit))
    told = {quantity.key for quantity in find_quantities(script)}
    return any(quantity.key in told for quantity in wanted)
