"""The README's tables of settings and commands, made from the code.

``python -m tests.docs.readme_tables --write`` puts them into README.md between their markers.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import typer

from kb.cli.app import cli
from kb.settings import Settings

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def settings_table() -> list[str]:
    """One row per field of Settings: name, environment variable, default, description."""
    prefix = str(Settings.model_config["env_prefix"])
    rows = ["| 设置 | 环境变量 | 默认值 | 说明 |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if str(field.default) else "（空）"
        rows.append(f"| `{name}` | `{prefix}{name.upper()}` | {default} | {field.description} |")
    return rows


def walk_commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name."""
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, below in children.items():
        yield from walk_commands(below, f"{name} {child}")


def commands_table() -> list[str]:
    """One row per command: name with its arguments, what it does, its options."""
    rows = ["| 命令 | 作用 | 选项 |", "|---|---|---|"]
    for name, command in walk_commands(typer.main.get_command(cli), "lawkb"):
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        options = [one for one in command.params if one.param_type_name == "option"]
        shown = " ".join([name, *(str(one.name).upper() for one in arguments)])
        listed = "、".join(f"`{'/'.join([*one.opts, *one.secondary_opts])}`" for one in options)
        does = (command.help or "").strip().splitlines()[0]
        rows.append(f"| `{shown}` | {does} | {listed or '—'} |")
    return rows


TABLES = {"settings": settings_table, "commands": commands_table}


def find_table(text: str, name: str) -> re.Match[str] | None:
    """The place between ``<!-- name -->`` and ``<!-- /name -->``."""
    return re.search(rf"(?s)(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", text)


def write_tables() -> None:
    text = README.read_text("utf-8")
    for name, make in TABLES.items():
        place = find_table(text, name)
        assert place is not None, f"README.md 里没有 <!-- {name} -->"
        text = text[: place.start()] + "\n".join(make()) + "\n" + text[place.end() :]
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if "--write" in sys.argv:
        write_tables()
    else:
        print("\n".join(line for make in TABLES.values() for line in [*make(), ""]))
