"""``lawkb ask`` as a person runs it, over an invented law with three published answers."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from api.app import create_app
from api.services import Services
from kb.answer.audit import Auditor
from kb.answer.desk import AnswerDesk
from kb.cli.app import main
from kb.domain.ask import DISCLAIMER
from kb.index.ownership import take_ownership
from kb.settings import Settings, get_settings
from kb.store.database import Database
from tests.answer.small_answers import LAW, make_answer, make_bundles
from tests.answer.small_ask import GENERATION, open_small_ask
from tests.answer.umbrellas import ASKED, LATE, PLAIN, REVIEW, make_late, make_review
from tests.api.conftest import READY
from tests.api.small_library import LetterDoor
from tests.api.test_ask_api import FIELDS
from tests.cli.installation import environment, free_port, wait_for
from tests.conftest import build_index
from tests.desk.test_workflow import publish
from tests.small_corpus import copy_data_dir, describe_installed_source, fill_store

DAY = "2026-11-22"
Told = tuple[int, str, str]
"""Exit code, standard output, standard error."""
Ask = Callable[..., Told]


@pytest.fixture(scope="module")
def umbrella_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory by words only; copy it to run a service on it."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("asking") / "data")
    source = describe_installed_source().id
    database = fill_store(settings, [replace(one, source_id=source) for one in make_bundles()])
    desk = AnswerDesk(database, Auditor(database, settings.data_dir / "audit"))
    for answer in (make_answer(), make_late(), make_review()):
        publish(desk, replace(answer, reviewed_by="某律师", owner="某处"))
    build_index(settings, database, None)
    database.close()
    return settings.data_dir


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], umbrella_dir: Path) -> Ask:
    """The real ``main`` in this process."""

    def run(*arguments: str, data_dir: Path = umbrella_dir) -> Told:
        monkeypatch.setenv("LAWKB_DATA_DIR", str(data_dir))
        monkeypatch.setattr(sys, "argv", ["lawkb", "ask", *arguments])
        get_settings.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main()
        get_settings.cache_clear()
        out, err = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else int(code is not None)), out, err

    return run


def ask_json(ask: Ask, *arguments: str) -> dict[str, Any]:
    code, out, err = ask(*arguments, "--as-of", DAY, "--json")
    assert code == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


def test_json_is_what_the_api_gives_with_the_conversation_beside_it(ask: Ask) -> None:
    answer = ask_json(ask, ASKED[PLAIN])
    assert set(answer) >= {*FIELDS, "conversation"}
    assert (answer["origin"], answer["answer_id"], answer["as_of"]) == ("standard", PLAIN, DAY)
    assert (answer["reviewed"], answer["revision"]) == (True, 1)
    assert [one["label"] for one in answer["citations"]] == ["第一条", "第二条第（二）项"]
    assert all(one["verified"] for one in answer["citations"])
    assert answer["conversation"]


def test_a_person_reads_the_answer_with_its_origin_and_its_day(ask: Ask) -> None:
    code, out, err = ask(ASKED[PLAIN], "--as-of", DAY)
    assert (code, err) == (0, "")
    first, *_, last = out.strip().splitlines()
    assert first == "【标准答复】借出去的伞不还怎么办"
    assert last.startswith(f"（依据 {DAY} 的法律，索引 g")
    assert "把握" in last
    for said in (make_answer().slots.conclusion, f"《{LAW}》第一条（现行有效）", DISCLAIMER):
        assert said in out
    assert "示例答复" not in out  # a lawyer has read it


def test_a_channel_words_it_for_its_readers(ask: Ask) -> None:
    code, out, _ = ask(ASKED[PLAIN], "--channel", "hotline", "--as-of", DAY)
    assert code == 0
    assert out.splitlines()[1] == make_answer().script


def test_a_gate_is_asked_and_answered_with_the_token_or_the_choice(ask: Ask) -> None:
    first = ask_json(ask, ASKED[LATE])
    worded = ask_json(ask, "1", "--conversation", first["conversation"])
    chosen = ask_json(ask, ASKED[LATE], "--choice", first["ask_back"]["choices"][0]["id"])
    for answer in (worded, chosen):
        assert (answer["answer_id"], answer["facts"]) == (LATE, ["已经过了归还的日子"])
    assert worded["understood_as"]


def test_a_follow_up_is_told_as_it_was_understood(ask: Ask) -> None:
    first = ask_json(ask, ASKED[REVIEW])
    code, out, _ = ask("那要多久", "--conversation", first["conversation"], "--as-of", DAY)
    assert code == 0
    assert "（理解为：对出借人的决定不服，请求复核：那要多久）" in out
    assert "5个工作日" in out


def test_danger_keeps_no_conversation(ask: Ask) -> None:
    answer = ask_json(ask, "我不想活了")
    assert (answer["origin"], answer["conversation"]) == ("safety", "")
    assert "12356" in answer["rendering"]


def test_a_day_before_the_law_gets_none_of_it(ask: Ask) -> None:
    code, out, _ = ask(ASKED[PLAIN], "--as-of", "2019-12-31", "--json")
    answer = json.loads(out)
    assert (code, answer["answer_id"], answer["as_of"]) == (0, "", "2019-12-31")
    assert LAW not in answer["rendering"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([""], "query_empty"),
        (["，。"], "query_empty"),
        (["伞" * 10_001], "query_too_long"),
        ([ASKED[PLAIN], "--as-of", "明天"], "date_bad"),
        ([ASKED[PLAIN], "--as-of", "1900-01-01"], "as_of_out_of_range"),
        ([ASKED[PLAIN], "--channel", "radio"], "channel_bad"),
        ([ASKED[PLAIN], "--choice", "rubbish"], "choice_unknown"),
        ([ASKED[PLAIN], "--choice", "answer:unknown"], "choice_unknown"),
        ([ASKED[PLAIN], *(["--choice", f"answer:{PLAIN}"] * 13)], "choices_too_many"),
        (["那要多久", "--conversation", "rubbish"], "conversation_invalid"),
    ],
)
def test_bad_input_is_explained(ask: Ask, arguments: list[str], code: str) -> None:
    status, out, err = ask(*arguments)
    assert status in (2, 3, 4)
    assert out == ""
    assert f"错误 [{code}]" in err
    assert "办法：" in err
    assert "Traceback" not in err


def test_without_an_index_it_says_what_to_do(ask: Ask, tmp_path: Path) -> None:
    status, out, err = ask(ASKED[PLAIN], data_dir=tmp_path / "empty")
    assert status != 0
    assert out == ""
    assert "错误 [generation_missing]" in err
    assert "办法：" in err


def talk(data_dir: Path, question: str, said: list[str]) -> tuple[int, str]:
    """Exit code and screen of a conversation at a real terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kb.cli", "ask", question, "--as-of", DAY],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment(data_dir), "TERM": "dumb", "NO_COLOR": "1"},
    )
    os.close(theirs)
    screen = b""
    waiting = list(said)
    asked = 0
    deadline = time.monotonic() + 100
    try:
        while time.monotonic() < deadline:
            ready, _, _ = select.select([ours], [], [], 0.2)
            if ready:
                try:
                    piece = os.read(ours, 65_536)
                except OSError:  # the other side is closed
                    break
                screen += piece
            prompts = screen.decode("utf-8", "ignore").count("接着问（回车结束）")
            if prompts > asked and waiting:
                asked = prompts
                os.write(ours, f"{waiting.pop(0)}\n".encode())
        return process.wait(timeout=20), screen.decode("utf-8", "replace").replace("\r\n", "\n")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)


def test_at_a_terminal_the_conversation_goes_on(umbrella_dir: Path, tmp_path: Path) -> None:
    data_dir = copy_data_dir(umbrella_dir, tmp_path / "data")
    code, screen = talk(data_dir, ASKED[LATE], ["1", "在哪办", "，", ""])
    assert code == 0, screen
    assert "【需要先问一个事实】" in screen
    assert "1. 已经过了归还的日子\n2. 还没到归还的日子" in screen
    assert "（您说的情况：已经过了归还的日子）" in screen
    assert "已经逾期" in screen
    assert "可以到社区调解室" in screen
    assert "错误 [query_empty]" in screen  # and it went on
    assert screen.count("接着问（回车结束）") == 4


@pytest.fixture
def service(umbrella_dir: Path) -> Iterator[list[str]]:
    """A service over the same data that has announced itself as the owner of the index."""
    database = Database(Settings(data_dir=umbrella_dir).resolved_database_url)
    door = LetterDoor(database)
    asker = open_small_ask(database, door, (make_answer(), make_late()))
    app = create_app(Services(door=door, database=database, readiness=lambda: READY, asker=asker))
    asked: list[str] = []

    @app.middleware("http")
    async def note(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        asked.append(request.url.path)
        return await call_next(request)

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started, "the service to listen", every=0.02)
    with take_ownership(Settings(data_dir=umbrella_dir).index_dir, f"http://127.0.0.1:{port}"):
        yield asked
    server.should_exit = True
    thread.join(30)
    database.close()


def test_a_running_service_is_asked_over_http(ask: Ask, service: list[str]) -> None:
    first = ask_json(ask, ASKED[LATE])
    assert service == ["/api/v1/ask"]
    assert (first["origin"], first["generation"]) == ("gate", GENERATION)
    assert ask_json(ask, "2", "--conversation", first["conversation"])["facts"] == ["还没到归还的日子"]
    assert ask_json(ask, "我不想活了")["conversation"] == ""
    status, out, err = ask("2", "--conversation", "rubbish")
    assert (status, out) == (2, "")
    assert "错误 [conversation_invalid]" in err
    assert "办法：" in err
    assert len(service) == 4
