"""The website's channel: the socket namespace `/patient` that `<feedback-chat>` speaks. Everything it says is acked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import socketio

from handoff import records
from handoff.channels import Inbound
from handoff.channels.telling import Telling
from handoff.desk import patient_view, patients, sessions, views
from handoff.desk.deliveries import deliveries
from handoff.desk.work import Desk, Work
from handoff.doorbell import Bell
from handoff.errors import BadInput, HeardError, SessionEnded
from handoff.limits import Limit
from handoff.sockets import Listeners, Namespace, field, show_typing


class PatientNamespace(Namespace):
    def __init__(self, desk: Desk, *, limit: Limit, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        super().__init__("/patient")
        self._desk = desk
        self._limit = limit
        self._listeners = Listeners()
        self._sessions: dict[str, sessions.Session] = {}
        self._shown: dict[str, dict[str, Any]] = {}  # by socket, the state that it was given last
        self._telling = Telling(self._tell_line, sleep=sleep)
        self.events = {
            "send": self._send,
            "press": self._press,
            "sync": self._sync,
            "typing": self._type,
            "language": self._switch_language,
            "end": self._end,
            "erase": self._erase,
        }
        desk.doorbell.subscribe(self._ring)

    def start(self) -> None:
        self._telling.start()

    async def stop(self) -> None:
        await self._telling.stop()

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        try:
            session = await self._desk.do(sessions.enter, auth.get("ticket") if isinstance(auth, dict) else None)
        except HeardError as error:
            raise socketio.exceptions.ConnectionRefusedError(error.as_dict()) from None
        self._sessions[sid] = session
        self._listeners.add(session.conversation, sid)
        for room in (session.conversation, session.id):
            await self.server.enter_room(sid, room, namespace=self.namespace)

    async def on_disconnect(self, sid: str, reason: str = "") -> None:
        session = self._sessions.pop(sid, None)
        self._shown.pop(sid, None)
        if session is not None:
            self._listeners.drop(session.conversation, sid)

    async def _send(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        text = data.get("text")
        if not isinstance(text, str):
            raise BadInput
        return await self._receive(sid, field(data, "client_id", str, longest=64), text=text)

    async def _press(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        return await self._receive(sid, field(data, "client_id", str, longest=64), button=field(data, "button", str, longest=80))

    async def _receive(self, sid: str, client_id: str, *, text: str = "", button: str | None = None) -> dict[str, Any]:
        session = self._session(sid)
        self._limit.spend(session.conversation)
        receipt = await self._desk.do(_receive, session.id, Inbound(session.conversation, client_id, text, button))
        return {"client_id": client_id, "seq": receipt.seq}

    async def _sync(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        desk, conversation, after = self._desk, self._session(sid).conversation, field(data, "after", int)
        shown = self._shown.get(sid)
        found = await desk.look(patient_view.sync, desk.house, conversation, max(0, min(after, 2**31)), desk.clock.now())
        if self._shown.get(sid) is not shown:
            self._telling.ask()  # it was given one meanwhile, and this one may be the older: whatever is so now is told again
        self._note(sid, found["state"])
        return found

    async def _type(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        typing = {"author": "patient", "name": None, "on": field(data, "on", bool)}
        await show_typing(self.server, "/staff", self._session(sid).conversation, typing)
        return {}

    async def _switch_language(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        session = self._session(sid)
        self._limit.spend(session.conversation)
        await self._desk.do(patients.switch_language, session.conversation, field(data, "locale", str, longest=20))
        return {}

    async def _end(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        await self._desk.do(patients.end, self._session(sid).conversation, field(data, "client_id", str, longest=64))
        return {}

    async def _erase(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        await self._desk.do(records.erase, self._session(sid).conversation, who="patient")
        return {}

    def _session(self, sid: str) -> sessions.Session:
        session = self._sessions.get(sid)
        if session is None or session.expires_at <= self._desk.clock.now():
            raise SessionEnded
        return session

    async def _ring(self, bell: Bell) -> None:
        try:
            await self._tell_patient(bell)
        finally:  # and whatever became of that, the others in line may have come nearer
            if bell.line:
                self._telling.ask()

    async def _tell_patient(self, bell: Bell) -> None:
        """Give this node's sockets what is new: the messages when they are at hand, else word that there are some."""
        for sid in self._listeners.of(bell.conversation):
            for row in bell.messages or ():
                await self.send_here(sid, "message", views.message(row))
            if bell.messages is None:
                await self.send_here(sid, "bell", {"last_seq": bell.last_seq, "version": bell.version})
        if bell.texts:
            await self._tell_deliveries(bell.conversation)
        if bell.gone:
            await self._say_bye(bell.conversation, "erased")
        elif bell.moved:
            await self._tell_state(bell.conversation)

    async def _tell_state(self, conversation: str) -> None:
        desk = self._desk
        if self._listeners.of(conversation):
            state = await desk.look(patient_view.state, desk.house, conversation, desk.clock.now())
            if state is not None:
                await self._show(conversation, state)

    async def _tell_line(self) -> None:
        """Give everybody in line who listens here the state that they have now, all from one read."""
        desk, here = self._desk, self._listeners.conversations()
        states = await desk.look(patient_view.states_in_line, desk.house, here, desk.clock.now()) if here else {}
        for conversation, state in states.items():
            await self._show(conversation, state)

    async def _show(self, conversation: str, state: dict[str, Any]) -> None:
        """Send a state to the sockets that were given another one, and none that is newer."""
        for sid in self._listeners.of(conversation):
            shown = self._shown.get(sid)
            if shown is None or (shown != state and shown["version"] <= state["version"]):
                self._note(sid, state)
                await self.send_here(sid, "state", state)

    def _note(self, sid: str, state: dict[str, Any] | None) -> None:
        if state is not None and sid in self._sessions:
            self._shown[sid] = state

    async def _tell_deliveries(self, conversation: str) -> None:
        sids = self._listeners.of(conversation)
        found = await self._desk.look(deliveries, conversation) if sids else {}
        for sid in sids if found else ():
            await self.send_here(sid, "deliveries", {"deliveries": found})

    async def _say_bye(self, conversation: str, reason: str) -> None:
        for sid in self._listeners.of(conversation):
            await self.send_here(sid, "bye", {"reason": reason})
            await self.server.disconnect(sid, namespace=self.namespace, ignore_queue=True)

    async def end_session(self, session: str) -> None:
        """Tell the sockets of a session that was forgotten, on whatever node; it can write nothing any more in any case."""
        await self.server.emit("bye", {"reason": "ended"}, room=session, namespace=self.namespace)


def _receive(work: Work, session: str, inbound: Inbound) -> patients.Receipt:
    sessions.live_session(work.db, session, work.now)
    return patients.receive(work, inbound)
