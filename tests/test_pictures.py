"""Pictures on the desk: that one came is always seen; what it shows, only where the clinic wants it, by those who may read the thread."""

from __future__ import annotations

import asyncio
import base64
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from handoff import jobs, records
from handoff.channels.sms import TextIn
from handoff.desk import pictures, staff, texts_in, views
from handoff.desk.work import Desk
from handoff.errors import NotAllowed, NotFound
from handoff.jobs import Job
from handoff.picture import NoPicture
from handoff.picture_source import Fetched
from handoff.picturing import TRIES, Picturing
from handoff.simulator.photo import photo
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from tests.cast import Cast
from tests.service import Node
from tests.twilio import ANA, OURS, Line

CLOSED = {"id": None, "state": "not_opened", "reason": None}
KIND = "image/png"


class Source:
    """Gives what it is told to give; records what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: deque[Fetched | NoPicture] = deque()

    async def fetch(self, given: str) -> Fetched:
        self.asked.append(given)
        answer = self.answers.popleft() if self.answers else Fetched(KIND, photo())
        if isinstance(answer, NoPicture):
            raise answer
        return answer

    async def close(self) -> None:
        return None


class Ward:
    """Ana texts pictures to a clinic that has them fetched."""

    def __init__(self, cast: Cast, *, fetches: bool = True) -> None:
        self.cast, self.source = cast, Source()
        settings = cast.desk.house.settings.model_copy(update={"fetch_media": fetches})
        self.desk = Desk(cast.desk.store, replace(cast.desk.house, settings=settings), clock=cast.clock, doorbell=cast.desk.doorbell)
        self.picturing = Picturing(self.desk, self.source)
        self.sent = 0

    async def texts(self, body: str = "", *, count: int = 1, told: bool = True) -> str:
        """A text comes with so many pictures. Returns the conversation."""
        self.sent += 1
        self.text = TextIn(f"SM{self.sent:032x}", ANA, OURS, body, tuple(self._media(count, told)))
        await self.desk.do(texts_in.take_in, self.text)
        (row,) = await self.cast.rows(t.phone_number)
        return str(row["conversation"])

    def _media(self, count: int, told: bool) -> list[dict[str, str]]:
        return [{"type": KIND, "url": f"https://api.twilio.com/{self.sent}/{n}" if told else ""} for n in range(count)]

    async def fetch(self, *, attempts: int = 1) -> None:
        """Do every job that waits for a picture."""
        j = t.job.c
        waiting = select(t.job).where(j.kind == pictures.FETCH, j.state.in_(("ready", "running"))).order_by(j.id)
        for row in await self.desk.look(lambda db: list(db.execute(waiting).mappings())):
            held = {"state": "running", "lease_owner": "test", "lease_epoch": 9}
            await self.desk.do(lambda work, job=row["id"], held=held: work.db.execute(t.job.update().where(j.id == job).values(**held)))
            lease = jobs.Lease(row["id"], "test", 9)
            await self.picturing.handlers()[pictures.FETCH](Job(row["id"], row["kind"], row["key"], row["payload"], attempts, lease))

    async def shown(self, conversation: str, person: Person) -> list[list[dict[str, Any]]]:
        """What a console shows of pictures, message after message."""
        thread = await self.desk.look(lambda db: views.whole_thread(db, self.desk.house, person, conversation))
        return [thread["pictures"].get(message["id"], []) for message in thread["messages"] if message["author"] == "patient"]


async def test_where_pictures_are_not_fetched_their_number_is_shown_and_nothing_is_asked(cast: Cast) -> None:
    ward = Ward(cast, fetches=False)
    conversation = await ward.texts()
    await ward.texts("This is my arm", count=2)
    await ward.fetch()
    assert await ward.shown(conversation, cast.priya) == [[CLOSED], [CLOSED, CLOSED]]
    assert (ward.source.asked, await cast.rows(t.picture)) == ([], [])


async def test_a_fetched_picture_is_seen_by_those_who_may_read_the_thread_and_that_is_noted(cast: Cast) -> None:
    ward = Ward(cast)
    conversation = await ward.texts("This is my arm")
    assert [[one["state"] for one in of] for of in await ward.shown(conversation, cast.priya)] == [["waiting"]]
    await ward.fetch()
    assert ward.source.asked == ["https://api.twilio.com/1/0"]
    ((found,),) = await ward.shown(conversation, cast.priya)
    assert (found["state"], found["reason"]) == ("kept", None)
    assert await ward.desk.do(staff.see_picture, cast.priya, found["id"]) == staff.Seen(KIND, photo())
    with pytest.raises(NotAllowed):  # told to the bot only
        await ward.desk.do(staff.see_picture, cast.maria, found["id"])
    with pytest.raises(NotFound):
        await ward.desk.do(staff.see_picture, cast.priya, "another")
    noted = [(row["who"], row["detail"]) for row in await cast.rows(t.audit) if row["act"] == "saw_picture"]
    assert noted == [(f"staff:{cast.priya.id}", {"picture": found["id"]})]


async def test_what_cannot_be_fetched_leaves_its_reason_and_is_never_served(cast: Cast) -> None:
    ward = Ward(cast)
    ward.source.answers += [NoPicture("too_big"), Fetched(KIND, photo()), NoPicture("wrong_type")]
    conversation = await ward.texts(count=3)
    await ward.fetch()
    (found,) = await ward.shown(conversation, cast.priya)
    assert [(one["state"], one["reason"]) for one in found] == [("failed", "too_big"), ("kept", None), ("failed", "wrong_type")]
    with pytest.raises(NotFound):
        await ward.desk.do(staff.see_picture, cast.priya, found[0]["id"])


async def test_no_answer_is_tried_again_and_given_up_in_the_end(cast: Cast) -> None:
    ward = Ward(cast)
    ward.source.answers += [NoPicture("no_answer", again=True)] * 2
    conversation = await ward.texts()
    with pytest.raises(NoPicture):
        await ward.fetch(attempts=TRIES - 1)
    await ward.fetch(attempts=TRIES)
    ((found,),) = await ward.shown(conversation, cast.priya)
    assert (found["state"], found["reason"]) == ("failed", "no_answer")


async def test_a_text_found_in_the_list_says_not_where_its_picture_is_until_the_webhook_tells(cast: Cast) -> None:
    ward = Ward(cast)
    conversation = await ward.texts(told=False)
    ward.source.answers.append(NoPicture("not_told"))
    await ward.fetch()
    assert ward.source.asked == [""]
    await ward.desk.do(texts_in.take_in, replace(ward.text, media=({"type": KIND, "url": "https://api.twilio.com/late"},)))
    await ward.fetch()
    ((found,),) = await ward.shown(conversation, cast.priya)
    assert (ward.source.asked[-1], found["state"]) == ("https://api.twilio.com/late", "kept")


async def test_pictures_are_exported_and_erased_with_their_conversation(cast: Cast) -> None:
    ward = Ward(cast)
    conversation = await ward.texts(count=2)
    await ward.fetch()
    exported = await ward.desk.do(records.export, conversation, who="staff:root")
    assert [base64.b64decode(one["data"]) for one in exported["picture"]] == [photo(), photo()]
    await ward.texts()  # its job is not done yet
    await ward.desk.do(records.erase, conversation, who="staff:root")
    assert await cast.rows(t.picture) == []
    await ward.fetch()
    assert len(ward.source.asked) == 2  # and nothing more is asked for


async def test_a_picture_through_the_running_service_reaches_the_console(tmp_path: Path) -> None:
    async with Line() as line, Node(tmp_path, twilio=line, fetch_media=True) as node:
        maria = await node.staff("Maria")
        await line.twilio.text_in(ANA, "", media=1)
        conversation = str((await node.service.desk.look(lambda db: db.execute(select(t.phone_number)).one())).conversation)
        kept = select(t.picture.c.id).where(t.picture.c.state == "kept")
        found: list[str] = []
        while not found:
            await asyncio.sleep(0.01)
            found = list(await node.service.desk.look(lambda db: list(db.execute(kept).scalars())))
        hidden = await maria.http.get(f"/api/staff/picture/{found[0]}")
        assert (hidden.status, hidden.content_type) == (403, "application/json")
        outside = await node.http.get(f"/api/staff/picture/{found[0]}")
        assert outside.status == 401
        priya = await node.staff("Priya", role=Role.SUPERVISOR)
        thread = await priya.open(conversation)
        (shown,) = thread["pictures"].values()
        answer = await priya.http.get(f"/api/staff/picture/{shown[0]['id']}")
        assert (answer.status, answer.content_type, await answer.read()) == (200, KIND, photo())
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'; sandbox" in answer.headers["Content-Security-Policy"]
        assert (answer.headers["Cache-Control"], answer.headers["Content-Disposition"]) == (
            "no-store",
            'attachment; filename="picture.png"',
        )
        foreign = await priya.http.get(f"/api/staff/picture/{shown[0]['id']}", headers={"X-Heard": "", "Origin": "https://evil.example"})
        assert foreign.status == 403
