"""The REST API of the look-alike: Messages and Calls, with what the faults make of each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Middleware

from handoff.simulator.calls import Call, call_json, check_call
from handoff.simulator.faults import Failure
from handoff.simulator.media import CDN, Media
from handoff.simulator.rest import Asked, Refusal, check_credentials, page_of, read_asked, within
from handoff.simulator.texts import Text, check_text, text_json

if TYPE_CHECKING:
    from handoff.simulator.twilio import Twilio

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]
ASKED = web.RequestKey("asked", Asked)
CREATING = ("Messages.json", "Calls.json")
ROOT = "/2010-04-01/Accounts/{account}"
BROKEN = {"code": 20500, "message": "An internal server error has occurred", "status": 500}


class Api:
    def __init__(self, twilio: Twilio) -> None:
        self._twilio, self._account = twilio, twilio.account
        self.app = web.Application(middlewares=[self._guard()])
        self.app.router.add_post(f"{ROOT}/Messages.json", self._create_text)
        self.app.router.add_get(f"{ROOT}/Messages.json", self._list_texts)
        self.app.router.add_get(f"{ROOT}/Messages/{{sid}}.json", self._fetch_text)
        self._media = Media(twilio)
        self.app.router.add_get(f"{ROOT}/Messages/{{sid}}/Media/{{media}}", self._media.send_on)
        self.app.router.add_get(CDN, self._media.serve)
        self.app.router.add_post(f"{ROOT}/Calls.json", self._create_call)
        self.app.router.add_get(f"{ROOT}/Calls.json", self._list_calls)
        self.app.router.add_get(f"{ROOT}/Calls/{{sid}}.json", self._fetch_call)
        self.app.router.add_post(f"{ROOT}/Calls/{{sid}}.json", self._change_call)

    async def _create_text(self, request: web.Request) -> web.Response:
        fields = request[ASKED].fields
        check_text(fields, self._account, self._twilio.faults, self._twilio.opted_out)
        text = self._twilio.send(fields["From"], fields["To"], fields.get("Body", ""), fields.get("StatusCallback", ""))
        return web.json_response(text_json(text, self._account), status=201)

    async def _list_texts(self, request: web.Request) -> web.Response:
        wanted = request.query

        def fits(text: Text) -> bool:
            same = wanted.get("To", text.to) == text.to and wanted.get("From", text.sender) == text.sender
            return same and within(wanted, "DateSent", text.sent or text.created)

        found = [text_json(text, self._account) for text in reversed(self._twilio.texts) if fits(text)]
        return page_of(request, "messages", found, self._account.sid)

    async def _fetch_text(self, request: web.Request) -> web.Response:
        text = next((text for text in self._twilio.texts if text.sid == request.match_info["sid"]), None)
        if text is None:
            raise Refusal(20404)
        return web.json_response(text_json(text, self._account))

    async def _create_call(self, request: web.Request) -> web.Response:
        asked = request[ASKED]
        check_call(asked.fields, self._account, self._twilio.faults)
        events = asked.repeated.get("StatusCallbackEvent", ("completed",))
        call = self._twilio.ring(
            sender=asked.fields["From"],
            to=asked.fields["To"],
            url=asked.fields["Url"],
            status_url=asked.fields.get("StatusCallback", ""),
            events=[one for event in events for one in event.split()],
            ring=float(asked.fields.get("Timeout", "60")),
            detect=asked.fields.get("MachineDetection", ""),
        )
        return web.json_response(call_json(call, self._account), status=201)

    async def _list_calls(self, request: web.Request) -> web.Response:
        wanted = request.query

        def fits(call: Call) -> bool:
            pairs = (("To", call.to), ("From", call.sender), ("Status", call.state), ("ParentCallSid", call.parent))
            return all(wanted.get(name, mine) == mine for name, mine in pairs) and within(wanted, "StartTime", call.started or call.created)

        found = [call_json(call, self._account) for call in reversed(self._twilio.calls) if fits(call)]
        return page_of(request, "calls", found, self._account.sid)

    async def _fetch_call(self, request: web.Request) -> web.Response:
        return web.json_response(call_json(self._call(request), self._account))

    async def _change_call(self, request: web.Request) -> web.Response:
        """`canceled` ends a call that is not answered yet; `completed` ends any."""
        call, wanted = self._call(request), request[ASKED].fields.get("Status")
        if wanted not in ("canceled", "completed") or not call.alive:
            raise Refusal(21220)
        if call.started is None:
            self._twilio.exchange.end(call, "canceled")
        elif wanted == "completed":
            self._twilio.exchange.end(call, "completed")
        return web.json_response(call_json(call, self._account))

    def _call(self, request: web.Request) -> Call:
        call = next((call for call in self._twilio.calls if call.sid == request.match_info["sid"]), None)
        if call is None:
            raise Refusal(20404)
        return call

    def _guard(self) -> Middleware:
        @web.middleware
        async def guard(request: web.Request, handler: Handle) -> web.StreamResponse:
            """Every request: remembered, its sender known, and then what the faults make of it."""
            twilio, faults = self._twilio, self._twilio.faults
            request[ASKED] = asked = await read_asked(request, twilio.hub.clock.now())
            twilio.requests.append(asked)
            if faults.down:
                return _cut(request)
            creates = request.method == "POST" and request.path.endswith(CREATING)
            try:
                if request.match_info.handler != self._media.serve:  # the content network
                    check_credentials(request, self._account)
                answer = await _answer(request, handler, faults.next_failure() if creates else None, faults.retry_after)
            except Refusal as refusal:
                answer = refusal.response()
            if faults.slow:
                await twilio.hub.wait(faults.slow)
            if faults.gate is not None:
                await faults.gate.wait()
            return answer

        return guard


async def _answer(request: web.Request, handler: Handle, failure: Failure | None, retry_after: int) -> web.StreamResponse:
    if failure is Failure.RESET:
        return _cut(request)
    if failure is Failure.BUSY:
        raise Refusal(20429, retry_after)
    if failure is Failure.ERROR:
        return web.json_response(BROKEN, status=500)
    answer = await handler(request)
    if failure is Failure.DROPPED:
        return _cut(request)
    return web.json_response(BROKEN, status=500) if failure is Failure.LATE_ERROR else answer


def _cut(request: web.Request) -> web.Response:
    """The connection ends without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
