"""Conversation tokens: what they keep, what they refuse, what they must never hold."""

from __future__ import annotations

import base64
import json
import random
import stat
import threading
import zlib
from pathlib import Path

import pytest

from kb.answer.conversation import (
    KEY_BYTES,
    KEY_FILE,
    MAX_TEXT,
    MAX_TOKEN,
    MAX_TURNS,
    NEW,
    Conversation,
    TokenMaker,
    Turn,
    open_key,
)
from kb.domain.ask import AskRequest
from kb.errors import NotFoundError, StoreError
from tests.answer.small_answers import TODAY
from tests.answer.umbrellas import ASKED, LATE, PLAIN, SmallWorld, open_door

NOW = 1_000_000.0
LIFE = 3600
KEY = b"k" * KEY_BYTES
MAKER = TokenMaker(KEY, LIFE)
FULL = Turn(
    text="借给别人的雨伞一直不还",
    said="已经过了归还的日子",
    answer="contracts-umbrella-late",
    topic="合同",
    facts={"overdue": "late"},
    gate="overdue",
    offered=("contracts-umbrella", "contracts-umbrella-rental"),
)
TOKEN = MAKER.write(Conversation((Turn("雨伞不还怎么办"), FULL)), NOW)


def refusal(token: str, now: float = NOW, maker: TokenMaker = MAKER) -> str:
    with pytest.raises(NotFoundError) as caught:
        maker.read(token, now)
    assert caught.value.place == "conversation"
    assert caught.value.way_out
    return caught.value.code


def unpack(token: str) -> str:
    """What a token says, readable: it is signed, not encrypted."""
    head = token.partition(".")[0]
    return zlib.decompress(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))).decode("utf-8")


def sign(plain: object, maker: TokenMaker = MAKER) -> str:
    """A token of ``maker`` with any content."""
    packed = zlib.compress(json.dumps(plain).encode())
    tag = maker._sign(packed)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (packed, tag))


def test_everything_comes_back() -> None:
    assert MAKER.read(TOKEN, NOW) == Conversation((Turn("雨伞不还怎么办"), FULL))


def test_no_token_is_a_new_conversation() -> None:
    assert MAKER.read("", NOW) == NEW
    assert NEW.last is None


def test_the_same_conversation_at_the_same_second_is_the_same_token() -> None:
    again = MAKER.write(MAKER.read(TOKEN, NOW), NOW + 0.9)
    assert again == TOKEN
    assert MAKER.write(MAKER.read(TOKEN, NOW), NOW + 1) != TOKEN


def test_tokens_need_no_escaping_in_a_header() -> None:
    assert set(TOKEN) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_any_other_character_anywhere_is_refused() -> None:
    draw = random.Random(7)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place, old in enumerate(TOKEN):
        for new in (*draw.sample(alphabet, 4), chr(ord(old) ^ 1), "+", "/", "=", " ", ".", "雨"):
            if new != old:
                changed = TOKEN[:place] + new + TOKEN[place + 1 :]
                assert refusal(changed) == "conversation_invalid", (place, old, new)


def test_the_last_characters_are_no_place_to_write_to() -> None:
    """Base64 leaves a few bits over: every other ending must be refused, not read as the same."""
    head, _, tag = TOKEN.partition(".")
    for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        for changed in (f"{head[:-1]}{char}.{tag}", f"{head}.{tag[:-1]}{char}"):
            if changed != TOKEN:
                assert refusal(changed) == "conversation_invalid"
    for changed in (
        f"{head}=.{tag}",
        f"{head}.{tag}==",
        f"{TOKEN}.",
        f"{TOKEN}.{tag}",
        f" {TOKEN}",
        f"{TOKEN}\n",
    ):
        assert refusal(changed) == "conversation_invalid"


@pytest.mark.parametrize("length", [1, 5, len(TOKEN) // 2, len(TOKEN) - 23, len(TOKEN) - 22, len(TOKEN) - 1])
def test_a_cut_token_is_refused(length: int) -> None:
    assert refusal(TOKEN[:length]) == "conversation_invalid"
    assert refusal(TOKEN[-length:]) == "conversation_invalid"


@pytest.mark.parametrize(
    "token",
    [
        ".",
        "..",
        "a.b",
        "令牌",
        "\ud800",
        "\0",
        "%%%%.%%%%",
        "eyJhbGciOiJub25lIn0.e30.",
        "A" * MAX_TOKEN,
        "A" * (MAX_TOKEN + 1),
        "=" * 50,
        TOKEN.replace(".", ""),
        TOKEN[::-1],
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refusal(token) == "conversation_invalid"


def test_a_token_longer_than_any_of_ours_is_refused_though_signed() -> None:
    noise = random.Random(1).randbytes(MAX_TOKEN).hex()
    long = sign({"v": 1, "at": int(NOW), "turns": [{"t": noise}]})
    assert len(long) > MAX_TOKEN
    assert refusal(long) == "conversation_invalid"


def test_a_token_of_another_installation_is_refused() -> None:
    assert refusal(TOKEN, maker=TokenMaker(b"K" * KEY_BYTES, LIFE)) == "conversation_invalid"
    assert refusal(TokenMaker(b"", LIFE).write(NEW, NOW)) == "conversation_invalid"


def test_a_token_lives_as_long_as_it_was_given() -> None:
    assert MAKER.read(TOKEN, NOW + LIFE).turns
    assert refusal(TOKEN, NOW + LIFE + 1) == "conversation_expired"
    assert refusal(TOKEN, NOW + 10 * LIFE) == "conversation_expired"


def test_a_clock_may_be_a_little_behind_but_a_token_from_the_future_is_refused() -> None:
    assert MAKER.read(TOKEN, NOW - 60).turns
    assert refusal(TOKEN, NOW - 3600) == "conversation_expired"


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_token_of_another_version_has_expired(version: object) -> None:
    assert refusal(sign({"v": version, "at": int(NOW), "turns": []})) == "conversation_expired"


def test_only_the_latest_turns_are_kept() -> None:
    conversation = NEW
    for number in range(MAX_TURNS + 3):
        conversation = conversation.add(Turn(f"第{number}个问题"))
    assert [turn.text for turn in conversation.turns] == [f"第{n}个问题" for n in range(3, MAX_TURNS + 3)]
    assert MAKER.read(MAKER.write(conversation, NOW), NOW) == conversation


def test_the_longest_conversation_still_fits_a_token() -> None:
    draw = random.Random(3)
    conversation = NEW
    for _ in range(MAX_TURNS):
        text = "".join(chr(draw.randrange(0x4E00, 0x9FFF)) for _ in range(2_000))
        said = "".join(chr(draw.randrange(0x20000, 0x2A6DF)) for _ in range(2_000))
        facts = {f"gate-{number}": "choice" * 6 for number in range(3)}
        offered = tuple(f"labour-{draw.random()}".replace(".", "-")[:60] for _ in range(4))
        conversation = conversation.add(Turn(text, said, "labour-x", "劳动", facts, "gate-1", offered))
    token = MAKER.write(conversation, NOW)
    assert len(token) <= MAX_TOKEN
    assert MAKER.read(token, NOW) == conversation
    assert all(len(turn.text) == len(turn.said) == MAX_TEXT for turn in conversation.turns)


def test_personal_data_is_masked_before_it_is_kept() -> None:
    canaries = (
        "13812345678",
        "110101199003071234",
        "6222021234567890123",
        "王小强",
        "建国路88号",
        "京A12345",
    )
    said = (
        "我叫王小强，电话13812345678，身份证110101199003071234，"
        "卡6222021234567890123，住建国路88号，车京A12345"
    )
    kept = NEW.add(Turn(f"雨伞不还。{said}", said))
    token = MAKER.write(kept, NOW)
    assert "雨伞不还" in unpack(token)
    assert [canary for canary in canaries if canary in unpack(token)] == []
    assert kept.turns[0].text.startswith("雨伞不还。我叫[姓名]，电话[手机号]，身份证[身份证号]")


def test_messages_about_the_same_answer_are_read_together_until_another_comes_between() -> None:
    turns = (
        Turn("甲", "甲说", answer="a"),
        Turn("乙", answer="b"),
        Turn("丙", offered=("a", "b")),
        Turn("丁", "丁说", answer="a"),
    )
    assert Conversation(turns).texts_about("a") == ("丙", "丁说")
    assert Conversation(turns).texts_about("b") == ()
    assert Conversation(turns[:3]).texts_about("b") == ("乙", "丙")


# -- at the door ---------------------------------------------------------------------------------------


def test_the_door_refuses_what_is_no_token_of_its_own(world: SmallWorld) -> None:
    door = open_door(world)
    for token in ("abc", TOKEN[:-1], TokenMaker(b"x" * KEY_BYTES, LIFE).write(NEW, NOW)):
        with pytest.raises(NotFoundError) as caught:
            door.ask(AskRequest("那要多久", TODAY, conversation=token))
        assert caught.value.code == "conversation_invalid"


def test_the_door_refuses_an_old_token_and_says_what_to_do(world: SmallWorld) -> None:
    now = [NOW]
    door = open_door(world, clock=lambda: now[0])
    token = door.ask(AskRequest(ASKED[PLAIN], TODAY)).conversation
    now[0] += 3600
    assert door.ask(AskRequest("那要多久", TODAY, conversation=token)).reply.answer_id == PLAIN
    now[0] += 1
    with pytest.raises(NotFoundError) as caught:
        door.ask(AskRequest("那要多久", TODAY, conversation=token))
    assert caught.value.code == "conversation_expired"
    assert "再问一遍" in caught.value.way_out


@pytest.mark.parametrize(
    "said", ["我不想活了", "老公今晚拿刀砍我，我想离婚，雨伞也不还我", "我要跳楼，雨伞不还怎么办"]
)
def test_a_message_about_danger_is_never_kept(world: SmallWorld, said: str) -> None:
    door = open_door(world)
    before = door.ask(AskRequest(ASKED[LATE], TODAY)).conversation
    for token in ("", before):
        asked = door.ask(AskRequest(said, TODAY, conversation=token))
        assert asked.reply.safety
        assert asked.conversation == ""


def test_the_door_masks_what_it_keeps(world: SmallWorld) -> None:
    door = open_door(world)
    first = door.ask(AskRequest("我叫王小强，电话13812345678，借给别人的雨伞一直不还", TODAY))
    assert "[手机号]" in unpack(first.conversation)
    assert "13812345678" not in unpack(first.conversation)
    assert "王小强" not in unpack(first.conversation)
    then = door.ask(AskRequest("那要多久，我电话13912345678", TODAY, conversation=first.conversation))
    assert "13912345678" not in unpack(then.conversation)


# -- the key -------------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    key = open_key(tmp_path / "data")
    assert len(key) == KEY_BYTES
    assert open_key(tmp_path / "data") == key
    assert open_key(tmp_path / "other") != key
    assert stat.S_IMODE((tmp_path / "data" / KEY_FILE).stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == [KEY_FILE]


def test_many_that_start_together_get_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait()
        keys.append(open_key(tmp_path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


def test_half_a_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(StoreError) as caught:
        open_key(tmp_path)
    assert caught.value.code == "key_unusable"
    assert "删掉这个文件" in caught.value.way_out


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        open_key(tmp_path / "file" / "data")
    assert caught.value.code == "key_unusable"
