"""A correction: "sorry, I meant poor" gives the last question another answer. Pure."""

from __future__ import annotations

from actions import survey
from actions.turn import Answer, Turn
from handoff import signals as sig
from handoff.reading import read_answer
from handoff.survey import Given, next_question

_CORRECTING = (
    " i meant ",
    " i mean ",
    " sorry, ",
    " sorry ",
    " correction",
    " quise decir ",
    " quería decir ",
    " perdón, ",
    " perdón ",
    " no wait",
    " actually ",
)


def correct(turn: Turn) -> Answer | None:
    """ "Sorry, I meant poor": a new answer to the last question with options, when the text plainly names one and says little else."""
    given = [turn.survey.question(name) for name in turn.progress if any(name == question.id for question in turn.survey.questions)]
    last = next((question for question in reversed(given) if question.kind != "free_text"), None)
    said = f" {turn.text.casefold()} "
    if last is None or not any(mark in said for mark in _CORRECTING):
        return None
    for mark in _CORRECTING:
        said = said.replace(mark, " ")
    reading = read_answer(last, said.strip(" ,.!"), turn.language) if len(said.split()) <= 5 else None
    if not reading or survey.counts_unseen(turn, last, reading):
        return None
    answer = Answer()
    if turn.state == "completed":
        answer.signal(sig.Retracted(turn.survey.id, last.id))  # which opens the response again
    answer.signal(sig.Answered(turn.survey.id, last.id, str(reading.value), str(reading.label)))
    progress = {**turn.progress, last.id: Given(reading.value)}
    if turn.state == "open" and survey.offers_person(turn, progress):
        return survey.offer_person(turn, answer)
    line = turn.say("noted.corrected", label=reading.label)
    after = turn.with_progress(progress)
    if next_question(turn.survey, progress) is not None:
        return survey.ask_next(after, answer, line)
    return survey.ask_follow_up(after, answer.signal(sig.SurveyCompleted(turn.survey.id)), line)
