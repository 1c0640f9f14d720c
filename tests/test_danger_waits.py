"""Whoever is in danger and writes on in line is not left in silence. Ana writes; Maria may be here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handoff.after_danger import asks_what
from handoff.channels import Inbound
from handoff.desk import passing_on, patient_view, patients, staff, views
from handoff.desk.thread import open_thread
from handoff.desk.work import Work
from handoff.errors import OldButton
from tests.cast import Cast, is_here
from tests.offering import later

pytestmark = pytest.mark.usefixtures("cast")
WHOM = "call or text 988 at any time, or call 911 if you are in danger now."
ASKED = f"A person has been asked to come, and will read everything you write here. Please don't wait for us: {WHOM}"
OVERDOSE = "call 911 now, even if you feel all right."
ALONE = f"Nobody is at the desk this minute. They will see this first when they are back. Please don't wait for us: {WHOM}"


async def said_to(cast: Cast, words: str) -> list[str]:
    """What is said to these words of Ana's."""
    before = len(await cast.messages())
    await cast.writes(words)
    return [str(row["text"]) for row in (await cast.messages())[before + 1 :]]


@pytest.mark.parametrize(("here", "told"), [(True, ASKED), (False, ALONE)])
async def test_who_asks_whether_anybody_is_there_is_told_what_is_true(cast: Cast, here: bool, told: str) -> None:
    if here:
        await is_here(cast, cast.maria)
    await cast.writes("I want to kill myself")
    await later(cast, seconds=61)
    (program, answer) = await said_to(cast, "are you there?")
    assert program.startswith("I'm a computer program")
    assert answer.startswith(told)
    assert (await cast.state())[0] == "waiting"


async def test_it_is_said_once_a_minute_and_not_at_each_message(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.writes("I want to kill myself")
    for seconds, answers in [(1, []), (58, []), (1, [ASKED]), (30, []), (29, []), (1, [ASKED])]:
        await later(cast, seconds=seconds)
        assert await said_to(cast, "please") == answers


async def test_it_is_said_in_the_language_of_the_chat(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.writes("me quiero morir, no puedo mas")
    await later(cast, seconds=61)
    (program, answer) = await said_to(cast, "hola?")
    assert program.startswith("Soy un programa")
    assert answer.startswith("Ya hemos avisado a una persona")


async def test_who_is_in_no_danger_is_not_interrupted(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    await later(cast, seconds=61)
    assert await said_to(cast, "are you there?") == []


async def test_whoever_passed_it_on_answers(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.writes("I want to kill myself")
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=None, to=cast.sam.id, note="")
    await later(cast, seconds=61)
    assert await said_to(cast, "are you there?") == []


SATURDAY = datetime(2026, 11, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("I want to kill myself", f"Please don't wait for us: {WHOM}"),
        ("my husband hits me", "Please don't wait for us: call 911 if anyone is in danger."),
        ("me quiero morir, no puedo mas", "no nos espere: llame o envíe un SMS al 988 a cualquier hora, o llame al 911"),
    ],
)
async def test_who_is_in_danger_while_it_is_closed_is_told_until_when_and_whom_to_call(cast: Cast, words: str, told: str) -> None:
    cast.clock.at = SATURDAY
    said = (await said_to(cast, words))[-1]
    assert told in said
    assert ("Monday 30 November" in said) or ("lunes 30 de noviembre" in said)
    await later(cast, seconds=61)
    assert await said_to(cast, "please") == [said]


QUESTION = "I'm a computer program, and what you write here is kept for the staff."
SURVEY = "I have stopped asking questions for now."


@pytest.mark.parametrize("here", [True, False])
async def test_a_question_and_a_wish_to_go_on_are_answered_at_once_and_each_once(cast: Cast, here: bool) -> None:
    if here:
        await is_here(cast, cast.maria)
    told = ASKED if here else ALONE
    await cast.writes("I want to kill myself")
    for words, answer in [
        ("are you there?", QUESTION),
        ("can I finish the survey?", SURVEY),
        ("hello? anybody?", None),
        ("I want to carry on with the questions", None),
        ("stop", None),
        ("it is all so dark", None),
    ]:
        await later(cast, seconds=5)
        assert await said_to(cast, words) == ([] if answer is None else [answer, told])


@pytest.mark.parametrize("words", ["stop", "I want to carry on with the questions", "can I finish the survey?"])
async def test_what_they_say_of_the_questions_is_answered_within_the_minute(cast: Cast, words: str) -> None:
    await is_here(cast, cast.maria)
    await cast.writes("I want to kill myself")
    assert await said_to(cast, words) == [SURVEY, ASKED]
    await later(cast, seconds=61)
    assert await said_to(cast, words) == [SURVEY, ASKED]


async def test_who_turns_away_is_told_whom_to_call(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.writes("I want to kill myself")
    assert await said_to(cast, "ok bye") == [f"A member of staff will still look at what you wrote. Please don't wait for us: {WHOM}"]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("can I finish the survey?", "survey"),
        ("I want to carry on with the questions", "survey"),
        ("stop", "survey"),
        ("please continue", "survey"),
        ("quiero seguir con las preguntas", "survey"),
        ("puedo continuar", "survey"),
        ("basta", "survey"),
        ("are you there", "question"),
        ("hello", "question"),
        ("hay alguien ahí", "question"),
        ("when will somebody come", "question"),
        ("what a mess I have made", None),
        ("should i make myself sick", "advice"),
        ("will I die?", "advice"),
        ("what do I do now", "advice"),
        ("¿debo vomitar?", "advice"),
        ("qué hago", "advice"),
        ("im scared", "fear"),
        ("I'm so very frightened", "fear"),
        ("please help me", "fear"),
        ("tengo mucho miedo", "fear"),
        ("ayúdenme por favor", "fear"),
        ("I called 988 thanks", "called"),
        ("ive just rung the samaritans", "called"),
        ("the ambulance is on its way", "called"),
        ("ya he llamado al 112", "called"),
        ("will you send the police", "help"),
        ("send an ambulance please", "help"),
        ("is somebody coming?", "help"),
        ("¿pueden mandar a la policía?", "help"),
        ("who reads this", "question"),
        ("quién lee esto", "question"),
        ("nobody called me", None),
        ("he sent me home", None),
        ("I can't go on", None),
        ("I want it all to stop", None),
        ("no puedo seguir así", None),
        ("please", None),
        ("", None),
    ],
)
def test_what_wants_an_answer_at_once(text: str, asks: str | None) -> None:
    assert asks_what(text) == asks


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("I want to kill myself", f"Please don't wait for an answer here: {WHOM}"),
        ("my husband hits me", "Please don't wait for an answer here: call 911 if anyone is in danger."),
        ("i have chest pain and can't breathe", "Please don't wait for an answer here: call 911 now."),
        ("i took all my pills", f"Please don't wait for an answer here: {OVERDOSE}"),
        (
            "me quiero morir, no puedo mas",
            "Por favor, no espere una respuesta aquí: llame o envíe un SMS al 988 a cualquier hora, o llame al 911 si está en peligro ahora.",
        ),
    ],
)
async def test_danger_told_to_a_member_of_staff_brings_the_numbers_once_a_minute(cast: Cast, words: str, told: str) -> None:
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    assert await said_to(cast, words) == [told]
    assert await said_to(cast, words) == []
    await later(cast, seconds=61)
    assert await said_to(cast, words) == [told]
    assert await cast.state() == ("human", f"staff:{cast.priya.id}")


async def test_the_gravest_of_a_matter_is_what_is_said_from_then_on(cast: Cast) -> None:
    """Also where what came first has a line of its own to call, and within the minute."""
    await cast.desk.do(staff.take, cast.priya, cast.ana)
    assert await said_to(cast, "I want to kill myself") == [f"Please don't wait for an answer here: {WHOM}"]
    assert await said_to(cast, "i took all my pills") == [f"Please don't wait for an answer here: {OVERDOSE}"]
    await later(cast, seconds=61)
    assert await said_to(cast, "I want to kill myself") == [f"Please don't wait for an answer here: {OVERDOSE}"]


async def test_what_was_asked_before_danger_is_asked_no_more(cast: Cast) -> None:
    """Its buttons are of no use, and say so to the page; what is asked after it has some again."""
    await is_here(cast, cast.maria)

    def ask(work: Work) -> None:
        thread = open_thread(work, cast.ana)
        thread.add("bot", "How was it?", buttons=[{"title": "Good", "payload": "good", "to": "bot"}])
        thread.save()

    await cast.desk.do(ask)
    asked = (await cast.messages())[-1]
    await cast.writes("I have chest pain and I can't breathe")
    page = await cast.desk.look(patient_view.state, cast.desk.house, cast.ana, cast.clock.now())
    assert page is not None
    (danger,) = [row["seq"] for row in await cast.messages() if row["text"].startswith("I have chest pain")]
    assert page["passed"] == danger
    with pytest.raises(OldButton):
        await cast.desk.do(patients.receive, Inbound(cast.ana, "web", "late", button=f"{asked['id']}.0"))
    assert (await cast.state())[0] == "waiting"
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(staff.close, cast.maria, cast.ana, "safety_handled", "")
    await cast.asks_for_a_person()
    await cast.presses("Chat with a person")
    assert (await cast.state())[0] == "waiting"


async def test_who_was_in_danger_with_somebody_who_goes_away_is_told_so_and_the_history_says_it(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    await cast.writes("I want to kill myself")
    await cast.desk.do(staff.take, cast.maria, cast.ana)
    await cast.desk.do(passing_on.transfer, cast.maria, cast.ana, team=None, to=cast.priya.id, note="")
    await cast.desk.do(staff.set_available, cast.maria, False)
    await cast.time_passes()
    assert await cast.last() == "Maria is away just now. You are back in line at your old place, and nothing you wrote is lost."
    gone = (await cast.desk.look(views.moves, cast.ana))[-1]
    assert (gone["event"], gone["who"], gone["had"]) == ("staff_away", "timer", "Maria")


async def test_whoever_is_in_danger_is_shown_no_way_out_of_the_line(cast: Cast) -> None:
    """There is none: staff look at it all the same."""
    await cast.writes("I want to kill myself")
    await cast.desk.do(patients.receive, Inbound(cast.ana, "web", "p", button="person"))
    assert [button["title"] for row in await cast.messages() for button in row["buttons"] if button["title"].startswith("Leave")] == []


ADVICE = "I'm a computer program and can't tell you that. Whoever answers at 911 can help you with it."
FEAR = "I'm sorry you are going through this. What you write here is kept for the staff."
HELP = "I can't send anybody to you. For help to come, please call 911."
CALLED = "Thank you for telling us that. What you write here is kept for the staff."


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize(
    ("danger", "talk"),
    [
        ("i took a load of my tablets", [("should i make myself sick", ADVICE), ("im scared", FEAR), ("what should I do?", None)]),
        ("I want to kill myself", [("who reads this", QUESTION), ("I called 988 thanks", CALLED), ("thank you", None)]),
        ("someone is hurting my little brother at home", [("will you send the police", HELP), ("I'm so frightened", FEAR)]),
    ],
)
async def test_who_is_scared_asks_or_has_called_is_answered_with_what_is_true(
    cast: Cast, here: bool, danger: str, talk: list[tuple[str, str | None]]
) -> None:
    if here:
        await is_here(cast, cast.maria)
    await cast.writes(danger)
    for words, answer in talk:
        await later(cast, seconds=5)
        said = await said_to(cast, words)
        assert said[:1] == ([] if answer is None else [answer])
        assert answer is None or "Please don't wait for us: call" in said[1]
    assert (await cast.state())[0] == "waiting"


async def test_a_new_danger_and_one_that_is_told_again_have_their_own_words(cast: Cast) -> None:
    await is_here(cast, cast.maria)
    assert (await said_to(cast, "will you send the police, there is a man with a knife"))[0].startswith("If anyone is in danger now")
    assert (await said_to(cast, "send an ambulance please, I have taken all my tablets"))[0].startswith("This sounds like an emergency")
    assert (await said_to(cast, "can you send the police"))[0] == HELP
    assert (await said_to(cast, "send the police now"))[0].startswith("This sounds like an emergency")
