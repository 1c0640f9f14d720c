"""Reading answers out of patients' words: tables of (what was typed, what it means)."""

from __future__ import annotations

import pytest

from handoff.reading import read_answer, read_answers
from handoff.settings import ROOT
from handoff.survey import Given
from handoff.surveys import load_surveys

SURVEYS = load_surveys(ROOT / "config" / "surveys")
FFT, NPS, CAHPS = SURVEYS["fft"], SURVEYS["nps"], SURVEYS["cg_cahps_short"]

OVERALL = {
    "very_good": (
        "Very good|very good|VERY GOOD!!|excellent|amazing|it was excellent|brilliant, thank you|great|really good|perfect|fantastic staff, loved it|"
        "verry god|very goood|excelent|five stars|5 stars|five out of five|5/5|10/10|10 out of 10|😀|😍|1|one|a)|a|muy buena|Excelente|genial|"
        "muy bien|overall excellent, though the parking was a nightmare and it took me a while|couldn't fault it|very good thanks|wonderful"
    ),
    "good": (
        "good|Good|it was good|it was pretty good|pretty good|not bad|not bad at all|gud|no complaints|quite good|fine|it was fine|all good|good thanks|gooood|god|"
        "four out of five|4/5|4 out of 5|8 out of 10|four stars|👍|👍🏽|🙂|2|two|b)|buena|bien|bastante bien|no está mal|bueno|"
        "overall good but the parking is a nightmare and I waited three hours|good, but the wait was long|nice|happy with it"
    ),
    "neither": (
        "neither|Neither good nor poor|neither good nor poor|meh|ok|okay|so so|average|it was ok|was ok i guess|could be better|"
        "could have been better|I've had better|3|three|c)|3/5|three out of five|😐|regular|más o menos|ni fu ni fa|it wasn't terrible|mixed|half and half"
    ),
    "poor": (
        "poor|Poor|poorr|bad|it was bad|not good|wasn't great|not great|not very good|disappointing|not excellent|wasn't good|4|four|d)|"
        "two out of five|2/5|👎|🙁|mala|mal|no muy buena|pretty bad|not happy|it was not wonderful|"
        "nothing was good|nothing good came of it|nobody was good to me|nadie fue bueno"
    ),
    "very_poor": (
        "very poor|Very Poor!!!|terrible|awful|horrible|awful just awful|very bad|the worst|a disgrace|appalling|5|five|e)|one out of five|1/5|"
        "1 star|😡|😡😡|muy mala|fatal|pésima|un desastre|terrible because I waited three hours|terible|horible|a nightmare"
    ),
    "dont_know": "don't know|I don't know|dunno|no idea|not sure|6|six|no sé|no lo sé|ni idea|🤔|cant say",
    None: (
        "I have a question|is this anonymous?|the doctor was late|they charged me twice|it took 3 hours|no|yes|hello|what do you mean?|"
        "I am leaving for good|that was good for nothing|good grief|good riddance|good luck getting an answer|so much for a good experience|"
        "it did me no good|good old waiting times|as good as dead in there|a good while in the corridor|"
        "can I talk to a person|the nurses were great but the wait was terrible|why do you ask|skip|blue|asdf|...|7|42|is it good or bad?|"
        "my appointment was at ten|I waited 4 hours|for the third time, no|next|stop|how long does this take?|🚗|a nurse"
    ),
}
SCALE_ROWS = [(text, value) for value, texts in OVERALL.items() for text in texts.split("|")]

TEN = {
    "0": "0|zero|cero|nil|0/10",
    "3": "3|three|3 out of 10|I'd give it a 3",
    "5": "5|five|cinco|5/10",
    "8": "8|eight|8 out of 10|8/10|an 8|ocho",
    "9": "9|nine|a solid 9|I'd say 9 because staff were great|9!!",
    "10": "10|ten|TEN|10/10|10!!!|diez",
    None: "11|-|it took 3 hours|between 7 and 8|very likely|ten minutes late|4 out of 5|100|2 nurses|is 10 the best of all?|no",
}
TEN_ROWS = [(text, value) for value, texts in TEN.items() for text in texts.split("|")]

YES_NO = {
    "yes": "yes|Yes|yeah|yep|yes I did|sí|claro|sure|of course|👍|yes, twice|1",
    "no": "no|No|nope|nah|not really|no I didn't|para nada|👎|2|never",
    None: "maybe|I don't remember|the office|why?|purple",
}
YES_NO_ROWS = [(text, value) for value, texts in YES_NO.items() for text in texts.split("|")]

HOW_OFTEN = {
    "always": "always|Always|every time|all the time|siempre|4|allways",
    "usually": "usually|mostly|most of the time|often|casi siempre|3",
    "sometimes": "sometimes|now and then|occasionally|a veces|2|sometime|not always|hardly ever",
    "never": "never|not once|nunca|1",
    None: "the doctor|maybe tomorrow|yes|what?",
}
HOW_OFTEN_ROWS = [(text, value) for value, texts in HOW_OFTEN.items() for text in texts.split("|")]


@pytest.mark.parametrize(("text", "value"), SCALE_ROWS)
def test_a_scale(text: str, value: str | None) -> None:
    assert read_answer(FFT.question("overall"), text, "en").value == value


@pytest.mark.parametrize(("text", "value"), TEN_ROWS)
def test_zero_to_ten(text: str, value: str | None) -> None:
    assert read_answer(NPS.question("recommend"), text, "en").value == value


@pytest.mark.parametrize(("text", "value"), YES_NO_ROWS)
def test_yes_or_no(text: str, value: str | None) -> None:
    assert read_answer(CAHPS.question("needed_right_away"), text, "en").value == value


@pytest.mark.parametrize(("text", "value"), HOW_OFTEN_ROWS)
def test_how_often(text: str, value: str | None) -> None:
    assert read_answer(CAHPS.question("listen"), text, "en").value == value


def test_free_text_is_kept_as_it_was_written() -> None:
    assert read_answer(FFT.question("why"), "  The nurses!  ", "en").value == "The nurses!"
    assert not read_answer(FFT.question("why"), "   ", "en")


def test_the_label_is_in_the_patients_language() -> None:
    assert read_answer(FFT.question("overall"), "good", "es-MX").label == "Buena"


def test_a_number_is_worth_repeating_to_the_patient() -> None:
    assert read_answer(FFT.question("overall"), "4", "en").by_number
    assert not read_answer(FFT.question("overall"), "poor", "en").by_number


@pytest.mark.parametrize(
    ("survey", "text", "found"),
    [
        (FFT, "very good, the nurses were lovely", {"overall": "very_good", "why": "the nurses were lovely"}),
        (FFT, "good thanks", {"overall": "good"}),
        (FFT, "good, thanks", {"overall": "good"}),
        (FFT, "terrible because I waited three hours", {"overall": "very_poor", "why": "I waited three hours"}),
        (FFT, "Very good. The staff were kind and quick.", {"overall": "very_good", "why": "The staff were kind and quick."}),
        (FFT, "muy mala, esperé dos horas", {"overall": "very_poor", "why": "esperé dos horas"}),
        (FFT, "the nurses were lovely", {}),
        (NPS, "9, friendly staff there", {"recommend": "9", "reason": "friendly staff there"}),
        (
            CAHPS,
            "always, usually, always, yes",
            {"listen": "always", "respect": "usually", "explain": "always", "needed_right_away": "yes"},
        ),
        (CAHPS, "always and never", {"listen": "always", "respect": "never"}),
        (CAHPS, "always, purple", {"listen": "always"}),
    ],
)
def test_several_answers_in_one_message(survey: object, text: str, found: dict[str, str]) -> None:
    questions = getattr(survey, "questions", ())
    answers = read_answers(survey, {}, questions[0], text, "en")  # type: ignore[arg-type]
    assert {name: reading.value for name, reading in answers.items()} == found


def test_answers_already_given_are_not_read_again() -> None:
    progress = {"respect": Given("never")}
    assert list(read_answers(CAHPS, progress, CAHPS.question("listen"), "always, usually", "en")) == ["listen", "explain"]


@pytest.mark.parametrize(
    "text", ["x" * 4000, "good " * 800, "‮doog", "\x00good", "🙂" * 2000, "-" * 3000, "1/" * 1500], ids=lambda text: text[:6]
)
def test_odd_texts_are_read_quickly_and_without_a_fault(text: str) -> None:
    for survey in SURVEYS.values():
        for question in survey.questions:
            read_answers(survey, {}, question, text, "en")
