"""What is decided about a message, on both databases: stored with its evidence, carried out in the same turn, once for a cause."""

from __future__ import annotations

from typing import Any

import pytest

from handoff import records
from handoff import signals as sig
from handoff.desk import paging, patients, staff, turns
from handoff.desk.turns import BotAnswer, Reply
from handoff.store import purge
from handoff.store import tables as t
from handoff.understanding import Understanding
from tests.cast import Cast, is_here

QUIET = "the small blue chair is taken now"  # no rule knows these words


async def answers(
    cast: Cast, *texts: str, signals: tuple[sig.Signal, ...] = (), understood: Understanding | None = None, intent: str = "opinion"
) -> bool:
    """The bot's answer to the last turn, with what it understood."""
    lease, payload = await cast.job("ask_bot")
    answer = BotAnswer(tuple(Reply(text) for text in texts), signals, intent, understood)
    return await cast.desk.do(turns.bot_answered, lease, payload, answer)


async def fails(cast: Cast) -> None:
    lease, payload = await cast.job("ask_bot")
    await cast.desk.do(turns.bot_failed, lease, payload, "bot:down")


async def texts(cast: Cast) -> list[str]:
    return [row["text"] for row in await cast.messages()]


async def reasons(cast: Cast) -> list[dict[str, Any]]:
    return [reason for row in await cast.rows(t.handoff_request) for reason in row["reasons"]]


class TestAssessments:
    async def test_each_message_that_the_bot_is_asked_about_is_assessed_once(self, cast: Cast) -> None:
        await cast.writes("The receptionist was rude to me")
        await answers(cast, "Thank you. And why?", understood=Understanding("opinion", 0.9, sentiment=2.0))
        (row,) = await cast.rows(t.assessment)
        assert (row["level"], row["priority"], row["topic"], row["language"]) == ("calm", 3, "staff", "en")
        assert row["version"] == cast.desk.house.routing.version
        assert row["given"]["understanding"] == {"intent": "opinion", "confidence": 0.9, "sentiment": 2.0}
        assert row["message"] == (await cast.rows(t.message))[-2]["id"]

    async def test_words_of_danger_are_assessed_at_once_and_without_the_bot(self, cast: Cast) -> None:
        await cast.writes("I want to kill myself")
        (row,) = await cast.rows(t.assessment)
        assert (row["level"], row["priority"], row["topic"]) == ("unsafe", 0, "safety")
        assert row["reasons"][0]["words"] == "I want to kill myself"
        assert row["given"]["understanding"] is None
        assert await cast.state() == ("waiting", "queue")

    async def test_danger_that_the_bot_alone_hears_is_assessed_with_how_sure_it_was(self, cast: Cast) -> None:
        await cast.writes(QUIET)
        await answers(cast, signals=(sig.Unsafe("self_harm", QUIET),), understood=Understanding("unsafe", 0.85), intent="unsafe")
        (row,) = await cast.rows(t.assessment)
        (told,) = row["reasons"]
        assert (row["level"], row["priority"], row["topic"]) == ("unsafe", 0, "safety")
        assert (told["rule"], told["source"], told["words"], told["score"]) == ("safety.self_harm: bot", "model", QUIET, 0.85)
        (reason,) = await reasons(cast)
        assert (reason["rule"], reason["message"], reason["words"]) == (told["rule"], row["message"], QUIET)
        assert reason["evidence"] == [{name: told[name] for name in ("rule", "source", "score", "points")}]

    async def test_so_is_danger_that_it_only_listens_to(self, cast: Cast) -> None:
        await is_here(cast, cast.maria)
        await cast.asks_for_a_person()
        await cast.presses("Chat with a person")
        await cast.writes(QUIET)
        heard = BotAnswer((), (sig.Unsafe("self_harm", QUIET),), "unsafe", Understanding("unsafe", 0.85))
        await cast.desk.do(turns.heard, *await cast.job("listen"), heard)
        assert [(row["level"], row["reasons"][0]["score"]) for row in await cast.rows(t.assessment)] == [("unsafe", 0.85)]

    async def test_a_rule_that_finds_danger_says_so_in_the_request_too(self, cast: Cast) -> None:
        await cast.writes("I want to kill myself")
        (reason,) = await reasons(cast)
        assert [(one["source"], one["score"]) for one in reason["evidence"]] == [("rule", 1.0)]

    async def test_a_pressed_button_is_not_judged_as_words(self, cast: Cast) -> None:
        await cast.asks_for_a_person()
        assert await cast.rows(t.assessment) == []

    async def test_they_are_exported_and_erased_with_the_conversation(self, cast: Cast) -> None:
        await cast.writes("it was fine")
        await answers(cast, "Thank you.")
        assert len((await cast.desk.do(records.export, cast.ana, who="test"))["assessment"]) == 1
        await cast.desk.do(lambda work: purge.erase_conversation(work.db, cast.ana))
        assert await cast.rows(t.assessment) == []


class TestAPersonIsAskedFor:
    async def test_in_words_that_the_bot_did_not_understand(self, cast: Cast) -> None:
        await cast.writes("can you get someone to call me")
        await answers(cast, "And why was that?", intent="nlu_fallback")
        assert await cast.state() == ("choosing", "bot")
        assert (await texts(cast))[-2:] == [
            "Of course.",
            "Nobody from the team is here right now. You can leave a message, and they will answer you here.",
        ]
        assert "And why was that?" not in await texts(cast)
        (reason,) = await reasons(cast)
        assert (reason["reason"], reason["words"]) == ("asked", "can you get someone to call me")
        assert reason["evidence"][0]["source"] == "rule"
        assert (await cast.rows(t.handoff_request))[0]["priority"] == 1

    async def test_by_the_model_alone(self, cast: Cast) -> None:
        await cast.writes("could one perhaps converse with the living")
        await answers(cast, "And why?", understood=Understanding(wants_person=0.9))
        assert (await reasons(cast))[0]["rule"] == "wants_person.model"

    async def test_while_the_bot_is_down(self, cast: Cast) -> None:
        await cast.writes("I want to talk to a person")
        await fails(cast)
        assert [reason["reason"] for reason in await reasons(cast)] == ["bot_failed", "asked"]
        assert await cast.state() == ("choosing", "bot")

    async def test_while_the_routes_are_shown_it_does_not_go_to_the_bot(self, cast: Cast) -> None:
        await cast.asks_for_a_person()
        await cast.writes("no really, I would like to speak with somebody about my bill and the way I was treated")
        assert await cast.state() == ("choosing", "bot")
        assert len(await reasons(cast)) == 2

    async def test_the_bots_own_words_stay_where_the_bot_heard_it(self, cast: Cast) -> None:
        await cast.writes("I want to talk to a person")
        await answers(cast, "Of course!", signals=(sig.WantsPerson("asked", "I want to talk to a person"),), intent="wants_person")
        assert (await texts(cast)).count("Of course!") == 1
        (reason,) = await reasons(cast)
        assert (reason["rule"], reason["evidence"][0]["source"]) == ("intent:wants_person", "rule")


class TestOffers:
    async def test_anger_is_offered_a_person_and_says_why(self, cast: Cast) -> None:
        await is_here(cast, cast.maria)
        await cast.writes("you people are a joke")
        await answers(cast, "And why was that?")
        assert await cast.state() == ("choosing", "bot")
        assert (await texts(cast))[-2].startswith("I'm sorry, this has been frustrating.")
        (reason,) = await reasons(cast)
        assert (reason["reason"], reason["rule"], reason["words"]) == ("frustrated", "frustration.at_the_bot", "you people are a joke")
        assert reason["evidence"][0] == {"rule": "frustration.at_the_bot", "source": "rule", "score": 1.0, "points": 4}

    @pytest.mark.parametrize(("words", "state"), [("nummber two", "bot"), ("nummber two, and I am sick of your useless bot", "choosing")])
    async def test_a_choice_in_a_few_words_is_no_anger_whatever_the_model_makes_of_them(self, cast: Cast, words: str, state: str) -> None:
        await cast.writes(words)
        good = sig.Answered("fft", "overall", "good", "Good")
        await answers(
            cast, "Thank you. And why?", signals=(good,), understood=Understanding("nlu_fallback", frustration=0.9, sentiment=5.0)
        )
        assert (await cast.state())[0] == state

    async def test_once_for_a_cause_and_never_a_trap(self, cast: Cast) -> None:
        await cast.writes("you people are a joke")
        await answers(cast, "And why was that?")
        await cast.presses("Go on with the questions")
        await answers(cast, "All right. How was it?")
        await cast.writes("this bot is useless")
        await answers(cast, "And why was that?")
        assert await cast.state() == ("bot", "bot")
        assert (await texts(cast))[-1] == "And why was that?"
        await cast.writes("I was charged twice and I will tell my solicitor")
        await answers(cast, "Noted.")
        assert await cast.state() == ("choosing", "bot"), "another cause is offered"
        await cast.presses("Go on with the questions")
        await answers(cast, "All right. How was it?")
        await cast.writes("get me a human")
        await answers(cast, "And why?")
        assert await cast.state() == ("choosing", "bot"), "asking always works"

    async def test_where_the_bot_offers_again_the_questions_go_on(self, cast: Cast) -> None:
        frustrated = (sig.WantsPerson("frustrated", "you don't listen"),)
        for _ in range(2):
            await cast.writes("you don't listen")
            await answers(cast, "I'm sorry, I'm not getting this right.", signals=frustrated, intent="frustrated")
            if (await cast.state())[0] == "choosing":
                await cast.presses("Go on with the questions")
                await answers(cast, "All right. How was it?")
        assert await cast.state() == ("bot", "bot")
        _, payload = await cast.job("ask_bot")
        assert payload["kind"] == "returned"

    async def test_a_new_episode_may_be_offered_again(self, cast: Cast) -> None:
        for _ in range(2):
            await cast.writes("you people are a joke")
            await answers(cast, "And why was that?")
            assert await cast.state() == ("choosing", "bot")
            await cast.desk.do(patients.end, cast.ana, f"end-{cast.sent}")

    async def test_what_came_before_is_counted(self, cast: Cast) -> None:
        await cast.writes("the nurse on the second floor")
        await answers(cast, "Sorry?", signals=(sig.Asked("fft", "overall", 2),), understood=Understanding("nlu_fallback", 0.3))
        await cast.writes("I said the nurse on the second floor, that is ridiculous and I am furious")
        await answers(cast, "Sorry?", signals=(sig.Asked("fft", "overall", 3),))
        history = (await cast.rows(t.assessment))[-1]["given"]["history"]
        assert (history["earlier"], history["asked"], history["not_understood"]) == (1, 2, 1)
        assert await cast.state() == ("choosing", "bot")

    async def test_that_the_questions_end_is_said_in_any_case(self, cast: Cast) -> None:
        await cast.writes("stop asking, you people are a joke")
        await answers(cast, "All right, I'll stop asking.", signals=(sig.SurveyStopped("fft", "stopped"),))
        assert "All right, I'll stop asking." in await texts(cast)
        assert await cast.state() == ("choosing", "bot")

    async def test_a_yes_to_an_answer_is_heeded_before_an_offer(self, cast: Cast) -> None:
        await cast.writes("yes, and you people are a joke")
        await answers(cast, signals=(sig.FollowUp(True),))
        assert await cast.state() == ("bot", "bot")
        assert len(await cast.rows(t.promise)) == 1


class TestTheModelsDanger:
    async def test_it_raises_a_safety_matter(self, cast: Cast) -> None:
        await cast.writes("everything is so heavy and empty")
        await answers(cast, "And why was that?", understood=Understanding(safety={"self_harm": 0.9}))
        assert await cast.state() == ("waiting", "queue")
        assert any("988" in text for text in await texts(cast))
        assert "And why was that?" not in await texts(cast)
        assert (await reasons(cast))[0]["rule"] == "safety.self_harm: model"

    async def test_an_unknown_class_is_taken_for_an_emergency(self, cast: Cast) -> None:
        await cast.writes("hmm")
        await answers(cast, "Why?", understood=Understanding(safety={"something_new": 0.9}))
        assert any("This sounds like an emergency" in text for text in await texts(cast))


class TestOnCall:
    async def pages(self, cast: Cast) -> list[str]:
        return [row["who"] for row in await cast.rows(t.page)]

    async def planned(self, cast: Cast) -> list[int]:
        return [row["payload"]["step"] for row in await cast.rows(t.job) if row["kind"] == "page" and row["state"] == "ready"]

    async def ring(self, cast: Cast, step: int) -> None:
        jobs_ = [
            row for row in await cast.rows(t.job) if row["kind"] == "page" and row["payload"]["step"] == step and row["state"] == "ready"
        ]
        assert jobs_, f"nobody is to be called at step {step}"
        cast.clock.at = max(cast.clock.at, jobs_[0]["run_at"])
        j = t.job.c
        await cast.desk.do(
            lambda work: work.db.execute(
                t.job.update().where(j.id == jobs_[0]["id"]).values(state="running", lease_owner="test", lease_epoch=9)
            )
        )
        await cast.desk.do(paging.ring_page, paging.jobs.Lease(jobs_[0]["id"], "test", 9), jobs_[0]["payload"])

    async def test_everybody_at_once_supervisors_after_two_minutes_admins_after_five(self, cast: Cast) -> None:
        await cast.writes("I can't breathe")
        assert await self.pages(cast) == ["everybody"]
        planned = sorted(row["run_at"] for row in await cast.rows(t.job) if row["kind"] == "page")
        assert [(at - cast.clock.at).total_seconds() / 60 for at in planned] == [2, 5]
        await self.ring(cast, 1)
        assert await self.pages(cast) == ["everybody", "supervisor"]
        await self.ring(cast, 2)
        assert await self.pages(cast) == ["everybody", "supervisor", "admin"]
        shown = await cast.desk.look(staff.look_again, cast.desk.house, cast.sam, cast.ana, 0)
        assert (shown["item"]["page"]["who"], shown["item"]["page"]["step"]) == ("admin", 2)

    async def test_nobody_is_called_once_it_is_taken(self, cast: Cast) -> None:
        await cast.writes("I can't breathe")
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        assert await self.planned(cast) == []
        assert await self.pages(cast) == ["everybody"]
        shown = await cast.desk.look(staff.look_again, cast.desk.house, cast.maria, cast.ana, 0)
        assert shown["item"]["page"] is None

    async def test_more_words_of_danger_do_not_begin_a_second_round(self, cast: Cast) -> None:
        await cast.writes("I can't breathe")
        await cast.writes("please, I can't breathe")
        assert await self.pages(cast) == ["everybody"]

    async def test_it_is_called_out_again_when_the_helper_is_lost(self, cast: Cast) -> None:
        await is_here(cast, cast.maria)
        await cast.writes("I can't breathe")
        await cast.desk.do(staff.take, cast.maria, cast.ana)
        assert await self.planned(cast) == []
        cast.clock.forward(minutes=5)
        await cast.time_passes()
        assert await cast.state() == ("waiting", "queue")
        assert await self.pages(cast) == ["everybody", "everybody"]
        await self.ring(cast, 1)
        assert await self.pages(cast) == ["everybody", "everybody", "supervisor"]

    async def test_erasing_leaves_no_page_behind(self, cast: Cast) -> None:
        await cast.writes("I can't breathe")
        await cast.desk.do(lambda work: purge.erase_conversation(work.db, cast.ana))
        assert [row for row in await cast.rows(t.job) if row["kind"] == "page"] == []
        assert await self.pages(cast) == []
