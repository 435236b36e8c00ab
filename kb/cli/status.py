"""``lawkb status``: what an installation holds and who serves it."""

from __future__ import annotations

from typing import Any

from kb.cli import compose
from kb.errors import IndexStateError
from kb.index.ownership import read_owner
from kb.settings import get_settings
from kb.store.provisions import corpus_digest
from kb.store.works import counts, list_sources


def describe_installation() -> dict[str, Any]:
    """Facts by Chinese name, in the order in which a person wants them."""
    settings = get_settings()
    database = compose.open_database(settings)
    with database.reading() as connection:
        held = counts(connection)
        sources = [
            f"{one.title} {one.package_version}（收录至 {one.current_to}）"
            for one in list_sources(connection)
        ]
        digest = corpus_digest(connection)
    database.close()
    facts: dict[str, Any] = {
        "数据目录": str(settings.data_dir),
        "来源": sources,
        "文件": held.works,
        "版本": held.versions,
        "条文": held.provisions,
    }
    try:
        manifest = compose.open_generations(settings).current()
    except IndexStateError as error:
        facts["索引"] = f"不可用：{error.message}（{error.code}）"
        return facts
    if manifest is None:
        facts["索引"] = "尚未建立"
        return facts
    facts["索引"] = manifest.id
    facts["索引条文"] = manifest.points
    facts["索引与数据库一致"] = "是" if manifest.corpus_digest == digest else "否，请运行 lawkb index build"
    facts["编码器"] = manifest.encoder_id or "无（只按词语）"
    owner = read_owner(settings.index_dir) if settings.index_engine == "edge" else None
    facts["服务"] = f"进程 {owner.pid}，{owner.url or '命令行'}" if owner else "未运行"
    return facts
