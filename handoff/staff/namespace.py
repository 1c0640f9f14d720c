"""The console's socket, namespace `/staff`: a literal table of events, each with the act it needs (handoff/staff/access.py)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import socketio

from handoff.desk import callback_acts, marks, pictures, staff, text_health, views
from handoff.desk.deliveries import deliveries
from handoff.desk.work import Desk, Work
from handoff.doorbell import Bell
from handoff.errors import BadInput, ForeignOrigin, HeardError, NotSignedIn
from handoff.hours import Window
from handoff.limits import Limit
from handoff.sockets import Listeners, Namespace, field, log, origin_of, show_typing
from handoff.staff import accounts, presence
from handoff.staff.access import Act, Person, check

Deed = Callable[[Person, dict[str, Any]], Awaitable[dict[str, Any]]]
RECHECK = 2.0  # seconds between looks at whether a session still lives: it ends everywhere within five


class StaffNamespace(Namespace):
    def __init__(self, desk: Desk, *, limit: Limit) -> None:
        super().__init__("/staff")
        self._desk = desk
        self._limit = limit
        self._threads = Listeners()
        self._people: dict[str, accounts.SignedIn] = {}
        self._touched: dict[str, Any] = {}
        self._tasks: list[asyncio.Task[None]] = []
        table: dict[str, tuple[Act, Deed]] = {
            "queue": (Act.SEE_QUEUE, self._queue),
            "available": (Act.SET_AVAILABLE, self._available),
            "sync": (Act.READ, self._sync),
            "take": (Act.TAKE, self._take),
            "write": (Act.WRITE, self._write),
            "typing": (Act.WRITE, self._type),
            "hand_back": (Act.HAND_BACK, self._hand_back),
            "close": (Act.CLOSE, self._close),
            "stop_texts": (Act.STOP_TEXTS, self._stop_texts),
            "call_now": (Act.CALL, self._call_now),
            "claim_callback": (Act.CALL, self._claim_callback),
            "release_callback": (Act.CALL, self._release_callback),
            "log_attempt": (Act.CALL, self._log_attempt),
            "move_callback": (Act.CALL, self._move_callback),
            "plan_callback": (Act.CALL, self._plan_callback),
            "windows": (Act.CALL, self._windows),
            "set_phone": (Act.SET_PHONE, self._set_phone),
            "mark": (Act.MARK, self._mark),
        }
        self.acts = {**{event: act for event, (act, _) in table.items()}, "open": Act.READ, "shut": Act.READ}
        self.events = {event: self._as_person(act, deed) for event, (act, deed) in table.items()}
        self.events |= {"open": self._open, "shut": self._shut}
        desk.doorbell.subscribe(self._ring)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._renew_presence()), asyncio.create_task(self._recheck_sessions())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        if origin_of(environ) not in self._desk.house.settings.own_origins:
            raise socketio.exceptions.ConnectionRefusedError(ForeignOrigin().as_dict())
        try:
            signed = await self._desk.do(_enter, auth.get("ticket") if isinstance(auth, dict) else None, sid)
        except HeardError as error:
            raise socketio.exceptions.ConnectionRefusedError(error.as_dict()) from None
        self._people[sid] = signed
        self._touched[sid] = self._desk.clock.now()

    async def on_disconnect(self, sid: str, reason: str = "") -> None:
        if self._people.pop(sid, None) is not None:
            for conversation in self._threads.conversations():
                if sid in self._threads.of(conversation):
                    self._threads.drop(conversation, sid)
                    await self._show_viewers(conversation)
            await self._desk.do(presence.leave, sid)

    def _as_person(self, act: Act, deed: Deed) -> Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]:
        async def handle(sid: str, data: dict[str, Any]) -> dict[str, Any]:
            person = self._person(sid)
            check(person, act)
            self._touched[sid] = self._desk.clock.now()
            return await deed(person, data)

        return handle

    def _person(self, sid: str) -> Person:
        signed = self._people.get(sid)
        if signed is None:
            raise NotSignedIn
        return signed.person

    async def _queue(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        items = await self._desk.look(views.queue, self._desk.house, person)
        hindered = await self._desk.look(text_health.notices, self._desk.clock.now())
        return {"items": items, "me": await self._me(person), "texting": hindered}

    async def _available(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        changed = await self._desk.do(staff.set_available, person, data.get("on"))
        for sid, signed in self._people.items():
            if signed.person.id == person.id:
                self._people[sid] = accounts.SignedIn(changed, signed.session, "", signed.by_code)
        return {"me": await self._me(changed)}

    async def _open(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        person, conversation = self._person(sid), _conversation(data)
        thread = await self._desk.do(staff.read, person, conversation)
        self._threads.add(conversation, sid)
        self._touched[sid] = self._desk.clock.now()
        await self.server.enter_room(sid, conversation, namespace=self.namespace)
        await self._show_viewers(conversation)
        return thread

    async def _shut(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        self._person(sid)
        self._threads.drop(_conversation(data), sid)
        await self.server.leave_room(sid, _conversation(data), namespace=self.namespace)
        await self._show_viewers(_conversation(data))
        return {}

    async def _sync(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        after = max(0, min(field(data, "after", int), 2**31))
        return await self._desk.look(staff.look_again, self._desk.house, person, _conversation(data), after)

    async def _take(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(staff.take, person, _conversation(data))}

    async def _write(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        self._limit.spend(person.id)
        client_id = field(data, "client_id", str, longest=64)
        written = await self._desk.do(staff.write, person, _conversation(data), client_id, data.get("text"))
        return {"client_id": client_id, "seq": written.seq}

    async def _type(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        conversation, on = _conversation(data), field(data, "on", bool)
        if await self._desk.look(staff.is_mine, person, conversation):
            typing = {"author": "staff", "name": person.name, "on": on}
            await show_typing(self.server, "/patient", conversation, typing)
            await show_typing(self.server, "/staff", conversation, typing)
        return {}

    async def _hand_back(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(staff.hand_back, person, _conversation(data))}

    async def _close(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        note = data.get("note") or ""
        return {"item": await self._desk.do(staff.close, person, _conversation(data), data.get("outcome"), note)}

    async def _stop_texts(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(staff.stop_texts, person, _conversation(data))}

    async def _call_now(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        """`by_hand`: no phone is rung; they dial themselves and note what came of it."""
        rings = await self._desk.do(callback_acts.call_now, person, _callback(data))
        return {"by_hand": not rings}

    async def _claim_callback(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(callback_acts.claim, person, _callback(data))}

    async def _release_callback(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(callback_acts.release, person, _callback(data))}

    async def _log_attempt(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        note = data.get("note") or ""
        return {"item": await self._desk.do(callback_acts.log_attempt, person, _callback(data), data.get("outcome"), note)}

    async def _move_callback(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(callback_acts.move, person, _callback(data), _window(data))}

    async def _plan_callback(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        number, about = field(data, "number", str, longest=100), data.get("about") or ""
        if not isinstance(about, str):
            raise BadInput
        return {"item": await self._desk.do(callback_acts.plan_one, person, _conversation(data), number, _window(data), about)}

    async def _windows(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"windows": callback_acts.offered(self._desk.house, self._desk.clock.now())}

    async def _set_phone(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        number = data.get("number")
        if not isinstance(number, str) or len(number) > 100:
            raise BadInput
        await self._desk.do(callback_acts.set_phone, person, number)
        return {"me": await self._me(person)}

    async def _me(self, person: Person) -> dict[str, Any]:
        return {**me(person), "phone": await self._desk.look(callback_acts.phone_of, person)}

    async def _mark(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(marks.mark, person, _conversation(data), data.get("mark"))}

    async def _ring(self, bell: Bell) -> None:
        """New messages go to the threads that are open, items to every console that may see them."""
        for sid in self._threads.of(bell.conversation):
            for row in bell.messages or ():
                await self.send_here(sid, "message", {"conversation": bell.conversation, "message": views.message(row)})
        watched = self._threads.of(bell.conversation)
        if watched and (bell.texts or any(row["pressed"] == pictures.PICTURE for row in bell.messages or ())):
            found = {
                "conversation": bell.conversation,
                "deliveries": await self._desk.look(deliveries, bell.conversation),
                "pictures": await self._desk.look(pictures.shown, bell.conversation),
            }
            for sid in watched:
                await self.send_here(sid, "deliveries", found)
        everybody = tuple(self._people) if bell.listed or bell.gone else watched
        for sid in everybody:
            signed = self._people.get(sid)
            if signed is None:
                continue
            item = await self._desk.look(views.item, self._desk.house, signed.person, bell.conversation)
            if views.is_shown(item):
                await self.send_here(sid, "item", item)
            else:
                looked_at = item if sid in watched and "read" in item["can"] else None
                await self.send_here(sid, "gone", {"conversation": bell.conversation, "version": bell.version, "item": looked_at})

    async def _show_viewers(self, conversation: str) -> None:
        names = sorted({self._people[sid].person.name for sid in self._threads.of(conversation) if sid in self._people})
        for sid in self._threads.of(conversation):
            await self.send_here(sid, "viewing", {"conversation": conversation, "names": names})

    async def end_session(self, session: str) -> None:
        for sid, signed in list(self._people.items()):
            if signed.session == session:
                await self._bye(sid)

    async def _bye(self, sid: str) -> None:
        await self.send_here(sid, "bye", {"reason": "signed_out"})
        await self.server.disconnect(sid, namespace=self.namespace, ignore_queue=True)

    async def _renew_presence(self) -> None:
        while True:
            await asyncio.sleep(presence.RENEW_EVERY)
            with contextlib.suppress(HeardError):
                await self._desk.do(presence.renew, tuple(self._people))

    async def _recheck_sessions(self) -> None:
        """A session that was revoked on any node, or was idle too long, loses its sockets."""
        while True:
            await asyncio.sleep(RECHECK)
            try:
                await self._recheck()
            except HeardError as error:
                log.warning("sessions could not be checked: %s", error.code)

    async def _recheck(self) -> None:
        touched, self._touched = self._touched, {}
        for sid in touched:
            if sid in self._people:
                await self._desk.do(accounts.touch, self._people[sid].session)
        idle = timedelta(minutes=self._desk.house.settings.staff_idle_minutes)
        for sid, signed in list(self._people.items()):
            try:
                await self._desk.look(accounts.who_by_id, signed.session, self._desk.clock.now(), idle)
            except NotSignedIn:
                await self._bye(sid)


def me(person: Person) -> dict[str, Any]:
    return {"id": person.id, "name": person.name, "role": str(person.role), "available": person.available}


def _enter(work: Work, ticket: object, sid: str) -> accounts.SignedIn:
    signed = accounts.enter(work, ticket)
    presence.arrive(work, sid, signed.person.id)
    return signed


def _conversation(data: dict[str, Any]) -> str:
    found: str = field(data, "conversation", str, longest=64)
    return found


def _callback(data: dict[str, Any]) -> str:
    found: str = field(data, "callback", str, longest=64)
    return found


def _window(data: dict[str, Any]) -> Window:
    """`from` and `to` as `moment` writes them. Raises `BadInput`."""
    try:
        begins, ends = (datetime.fromisoformat(field(data, name, str, longest=40)) for name in ("from", "to"))
    except ValueError:
        raise BadInput from None
    if begins.tzinfo is None or ends.tzinfo is None:
        raise BadInput
    return Window(begins, ends)
