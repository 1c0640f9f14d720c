"""Asking for a call, changing it and calling it off, as conversations: what Ana says, and what she is told. It is Monday, 9:00 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handoff import signals as sig
from handoff.desk import callback_acts, promise_watch, sessions, staff, views
from handoff.errors import AlreadyTaken, BadInput, BadNumber, IllegalMove
from handoff.hours import Window
from handoff.store import tables as t
from tests.cast import Cast, is_here

NUMBER = "+12025550199"
ASKED = ["Which number may we phone you on?"]


async def asks(cast: Cast, *said: str) -> None:
    """Ana wants a person, chooses a call, and says the rest."""
    await cast.asks_for_a_person()
    await cast.presses("Ask for a phone call")
    for text in said:
        await cast.writes(text)


async def open_one(cast: Cast) -> dict[str, Any]:
    (found,) = [row for row in await cast.rows(t.callback) if row["closed_at"] is None]
    return found


async def titles(cast: Cast) -> list[str]:
    return [button["title"] for button in (await cast.messages())[-1]["buttons"]]


async def test_a_call_is_asked_for_step_by_step_stored_and_then_said(cast: Cast) -> None:
    await asks(cast)
    assert (await cast.last()).startswith("Which number may we phone you on?")
    await cast.writes("it's (202) 555-0199, thanks")
    assert await cast.last() == "We'd phone (202) 555-0199. Is that right?"
    await cast.presses("That's right")
    assert (await titles(cast))[-1] == "Back to the choices"
    await cast.presses("Today")
    await cast.writes("My bill is wrong")
    row = await open_one(cast)
    assert (row["number"], row["about"], row["state"], row["asked_by"]) == (NUMBER, "My bill is wrong", "scheduled", "patient")
    (promise,) = await cast.rows(t.promise)
    assert (promise["kind"], promise["state"], promise["due_at"], row["promise"]) == ("callback", "open", row["window_to"], promise["id"])
    assert "will phone you on the number ending in 99 today between" in await cast.last()
    assert await cast.state() == ("bot", "bot")
    shown = await cast.desk.look(views.item, cast.desk.house, cast.maria, cast.ana)
    assert [reason["reason"] for reason in shown["reasons"]] == ["call"]
    assert [row["state"] for row in await cast.rows(t.case)] == ["open"]
    assert [row["state"] for row in await cast.rows(t.handoff_request)] == ["cancelled"]
    assert (await cast.rows(t.consent))[-1]["purpose"] == "callback"


@pytest.mark.parametrize("said", [["banana", "banana"], ["2025550199", "ok", "skip", "another day"]])
async def test_who_is_not_understood_twice_is_told_that_no_call_is_arranged_and_shown_the_routes(cast: Cast, said: list[str]) -> None:
    await asks(cast, *said)
    assert [row["text"] for row in await cast.messages()][-2] == "No call is arranged yet."
    assert "Ask for a phone call" in await titles(cast)
    assert (await cast.state(), await cast.rows(t.callback), await cast.rows(t.answer)) == (("choosing", "bot"), [], [])


async def test_the_number_of_no_route_shows_the_routes_again(cast: Cast) -> None:
    await cast.asks_for_a_person()
    await cast.writes("9")
    assert "Ask for a phone call" in await titles(cast)
    assert (await cast.state(), await cast.rows(t.answer)) == (("choosing", "bot"), [])


async def test_a_try_before_the_window_leaves_the_promise_as_it_is(cast: Cast) -> None:
    await asks(cast, "2025550199", "ok", "2", "x")
    before = await open_one(cast)
    assert before["window_from"] > cast.clock.now()
    await cast.desk.do(callback_acts.log_attempt, cast.maria, before["id"], "no_answer", "")
    after = await open_one(cast)
    assert [after[name] for name in ("window_from", "window_to", "promise")] == [
        before[name] for name in ("window_from", "window_to", "promise")
    ]
    assert (after["state"], after["attempts"], after["next_at"]) == ("scheduled", 1, before["window_from"])
    assert [row["state"] for row in await cast.rows(t.promise)] == ["open"]


async def test_it_keeps_its_place_from_the_original_wait(cast: Cast) -> None:
    await cast.asks_for_a_person()
    asked = (await cast.rows(t.handoff_request))[0]["queue_age_from"]
    cast.clock.forward(minutes=7)
    await cast.presses("Ask for a phone call")
    for text in ("2025550199", "ok", "1", "skip this please"):
        await cast.writes(text)
    assert (await open_one(cast))["queue_age_from"] == asked


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["12"], "I can't find a phone number"),
        (["555 0199"], "too short"),
        (["911"], "call 911"),  # whoever types that may mean it
        (["1-900-555-0199"], "numbers of that kind"),
        (["+44 7700 900123"], "numbers of that country"),
        (["202 555 0198 or 202 555 0199"], "Please type one number"),
        (["2025550199"], "Is that right?"),
        (["555 010 9999"], "Is that right?"),
        (["2025550199", "no"], "Please type it here"),
        (["2025550199", "202 555 0198"], "We'd phone (202) 555-0198"),
        (["2025550199", "yes"], "When may we phone you?"),
        (["2025550199", "right", "whenever"], "Please choose one of these times"),
        (["2025550199", "right", "1"], "What is it about?"),
        (["2025550199", "right", "tomorrow afternoon"], "What is it about?"),
        (["2025550199", "right", "morning", "x"], "ending in 99 today between 10:00 and 12:00"),
        (["2025550199", "right", "tomorrow"], "Please choose one of these times"),  # there are two windows tomorrow
        (["2025550199", "right", "1", "leave it out"], "ending in 99 today between"),
    ],
)
async def test_each_answer_is_read_as_people_give_it(cast: Cast, said: list[str], told: str) -> None:
    await asks(cast, *said)
    assert told in await cast.last()


async def test_danger_is_heard_in_the_middle_of_it(cast: Cast) -> None:
    await asks(cast, "2025550199", "I want to kill myself")
    assert (await cast.state())[0] == "waiting"
    assert await cast.rows(t.callback) == []


async def test_one_may_turn_back_or_ask_for_a_person_or_say_something_else(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await asks(cast, "2025550199")
    await cast.presses("Back to the choices")
    assert "Ask for a phone call" in await titles(cast)
    await cast.presses("Ask for a phone call")
    await cast.asks_for_a_person()
    assert "Chat with a person now" in await titles(cast)
    await cast.presses("Ask for a phone call")
    await cast.writes("actually the nurse on the ward was very kind to my mother")
    assert await cast.state() == ("bot", "bot")


NUMBER_STEP: list[str] = []
WINDOW_STEP = ["2025550199", "ok"]
ABOUT_STEP = ["2025550199", "ok", "1"]


@pytest.mark.parametrize("before", [NUMBER_STEP, ["2025550199"], WINDOW_STEP, ABOUT_STEP], ids=["number", "confirm", "window", "about"])
@pytest.mark.parametrize(
    "words",
    [
        "human please",
        "I want to talk to a person now",
        "speak with staff",
        "put someone on",
        "speek to human",
        "un humano porfa",
        "agent",
        "can I talk to someone instead",
        "I don't want a callback, I want to talk now to a person",
        "quiero hablar con una persona",
        "no bots please",
    ],
)
async def test_a_person_now_is_a_wish_at_every_step(cast: Cast, before: list[str], words: str) -> None:
    await is_here(cast, cast.maria)
    await asks(cast, *before, words)
    assert ("Hablar con una persona ahora" if words.startswith("quiero") else "Chat with a person now") in await titles(cast)
    assert (await cast.state(), await cast.rows(t.callback)) == (("choosing", "bot"), [])


@pytest.mark.parametrize(
    "about",
    [
        "I want to talk to a nurse about my results",
        "I need to speak to someone about the bill, it is wrong",
        "I want to make a complaint",
        "to speak to the doctor because the tablets make me ill",
        "I'd like to discuss my scan with the doctor",
        "my results are late now and I want to speak to a nurse",
        "I need help with my bill",
        "quiero hablar con la enfermera sobre mis resultados",
        "the manager was rude",
        "nurse",
        "my bill",
    ],
)
async def test_whom_they_want_to_talk_to_about_something_is_what_the_call_is_about(cast: Cast, about: str) -> None:
    await is_here(cast, cast.maria)
    await asks(cast, *ABOUT_STEP, about)
    assert (await open_one(cast))["about"] == about


@pytest.mark.parametrize("words", ["my number is 202 555 0199, ring me", "someone can ring me on 202 555 0199"])
async def test_a_number_among_words_that_wish_is_taken(cast: Cast, words: str) -> None:
    await asks(cast, words)
    assert await cast.last() == "We'd phone (202) 555-0199. Is that right?"


async def test_a_second_call_is_not_offered_and_a_message_is_no_call(cast: Cast) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    await cast.bot_says("And why?", signals=(sig.Asked("fft", "why", 1),))
    await cast.asks_for_a_person()
    assert "Ask for a phone call" not in await titles(cast)
    await is_here(cast, cast.maria)
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(staff.write, cast.maria, cast.ana, "w1", "Hello")
    assert [row["state"] for row in await cast.rows(t.promise)] == ["open"]
    await cast.desk.do(staff.close, cast.maria, cast.ana, "answered")
    assert [row["state"] for row in await cast.rows(t.promise)] == ["open"]
    assert (await cast.desk.look(views.item, cast.desk.house, cast.maria, cast.ana))["callback"]["number"] == NUMBER


async def test_in_spanish_from_the_first_word_to_the_last(cast: Cast) -> None:
    session = await cast.desk.do(sessions.open_session, secret=None, site="https://es.clinic.example", protocol="widget", locale="es-MX")
    cast.ana = session.conversation
    await cast.asks_for_a_person()
    await cast.writes("llámenme por teléfono")
    assert (await cast.last()).startswith("¿A qué número")
    await cast.writes("es el 202 555 0199, gracias")
    assert "(202) 555-0199" in await cast.last()
    await cast.writes("sí")
    assert (await cast.last()).startswith("¿Cuándo le podemos llamar?")
    await cast.writes("mañana por la tarde")
    await cast.writes("la factura")
    row = await open_one(cast)
    assert (row["number"], row["about"], row["language"]) == (NUMBER, "la factura", "es")
    assert "que termina en 99 mañana entre" in await cast.last()
    await cast.writes("otra hora")
    await cast.writes("hoy por la tarde")
    assert "hoy entre" in await cast.last()
    await cast.writes("no hace falta que llamen")
    assert [row["state"] for row in await cast.rows(t.callback)] == ["cancelled"]


@pytest.mark.parametrize("words", ["No call needed", "please don't call me", "cancel my callback", "no me llamen", "no need to ring"])
async def test_it_is_called_off_in_words(cast: Cast, words: str) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    await cast.writes(words)
    (row,) = await cast.rows(t.callback)
    assert (row["state"], row["closed_at"] is not None) == ("cancelled", True)
    assert [row["state"] for row in await cast.rows(t.promise)] == ["withdrawn"]
    assert [row["state"] for row in await cast.rows(t.case)] == ["closed"]
    assert "will not phone you" in await cast.last()


@pytest.mark.parametrize("words", ["another time please", "Can you change the time?", "otra hora"])
async def test_it_is_moved_in_words(cast: Cast, words: str) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    before = await open_one(cast)
    await cast.writes(words)
    assert "When may we phone you instead?" in await cast.last()
    await cast.writes("3")
    after = await open_one(cast)
    assert after["id"] == before["id"]
    assert after["window_from"] > before["window_from"]
    assert sorted(row["state"] for row in await cast.rows(t.promise)) == ["open", "withdrawn"]


@pytest.mark.parametrize("words", ["they never call me back on time", "I could not find another time that suited", "the call was fine"])
async def test_a_story_about_calls_changes_none(cast: Cast, words: str) -> None:
    await cast.writes(words)
    assert await cast.state() == ("bot", "bot")
    await cast.bot_says("And why?")
    await asks(cast, "2025550199", "ok", "1", "x")
    await cast.writes("the receptionist said they would ring me another day but they did not")
    assert (await open_one(cast))["state"] == "scheduled"


async def test_before_a_promise_is_missed_it_is_said(cast: Cast) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    due = (await open_one(cast))["window_to"]
    said = []
    for minutes in (30, 10, 0):
        cast.clock.at = due.astimezone(UTC)
        cast.clock.forward(minutes=-minutes)
        lease, payload = await cast.job("watch_promise")
        await cast.desk.do(promise_watch.watch, lease, payload)
        said.append(await cast.last())
    assert ["ending in 99" in said[0], "nearly over" in said[1], "did not phone you" in said[2]] == [True, True, True]
    assert [row["state"] for row in await cast.rows(t.promise)] == ["broken"]
    assert (await open_one(cast))["state"] == "overdue"
    assert [row["detail"]["stage"] for row in await cast.rows(t.audit) if row["act"] == "promise_at_risk"] == ["alert", "tell", "broken"]
    await cast.presses("Tomorrow")
    assert (await open_one(cast))["state"] == "scheduled"
    assert sorted(row["state"] for row in await cast.rows(t.promise)) == ["broken", "open"]


async def test_an_answer_that_was_promised_is_watched_too(cast: Cast) -> None:
    await cast.leaves_a_message()
    (promise,) = await cast.rows(t.promise)
    cast.clock.at = promise["due_at"].astimezone(UTC)
    cast.clock.forward(minutes=-30)
    lease, payload = await cast.job("watch_promise")
    await cast.desk.do(promise_watch.watch, lease, payload)
    assert "has not answered you yet" in await cast.last()


async def test_two_of_staff_take_a_call_and_one_has_it(cast: Cast) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    callback = (await open_one(cast))["id"]
    item = await cast.desk.do(callback_acts.claim, cast.maria, callback)
    assert (item["callback"]["state"], item["callback"]["staff"]["name"]) == ("claimed", "Maria")
    with pytest.raises(AlreadyTaken, match="Maria"):
        await cast.desk.do(callback_acts.claim, cast.sam, callback)
    with pytest.raises(AlreadyTaken, match="Maria"):
        await cast.desk.do(callback_acts.log_attempt, cast.sam, callback, "spoke", "")
    await cast.desk.do(callback_acts.release, cast.maria, callback)
    assert (await cast.desk.do(callback_acts.claim, cast.sam, callback))["callback"]["staff"]["name"] == "Sam"


@pytest.mark.parametrize(
    ("outcome", "state", "promise", "told"),
    [
        ("spoke", "completed", "kept", "ending in 99"),
        ("no_answer", "scheduled", "kept open", "just tried to phone you"),
        ("voicemail", "scheduled", "kept open", "just tried to phone you"),
        ("wrong_number", "wrong_number", "withdrawn", "somebody else's"),
    ],
)
async def test_without_a_provider_staff_dial_and_note_how_it_went(cast: Cast, outcome: str, state: str, promise: str, told: str) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    callback = (await open_one(cast))["id"]
    cast.clock.at = (await open_one(cast))["window_from"]
    assert await cast.desk.do(callback_acts.call_now, cast.maria, callback) is False
    await cast.desk.do(callback_acts.log_attempt, cast.maria, callback, outcome, "rang twice")
    (row,) = await cast.rows(t.callback)
    assert (row["state"], row["outcome"], row["note"]) == (state, outcome, "rang twice")
    assert " ".join(sorted(row["state"] for row in await cast.rows(t.promise))) == promise
    assert [(row["state"], row["outcome"]) for row in await cast.rows(t.call)] == [("logged", outcome)]
    assert any(told in row["text"] for row in await cast.messages())


async def test_that_we_try_again_is_watched_and_a_forgotten_claim_is_freed(cast: Cast) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    callback = (await open_one(cast))["id"]
    await cast.desk.do(callback_acts.log_attempt, cast.maria, callback, "no_answer", "")
    cast.clock.forward(minutes=11)
    await cast.desk.do(callback_acts.claim, cast.maria, callback)
    due = (await open_one(cast))["window_to"].astimezone(UTC)
    states = []
    for minutes in (0, 14, 16, 50):
        cast.clock.at = due
        cast.clock.forward(minutes=minutes)
        lease, payload = await cast.job("watch_promise")
        await cast.desk.do(promise_watch.watch, lease, payload)
        states.append((await open_one(cast))["state"])
    assert states == ["claimed", "claimed", "overdue", "escalated"]
    assert any("did not phone you" in row["text"] for row in await cast.messages())


async def test_a_call_in_danger_waits_for_nobodys_hours(cast: Cast) -> None:
    await cast.writes("I want to kill myself")
    cast.clock.forward(hours=14)
    now = cast.clock.now()
    window = Window(now, now + timedelta(hours=1))
    item = await cast.desk.do(callback_acts.plan_one, cast.priya, cast.ana, NUMBER, window, "")
    assert item["callback"]["state"] == "scheduled"
    await cast.desk.do(callback_acts.set_phone, cast.priya, "(202) 555-0187")
    assert await cast.desk.do(callback_acts.call_now, cast.priya, item["callback"]["id"]) is True


async def test_three_tries_by_hand_and_the_patient_is_told_and_the_case_stays_open(cast: Cast) -> None:
    await asks(cast, "2025550199", "ok", "1", "x")
    callback = (await open_one(cast))["id"]
    for _ in range(3):
        await cast.desk.do(callback_acts.log_attempt, cast.maria, callback, "no_answer", "")
        cast.clock.forward(minutes=11)
    assert (await open_one(cast))["state"] == "escalated"
    assert "several times" in await cast.last()
    assert [row["state"] for row in await cast.rows(t.case)] == ["open"]
    with pytest.raises(IllegalMove):
        await cast.desk.do(callback_acts.claim, cast.maria, callback)


async def test_staff_plan_a_call_and_the_patient_is_told(cast: Cast) -> None:
    await cast.leaves_a_message()
    offered = callback_acts.offered(cast.desk.house, cast.clock.now())
    window = Window(*(datetime.fromisoformat(offered[1][name]) for name in ("from", "to")))
    for number, error in (("12", BadNumber), ("911", BadNumber)):
        with pytest.raises(error):
            await cast.desk.do(callback_acts.plan_one, cast.maria, cast.ana, number, window, "")
    night = Window(datetime(2026, 11, 24, 2, tzinfo=UTC), datetime(2026, 11, 24, 4, tzinfo=UTC))
    with pytest.raises(BadInput):
        await cast.desk.do(callback_acts.plan_one, cast.maria, cast.ana, NUMBER, night, "")
    item = await cast.desk.do(callback_acts.plan_one, cast.maria, cast.ana, NUMBER, window, "her bill")
    assert (item["callback"]["about"], "call" in item["can"]) == ("her bill", True)
    assert "ending in 99" in await cast.last()
    with pytest.raises(IllegalMove):
        await cast.desk.do(callback_acts.plan_one, cast.maria, cast.ana, NUMBER, window, "")
    assert (await cast.rows(t.callback))[0]["asked_by"] == f"staff:{cast.maria.id}"


@pytest.mark.parametrize("words", ["1", "2", "number two please"])
async def test_a_number_that_is_typed_for_a_call_that_is_over_is_taken_as_what_it_says(cast: Cast, words: str) -> None:
    """The newest buttons are still the other times; nothing of what Ana writes is refused for that."""
    await asks(cast, "2025550199", "ok", "1", "x")
    await cast.writes("another time please")
    await cast.writes("No call needed")
    await cast.writes(words)
    assert words in [row["text"] for row in await cast.messages() if row["author"] == "patient"]
    assert [row["state"] for row in await cast.rows(t.callback)] == ["cancelled"]


async def test_a_clock_that_was_put_back_makes_no_call_younger_than_its_wait(cast: Cast) -> None:
    await cast.asks_for_a_person()
    cast.clock.forward(minutes=-40)
    await asks(cast, "2025550199", "ok", "1", "x")
    (request,), (call,) = await cast.rows(t.handoff_request), await cast.rows(t.callback)
    assert request["queue_age_from"] == call["queue_age_from"] <= call["created_at"]
