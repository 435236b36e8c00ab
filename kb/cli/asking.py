"""``lawkb search``: through the running service when there is one, else in this process."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import typer

from api.schemas import SearchAnswer
from kb.cli import compose
from kb.domain.search import SearchRequest
from kb.encode.dense import DenseEncoder
from kb.errors import LawkbError, ServiceError
from kb.index.follow import BATCH, apply_outbox, pending_count
from kb.index.manifest import missing_error
from kb.index.ownership import read_owner, take_ownership
from kb.index.protocol import DENSE
from kb.search.door import SearchService
from kb.search.generation import GenerationHolder, ServingGeneration
from kb.settings import Settings, get_settings
from kb.store.database import Database

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30
NOT_INDEXED = "有新导入的内容还没有进入索引；请运行 lawkb index build，或启动服务。"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""The service is on this machine: a proxy of the environment must not hear the question."""


class RemoteError(LawkbError):
    """An error that the running service told us, passed on with its code."""


def answer_search(request: SearchRequest) -> dict[str, Any]:
    """The same JSON as ``GET /api/v1/search``, wherever it is computed."""
    settings = get_settings()
    owner = read_owner(settings.index_dir) if settings.index_engine == "edge" else None
    if owner is not None and owner.url:
        return _ask_service(owner.url, request)
    return _search_here(settings, request)


def _ask_service(url: str, request: SearchRequest) -> dict[str, Any]:
    body = {
        "q": request.text,
        "top_k": request.top_k,
        "as_of": request.as_of.isoformat() if request.as_of else None,
        "topic": list(request.topics),
        "region": list(request.regions),
        "kind": [kind.value for kind in request.kinds],
        "include_not_in_force": request.include_not_in_force,
        "per_work": request.per_work,
        "rerank": request.rerank,
    }
    return call_service(f"{url}/api/v1/search", body)[0]


def call_service(address: str, body: dict[str, Any]) -> tuple[dict[str, Any], Mapping[str, str]]:
    """JSON and headers of the running service's answer; an error it tells is raised with its code."""
    call = urllib.request.Request(
        address,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with _DIRECT.open(call, timeout=TIMEOUT_SECONDS) as reply:
            answer: dict[str, Any] = json.load(reply)
            return answer, dict(reply.headers)
    except urllib.error.HTTPError as error:
        raise _told_by_service(error) from error
    except (OSError, ValueError) as error:
        raise ServiceError(
            "service_unreachable",
            "本机的服务没有回答",
            place=address,
            way_out="检查服务是否正常（/health），或停止它后重试",
        ) from error


def _told_by_service(error: urllib.error.HTTPError) -> LawkbError:
    try:
        problem = json.load(error)
        told = RemoteError(
            str(problem["code"]),
            str(problem["detail"]),
            place=str(problem.get("place", "")),
            way_out=str(problem.get("way_out", "")),
        )
    except (ValueError, KeyError):
        return ServiceError("service_failed", f"服务返回了 HTTP {error.code}", way_out="详情见服务的日志")
    told.exit_code = 2 if error.code < 500 else 7
    return told


def _search_here(settings: Settings, request: SearchRequest) -> dict[str, Any]:
    from kb.search.request import read_question

    read_question(request)  # no need to load an encoder to refuse a question or to miss an index
    with open_here(settings) as here:
        answer: dict[str, Any] = SearchAnswer.of(here.door.search(request)).model_dump(mode="json")
        if here.behind:
            answer["notices"].append(NOT_INDEXED)
        return answer


@dataclass(frozen=True)
class Here:
    """The search door opened in this process; ``behind`` when the store has much that the index has not."""

    door: SearchService
    database: Database
    encoder: DenseEncoder | None
    generation: str
    behind: bool


@contextmanager
def open_here(settings: Settings) -> Iterator[Here]:
    """Open the index here. Raises IndexStateError (``generation_missing``, ``generation_owned`` …)."""
    generations = compose.open_generations(settings)
    manifest = generations.current()
    if manifest is None:
        raise missing_error(settings.index_dir)
    ownership = take_ownership(settings.index_dir) if settings.index_engine == "edge" else None
    database = compose.open_database(settings)
    holder = GenerationHolder()
    try:
        encoder = _open_encoder(settings) if DENSE in manifest.modes else None
        serving = compose.open_serving(settings, generations, encoder.id if encoder else None)
        holder.switch(serving)
        behind = _catch_up(settings, database, serving, encoder)
        bank = compose.open_bank(settings, database, encoder) if encoder else None
        if bank is not None:
            bank.refresh()
        reranking = compose.open_reranking(settings, database) if encoder else None
        votes = (lambda: bank.bank) if bank else None
        door = SearchService(database, holder, encoder, bank=votes, reranking=reranking)
        yield Here(door, database, encoder, serving.id, behind)
    finally:
        holder.close()
        database.close()
        if ownership is not None:
            ownership.release()


def _catch_up(
    settings: Settings, database: Database, serving: ServingGeneration, encoder: DenseEncoder | None
) -> bool:
    """Bring the index up to the store when little is missing; True when much is."""
    waiting = pending_count(database, serving.id)
    if serving.partial or not waiting:
        return False
    if waiting >= BATCH:
        return True
    dense = encoder if serving.has_dense else None
    vectors = compose.open_vectors(settings, dense) if dense else None
    apply_outbox(database, serving.id, serving.index, serving.sparse, dense, vectors)
    return False


def _open_encoder(settings: Settings) -> DenseEncoder | None:
    """None when it does not load: words alone can answer, and the answer says so."""
    try:
        return compose.open_encoder(settings)
    except ServiceError as error:
        log.warning("%s", error.render())
        return None


def print_hits(answer: dict[str, Any]) -> None:
    """Hits for a person at a terminal."""
    for notice in answer.get("notices", []):
        typer.echo(f"※ {notice}")
    if not answer["hits"]:
        typer.echo("没有找到相关条文。换一种说法试试，或拨打 12348 咨询。")
    for place, hit in enumerate(answer["hits"], start=1):
        title = typer.style(f"{place}. 《{hit['work_title']}》{hit['label']}", bold=True)
        typer.echo(f"{title}  [{hit['status_label']}]  {' > '.join(hit['path'])}")
        typer.echo("   " + hit["text"].replace("\n", "\n   "))
        typer.echo(typer.style("   " + "；".join(reason["detail"] for reason in hit["reasons"]), dim=True))
    typer.echo(f"（依据 {answer['as_of']} 的法律，{answer['took_ms']} 毫秒，索引 {answer['generation']}）")
