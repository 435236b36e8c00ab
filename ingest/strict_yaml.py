"""Strict YAML (``kb.text.strict_yaml``) checked against a model."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from kb.errors import SourceError
from kb.text.strict_yaml import MAX_YAML_BYTES, WAY_OUT, parse_strict_yaml

__all__ = ["MAX_YAML_BYTES", "read_strict_yaml"]

Model = TypeVar("Model", bound=BaseModel)


def read_strict_yaml(content: bytes, model: type[Model], place: str) -> Model:
    """Parse ``content`` as YAML and check it against ``model``.

    ``place`` names the file in errors. Raises SourceError: ``yaml_too_large``, ``yaml_invalid`` (syntax,
    encoding, duplicate key, alias; with line) or ``yaml_mismatch`` (unknown key, wrong type, bad date).
    """
    loaded = parse_strict_yaml(content, place)
    try:
        return model.model_validate(loaded)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SourceError(
            "yaml_mismatch",
            f"数据清单的内容不合要求（共 {error.error_count()} 处）：{first['msg']}",
            place=f"{place} {where}".strip(),
            way_out=WAY_OUT,
        ) from None
