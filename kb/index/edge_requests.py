"""Our points, filters and queries in the words of Qdrant Edge, and its failures in ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as edge

from kb.encode.vectors import SparseVector
from kb.errors import IndexStateError, LawkbError
from kb.index.disk import disk_full_error, is_disk_full
from kb.index.ownership import owned_error, read_owner
from kb.index.payload import DAY_FIELDS, KEYWORD_FIELDS, PointKeys, day_number, keyword_conditions
from kb.index.protocol import DENSE, SPARSE, IndexFilter, IndexPoint
from kb.index.ranking import check_dense, grid_document

NO_INDEXING_KB = 10**9
"""Threshold that is never reached: what is written while serving stays in the small open segment."""


def shard_config(
    dims: int | None, datatype: str, *, graph: bool, bulk: bool, distance: str = "cosine"
) -> edge.EdgeConfig:
    """Configuration of a shard; ``bulk`` lets ``optimize`` merge all points into one immutable segment.

    Without ``graph`` the vector graph has no links (``m=0``) and every search is a full scan.
    """
    hnsw = edge.HnswIndexConfig(
        m=16 if graph else 0, ef_construct=100 if graph else 4, full_scan_threshold=10_000
    )
    vectors = None
    if dims is not None:
        vectors = {
            DENSE: edge.EdgeVectorParams(
                size=dims,
                distance={"cosine": edge.Distance.Cosine, "dot": edge.Distance.Dot}[distance],
                datatype={
                    "float32": edge.VectorStorageDatatype.Float32,
                    "float16": edge.VectorStorageDatatype.Float16,
                }[datatype],
                hnsw_config=hnsw,
            )
        }
    return edge.EdgeConfig(
        vectors=vectors,
        sparse_vectors={SPARSE: edge.EdgeSparseVectorParams()},
        hnsw_config=hnsw,
        optimizers=edge.EdgeOptimizersConfig(
            default_segment_number=1, indexing_threshold=1 if bulk else NO_INDEXING_KB
        ),
    )


def index_operations() -> Iterator[edge.UpdateOperation]:
    """One payload index per filtered field."""
    for field in KEYWORD_FIELDS:
        yield edge.UpdateOperation.create_field_index(field, edge.PayloadSchemaType.Keyword)
    for field in DAY_FIELDS:
        yield edge.UpdateOperation.create_field_index(
            field, edge.IntegerIndexParams(lookup=False, range=True)
        )


def point_of(point: IndexPoint, keys: PointKeys, dims: int | None) -> edge.Point:
    """A point to write. Raises IndexStateError when its dense vector does not fit the generation."""
    sparse = grid_document(point.sparse)
    vectors: dict[str, edge.NamedVector] = {
        SPARSE: edge.SparseVector(list(sparse.indices), list(sparse.values))
    }
    if dims is not None:
        vectors[DENSE] = check_dense(point.dense, dims, place=keys.provision_id)
    return edge.Point(point.id, vectors, keys._asdict())


def filter_of(condition: IndexFilter) -> edge.Filter | None:
    """The filter for the engine, or None when it binds nothing."""
    must: list[edge.ConditionType] = [
        edge.FieldCondition(
            field,
            match=edge.MatchValue(values[0]) if len(values) == 1 else edge.MatchAny(list(values)),
        )
        for field, values in keyword_conditions(condition)
    ]
    if condition.as_of is not None:
        day = float(day_number(condition.as_of))
        must.append(edge.FieldCondition("effective_from", range=edge.RangeFloat(lte=day)))
        must.append(edge.FieldCondition("effective_to", range=edge.RangeFloat(gt=day)))
    return edge.Filter(must=must) if must else None


def nearest(using: str, vector: list[float] | SparseVector) -> edge.Query:
    """The scoring part of a request."""
    if isinstance(vector, SparseVector):
        return edge.Query.Nearest(edge.SparseVector(list(vector.indices), list(vector.values)), using=using)
    return edge.Query.Nearest(vector, using=using)


@contextmanager
def edge_errors(folder: Path, index_dir: Path | None = None) -> Iterator[None]:
    """Turn what the engine raises (bare Exception, or a panic outside Exception) into IndexStateError."""
    try:
        yield
    except LawkbError:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        if is_disk_full(error):
            raise disk_full_error(folder) from error
        text = str(error)
        if "Shard is not initialized" in text:
            raise closed_error(folder) from error
        if "WouldBlock" in text and "WAL" in text:
            raise owned_error(folder, read_owner(index_dir) if index_dir else None) from error
        raise IndexStateError(
            "index_engine_failed",
            f"索引引擎出错：{text.splitlines()[0][:200] if text else type(error).__name__}",
            place=str(folder),
            way_out="请重试；仍然出错时运行 lawkb index rollback 或 lawkb index build 重建索引。",
        ) from error


def closed_error(folder: Path) -> IndexStateError:
    """``index_closed``: the index was closed while somebody still held it."""
    return IndexStateError(
        "index_closed", "索引已关闭", place=str(folder), way_out="请重新打开当前一代索引后再查询。"
    )
