"""YAML that people maintain, read strictly: no duplicate keys, no aliases, no odd types."""

from __future__ import annotations

from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kb.errors import SourceError

MAX_YAML_BYTES = 2_000_000
"""Our own lists are far smaller; a bigger file is a mistake or an attack."""

Model = TypeVar("Model", bound=BaseModel)

_WAY_OUT = "请按位置改正该文件；若非自行修改过，请重新安装 lawkb。"


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses aliases (expansion bombs, shared edits) and duplicate keys."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "不允许使用别名（*）", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, "不允许使用合并键（<<）", key_node.start_mark
                )
            key = self.construct_object(key_node, deep=True)
            try:
                repeated = key in seen
            except TypeError:
                raise yaml.constructor.ConstructorError(
                    None, None, "键必须是文字", key_node.start_mark
                ) from None
            if repeated:
                raise yaml.constructor.ConstructorError(None, None, f"键重复：{key}", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_strict_yaml(content: bytes, model: type[Model], place: str) -> Model:
    """Parse ``content`` as YAML and check it against ``model``.

    ``place`` names the file in errors. Raises SourceError: ``yaml_too_large``, ``yaml_invalid`` (syntax,
    encoding, duplicate key, alias; with line) or ``yaml_mismatch`` (unknown key, wrong type, bad date).
    """
    if len(content) > MAX_YAML_BYTES:
        raise SourceError("yaml_too_large", "数据清单文件过大。", place=place, way_out=_WAY_OUT)
    try:
        loaded = yaml.load(content, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"{place} 第 {mark.line + 1} 行" if mark else place
        problem = error.problem or "格式错误"
        raise SourceError(
            "yaml_invalid", f"数据清单无法读取：{problem}", place=line, way_out=_WAY_OUT
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise SourceError(
            "yaml_invalid", f"数据清单无法读取：{error}", place=place, way_out=_WAY_OUT
        ) from None
    try:
        return model.model_validate(loaded)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SourceError(
            "yaml_mismatch",
            f"数据清单的内容不合要求（共 {error.error_count()} 处）：{first['msg']}",
            place=f"{place} {where}".strip(),
            way_out=_WAY_OUT,
        ) from None
