"""A look-alike of Twilio, as far as we use it: an aiohttp application with its REST API, which posts signed webhooks to our side.

The phone on the screen talks through it, and it is the tests' only Twilio. It keeps everything in memory. `wait` is how it lets
time pass: `asyncio.sleep` on the screen, something that a test holds in the tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from aiohttp import web

from handoff.account import Account
from handoff.clock import Clock, Ids
from handoff.simulator.faults import Callbacks, Failure, Faults
from handoff.simulator.hooks import Answer, Hooks
from handoff.simulator.rest import Asked, Refusal, check_credentials, page_of, read_asked, within
from handoff.simulator.texts import Text, check_text, inbound_fields, opt_out_type, states_of, status_fields, text_json

SMS_PATH = "/twilio/sms"
PACE = 0.4  # seconds between two states of a text
ASKED = web.RequestKey("asked", Asked)
CREATING = ("Messages.json", "Calls.json")
TOLD_STOP = "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
TOLD_START = "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe."

Wait = Callable[[float], Awaitable[None]]


class Twilio:
    """`texts`: every text the account knows, oldest first. `requests`: everything the REST API was asked. `faults`: what goes wrong."""

    def __init__(self, account: Account, *, clock: Clock, ids: Ids, deliver_to: str, wait: Wait = asyncio.sleep) -> None:
        self.account, self.clock, self.ids, self.wait = account, clock, ids, wait
        self.hooks = Hooks(account, deliver_to)
        self.faults = Faults()
        self.texts: list[Text] = []
        self.requests: list[Asked] = []
        self.callbacks: list[tuple[str, str, int]] = []  # sid, state, what our side answered
        self.opted_out: set[tuple[str, str]] = set()  # a number, and ours that it does not want to hear from
        self.changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.app = web.Application(middlewares=[self._middleware()])
        root = "/2010-04-01/Accounts/{account}"
        self.app.router.add_post(f"{root}/Messages.json", self._create_text)
        self.app.router.add_get(f"{root}/Messages.json", self._list_texts)
        self.app.router.add_get(f"{root}/Messages/{{sid}}.json", self._fetch_text)
        self.app.on_cleanup.append(self._end)

    # What happens on the phones

    async def text_in(
        self,
        sender: str,
        body: str,
        *,
        to: str | None = None,
        media: int = 0,
        sid: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Answer:
        """Somebody texts us. The same `sid` again is Twilio saying the same again. What our side answered comes back."""
        text = next((known for known in self.texts if known.sid == sid), None)
        if text is None:
            now = self.clock.now()
            text = Text(sid or self.new_sid("SM"), "inbound", sender, to or self.account.number, body, now, "received", media, sent=now)
            self.texts.append(text)
            self._mind_words(text)
            self.change()
        if self.faults.deaf:
            return Answer(0)
        return await self.hooks.post(self.account.public_url + SMS_PATH, {**inbound_fields(text, self.account), **(extra or {})})

    async def tell(self, text: Text, state: str, error: int | None = None) -> Answer:
        """One status callback, whatever the faults say."""
        answer = await self.hooks.post(text.status_url, status_fields(text, self.account, state, error))
        self.callbacks.append((text.sid, state, answer.status))
        return answer

    def received_by(self, number: str) -> list[str]:
        """The bodies of our texts that arrived on a phone, oldest first."""
        return [text.body for text in self.texts if text.to == number and text.reached and text.direction == "outbound-api"]

    def sent_to(self, number: str) -> list[Text]:
        """Our texts to a number that were created, oldest first."""
        return [text for text in self.texts if text.to == number and text.direction == "outbound-api"]

    async def settled(self) -> None:
        """Wait until nothing more is on its way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # Pieces that calls use too

    def new_sid(self, kind: str) -> str:
        return kind + self.ids.new().replace("-", "")

    def change(self) -> None:
        """Wake whoever watches."""
        self.changed.set()
        self.changed = asyncio.Event()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # The REST API

    async def _create_text(self, request: web.Request) -> web.Response:
        fields = request[ASKED].fields
        check_text(fields, self.account, self.faults, self.opted_out)
        text = Text(
            self.new_sid("SM"), "outbound-api", fields["From"], fields["To"], fields.get("Body", ""), self.clock.now(), "queued",
            status_url=fields.get("StatusCallback", ""),
        )  # fmt: skip
        self.texts.append(text)
        answer = web.json_response(text_json(text, self.account), status=201)
        self.start(self._carry(text))
        return answer

    async def _list_texts(self, request: web.Request) -> web.Response:
        query = request.query
        found = [
            text_json(text, self.account)
            for text in reversed(self.texts)
            if query.get("To", text.to) == text.to
            and query.get("From", text.sender) == text.sender
            and within(query, "DateSent", text.sent or text.created)
        ]
        return page_of(request, "messages", found, self.account.sid)

    async def _fetch_text(self, request: web.Request) -> web.Response:
        text = next((text for text in self.texts if text.sid == request.match_info["sid"]), None)
        if text is None:
            raise Refusal(20404)
        return web.json_response(text_json(text, self.account))

    async def _carry(self, text: Text) -> None:
        """A text on its way: its states one after the other, each told to our side as the faults allow."""
        error = self.faults.error_of(text.to)
        told: list[tuple[str, int | None]] = []
        for state in states_of(error):
            await self.wait(PACE)
            text.state, text.sent = state, text.sent or self.clock.now()
            text.error = error if error and state in ("undelivered", "failed") else None
            text.reached = state == "delivered"
            self.change()
            told.append((state, text.error))
            if self.faults.callbacks in (Callbacks.ONCE, Callbacks.TWICE):
                await self._tell_all(text, told[-1:])
        if self.faults.callbacks is Callbacks.BACKWARDS:
            await self._tell_all(text, told[::-1])

    async def _tell_all(self, text: Text, told: list[tuple[str, int | None]]) -> None:
        if not text.status_url or self.faults.deaf:
            return
        for state, error in told:
            for _ in range(2 if self.faults.callbacks is Callbacks.TWICE else 1):
                await self.tell(text, state, error)

    def _mind_words(self, text: Text) -> None:
        """Twilio's own handling of STOP and START, with its confirmation."""
        pair, kind = (text.sender, text.to), opt_out_type(text.body)
        if kind == "STOP" and pair not in self.opted_out:
            self.opted_out.add(pair)
            self._confirm(text, TOLD_STOP)
        elif kind == "START" and pair in self.opted_out:
            self.opted_out.discard(pair)
            self._confirm(text, TOLD_START)

    def _confirm(self, text: Text, body: str) -> None:
        now = self.clock.now()
        confirmed = Text(self.new_sid("SM"), "outbound-reply", text.to, text.sender, body, now, "delivered", sent=now, reached=True)
        self.texts.append(confirmed)

    def _middleware(self) -> Any:
        @web.middleware
        async def guard(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
            """Every request: remembered, its sender known, and then what the faults make of it."""
            request[ASKED] = asked = await read_asked(request, self.clock.now())
            self.requests.append(asked)
            if self.faults.down:
                return _cut(request)
            creates = request.method == "POST" and request.path.endswith(CREATING)
            try:
                check_credentials(request, self.account)
                failure = self.faults.next_failure() if creates else None
                answer = await self._answer(request, handler, failure)
            except Refusal as refusal:
                answer = refusal.response()
            if self.faults.slow:
                await self.wait(self.faults.slow)
            if self.faults.gate is not None:
                await self.faults.gate.wait()
            return answer

        return guard

    async def _answer(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]], failure: Failure | None
    ) -> web.StreamResponse:
        if failure is Failure.RESET:
            return _cut(request)
        if failure is Failure.BUSY:
            raise Refusal(20429, self.faults.retry_after)
        if failure is Failure.ERROR:
            return web.json_response({"code": 20500, "message": "An internal server error has occurred", "status": 500}, status=500)
        answer = await handler(request)
        if failure is Failure.DROPPED:
            return _cut(request)
        if failure is Failure.LATE_ERROR:
            return web.json_response({"code": 20500, "message": "An internal server error has occurred", "status": 500}, status=500)
        return answer

    async def _end(self, _: web.Application) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hooks.close()


def _cut(request: web.Request) -> web.Response:
    """The connection ends without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
