"""The console's socket, namespace `/staff`: a literal table of events, each with the act it needs (handoff/staff/access.py)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import socketio

from handoff.desk import marks, passing_on, pictures, staff, text_health, views
from handoff.desk.deliveries import deliveries
from handoff.desk.work import Desk, Work
from handoff.doorbell import Bell
from handoff.errors import ForeignOrigin, HeardError, NotSignedIn
from handoff.limits import Limit
from handoff.sockets import Listeners, Namespace, field, log, origin_of, show_typing
from handoff.staff import accounts, presence
from handoff.staff.access import Act, Person, check
from handoff.staff.call_events import CallEvents, Deed, conversation_of, me

RECHECK = 2.0  # seconds between looks at whether a session still lives: it ends everywhere within five
WARNED = timedelta(minutes=1)  # before somebody is signed out for doing nothing, their consoles ask whether they are there
# What a console asks though nobody touches it. Nor do connecting and `open` count, which it repeats by itself when its line is back.
BY_ITSELF = frozenset({"queue", "sync"})


class StaffNamespace(Namespace):
    def __init__(self, desk: Desk, *, limit: Limit) -> None:
        super().__init__("/staff")
        self._desk = desk
        self._limit = limit
        self._threads = Listeners()
        self._readers = Listeners()  # those of them who could read it when it last changed
        self._people: dict[str, accounts.SignedIn] = {}
        self._touched: set[str] = set()  # sessions in which somebody did something since the last look
        self._warned: set[str] = set()  # sockets that were told that they will be signed out
        self._tasks: list[asyncio.Task[None]] = []
        table: dict[str, tuple[Act, Deed]] = {
            "queue": (Act.SEE_QUEUE, self._queue),
            "active": (Act.STAY, self._stay),
            "available": (Act.SET_AVAILABLE, self._available),
            "sync": (Act.READ, self._sync),
            "take": (Act.TAKE, self._take),
            "write": (Act.WRITE, self._write),
            "typing": (Act.WRITE, self._type),
            "hand_back": (Act.HAND_BACK, self._hand_back),
            "close": (Act.CLOSE, self._close),
            "park": (Act.PARK, self._park),
            "transfer": (Act.TRANSFER, self._transfer),
            "targets": (Act.TRANSFER, self._targets),
            "reject": (Act.REJECT, self._reject),
            "stop_texts": (Act.STOP_TEXTS, self._stop_texts),
            "mark": (Act.MARK, self._mark),
            **CallEvents(desk).table,
        }
        self.acts = {**{event: act for event, (act, _) in table.items()}, "open": Act.READ, "shut": Act.READ}
        self.events = {event: self._as_person(event, act, deed) for event, (act, deed) in table.items()}
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

    async def on_disconnect(self, sid: str, reason: str = "") -> None:
        self._warned.discard(sid)
        if self._people.pop(sid, None) is not None:
            for conversation in self._threads.conversations():
                if sid in self._threads.of(conversation):
                    self._drop(conversation, sid)
                    await self._show_viewers(conversation)
            await self._desk.do(presence.leave, sid)

    def _drop(self, conversation: str, sid: str) -> None:
        self._threads.drop(conversation, sid)
        self._readers.drop(conversation, sid)

    def _as_person(self, event: str, act: Act, deed: Deed) -> Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]:
        async def handle(sid: str, data: dict[str, Any]) -> dict[str, Any]:
            person = self._person(sid)
            check(person, act)
            if event not in BY_ITSELF:
                self._touched.add(self._people[sid].session)
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
        return {"items": items, "me": await me(self._desk, person), "texting": hindered}

    async def _stay(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        """Somebody pressed a key or moved the pointer at a console: that counts as acting (`_as_person`), and is all that it does."""
        return {}

    async def _available(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        changed = await self._desk.do(staff.set_available, person, data.get("on"))
        self._know(changed)
        return {"me": await me(self._desk, changed)}

    def _know(self, person: Person) -> list[str]:
        """The person as they are now, in all their consoles. Returns those."""
        theirs = [sid for sid, signed in self._people.items() if signed.person.id == person.id]
        for sid in theirs:
            self._people[sid] = replace(self._people[sid], person=person)
        return theirs

    async def _open(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        person, conversation = self._person(sid), conversation_of(data)
        thread = await self._desk.do(staff.read, person, conversation)
        self._threads.add(conversation, sid)
        self._readers.add(conversation, sid)
        await self.server.enter_room(sid, conversation, namespace=self.namespace)
        await self._show_viewers(conversation)
        return thread

    async def _shut(self, sid: str, data: dict[str, Any]) -> dict[str, Any]:
        self._person(sid)
        self._drop(conversation_of(data), sid)
        await self.server.leave_room(sid, conversation_of(data), namespace=self.namespace)
        await self._show_viewers(conversation_of(data))
        return {}

    async def _sync(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        after = max(0, min(field(data, "after", int), 2**31))
        return await self._desk.look(staff.look_again, self._desk.house, person, conversation_of(data), after)

    async def _take(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(staff.take, person, conversation_of(data))}

    async def _write(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        self._limit.spend(person.id)
        client_id = field(data, "client_id", str, longest=64)
        written = await self._desk.do(staff.write, person, conversation_of(data), client_id, data.get("text"))
        return {"client_id": client_id, "seq": written.seq}

    async def _type(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        conversation, on = conversation_of(data), field(data, "on", bool)
        if await self._desk.look(staff.is_mine, person, conversation):
            typing = {"author": "staff", "name": person.name, "on": on}
            await show_typing(self.server, "/patient", conversation, typing)
            await show_typing(self.server, "/staff", conversation, typing)
        return {}

    async def _hand_back(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(staff.hand_back, person, conversation_of(data))}

    async def _close(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        note = data.get("note") or ""
        return {"item": await self._desk.do(staff.close, person, conversation_of(data), data.get("outcome"), note)}

    async def _park(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(passing_on.park, person, conversation_of(data))}

    async def _transfer(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        """`team` or `to`, a member of staff; `note` for whoever takes it."""
        named = {name: field(data, name, str, longest=64) if data.get(name) else None for name in ("team", "to")}
        passed_on = await self._desk.do(passing_on.transfer, person, conversation_of(data), **named, note=data.get("note") or "")
        return {"item": passed_on}

    async def _targets(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return await self._desk.look(passing_on.targets, self._desk.house, person, self._desk.clock.now())

    async def _reject(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(passing_on.reject, person, conversation_of(data), data.get("reason"))}

    async def _stop_texts(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(staff.stop_texts, person, conversation_of(data))}

    async def _mark(self, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {"item": await self._desk.do(marks.mark, person, conversation_of(data), data.get("mark"))}

    async def _ring(self, bell: Bell) -> None:
        """New messages go to the threads that are open, of those who may still read them; items to every console that may see them.

        Whoever may not any more still gets how it ended: that belongs to what they had before them.
        """
        if bell.staff:
            await self._tell_them(bell.staff)
            return
        watched, before = self._threads.of(bell.conversation), self._readers.of(bell.conversation)  # a later bell may overtake this one
        items = {sid: await self._item(sid, bell.conversation) for sid in watched}
        rows: Sequence[Any] = bell.messages or ()
        if bell.messages is None and watched:
            rows = await self._desk.look(views.last_rows, bell.conversation, bell.last_seq, bell.new)
        readers = [sid for sid, item in items.items() if "read" in item["can"]]
        for sid in watched:
            (self._readers.add if sid in readers else self._readers.drop)(bell.conversation, sid)
        for row in rows:
            is_ours = "service" in (row["author"], row["pressed_to"])  # no words of the patient's own
            for sid in {*readers, *before} if bell.moved and is_ours else readers:
                await self.send_here(sid, "message", {"conversation": bell.conversation, "message": views.message(row)})
        if readers and (bell.texts or any(row["pressed"] == pictures.PICTURE for row in rows)):
            found = {
                "conversation": bell.conversation,
                "deliveries": await self._desk.look(deliveries, bell.conversation),
                "pictures": await self._desk.look(pictures.shown, bell.conversation),
            }
            for sid in readers:
                await self.send_here(sid, "deliveries", found)
        for sid in tuple(self._people) if bell.listed or bell.gone else watched:
            item = items.get(sid) or await self._item(sid, bell.conversation)
            if views.is_shown(item):
                await self.send_here(sid, "item", item)
            else:
                looked_at = item if sid in watched and item["can"] else None
                await self.send_here(sid, "gone", {"conversation": bell.conversation, "version": bell.version, "item": looked_at})

    async def _item(self, sid: str, conversation: str) -> dict[str, Any]:
        """The queue's item as whoever has that console may see it; nothing of it, where they have left meanwhile."""
        signed = self._people.get(sid)
        if signed is None:
            return {"conversation": conversation, "version": 0, "can": []}
        return await self._desk.look(views.item, self._desk.house, signed.person, conversation)

    async def _tell_them(self, staff_id: str) -> None:
        """They did not answer several offers, and are away now: their consoles say so."""
        person = await self._desk.look(accounts.person, staff_id)
        for sid in self._know(person):
            await self.send_here(sid, "not_responding", {"me": await me(self._desk, person)})

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
        while True:
            await asyncio.sleep(RECHECK)
            try:
                await self.recheck()
            except HeardError as error:
                log.warning("sessions could not be checked: %s", error.code)

    async def recheck(self) -> None:
        """A session that was revoked on any node, or was idle too long, loses its sockets; one that soon will have been is warned."""
        for session in tuple(self._touched):
            await self._desk.do(accounts.touch, session)
            self._touched.discard(session)
        idle, now = timedelta(minutes=self._desk.house.settings.staff_idle_minutes), self._desk.clock.now()
        for sid, signed in list(self._people.items()):
            try:
                found = await self._desk.look(accounts.who_by_id, signed.session, now, idle)
            except NotSignedIn:
                await self._bye(sid)
            else:
                await self._warn(sid, found.seen_at + idle, now)

    async def _warn(self, sid: str, ends_at: datetime, now: datetime) -> None:
        """Tell it once when a minute is left, and once when it is not so any more: somebody acted, here or in another tab."""
        is_soon = ends_at - now <= WARNED
        if is_soon != (sid in self._warned):
            (self._warned.add if is_soon else self._warned.discard)(sid)
            await self.send_here(sid, "idle", {"until": views.moment(ends_at) if is_soon else None})


def _enter(work: Work, ticket: object, sid: str) -> accounts.SignedIn:
    signed = accounts.enter(work, ticket)
    presence.arrive(work, sid, signed.person.id)
    return signed
