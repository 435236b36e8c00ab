"""What can go wrong between us and a Qdrant server, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from kb.errors import IndexStateError
from kb.index.disk import disk_full_error, is_disk_full
from kb.index.manifest import missing_error


@contextmanager
def qdrant_errors(place: str) -> Iterator[None]:
    """Turn client and server failures into IndexStateError.

    Codes: ``index_unreachable``, ``index_timeout``, ``index_unauthorized``, ``generation_missing``,
    ``disk_full``, ``index_engine_failed``.
    """
    try:
        yield
    except ResponseHandlingException as error:
        raise _transport_error(error.source, place) from error
    except httpx.HTTPError as error:
        raise _transport_error(error, place) from error
    except UnexpectedResponse as error:
        raise _answer_error(error, place) from error
    except (ApiException, ValueError, RuntimeError) as error:
        if is_disk_full(error):
            raise disk_full_error(place) from error
        if "not found" in str(error):
            raise missing_error(place) from error
        raise _failed(str(error) or type(error).__name__, place) from error


def _transport_error(source: Exception, place: str) -> IndexStateError:
    if isinstance(source, httpx.TimeoutException):
        return IndexStateError(
            "index_timeout",
            "Qdrant 服务器没有在时限内回答",
            place=place,
            way_out="请稍后重试；持续出现时检查服务器负载与网络。",
        )
    if isinstance(source, httpx.TransportError):
        return IndexStateError(
            "index_unreachable",
            "连接不上 Qdrant 服务器",
            place=place,
            way_out="请确认服务器已启动、地址（LAWKB_QDRANT_URL）正确、网络可达。",
        )
    return _failed(str(source) or type(source).__name__, place)


def _answer_error(error: UnexpectedResponse, place: str) -> IndexStateError:
    text = error.content.decode("utf-8", "replace")
    if error.status_code in (401, 403):
        return IndexStateError(
            "index_unauthorized",
            "Qdrant 服务器拒绝了访问密钥",
            place=place,
            way_out="请检查 LAWKB_QDRANT_API_KEY。",
        )
    if error.status_code == 404:
        return missing_error(place)
    if error.status_code in (408, 504):
        return _transport_error(httpx.ReadTimeout("server"), place)
    if error.status_code == 507 or is_disk_full(OSError(text)):
        return disk_full_error(place)
    return _failed(f"HTTP {error.status_code} {text[:200]}", place)


def _failed(text: str, place: str) -> IndexStateError:
    return IndexStateError(
        "index_engine_failed",
        f"Qdrant 出错：{text.splitlines()[0][:200]}",
        place=place,
        way_out="请查看 Qdrant 服务器日志后重试。",
    )
