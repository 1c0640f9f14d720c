"""The exchange: rings phones, detects machines, runs TwiML, connects two phones, and tells our side what becomes of each call.

A call ends because its document ended, because its party hung up, or because our side asked for it; all three end its `body`.
Sources: Twilio, "TwiML for Programmable Voice" (Say, Pause, Gather, Dial, Number, Redirect, Hangup), "Call status events",
"Answering Machine Detection".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from handoff.simulator.calls import Call, call_fields
from handoff.simulator.hub import Hub
from handoff.simulator.parties import NEVER, Pickup, first
from handoff.simulator.rooms import Rooms
from handoff.simulator.teller import Teller
from handoff.simulator.twiml import BadTwiml, Verb, parse

SORRY = "We are sorry, an application error has occurred. Goodbye."
WORDS_A_SECOND = 2.5
DETECTION = 2.0  # seconds
TIMEOUT, DIAL_TIMEOUT = "5", "30"  # of Gather and Dial, where they name none


@dataclass(frozen=True)
class Document:
    """Where the next TwiML is, and the fields that the request for it carries besides the call's own."""

    url: str
    fields: Mapping[str, str]


class _End(Exception):
    """The document says to hang up."""


class Exchange:
    """`failed`: the addresses whose TwiML was not to be had or not to be understood, with the reason."""

    def __init__(self, hub: Hub) -> None:
        self.calls: list[Call] = []
        self.failed: list[tuple[str, str]] = []
        self.teller, self.rooms = Teller(hub), Rooms(hub)
        self._hub, self._account, self._wait, self._hooks = hub, hub.account, hub.wait, hub.hooks

    def add(self, *, direction: str, sender: str, to: str, **rest: Any) -> Call:
        call = Call(self._hub.new_sid("CA"), direction, sender, to, self._hub.party_of(to), self._hub.clock.now(), **rest)
        self.calls.append(call)
        return call

    async def place(self, call: Call) -> None:
        """A call that our side created, from the first ring to the end."""
        await self._live(call, self._talk)

    def end(self, call: Call, how: str) -> None:
        """Hang up, from either side or by our side's request."""
        if not call.alive or call.ending:
            return
        call.ending = how
        if call.body is not None:
            call.body.cancel()

    # The life of one call

    async def _live(self, call: Call, then: Callable[[Call], Awaitable[None]]) -> None:
        """Ring; when it is answered, `then`; and whatever ended it, tell how it ended."""
        if not call.ending:
            call.body = asyncio.create_task(self._ring_and(call, then))
            try:
                await asyncio.wait({call.body})
            finally:
                call.body.cancel()
        call.state = "completed" if call.started else call.ending or "no-answer"
        call.ended = self._hub.clock.now()
        await self.teller.tell_call(call, "completed")
        await self.teller.tell_late(call.sid)
        if call.body is not None and not call.body.cancelled():
            call.body.result()  # a mistake of the look-alike's own comes to light

    async def _ring_and(self, call: Call, then: Callable[[Call], Awaitable[None]]) -> None:
        await self.teller.tell_call(call, "initiated")
        if not call.party.silent:
            call.state = "ringing"
            await self.teller.tell_call(call, "ringing")
        pickup = await call.party.ring(call, self._wait)
        if pickup is not Pickup.ANSWERED:
            call.ending = pickup.value
            return
        call.state, call.started = "in-progress", self._hub.clock.now()
        await self.teller.tell_call(call, "answered")
        await first(then(call), call.party.stay(call, self._wait))

    async def _talk(self, call: Call) -> None:
        if call.detect:
            await self._wait(DETECTION)
            call.answered_by = _detected(call)
        await self._play(call, Document(call.url, {}))

    # TwiML

    async def _play(self, call: Call, document: Document | None) -> None:
        """One document after the other, until one ends or says to hang up."""
        try:
            while document is not None:
                document = await self._run(call, document)
        except _End:
            call.ending = "completed"

    async def _run(self, call: Call, document: Document) -> Document | None:
        answer = await self._hooks.post(document.url, {**call_fields(call, self._account), **document.fields})
        try:
            if answer.status != 200:
                raise BadTwiml(f"answered {answer.status}")
            verbs = parse(answer.body)
        except BadTwiml as error:
            self.failed.append((document.url, str(error)))
            await self._say(call, SORRY)
            raise _End from None
        for verb in verbs:
            following = await self._do(call, verb, document.url)
            if following is not None:
                return following
        return None

    async def _do(self, call: Call, verb: Verb, base: str) -> Document | None:
        """One verb; where it leads to another document, that one."""
        if verb.name in ("Hangup", "Reject"):
            raise _End
        if verb.name == "Say":
            await self._say(call, verb.text)
        elif verb.name == "Pause":
            await self._wait(float(verb.given.get("length", "1")))
        elif verb.name == "Redirect":
            return Document(urljoin(base, verb.text), {})
        elif verb.name == "Gather":
            return await self._gather(call, verb, base)
        elif verb.name == "Dial":
            return await self._dial(call, verb, base)
        return None

    async def _say(self, call: Call, words: str) -> None:
        call.said.append(words)
        self._hub.change()
        await self._wait(_length(words))

    async def _gather(self, call: Call, verb: Verb, base: str) -> Document | None:
        """Keys, from the first word on; without any, the document goes on after the Gather."""
        wanted, finish = int(verb.given.get("numDigits", "0")), verb.given.get("finishOnKey", "#")
        call.asked, pressed = True, ""
        for inner in verb.inner:
            if inner.name == "Say":
                call.said.append(inner.text)
                self._hub.change()
            seconds = _length(inner.text) if inner.name == "Say" else float(inner.given.get("length", "1"))
            pressed = await call.party.press(call, self._wait, seconds, last=False) or ""
            if pressed:
                break
        timeout = float(verb.given.get("timeout", TIMEOUT))
        while (not wanted or len(pressed) < wanted) and not pressed.endswith(finish or "none"):
            key = await call.party.press(call, self._wait, timeout, last=True)
            if key is None:
                break
            pressed += key
        call.asked = False
        if not pressed and verb.given.get("actionOnEmptyResult") != "true":
            return None
        digits = pressed.removesuffix(finish)
        fields = {"Digits": digits, "FinishedOnKey": finish if digits != pressed else "", "msg": "Gather End"}
        return Document(urljoin(base, verb.given.get("action", base)), fields)

    # Connecting two phones

    async def _dial(self, parent: Call, verb: Verb, base: str) -> Document | None:
        """Ring all numbers at once; the first to pick up hears its own document and is then connected with `parent`. Or join a room."""
        room = next((inner for inner in verb.inner if inner.name == "Conference"), None)
        if room is not None:
            await self.rooms.stay(parent, room)
            action = verb.given.get("action")
            return Document(urljoin(base, action), {"DialCallStatus": "completed"}) if action else None
        sender = verb.given.get("callerId", parent.sender)
        ring = float(verb.given.get("timeout", DIAL_TIMEOUT))
        legs = [(self._leg(parent, inner, sender, base, ring), inner) for inner in verb.inner if inner.name == "Number"]
        if not legs:
            legs = [(self._leg(parent, Verb("Number", {}, verb.text, ()), sender, base, ring), verb)]
        children = [leg for leg, _ in legs]

        async def connect(child: Call, inner: Verb) -> None:
            for other in children:
                if other is not child:
                    self.end(other, "canceled")
            if inner.given.get("machineDetection"):
                self._hub.start(self._detect(child, urljoin(base, inner.given.get("amdStatusCallback", ""))))
            if inner.given.get("url"):
                await self._play(child, Document(urljoin(base, inner.given["url"]), {}))
                if child.ending:
                    return
            parent.bridged = child.bridged = True
            self._hub.change()
            await self._wait(NEVER)

        def then(inner: Verb) -> Callable[[Call], Awaitable[None]]:
            return lambda child: connect(child, inner)

        lives = [asyncio.create_task(self._live(child, then(inner))) for child, inner in legs]
        action = urljoin(base, verb.given["action"]) if verb.given.get("action") else ""
        try:
            await asyncio.wait(lives)
        except asyncio.CancelledError:
            for child in children:
                self.end(child, "completed" if child.started else "canceled")
            await asyncio.wait(lives)
            if action:  # told all the same, but the answer leads nowhere
                await self._hooks.post(action, {**call_fields(parent, self._account, state="completed"), **self._outcome(children)})
            raise
        finally:
            parent.bridged = False
        return Document(action, self._outcome(children)) if action else None

    def _leg(self, parent: Call, number: Verb, sender: str, base: str, ring: float) -> Call:
        given = number.given
        return self.add(
            direction="outbound-dial",
            sender=sender,
            to=number.text,
            parent=parent.sid,
            ring=ring,
            status_url=urljoin(base, given["statusCallback"]) if given.get("statusCallback") else "",
            events=tuple(given.get("statusCallbackEvent", "completed").split()),
        )

    def _outcome(self, children: list[Call]) -> dict[str, str]:
        """What the request after a Dial carries. A leg that hung up before it was connected counts as no answer."""
        child = next((child for child in children if child.started), children[0])
        state = child.state if not child.started else "completed" if child.bridged else self._hub.faults.screened
        fields = {"DialCallStatus": state, "DialCallSid": child.sid, "DialBridged": str(child.bridged).lower()}
        return {**fields, "DialCallDuration": str(child.seconds)} if child.bridged else fields

    async def _detect(self, call: Call, url: str) -> None:
        """Detection of a dialled number goes on beside the call; it is told to an address of its own."""
        await self._wait(DETECTION)
        if call.alive:
            call.answered_by = _detected(call)
            await self._hooks.post(url, call_fields(call, self._account))


def _length(words: str) -> float:
    """Seconds that it takes to say them."""
    return max(1.0, len(words.split()) / WORDS_A_SECOND)


def _detected(call: Call) -> str:
    found = call.party.answered_by
    return "machine_end_beep" if found == "machine_start" and call.detect == "DetectMessageEnd" else found
