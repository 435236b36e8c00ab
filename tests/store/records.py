"""Invented works for the store's tests."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

from kb.domain.works import (
    FAR_FUTURE,
    Provision,
    Source,
    Version,
    VersionedText,
    Work,
    WorkBundle,
    WorkKind,
    provision_id,
    version_id,
    work_id,
)

SOURCE = Source(
    id="test-laws",
    title="测试法规集",
    publisher="测试",
    licence="MIT",
    url="https://example.org/laws",
    package_version="1.0",
    sha256="0" * 64,
    retrieved_on=dt.date(2026, 9, 1),
    current_to=dt.date(2026, 8, 28),
)

Articles = dict[tuple[int, int], str]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def make_work(title: str = "中华人民共和国商标法", **changes: object) -> Work:
    work = Work(
        id=work_id(WorkKind.STATUTE, title),
        kind=WorkKind.STATUTE,
        title=title,
        short_title=title.removeprefix("中华人民共和国"),
        aliases=(),
        statute_type="法律",
        issuing_body="全国人民代表大会常务委员会",
        topic="民法商法",
        region="全国",
    )
    return replace(work, **changes)  # type: ignore[arg-type]


def make_version(
    work: Work,
    starts: str,
    ends: str | None = None,
    articles: Articles | None = None,
    *,
    path: tuple[str, ...] = ("第一章 总则",),
) -> VersionedText:
    """A text of ``work`` in force over ``[starts, ends)``; ``articles`` maps (17, 1) to a text."""
    articles = articles or {(1, 0): f"为了测试{work.short_title}，制定本法。"}
    id_ = version_id(work.id, day(starts))
    version = Version(
        id=id_,
        work_id=work.id,
        version_date=day(starts),
        published_on=day(starts),
        effective_from=day(starts),
        effective_from_certain=True,
        effective_to=day(ends) if ends else FAR_FUTURE,
        effective_to_certain=True,
        date_source="第七条",
        declared_status="现行有效",
        text_sha256=hashlib.sha256("".join(articles.values()).encode()).hexdigest(),
    )
    return VersionedText(
        version,
        tuple(
            Provision(
                id=provision_id(work.id, number),
                version_id=id_,
                number=number,
                label=f"第{number[0]}条" + (f"之{number[1]}" if number[1] else ""),
                path=path,
                text=text,
                ordinal=ordinal,
            )
            for ordinal, (number, text) in enumerate(articles.items())
        ),
    )


def make_bundle(work: Work, *texts: VersionedText) -> WorkBundle:
    return WorkBundle(work, texts, SOURCE.id)


def trademark_law() -> WorkBundle:
    """Two versions that change over on 2027-01-01; 第一条 and 第二条 in both, 第三条 only in the new one."""
    work = make_work(aliases=("商标条例",))
    return make_bundle(
        work,
        make_version(work, "2019-11-01", "2027-01-01", {(1, 0): "旧第一条。", (2, 0): "第二条不变。"}),
        make_version(
            work, "2027-01-01", None, {(1, 0): "新第一条。", (2, 0): "第二条不变。", (3, 0): "新增。"}
        ),
    )


def numbered_bundle(number: int, articles: int = 20) -> WorkBundle:
    """A work of its own for each ``number``."""
    work = make_work(f"测试第{number}号条例")
    texts: Articles = {(n, 0): f"第{number}号条例的第{n}条。" * 5 for n in range(1, articles + 1)}
    return make_bundle(work, make_version(work, "2020-01-01", None, texts))
