"""Carrying out what the machine ordered, inside the same transaction: one function an order, one literal table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from handoff.consent import How
from handoff.conversation import Event, Order, State
from handoff.desk import by_text, consents, line, paging, promises, responses, telling
from handoff.desk.answer import LISTEN
from handoff.desk.callbacks import Wish, find_open, plan
from handoff.desk.resuming import resume
from handoff.desk.thread import Thread
from handoff.promise import Kind
from handoff.store import tables as t


@dataclass(frozen=True)
class Reason:
    """Why a person is needed, with its evidence: the message, the words in it (at most 200 characters), the rule, and all else."""

    reason: str
    message: str | None = None
    words: str = ""
    rule: str = ""
    version: str = ""  # of the rules
    evidence: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Cause:
    """What an order may need to know beside the thread: who acts (`patient`, `bot`, `timer`, `staff:<id>`), as whom, and why."""

    who: str
    staff: str | None = None
    name: str = ""
    reason: Reason | None = None
    message: str | None = None  # the patient's message that the bot is to answer, or to listen to
    turn: str = ""  # the kind of the bot's turn, where it does not answer what the message says: opened
    danger: str = ""
    outcome: str = ""
    score: bool = True
    wish: Wish | None = None  # the call that is wanted


def act(thread: Thread, event: Event, cause: Cause) -> None:
    """Move the thread by `event` and carry out every order. Raises `IllegalMove`."""
    why = cause.reason.reason if cause.reason else cause.outcome
    taken = thread.step(event, who=cause.who, why=why, staff=cause.staff)
    if taken.before.unsafe and taken.before.state is State.WAITING and taken.after.state is not State.WAITING:
        paging.end(thread)
    for order in taken.orders:
        ORDERS[order](thread, cause)
    if thread.core.unsafe and thread.core.state is State.WAITING and thread.core.holder is None and thread.moved:
        paging.begin(thread)


def _ask_bot(thread: Thread, cause: Cause) -> None:
    kind = {"kind": cause.turn} if cause.turn else {}
    payload = {"conversation": thread.id, "message": cause.message, "epoch": thread.core.epoch, **kind}
    thread.work.enqueue("ask_bot", key=thread.id, payload=payload)


def _listen(thread: Thread, cause: Cause) -> None:
    """Nobody reads it now, and the rules alone know fewer words than the bot's model."""
    if cause.message is not None and not thread.core.unsafe:
        thread.work.enqueue(LISTEN, key=thread.id, payload={"conversation": thread.id, "message": cause.message, "kind": LISTEN})


def _stop_survey(thread: Thread, cause: Cause) -> None:
    responses.end_open(thread, ended="stopped" if cause.danger else "idle")


def _new_episode(thread: Thread, cause: Cause) -> None:
    """What began it belongs to it."""
    thread.row["episode"] += 1
    thread.put_in_episode()
    thread.row["meanwhile"] = []


def _open_request(thread: Thread, cause: Cause) -> None:
    line.add_reason(thread, cause.reason or Reason("asked"))


def _show_routes(thread: Thread, cause: Cause) -> None:
    """Only what is true now: chat where somebody is here, a call where there are hours for one, a message always."""
    thread.row["asking"] = None
    work, locale = thread.work, thread.locale
    here = line.someone_here(work.db, work.now)
    say = work.house.words.say
    routes = []
    if here:
        ahead = line.ahead(work.db, work.house, thread.id, work.now)
        room = _has_room(thread)
        wait = line.wait_estimate(work.db, ahead, work.now) if ahead and room else None
        busy, told = ("" if room else "_full"), "_ahead" if wait is None else "_about"
        key = f"chat_now{busy}{told if ahead else ''}"
        title = say(locale, f"routes.{key}", ahead=ahead, minutes=_minutes(wait))
        routes.append({"title": title, "payload": str(Event.CHAT_NOW), "to": "service"})
    if work.house.hours.windows(work.now, 1) and find_open(work.db, thread.id) is None:
        routes.append({"title": say(locale, "routes.call_me"), "payload": str(Event.CALL_ME), "to": "service"})
    routes.append({"title": say(locale, "routes.leave_message"), "payload": str(Event.LEAVE_MESSAGE), "to": "service"})
    routes += by_text.offer(thread)
    routes.append({"title": say(locale, "routes.go_on"), "payload": str(Event.GO_ON), "to": "service"})
    if here:
        thread.say("routes.someone_here", buttons=routes)
    else:
        telling.say_away(thread, "routes", routes)


def _has_room(thread: Thread) -> bool:
    """Without room, how fast the line moved says nothing: it moves again when a talk ends."""
    return line.has_room(thread.work.db, thread.work.house, thread.row["channel"], thread.work.now)


def _minutes(wait: timedelta | None) -> int:
    """Whole minutes, rounded up: nobody minds who comes sooner."""
    return 0 if wait is None else max(1, -(-wait // timedelta(minutes=1)))


def _say_safety(thread: Thread, cause: Cause) -> None:
    telling.say_safety(thread, cause.danger)


def _assign(thread: Thread, cause: Cause) -> None:
    line.assign(thread, str(cause.staff))


def _say_place(thread: Thread, cause: Cause) -> None:
    """Whoever is in danger is shown no way out of the line: there is none."""
    work = thread.work
    title = work.house.words.say(thread.locale, "stop_waiting")
    leave = [] if thread.core.unsafe else [{"title": title, "payload": str(Event.PATIENT_CANCELLED), "to": "service"}]
    buttons = [*leave, *by_text.offer(thread)]
    if not line.someone_here(work.db, work.now):
        telling.say_alone(thread, buttons)
        return
    ahead = line.ahead(work.db, work.house, thread.id, work.now)
    room = _has_room(thread)
    wait = line.wait_estimate(work.db, ahead, work.now) if room else None
    key = "behind" if ahead else "next" if room else "next_full"
    key += "" if wait is None else "_about"
    thread.say(f"place.{key}", buttons=buttons, ahead=ahead, minutes=_minutes(wait))


def _say(key: str) -> Callable[[Thread, Cause], None]:
    """The sentence `key`, with the name of whoever acted where it has a place for one."""

    def say(thread: Thread, cause: Cause) -> None:
        thread.say(key, name=cause.name)

    return say


def _say_handed_back(thread: Thread, cause: Cause) -> None:
    thread.say("handed_back", name=cause.name)
    thread.row["meanwhile"] = [*thread.row["meanwhile"], "person_helped"]


def _promise_answer(thread: Thread, cause: Cause) -> None:
    """A case and a promise are stored, then the words are said; a second wish while one is open is told the day of the first."""
    work = thread.work
    line.open_case_once(thread, "concern")
    due = promises.due(work.db, thread.id, Kind.ANSWER_HERE)
    if due is None:
        due = work.now + timedelta(days=work.house.settings.answer_days)
        promises.make(thread, Kind.ANSWER_HERE, due)
    day = work.house.words.day(thread.locale, due.astimezone(work.house.settings.zone).date())
    thread.say("promise_answer", day=day)
    thread.row["meanwhile"] = [*thread.row["meanwhile"], "message_left"]
    thread.listed = True
    responses.keep_sessions(thread, until=due + timedelta(days=1))


def _keep_promises(thread: Thread, cause: Cause) -> None:
    """An answer is what was promised, but where a call was."""
    work, p = thread.work, t.promise.c
    open_ones = (p.conversation == thread.id, p.state == "open", p.kind != str(Kind.CALLBACK))
    work.db.execute(update(t.promise).where(*open_ones).values(state="kept", closed_at=work.now))


def _complete_request(thread: Thread, cause: Cause) -> None:
    line.close(thread, "completed", outcome=cause.outcome or None)
    if cause.outcome:
        line.close_cases(thread)


def _close_request(state: str) -> Callable[[Thread, Cause], None]:
    def close(thread: Thread, cause: Cause) -> None:
        line.close(thread, state)

    return close


def _ask_score(thread: Thread, cause: Cause) -> None:
    if cause.score:
        responses.ask_score(thread)


def _page_on_call(thread: Thread, cause: Cause) -> None:
    """The console shows a safety matter first and alarms until it is taken; others are called; the timer comes back to it."""
    paging.begin(thread)
    thread.set_timer()


def _stop_texts(thread: Thread, cause: Cause) -> None:
    """`outcome` says how they asked: keyword, sentence, staff, provider."""
    consents.stop_texts(thread.work, thread.id, how=How(cause.outcome or "staff"), who=cause.who)


def _open_callback(thread: Thread, cause: Cause) -> None:
    """Callback and promise are stored, then the window is said."""
    if cause.wish is not None:
        plan(thread, cause.wish)


ORDERS: Mapping[Order, Callable[[Thread, Cause], None]] = {
    Order.ASK_BOT: _ask_bot,
    Order.LISTEN: _listen,
    Order.RESUME: lambda thread, cause: resume(thread, unasked=cause.who == "timer"),
    Order.STOP_SURVEY: _stop_survey,
    Order.NEW_EPISODE: _new_episode,
    Order.OPEN_REQUEST: _open_request,
    Order.QUEUE_REQUEST: lambda thread, cause: line.queue(thread),
    Order.QUEUE_FIRST: lambda thread, cause: line.queue(thread),
    Order.LEAVE_LINE: lambda thread, cause: line.leave(thread),
    Order.ASSIGN_REQUEST: _assign,
    Order.RETURN_REQUEST: lambda thread, cause: line.give_to(thread, str(cause.staff)),
    Order.REQUEUE_REQUEST: lambda thread, cause: line.queue(thread),
    Order.CANCEL_REQUEST: _close_request("cancelled"),
    Order.COMPLETE_REQUEST: _complete_request,
    Order.SHOW_ROUTES: _show_routes,
    Order.SAY_SAFETY: _say_safety,
    Order.SAY_WHOM_TO_CALL: lambda thread, cause: telling.say_whom_to_call(thread, cause.danger),
    Order.SAY_STILL_ASKED: lambda thread, cause: telling.say_still_asked(thread),
    Order.SAY_STILL_WATCHED: lambda thread, cause: telling.say_still_watched(thread),
    Order.SAY_BOT_FAILED: _say("bot_failed"),
    Order.SAY_PLACE: _say_place,
    Order.SAY_JOINED: _say("joined"),
    Order.SAY_TAKEN_BACK: _say("taken_back"),
    Order.SAY_CANCELLED: _say("cancelled"),
    Order.SAY_WAITED_TOO_LONG: _say("waited_too_long"),
    Order.SAY_STAFF_LOST: _say("staff_lost"),
    Order.SAY_STAFF_AWAY: _say("staff_away"),
    Order.SAY_TRANSFERRED: _say("transferred"),
    Order.SAY_TRANSFER_OVER: _say("transfer_over"),
    Order.SAY_HANDED_BACK: _say_handed_back,
    Order.SAY_CLOSED: _say("closed"),
    Order.PROMISE_ANSWER: _promise_answer,
    Order.OPEN_CALLBACK: _open_callback,
    Order.PAGE_ON_CALL: _page_on_call,
    Order.KEEP_PROMISES: _keep_promises,
    Order.ASK_SCORE: _ask_score,
    Order.STOP_TEXTS: _stop_texts,
}
