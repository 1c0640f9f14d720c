"""Deeds on both databases: what patients, the bot, staff and timers do, and what is stored of it."""

from __future__ import annotations

from typing import Any

import pytest

from handoff import jobs, records
from handoff import signals as sig
from handoff.channels import Inbound
from handoff.conversation import Event, State
from handoff.desk import patient_view, patients, responses, sessions, staff, timers, turns, views
from handoff.desk.turns import BotAnswer, Reply
from handoff.errors import AlreadyTaken, BadInput, EmptyMessage, NotAllowed, NotYours, OldButton, OnHold, SessionEnded, TooLong
from handoff.staff import accounts, presence
from handoff.store import tables as t
from handoff.store.purge import _pointer
from tests.cast import SITE, Cast, in_line, is_here


class TestPatients:
    async def test_a_message_is_stored_once_however_often_it_comes(self, cast: Cast) -> None:
        first = await cast.writes("it was good", client_id="same")
        again = await cast.writes("it was good", client_id="same")
        assert (first.known, again.known, again.seq) == (False, True, first.seq)
        assert [row["text"] for row in await cast.messages()].count("it was good") == 1

    async def test_seq_has_no_gaps(self, cast: Cast) -> None:
        for number in range(20):
            await cast.writes(f"message {number}")
        assert [row["seq"] for row in await cast.messages()] == list(range(1, 22))

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("", EmptyMessage),
            ("   \n", EmptyMessage),
            ("\x00 ", None),
            ("x" * 4001, TooLong),
            ("x" * 4000, None),
            ("‮abc", None),
            ("a\ud800b", None),
        ],
        ids=["nothing", "white space", "a NUL", "4,001 characters", "4,000 characters", "a right-to-left override", "half a character"],
    )
    async def test_odd_texts(self, cast: Cast, text: str, error: type[Exception] | None) -> None:
        before = len(await cast.messages())
        if error is None:
            await cast.writes(text)
            assert len(await cast.messages()) == before + 1
        else:
            with pytest.raises(error):
                await cast.writes(text)
            assert len(await cast.messages()) == before

    async def test_a_text_that_looks_like_a_command_is_kept_as_it_was_written(self, cast: Cast) -> None:
        await cast.writes("/restart{}")
        assert await cast.last() == "/restart{}"

    async def test_an_old_button_is_refused_and_nothing_is_stored(self, cast: Cast) -> None:
        await cast.asks_for_a_person()
        old = (await cast.messages())[-1]["buttons"][0]["id"]
        await cast.asks_for_a_person()
        before = len(await cast.messages())
        for button in (old, "nonsense", f"{old}9", old.replace(".0", ".99"), ".", "person.0"):
            with pytest.raises(OldButton):
                await cast.desk.do(patients.receive, Inbound(cast.ana, f"x{button}", button=button))
        assert len(await cast.messages()) == before

    async def test_ending_twice_is_ending_once(self, cast: Cast) -> None:
        await cast.desk.do(patients.end, cast.ana, "end-1")
        await cast.desk.do(patients.end, cast.ana, "end-1")
        assert await cast.state() == ("closed", "nobody")
        assert [row["text"] for row in await cast.messages()].count("End this chat") == 1

    async def test_writing_after_the_end_begins_a_new_episode(self, cast: Cast) -> None:
        await cast.desk.do(patients.end, cast.ana, "end-1")
        await cast.writes("one more thing")
        assert await cast.state() == ("bot", "bot")
        assert (await cast.rows(t.conversation))[0]["episode"] == 2


class TestBot:
    async def test_every_answer_is_stored_as_it_is_given(self, cast: Cast) -> None:
        await cast.writes("good")
        await cast.bot_says("And why?", signals=(sig.Answered("fft", "overall", "good", "Good"), sig.Asked("fft", "why", 1)))
        response = (await cast.rows(t.response))[0]
        assert (response["disposition"], response["asked"]) == ("interim_partial", "why")
        await cast.desk.do(patients.end, cast.ana, "end-1")
        response = (await cast.rows(t.response))[0]
        assert (response["disposition"], response["finished_at"] is not None) == ("partial", True)

    async def test_going_back_takes_an_answer_back(self, cast: Cast) -> None:
        await cast.writes("good")
        await cast.bot_says("And why?", signals=(sig.Answered("fft", "overall", "good", "Good"),))
        await cast.writes("go back")
        await cast.bot_says("How was it?", signals=(sig.Retracted("fft", "overall"), sig.Asked("fft", "overall", 1)))
        assert await cast.rows(t.answer) == []

    async def test_starting_again_keeps_the_old_answers_apart(self, cast: Cast) -> None:
        await cast.writes("good")
        await cast.bot_says("And why?", signals=(sig.Answered("fft", "overall", "good", "Good"),))
        await cast.writes("start again")
        await cast.bot_says("How was it?", signals=(sig.SurveyRestarted("fft"), sig.Asked("fft", "overall", 1)))
        assert [row["disposition"] for row in await cast.rows(t.response)] == ["partial", "contacted"]
        turn = await cast.desk.look(turns._survey_state, cast.desk.house, cast.ana, "fft")
        assert turn == {"id": "fft", "progress": {}, "asked": "overall", "attempt": 1, "state": "open"}

    async def test_no_bot_word_after_a_person_has_taken_over(self, cast: Cast) -> None:
        await cast.writes("terrible")
        await cast.desk.do(staff.take, cast.priya, cast.ana)
        assert await cast.bot_says("Too late!", signals=(sig.Answered("fft", "overall", "very_poor", "Very poor"),)) is False
        assert "Too late!" not in [row["text"] for row in await cast.messages()]
        assert [row["act"] for row in await cast.rows(t.audit)].count("bot_reply_discarded") == 1

    async def test_a_late_answer_while_choosing_counts_but_is_not_said(self, cast: Cast) -> None:
        await cast.writes("good")
        lease, payload = await cast.job("ask_bot")
        await cast.asks_for_a_person()
        answer = BotAnswer((Reply("And why?"),), (sig.Answered("fft", "overall", "good", "Good"),))
        assert await cast.desk.do(turns.bot_answered, lease, payload, answer) is False
        assert [row["value"] for row in await cast.rows(t.answer)] == ["good"]
        assert "And why?" not in [row["text"] for row in await cast.messages()]

    async def test_a_failed_turn_says_so_and_shows_the_routes(self, cast: Cast) -> None:
        await cast.writes("good")
        lease, payload = await cast.job("ask_bot")
        await cast.desk.do(turns.bot_failed, lease, payload, "bot:slow")
        said = await cast.messages()
        assert "having trouble" in said[-2]["text"]
        assert [button["title"] for button in said[-1]["buttons"]] == [
            "Ask for a phone call",
            "Leave a message for the team",
            "Go on by text message",
            "Go on with the questions",
        ]
        assert [row["reasons"][0]["reason"] for row in await cast.rows(t.handoff_request)] == ["bot_failed"]

    async def test_what_the_bot_failed_to_answer_need_not_be_said_again(self, cast: Cast) -> None:
        await cast.writes("good")
        failed_on = await _fails(cast)
        await cast.presses("Go on with the questions")
        _, payload = await cast.job("ask_bot")
        assert (payload["message"], payload.get("kind")) == (failed_on, None)
        await cast.bot_says("And why?", signals=(sig.Answered("fft", "overall", "good", "Good"),))
        assert [row["value"] for row in await cast.rows(t.answer)] == ["good"]
        await cast.asks_for_a_person()
        await cast.presses("Go on with the questions")
        assert (await cast.job("ask_bot"))[1]["kind"] == "returned"  # it is answered by now

    async def test_who_comes_back_twice_before_the_bot_has_answered_is_answered_once(self, cast: Cast) -> None:
        await cast.writes("good")
        failed_on = await _fails(cast)
        await cast.presses("Go on with the questions")
        await cast.asks_for_a_person()
        await cast.presses("Go on with the questions")
        turns_left = [row["payload"] for row in await cast.rows(t.job) if row["kind"] == "ask_bot" and row["state"] in jobs.OPEN]
        assert [payload["message"] for payload in turns_left] == [failed_on]

    async def test_who_comes_back_while_the_bot_is_asked_unasked_hears_of_it_all_the_same(self, cast: Cast) -> None:
        await cast.writes("good")
        failed_on = await _fails(cast)
        await cast.time_passes()  # the routes time out, and the bot is asked once more
        await cast.asks_for_a_person()
        await cast.presses("Go on with the questions")
        turns_left = [row["payload"] for row in await cast.rows(t.job) if row["kind"] == "ask_bot" and row["state"] in jobs.OPEN]
        assert [(turn.get("message"), turn["unasked"]) for turn in turns_left] == [(failed_on, True), (None, False)]

    async def test_what_the_bot_fails_on_twice_keeps_nobody_from_going_on(self, cast: Cast) -> None:
        await cast.writes("good")
        for _ in range(2):
            await _fails(cast)
            await cast.presses("Go on with the questions")
        assert (await cast.job("ask_bot"))[1]["kind"] == "returned"

    async def test_a_bot_that_stays_dead_is_told_of_once_to_whoever_does_nothing(self, cast: Cast) -> None:
        """The routes time out, the bot is asked in vain, and so on: else with a notice every time, for as long as it is dead."""
        await cast.writes("good")
        await _fails(cast)
        said = await cast.messages()
        await cast.time_passes()
        await _fails(cast)
        assert (await cast.state())[0] == "bot"  # where time closes it, in the end
        assert await cast.messages() == said

    async def test_a_first_text_that_the_bot_failed_to_greet_is_no_answer_later(self, cast: Cast) -> None:
        await cast.writes("START")
        lease, payload = await cast.job("ask_bot")
        await cast.desk.do(turns.bot_failed, lease, {**payload, "kind": "opened"}, "bot:slow")
        await cast.presses("Go on with the questions")
        assert (await cast.job("ask_bot"))[1]["kind"] == "returned"

    async def test_a_wish_for_a_person_is_not_put_to_the_bot_once_more(self, cast: Cast) -> None:
        await cast.writes("can I talk to somebody?")
        await _fails(cast)
        await cast.presses("Go on with the questions")
        assert (await cast.job("ask_bot"))[1]["kind"] == "returned"

    async def test_yes_to_a_follow_up_is_a_case_and_a_promise_before_it_is_said(self, cast: Cast) -> None:
        await cast.writes("yes please")
        await cast.bot_says(signals=(sig.FollowUp(True),))
        assert "by Thursday 26 November" in await cast.last()
        assert [row["state"] for row in await cast.rows(t.case)] == ["open"]
        promise = (await cast.rows(t.promise))[0]
        assert (promise["state"], (promise["due_at"] - cast.clock.at).days) == ("open", 3)


async def _fails(cast: Cast) -> str:
    """The bot does not answer. Returns the message that it was asked."""
    lease, payload = await cast.job("ask_bot")
    await cast.desk.do(turns.bot_failed, lease, payload, "bot:slow")
    return str(payload["message"])


class TestSafety:
    @pytest.mark.parametrize("text", ["I want to kill myself", "I CAN’T BREATHE!!", "tengo miedo, me pega", "I took too many pills"])
    async def test_fixed_words_first_then_top_of_the_line_whoever_is_there(self, cast: Cast, text: str) -> None:
        await cast.writes(text)
        said = [row["text"] for row in await cast.messages()]
        assert "911" in said[2]
        assert said[3].startswith("En este momento no hay nadie" if "miedo" in text else "Nobody is at the desk")
        assert await cast.state() == ("waiting", "queue")
        request = (await cast.rows(t.handoff_request))[0]
        assert (request["priority"], request["state"], request["reasons"][0]["reason"]) == (0, "queued", "unsafe")
        assert (await cast.rows(t.response))[0]["finished_at"] is not None

    async def test_the_numbers_are_those_of_the_country(self, cast: Cast) -> None:
        await cast.writes("I want to kill myself")
        assert "988" in (await cast.messages())[2]["text"]
        assert "911" in (await cast.messages())[2]["text"]

    async def test_the_model_alone_may_raise_it_too_and_its_other_words_are_not_said(self, cast: Cast) -> None:
        await cast.writes("everything is dark these days")
        await cast.bot_says("Thanks!", signals=(sig.Unsafe("self_harm", "everything is dark"),))
        assert "Thanks!" not in [row["text"] for row in await cast.messages()]
        assert (await cast.state())[0] == "waiting"

    async def test_it_is_never_dropped_by_time_by_cancelling_or_by_leaving(self, cast: Cast) -> None:
        await cast.writes("I want to kill myself")
        await cast.time_passes()
        await cast.desk.do(patients.end, cast.ana, "end-1")
        assert (await cast.state())[0] == "waiting"
        with pytest.raises(OnHold):
            await cast.desk.do(records.erase, cast.ana, who="patient")

    async def test_no_score_is_asked_after_it(self, cast: Cast) -> None:
        await cast.writes("I want to kill myself")
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await cast.desk.do(staff.close, cast.maria, cast.ana, "answered")
        assert "satisfied" not in await cast.last()

    async def test_praise_is_not_danger(self, cast: Cast) -> None:
        await cast.writes("my husband had a stroke and they came quickly")
        assert await cast.state() == ("bot", "bot")


class TestRoutes:
    async def test_only_true_routes_are_shown(self, cast: Cast) -> None:
        await cast.asks_for_a_person()
        assert [button["title"] for button in (await cast.messages())[-1]["buttons"]] == [
            "Ask for a phone call",
            "Leave a message for the team",
            "Go on by text message",
            "Go on with the questions",
        ]
        await is_here(cast, cast.maria)
        await cast.asks_for_a_person()
        assert (await cast.messages())[-1]["buttons"][0]["title"] == "Chat with a person now"

    async def test_who_is_away_is_not_here(self, cast: Cast) -> None:
        await is_here(cast, cast.maria)
        await cast.desk.do(staff.set_available, cast.maria, False)
        await cast.asks_for_a_person()
        assert "Nobody from the team is here" in await cast.last()

    async def test_a_lease_that_ended_is_nobody(self, cast: Cast) -> None:
        await is_here(cast, cast.maria)
        cast.clock.forward(seconds=21)
        await cast.asks_for_a_person()
        assert "Nobody from the team is here" in await cast.last()

    @pytest.mark.parametrize(
        ("text", "state"),
        [
            ("1", "waiting"),
            ("yes please", "waiting"),
            ("a person", "waiting"),
            ("3", "choosing"),  # a message: which words?
            ("no thanks", "bot"),
            ("2", "choosing"),  # a call: which number?
            ("5", "bot"),
            ("they were late", "bot"),
        ],
    )
    async def test_a_route_may_be_typed(self, cast: Cast, text: str, state: str) -> None:
        await is_here(cast, cast.maria)
        await cast.asks_for_a_person()
        await cast.writes(text)
        assert (await cast.state())[0] == state

    async def test_leaving_a_message_promises_an_answer_and_the_survey_goes_on(self, cast: Cast) -> None:
        await cast.asks_for_a_person()
        await cast.presses("Leave a message")
        assert "Please write your message" in await cast.last()
        assert await cast.state() == ("choosing", "bot")
        await cast.writes("The parking machine takes no cards")
        assert "will read it and answer you here by Thursday 26 November" in await cast.last()
        lease, payload = await cast.job("ask_bot")
        turn = await cast.desk.look(turns.turn_of, cast.desk.house, payload)
        assert turn is not None
        assert (turn["kind"], turn["meanwhile"]) == ("returned", ["message_left"])
        assert lease.job

    async def test_the_place_in_line_is_true(self, cast: Cast) -> None:
        await in_line(cast)
        assert "next in line" in await cast.last()
        second = await cast.desk.do(sessions.open_session, secret=None, site=SITE, protocol="widget", locale="en")
        await cast.desk.do(patients.receive, Inbound(second.conversation, "b1", button="person"))
        shown = (await cast.desk.look(views.messages_after, second.conversation, 0))[-1]["buttons"][0]
        assert shown["title"] == "Chat with a person now (1 ahead of you)"
        await cast.desk.do(patients.receive, Inbound(second.conversation, "b2", button=shown["id"]))
        assert (await cast.desk.look(patient_view.state, cast.desk.house, second.conversation, cast.clock.now()) or {})["ahead"] == 1

    async def test_nobody_chooses_for_ever(self, cast: Cast) -> None:
        await cast.asks_for_a_person()
        await cast.time_passes()
        assert await cast.state() == ("bot", "bot")
        assert (await cast.rows(t.handoff_request))[0]["state"] == "cancelled"

    async def test_nobody_waits_for_ever(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.time_passes()
        assert (await cast.state())[0] == "choosing"
        assert any("nobody has been free" in row["text"] for row in await cast.messages())


class TestStaff:
    async def test_of_two_who_take_one_does_and_the_other_hears_who(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        with pytest.raises(AlreadyTaken, match="Already taken by Maria") as refused:
            await cast.desk.do(staff.take, cast.sam, cast.ana)
        assert refused.value.facts == {"by": "Maria"}
        assert (await cast.state())[1] == f"staff:{cast.maria.id}"

    async def test_taking_what_is_mine_already_is_no_error(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        item = await cast.desk.do(staff.take, cast.maria, cast.ana)
        assert item["staff"]["name"] == "Maria"
        assert [row["text"] for row in await cast.messages()].count("Maria has joined the chat.") == 1

    async def test_only_the_owner_writes_hands_back_and_closes(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        for deed in (
            lambda work: staff.write(work, cast.sam, cast.ana, "s1", "hello"),
            lambda work: staff.hand_back(work, cast.sam, cast.ana),
            lambda work: staff.close(work, cast.sam, cast.ana, "answered"),
        ):
            with pytest.raises(NotYours):
                await cast.desk.do(deed)

    async def test_what_is_told_to_the_bot_alone_is_read_by_seniors_alone(self, cast: Cast) -> None:
        with pytest.raises(NotAllowed):
            await cast.desk.do(staff.read, cast.maria, cast.ana)
        with pytest.raises(NotAllowed):
            await cast.desk.do(staff.take, cast.maria, cast.ana)
        assert (await cast.desk.do(staff.read, cast.priya, cast.ana))["messages"]

    async def test_every_read_and_act_leaves_an_audit_row(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.desk.do(staff.read, cast.maria, cast.ana)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await cast.desk.do(staff.write, cast.maria, cast.ana, "m1", "hello")
        await cast.desk.do(staff.hand_back, cast.maria, cast.ana)
        acts = [row["act"] for row in await cast.rows(t.audit) if row["who"] == f"staff:{cast.maria.id}"]
        assert acts == ["read", "took", "wrote", "handed_back"]

    async def test_handing_back_tells_the_bot_and_asks_nothing_twice(self, cast: Cast) -> None:
        await cast.writes("good")
        await cast.bot_says("And why?", signals=(sig.Answered("fft", "overall", "good", "Good"), sig.Asked("fft", "why", 1)))
        await in_line(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await cast.desk.do(staff.hand_back, cast.maria, cast.ana)
        _, payload = await cast.job("ask_bot")
        turn = await cast.desk.look(turns.turn_of, cast.desk.house, payload)
        assert turn is not None
        assert turn["survey"]["progress"] == {"overall": {"value": "good", "state": "answered"}}
        assert (turn["kind"], turn["meanwhile"]) == ("returned", ["person_helped"])

    async def test_closing_asks_for_a_score_once_and_keeps_it(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await cast.desk.do(staff.close, cast.maria, cast.ana, "answered", "told her about the new times")
        assert "satisfied" in await cast.last()
        await cast.presses("Satisfied")
        assert await cast.state() == ("closed", "nobody")
        assert [row["value"] for row in await cast.rows(t.answer)] == ["4"]
        with pytest.raises(OldButton):
            await cast.desk.do(patients.receive, Inbound(cast.ana, "late", button="x.0"))
        assert (await cast.rows(t.handoff_request))[0]["note"] == "told her about the new times"

    @pytest.mark.parametrize("outcome", ["", "done", None, 3])
    async def test_an_outcome_is_one_of_the_list(self, cast: Cast, outcome: object) -> None:
        await in_line(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        with pytest.raises(BadInput):
            await cast.desk.do(staff.close, cast.maria, cast.ana, outcome)

    async def test_the_last_line_is_what_somebody_said(self, cast: Cast) -> None:
        await cast.writes("I waited two hours")
        await in_line(cast)
        assert "next in line" in await cast.last()
        item = await cast.desk.look(views.item, cast.desk.house, cast.maria, cast.ana)
        assert (item["last_line"]["author"], item["last_line"]["text"]) == ("patient", "I waited two hours")

    async def test_a_case_is_answered_and_the_promise_kept(self, cast: Cast) -> None:
        await cast.leaves_a_message()
        items = await cast.desk.look(views.queue, cast.desk.house, cast.maria)
        assert [item["case"]["state"] for item in items] == ["open"]
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await cast.desk.do(staff.write, cast.maria, cast.ana, "m1", "I looked into it")
        assert [row["state"] for row in await cast.rows(t.promise)] == ["kept"]
        await cast.desk.do(staff.close, cast.maria, cast.ana, "answered")
        assert [row["state"] for row in await cast.rows(t.case)] == ["closed"]

    async def test_staff_who_are_lost_for_a_minute_lose_the_chat_at_its_old_age(self, cast: Cast) -> None:
        await in_line(cast)
        asked_at = cast.clock.at
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        await cast.desk.do(presence.leave, "socket-Maria")
        cast.clock.forward(seconds=30)
        await cast.time_passes()
        assert (await cast.state())[0] == "human"
        cast.clock.forward(seconds=36)  # a closed page has five seconds to come back
        await cast.time_passes()
        assert await cast.state() == ("waiting", "queue")
        assert "connection to Maria was lost" in await cast.last()
        assert [row["queue_age_from"] for row in await cast.rows(t.handoff_request)] == [asked_at]

    async def test_staff_who_are_there_keep_it(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        for _ in range(10):
            cast.clock.forward(seconds=15)
            await cast.desk.do(presence.renew, ("socket-Maria",))
            await cast.time_passes()
        assert (await cast.state())[0] == "human"

    async def test_each_state_but_closed_has_exactly_one_timer(self, cast: Cast) -> None:
        async def timers_now() -> list[str]:
            live = [row for row in await cast.rows(t.job) if row["kind"] == "timer" and row["state"] in ("ready", "running")]
            return [row["payload"]["event"] for row in live]

        assert await timers_now() == ["idle"]
        await in_line(cast)
        assert await timers_now() == ["waited_too_long"]
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        assert await timers_now() == ["staff_lost"]
        await cast.desk.do(staff.close, cast.maria, cast.ana, "answered")
        assert await timers_now() == []


class TestSessions:
    async def back(self, cast: Cast, secret: str, **other: Any) -> sessions.Session:
        given = {"site": SITE, "protocol": "widget", "locale": "en", **other}
        return await cast.desk.do(sessions.open_session, secret=secret, **given)

    async def test_a_secret_brings_one_back_and_is_replaced(self, cast: Cast) -> None:
        first = await self.back(cast, "")
        second = await self.back(cast, first.secret)
        assert (second.conversation, second.fresh) == (first.conversation, False)
        assert second.secret != first.secret

    async def test_a_lost_answer_costs_nobody_the_chat(self, cast: Cast) -> None:
        first = await self.back(cast, "")
        await self.back(cast, first.secret)
        cast.clock.forward(hours=1)
        assert (await self.back(cast, first.secret)).conversation == first.conversation

    async def test_the_old_secret_dies_a_minute_after_the_new_one_was_used(self, cast: Cast) -> None:
        first = await self.back(cast, "")
        cast.clock.forward(seconds=1)
        second = await self.back(cast, first.secret)
        cast.clock.forward(seconds=1)
        await self.back(cast, second.secret)
        cast.clock.forward(seconds=59)
        assert not (await self.back(cast, first.secret)).fresh
        cast.clock.forward(seconds=2)
        assert (await self.back(cast, first.secret)).fresh

    async def test_it_works_on_its_own_site_only(self, cast: Cast) -> None:
        first = await self.back(cast, "")
        assert (await self.back(cast, first.secret, site="https://evil.example")).fresh
        assert (await self.back(cast, first.secret, protocol="rasa")).fresh

    @pytest.mark.parametrize("invented", ["x", "' or 1=1 --", "0" * 43, "é" * 20])
    async def test_an_invented_secret_gets_a_new_conversation(self, cast: Cast, invented: str) -> None:
        assert (await self.back(cast, invented)).fresh

    async def test_the_conversations_id_is_no_secret(self, cast: Cast) -> None:
        assert (await self.back(cast, cast.ana)).conversation != cast.ana

    async def test_after_a_day_it_is_over_unless_an_answer_was_promised(self, cast: Cast) -> None:
        first = await self.back(cast, "")
        cast.clock.forward(hours=25)
        assert (await self.back(cast, first.secret)).fresh
        second = await self.back(cast, "")
        await cast.desk.do(patients.receive, Inbound(second.conversation, "p", button="person"))
        shown = (await cast.desk.look(views.messages_after, second.conversation, 0))[-1]["buttons"]
        leave = next(button for button in shown if button["title"].startswith("Leave"))
        await cast.desk.do(patients.receive, Inbound(second.conversation, "q", button=leave["id"]))
        await cast.desk.do(patients.receive, Inbound(second.conversation, "r", text="The parking machine takes no cards"))
        cast.clock.forward(days=3)
        assert (await self.back(cast, second.secret)).conversation == second.conversation

    async def test_a_ticket_opens_one_socket(self, cast: Cast) -> None:
        first = await self.back(cast, "")
        ticket = await cast.desk.do(sessions.issue_ticket, kind="patient", session=first.id)
        assert (await cast.desk.do(sessions.enter, ticket)).conversation == first.conversation
        with pytest.raises(SessionEnded):
            await cast.desk.do(sessions.enter, ticket)

    async def test_a_ticket_lives_five_minutes_and_is_of_its_kind(self, cast: Cast) -> None:
        first = await self.back(cast, "")
        ticket = await cast.desk.do(sessions.issue_ticket, kind="patient", session=first.id)
        with pytest.raises(SessionEnded):
            await cast.desk.do(accounts.enter, ticket)
        cast.clock.forward(minutes=6)
        with pytest.raises(SessionEnded):
            await cast.desk.do(sessions.enter, ticket)

    async def test_forgetting_ends_it(self, cast: Cast) -> None:
        first = await self.back(cast, "")
        await cast.desk.do(sessions.forget, secret=first.secret, site=SITE)
        assert (await self.back(cast, first.secret)).fresh


class TestRecords:
    async def test_an_export_holds_all_and_is_noted(self, cast: Cast) -> None:
        await cast.writes("it was good")
        found = await cast.desk.do(records.export, cast.ana, who="test")
        assert [row["text"] for row in found["messages"]] == ["How was it?", "it was good"]
        assert [row["act"] for row in await cast.rows(t.audit)][-1] == "exported"

    async def test_erasing_leaves_nothing_but_the_audit(self, cast: Cast) -> None:
        await in_line(cast)
        await cast.writes("my very own words")
        await cast.desk.do(records.erase, cast.ana, who="test")
        for table in t.metadata.sorted_tables:
            if table.name in ("audit", "job"):
                continue
            for row in await cast.rows(table):
                assert cast.ana not in [str(value) for value in row.values()], table.name
        left = [row for row in await cast.rows(t.job) if cast.ana in str(row["key"])]
        assert [row["kind"] for row in left] == ["erase_tracker"]

    async def test_every_table_that_points_to_a_conversation_is_emptied(self, cast: Cast) -> None:
        pointing = {table.name for table in t.metadata.tables.values() for key in table.foreign_keys if key.column.table is t.conversation}

        assert pointing <= {table.name for table in t.metadata.tables.values() if _pointer(table) is not None}


class TestTimers:
    async def test_a_silent_patient_is_let_go_after_a_day_but_not_before(self, cast: Cast) -> None:
        cast.clock.forward(hours=20)
        await cast.writes("sorry, I was away")
        cast.clock.forward(hours=5)
        await cast.time_passes()
        assert (await cast.state())[0] == "bot"
        cast.clock.forward(hours=20)
        await cast.time_passes()
        assert await cast.state() == ("closed", "nobody")

    async def test_a_timer_of_an_earlier_state_does_nothing(self, cast: Cast) -> None:
        lease, payload = await cast.job("timer")
        await in_line(cast)
        await cast.desk.do(lambda work: work.db.execute(t.job.update().where(t.job.c.id == lease.job).values(state="running")))
        await cast.desk.do(timers.ring_timer, lease, payload)
        assert (await cast.state())[0] == "waiting"
        assert Event(payload["event"]) is Event.IDLE
        assert State.WAITING == "waiting"


async def test_a_second_runner_is_fenced(cast: Cast) -> None:
    await cast.writes("good")
    lease, payload = await cast.job("ask_bot")
    stale = jobs.Lease(lease.job, "another", 1)
    with pytest.raises(jobs.Fenced):
        await cast.desk.do(turns.bot_answered, stale, payload, BotAnswer((Reply("twice"),), ()))
    assert "twice" not in [row["text"] for row in await cast.messages()]
    assert responses.FOLLOW_UP == "follow_up"
