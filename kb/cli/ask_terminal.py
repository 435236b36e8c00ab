"""``lawkb ask``: through the running service, else in this process; goes on at a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import typer

from api.ask_schemas import AskAnswer
from kb.answer.ask_reading import read_ask, read_choices
from kb.cli.asking import NOT_INDEXED, call_service, open_here
from kb.cli.compose import parse_day
from kb.domain.ask import AskRequest, Channel
from kb.errors import BadInputError, LawkbError
from kb.index.ownership import read_owner
from kb.settings import Settings, get_settings

CONVERSATION_HEADER = "X-Conversation"
Ask = Callable[[AskRequest], dict[str, Any]]


@dataclass(frozen=True)
class AskArguments:
    """What the command line gives."""

    question: str
    channel: str
    as_of: str | None
    conversation: str
    choices: tuple[str, ...]
    call: str = ""


def run_ask(given: AskArguments, *, as_json: bool) -> None:
    """Answer, and go on for as long as the person at the terminal does."""
    request = AskRequest(
        given.question,
        parse_day(given.as_of),
        _parse_channel(given.channel),
        given.conversation,
        given.choices,
        reference=given.call,
    )
    read_ask(request)  # no need to load an encoder to refuse a question
    read_choices(request.choices)
    with open_asking(get_settings()) as ask:
        answer = ask(request)
        if as_json:
            typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
            return
        print_answer(answer)
        if sys.stdin.isatty() and sys.stdout.isatty():
            _go_on(ask, request, answer)


@contextmanager
def open_asking(settings: Settings) -> Iterator[Ask]:
    """A function from a request to the JSON of ``POST /api/v1/ask``, with the token as ``conversation``."""
    owner = read_owner(settings.index_dir) if settings.index_engine == "edge" else None
    if owner is not None and owner.url:
        url = owner.url
        yield lambda request: _ask_service(url, request)
        return
    from kb.cli.answering import open_ask, open_recorder

    with open_here(settings) as here, closing(open_recorder(settings, here.database)) as recorder:
        service = open_ask(
            settings, here.database, here.encoder, lambda: here.door, lambda: here.generation, recorder
        )

        def ask(request: AskRequest) -> dict[str, Any]:
            asked = service.ask(request)
            answer = AskAnswer.of(asked.reply).model_dump(mode="json")
            if here.behind:
                answer["notices"].append(NOT_INDEXED)
            return {**answer, "conversation": asked.conversation}

        yield ask


def _ask_service(url: str, request: AskRequest) -> dict[str, Any]:
    body = {
        "q": request.text,
        "as_of": request.as_of.isoformat() if request.as_of else None,
        "channel": request.channel.value,
        "conversation": request.conversation,
        "choices": list(request.choices),
        "region": request.region,
        "call": request.reference,
    }
    answer, headers = call_service(f"{url}/api/v1/ask", body)
    told = {name.lower(): value for name, value in headers.items()}
    return {**answer, "conversation": told.get(CONVERSATION_HEADER.lower(), "")}


def print_answer(answer: dict[str, Any]) -> None:
    """The rendering with its origin, and what may be asked next."""
    heading = f"【{answer['origin_label']}】" + (f"{answer['title']}" if answer["title"] else "")
    typer.echo(typer.style(heading, bold=True))
    if answer["understood_as"]:
        typer.echo(typer.style(f"（理解为：{answer['understood_as']}）", dim=True))
    if answer["facts"]:
        typer.echo(typer.style(f"（您说的情况：{'；'.join(answer['facts'])}）", dim=True))
    typer.echo(answer["rendering"])
    if answer["next_answers"]:
        typer.echo(
            typer.style("还可以看：" + "；".join(one["title"] for one in answer["next_answers"]), dim=True)
        )
    sure = f"，把握 {answer['confidence']:.0%}" if answer["confidence"] is not None else ""
    typer.echo(typer.style(f"（依据 {answer['as_of']} 的法律，索引 {answer['generation']}{sure}）", dim=True))


def _go_on(ask: Ask, request: AskRequest, answer: dict[str, Any]) -> None:
    while True:
        said = typer.prompt("接着问（回车结束）", default="", show_default=False).strip()
        if not said:
            return
        choice = _choice_by_number(answer, said)
        following = replace(
            request,
            text=request.text if choice else said,
            conversation=str(answer.get("conversation", "")),
            choices=(choice,) if choice else (),
        )
        try:
            answer = ask(following)
        except LawkbError as error:
            typer.echo(error.render(), err=True)
            continue
        request = following
        print_answer(answer)


def _choice_by_number(answer: dict[str, Any], said: str) -> str:
    """Id of the choice with this number; empty when nothing was asked or it is no number."""
    back = answer["ask_back"]
    if back is None or not said.isascii() or not said.isdigit():
        return ""
    place = int(said[:2]) - 1
    return str(back["choices"][place]["id"]) if 0 <= place < len(back["choices"]) else ""


def _parse_channel(name: str) -> Channel:
    try:
        return Channel(name)
    except ValueError:
        raise BadInputError(
            "channel_bad",
            f"没有“{name}”这个用途",
            place="--channel",
            way_out=f"可用的用途：{'、'.join(one.value for one in Channel)}",
        ) from None
