"""The one action: reads the turn, lets the right skill answer, hands replies and signals back to Rasa. It calls no one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import correcting, people, refusing, smalltalk, survey, tone
from actions.sureness import FEW, FIRST, LONG, is_sure
from actions.turn import FIRST_TEXT, FOLLOW_UP, Answer, Turn, is_command, read_turn
from actions.words import BotWords, load_bot_words
from handoff import signals as sig
from handoff.plain import plain
from handoff.settings import Settings
from handoff.signals import to_wire
from handoff.survey import Survey
from handoff.surveys import load_surveys
from handoff.understanding import read_understanding

OFFERED = "low_score_offered"
Skill = Callable[[Turn], Answer]

SKILLS: Mapping[str, Skill] = {
    "unsafe": people.unsafe,
    "wants_person": people.want_person,
    "frustrated": people.calm,
    "medical_question": people.clinical,
    "stop_survey": survey.stop,
    "skip": lambda turn: survey.skip(turn, "skip"),
    "dont_know": lambda turn: survey.skip(turn, "dont_know"),
    "why_ask": survey.why,
    "go_back": survey.go_back,
    "restart_survey": survey.restart,
    "how_long": survey.how_long,
    "ask_privacy": smalltalk.then_go_on("privacy"),
    "are_you_a_robot": smalltalk.then_go_on("robot"),
    "other_language": smalltalk.then_go_on("languages"),
    "off_topic": smalltalk.off_topic,
    "greet": smalltalk.then_go_on("hello_again"),
    "thanks": smalltalk.then_go_on("welcome"),
    "goodbye": smalltalk.goodbye,
}

_GREETINGS = frozenset(["good morning", "good afternoon", "good evening", "good day", "buenos dias", "buenas tardes", "buenas noches"])
_YES = frozenset("yes yeah yep sure ok okay please si claro vale".split())
_NO = frozenset("no nope nah not never nada".split())
_POLITE = frozenset("please thanks thank you gracias por favor".split())
OF_A_QUESTION = frozenset({"skip", "dont_know", "go_back", "restart_survey", "why_ask"})
WORDS_OF_AN_ANSWER = frozenset({"opinion", "affirm", "deny", "thanks", "greet", "nlu_fallback"})


def respond(turn: Turn) -> Answer:
    """The answer to a turn; where a first text began it, with our greeting before it."""
    return (
        smalltalk.greet_first(turn, _respond(turn)) if FIRST_TEXT in turn.meanwhile and turn.kind in ("text", "button") else _respond(turn)
    )


def _respond(turn: Turn) -> Answer:
    """Decide what a turn is, in this order: an opening, a button, danger, a wish or a no to it, a correction, an answer, a skill, words."""
    if turn.kind == "opened":
        return survey.open_chat(turn)
    if turn.kind == "returned":
        return survey.come_back(turn)
    if turn.kind == "listen":
        return people.unsafe(turn) if turn.intent == "unsafe" and is_sure(turn) else Answer()
    if turn.kind == "button":
        return survey.press(turn)
    if turn.intent in FIRST - {"wants_person"} and is_sure(turn):
        return SKILLS[turn.intent](turn)
    turn, answer = refusing.take(turn)
    if answer is not None:
        return answer
    if turn.intent == "wants_person" and is_sure(turn):
        return SKILLS[turn.intent](turn)
    if people.asks(turn.text) and not is_command(turn.text):
        return people.want_person(turn)
    if turn.question is None:
        return _after_the_survey(turn)
    return correcting.correct(turn) or _answer_or_skill(turn, free=turn.question.kind == "free_text")


def _answer_or_skill(turn: Turn, *, free: bool) -> Answer:
    if plain(turn.text) in _GREETINGS:  # "good" is an answer, "good morning" is none
        return SKILLS["greet"](turn)
    readings = {} if free or is_command(turn.text) else survey.read_open_question(turn)
    first = next(iter(readings.values()), None)
    if first is not None and FIRST_TEXT in turn.meanwhile and first.by_line:
        readings, first = {}, None  # nobody has shown them any lines yet
    if first is not None and turn.question is not None and survey.counts_unseen(turn, turn.question, first):
        return survey.ask_for_word(turn)
    if first is not None and (first.confidence == "exact" or turn.intent in WORDS_OF_AN_ANSWER or not is_sure(turn)):
        doubted = turn.question is not None and tone.is_against(turn, turn.question, first)
        return survey.ask_which(turn) if doubted else survey.take(turn, readings)
    if turn.intent in OF_A_QUESTION and FIRST_TEXT in turn.meanwhile:  # which nobody has put to them yet
        return survey.ask_again(turn)
    if turn.intent in SKILLS and is_sure(turn) and not (free and len(plain(turn.text).split()) > LONG):
        return SKILLS[turn.intent](turn)
    if not free and len(plain(turn.text).split()) > FEW and (turn.intent == "opinion" or turn.intent in SKILLS):
        return survey.ask_which(turn)  # something was told, and it is kept with the rest
    if not free or not _is_visible(turn.text):
        return survey.ask_again(turn)
    bare = set(plain(turn.text).split())
    if bare and bare <= _NO | _POLITE and bare & _NO:
        return survey.skip(turn, "skip")  # "no" to "can you tell us why?"
    if bare and bare <= _YES | _POLITE:
        return survey.ask_again(turn)
    return survey.take(turn, survey.read_open_question(turn))


def _after_the_survey(turn: Turn) -> Answer:
    if turn.asked == FOLLOW_UP:
        if (wanted := _yes_or_no(turn)) is not None:
            return survey.answer_follow_up(turn, wanted)
        if (corrected := correcting.correct(turn)) is not None:
            return corrected
    if turn.intent in SKILLS and is_sure(turn):
        return SKILLS[turn.intent](turn)
    if turn.asked == FOLLOW_UP:
        return survey.ask_again(turn)
    return survey.add(turn) if _is_visible(turn.text) else Answer().say(turn.say("not_understood"))


def _is_visible(text: str) -> bool:
    """Is there a letter, a number or an emoji in it? Punctuation alone is silence."""
    return any(unicodedata.category(char)[0] in "LN" or unicodedata.category(char) == "So" for char in text)


def _yes_or_no(turn: Turn) -> bool | None:
    words = plain(turn.text).split()
    if len(words) <= 8 and (turn.intent in ("affirm", "deny") or (words and words[0] in _YES | _NO)):
        if words and words[0] in _YES | _NO:
            return words[0] in _YES
        return turn.intent == "affirm"
    return None


class ReplyAction(Action):  # type: ignore[misc]
    """`action_reply`. The turn travels as the message's metadata; the answer as texts, buttons and `custom` payloads."""

    def __init__(self, surveys: Mapping[str, Survey], words: BotWords, *, phone: str) -> None:
        self._surveys = surveys
        self._words = words
        self._phone = phone

    def name(self) -> str:
        return "action_reply"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        message = tracker.latest_message
        offered = tracker.get_slot(OFFERED) is True
        meant = read_understanding(message.get("understanding"))
        turn = read_turn(message["metadata"], message["intent"], self._surveys, self._words, self._phone, meant=meant, offered=offered)
        answer = respond(turn)
        for number, text in enumerate(answer.replies, 1):
            last = number == len(answer.replies)
            buttons = [{"title": button.title, "payload": button.payload} for button in answer.buttons] if last else []
            dispatcher.utter_message(text=text, buttons=buttons or None)
        dispatcher.utter_message(
            json_message={"signals": [to_wire(signal) for signal in answer.signals], "message": message["metadata"]["message"]}
        )
        offers = any(isinstance(signal, sig.WantsPerson) and signal.reason == "low_score" for signal in answer.signals)
        return [SlotSet(OFFERED, turn.offered or offers), FollowupAction("action_listen")]  # which spares Rasa a second prediction


def make_action(settings: Settings) -> ReplyAction:
    """The action of this clinic. Raises `BadSurvey`, `BadSetting`."""
    surveys = load_surveys(settings.config_dir / "surveys")
    return ReplyAction(surveys, load_bot_words(settings.config_dir / "messages"), phone=settings.clinic_phone)
