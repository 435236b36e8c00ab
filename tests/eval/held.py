"""A small invented store of two statutes, as ``HeldTexts`` and a catalogue."""

from __future__ import annotations

import datetime as dt

from eval.gold import HeldTexts
from kb.domain.works import FAR_FUTURE, Provision, Version, Work, WorkKind, provision_id, work_id
from kb.store.rows import LoadedProvision
from kb.text.catalogue import TitleCatalogue

TODAY = dt.date(2026, 1, 1)
BOATS = "中华人民共和国船舶租赁法"
ORCHARDS = "果园管理条例"

OLD_RENT = "承租人应当按月向出租人交付租金，迟延三十日的，出租人可以收回船舶。"
NEW_RENT = "租金以书面约定为准；没有约定的，参照泊位所在地同类渔船的通常价格确定。"
RETURN = "租期届满，承租人应当将船舶清洗干净并交还出租人。"
PICKING = "采摘果实应当经果园经营者同意，未经同意采摘的，按照市场价格赔偿。"


def loaded(
    title: str,
    article: int,
    text: str,
    start: dt.date = dt.date(2000, 1, 1),
    end: dt.date = FAR_FUTURE,
    topic: str = "民法商法",
) -> LoadedProvision:
    """One article of one version."""
    work = Work(
        id=work_id(WorkKind.STATUTE, title),
        kind=WorkKind.STATUTE,
        title=title,
        short_title=title,
        aliases=(),
        statute_type="法律",
        issuing_body="",
        topic=topic,
        region="全国",
    )
    version = Version(
        id=f"{work.id}@{start}",
        work_id=work.id,
        version_date=start,
        published_on=start,
        effective_from=start,
        effective_from_certain=True,
        effective_to=end,
        effective_to_certain=True,
        date_source="",
        declared_status="",
        text_sha256="",
    )
    label = f"第{'〇一二三四五六七八九'[article]}条"
    identity = provision_id(work.id, (article, 0))
    return LoadedProvision(
        work, version, Provision(identity, version.id, (article, 0), label, (), text, article)
    )


AMENDED = dt.date(2020, 1, 1)
ALL = (
    loaded(BOATS, 1, OLD_RENT, end=AMENDED),
    loaded(BOATS, 2, RETURN, end=AMENDED),
    loaded(BOATS, 1, NEW_RENT, start=AMENDED),
    loaded(BOATS, 2, "本法所称船舶，是指各类渔船、客船和货船。", start=AMENDED),
    loaded(BOATS, 3, RETURN, start=AMENDED),
    loaded(ORCHARDS, 1, PICKING, topic="经济法"),
)


def held_texts(as_of: dt.date | None = TODAY) -> HeldTexts:
    """The store on a day, or with every version."""
    return HeldTexts.collect([ALL[:3], ALL[3:]], as_of)


def catalogue() -> TitleCatalogue:
    """The titles of the store, 船舶租赁法 by its short name too, and a law that is known and not held."""
    boats, orchards = work_id(WorkKind.STATUTE, BOATS), work_id(WorkKind.STATUTE, ORCHARDS)
    return TitleCatalogue.build({BOATS: [boats], ORCHARDS: [orchards], "渔业法": []})


def article(title: str, number: int) -> str:
    """Provision id."""
    return provision_id(work_id(WorkKind.STATUTE, title), (number, 0))
