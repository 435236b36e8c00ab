"""YAML that people maintain, parsed strictly: no duplicate keys, no aliases, no odd types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from kb.errors import SourceError

MAX_YAML_BYTES = 2_000_000
"""Our own lists are far smaller; a bigger file is a mistake or an attack."""

WAY_OUT = "请按位置改正该文件；若非自行修改过，请重新安装 lawkb。"

if TYPE_CHECKING:
    _Base = yaml.SafeLoader
else:
    # The loader over libyaml is ten times faster: hundreds of answers are read at a time.
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Base):
    """Safe loader that refuses merge keys and duplicate keys, and reads yes, no, on and off as words."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                raise _refuse("不允许使用合并键（<<）", key_node.start_mark)
            key = self.construct_object(key_node, deep=True)
            try:
                repeated = key in seen
            except TypeError:
                raise _refuse("键必须是文字", key_node.start_mark) from None
            if repeated:
                raise _refuse(f"键重复：{key}", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in entries if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, entries in _Base.yaml_implicit_resolvers.items()
}


def parse_strict_yaml(content: bytes, place: str) -> Any:
    """Plain values of one YAML document.

    ``place`` names the file in errors. Raises SourceError: ``yaml_too_large`` or ``yaml_invalid`` (syntax,
    encoding, duplicate key, alias; with line).
    """
    if len(content) > MAX_YAML_BYTES:
        raise SourceError("yaml_too_large", "数据清单文件过大。", place=place, way_out=WAY_OUT)
    try:
        _refuse_aliases(content)
        return yaml.load(content, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"{place} 第 {mark.line + 1} 行" if mark else place
        problem = error.problem or "格式错误"
        raise SourceError(
            "yaml_invalid", f"数据清单无法读取：{problem}", place=line, way_out=WAY_OUT
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise SourceError(
            "yaml_invalid", f"数据清单无法读取：{error}", place=place, way_out=WAY_OUT
        ) from None


def _refuse_aliases(content: bytes) -> None:
    """Aliases make expansion bombs and shared edits; told before anything is built."""
    if b"*" not in content:
        return
    for event in yaml.parse(content, Loader=_StrictLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _refuse("不允许使用别名（*）", event.start_mark)


def _refuse(problem: str, mark: Any) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, problem, mark)
