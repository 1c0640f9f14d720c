"""A look-alike of Twilio, as far as we use it: its REST API as an aiohttp application, and the webhooks it posts to our side, signed.

The phone on the screen talks through it, and it is the tests' only Twilio. It keeps everything in memory. `wait` is how it lets
time pass: `asyncio.sleep` on the screen, something that a test holds in the tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from handoff.account import Account
from handoff.clock import Clock, Ids
from handoff.simulator.api import Api
from handoff.simulator.calls import Call
from handoff.simulator.exchange import Exchange
from handoff.simulator.hooks import Answer
from handoff.simulator.hub import Hub
from handoff.simulator.parties import Wait
from handoff.simulator.rest import Asked
from handoff.simulator.texts import Text, inbound_fields, opt_out_type, states_of, status_fields

SMS_PATH = "/twilio/sms"
PACE = 0.4  # seconds between two states of a text
TOLD_STOP = "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
TOLD_START = "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe."


class Twilio:
    """`texts`, `calls`: all that the account knows, oldest first. `requests`: everything the REST API was asked.

    `faults`: what goes wrong. `parties`: who is at which number. `app`: the REST API, to mount or to run.
    """

    def __init__(self, account: Account, *, clock: Clock, ids: Ids, deliver_to: str, wait: Wait = asyncio.sleep) -> None:
        self.account = account
        self.hub = Hub(account, clock=clock, ids=ids, deliver_to=deliver_to, wait=wait)
        self.exchange = Exchange(self.hub)
        self.texts: list[Text] = []
        self.requests: list[Asked] = []
        self.opted_out: set[tuple[str, str]] = set()  # a number, and ours that it does not want to hear from
        self.faults, self.hooks, self.parties, self.teller = self.hub.faults, self.hub.hooks, self.hub.parties, self.exchange.teller
        self.app = Api(self).app
        self.app.on_cleanup.append(self._end)

    @property
    def calls(self) -> list[Call]:
        return self.exchange.calls

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
            now = self.hub.clock.now()
            text = Text(sid or self.hub.new_sid("SM"), "inbound", sender, to or self.account.number, body, now, "received", media, sent=now)
            self.texts.append(text)
            self._mind_words(text)
            self.hub.change()
        if self.faults.deaf:
            return Answer(0)
        return await self.hooks.post(self.account.public_url + SMS_PATH, {**inbound_fields(text, self.account), **(extra or {})})

    def send(self, sender: str, to: str, body: str, status_url: str) -> Text:
        """Our side's text, created and on its way."""
        text = Text(self.hub.new_sid("SM"), "outbound-api", sender, to, body, self.hub.clock.now(), "queued", status_url=status_url)
        self.texts.append(text)
        self.hub.start(self._carry(text))
        return text

    def ring(self, *, sender: str, to: str, url: str, status_url: str, events: Sequence[str], ring: float, detect: str) -> Call:
        """Our side's call, created and about to ring."""
        call = self.exchange.add(
            direction="outbound-api", sender=sender, to=to, url=url, status_url=status_url, events=events, ring=ring, detect=detect
        )
        self.hub.start(self.exchange.place(call))
        return call

    async def tell(self, text: Text, state: str, error: int | None = None) -> int:
        """One status callback of a text, whatever the faults say. The status of our side's answer comes back; 0: none."""
        return await self.teller.post(text.sid, state, text.status_url, status_fields(text, self.account, state, error))

    def received_by(self, number: str) -> list[str]:
        """The bodies of our texts that arrived on a phone, oldest first."""
        return [text.body for text in self.texts if text.to == number and text.reached and text.direction == "outbound-api"]

    def sent_to(self, number: str) -> list[Text]:
        """Our texts to a number that were created, oldest first."""
        return [text for text in self.texts if text.to == number and text.direction == "outbound-api"]

    def calls_to(self, number: str) -> list[Call]:
        """The calls to a number, also those that were dialled by another call, oldest first."""
        return [call for call in self.calls if call.to == number]

    async def settled(self) -> None:
        """Wait until nothing more is on its way. Raises what went wrong inside."""
        await self.hub.settled()

    async def _carry(self, text: Text) -> None:
        """A text on its way: its states one after the other."""
        error = self.faults.error_of(text.to)
        for state in states_of(error):
            await self.hub.wait(PACE)
            text.state, text.sent = state, text.sent or self.hub.clock.now()
            text.error = error if error and state in ("undelivered", "failed") else None
            text.reached = state == "delivered"
            self.hub.change()
            await self.teller.tell_text(text)
        await self.teller.tell_late(text.sid)

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
        now = self.hub.clock.now()
        sid = self.hub.new_sid("SM")
        self.texts.append(Text(sid, "outbound-reply", text.to, text.sender, body, now, "delivered", sent=now, reached=True))

    async def _end(self, _: web.Application) -> None:
        await self.hub.close()
