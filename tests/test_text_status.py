"""Through a whole node: a text on its way, its status callbacks in any shape, and what both threads show of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from handoff.consent import How, Purpose
from handoff.desk import consents, deliveries
from handoff.desk.work import Desk
from handoff.simulator.faults import Callbacks, Failure
from handoff.simulator.texts import status_fields
from handoff.staff.access import Role
from handoff.store import tables as t
from handoff.text_errors import TROUBLES
from tests.fakes import FakeClock, until
from tests.service import Node
from tests.texting import Sender, say, texter
from tests.twilio import ANA, Line

WORDS_JS = Path("handoff/console/words.js")


def _rows(db: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(select(t.outbound_text).order_by(t.outbound_text.c.id)).mappings()]


def _events(db: Any) -> int:
    return int(db.execute(select(func.count()).select_from(t.text_event)).scalar_one())


@pytest.mark.parametrize("callbacks", [Callbacks.ONCE, Callbacks.TWICE, Callbacks.BACKWARDS])
@pytest.mark.parametrize("error", [0, 30007])
async def test_a_text_is_followed_to_its_end_whatever_way_the_callbacks_come(tmp_path: Path, callbacks: Callbacks, error: int) -> None:
    clock = FakeClock()
    async with Line(clock=clock) as line, Node(tmp_path, twilio=line, clock=clock) as node:
        desk = node.service.desk
        line.twilio.faults.callbacks = callbacks
        line.twilio.faults.errors[ANA] = error
        ana = await desk.do(texter, ANA)
        await desk.do(say, ana, "How was it?")
        await until(lambda: line.twilio.sent_to(ANA))
        await line.twilio.settled()
        assert {answered for _, _, answered in line.twilio.teller.told} == {204}
        (row,) = await desk.look(_rows)
        expected = ("undelivered", error, "filtered") if error else ("delivered", None, None)
        assert (row["state"], row["error"], row["reason"]) == expected
        assert row["sid"] == line.twilio.sent_to(ANA)[0].sid
        # a month later, once more
        events = await desk.look(_events)
        clock.forward(days=30)
        await line.twilio.tell(line.twilio.sent_to(ANA)[0], "sent")
        await line.twilio.tell(line.twilio.sent_to(ANA)[0], "undelivered" if error else "delivered", error or None)
        assert (await desk.look(_rows))[0] == row
        assert await desk.look(_events) == events


async def test_a_callback_that_is_faster_than_the_answer_proves_the_creation(tmp_path: Path) -> None:
    clock = FakeClock()
    async with Line(clock=clock) as line, Node(tmp_path, twilio=line, clock=clock) as node:
        desk = node.service.desk
        line.twilio.faults.failures.append(Failure.DROPPED)
        ana = await desk.do(texter, ANA)
        await desk.do(say, ana, "How was it?")
        await until(lambda: line.twilio.sent_to(ANA))
        await line.twilio.settled()
        (row,) = await desk.look(_rows)
        assert (row["state"], row["sid"], row["attempts"]) == ("delivered", line.twilio.sent_to(ANA)[0].sid, 1)


async def test_what_is_no_callback_of_ours_changes_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    async with Line(clock=clock) as line, Node(tmp_path, twilio=line, clock=clock) as node:
        desk, hooks, url = node.service.desk, line.twilio.hooks, f"{line.twilio.account.public_url}/twilio/status"
        ana = await desk.do(texter, ANA)
        await desk.do(say, ana, "How was it?")
        await until(lambda: line.twilio.sent_to(ANA))
        await line.twilio.settled()
        before = await desk.look(_rows), await desk.look(_events)
        (text,) = line.twilio.sent_to(ANA)
        fields = status_fields(text, line.twilio.account, "failed", 30007)
        other = {"MessageSid": "SM" + "9" * 32, "SmsSid": "SM" + "9" * 32}
        assert (await hooks.send(f"{url}?m={before[0][0]['id']}&n=1", urlencode(fields), {})).status == 403
        for query, more in [
            ("?m=nobody&n=1", {}),
            ("", other),
            ("?m=%00&n=99999999999999", other),
            (f"?m={before[0][0]['id']}&n=1", {"MessageStatus": "receiving"}),
            (f"?m={before[0][0]['id']}&n=1", {"MessageStatus": "", "SmsStatus": ""}),
        ]:
            assert (await hooks.post(url + query, {**fields, **more})).status == 204
        assert (await desk.look(_rows), await desk.look(_events)) == before
        # another sid under our id: noted, and no more
        assert (await hooks.post(f"{url}?m={before[0][0]['id']}&n=1", {**fields, **other})).status == 204
        assert await desk.look(_rows) == before[0]


async def test_both_threads_show_what_became_of_a_text(tmp_path: Path) -> None:
    clock = FakeClock()
    async with Line(clock=clock) as line, Node(tmp_path, twilio=line, clock=clock) as node:
        desk = node.service.desk
        patient = await node.patient()
        nora = await node.staff("Nora", Role.SUPERVISOR)
        conversation = next(iter(await desk.look(_conversations)))
        line.twilio.faults.callbacks = Callbacks.LOST
        await patient.ask("press", client_id="1", button="person")
        await desk.do(_moves_to_text, conversation)
        await desk.do(say, conversation, "Hello Ana.", "staff")
        await until(lambda: any(event == "deliveries" for event, _ in patient.events))
        answer = await nora.open(conversation)
        assert answer["ok"], answer
        said = answer["messages"][-1]["id"]
        await until(lambda: line.twilio.sent_to(ANA))
        failed = {"state": "failed", "reason": "landline"}
        await line.twilio.tell(line.twilio.sent_to(ANA)[0], "undelivered", 30006)
        for screen in (nora, patient):
            await until(lambda: any(data["deliveries"].get(said) == failed for event, data in screen.events if event == "deliveries"))  # noqa: B023
        assert (await patient.ask("sync", after=0))["deliveries"] == {said: failed}
        assert (await nora.open(conversation))["deliveries"] == {said: failed}


def test_the_console_has_a_sentence_for_every_reason_and_the_widget_for_some() -> None:
    words = WORDS_JS.read_text(encoding="utf-8")
    for reason, trouble in TROUBLES.items():
        assert f'{reason}: "{trouble.staff}"' in words, reason


def _conversations(db: Any) -> list[str]:
    return list(db.execute(select(t.conversation.c.id)).scalars())


def _moves_to_text(work: Any, conversation: str) -> None:
    """What linking a number to a chat leaves behind."""
    linked = {"number": ANA, "conversation": conversation, "ours": "+15550100100", "state": "good", "linked_at": work.now}
    work.db.execute(t.phone_number.insert().values(linked))
    consents.record(work, conversation, "sms", (Purpose.REPLY, Purpose.SAFETY), given=True, how=How.ASKED, who="patient")
    work.db.execute(t.conversation.update().where(t.conversation.c.id == conversation).values(channel="sms", last_patient_at=work.now))


async def test_a_sid_that_another_text_was_given_by_the_list_stays_there_and_what_became_of_each_is_kept(
    desk: Desk, clock: FakeClock
) -> None:
    """Of two texts of the same words to one number the provider's list cannot tell which is which; its callback can."""
    async with Sender(desk, clock) as sender:
        ana = await sender.patient()
        await sender.say(ana, "Nobody is here.", "Nobody is here.")
        first, second = await sender.texts()
        listed = t.outbound_text.update().where(t.outbound_text.c.id == second["id"]).values(state="accepted", sid="SM1", attempts=1)
        doubted = t.outbound_text.update().where(t.outbound_text.c.id == first["id"]).values(state="maybe_sent", attempts=1)
        for change in (listed, doubted):
            await desk.store.write(lambda db, change=change: db.execute(change) and None)
        await desk.do(deliveries.reported, first["id"], 1, "SM1", "delivered", None, None)
        first, second = await sender.texts()
        assert [(row["state"], row["sid"]) for row in (first, second)] == [("delivered", None), ("accepted", "SM1")]
