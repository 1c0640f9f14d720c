"""From a web chat to texts, as stories on both databases: what Ana writes in the widget, what she is told, and where things go after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handoff import records
from handoff import signals as sig
from handoff.account import Account
from handoff.channels.sms import TextIn
from handoff.conversation import Event
from handoff.desk import codes, consents, deliveries, patient_view, patients, sessions, staff, texts_in, turns, views
from handoff.desk.orders import Cause, act
from handoff.desk.thread import open_thread
from handoff.desk.turns import Reply
from handoff.desk.work import Work
from handoff.errors import OldButton
from handoff.store import tables as t
from tests.cast import SITE, Cast, in_line, is_here
from tests.twilio import ANA, BEN, OURS, SID, TOKEN

ASKED = "Which mobile number may we text?"
AGREE = ("text me instead", "202 555 0101", "yes")


@pytest.fixture
def ana(cast: Cast) -> Cast:
    """Ana's web chat, at a clinic that can send texts."""
    cast.desk.house = replace(cast.desk.house, account=Account(SID, TOKEN, (OURS,), "http://127.0.0.1:1", "https://heard.example"))
    return cast


async def says(ana: Cast, *texts: str) -> str:
    for text in texts:
        await ana.writes(text)
    return await ana.last()


async def code(ana: Cast) -> str:
    """The code of the newest text that brings one."""
    found = [row for row in await ana.rows(t.outbound_text) if row["purpose"] == "code"]
    return str(max(found, key=lambda row: row["id"])["body"][:6])


async def moves(ana: Cast, number: str = "202 555 0101") -> str:
    await says(ana, "text me", number, "yes")
    return await says(ana, await code(ana))


async def texts(ana: Cast, body: str, *, number: str = ANA) -> None:
    ana.sent += 1
    await ana.desk.do(texts_in.take_in, TextIn(f"SM{ana.sent:032d}", number, OURS, body, at=ana.clock.now()))


async def sent(ana: Cast, purpose: str = "reply") -> list[str]:
    rows = sorted(await ana.rows(t.outbound_text), key=lambda row: str(row["id"]))
    return [row["body"] for row in rows if row["purpose"] == purpose and row["state"] == "queued"]


async def row(ana: Cast, conversation: str = "") -> dict[str, Any]:
    (found,) = [one for one in await ana.rows(t.conversation) if one["id"] == (conversation or ana.ana)]
    return found


async def shown(ana: Cast) -> Any:
    state = await ana.desk.look(patient_view.state, ana.desk.house, ana.ana, ana.clock.now())
    return state and state["texts_to"]


async def test_number_consent_code_and_then_the_same_record_goes_on_by_text(ana: Cast) -> None:
    assert (await says(ana, "text me instead")).startswith(ASKED)
    assert "would text you on (202) 555-0101" in await says(ana, "it's 202 555 0101")
    await ana.presses("Yes, text me")
    assert "six digits to the number ending in 01" in await ana.last()
    assert (await row(ana))["channel"] == "web"
    found = await code(ana)
    assert "we go on by text to the number ending in 01" in await says(ana, found)
    assert [(one["number"], one["conversation"], one["ours"]) for one in await ana.rows(t.phone_number)] == [(ANA, ana.ana, OURS)]
    assert ((await row(ana))["channel"], await shown(ana)) == ("sms", "01")
    await ana.bot_says("And why was that?")
    assert (await sent(ana))[-1] == "And why was that?"
    await texts(ana, "They were kind")
    assert (await ana.last(), len(await ana.rows(t.conversation))) == ("They were kind", 1)


async def test_consent_is_kept_with_the_version_of_what_was_shown(ana: Cast) -> None:
    await moves(ana)
    given = [one for one in await ana.rows(t.consent) if one["channel"] == "sms"]
    assert {(one["purpose"], one["given"], one["how"], one["who"]) for one in given} == {
        (purpose, True, "asked", "patient") for purpose in ("reply", "safety", "callback")
    }
    words = ana.desk.house.words.say("en", "moving.consent", number="{number}", clinic="{clinic}")
    assert {one["wording"] for one in given} == {consents.wording(words)}
    (line,) = [one for one in await ana.desk.look(views.moves, ana.ana) if one["event"] == "moved_to_texts"]
    assert (line["who"], line["why"]) == ("patient", consents.wording(words))


async def test_nothing_is_agreed_to_before_the_code_came_back(ana: Cast) -> None:
    await says(ana, *AGREE)
    assert [await ana.rows(table) for table in (t.consent, t.phone_number)] == [[], []]


@pytest.mark.parametrize("said", ["{code}", "the code is {code}", "{first} {last}"])
async def test_a_code_may_be_texted_back_instead(ana: Cast, said: str) -> None:
    await says(ana, *AGREE)
    found = await code(ana)
    await texts(ana, said.format(code=found, first=found[:3], last=found[3:]))
    assert "we go on by text to the number ending in 01" in await ana.last()
    assert ((await row(ana))["channel"], await shown(ana), len(await ana.rows(t.conversation))) == ("sms", "01", 1)
    assert [one["message"] for one in await ana.rows(t.inbound_text)] == [None]
    for table in (t.message, t.text_code, t.move, t.audit, t.job, t.inbound_text):
        assert found not in str(await ana.rows(table)), table.name
    await texts(ana, "They were kind")
    assert (await ana.last(), len(await ana.rows(t.conversation))) == ("They were kind", 1)


@pytest.mark.parametrize("late", [False, True])
async def test_another_code_or_an_old_one_is_a_text_like_any_other(ana: Cast, late: bool) -> None:
    await says(ana, *AGREE)
    found = await code(ana)
    if late:
        ana.clock.forward(minutes=10)
    await texts(ana, found if late else f"{(int(found) + 1) % 1_000_000:06d}")
    assert ((await row(ana))["channel"], len(await ana.rows(t.conversation))) == ("web", 2)


async def test_a_code_from_another_phone_proves_nothing(ana: Cast) -> None:
    await says(ana, *AGREE)
    await texts(ana, await code(ana), number=BEN)
    assert (await row(ana))["channel"] == "web"


async def test_a_code_is_seen_on_the_phone_only(ana: Cast) -> None:
    await says(ana, *AGREE)
    found = await code(ana)
    export = await ana.desk.do(records.export, ana.ana, who="test")
    assert found not in str(export)
    wrong = f"{(int(found) + 1) % 1_000_000:06d}"
    await says(ana, f"it is {wrong[:3]} {wrong[3:]}", found)
    said = [one["text"] for one in await ana.messages()]
    assert [text for text in said if "•" in text] == ["it is ••• •••", "••••••"]
    await ana.desk.do(lambda work: codes.forget_old(work.db, work.now))
    for table in (t.message, t.text_code, t.move, t.audit, t.job):
        assert found not in str(await ana.rows(table)), table.name
    ana.clock.forward(minutes=21)
    await ana.desk.do(lambda work: codes.forget_old(work.db, work.now))
    assert found not in str(await ana.rows(t.outbound_text))


READ: tuple[tuple[list[str], str], ...] = (
    (["12"], "can't find a phone number"),
    (["555 0199"], "too short"),
    (["1-900-555-0199"], "can't text numbers of that kind"),
    (["+44 7700 900123"], "can't text numbers of that country"),
    (["202 555 0198 or 202 555 0199"], "Please type one number"),
    (["202 555 0102"], "can't take texts"),
    (["202 555 0111"], "no more texts"),
    (["202 555 0102", "202 555 0101"], "(202) 555-0101"),
    (["202 555 0101", "202 555 0103"], "(202) 555-0103"),
    (["202 555 0101", "no"], "we go on here"),
    (["202 555 0101", "1"], "six digits"),
    (["202 555 0101", "stay here"], "we go on here"),
    (["202 555 0101", "another number"], ASKED),
    (["202 555 0101", "ok", "000000"], "not the code"),
    (["202 555 0101", "ok", *["000000"] * 5], "wrong too often"),
    (["202 555 0101", "ok", *["000000"] * 6], "wrong too often"),
    (["202 555 0101", "ok", "send a new code"], "six digits"),
    (["202 555 0101", "ok", "I didn't get a code", "no code came"], "six digits"),
    (["202 555 0101", "ok", "new code", "new code", "new code"], "as many codes as we may"),
    (["202 555 0101", "ok", "the nurse was very kind to me"], "the nurse was very kind to me"),
    (["no, the nurse was very kind to my mother"], "no, the nurse was very kind to my mother"),
)


async def anew(ana: Cast) -> None:
    """Another patient's chat, at the same clinic."""
    session = await ana.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")
    ana.ana = session.conversation


async def test_each_answer_is_read_as_people_give_it(ana: Cast) -> None:
    def know(work: Any) -> None:
        work.db.execute(t.phone_number.insert().values(number=BEN, conversation=ana.ana, ours=OURS, state="landline", linked_at=work.now))
        deliveries.opt_out(work, "+12025550111", how="keyword")

    await ana.desk.do(know)
    for said, told in READ:
        await anew(ana)
        assert told in await says(ana, "text me", *said), said
        assert (await row(ana))["channel"] == "web", said
        ana.clock.forward(minutes=61)


@pytest.mark.parametrize("steps", [("text me",), ("text me", "202 555 0101")])
async def test_a_person_is_one_word_away_at_each_step(ana: Cast, steps: tuple[str, ...]) -> None:
    await ana.asks_for_a_person()
    await says(ana, *steps)
    assert "How would you like to go on" in await says(ana, "a person please") or "here" in await ana.last()
    assert (await row(ana))["moving"] is None


async def test_a_number_that_is_given_for_a_call_is_for_the_call(ana: Cast) -> None:
    await ana.asks_for_a_person()
    await says(ana, "text me")
    await ana.asks_for_a_person()
    await ana.presses("Ask for a phone call")
    assert "We'd phone" in await says(ana, "202 555 0101")


async def test_what_a_call_is_about_may_be_any_words(ana: Cast) -> None:
    await ana.asks_for_a_person()
    await ana.presses("Ask for a phone call")
    await says(ana, "202 555 0101", "yes", "1")
    assert "will phone you" in await says(ana, "text me")
    assert (await row(ana))["moving"] is None


async def test_a_short_word_to_somebody_else_is_no_number(ana: Cast) -> None:
    await says(ana, "text me")
    await ana.desk.do(lambda work: _hello(work, ana.ana))
    await says(ana, "thanks")
    assert (await row(ana))["moving"] is None


def _hello(work: Work, conversation: str) -> None:
    thread = open_thread(work, conversation)
    thread.add("bot", "Anything else?")
    thread.save()


async def test_a_code_lasts_ten_minutes_and_a_new_one_replaces_it(ana: Cast) -> None:
    await says(ana, *AGREE)
    first = await code(ana)
    ana.clock.forward(minutes=10)
    assert "has expired" in await says(ana, first)
    await ana.presses("Send a new code")
    second = await code(ana)
    assert second != first
    assert "not the code" in await says(ana, first)
    assert "we go on by text" in await says(ana, second)


async def test_five_wrong_ones_end_a_code(ana: Cast) -> None:
    await says(ana, *AGREE, *["999999"] * 5)
    assert "wrong too often" in await says(ana, await code(ana))
    await says(ana, "new code")
    assert "we go on by text" in await says(ana, await code(ana))


async def test_three_codes_an_hour_for_a_number_whoever_asks(ana: Cast) -> None:
    first = ana.ana
    for _ in range(4):
        await anew(ana)
        told = await says(ana, *AGREE)
    assert "as many codes as we may" in told
    assert len(await ana.rows(t.text_code)) == 3
    ana.ana = first
    ana.clock.forward(minutes=60)
    assert "six digits" in await says(ana, *AGREE)


async def test_a_yes_to_somebody_else_is_no_consent(ana: Cast) -> None:
    await in_line(ana)
    await ana.desk.do(staff.take, ana.maria, ana.ana)
    await says(ana, "text me", "202 555 0101")
    await ana.desk.do(staff.write, ana.maria, ana.ana, "m1", "Is it better now?")
    assert await says(ana, "yes") == "yes"
    assert (await ana.rows(t.text_code), (await row(ana))["moving"]) == ([], None)


async def brought_to(ana: Cast, owner: str) -> None:
    """A new chat of Ana's that is with `owner`."""
    await anew(ana)
    if owner == "choosing":
        await ana.asks_for_a_person()
    elif owner in ("waiting", "human", "parked"):
        await ana.asks_for_a_person()
        await ana.presses("Chat with a person")
    if owner in ("human", "parked"):
        await ana.desk.do(staff.take, ana.maria, ana.ana)
    if owner == "parked":
        await ana.desk.do(park, ana.ana)
    if owner == "closed":
        await ana.desk.do(patients.end, ana.ana, "bye")


def park(work: Work, conversation: str) -> None:
    thread = open_thread(work, conversation)
    act(thread, Event.PARK, Cause("staff"))
    thread.save()


async def test_whoever_has_it_goes_on_having_it(ana: Cast) -> None:
    await is_here(ana, ana.maria)
    after = {"parked": "human", "closed": "bot", "choosing": "bot"}  # once she writes
    for place, owner in enumerate(("bot", "choosing", "waiting", "human", "parked", "closed")):
        await brought_to(ana, owner)
        before, aged = await ana.state(), [one["queue_age_from"] for one in await ana.rows(t.handoff_request)]
        ana.clock.forward(seconds=2)
        await moves(ana, f"202 555 012{place}")
        assert (await ana.state(), [one["queue_age_from"] for one in await ana.rows(t.handoff_request)]) == (before, aged), owner
        assert (await row(ana))["channel"] == "sms", owner
        await texts(ana, "the stairs are steep", number=f"+1202555012{place}")
        assert (await ana.state())[0] == after.get(owner, owner), owner
        assert "the stairs are steep" in [one["text"] for one in await ana.messages()], owner


async def test_what_staff_answer_goes_out_as_a_text_and_her_texts_come_to_them(ana: Cast) -> None:
    await in_line(ana)
    await ana.presses("Go on by text")
    await says(ana, "202 555 0101", "yes")
    await says(ana, await code(ana))
    await ana.desk.do(staff.take, ana.maria, ana.ana)
    await ana.desk.do(staff.write, ana.maria, ana.ana, "m1", "Hello Ana")
    assert await sent(ana, "staff") == ["Hello Ana"]
    await texts(ana, "Hello Maria")
    assert (await ana.last(), await ana.state()) == ("Hello Maria", ("human", f"staff:{ana.maria.id}"))


async def test_who_writes_on_the_website_again_is_answered_there_and_may_change_back(ana: Cast) -> None:
    await moves(ana)
    await ana.bot_says("And why was that?")
    assert "answers come here" in await says(ana, "one more thing")
    assert ((await row(ana))["channel"], await shown(ana)) == ("web", None)
    before = len(await sent(ana))
    await ana.bot_says("What is it?")
    assert len(await sent(ana)) == before
    assert "we go on by text" in await says(ana, "text me")  # the number is known, and was agreed to
    assert await shown(ana) == "01"
    await says(ana, "hm")
    await texts(ana, "I am on the bus")
    assert (await row(ana))["channel"] == "sms"


async def test_the_words_of_carriers_hold_after_the_move(ana: Cast) -> None:
    await moves(ana)
    await texts(ana, "STOP")
    assert {one["number"] for one in await ana.rows(t.opt_out)} == {ANA}
    assert not any(
        given.given for given in await ana.desk.look(consents.ledger, ana.ana) if given.at == ana.clock.now() and given.how == "keyword"
    )
    assert (await shown(ana), await sent(ana)) == (None, [])
    assert "no more texts" in await says(ana, "text me", "202 555 0101")
    await texts(ana, "START")
    assert "texts from Elm Street Clinic again" in await ana.last()
    assert await shown(ana) == "01"


async def test_a_stop_between_yes_and_code_is_faster(ana: Cast) -> None:
    await says(ana, *AGREE)
    found = await code(ana)
    await texts(ana, "STOP")
    assert "no more texts" in await says(ana, found)
    assert ((await row(ana))["channel"], [one for one in await ana.rows(t.consent) if one["conversation"] == ana.ana]) == ("web", [])


async def test_danger_is_heard_in_the_middle_of_it(ana: Cast) -> None:
    await says(ana, "text me", "202 555 0101", "I want to kill myself")
    assert ((await ana.state())[0], (await row(ana))["moving"]) == ("waiting", None)


async def old_thread(ana: Cast, *said: str) -> str:
    """What Ana's phone wrote to before. Returns that conversation."""
    for body in said:
        await texts(ana, body)
    (found,) = [one["id"] for one in await ana.rows(t.conversation) if one["id"] != ana.ana]
    return str(found)


async def test_a_number_that_wrote_elsewhere_writes_here_from_now_on(ana: Cast) -> None:
    old = await old_thread(ana, "the food was cold")
    await moves(ana)
    assert [(one["number"], one["conversation"]) for one in await ana.rows(t.phone_number)] == [(ANA, ana.ana)]
    assert (await row(ana, old))["state"] == "closed"
    links = [(one["conversation"], one["event"], one["why"]) for one in await ana.rows(t.move) if one["event"].startswith("number_")]
    assert sorted(links) == sorted([(old, "number_left", ana.ana), (ana.ana, "number_came", old)])
    await texts(ana, "and late")
    assert await ana.last() == "and late"
    assert len(await ana.desk.look(views.messages_after, old, 0)) == 1


async def test_a_safety_matter_of_the_old_thread_stays_first_in_line_and_is_answered_by_text(ana: Cast) -> None:
    old = await old_thread(ana, "I want to kill myself")
    await moves(ana)
    assert [(await row(ana, old))[name] for name in ("state", "owner", "unsafe")] == ["waiting", "queue", True]
    await ana.desk.do(staff.take, ana.maria, old)
    await ana.desk.do(staff.write, ana.maria, old, "m1", "I am here, Ana")
    assert [(one["number"], one["conversation"]) for one in await ana.rows(t.outbound_text) if one["purpose"] == "staff"] == [(ANA, old)]


async def test_who_had_asked_for_a_person_there_is_still_answered(ana: Cast) -> None:
    old = await old_thread(ana, "the food was cold")
    lease, payload = await ana.job("ask_bot")
    await ana.desk.do(turns.bot_answered, lease, payload, turns.BotAnswer((Reply("Of course."),), (sig.WantsPerson("asked"),), "test"))
    assert (await row(ana, old))["state"] == "choosing"
    await moves(ana)
    assert [one["state"] for one in await ana.rows(t.case) if one["conversation"] == old] == ["open"]


async def test_a_call_that_was_promised_there_is_still_promised(ana: Cast) -> None:
    old = await old_thread(ana, "the food was cold")
    lease, payload = await ana.job("ask_bot")
    await ana.desk.do(turns.bot_answered, lease, payload, turns.BotAnswer((Reply("Of course."),), (sig.WantsPerson("asked"),), "test"))
    for body in ("call me", "1", "1", "leave it out"):
        await texts(ana, body)
    await moves(ana)
    assert [(one["conversation"], one["state"]) for one in await ana.rows(t.callback)] == [(old, "scheduled")]
    assert [(one["conversation"], one["state"]) for one in await ana.rows(t.promise)] == [(old, "open")]


async def test_without_texts_no_such_route_is_offered(cast: Cast) -> None:
    cast.desk.house = replace(cast.desk.house, account=None)
    await cast.asks_for_a_person()
    assert "Go on by text message" not in [button["title"] for button in (await cast.messages())[-1]["buttons"]]
    assert await says(cast, "text me") != ASKED


async def test_it_is_offered_among_the_routes_and_in_line(ana: Cast) -> None:
    await is_here(ana, ana.maria)
    await ana.asks_for_a_person()
    await ana.presses("Go on by text message")
    assert (await ana.last()).startswith(ASKED)
    await ana.presses("Stay here")
    await ana.writes("chat now")
    assert "You are next in line" in await ana.last()
    await ana.presses("Go on by text message")
    assert (await ana.last()).startswith(ASKED)
    old = (await ana.messages())[-3]["id"]
    with pytest.raises(OldButton):
        await ana.desk.do(patients.receive, patients.Inbound(ana.ana, "old", button=f"{old}.0"))


async def test_erasing_it_leaves_no_number_and_no_code(ana: Cast) -> None:
    await ana.desk.do(lambda work: work.db.execute(t.case.delete()))
    await old_thread(ana, "hello")
    await moves(ana)
    await ana.desk.do(records.erase, ana.ana, who="test")
    assert [await ana.rows(table) for table in (t.phone_number, t.text_code)] == [[], []]
