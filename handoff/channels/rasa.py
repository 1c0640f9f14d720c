"""Rasa web clients, unchanged, on the default namespace: `session_request`, `session_confirm`, `user_uttered`, `bot_uttered`.

Their protocol has no acks and no history, so we remember per session what has arrived: a session's clients get each message
once and in order; a client that comes back gets what it missed. The session id is the secret: ours, random, never the
conversation's. An id that we did not issue is answered with a new one.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from handoff.channels import Inbound
from handoff.channels.arrivals import Arrivals
from handoff.desk import patients, sessions, views
from handoff.desk.work import Desk
from handoff.doorbell import Bell
from handoff.errors import BadInput
from handoff.limits import Limit
from handoff.sockets import Listeners, Namespace, origin_of

log = logging.getLogger(__name__)
PUSHED = ("bot", "staff", "service")
PAYLOAD = re.compile(r"/[A-Za-z_][\w.-]*(\{.*\})?", re.DOTALL)  # `/get_started`, `/inform{"x": 1}`
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass
class Client:
    """One socket. `sent`: the last message it was sent; `arrived`: the last that it is known to have got."""

    sid: str
    site: str
    locale: str
    arrivals: Arrivals
    session: sessions.Session | None = None
    sent: int = 0
    arrived: int = 0
    taking_in: asyncio.Lock = field(default_factory=asyncio.Lock)
    giving_out: asyncio.Lock = field(default_factory=asyncio.Lock)


class RasaNamespace(Namespace):
    def __init__(self, desk: Desk, *, limit: Limit) -> None:
        super().__init__("/")
        self._desk = desk
        self._limit = limit
        self._listeners = Listeners()
        self._clients: dict[str, Client] = {}
        self._notes: set[asyncio.Task[None]] = set()
        self.events = {"session_request": self._session_request, "user_uttered": self._user_uttered}
        desk.doorbell.subscribe(self._ring)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        settings = self._desk.house.settings
        spoken = LANGUAGE.match(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        locale = spoken.group() if spoken else settings.locale
        arrivals = Arrivals(self.server.eio, self.server.manager.eio_sid_from_sid(sid, self.namespace))
        self._clients[sid] = Client(sid, origin_of(environ) or settings.url, locale, arrivals)

    async def on_disconnect(self, sid: str, reason: str = "") -> None:
        client = self._clients.pop(sid, None)
        if client is not None and client.session is not None:
            self._listeners.drop(client.session.conversation, sid)

    async def answer(self, event: str, sid: str, *args: Any) -> dict[str, Any]:
        """These clients read no acks: what went wrong with a patient's words is said as `bot_uttered`."""
        answer = await super().answer(event, sid, *args)
        if event == "user_uttered" and not answer["ok"]:
            error = answer["error"]
            await self.send_here(sid, "bot_uttered", {"text": error["message"], "metadata": {"author": "service", "error": error["code"]}})
        return answer

    async def _session_request(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        """Confirm the session that the client asks for, or a new one; then show what it has not seen."""
        client = self._client(sid)
        async with client.taking_in:
            self._limit.spend(sid)
            await self._adopt(client, await self._open(client, data, data.get("session_id")))
        return {}

    async def _user_uttered(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        """Words, or the payload of a quick reply, which is one of our button ids. One at a time, in the order of sending."""
        client, said = self._client(sid), data.get("message")
        if said is None:  # a client without `initPayload` greets with nothing
            return {}
        if not isinstance(said, str):
            raise BadInput
        async with client.taking_in:
            self._limit.spend(client.session.conversation if client.session else sid)
            session = await self._open(client, data, client.session.secret if client.session else data.get("session_id"))
            if client.session is None or session.fresh:  # never asked for one, or it has ended while the page was open
                await self._adopt(client, session)
            await self._receive(session, said)
        return {}

    async def _open(self, client: Client, data: dict[str, Any], secret: object) -> sessions.Session:
        """The session of `secret` while it lives, which is longer by this; else a new one."""
        return await self._desk.do(
            sessions.open_session,
            secret=secret if isinstance(secret, str) and 0 < len(secret) <= 100 else None,
            site=client.site,
            protocol="rasa",
            locale=_locale(data) or client.locale,
        )

    async def _adopt(self, client: Client, session: sessions.Session) -> None:
        """The client has this session from now on. It begins where the session's other clients are: they share what is drawn.

        Such a client is another tab, or this one's line from before it was cut; a line that is dead answers for nothing.
        """
        await self.send_here(client.sid, "session_confirm", session.secret)
        async with client.giving_out:
            others = [other for sid in self._listeners.of(session.conversation) if (other := self._clients.get(sid)) is not None]
            for other in others:
                await other.arrivals.all()
            noted = await self._desk.look(sessions.shown_seq, session.id)
            if client.session is not None:
                self._listeners.drop(client.session.conversation, client.sid)
            client.session, client.sent = session, max([noted, *(other.arrived for other in others)])
            client.arrived = client.sent
            if client.sid in self._clients:
                self._listeners.add(session.conversation, client.sid)
        await self._catch_up(client)

    async def _receive(self, session: sessions.Session, said: str) -> None:
        """A greeting such as `/get_started`, which these clients send by themselves, was answered before it came."""
        untouched: bool = await self._desk.look(views.is_untouched, session.conversation)
        if untouched and PAYLOAD.fullmatch(said):
            return
        client_id = self._desk.house.ids.new()
        if views.looks_like_button(said):
            await self._desk.do(patients.receive, Inbound(session.conversation, client_id, button=said))
        else:
            await self._desk.do(patients.receive, Inbound(session.conversation, client_id, said))

    async def _ring(self, bell: Bell) -> None:
        for sid in self._listeners.of(bell.conversation):
            if sid in self._clients:
                await self._catch_up(self._clients[sid])

    async def _catch_up(self, client: Client) -> None:
        """Send, in order, what this socket has not been sent yet."""
        async with client.giving_out:
            more = True
            while more and client.session is not None and client.sid in self._clients:
                rows = await self._desk.look(views.messages_after, client.session.conversation, client.sent)
                pushed = [row for row in rows if row["author"] in PUSHED]
                for row in pushed:
                    await self.send_here(client.sid, "bot_uttered", bot_uttered(row))
                client.sent = rows[-1]["seq"] if rows else client.sent
                if pushed:
                    await client.arrivals.ask(partial(self._arrived, client, client.session, client.sent))
                more = len(rows) == views.PAGE

    def _arrived(self, client: Client, session: sessions.Session, seq: int) -> None:
        if client.session is session:
            client.arrived = seq
        note = asyncio.create_task(self._note(session.id, seq))
        self._notes.add(note)
        note.add_done_callback(self._notes.discard)

    async def _note(self, session: str, seq: int) -> None:
        try:
            await self._desk.do(sessions.shown, session, seq)
        except Exception as error:
            log.warning("what a client has got was not noted: %s", type(error).__name__)

    def _client(self, sid: str) -> Client:
        client = self._clients.get(sid)
        if client is None:  # its last words came after its end
            raise BadInput
        return client


def _locale(data: dict[str, Any]) -> str | None:
    """The language that a page gives its client: `customData={"language": "es"}`."""
    extra = data.get("customData") or data.get("metadata")
    locale = (extra.get("locale") or extra.get("language")) if isinstance(extra, dict) else None
    return locale if isinstance(locale, str) else None


def bot_uttered(message: dict[str, Any]) -> dict[str, Any]:
    """A message as Rasa clients draw it: `text`, `quick_replies` where there are buttons, and nothing else but `metadata`."""
    text = f"{message['name']}: {message['text']}" if message["author"] == "staff" and message["name"] else message["text"]
    shown: dict[str, Any] = {"text": text}
    if message["buttons"]:
        shown["quick_replies"] = [
            {"content_type": "text", "title": button["title"], "payload": button["id"]} for button in message["buttons"]
        ]
    return {**shown, "metadata": {"author": message["author"], "seq": message["seq"]}}
