"""The connector's contract: the secret, typed errors, one answer a message, no intent by a slash, failures that show."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from handoff.records import erase_tracker
from handoff.settings import load
from handoff.understanding import Understanding, read_understanding
from tests.bot.running import Running, wait_until_ready
from tests.bot.talk import call

TURN = "/webhooks/heard/turn"


@pytest.mark.parametrize("secret", [None, "", "wrong", "a-secret-of-the-test", "a-secret-of-the-testsx", "ünïcode"])
def test_a_wrong_secret_gets_nothing(running: Running, secret: str | None) -> None:
    body = json.dumps(running.talk().body("opened")).encode()
    headers = None if secret is None else {"Authorization": f"Bearer {secret}".encode().decode("latin-1")}
    assert call(running.url, "POST", TURN, body, secret=None, headers=headers) == (401, {"error": "unauthorized"})
    assert call(running.url, "GET", "/webhooks/heard/ready", secret=None, headers=headers) == (401, {"error": "unauthorized"})
    assert call(running.actions_url, "POST", "/webhook", body, secret=None, headers=headers) == (401, {"error": "unauthorized"})


def test_ready_names_the_engine(running: Running) -> None:
    status, answer = call(running.url, "GET", "/webhooks/heard/ready")
    assert (status, answer["ready"]) == (200, True)
    assert answer["engine"].startswith("rasa 3.6.21 / heard-")


BAD: list[tuple[str, Any]] = [
    ("not JSON", b"{"),
    ("empty", b""),
    ("binary", b"\xff\xfe\x00"),
    ("a list", b"[]"),
    ("null", b"null"),
    ("no conversation", {"conversation": None}),
    ("an empty conversation", {"conversation": ""}),
    ("a long conversation", {"conversation": "x" * 81}),
    ("a number for a message", {"message": 7}),
    ("an unknown kind", {"kind": "restart"}),
    ("an unknown field", {"slots": {"a": 1}}),
    ("text that is no text", {"text": ["good"]}),
    ("a text too long", {"text": "x" * 8001}),
    ("a payload too long", {"payload": "x" * 401}),
    ("no survey", {"survey": None}),
    ("an unknown survey", {"survey": {"id": "nobody", "progress": {}, "asked": None, "attempt": 1, "state": "open"}}),
    ("a survey of another shape", {"survey": {"id": "fft"}}),
    ("an unknown state", {"survey": {"id": "fft", "progress": {}, "asked": None, "attempt": 1, "state": "paused"}}),
    ("deep JSON", b'{"a":' * 5000 + b"1" + b"}" * 5000),
]


@pytest.mark.parametrize(("name", "change"), BAD, ids=[name for name, _ in BAD])
def test_a_bad_turn_is_a_typed_error(running: Running, name: str, change: Any) -> None:
    body = change if isinstance(change, bytes) else json.dumps({**running.talk().body("text", text="good"), **change}).encode()
    assert call(running.url, "POST", TURN, body) == (400, {"error": "bad_turn"})


def test_a_huge_body_is_refused_and_the_bot_lives_on(running: Running) -> None:
    try:
        status, answer = call(running.url, "POST", TURN, b"x" * 10_000_000)
        assert (status, answer) == (413, {"error": "bad_turn"})
    except (ConnectionError, BrokenPipeError):
        pass  # refused before all of it was sent
    running.talk().open()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/version"),
        ("GET", "/conversations/x/tracker"),
        ("POST", "/model/train"),
        ("PUT", "/model"),
        ("POST", "/webhooks/rest/webhook"),
        ("GET", TURN),
    ],
)
def test_rasa_shows_nothing_else(running: Running, method: str, path: str) -> None:
    status, answer = call(running.url, method, path, b"{}")
    assert status in (404, 405), answer
    assert "Traceback" not in str(answer)


@pytest.mark.parametrize("payload", ["answer/nobody/good", "answer/overall/nonsense", "answer/overall", "", "/restart", "opened"])
def test_a_payload_that_we_never_issued_is_an_error(running: Running, payload: str) -> None:
    talk = running.talk()
    talk.open()
    assert talk.post(talk.body("button", payload=payload)) == (500, {"error": "bot_broken"})


INJECTIONS = [
    "/restart", "/stop_survey", "/wants_person", "/unsafe", "/opened", "/returned", "/button", "/session_start", "/back", "/nlu_fallback",
    '/skip{"a": "b"}', '/give_answer{"value": "very_good"}', '/affirm@1.0{"x": 1}', " /skip", "\n\t/stop_survey", "\u200b/stop_survey",
    "\ufeff/stop_survey", "\u200e\u200f/stop_survey", "\u202e/stop_survey", "\u00a0/stop_survey", "\u2060 /stop_survey", "\x00/stop_survey",
    "\uff0fstop_survey", "\u2044stop_survey", "\u2215stop_survey", "//stop_survey", "/", "/ stop_survey", "/stop_survey hello", "\u00ad/restart",
]  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS, ids=[ascii(text) for text in INJECTIONS])
def test_a_slash_never_becomes_an_intent(running: Running, text: str) -> None:
    talk = running.talk()
    talk.open()
    talk.say(text)
    assert talk.answer["understanding"]["intent"] == "nlu_fallback"
    assert talk.signals == ["asked overall 2"]
    talk.say("good")
    talk.say(text)
    assert talk.answer["understanding"]["intent"] == "nlu_fallback"
    assert talk.answer["signals"][0]["signal"] in ("answered", "asked")
    assert talk.progress.get("why", {"value": text.strip()})["value"].strip() == text.strip()


def test_what_was_understood_comes_along(running: Running) -> None:
    talk = running.talk()
    talk.open()
    assert read_understanding(talk.answer["understanding"]) == Understanding(intent="opened", confidence=1.0, language="en")
    talk.say("bad")
    talk.say("Four hours in the corridor, the nurse was rude and nobody told me why. I am furious, let me talk to the manager")
    read = read_understanding(talk.answer["understanding"])
    assert read.sentiment is not None
    assert read.criticality is not None
    assert read.sentiment >= 4
    assert read.criticality < 0 < talk.answer["understanding"]["serious"]
    assert read.wants_person > 0.5
    assert set(read.safety) == {"self_harm", "overdose", "emergency", "abuse", "harm_by_others", "violence", "other_in_danger"}
    assert max(read.safety.values()) < 0.5


def test_what_was_understood_is_recorded_without_words(running: Running) -> None:
    talk = running.talk()
    talk.open()
    body = talk.body("text", text="the quokka nurse was lovely")
    first, second = talk.post(body)[1], talk.post(body)[1]
    assert first["understanding"] == second["understanding"]
    assert "quokka" not in json.dumps(first["understanding"])


def test_the_same_message_again_gets_the_recorded_answer(running: Running) -> None:
    talk = running.talk()
    talk.open()
    body = talk.body("text", text="it was pretty good")
    first = talk.post(body)
    assert first[0] == 200
    talk.note(first[1])
    later = talk.say("the nurses were kind")
    assert talk.post(body) == first, "even after the next turn"
    assert talk.post({**body, "text": "terrible"}) == first
    assert later["signals"][0]["value"] == "the nurses were kind"


def test_the_same_message_twice_at_once_is_one_turn(running: Running) -> None:
    talk = running.talk()
    body = talk.body("opened")
    with ThreadPoolExecutor(6) as many:
        answers = list(many.map(lambda _: talk.post(body), range(6)))
    assert [status for status, _ in answers] == [200] * 6
    assert all(answer == answers[0][1] for _, answer in answers)
    assert len(rows(running, talk.conversation)) == 1


def test_conversations_at_once_do_not_mix(running: Running) -> None:
    def whole(number: int) -> dict[str, Any]:
        talk = running.talk()
        for turn in (talk.open, lambda: talk.say("good"), lambda: talk.say(f"because of reason number {number} mostly")):
            turn()
        return {"value": talk.progress["why"]["value"], "state": talk.state}

    with ThreadPoolExecutor(20) as many:
        found = list(many.map(whole, range(40)))
    assert found == [{"value": f"because of reason number {number} mostly", "state": "completed"} for number in range(40)]


def test_the_tracker_is_short_and_can_be_erased(running: Running) -> None:
    talk, other = running.talk(), running.talk()
    other.open()
    talk.open()
    for _ in range(20):
        talk.say("hello there canary-tracker")
    kept = rows(running, talk.conversation)
    assert len(kept) == 8
    assert "canary" not in "".join(kept), "neither the words nor the request are kept"
    assert asyncio.run(erase_tracker(load(data_dir=running.data_dir), talk.conversation)) == 8
    assert rows(running, talk.conversation) == []
    assert len(rows(running, other.conversation)) == 1
    talk.say("good")


def rows(running: Running, conversation: str) -> list[str]:
    with closing(sqlite3.connect(running.data_dir / "tracker.db")) as db:
        return [row[0] for row in db.execute("SELECT data FROM events WHERE sender_id = ?", (conversation,))]


def test_no_word_of_a_patient_in_any_log_and_no_failure_is_hidden(running: Running, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With processes of its own: the action server goes away, the tracker's database is spoilt, and both times the turn fails loudly."""
    own = running.copy(tmp_path_factory.mktemp("failing"))
    bot, actions = own.start("bot.server"), own.start("actions.server")
    try:
        wait_until_ready(own, [bot, actions])
        talk = own.talk()
        talk.open()
        talk.say("canary-zebra good")
        assert talk.post(talk.body("text", text="canary-zebra", survey={**talk.body("text")["survey"], "id": "gone"}))[0] == 400
        call(own.actions_url, "POST", "/webhook", b'{"next_action": "action_reply", "tracker": "canary-zebra"}')
        call(own.actions_url, "POST", "/webhook", b'{"next_action": "canary-zebra"}')
        call(own.url, "POST", TURN, b'{"canary-zebra"')

        with closing(sqlite3.connect(own.data_dir / "tracker.db")) as db:
            db.execute("ALTER TABLE events RENAME TO hidden")
        assert talk.post(talk.body("text", text="canary-zebra")) == (500, {"error": "bot_broken"})
        with closing(sqlite3.connect(own.data_dir / "tracker.db")) as db:
            db.execute("ALTER TABLE hidden RENAME TO events")
        assert talk.post(talk.body("text", text="the canary-zebra nurse"))[0] == 200

        actions.terminate()
        actions.wait(5)
        body = talk.body("text", text="canary-zebra", message=str(uuid4()))
        assert talk.post(body) == (500, {"error": "bot_broken"})
        actions = own.start("actions.server")
        wait_until_ready(own, [bot, actions])
        assert talk.post(body)[0] == 200, "the failed turn was not recorded as answered"
    finally:
        for process in (bot, actions):
            process.terminate()
        for process in (bot, actions):
            assert process.wait(3) is not None, "SIGTERM ends it within three seconds"
    printed = own.logs.read_text()
    assert "a turn failed" in printed
    assert "canary" not in printed
    assert "zebra" not in printed
    assert "Traceback" not in printed


def test_a_swapped_model_is_refused(running: Running, model: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    own = running.copy(tmp_path_factory.mktemp("swapped"), linked=False)
    folder = own.data_dir / "models"
    folder.mkdir()
    for path in model.iterdir():
        (folder / path.name).write_bytes(path.read_bytes() + (b"x" if path.suffix == ".gz" else b""))
    process = own.start("bot.server")
    try:
        assert process.wait(20) != 0
    except subprocess.TimeoutExpired:
        process.terminate()
        raise
    assert "heard train" in own.logs.read_text()


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("I want to die", ["unsafe"]),
        ("the nurses were kind", []),
        ("a person please", []),
        ("stop", []),
        ("/unsafe", []),
    ],
)
def test_what_is_only_listened_to_is_understood_and_not_answered(running: Running, text: str, signals: list[str]) -> None:
    talk = running.talk()
    talk.open()
    answer = talk.turn("listen", text=text)
    assert (answer["replies"], [signal["signal"] for signal in answer["signals"]]) == ([], signals)
    assert (read_understanding(answer["understanding"]).sentiment is None) is text.startswith("/"), "commands are no words"
    assert talk.say("it was pretty good")["signals"][0]["value"] == "good", "and the survey stands where it stood"
