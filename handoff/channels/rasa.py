"""Rasa web clients, unchanged, on the default namespace: `session_request`, `session_confirm`, `user_uttered`, `bot_uttered`.

Their protocol has no acks and no history, so we remember per session what a client has been shown: while it is connected it
gets each message once and in order; when it comes back it gets what it missed. The session id is the secret: ours, random,
never the conversation's. An id that we did not issue is answered with a new one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from handoff.channels import Inbound
from handoff.desk import patients, sessions, views
from handoff.desk.work import Desk
from handoff.doorbell import Bell
from handoff.errors import BadInput, HeardError
from handoff.limits import Limit
from handoff.sockets import Listeners, Namespace, origin_of

PUSHED = ("bot", "staff", "service")
CLEAN_END = ("client disconnect", "transport close")  # what was sent before has arrived


class RasaNamespace(Namespace):
    def __init__(self, desk: Desk, *, limit: Limit) -> None:
        super().__init__("/")
        self._desk = desk
        self._limit = limit
        self._listeners = Listeners()
        self._sessions: dict[str, sessions.Session] = {}
        self._sites: dict[str, str] = {}
        self._shown: dict[str, int] = {}  # socket -> the last message it was sent
        self._order: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.events = {"session_request": self._session_request, "user_uttered": self._user_uttered}
        desk.doorbell.subscribe(self._ring)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        self._sites[sid] = origin_of(environ) or ""

    async def on_disconnect(self, sid: str, reason: str = "") -> None:
        self._sites.pop(sid, None)
        self._order.pop(sid, None)
        session, shown = self._sessions.pop(sid, None), self._shown.pop(sid, 0)
        if session is not None:
            self._listeners.drop(session.conversation, sid)
            if reason in CLEAN_END:
                await self._desk.do(sessions.shown, session.id, shown)

    async def _session_request(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        """Confirm the session that the client asks for, or a new one; then show what it has not seen."""
        asked = data.get("session_id")
        extra = data.get("customData") or data.get("metadata")
        locale = extra.get("locale") if isinstance(extra, dict) else None
        session = await self._desk.do(
            sessions.open_session,
            secret=asked if isinstance(asked, str) and 0 < len(asked) <= 100 else None,
            site=self._sites.get(sid, ""),
            protocol="rasa",
            locale=locale if isinstance(locale, str) else self._desk.house.settings.locale,
        )
        if (old := self._sessions.get(sid)) is not None:
            self._listeners.drop(old.conversation, sid)
        self._sessions[sid] = session
        self._shown[sid] = await self._desk.look(sessions.shown_seq, session.id)
        self._listeners.add(session.conversation, sid)
        await self.send_here(sid, "session_confirm", session.secret)
        await self._catch_up(sid)
        return {}

    async def _user_uttered(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        """Words, or the payload of a quick reply, which is one of our button ids."""
        session, said = self._sessions.get(sid), data.get("message")
        if session is None or not isinstance(said, str):
            raise BadInput
        try:
            self._limit.spend(session.conversation)
            await self._receive(session, said)
        except HeardError as error:
            await self.send_here(sid, "bot_uttered", {"text": error.message})
            raise
        return {}

    async def _receive(self, session: sessions.Session, said: str) -> None:
        """A greeting such as `/get_started`, which these clients send by themselves, was answered before it came."""
        if said.startswith("/") and await self._desk.look(views.is_untouched, session.conversation):
            return
        client_id = self._desk.house.ids.new()
        if views.looks_like_button(said):
            await self._desk.do(patients.receive, Inbound(session.conversation, client_id, button=said))
        else:
            await self._desk.do(patients.receive, Inbound(session.conversation, client_id, said))

    async def _ring(self, bell: Bell) -> None:
        for sid in self._listeners.of(bell.conversation):
            await self._catch_up(sid)

    async def _catch_up(self, sid: str) -> None:
        """Send, in order, what this socket has not been sent yet."""
        async with self._order[sid]:
            session = self._sessions.get(sid)
            if session is None:
                return
            rows = await self._desk.look(views.messages_after, session.conversation, self._shown.get(sid, 0))
            for row in rows:
                if row["author"] in PUSHED:
                    await self.send_here(sid, "bot_uttered", bot_uttered(row))
                self._shown[sid] = row["seq"]


def bot_uttered(message: dict[str, Any]) -> dict[str, Any]:
    """A message as Rasa clients draw it: `text`, `quick_replies` where there are buttons, and nothing else but `metadata`."""
    text = f"{message['name']}: {message['text']}" if message["author"] == "staff" and message["name"] else message["text"]
    shown: dict[str, Any] = {"text": text}
    if message["buttons"]:
        shown["quick_replies"] = [
            {"content_type": "text", "title": button["title"], "payload": button["id"]} for button in message["buttons"]
        ]
    return {**shown, "metadata": {"author": message["author"], "seq": message["seq"]}}
