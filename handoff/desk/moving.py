"""From a web chat to texts: which number, the patient's consent, a code by text that comes back; then the same record goes on by text.

Whoever owns the conversation goes on owning it: this dialogue runs beside its state. What is known so far lies on the conversation's row.
Words that do not belong to it go where they would have gone. Answers go where the patient wrote last: who writes on the website again
reads there, and one text, or "text me", brings the texts back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from handoff import consent
from handoff.consent import How, Purpose
from handoff.conversation import Order, State
from handoff.desk import asking, by_text, choices, codes, consents, linking, responses
from handoff.desk.by_text import PREFIX
from handoff.desk.orders import ORDERS, Cause
from handoff.desk.resuming import resume
from handoff.desk.text_limits import is_opted_out
from handoff.desk.thread import Thread, open_thread
from handoff.desk.work import Work
from handoff.move_words import has_agreed, read_code, veiled, wants_another_code, wants_texts
from handoff.plain import plain
from handoff.store import tables as t
from handoff.telephone import ending, read_telephone, written
from handoff.triage import look_for_wish

MOVED = "moved_to_texts"
PURPOSES = (Purpose.REPLY, Purpose.SAFETY, Purpose.CALLBACK)  # what the wording names
FORGOTTEN = timedelta(hours=1)  # who has not gone on by then begins anew
WRONG = {
    "none": "asking.number_none",
    "short": "asking.number_short",
    "long": "asking.number_long",
    "costly": "moving.number_costly",
    "country": "moving.number_country",
}


def kept(thread: Thread, text: str) -> str:
    """`text` as it is stored: a code is not, neither a right nor a wrong one."""
    return veiled(text) if _step(thread) == "code" and read_code(text) else text


def said(thread: Thread, text: str) -> bool:
    """Typed words. Whether they belong to this dialogue."""
    if by_text.is_open(thread) and wants_texts(text) and not asking.takes_words(thread):
        begin(thread)
        return True
    step = _step(thread)
    if step in ("number", "consent") and look_for_wish(text, thread.work.house.routing.rules):
        return _leave(thread)  # a person is one word away, at each step
    return step is not None and _SAID[step](thread, text)


def texted(work: Work, number: str, text: str) -> Thread | None:
    """A code that is texted back from the phone it was sent to, instead of typed on the website. The thread that goes on by text now.

    None for everything else, a wrong code included: that is a text like any other.
    """
    code, waiting = read_code(text), codes.waiting_for(work.db, number)
    if code is None or waiting is None:
        return None
    thread = open_thread(work, waiting)
    if _step(thread) != "code" or thread.row["moving"]["number"] != number or codes.check(work, waiting, code) != "right":
        return None
    _confirm(thread)
    thread.row["last_patient_at"] = work.now
    thread.save()
    return thread


def pressed(thread: Thread, payload: str) -> None:
    """One of this dialogue's buttons, pressed or typed."""
    step = payload.removeprefix(PREFIX).removesuffix(":")
    if step != "stay" and not by_text.is_open(thread):
        thread.say("moving.not_here")
    elif step == "begin" or (step != "stay" and _step(thread) is None):
        begin(thread)
    else:
        _PRESSED[step](thread)


def begin(thread: Thread) -> None:
    """Whose number is proved and who has agreed before goes on by text at once; others say which number."""
    known = [number for number in consents.numbers_of(thread.work.db, thread.id) if not is_opted_out(thread.work, number)]
    if known and consent.may(consents.ledger(thread.work.db, thread.id), "sms", Purpose.REPLY):
        _go_by_text(thread, known[-1])
    else:
        _ask_number(thread)


def came_back(thread: Thread) -> None:
    """They write on the website again, so that is where answers go. Said once, for texts may be what they still expect."""
    thread.moved = True
    if thread.row["moving"] is None:
        thread.say("moving.back_here")


def break_off(thread: Thread) -> None:
    """Something graver came in between. A code that is on its way still counts."""
    if _step(thread) != "code":
        thread.row["moving"] = None


def _step(thread: Thread) -> str | None:
    moving = thread.row["moving"]
    if moving is None or not by_text.is_open(thread) or thread.work.now.timestamp() - moving["at"] > FORGOTTEN.total_seconds():
        return None
    return str(moving["step"])


def _ask_number(thread: Thread) -> None:
    codes.end(thread.work, thread.id)
    _put(thread, "number")
    thread.say("moving.number", buttons=[_stay(thread)])


def _take_number(thread: Thread, text: str) -> bool:
    settings = thread.work.house.settings
    found = read_telephone(text, country=settings.country, countries=settings.countries)
    elsewhere = len(plain(text).split()) > 3 or thread.row["moving"].get("again") or not _was_asked(thread)
    if found.number is None and found.wrong == "none" and elsewhere:
        return _leave(thread)
    key = WRONG[found.wrong or "none"] if found.number is None else _trouble(thread, found.number)
    if key is not None:
        _put(thread, "number", again=True)
        thread.say(key, buttons=[_stay(thread)])
    elif found.number is not None:
        _ask_consent(thread, found.number)
    return True


def _trouble(thread: Thread, number: str) -> str | None:
    """The sentence that says why no text may or can go to a number."""
    n, work = t.phone_number.c, thread.work
    state = work.db.execute(select(n.state).where(n.number == number)).scalar_one_or_none()
    if state in ("landline", "bad"):
        return "moving.number_takes_none"
    return "moving.number_opted_out" if is_opted_out(work, number) else None


def _ask_consent(thread: Thread, number: str) -> None:
    """The ledger keeps the version of the wording, which is the same for every number."""
    words, settings = thread.work.house.words, thread.work.house.settings
    wording = consents.wording(words.say(thread.locale, "moving.consent", number="{number}", clinic="{clinic}"))
    _put(thread, "consent", number=number, wording=wording)
    buttons = [_button(thread, "moving.agree", "agree"), _button(thread, "moving.other_number", "number"), _stay(thread)]
    thread.say(
        "moving.consent", number=written(number, country=settings.country), clinic=thread.work.house.clinic(thread.locale), buttons=buttons
    )


def _answer_consent(thread: Thread, text: str) -> bool:
    """A "yes" is one only while nothing else has been asked since."""
    agreed = has_agreed(text) if _was_asked(thread) else None
    if agreed is None and any(char.isdigit() for char in text):
        return _take_number(thread, text)
    if agreed is None:
        return _leave(thread)
    if agreed:
        _send_code(thread)
    else:
        _stay_here(thread)
    return True


def _was_asked(thread: Thread) -> bool:
    """Was this dialogue's question the last thing that our side said?"""
    shown = choices.newest_buttons(thread)
    return shown is not None and shown["last"] and shown["buttons"][0]["payload"].startswith(PREFIX)


def _send_code(thread: Thread) -> None:
    moving, work = thread.row["moving"], thread.work
    if "number" not in moving:
        _ask_number(thread)
        return
    trouble = _trouble(thread, moving["number"])
    if trouble is not None:
        _put(thread, "number")
        thread.say(trouble, buttons=[_stay(thread)])
    elif codes.send(work, thread.id, moving["number"]):
        _put(thread, "code", number=moving["number"], wording=moving["wording"])
        thread.say("moving.code_sent", ending=ending(moving["number"]), buttons=_at_code(thread))
    else:
        _put(thread, moving["step"], number=moving["number"], wording=moving["wording"])
        thread.say("moving.too_many", buttons=[_stay(thread)])


def _take_code(thread: Thread, text: str) -> bool:
    code = read_code(text)
    if code is None:
        if wants_another_code(text):
            _send_code(thread)
            return True
        return False  # said to whoever has the conversation; the code may still come
    verdict = codes.check(thread.work, thread.id, code)
    if verdict == "right":
        _confirm(thread)
    else:
        thread.say(f"moving.code_{verdict}", buttons=_at_code(thread))
    return True


def _confirm(thread: Thread) -> None:
    """The number is theirs: number, consent and move in one transaction, then it is said, on the website and by text."""
    number, wording = thread.row["moving"]["number"], thread.row["moving"]["wording"]
    trouble = _trouble(thread, number)
    if trouble is not None:  # a STOP from that phone was faster
        _put(thread, "number")
        thread.say(trouble, buttons=[_stay(thread)])
        return
    linking.link(thread, number)
    consents.record(thread.work, thread.id, "sms", PURPOSES, given=True, how=How.ASKED, who="patient", words=wording)
    _go_by_text(thread, number, wording)


def _go_by_text(thread: Thread, number: str, wording: str = "") -> None:
    thread.row.update(channel="sms", moving=None)
    thread.note(MOVED, who="patient", why=wording)
    thread.moved = thread.listed = True
    thread.say("moving.moved", ending=ending(number), clinic=thread.work.house.clinic(thread.locale))
    if thread.core.state in (State.BOT, State.CHOOSING, State.PARKED):
        thread.set_timer()  # people take longer by text
    elif thread.core.state is State.WAITING and thread.core.holder is None:
        thread.set_timer(max(thread.work.now, thread.row["changed_at"] + thread.longest_wait()))
    go_on(thread)


def go_on(thread: Thread) -> None:
    """What lay open before is asked again, where they are now, and in the language that they read now."""
    response = responses.latest(thread.work.db, thread.id, thread.row["survey"])
    if thread.core.state is State.CHOOSING:
        ORDERS[Order.SHOW_ROUTES](thread, Cause("patient"))
    elif thread.core.state is State.BOT and response is not None and response["finished_at"] is None:
        resume(thread)


def _stay_here(thread: Thread) -> None:
    codes.end(thread.work, thread.id)
    thread.row["moving"] = None
    thread.say("moving.stayed")
    go_on(thread)


def _leave(thread: Thread) -> bool:
    """They speak of something else: the words go to whoever has the conversation."""
    thread.row["moving"] = None
    return False


def _put(thread: Thread, step: str, **known: Any) -> None:
    thread.row["moving"] = {"step": step, "at": round(thread.work.now.timestamp()), **known}
    if thread.core.state is State.CHOOSING:
        thread.set_timer()  # the time to choose begins anew


def _button(thread: Thread, key: str, payload: str) -> dict[str, str]:
    return {"title": thread.work.house.words.say(thread.locale, key), "payload": f"{PREFIX}{payload}:", "to": "service"}


def _stay(thread: Thread) -> dict[str, str]:
    return _button(thread, "moving.stay", "stay")


def _at_code(thread: Thread) -> list[dict[str, str]]:
    return [_button(thread, "moving.new_code", "code"), _button(thread, "moving.other_number", "number"), _stay(thread)]


_PRESSED: Mapping[str, Callable[[Thread], None]] = {
    "agree": _send_code,
    "code": _send_code,
    "number": _ask_number,
    "stay": _stay_here,
}
_SAID: Mapping[str, Callable[[Thread, str], bool]] = {"number": _take_number, "consent": _answer_consent, "code": _take_code}
