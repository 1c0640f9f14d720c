"""Our input channel: one turn in, the whole turn out. A secret before anything else, typed errors, nothing swallowed.

The tracker remembers the last message that was answered, so a repeated turn gets the recorded answer and not a second one.
Each turn begins a new session of the tracker: what was said before is the service's to keep, and loading it would only cost time.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from actions.turn import is_command

log = logging.getLogger("bot")
MAX_BODY = 256 * 1024
WORDLESS = ("opened", "returned", "button")  # these are no words, and Rasa need not guess at them
MARK = "\u200b"  # before a text that begins with a slash: a slash would be an intent of the sender's choosing
LOCK_WAIT = 0.02  # seconds; Rasa's own second would be felt


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    value: str | None = Field(max_length=8000)
    state: Literal["answered", "skipped", "dont_know"]


class SurveyState(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: str = Field(max_length=80)
    progress: dict[str, Given]
    asked: str | None
    attempt: int = Field(ge=1, le=1000)
    state: Literal["not_started", "open", "completed", "stopped", "refused"]


class Turn(BaseModel):
    """The request, as the service sends it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    conversation: str = Field(min_length=1, max_length=80)
    message: str = Field(min_length=1, max_length=80)
    kind: Literal["opened", "returned", "button", "text", "listen"]
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

    def __init__(self, secret: str, engine: str = "", surveys: frozenset[str] = frozenset()) -> None:
        """`engine`: what answers, in words; `surveys`: the ids that a turn may name."""
        self._expected = f"Bearer {secret}".encode()
        self.engine = engine
        self._surveys = surveys

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
            if asked.survey.id not in self._surveys:
                return response.json({"error": "bad_turn"}, 400)
            try:
                return response.json(await answer(request.app.ctx.agent, asked, self.engine))
            except Exception as error:
                log.error("a turn failed: %s", type(error).__name__)
                return response.json({"error": "bot_broken"}, 500)

        return blueprint


async def answer(agent: Any, turn: Turn, engine: str) -> dict[str, Any]:
    """Let Rasa take one turn, or repeat what it answered. Raises whatever went wrong, `Broken` where Rasa itself kept silent about it."""
    processor = agent.processor
    async with agent.lock_store.lock(turn.conversation, wait_time_in_seconds=LOCK_WAIT):
        known = processor.tracker_store.recorded(turn.conversation, turn.message)
        if known is None:
            known = await _take(processor, turn)
    return _answer(known["events"], turn, engine)


async def _take(processor: Any, turn: Turn) -> dict[str, Any]:
    tracker = await processor.get_tracker(turn.conversation)
    start = [ActionExecuted("action_session_start"), SessionStarted()]
    kept = [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value != slot.initial_value]
    tracker.update_with_events([*start, *kept, ActionExecuted("action_listen")], processor.domain)
    output = CollectingOutputChannel()
    await processor._handle_message_with_tracker(_message(turn, output), tracker)
    await processor._run_prediction_loop(output, tracker)
    turns = [event.as_dict() for event in tracker.events]
    _answer(turns, turn, "")  # before it is saved: a turn that came to no end is not recorded
    await processor.tracker_store.save(tracker)
    return {"events": turns}


def _message(turn: Turn, output: CollectingOutputChannel) -> UserMessage:
    text = turn.text or ""
    commands = is_command(text)
    parsed = None
    if turn.kind in WORDLESS or commands or not text.strip():
        name = turn.kind if turn.kind in WORDLESS else "nlu_fallback"  # a command is words that mean nothing, never what it names
        parsed = {"text": text, "intent": {"name": name, "confidence": 1.0}, "entities": [], "intent_ranking": []}
    return UserMessage(
        MARK + text if commands else text,
        output,
        turn.conversation,
        input_channel="heard",
        message_id=turn.message,
        metadata=turn.model_dump(),
        parse_data=parsed,
    )


def _answer(events: list[dict[str, Any]], turn: Turn, engine: str) -> dict[str, Any]:
    """The answer to `turn` from the events that it caused. Raises `Broken` where the action's closing mark is missing."""
    start = max((place for place, event in enumerate(events) if event["event"] == "user"), default=-1)
    if start < 0 or events[start].get("message_id") != turn.message:
        raise Broken
    said = [event for event in events[start:] if event["event"] == "bot"]
    closing = (said.pop()["data"].get("custom") or {}) if said else {}
    if closing.get("message") != turn.message or not isinstance(closing.get("signals"), list):
        raise Broken
    parsed = events[start]["parse_data"]
    intent = parsed["intent"]
    return {
        "conversation": turn.conversation,
        "message": turn.message,
        "replies": [{"text": event["text"], "buttons": event["data"].get("buttons") or []} for event in said],
        "signals": closing["signals"],
        "understanding": {
            "intent": intent.get("name"),
            "confidence": intent.get("confidence"),
            "language": turn.locale,
            "evidence": [],
            **(parsed.get("understanding") or {}),
        },
        "engine": engine,
    }
