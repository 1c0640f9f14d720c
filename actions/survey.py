"""The survey: ask, check, record; skip, go back, start again, stop. Pure; every step is a signal for the service to store."""

from __future__ import annotations

from collections.abc import Mapping

from actions import tone
from actions.turn import FOLLOW_UP, Answer, Button, Turn
from handoff import signals as sig
from handoff.reading import Reading, read_answers
from handoff.survey import Given, Progress, Question, applying, low_score, next_question, previous_question

REPHRASE_AT, GIVE_UP_AT = 3, 4  # the attempt that comes in other words; the one after which a person is offered


def open_chat(turn: Turn) -> Answer:
    """The greeting and the first question."""
    return ask_next(turn, Answer(), turn.say("hello"))


def come_back(turn: Turn) -> Answer:
    """After a person, after leaving a message, after a while: one line, then the open question; nothing answered is asked again."""
    question = turn.question
    left = question is not None or turn.asked == FOLLOW_UP
    if "person_helped" in turn.meanwhile:
        line = turn.say("person_helped" if left else "person_helped_done")
    elif "message_left" in turn.meanwhile:
        line = turn.say("message_left" if left else "still_here")
    else:
        line = turn.say("go_on" if left else "still_here")
    if question is not None and turn.asked == question.id and turn.attempt >= GIVE_UP_AT:
        answer = _put(turn, Answer(), question, _words(turn, question.again), 1, line)
        if question.skip:
            answer.buttons.append(Button(turn.say("skip_button"), f"skip/{question.id}"))
        return answer
    return ask_next(turn, Answer(), line)


def ask_next(turn: Turn, answer: Answer, *before: str) -> Answer:
    """Ask the next question after the sentences `before`; or thank and ask for a follow-up when there is none."""
    question = turn.question
    if question is None:
        if turn.asked == FOLLOW_UP:
            return ask_follow_up(turn, answer, *before)
        return answer.say(*before)
    if turn.state == "not_started":
        answer.signal(sig.SurveyStarted(turn.survey.id, turn.survey.version))
    return _put(turn, answer, question, _words(turn, question.text), 1, *before)


def _put(turn: Turn, answer: Answer, question: Question, words: str, attempt: int, *before: str) -> Answer:
    answer.say(*before)
    answer.say(words)
    answer.buttons = buttons_of(turn, question)
    return answer.signal(sig.Asked(turn.survey.id, question.id, attempt))


def _words(turn: Turn, texts: Mapping[str, str]) -> str:
    return texts[turn.language].format(clinic=turn.clinic)


def buttons_of(turn: Turn, question: Question) -> list[Button]:
    if question.kind == "zero_to_ten":
        return [Button(str(number), f"answer/{question.id}/{number}") for number in range(11)]
    return [Button(option.label[turn.language], f"answer/{question.id}/{option.value}") for option in question.options]


def read_open_question(turn: Turn) -> dict[str, Reading]:
    """What the text answers, if anything: the open question first, then those that follow it."""
    question = turn.question
    return {} if question is None else read_answers(turn.survey, turn.progress, question, turn.text, turn.language)


def take(turn: Turn, readings: dict[str, Reading]) -> Answer:
    """Record answers, say one fitting word, offer a person once after a low score, and ask the next question."""
    answer = _record(turn, Answer(), readings)
    progress = {**turn.progress, **{name: Given(reading.value) for name, reading in readings.items()}}
    first = turn.survey.question(next(iter(readings)))
    if offers_person(turn, progress):
        return offer_person(turn, _complete(turn, answer, progress))
    return _continue(turn.with_progress(progress), answer, tone.noted(turn, first, readings[first.id]))


def keep(turn: Turn, answer: Answer) -> Answer:
    """Record what the text answers and ask nothing: something else comes first."""
    readings = read_open_question(turn)
    first = next(iter(readings), None)
    if first is None or is_doubtful(turn, turn.survey.question(first), readings[first]):
        return answer
    progress = {**turn.progress, **{name: Given(reading.value) for name, reading in readings.items()}}
    return _complete(turn, _record(turn, answer, readings), progress)


def _complete(turn: Turn, answer: Answer, progress: Progress) -> Answer:
    """Where nothing is left to ask, the question after the survey is the open one, for when the patient is back."""
    if next_question(turn.survey, progress) is None:
        answer.signal(sig.SurveyCompleted(turn.survey.id), sig.Asked(turn.survey.id, FOLLOW_UP, 1))
    return answer


def _record(turn: Turn, answer: Answer, readings: dict[str, Reading]) -> Answer:
    if readings and turn.state == "not_started":
        answer.signal(sig.SurveyStarted(turn.survey.id, turn.survey.version))
    return answer.signal(
        *(sig.Answered(turn.survey.id, name, str(reading.value), str(reading.label)) for name, reading in readings.items())
    )


def offers_person(turn: Turn, progress: Progress) -> bool:
    """A low score offers a person, once in a survey: going back and forth between low scores offers nobody again."""
    return low_score(turn.survey, progress) and not low_score(turn.survey, turn.progress) and not turn.offered


def offer_person(turn: Turn, answer: Answer) -> Answer:
    return answer.say(turn.say("low_score")).signal(sig.WantsPerson("low_score", turn.text[:200]))


def _continue(turn: Turn, answer: Answer, *before: str) -> Answer:
    if next_question(turn.survey, turn.progress) is not None:
        return ask_next(turn, answer, *before)
    answer.signal(sig.SurveyCompleted(turn.survey.id))
    return ask_follow_up(turn, answer, tone.thanks(turn))


def ask_follow_up(turn: Turn, answer: Answer, *before: str) -> Answer:
    """Offered to everybody by the same rule, whatever the score."""
    answer.say(*before)
    answer.say(turn.say("follow_up"))
    answer.buttons = follow_up_buttons(turn)
    return answer.signal(sig.Asked(turn.survey.id, FOLLOW_UP, 1))


def follow_up_buttons(turn: Turn) -> list[Button]:
    return [Button(turn.say("follow_up_yes"), "follow_up/yes"), Button(turn.say("follow_up_no"), "follow_up/no")]


def answer_follow_up(turn: Turn, wanted: bool) -> Answer:
    """Yes is said by the service once it is stored; no is thanked for."""
    answer = Answer().signal(sig.FollowUp(wanted), sig.Asked(turn.survey.id, "nothing", 1))
    return answer if wanted else answer.say(turn.say("follow_up_declined"))


def press(turn: Turn) -> Answer:
    """A button of ours: `answer/<question>/<value>`, `skip/<question>`, `follow_up/<yes|no>`, `person/<reason>`."""
    kind, _, rest = turn.payload.partition("/")
    name, _, value = rest.partition("/")
    if kind == "follow_up":
        return answer_follow_up(turn, name == "yes")
    if kind == "person":
        return Answer().signal(sig.WantsPerson("not_understood"))
    question = turn.survey.question(name)
    if kind == "skip":
        return skip(turn, "skip", question)
    option = question.option(value)
    if option is None and not (question.kind == "zero_to_ten" and value.isdecimal() and int(value) <= 10):
        raise ValueError("a button that was not ours")
    label = option.label[turn.language] if option is not None else value
    return take(turn, {name: Reading(value, label, "exact")})


def skip(turn: Turn, reason: sig.SkipReason, question: Question | None = None) -> Answer:
    """Pass over the open question, by wish or for want of an answer."""
    skipped = question or turn.question
    if skipped is None:
        return answer_follow_up(turn, False) if turn.asked == FOLLOW_UP else Answer().say(turn.say("too_bad_to_answer"))
    if reason == "dont_know" and (option := skipped.option("dont_know")) is not None:
        return take(turn, {skipped.id: Reading(option.value, option.label[turn.language], "exact")})
    if not skipped.skip:
        return _put(turn, Answer(), skipped, _words(turn, skipped.text), turn.attempt, turn.say("needed"))
    progress = {**turn.progress, skipped.id: Given(None, "skipped" if reason == "skip" else "dont_know")}
    answer = Answer().signal(sig.Skipped(turn.survey.id, skipped.id, reason))
    return _continue(turn.with_progress(progress), answer, turn.say("skipped" if reason == "skip" else "dont_know"))


def go_back(turn: Turn) -> Answer:
    """Take back the last answer and ask that question again."""
    last = previous_question(turn.survey, turn.progress)
    if last is None or turn.state in ("stopped", "refused"):
        return ask_next(turn, Answer(), turn.say("nothing_back"))
    progress = {name: given for name, given in turn.progress.items() if name != last.id}
    answer = Answer().signal(sig.Retracted(turn.survey.id, last.id))
    return ask_next(turn.with_progress(progress, asked=last.id), answer, turn.say("gone_back"))


def restart(turn: Turn) -> Answer:
    answer = Answer().signal(sig.SurveyRestarted(turn.survey.id))
    return ask_next(turn.with_progress({}), answer, turn.say("restarted"))


def stop(turn: Turn) -> Answer:
    if turn.question is None and turn.asked == FOLLOW_UP:
        return answer_follow_up(turn, False)
    if turn.question is None:
        return Answer().say(turn.say("goodbye"))
    reason: sig.StopReason = "stopped" if turn.progress else "refused"
    return Answer().say(turn.say("stopped")).signal(sig.SurveyStopped(turn.survey.id, reason))


def why(turn: Turn) -> Answer:
    """Say why, and put the question again."""
    question = turn.question
    if question is None:
        return ask_follow_up(turn, Answer(), turn.say("follow_up_why")) if turn.asked == FOLLOW_UP else Answer().say(turn.say("privacy"))
    return _put(turn, Answer(), question, _words(turn, question.text), turn.attempt, question.why[turn.language])


def how_long(turn: Turn) -> Answer:
    left = sum(1 for question in turn.survey.questions if question.id not in turn.progress and _may_come(turn, question))
    line = turn.say("how_long.none" if not left or turn.question is None else "how_long.one" if left == 1 else "how_long.many", left=left)
    return ask_next(turn, Answer(), line)


def _may_come(turn: Turn, question: Question) -> bool:
    """Not yet ruled out by an answer."""
    return question in applying(turn.survey, turn.progress) or any(condition.question not in turn.progress for condition in question.when)


def is_doubtful(turn: Turn, question: Question, reading: Reading) -> bool:
    """Is it better to ask than to store it?"""
    return counts_unseen(turn, question, reading) or tone.is_against(turn, question, reading)


def counts_unseen(turn: Turn, question: Question, reading: Reading) -> bool:
    """Is it the number of a line, to whom buttons without numbers were shown? "5" may be the best of five, or the last of six."""
    titles = (title for option in question.options for title in option.label.values())
    return reading.by_line and not turn.by_text and not all(any(char.isdigit() for char in title) for title in titles)


def ask_for_word(turn: Turn) -> Answer:
    """A bare number answers nothing here: the choices again, and that a word is wanted; who keeps to numbers is helped like anybody."""
    if turn.question is None or turn.attempt + 1 >= REPHRASE_AT:
        return ask_again(turn)
    return _put(turn, Answer(), turn.question, turn.say("again.no_numbers"), turn.attempt + 1)


def ask_which(turn: Turn) -> Answer:
    """A word of the message is a choice, and the rest speaks against it: which one it is, the patient says."""
    if turn.question is None or turn.attempt + 1 >= REPHRASE_AT:
        return ask_again(turn)
    return _put(turn, Answer(), turn.question, turn.say("again.which"), turn.attempt + 1)


def ask_again(turn: Turn) -> Answer:
    """Nothing fitted: ask again, then in other words, then offer a skip or a person."""
    question = turn.question
    attempt = turn.attempt + 1
    if question is None:
        return _ask_follow_up_again(turn, attempt) if turn.asked == FOLLOW_UP else Answer().say(turn.say("not_understood"))
    if attempt >= GIVE_UP_AT:
        signals = sig.Asked(turn.survey.id, question.id, attempt), sig.WantsPerson("not_understood", turn.text[:200])
        return Answer().say(turn.say("again.third" if question.skip else "again.third_needed")).signal(*signals)
    if attempt >= REPHRASE_AT:
        return _put(turn, Answer(), question, _words(turn, question.again), attempt, turn.say("again.second"))
    if question.kind == "free_text":
        return _put(turn, Answer(), question, _words(turn, question.again), attempt)
    hint = turn.say("number_hint" if question.kind == "zero_to_ten" else "scale_hint")
    return _put(turn, Answer(), question, hint, attempt, turn.say("again.first"))


def _ask_follow_up_again(turn: Turn, attempt: int) -> Answer:
    """Words that are neither yes nor no belong to the record; after three of them we stop asking, and decide nothing for the patient."""
    words = len(turn.text.split())
    heard = turn.say("thank_you_more") if words > 3 else ""
    if attempt > REPHRASE_AT:
        return Answer().say(heard or turn.say("still_here")).signal(sig.Asked(turn.survey.id, "nothing", 1))
    answer = Answer().say(heard).say(turn.say("follow_up_again")).signal(sig.Asked(turn.survey.id, FOLLOW_UP, attempt))
    answer.buttons = follow_up_buttons(turn)
    return answer


def add(turn: Turn) -> Answer:
    """Words after the last question belong to the record all the same; a bare word needs no thanks."""
    return Answer().say(turn.say("thank_you_more" if len(turn.text.split()) > 2 else "still_here"))
