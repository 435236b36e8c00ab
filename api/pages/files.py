"""Our style sheet and icons, from memory."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.assets import load_assets

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_NOW = "public, max-age=300"


def static_files() -> APIRouter:
    """``/static/{name}``; an address that carries the digest may be cached for ever."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{name}")
    async def read_asset(name: str, request: Request) -> Response:
        asset = load_assets().get(name)
        if asset is None:
            raise HTTPException(404)
        pinned = request.query_params.get("v") == asset.digest
        return Response(
            asset.content,
            media_type=asset.media_type,
            headers={"Cache-Control": _FOR_EVER if pinned else _FOR_NOW},
        )

    @router.get("/favicon.ico")
    async def read_icon() -> Response:
        icon = load_assets()["icon.svg"]
        return Response(icon.content, media_type=icon.media_type, headers={"Cache-Control": _FOR_NOW})

    return router
