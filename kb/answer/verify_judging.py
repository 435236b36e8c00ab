"""Judge one citation against what the library holds on a given day. Pure but for the shelf that it reads."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.answer.verify_quotes import holds_pieces, holds_quote, split_quote, squeeze
from kb.answer.verify_shelf import KnownRepeal, Shelf
from kb.answer.verify_types import CheckedCitation, Verdict
from kb.domain.validity import ProvisionStateKind
from kb.domain.works import FAR_FUTURE, NATIONAL, Version, VersionStatus, Work, status_on
from kb.store.rows import LoadedProvision
from kb.store.works import speaking_version
from kb.text.citations import CitedUnit, ResolvedCitation, TitleKind
from kb.text.numerals import format_article_label
from kb.text.units import find_unit, parse_units

HOME_REGION = "北京市"
_EMPTY_TEXT = re.compile(r"\s*[（(【]?(?:本条)?已?(?:删去|删除|废止)[）)】]?[。.]?\s*")
_STATUS_VERDICTS = {
    VersionStatus.IN_FORCE: Verdict.IN_FORCE,
    VersionStatus.AMENDED: Verdict.AMENDED,
    VersionStatus.REPEALED: Verdict.REPEALED,
    VersionStatus.NOT_YET_IN_FORCE: Verdict.NOT_YET_IN_FORCE,
}


@dataclass(frozen=True)
class Judging:
    """The shelf, the day and the reader's region for a whole text."""

    shelf: Shelf
    as_of: dt.date
    region: str = HOME_REGION


def judge(citation: ResolvedCitation, judging: Judging) -> CheckedCitation:
    """The verdict on ``citation``; every branch says why in Chinese."""
    found = citation.found
    label = (format_article_label(citation.number) if citation.number else "") + "、".join(
        unit.label for unit in citation.units
    )
    blank = CheckedCitation(
        text=found.text,
        span=found.span,
        form=found.form,
        verdict=Verdict.OUTSIDE_HOLDINGS,
        as_of=judging.as_of,
        reason="",
        title=found.full_title or found.title or "",
        label=label,
        document_number=found.document_number or "",
        quote=found.quote.text if found.quote else "",
    )
    if citation.work_id is None:
        return _judge_unheld(citation, blank, judging)
    work = judging.shelf.work(citation.work_id)
    held = judging.shelf.versions(work.id)
    speaking = speaking_version(held, judging.as_of)
    blank = replace(blank, title=work.title, work_id=work.id, region=work.region)
    if speaking is None:
        return replace(blank, reason=f"本库没有《{work.title}》的正文，无法核对。")
    if citation.number is None:
        checked = _judge_work(blank, work, speaking, judging)
        checked = _judge_edition(checked, citation, work, held, speaking, judging)
    else:
        checked = _judge_article(blank, citation, work, held, speaking, judging)
    return _with_application(checked, work, judging)


def _judge_unheld(citation: ResolvedCitation, blank: CheckedCitation, judging: Judging) -> CheckedCitation:
    found = citation.found
    if len(citation.candidates) > 1:
        return replace(
            blank, reason=f"有 {len(citation.candidates)} 部文件都叫“{blank.title}”，请写明全称和制定机关。"
        )
    if found.title_kind is TitleKind.NONE:
        return replace(blank, reason="没有写明是哪部文件的条文，无法核对。")
    if found.title_kind is TitleKind.RELATIVE:
        return replace(blank, reason=f"从上下文看不出“{found.title or found.text}”指哪部文件，无法核对。")
    if found.title_kind is TitleKind.UNKNOWN:
        return replace(blank, reason="这里的文件名称不在本库目录中，没有当作其他文件核对。")
    if found.title_kind is TitleKind.NUMBER:
        return replace(blank, reason=f"本库没有收录文号为{found.document_number}的文件。")
    stated = judging.shelf.repeals_of_title(blank.title)
    past = [one for one in stated if _ends(one, citation) and (one.day is None or one.day <= judging.as_of)]
    if past:
        return _repealed_by(blank, past[0])
    coming = [one for one in stated if _ends(one, citation)]
    later = f"（{coming[0].by_title}{coming[0].by_label}规定它自{coming[0].day}起废止）" if coming else ""
    return replace(blank, reason=f"本库没有收录《{blank.title}》{later}，对这处引用不作判断。")


def _ends(repeal: KnownRepeal, citation: ResolvedCitation) -> bool:
    """True when the whole work is over, or the very article that is cited."""
    stated = repeal.stated
    if stated.number is None:
        return True
    named = {(unit.paragraph, unit.item, unit.point) for unit in citation.units}
    return stated.number == citation.number and (not stated.units or bool(named & set(stated.units)))


def _repealed_by(blank: CheckedCitation, repeal: KnownRepeal) -> CheckedCitation:
    since = f"自{repeal.day}起" if repeal.day else ""
    return replace(
        blank,
        verdict=Verdict.REPEALED,
        successor=repeal.by_title,
        effective_to=repeal.day,
        applies=False,
        reason=f"《{blank.title}》{since}废止，依据是《{repeal.by_title}》{repeal.by_label}；本库没有收录其正文。",
    )


def _judge_work(blank: CheckedCitation, work: Work, speaking: Version, judging: Judging) -> CheckedCitation:
    """Verdict of the work as a whole, with the version that speaks for it."""
    status = status_on(speaking, work, judging.as_of)
    checked = replace(
        blank,
        verdict=_STATUS_VERDICTS[status],
        version_id=speaking.id,
        effective_from=speaking.effective_from,
        effective_to=None if speaking.effective_to == FAR_FUTURE else speaking.effective_to,
    )
    title = f"《{work.title}》"
    if status is VersionStatus.NOT_YET_IN_FORCE:
        return replace(checked, reason=f"{title}自{speaking.effective_from}起施行，{judging.as_of}尚未生效。")
    if status is VersionStatus.REPEALED:
        successor = f"，由《{work.successor}》取代" if work.successor else ""
        since = f"自{work.repealed_on}起" if work.repealed_on_certain else "（日期未核实）"
        return replace(checked, successor=work.successor, reason=f"{title}{since}废止{successor}。")
    if status is VersionStatus.AMENDED:
        return replace(
            checked, reason=f"本库所有的{title}文本只到{speaking.effective_to}，其后的文本没有收录。"
        )
    return replace(checked, reason=f"{title}{judging.as_of}现行有效{_doubt(speaking)}。")


def _judge_article(
    blank: CheckedCitation,
    citation: ResolvedCitation,
    work: Work,
    held: Sequence[Version],
    speaking: Version,
    judging: Judging,
) -> CheckedCitation:
    assert citation.number is not None, "checked by the caller"
    shelf, label = judging.shelf, format_article_label(citation.number)
    texts = shelf.texts(work.id, citation.number)
    if not texts:
        return _judge_missing(blank, work, speaking, label, shelf)
    current = next((one for one in texts if one.version.id == speaking.id), None)
    if current is None:
        return _judge_elsewhere(blank, work, texts, speaking, label, judging)
    checked = _with_text(_judge_work(blank, work, speaking, judging), current)
    if checked.verdict is Verdict.IN_FORCE:
        checked = replace(
            checked, reason=f"《{work.title}》{label}{judging.as_of}现行有效{_doubt(speaking)}。"
        )
        checked = _judge_ended(checked, citation, label, judging)
    missing = _find_missing_unit(citation.units, texts)
    if missing is not None:
        return replace(
            checked,
            verdict=Verdict.NEVER_EXISTED,
            reason=f"《{work.title}》{label}没有{missing.label}，请核对款、项。",
        )
    checked = _judge_edition(checked, citation, work, held, speaking, judging)
    return _judge_quote(checked, texts, current, judging)


def _judge_missing(
    blank: CheckedCitation, work: Work, speaking: Version, label: str, shelf: Shelf
) -> CheckedCitation:
    if not shelf.is_whole(work.id):
        return replace(blank, reason=f"本库只收录了《{work.title}》的一部分，其中没有{label}，无法判断。")
    numbers = [one.number for one in shelf.articles(speaking.id) if one.number is not None]
    last = f"全文到{format_article_label(max(numbers))}为止，" if numbers else "全文不分条，"
    return replace(
        blank,
        verdict=Verdict.NEVER_EXISTED,
        version_id=speaking.id,
        reason=f"《{work.title}》{last}各版本都没有{label}。",
    )


def _judge_elsewhere(
    blank: CheckedCitation,
    work: Work,
    texts: Sequence[LoadedProvision],
    speaking: Version,
    label: str,
    judging: Judging,
) -> CheckedCitation:
    """The article stands in another version than the one of the day."""
    later = [one for one in texts if one.version.effective_from > judging.as_of]
    earlier = [one for one in texts if one.version.effective_from <= judging.as_of]
    if not earlier:
        first = later[0]
        return replace(
            _with_text(blank, first),
            verdict=Verdict.NOT_YET_IN_FORCE,
            reason=f"《{work.title}》{label}在自{first.version.effective_from}起施行的文本中才有。",
        )
    last = earlier[-1]
    moved = _find_moved(last, speaking, judging.shelf)
    checked = replace(_with_text(blank, last), renumbered_to=moved)
    if moved:
        return replace(
            checked, verdict=Verdict.AMENDED, reason=f"这是旧文本的{label}，现行文本中已改为{moved}。"
        )
    return replace(
        checked,
        verdict=Verdict.REPEALED,
        reason=f"《{work.title}》现行文本已没有{label}，它只在自{last.version.effective_from}起施行的旧文本中。",
    )


def _judge_ended(
    checked: CheckedCitation, citation: ResolvedCitation, label: str, judging: Judging
) -> CheckedCitation:
    """The article alone, or the part that is cited, may be over while its work stands."""
    if _EMPTY_TEXT.fullmatch(checked.provision_text):
        return replace(checked, verdict=Verdict.REPEALED, reason=f"《{checked.title}》{label}已删去。")
    named = {(unit.paragraph, unit.item, unit.point) for unit in citation.units}
    for repeal in judging.shelf.repeals_of_work(checked.work_id or ""):
        over = repeal.day is not None and repeal.day <= judging.as_of
        if repeal.stated.number is not None and over and _ends(repeal, citation):
            by = f"《{repeal.by_title}》{repeal.by_label}"
            return replace(
                checked,
                verdict=Verdict.REPEALED,
                effective_to=repeal.day,
                reason=f"《{checked.title}》{label}自{repeal.day}起废止，依据是{by}。",
            )
    for state in judging.shelf.states(checked.provision_id or "", judging.as_of):
        whole = state.unit is None or state.unit in named
        if state.state is ProvisionStateKind.REPEALED and whole:
            return replace(checked, verdict=Verdict.REPEALED, reason=state.reason)
        about = "" if whole else "其中一部分："
        checked = replace(checked, reason=f"{checked.reason}{about}{state.reason}")
    return checked


def _find_missing_unit(units: Sequence[CitedUnit], texts: Sequence[LoadedProvision]) -> CitedUnit | None:
    """The first part that no version of the article has."""
    for unit in units:
        if not any(_has_unit(one.provision.text, unit) for one in texts):
            return unit
    return None


def _has_unit(text: str, unit: CitedUnit) -> bool:
    if find_unit(text, unit.paragraph, unit.item, unit.point) is not None:
        return True
    if unit.item is None or unit.paragraph is not None:
        return False
    # 第（三）项 without its 款 where several 款 have 项: it exists, only the name has two readings.
    items = [item for paragraph in parse_units(text) for item in paragraph.items if item.number == unit.item]
    return (
        bool(items)
        if unit.point is None
        else any(point.number == unit.point for item in items for point in item.points)
    )


def _judge_edition(
    checked: CheckedCitation,
    citation: ResolvedCitation,
    work: Work,
    held: Sequence[Version],
    speaking: Version,
    judging: Judging,
) -> CheckedCitation:
    """A year or 原 beside the title pins an edition, which may be an older text or one that we lack."""
    found = citation.found
    if checked.verdict is not Verdict.IN_FORCE or (found.edition is None and not found.former):
        return checked
    years = {speaking.version_date.year, speaking.effective_from.year, speaking.published_on.year}
    if found.edition in years and not found.former:
        return checked
    older = [one for one in held if one.effective_from < speaking.effective_from]
    if found.edition is not None:
        older = [
            one
            for one in older
            if found.edition in (one.version_date.year, one.published_on.year, one.effective_from.year)
        ]
    if not older:
        if found.edition is None or found.edition > max(years):
            named = f"{found.edition}年的" if found.edition else "旧"
            return replace(checked, reason=f"{checked.reason}引用写明的{named}文本本库没有收录。")
        return replace(
            checked,
            verdict=Verdict.AMENDED,
            reason=f"引用的是{found.edition}年的文本（本库未收录），现行文本自{speaking.effective_from}起施行。",
        )
    pinned = older[-1]
    reason = f"引用的是自{pinned.effective_from}起施行的旧文本，现行的自{speaking.effective_from}起施行"
    if citation.number is None:
        return replace(checked, verdict=Verdict.AMENDED, reason=reason + "。")
    texts = {one.version.id: one for one in judging.shelf.texts(work.id, citation.number)}
    old = texts.get(pinned.id)
    if old is None:
        return replace(checked, verdict=Verdict.AMENDED, reason=f"{reason}，旧文本中没有这一条。")
    moved = _find_moved(old, speaking, judging.shelf)
    same = squeeze(old.provision.text) == squeeze(checked.provision_text)
    change = "，本条文字未变" if same else f"，本条在现行文本中为{moved}" if moved else "，本条文字已改"
    return replace(
        checked, verdict=Verdict.AMENDED, renumbered_to="" if same else moved, reason=f"{reason}{change}。"
    )


def _judge_quote(
    checked: CheckedCitation, texts: Sequence[LoadedProvision], current: LoadedProvision, judging: Judging
) -> CheckedCitation:
    """Compare the quoted words with the text of the day, then with the other versions and articles."""
    if not checked.quote or holds_quote(current.provision.text, checked.quote):
        return checked
    label = current.provision.label
    for other in reversed(texts):
        if other.version.id == current.version.id or not holds_quote(other.provision.text, checked.quote):
            continue
        if other.version.effective_from > judging.as_of:
            if checked.verdict is not Verdict.IN_FORCE:
                return checked
            return replace(
                checked,
                verdict=Verdict.NOT_YET_IN_FORCE,
                reason=f"引文是{label}自{other.version.effective_from}起施行的新文本，{judging.as_of}尚未生效。",
            )
        moved = _find_moved(other, current.version, judging.shelf)
        hint = f"，现行文本中已改为{moved}" if moved else ""
        verdict = Verdict.AMENDED if checked.verdict is Verdict.IN_FORCE else checked.verdict
        return replace(
            checked,
            verdict=verdict,
            renumbered_to=moved,
            reason=f"引文是{label}自{other.version.effective_from}起施行的旧文本，与现行文字不同{hint}。",
        )
    if checked.verdict not in (Verdict.IN_FORCE, Verdict.AMENDED):
        return replace(checked, reason=f"{checked.reason}引文也与{label}原文不符。")
    place = _find_quote(checked.quote, current.version, judging.shelf)
    hint = f"；引文见于{place}" if place else ""
    return replace(
        checked,
        verdict=Verdict.QUOTE_DIFFERS,
        reason=f"引文与《{checked.title}》{label}原文不符{hint}。",
    )


def _find_quote(quote: str, version: Version, shelf: Shelf) -> str:
    """Labels of the articles of ``version`` that hold the quoted words; empty when none does."""
    pieces = split_quote(quote)
    if sum(map(len, pieces)) < 6:
        return ""
    labels = [
        one.label
        for one, squeezed in zip(shelf.articles(version.id), shelf.squeezed(version.id), strict=True)
        if holds_pieces(squeezed, pieces)
    ]
    return "、".join(labels[:3])


def _find_moved(old: LoadedProvision, speaking: Version, shelf: Shelf) -> str:
    """Label of the article of ``speaking`` with the old text under another number, empty when none."""
    wanted = squeeze(old.provision.text)
    for one, squeezed in zip(shelf.articles(speaking.id), shelf.squeezed(speaking.id), strict=True):
        if squeezed == wanted and one.number != old.provision.number:
            return one.label
    return ""


def _with_text(checked: CheckedCitation, loaded: LoadedProvision) -> CheckedCitation:
    version = loaded.version
    return replace(
        checked,
        provision_id=loaded.provision.id,
        version_id=version.id,
        provision_text=loaded.provision.text,
        effective_from=version.effective_from,
        effective_to=None if version.effective_to == FAR_FUTURE else version.effective_to,
    )


def _with_application(checked: CheckedCitation, work: Work, judging: Judging) -> CheckedCitation:
    """Whether it holds by date and region for the reader."""
    if checked.verdict is Verdict.OUTSIDE_HOLDINGS:
        return checked
    here = work.region in (NATIONAL, judging.region, judging.region.removesuffix("市"))
    in_force = checked.verdict in (Verdict.IN_FORCE, Verdict.QUOTE_DIFFERS)
    note = "" if here else f"它只在{work.region}适用。"
    return replace(checked, applies=in_force and here, reason=checked.reason + note)


def _doubt(version: Version) -> str:
    return "" if version.effective_from_certain else "（施行日期未核实）"
