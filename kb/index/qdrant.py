"""A Qdrant server or cluster, reached by URL: one collection per generation, aliases as the pointer."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from qdrant_client import QdrantClient, models

from kb.encode.vectors import SparseVector
from kb.errors import BadInputError, IndexStateError
from kb.index.engine import IndexSpec, Pointer
from kb.index.inventory import corrupt_error
from kb.index.manifest import FORMAT, foreign_error, missing_error
from kb.index.payload import (
    DAY_FIELDS,
    KEYWORD_FIELDS,
    RESULT_FIELDS,
    PointKeys,
    day_number,
    keyword_conditions,
    pack_payload,
)
from kb.index.protocol import DENSE, SPARSE, IndexFilter, IndexPoint, ScoredPoint, VectorIndex, VectorQuery
from kb.index.qdrant_errors import qdrant_errors
from kb.index.ranking import Candidate, check_dense, cut_complete, grid_document, grid_query

BATCH_POINTS = 256
TIE_MARGIN = 8
PREFIX = "lawkb"
PREVIOUS_SUFFIX = "-previous"


@dataclass(frozen=True)
class QdrantOptions:
    """How collections are laid out.

    ``prefix`` sets several installations on one server apart; ``home`` names the index directory that
    builds here, so that a sweep for leftovers never touches what another host is building.
    """

    prefix: str = PREFIX
    shards: int = 1
    replicas: int = 1
    quantization: str = "none"
    home: str = ""
    exact_below: int = 200_000


def connect(url: str, api_key: str = "", *, timeout_s: int = 10) -> QdrantClient:
    """A client for ``url``, or an engine in memory for ``:memory:``; no request is made yet.

    Raises BadInputError ``qdrant_url_missing`` or ``qdrant_url_bad``.
    """
    if not url:
        raise BadInputError(
            "qdrant_url_missing",
            "没有设置 Qdrant 服务器地址",
            place="LAWKB_QDRANT_URL",
            way_out="请设为形如 http://127.0.0.1:6333 的地址。",
        )
    if url == ":memory:":
        return QdrantClient(location=url)
    try:
        return QdrantClient(url=url, api_key=api_key or None, timeout=timeout_s, check_compatibility=False)
    except ValueError as error:
        raise BadInputError(
            "qdrant_url_bad", f"Qdrant 服务器地址不合法：{url}", place="LAWKB_QDRANT_URL"
        ) from error


class QdrantIndex:
    """A VectorIndex over one collection; the client is shared and stays open unless it is owned."""

    def __init__(
        self,
        client: QdrantClient,
        collection: str,
        *,
        dims: int | None,
        exact_below: int = 200_000,
        owns_client: bool = False,
    ) -> None:
        """The collection exists."""
        self.collection = collection
        self.dims = dims
        self._client = client
        self._exact_below = exact_below
        self._owns_client = owns_client
        self._count: int | None = None
        self._closed = False

    @classmethod
    def create(
        cls, client: QdrantClient, collection: str, spec: IndexSpec, options: QdrantOptions, generation: str
    ) -> QdrantIndex:
        """An empty collection with its payload indexes. Raises as ``qdrant_errors``."""
        graph = spec.expected_points >= options.exact_below
        hnsw = models.HnswConfigDiff(m=16 if graph else 0)
        quantization = None
        if options.quantization == "int8":
            quantization = models.ScalarQuantization(
                scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
            )
        elif options.quantization != "none":
            raise BadInputError(
                "quantization_unknown",
                f"不认识的向量量化方式：{options.quantization}",
                place="LAWKB_QDRANT_QUANTIZATION",
                way_out="可用的值：none、int8。",
            )
        dense = {}
        if spec.dims is not None:
            dense[DENSE] = models.VectorParams(size=spec.dims, distance=models.Distance.COSINE)
        with qdrant_errors(collection):
            client.create_collection(
                collection,
                vectors_config=dense,
                sparse_vectors_config={SPARSE: models.SparseVectorParams()},
                shard_number=options.shards,
                replication_factor=options.replicas,
                hnsw_config=hnsw,
                quantization_config=quantization,
                metadata={"format": FORMAT, "generation": generation, "home": options.home},
            )
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Payload indexes have no effect")
                for field in KEYWORD_FIELDS:
                    client.create_payload_index(collection, field, models.PayloadSchemaType.KEYWORD)
                for field in DAY_FIELDS:
                    schema = models.IntegerIndexParams(
                        type=models.IntegerIndexType.INTEGER, lookup=False, range=True
                    )
                    client.create_payload_index(collection, field, schema)
        return cls(client, collection, dims=spec.dims, exact_below=options.exact_below)

    def upsert(self, points: Iterable[IndexPoint]) -> int:
        """See VectorIndex."""
        self._check_open()
        written = 0
        stream = iter(points)
        while batch := list(islice(stream, BATCH_POINTS)):
            rows = [self._row(point) for point in batch]
            with qdrant_errors(self.collection):
                self._client.upsert(self.collection, rows, wait=True)
            self._count = None
            written += len(batch)
        return written

    def delete(self, ids: Sequence[uuid.UUID]) -> None:
        """See VectorIndex."""
        self._check_open()
        if not ids:
            return
        selector = models.PointIdsList(points=[str(point) for point in ids])
        with qdrant_errors(self.collection):
            self._client.delete(self.collection, selector, wait=True)
        self._count = None

    def count(self) -> int:
        """See VectorIndex; always asked of the server."""
        self._check_open()
        with qdrant_errors(self.collection):
            self._count = self._client.count(self.collection, exact=True).count
        return self._count

    def query(self, queries: Sequence[VectorQuery], condition: IndexFilter) -> list[list[ScoredPoint]]:
        """See VectorIndex. Exactness goes by the count last seen: at opening and after own writes."""
        self._check_open()
        exact = (self.count() if self._count is None else self._count) < self._exact_below
        params = models.SearchParams(
            exact=exact, quantization=models.QuantizationSearchParams(ignore=True) if exact else None
        )
        found: list[list[ScoredPoint]] = [[] for _ in queries]
        wanted = list(self._plan(queries))
        engine_filter = filter_of(condition)
        while wanted:
            requests = [
                models.QueryRequest(
                    query=vector,
                    using=queries[place].using,
                    limit=fetch,
                    filter=engine_filter,
                    params=params,
                    with_payload=list(RESULT_FIELDS),
                )
                for place, vector, fetch in wanted
            ]
            with qdrant_errors(self.collection):
                answers = self._client.query_batch_points(self.collection, requests)
            unfinished = []
            for (place, vector, fetch), answer in zip(wanted, answers, strict=True):
                floor = answer.points[-1].score if len(answer.points) == fetch else None
                best = cut_complete(map(_candidate, answer.points), queries[place].limit, floor)
                if best is None:
                    unfinished.append((place, vector, fetch * 4))
                else:
                    found[place] = best
            wanted = unfinished
        return found

    def finish(self) -> None:
        """See VectorIndex. The server optimises by itself; writes were waited for."""
        self._check_open()

    def close(self) -> None:
        """Let the collection go; the client is closed only when it is ours alone."""
        self._closed = True
        if self._owns_client:
            self._client.close()

    def _check_open(self) -> None:
        if self._closed:
            raise IndexStateError(
                "index_closed",
                "索引已关闭",
                place=self.collection,
                way_out="请重新打开当前一代索引后再查询。",
            )

    def _row(self, point: IndexPoint) -> models.PointStruct:
        keys = pack_payload(point.payload)
        sparse = grid_document(point.sparse)
        vectors: dict[str, list[float] | models.SparseVector] = {
            SPARSE: models.SparseVector(indices=list(sparse.indices), values=list(sparse.values))
        }
        if self.dims is not None:
            vectors[DENSE] = check_dense(point.dense, self.dims, place=keys.provision_id)
        return models.PointStruct(id=str(point.id), vector=vectors, payload=keys._asdict())

    def _plan(
        self, queries: Sequence[VectorQuery]
    ) -> Iterator[tuple[int, list[float] | models.SparseVector, int]]:
        for place, query in enumerate(queries):
            if query.limit <= 0:
                continue
            if isinstance(query.vector, SparseVector):
                if query.vector.indices:
                    grid = grid_query(query.vector)
                    vector = models.SparseVector(indices=list(grid.indices), values=list(grid.values))
                    yield place, vector, query.limit + TIE_MARGIN
            elif self.dims is not None:
                yield place, check_dense(query.vector, self.dims), query.limit + TIE_MARGIN


def _candidate(point: models.ScoredPoint) -> Candidate:
    payload = point.payload or {}
    keys = PointKeys(
        str(payload["provision_id"]), str(payload["version_id"]), str(payload["work_id"]), "", "", "", 0, 0
    )
    return Candidate(point.score, uuid.UUID(str(point.id)), keys)


def filter_of(condition: IndexFilter) -> models.Filter | None:
    """The filter for the server, or None when it binds nothing."""
    must: list[models.Condition] = [
        models.FieldCondition(key=field, match=models.MatchAny(any=list(values)))
        for field, values in keyword_conditions(condition)
    ]
    if condition.as_of is not None:
        day = day_number(condition.as_of)
        must.append(models.FieldCondition(key="effective_from", range=models.Range(lte=day)))
        must.append(models.FieldCondition(key="effective_to", range=models.Range(gt=day)))
    return models.Filter(must=must) if must else None


class QdrantEngine:
    """A server's part in generations: a collection each, and two aliases switched in one request.

    The collection's metadata names its generation, so a collection of somebody else's is refused.
    """

    name = "qdrant"

    def __init__(self, client: QdrantClient, options: QdrantOptions | None = None) -> None:
        """``client`` comes from ``connect`` and is shared by all indexes."""
        self.client = client
        self.options = options or QdrantOptions()

    def collection_of(self, generation: str) -> str:
        """Name of a generation's collection."""
        return f"{self.options.prefix}-{generation}"

    def create(self, generation: str, folder: Path, spec: IndexSpec) -> VectorIndex:
        """See Engine."""
        collection = self.collection_of(generation)
        return QdrantIndex.create(self.client, collection, spec, self.options, generation)

    def open(self, generation: str, folder: Path, points: int) -> VectorIndex:
        """See Engine."""
        collection = self.collection_of(generation)
        with qdrant_errors(collection):
            if not self.client.collection_exists(collection):
                raise missing_error(collection)
            config = self.client.get_collection(collection).config
        metadata = config.metadata or {}
        if metadata.get("format") != FORMAT or metadata.get("generation") != generation:
            raise foreign_error(collection, "集合不是本系统为这一代建立的")
        vectors = config.params.vectors
        dense = vectors.get(DENSE) if isinstance(vectors, dict) else None
        if SPARSE not in (config.params.sparse_vectors or {}):
            raise corrupt_error(collection, "集合缺少稀疏向量")
        index = QdrantIndex(
            self.client,
            collection,
            dims=None if dense is None else dense.size,
            exact_below=self.options.exact_below,
        )
        if points and not index.count():
            raise corrupt_error(collection, f"集合是空的，应有 {points} 个点")
        return index

    def drop(self, generation: str, folder: Path) -> None:
        """See Engine."""
        collection = self.collection_of(generation)
        with qdrant_errors(collection):
            if self.client.collection_exists(collection):
                self.client.delete_collection(collection)

    def stored_generations(self) -> set[str]:
        """Generations that have a collection made from this index directory."""
        start = f"{self.options.prefix}-"
        found = set()
        with qdrant_errors(start):
            for row in self.client.get_collections().collections:
                if row.name.startswith(start):
                    metadata = self.client.get_collection(row.name).config.metadata or {}
                    if metadata.get("format") == FORMAT and metadata.get("home") == self.options.home:
                        found.add(row.name.removeprefix(start))
        return found

    def read_pointer(self) -> Pointer:
        """See Engine: where the two aliases lead."""
        start = f"{self.options.prefix}-"
        with qdrant_errors(self.options.prefix):
            rows = self.client.get_aliases().aliases
        leads = {row.alias_name: row.collection_name.removeprefix(start) for row in rows}
        return Pointer(leads.get(self.options.prefix), leads.get(self.options.prefix + PREVIOUS_SUFFIX))

    def switch_pointer(self, pointer: Pointer) -> None:
        """See Engine: all alias operations of one request take effect together."""
        old = self.read_pointer()
        current, previous = self.options.prefix, self.options.prefix + PREVIOUS_SUFFIX
        operations: list[models.AliasOperations] = []
        for alias, before, after in (
            (current, old.current, pointer.current),
            (previous, old.previous, pointer.previous),
        ):
            if before is not None:
                operations.append(
                    models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))
                )
            if after is not None:
                create = models.CreateAlias(collection_name=self.collection_of(after), alias_name=alias)
                operations.append(models.CreateAliasOperation(create_alias=create))
        with qdrant_errors(self.options.prefix):
            self.client.update_collection_aliases(operations)
