"""What follows from the bot's answer and the assessment together: one move a turn, and whether the bot's words are still true."""

from __future__ import annotations

from handoff import signals as sig
from handoff.conversation import Event, Order
from handoff.danger import Danger
from handoff.desk import assessing, line
from handoff.desk.answer import BotAnswer
from handoff.desk.orders import ORDERS, Cause, Reason, act
from handoff.desk.patients import unsafe
from handoff.desk.thread import Thread
from handoff.history import History
from handoff.triage import Assessment, Level
from handoff.triage import Cause as Offered

FEW = 4  # words
UNSAFE = "unsafe"  # the bot's intent
OFFERED = frozenset({"asked", "frustrated", "complex", "clinical"})  # of which the service has words of its own
CROSS = "frustrated"  # the words for it
BY_SURVEY = frozenset({"low_score", "not_understood"})  # what the bot sees by the answers, whatever it took the words for


def follow(thread: Thread, answer: BotAnswer, message: str | None, made: Assessment | None, history: History) -> None:
    """Danger outranks a wish for a person, that a wish for a later answer, and that an offer."""
    told = {type(signal): signal for signal in reversed(answer.signals)}
    danger, wish, later = danger_of(answer, made), _wish_of(told.get(sig.WantsPerson), made), told.get(sig.FollowUp)
    offer = assessing.new_offer(made, history) if made else None
    if danger is not None:
        unsafe(thread, danger, message, who="bot", spoken=made.language if made else None)
    elif wish is not None and made is not None and _is_another_matter(wish, made):
        _offer(thread, "complex", made, message)
    elif wish is not None and not _has_better(wish, made, offer, history):
        _say_to_wish(thread, wish, answer, made)
        _heed(thread, wish, answer, message, made, history)
    elif made is not None and made.level is Level.ASKED:
        _offer(thread, "asked", made, message)
    elif isinstance(later, sig.FollowUp) and later.wanted:
        _say(thread, answer)
        act(thread, Event.FOLLOW_UP, Cause("bot", reason=Reason("follow_up", message), message=message))
    elif made is not None and offer is not None and not _is_plain_answer(answer, offer):
        if sig.SurveyStopped in told:  # that the questions end is said in any case
            _say(thread, answer)
        _offer(thread, offer.reason, made, message)
    elif (sig.WantsPerson in told and wish is None) or sig.Unsafe in told:  # the bot's words answer what was not said
        ORDERS[Order.RESUME](thread, Cause("bot"))
    else:
        _say(thread, answer)


def _wish_of(signal: sig.Signal | None, made: Assessment | None) -> sig.WantsPerson | None:
    """What the bot takes for a wish, unless the clinic's words say that it is none; nor is a calm statement a question to a doctor."""
    if not isinstance(signal, sig.WantsPerson):
        return None
    no_wish = signal.reason == "asked" and made is not None and made.declines
    no_question = signal.reason == "clinical" and made is not None and made.level is Level.CALM and not made.asks
    return None if no_wish or no_question else signal


def _has_better(wish: sig.WantsPerson, made: Assessment | None, offer: Offered | None, history: History) -> bool:
    """Where the rules heard somebody asking, or found a new cause and the bot's is spent, theirs counts."""
    asked = wish.reason != "asked" and made is not None and made.level is Level.ASKED
    return asked or (offer is not None and _is_spent(wish, history))


def _is_another_matter(wish: sig.WantsPerson, made: Assessment) -> bool:
    """What the bot takes for a question to a doctor, and the rules for one of money, records or the law: no advice is refused there."""
    return wish.reason == "clinical" and made.level is Level.OFFER and made.offers[0].reason == "complex"


def called_danger(answer: BotAnswer) -> Danger | None:
    """What the bot itself calls danger, and how sure it was."""
    called = next((signal for signal in answer.signals if isinstance(signal, sig.Unsafe)), None)
    if called is None:
        return None
    understood = answer.understanding
    sure = understood.confidence if understood is not None and understood.intent == UNSAFE else None
    return Danger(called.danger, "bot", called.words, 1.0 if sure is None else sure)


def danger_of(answer: BotAnswer, made: Assessment | None) -> Danger | None:
    """What the assessment of the message found; where there were no words to assess, what the bot calls danger."""
    return made.danger if made is not None else called_danger(answer)


def _is_plain_answer(answer: BotAnswer, offer: Offered) -> bool:
    """ "nummber two", after one misunderstanding: a few words that were read as a choice, and no sign of frustration by itself."""
    chosen = any(isinstance(signal, sig.Answered) and signal.value != signal.label for signal in answer.signals)
    few = all(one.source != "rule" and len(one.words.split()) <= FEW for one in offer.evidence)
    return chosen and few and offer.reason == "frustrated"


def _say(thread: Thread, answer: BotAnswer) -> None:
    for reply in answer.replies:
        thread.speak("bot", reply.text, [{**button, "to": "bot"} for button in reply.buttons])


def _is_spent(wish: sig.WantsPerson, history: History) -> bool:
    """Was a person offered for it before?"""
    return wish.reason in assessing.ONCE and wish.reason in history.offered


def _say_to_wish(thread: Thread, wish: sig.WantsPerson, answer: BotAnswer, made: Assessment | None) -> None:
    """The bot's words; ours in their place where it was said in another language of ours, in which we go on."""
    cross = made is not None and wish.reason == "asked" and _is_cross(made)
    if made is not None and wish.reason in OFFERED and (line.speak(thread, made.language) or cross):
        thread.say(f"offer.{CROSS if cross else wish.reason}")
    else:
        _say(thread, answer)


def _is_cross(made: Assessment) -> bool:
    """A wish with an insult, or an insult that is heard as a wish: "of course" would agree with "you are useless"."""
    return any(cause.reason == CROSS for cause in made.causes[: made.enough])


def _heed(thread: Thread, wish: sig.WantsPerson, answer: BotAnswer, message: str | None, made: Assessment | None, history: History) -> None:
    """The bot asks for a person. What was offered for the same cause and not taken is not offered again: the questions go on."""
    rule = f"survey.{wish.reason}" if wish.reason in BY_SURVEY else f"intent:{answer.intent}"
    reason = Reason(wish.reason, message, wish.words, rule)
    if _is_spent(wish, history):
        ORDERS[Order.RESUME](thread, Cause("bot"))
        return
    found = assessing.cause_of(made, wish.reason) if made else None
    if made is not None and found is not None:
        known = assessing.reason_of(found, made)
        reason = Reason(wish.reason, message, wish.words, rule, made.version, known.evidence)
    act(thread, Event.WANTS_PERSON, Cause("bot", reason=reason, message=message))


def _offer(thread: Thread, reason: str, made: Assessment, message: str | None) -> None:
    """In place of the bot's words, which did not hear it, in the language of the message, where that is clear; whoever goes on is asked
    the open question again."""
    cause = assessing.cause_of(made, reason)
    assert cause is not None  # it is why we are here
    line.speak(thread, made.language)
    thread.say(f"offer.{CROSS if reason == 'asked' and _is_cross(made) else reason}")
    act(thread, Event.WANTS_PERSON, Cause("bot", reason=assessing.reason_of(cause, made), message=message))
