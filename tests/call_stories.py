"""The lines that stories of calls are told in, and what each of them does or checks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from handoff.desk import calls
from handoff.errors import AlreadyTaken, HeardError
from handoff.simulator.calls import call_fields
from handoff.simulator.faults import Callbacks, Failure
from handoff.simulator.hooks import Answer
from handoff.simulator.parties import Party, answers, declines, is_busy, is_dead, lets_ring, seems, voicemail
from tests.fakes import until
from tests.phoning import Clinic
from tests.twilio import ANA, NORA, TOM

NUMBERS = {"Ana": ANA, "Nora": NORA, "Tom": TOM}
HANG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'


class Story:
    def __init__(self, clinic: Clinic, callback: str, conversation: str) -> None:
        self.clinic, self.callback, self.conversation = clinic, callback, conversation
        self.before = 0
        self.taken = 0
        self.answers: list[Answer] = []

    # Who is at a phone

    def party(self, who: str, what: str) -> Party:
        keys = "1" if who in ("Nora", "Tom") else ""
        if found := re.fullmatch(r"hangs up after (\d+) seconds", what):
            return answers(keys, stays=float(found[1]))
        if found := re.fullmatch(r"presses (\d) then (\d)", what):
            return answers(found[1] + found[2])
        if found := re.fullmatch(r"seems (\w+)", what):
            return seems(answers(keys), found[1])
        known = {
            "answers": answers(keys),
            "presses nothing": answers(""),
            "hangs up in the whisper": answers("", stays=2),
            "is busy": is_busy(),
            "declines": declines(),
            "lets it ring": lets_ring(),
            "has a mailbox": voicemail(),
            "has a dead number": is_dead(),
        }
        return known[what]

    async def is_at(self, who: str, what: str) -> None:
        self.clinic.is_at(NUMBERS[who], *(self.party(who, one) for one in what.split(", then ")))

    # What people do

    async def calls(self, who: str) -> None:
        person = self.clinic.nora if who == "Nora" else self.clinic.tom
        assert await self.clinic.desk.do(calls.start, person, self.callback)
        await self.clinic.quiet()

    async def cannot_call(self, who: str) -> None:
        try:
            await self.calls(who)
        except HeardError:
            return
        raise AssertionError(f"{who} could call")

    async def call_at_once(self) -> None:
        people = (self.clinic.nora, self.clinic.tom)
        both = await asyncio.gather(*(self.clinic.desk.do(calls.start, one, self.callback) for one in people), return_exceptions=True)
        self.taken = sum(isinstance(one, AlreadyTaken) for one in both)
        await self.clinic.quiet()

    async def opens_console(self) -> None:
        self.console = await self.clinic.node.staff("Nora")

    async def calls_on_console(self) -> None:
        answer = await self.console.ask("call_now", callback=self.callback)
        assert answer["ok"], answer
        await self.clinic.quiet()

    async def closes_laptop(self) -> None:
        await self.console.sio.disconnect()

    async def calls_it_off(self) -> None:
        await self.clinic.call_off(self.callback)

    async def passes(self, number: str, unit: str) -> None:
        await self.clinic.passes(float(number) * (60 if unit == "minutes" else 1))

    # What goes wrong

    async def fails(self, *failures: Failure | None) -> None:
        self.clinic.twilio.faults.failures.extend(failures)  # type: ignore[arg-type]

    async def refuses(self, who: str) -> None:
        self.clinic.twilio.faults.refusals[NUMBERS[who]] = 21211

    async def is_down(self) -> None:
        self.clinic.twilio.faults.down = True

    async def callbacks_are(self, how: Callbacks) -> None:
        self.clinic.twilio.faults.callbacks = how

    async def answers_slowly(self) -> None:
        self.clinic.twilio.faults.gate = asyncio.Event()

    async def go_by(self, number: str) -> None:
        await until(lambda: self.clinic.twilio.calls)
        await self.clinic.line.time.forward(float(number))

    async def answers_now(self) -> None:
        gate, self.clinic.twilio.faults.gate = self.clinic.twilio.faults.gate, None
        assert gate is not None
        gate.set()
        await self.clinic.quiet()

    # Requests that are old or false

    async def ask_again(self) -> None:
        first = {leg["leg"]: leg for leg in reversed(await self.clinic.legs(self.callback))}
        for call in (self.clinic.rings(NORA)[0], self.clinic.rings(ANA)[0]):
            await self._post(call.url, call_fields(call, self.clinic.twilio.account, state="in-progress"))
        digit = self.clinic.rings(NORA)[0].url.replace("/staff?", "/staff/digit?")
        assert first["staff"]["id"] in digit
        await self._post(digit, {**call_fields(self.clinic.rings(NORA)[0], self.clinic.twilio.account, state="in-progress"), "Digits": "1"})

    async def ask_with(self, old: str, new: str) -> None:
        call = self.clinic.rings(NORA)[-1]
        url = re.sub(old, new, call.url)
        assert url != call.url
        await self._post(url, call_fields(call, self.clinic.twilio.account, state="in-progress"))

    async def _post(self, url: str, fields: dict[str, str]) -> None:
        self.answers.append(await self.clinic.twilio.hooks.post(url, fields))
        await self.clinic.quiet()

    async def forge(self) -> None:
        call = self.clinic.rings(NORA)[-1]
        fields = urlencode({**call_fields(call, self.clinic.twilio.account, state="in-progress"), "Digits": "1"})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for signature in ({}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="}):
            for url in (call.url, call.url.replace("/staff?", "/staff/digit?"), call.url.replace("/staff?", "/patient?"), call.status_url):
                self.answers.append(await self.clinic.twilio.hooks.send(url, fields, headers | signature))
        await self.clinic.quiet()

    # What is so in the end

    async def legs(self, wanted: str) -> None:
        assert ", ".join(await self.clinic.states(self.callback)) == wanted

    async def callback_is(self, state: str, attempts: str, promise: str | None) -> None:
        row = await self.clinic.callback(self.callback)
        assert (row["state"], row["attempts"]) == (state, int(attempts))
        if promise:
            assert await self.clinic.promise(self.callback) == promise

    async def met(self, wanted: str) -> None:
        assert self.clinic.met == {"once": 1, "never": 0}[wanted]

    async def heard(self, who: str, wanted: str) -> None:
        assert " / ".join(words for call in self.clinic.rings(NUMBERS[who]) for words in call.said) == wanted

    async def heard_nothing(self, who: str) -> None:
        await self.heard(who, "")

    async def read(self, number: str) -> None:
        said = (await self.clinic.said(self.conversation))[self.before :]
        assert len(said) == int(number), said

    async def texted(self, number: str) -> None:
        assert len(self.clinic.twilio.received_by(ANA)) == int(number)

    async def read_last(self, words: str) -> None:
        assert (await self.clinic.said(self.conversation))[-1] == words

    async def read_nothing(self) -> None:
        await self.read("0")

    async def rang(self, who: str, times: str) -> None:
        assert len(self.clinic.rings(NUMBERS[who])) == int(times)

    async def was_taken(self) -> None:
        assert self.taken == 1

    async def answered_hang_up(self) -> None:
        assert self.answers
        assert all(answer == Answer(200, HANG_UP) for answer in self.answers), self.answers

    async def answered(self, status: str) -> None:
        assert self.answers
        assert all(answer.status == int(status) for answer in self.answers), self.answers


Does = Callable[..., Awaitable[None]]
LINES: tuple[tuple[str, Does], ...] = (
    (r"(Nora|Tom) calls", Story.calls),
    (r"(Nora|Tom) cannot call", Story.cannot_call),
    (r"Nora and Tom call at once", Story.call_at_once),
    (r"Nora opens the console", Story.opens_console),
    (r"Nora calls on the console", Story.calls_on_console),
    (r"Nora closes the laptop", Story.closes_laptop),
    (r"Ana calls it off", Story.calls_it_off),
    (r"(\d+) (seconds|minutes) pass", Story.passes),
    (r"(\d+) seconds go by", Story.go_by),
    (r"Twilio drops the next answer", lambda story: story.fails(Failure.DROPPED)),
    (r"Twilio says 500 to what it does", lambda story: story.fails(Failure.LATE_ERROR)),
    (r"Twilio takes 1 call and cuts the next", lambda story: story.fails(None, Failure.RESET)),
    (r"Twilio refuses (Nora|Ana)'s number", Story.refuses),
    (r"Twilio is down", Story.is_down),
    (r"Twilio answers slowly", Story.answers_slowly),
    (r"Twilio answers", Story.answers_now),
    (r"callbacks are lost", lambda story: story.callbacks_are(Callbacks.LOST)),
    (r"callbacks come twice", lambda story: story.callbacks_are(Callbacks.TWICE)),
    (r"callbacks come backwards", lambda story: story.callbacks_are(Callbacks.BACKWARDS)),
    (r"the documents of the first attempt are asked for again", Story.ask_again),
    (r"the whisper is asked for as attempt (\d)", lambda story, number: story.ask_with(r"attempt=\d+", f"attempt={number}")),
    (r"the whisper is asked for with a call that nobody knows", lambda story: story.ask_with(r"call=[^&]+", "call=nobody")),
    (r"somebody forges a 1 of Nora's", Story.forge),
    (r"= legs: (.*)", Story.legs),
    (r"= callback: (\w+), (\d) attempts?(?:, promise (\w+))?", Story.callback_is),
    (r"= they were (?:connected )?(once|never)(?: connected)?", Story.met),
    (r"= (Nora|Ana) heard: (.*)", Story.heard),
    (r"= (Nora|Ana) heard nothing", Story.heard_nothing),
    (r"= Ana read (\d) messages?", Story.read),
    (r"= Ana was texted (\d) messages?", Story.texted),
    (r"= Ana read last: (.*)", Story.read_last),
    (r"= Ana read nothing", Story.read_nothing),
    (r"= (Nora|Ana)'s phone rang (\d) times", Story.rang),
    (r"= one of them was told that it is taken", Story.was_taken),
    (r"= every answer was to hang up", Story.answered_hang_up),
    (r"= every answer was (\d+)", Story.answered),
    (r"(Nora|Tom|Ana) (.*)", Story.is_at),  # last: any of the others begins more exactly
)


async def tell(data_dir: Path, script: str, **settings: Any) -> None:
    """Let a story happen. Ana has asked to be called; Nora and Tom are there, with a phone each."""
    async with Clinic(data_dir, **settings) as clinic:
        conversation, callback = await clinic.asked_for_a_call()
        story = Story(clinic, callback, conversation)
        story.before = len(await clinic.said(conversation))
        for line in (line.strip() for line in script.strip().splitlines()):
            does, found = next((does, found) for pattern, does in LINES if (found := re.fullmatch(pattern, line)))
            try:
                await does(story, *found.groups())
            except Exception as error:
                error.add_note(f"in the line: {line}; legs: {await clinic.states(callback)}")
                raise
