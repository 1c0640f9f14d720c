"""Each invariant, broken by hand on both databases, is found; what the deeds leave breaks none."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection, text
from typer.testing import CliRunner

from handoff import jobs
from handoff import signals as sig
from handoff.channels import Inbound
from handoff.channels.sms import TextIn
from handoff.cli import cli
from handoff.desk import callback_acts, calls, offering, patients, sessions, staff, texts_in, turns
from handoff.desk.answer import BotAnswer, Reply
from handoff.desk.work import LINE, Desk
from handoff.invariants import Breach, Invariant, find_breaches, find_breaches_of
from handoff.settings import Settings
from handoff.staff import accounts, presence
from handoff.staff.access import Person, Role
from handoff.store import tables as t
from tests.fakes import FakeClock
from tests.twilio import NORA, OURS

FINN = "+12025550177"
DONE_AT = 1795424400000

# What is done to the database, and what that breaks. Ana is with the bot, to which Priya handed her back; Ben waits; Cleo is with Maria; Dora is
# closed; Eva waits and is unsafe; Gus chooses; Hana was promised an answer and a call; Finn texts, and his call rings.
BREAKS: tuple[tuple[str, Invariant, str], ...] = (
    (
        "a timer is lost",
        Invariant.ONE_TIMER,
        "UPDATE job SET state = 'dead', dedupe = NULL WHERE key = 'timer:' || :ana AND dedupe IS NOT NULL",
    ),
    (
        "a second timer",
        Invariant.ONE_TIMER,
        "UPDATE job SET key = 'timer:' || :ana, kind = 'timer' WHERE key = 'page:' || :eva AND state = 'ready'",
    ),
    ("a closed one is timed", Invariant.ONE_TIMER, "UPDATE job SET state = 'ready' WHERE key = 'timer:' || :dora"),
    ("another state's timer", Invariant.ONE_TIMER, "UPDATE job SET payload = '{\"event\": \"idle\"}' WHERE dedupe = 'timer:' || :ben"),
    ("the queue owns what is with the bot", Invariant.OWNER_FITS, "UPDATE conversation SET owner = 'queue' WHERE id = :ana"),
    ("the bot owns what waits", Invariant.OWNER_FITS, "UPDATE conversation SET owner = 'bot' WHERE id = :ben"),
    ("nobody owns what is with staff", Invariant.OWNER_FITS, "UPDATE conversation SET owner = 'nobody' WHERE id = :cleo"),
    ("staff own what is closed", Invariant.OWNER_FITS, "UPDATE conversation SET owner = :maria WHERE id = :dora"),
    ("the owner is gone", Invariant.OWNER_EXISTS, "UPDATE conversation SET owner = 'staff:x' WHERE id = :cleo"),
    ("a move was not noted", Invariant.MOVES_LEAD_HERE, "UPDATE conversation SET state = 'parked' WHERE id = :cleo"),
    ("another owner than the move's", Invariant.MOVES_LEAD_HERE, "UPDATE conversation SET owner = 'staff:' || :priya WHERE id = :cleo"),
    ("the epoch stood still", Invariant.EPOCH_COUNTS_OWNERS, "UPDATE conversation SET epoch = epoch - 1 WHERE id = :cleo"),
    ("two moves of one epoch", Invariant.EPOCH_COUNTS_OWNERS, "UPDATE move SET epoch = 1 WHERE conversation = :cleo AND epoch = 2"),
    ("a move to come", Invariant.EPOCH_COUNTS_OWNERS, "UPDATE move SET epoch = 9 WHERE conversation = :ben AND to_state = 'choosing'"),
    ("a message is lost", Invariant.SEQ_GAPLESS, "UPDATE conversation SET last_seq = last_seq + 1 WHERE id = :ben"),
    ("a gap", Invariant.SEQ_GAPLESS, "UPDATE message SET seq = 90 WHERE conversation = :ben AND seq = 1"),
    (
        "a message of an older epoch",
        Invariant.EPOCHS_RISE,
        "UPDATE message SET epoch = 0 WHERE conversation = :cleo AND text LIKE 'I am %'",
    ),
    (
        "the bot speaks after a claim",
        Invariant.BOT_IN_TURN,
        "UPDATE message SET author = 'bot' WHERE conversation = :cleo AND text LIKE 'I am %'",
    ),
    ("a turn is lost", Invariant.TURN_ANSWERED, "UPDATE job SET state = 'dead' WHERE kind = 'ask_bot' AND key = :ana AND state <> 'done'"),
    (
        "a turn of an older epoch",
        Invariant.TURN_ANSWERED,
        "UPDATE job SET payload = '{\"epoch\": 0}' WHERE kind = 'ask_bot' AND key = :ana",
    ),
    (
        "two requests",
        Invariant.ONE_REQUEST,
        "UPDATE handoff_request SET conversation = :gus WHERE conversation = :ben",
    ),
    ("out of line while waiting", Invariant.WAITS_IN_LINE, "UPDATE handoff_request SET state = 'created' WHERE conversation = :ben"),
    ("in line while choosing", Invariant.WAITS_IN_LINE, "UPDATE handoff_request SET state = 'queued' WHERE conversation = :gus"),
    (
        "open while closed",
        Invariant.REQUEST_FITS,
        "UPDATE handoff_request SET state = 'assigned', closed_at = NULL WHERE conversation = :dora",
    ),
    (
        "none while choosing",
        Invariant.REQUEST_FITS,
        f"UPDATE handoff_request SET state = 'expired', closed_at = {DONE_AT} WHERE conversation = :gus",
    ),
    ("none while with staff", Invariant.REQUEST_FITS, "UPDATE handoff_request SET state = 'created' WHERE conversation = :cleo"),
    ("the age began anew", Invariant.AGE_KEPT, "UPDATE handoff_request SET queue_age_from = queue_age_from + 1 WHERE conversation = :ben"),
    ("a call's age began anew", Invariant.AGE_KEPT, "UPDATE callback SET queue_age_from = created_at + 1 WHERE conversation = :hana"),
    (
        "another age than the wait's",
        Invariant.AGE_KEPT,
        "UPDATE callback SET queue_age_from = queue_age_from - 1 WHERE conversation = :hana",
    ),
    ("a safety matter queues like others", Invariant.SAFETY_FIRST, "UPDATE handoff_request SET priority = 1 WHERE conversation = :eva"),
    ("nobody is called", Invariant.SAFETY_CALLED, "DELETE FROM page; UPDATE job SET state = 'dead', dedupe = NULL WHERE kind = 'page'"),
    (
        "whoever was called is called off",
        Invariant.SAFETY_CALLED,
        f"UPDATE page SET ended_at = {DONE_AT}; UPDATE job SET state = 'dead', dedupe = NULL WHERE kind = 'page'",
    ),
    ("a safety matter is with the bot", Invariant.SAFETY_SEEN_THROUGH, "UPDATE conversation SET unsafe = TRUE WHERE id = :ana"),
    ("before somebody, out of line", Invariant.OFFER_IN_LINE, "UPDATE handoff_request SET state = 'created' WHERE conversation = :eva"),
    ("an offer that nobody comes back to", Invariant.OFFER_WATCHED, "UPDATE job SET state = 'dead', dedupe = NULL WHERE kind = 'line'"),
    ("passed on to nobody", Invariant.AIMED_AT_SOMEBODY, "UPDATE handoff_request SET person = 'x' WHERE conversation = :ben"),
    ("an offer before somebody that has ended", Invariant.ENDS_HAVE_A_TIME, f"UPDATE offer SET ended_at = {DONE_AT}"),
    ("a promise that nobody looks at", Invariant.PROMISE_WATCHED, "UPDATE job SET state = 'dead' WHERE key = 'promise:' || :hana"),
    (
        "a promise without a case",
        Invariant.PROMISE_HAS_CASE,
        f"UPDATE \"case\" SET state = 'closed', closed_at = {DONE_AT} WHERE conversation = :hana",
    ),
    (
        "an overdue call that nobody looks at",
        Invariant.CALLBACK_WATCHED,
        "UPDATE callback SET state = 'overdue' WHERE conversation = :hana; UPDATE job SET state = 'done' WHERE key = 'promise:' || :hana",
    ),
    (
        "a call without a case",
        Invariant.CALLBACK_HAS_CASE,
        f"UPDATE \"case\" SET state = 'closed', closed_at = {DONE_AT} WHERE conversation = :finn",
    ),
    ("a fourth try", Invariant.CALLBACK_ATTEMPTS, "UPDATE callback SET attempts = 4 WHERE conversation = :hana"),
    ("a leg that nobody looks after", Invariant.CALL_WATCHED, "UPDATE job SET state = 'dead' WHERE key = 'call:' || :finn"),
    (
        "a text that nobody looks after",
        Invariant.TEXT_WATCHED,
        "UPDATE job SET state = 'dead' WHERE kind = 'send_text'",
    ),
    (
        "a text after STOP",
        Invariant.OPT_OUT_HONOURED,
        f"INSERT INTO opt_out (number, at, how) VALUES ('{FINN}', {DONE_AT}, 'keyword'); "
        f"UPDATE outbound_text SET state = 'sent', attempting_at = {DONE_AT + 1} WHERE conversation = :finn",
    ),
    (
        "asked for a call long ago",
        Invariant.ASKING_WHILE_CHOOSING,
        'UPDATE conversation SET asking = \'{"step": "number"}\' WHERE id = :ben',
    ),
    (
        "a survey that goes on",
        Invariant.SURVEY_ENDED,
        "UPDATE response SET finished_at = NULL, disposition = 'contacted' WHERE conversation = :dora AND survey = 'fft'",
    ),
    (
        "a request that ended at no time",
        Invariant.ENDS_HAVE_A_TIME,
        "UPDATE handoff_request SET closed_at = NULL WHERE conversation = :dora",
    ),
    ("an open promise that has ended", Invariant.ENDS_HAVE_A_TIME, f"UPDATE promise SET closed_at = {DONE_AT} WHERE conversation = :hana"),
    ("an open case that has ended", Invariant.ENDS_HAVE_A_TIME, f'UPDATE "case" SET closed_at = {DONE_AT} WHERE conversation = :hana'),
    ("an open call that has ended", Invariant.ENDS_HAVE_A_TIME, f"UPDATE callback SET closed_at = {DONE_AT} WHERE conversation = :hana"),
    ("a job runs nowhere", Invariant.LEASES_HAVE_A_HOLDER, "UPDATE job SET lease_owner = NULL WHERE state = 'running'"),
    ("a waiting job is held", Invariant.LEASES_HAVE_A_HOLDER, "UPDATE job SET lease_owner = 'x' WHERE dedupe = 'timer:' || :ana"),
    ("a finished job keeps its name", Invariant.LEASES_HAVE_A_HOLDER, "UPDATE job SET state = 'done' WHERE dedupe = 'timer:' || :ana"),
)


class Undo(Exception):
    """A deed that raises has done nothing."""


class Clinic:
    """Everybody in a place of their own; `ids` by name, staff too."""

    def __init__(self, desk: Desk, clock: FakeClock) -> None:
        self.desk, self.clock = desk, clock
        self.ids: dict[str, str] = {}
        self._born: list[jobs.Job] = []
        self._sent = 0
        desk.adopt = self._born.append

    async def hire(self, name: str, role: Role) -> Person:
        added = await self.desk.do(accounts.add, email=f"{name}@clinic.example", name=name, role=role)
        await self.desk.do(presence.arrive, f"socket-{name}", added)
        self.ids[name.lower()] = added
        return Person(added, name, role)

    async def come(self, name: str) -> str:
        opened = await self.desk.do(sessions.open_session, secret=None, site="https://a.example", protocol="widget", locale="en")
        self.ids[name] = opened.conversation
        await self.bot_answers()
        return opened.conversation

    async def bot_answers(self) -> None:
        """Do the turn that was left last."""
        turn = next(job for job in reversed(self._born) if job.kind == "ask_bot")
        assert turn.lease is not None
        answer = BotAnswer((Reply("How was it?"),), (sig.SurveyStarted("fft", "1"), sig.Asked("fft", "overall", 1)), "test")
        assert await self.desk.do(turns.bot_answered, turn.lease, turn.payload, answer)

    async def sends(self, conversation: str, words: str = "", button: str | None = None) -> None:
        self._sent += 1
        await self.desk.do(patients.receive, Inbound(conversation, f"c{self._sent}", words, button))

    async def presses(self, conversation: str, title: str) -> None:
        rows = await self.desk.look(
            lambda db: db.execute(t.message.select().where(t.message.c.conversation == conversation)).mappings().all()
        )
        newest = max((row for row in rows if row["buttons"]), key=lambda row: row["seq"])
        place = next(n for n, button in enumerate(newest["buttons"]) if button["title"].startswith(title))
        await self.sends(conversation, button=f"{newest['id']}.{place}")

    async def waits(self, name: str) -> str:
        conversation = await self.come(name)
        await self.sends(conversation, button="person")
        await self.presses(conversation, "Chat")
        return conversation

    async def fill(self) -> None:
        self.clock.forward(hours=6)  # it is day where Finn is
        maria, priya = await self.hire("Maria", Role.MEMBER), await self.hire("Priya", Role.SUPERVISOR)
        ana = await self.come("ana")
        await self.desk.do(staff.take, priya, ana)
        await self.desk.do(staff.hand_back, priya, ana)
        await self.bot_answers()
        await self.sends(ana, "it was good")
        await self.waits("ben")
        cleo = await self.waits("cleo")
        await self.desk.do(staff.take, maria, cleo)
        await self.desk.do(staff.write, maria, cleo, "m1", "I am here")
        dora = await self.waits("dora")
        await self.desk.do(staff.take, maria, dora)
        await self.desk.do(staff.close, maria, dora, "answered")
        await self.sends(await self.come("eva"), "I want to kill myself")
        await self.sends(await self.come("gus"), button="person")
        await self._is_promised_a_call(await self.come("hana"), priya)
        await self._is_rung(priya)
        await self._are_offered()

    async def _is_promised_a_call(self, hana: str, priya: Person) -> None:
        await self.sends(hana, "The parking machine takes no cards")
        await self.bot_answers()
        await self.sends(hana, button="person")
        window = self.desk.house.hours.windows(self.clock.now(), 1)[0]
        await self.desk.do(callback_acts.plan_one, priya, hana, FINN, window, "")
        await self.presses(hana, "Leave a message")
        await self.presses(hana, "Send what I wrote")
        await self.bot_answers()

    async def _is_rung(self, priya: Person) -> None:
        assert await self.desk.do(texts_in.take_in, TextIn(f"SM{7:032x}", FINN, OURS, "hello"))
        await self.bot_answers()
        finn = await self.desk.look(lambda db: db.execute(text("SELECT conversation FROM phone_number")).scalar_one())
        self.ids["finn"] = finn
        await self.desk.do(callback_acts.set_phone, priya, NORA)
        await self.desk.do(callback_acts.plan_one, priya, finn, FINN, self.desk.house.hours.windows(self.clock.now(), 1)[0], "")
        found = await self.desk.look(
            lambda db: db.execute(text("SELECT id FROM callback WHERE conversation = :finn"), {"finn": finn}).scalar_one()
        )
        assert await self.desk.do(calls.start, priya, found)

    async def _are_offered(self) -> None:
        """Those who wait, to Maria and Priya: whoever is here."""
        now = self.clock.now()
        await self.desk.do(presence.renew, ["socket-Maria", "socket-Priya"])
        born = [job for job in self._born if job.kind == LINE]
        left = await self.desk.do(lambda work: jobs.claim(work.db, now=now, owner="test", limit=100, but=("timer", "ask_bot")))
        look = next(job for job in [*born, *left] if job.kind == LINE)
        assert look.lease is not None
        await self.desk.do(offering.look_at_line, look.lease)

    async def broken(self, change: str) -> list[Breach]:
        """What is found after `change`, which is undone again."""
        found: list[Breach] = []

        def damage(db: Connection) -> None:
            for statement in change.split("; "):
                names = {name: id_ for name, id_ in self.ids.items() if f":{name}" in statement}
                assert db.execute(text(statement), names).rowcount, f"changed nothing: {statement}"
            found.extend(find_breaches(db))
            for conversation in {breach.conversation for breach in found} - {None}:
                assert find_breaches_of(db, str(conversation)) == [one for one in found if one.conversation == conversation]
            raise Undo

        with pytest.raises(Undo):
            await self.desk.store.write(damage)
        return found


async def test_every_breach_is_found(desk: Desk, clock: FakeClock) -> None:
    clinic = Clinic(desk, clock)
    await clinic.fill()
    assert await desk.look(find_breaches) == []
    missed = {
        label: invariant for label, invariant, change in BREAKS if invariant not in {one.invariant for one in await clinic.broken(change)}
    }
    assert missed == {}
    assert await desk.look(find_breaches) == []


def test_every_invariant_is_broken_once() -> None:
    assert {invariant for _, invariant, _ in BREAKS} == set(Invariant)
    assert all(invariant.sentence.endswith(".") for invariant in Invariant)


async def test_the_doctor_prints_a_line_for_each(desk: Desk, clock: FakeClock, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARD_DATABASE_URL", settings.database)

    async def doctor() -> tuple[int, str]:
        done = await asyncio.to_thread(CliRunner().invoke, cli, ["doctor", "--invariants"])
        return done.exit_code, done.output

    ana = await Clinic(desk, clock).come("ana")
    assert await doctor() == (0, f"All {len(Invariant)} invariants hold.\n")
    await desk.store.write(lambda db: db.execute(text("UPDATE conversation SET last_seq = 9, owner = 'queue'")) and None)
    assert await doctor() == (
        1,
        f"owner_fits: {Invariant.OWNER_FITS.sentence} Not so: conversation {ana}, row {ana}\n"
        f"moves_lead_here: {Invariant.MOVES_LEAD_HERE.sentence} Not so: conversation {ana}, row {ana}\n"
        f"seq_gapless: {Invariant.SEQ_GAPLESS.sentence} Not so: conversation {ana}, row {ana}\n",
    )
