"""Our input channel: one turn in, the whole turn out. A secret before anything else, typed errors, nothing swallowed.

The tracker remembers the last message that was answered, so a repeated turn gets the recorded answer and not a second one.
Each turn begins a new session of the tracker: what was said before is the service's to keep, and loading it would only cost time.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

log = logging.getLogger("bot")
MAX_BODY = 256 * 1024
WORDLESS = ("opened", "returned", "button")  # these are no words, and Rasa need not guess at them
MARK = "\u200b"  # before a text that begins with a slash: a slash would be an intent of the sender's choosing
_UNSEEN = re.compile(r"^[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_SLASHES = ("/", "\uff0f", "\u2044", "\u2215", "\u29f8")


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    value: str | None
    state: str


class SurveyState(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: str = Field(max_length=80)
    progress: dict[str, Given]
    asked: str | None
    attempt: int
    state: str


class Turn(BaseModel):
    """The request, as the service sends it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    conversation: str = Field(min_length=1, max_length=80)
    message: str = Field(min_length=1, max_length=80)
    kind: str = Field(pattern="^(opened|returned|button|text)$")
    text: str | None = Field(None, max_length=8000)
    payload: str | None = Field(None, max_length=400)
    locale: str = Field(max_length=20)
    abilities: dict[str, Any] = Field(default_factory=dict)
    clinic: str = Field(max_length=200)
    survey: SurveyState
    meanwhile: list[str] = Field(default_factory=list)


class Broken(Exception):
    """The turn did not come to its end: Rasa logs such failures and goes on, we do not."""


class HeardInput(InputChannel):  # type: ignore[misc]
    @classmethod
    def name(cls) -> str:
        return "heard"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> HeardInput:
        return cls((credentials or {})["secret"])

    def __init__(self, secret: str, engine: str = "") -> None:
        self._expected = f"Bearer {secret}".encode()
        self.engine = engine

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("heard")

        def knows_secret(request: Request) -> bool:
            given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
            return hmac.compare_digest(given, self._expected)

        @blueprint.get("/ready")  # type: ignore[untyped-decorator]
        async def ready(request: Request) -> HTTPResponse:
            if not knows_secret(request):
                return response.json({"error": "unauthorized"}, 401)
            agent = request.app.ctx.agent
            is_ready = agent is not None and agent.is_ready()
            return response.json({"ready": is_ready, "engine": self.engine}, 200 if is_ready else 503)

        @blueprint.post("/turn")  # type: ignore[untyped-decorator]
        async def turn(request: Request) -> HTTPResponse:
            if not knows_secret(request):
                return response.json({"error": "unauthorized"}, 401)
            try:
                asked = Turn.model_validate_json(request.body)
            except ValidationError:
                return response.json({"error": "bad_turn"}, 400)
            try:
                return response.json(await answer(request.app.ctx.agent, asked, self.engine))
            except Exception as error:
                log.error("a turn failed: %s", type(error).__name__)
                return response.json({"error": "bot_broken"}, 500)

        return blueprint


async def answer(agent: Any, turn: Turn, engine: str) -> dict[str, Any]:
    """Let Rasa take one turn. Raises whatever went wrong, `Broken` where Rasa itself kept silent about it."""
    processor = agent.processor
    async with agent.lock_store.lock(turn.conversation):
        tracker = await processor.get_tracker(turn.conversation)
        if not _answered(tracker, turn.message):
            await _take(processor, tracker, turn)
        return _recorded(tracker, turn, engine)


async def _take(processor: Any, tracker: DialogueStateTracker, turn: Turn) -> None:
    tracker.update_with_events(
        [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")], processor.domain
    )
    output = CollectingOutputChannel()
    text = turn.text or ""
    commands = _UNSEEN.sub("", text).startswith(_SLASHES)
    parsed = None
    if turn.kind in WORDLESS or commands:
        name = "nlu_fallback" if commands else turn.kind  # a command is words that mean nothing, never what it names
        parsed = {"text": text, "intent": {"name": name, "confidence": 1.0}, "entities": [], "intent_ranking": []}
    message = UserMessage(
        MARK + text if commands else text,
        output,
        turn.conversation,
        input_channel="heard",
        message_id=turn.message,
        metadata=turn.model_dump(),
        parse_data=parsed,
    )
    await processor._handle_message_with_tracker(message, tracker)
    await processor._run_prediction_loop(output, tracker)
    _said(tracker, turn.message)
    await processor.tracker_store.save(tracker)


def _answered(tracker: DialogueStateTracker, message: str) -> bool:
    """Was this message answered before, to the end?"""
    return any(isinstance(event, UserUttered) and event.message_id == message for event in tracker.events)


def _said(tracker: DialogueStateTracker, message: str) -> list[BotUttered]:
    """What the bot said after `message`. Raises `Broken` where the action's closing mark is missing."""
    said: list[BotUttered] = []
    found = False
    for event in tracker.events:
        if isinstance(event, UserUttered):
            found = event.message_id == message
        elif found and isinstance(event, BotUttered):
            said.append(event)
    closing = (said[-1].data.get("custom") or {}) if said else {}
    if closing.get("message") != message:
        raise Broken
    return said


def _recorded(tracker: DialogueStateTracker, turn: Turn, engine: str) -> dict[str, Any]:
    *texts, closing = _said(tracker, turn.message)
    heard = next(event for event in tracker.events if isinstance(event, UserUttered) and event.message_id == turn.message)
    return {
        "conversation": turn.conversation,
        "message": turn.message,
        "replies": [{"text": event.text, "buttons": event.data.get("buttons") or []} for event in texts],
        "signals": closing.data["custom"]["signals"],
        "understanding": {
            "intent": heard.intent.get("name"),
            "confidence": heard.intent.get("confidence"),
            "language": turn.locale,
            "evidence": [],
        },
        "engine": engine,
    }
