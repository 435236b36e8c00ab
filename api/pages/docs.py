"""The API's description as a page of our own: no script, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from api.pages.render import render_page


@dataclass(frozen=True)
class Field:
    """One parameter or one member of a JSON object."""

    name: str
    type: str
    required: bool
    description: str
    where: str = ""


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    tag: str
    fields: tuple[Field, ...]
    example: str
    answer: str
    statuses: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shape:
    """One named JSON object."""

    name: str
    description: str
    fields: tuple[Field, ...]


def docs_page(app: FastAPI) -> APIRouter:
    """Page ``/docs``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    def show_docs() -> Response:
        schema = app.openapi()
        return render_page(
            "docs.html",
            info=schema["info"],
            operations=list_operations(schema),
            shapes=list_shapes(schema),
        )

    return router


def list_operations(schema: Mapping[str, Any]) -> list[Operation]:
    """Every operation of an OpenAPI document, in its order."""
    operations = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            fields = [_parameter(parameter, schema) for parameter in operation.get("parameters", ())]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            example = ""
            if body:
                shape = _resolve(schema, body["schema"])
                fields += _members(shape, schema, "正文")
                if shape.get("examples"):
                    example = json.dumps(shape["examples"][0], ensure_ascii=False, indent=2)
            answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            operations.append(
                Operation(
                    anchor=operation["operationId"],
                    method=method.upper(),
                    path=path,
                    summary=operation.get("summary", ""),
                    description=operation.get("description", ""),
                    tag=next(iter(operation.get("tags", ())), ""),
                    fields=tuple(fields),
                    example=example,
                    answer=_type_of(answer.get("schema", {}), schema),
                    statuses=tuple(
                        (status, response["description"])
                        for status, response in operation["responses"].items()
                        if status != "200"
                    ),
                )
            )
    return operations


def list_shapes(schema: Mapping[str, Any]) -> list[Shape]:
    """Every named object of the document, by name."""
    return [
        Shape(name, shape.get("description", ""), tuple(_members(shape, schema)))
        for name, shape in sorted(schema["components"]["schemas"].items())
        if shape.get("type") == "object"
    ]


def _parameter(parameter: Mapping[str, Any], schema: Mapping[str, Any]) -> Field:
    return Field(
        parameter["name"],
        _type_of(parameter["schema"], schema),
        parameter.get("required", False),
        parameter.get("description", ""),
        {"path": "路径", "query": "参数"}.get(parameter["in"], parameter["in"]),
    )


def _members(shape: Mapping[str, Any], schema: Mapping[str, Any], where: str = "") -> list[Field]:
    required = shape.get("required", ())
    return [
        Field(name, _type_of(member, schema), name in required, member.get("description", ""), where)
        for name, member in shape.get("properties", {}).items()
    ]


def _resolve(schema: Mapping[str, Any], reference: Mapping[str, Any]) -> Mapping[str, Any]:
    name = reference.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = schema["components"]["schemas"][name] if name else reference
    return found


def _type_of(member: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """``string (date)``, ``HitOut[]``, ``integer | null``; an enumeration is written out."""
    if "$ref" in member:
        target = _resolve(schema, member)
        return _type_of(target, schema) if "enum" in target else str(member["$ref"]).rpartition("/")[2]
    if choices := member.get("anyOf") or member.get("oneOf"):
        return " | ".join(_type_of(choice, schema) for choice in choices)
    if "const" in member:
        return json.dumps(member["const"])
    if "enum" in member:
        return " | ".join(str(value) for value in member["enum"])
    kind = str(member.get("type", ""))
    if kind == "array":
        items = _type_of(member.get("items", {}), schema)
        return f"({items})[]" if "|" in items else f"{items}[]"
    return f"{kind} ({member['format']})" if "format" in member else kind
