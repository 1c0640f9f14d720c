"""A patient and the service's side of a conversation, for tests: keeps progress from the bot's signals as the service does."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

SECRET = "a-secret-of-the-tests"


def call(
    url: str, method: str, path: str, body: bytes | None = None, *, secret: str | None = SECRET, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Status and JSON (or text) of one request."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port or 80, timeout=20)
    known = {"Authorization": f"Bearer {secret}"} if secret is not None else {}
    try:
        connection.request(method, path, body, {"Content-Type": "application/json", **known, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text)
    except ValueError:
        return answer.status, text


class Talk:
    """One conversation. `signals` and `texts` are those of the last turn."""

    def __init__(self, url: str, *, locale: str = "en", survey: str = "fft", conversation: str | None = None) -> None:
        self._url = url
        self.conversation = conversation or str(uuid4())
        self.locale = locale
        self.survey = survey
        self.progress: dict[str, dict[str, Any]] = {}
        self.asked: str | None = None
        self.attempt = 1
        self.state = "not_started"
        self.buttons: list[dict[str, str]] = []
        self.answer: dict[str, Any] = {}

    def open(self) -> dict[str, Any]:
        return self.turn("opened")

    def say(self, text: str, **given: Any) -> dict[str, Any]:
        return self.turn("text", text=text, **given)

    def press(self, title: str) -> dict[str, Any]:
        """Press the button that reads so in the newest reply with buttons."""
        button = next(button for button in self.buttons if button["title"] == title)
        return self.turn("button", payload=button["payload"])

    def back(self, *meanwhile: str) -> dict[str, Any]:
        return self.turn("returned", meanwhile=list(meanwhile))

    def turn(self, kind: str, **given: Any) -> dict[str, Any]:
        """One turn, whose signals are noted. Fails unless it is answered."""
        body = self.body(kind, **given)
        status, answer = self.post(body)
        assert status == 200, (status, answer)
        assert set(answer) == {"conversation", "message", "replies", "signals", "understanding", "engine"}
        assert (answer["conversation"], answer["message"]) == (self.conversation, body["message"])
        self.note(answer)
        return answer

    def body(self, kind: str, **given: Any) -> dict[str, Any]:
        survey = {"id": self.survey, "progress": self.progress, "asked": self.asked, "attempt": self.attempt, "state": self.state}
        return {
            "conversation": self.conversation,
            "message": str(uuid4()),
            "kind": kind,
            "text": None,
            "payload": None,
            "locale": self.locale,
            "abilities": {"buttons": True, "max_length": 4000},
            "clinic": "Elm Street Clinic",
            "survey": survey,
            "meanwhile": [],
            **given,
        }

    def post(self, body: dict[str, Any]) -> tuple[int, Any]:
        return call(self._url, "POST", "/webhooks/heard/turn", json.dumps(body).encode())

    def note(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.buttons = next((reply["buttons"] for reply in answer["replies"][::-1] if reply["buttons"]), self.buttons)
        for signal in answer["signals"]:
            match signal["signal"]:
                case "survey_started":
                    self.state = "open"
                case "asked":
                    self.asked, self.attempt = signal["question"], signal["attempt"]
                case "answered":
                    self._keep(signal["question"], signal["value"], "answered")
                case "skipped":
                    self._keep(signal["question"], None, "skipped" if signal["reason"] == "skip" else "dont_know")
                case "retracted":
                    self.progress.pop(signal["question"], None)
                    self.state = "open"
                case "survey_restarted":
                    self.progress, self.asked, self.attempt, self.state = {}, None, 1, "open"
                case "survey_completed":
                    self.state, self.asked = "completed", None
                case "survey_stopped":
                    self.state, self.asked = signal["reason"], None

    def _keep(self, question: str, value: str | None, state: str) -> None:
        self.progress.pop(question, None)
        self.progress[question] = {"value": value, "state": state}
        self.state = "open" if self.state == "not_started" else self.state

    @property
    def text(self) -> str:
        return "\n".join(reply["text"] for reply in self.answer["replies"])

    @property
    def signals(self) -> list[str]:
        """The last turn's signals in one line each: `answered overall=good`, `asked why 1`, `wants_person asked`."""
        return [_line(signal) for signal in self.answer["signals"]]


def _line(signal: dict[str, Any]) -> str:
    name = signal["signal"]
    match name:
        case "asked":
            return f"asked {signal['question']} {signal['attempt']}"
        case "answered":
            return f"answered {signal['question']}={signal['value']}"
        case "skipped":
            return f"{signal['reason']} {signal['question']}"
        case "retracted":
            return f"retracted {signal['question']}"
        case "wants_person" | "survey_stopped":
            return f"{name} {signal['reason']}"
        case "follow_up":
            return f"follow_up {'yes' if signal['wanted'] else 'no'}"
        case "unsafe":
            return f"unsafe {signal['danger']}"
    return str(name)
