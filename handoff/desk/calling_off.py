"""A patient changes a promised call, or calls it off: by a button, or by typed words on any channel."""

from __future__ import annotations

from handoff.call_words import asks_for_call, read_call_wish
from handoff.callback import ENDS, Event, State, allowed
from handoff.conversation import State as Talk
from handoff.desk import calls, responses, windows
from handoff.desk.callbacks import OpenCallback, find_open, say_late
from handoff.desk.resuming import resume
from handoff.desk.thread import Thread
from handoff.errors import OldButton
from handoff.hours import Window
from handoff.window_words import find_window

PREFIX = "call:"
WITH_PERSON = (Talk.HUMAN, Talk.PARKED)  # what they say then is said to the person


def said(thread: Thread, text: str) -> bool:
    """Typed words about the call that is promised. Whether they were."""
    wish = None if thread.core.state in WITH_PERSON else read_call_wish(text) or ("move" if asks_for_call(text) else None)
    row = find_open(thread.work.db, thread.id) if wish is not None else None
    if row is None:
        return False
    if wish == "off":
        _off(thread, OpenCallback(thread, row))
    else:
        _move(thread, OpenCallback(thread, row), find_window(text, thread.work.house.hours, thread.work.now))
    return True


def pressed(thread: Thread, payload: str) -> None:
    """`call:off`, `call:move:<window>`. Raises `OldButton` where there is no such call any more."""
    row = find_open(thread.work.db, thread.id)
    if row is None:
        raise OldButton
    callback = OpenCallback(thread, row)
    wish, _, chosen = payload.removeprefix(PREFIX).partition(":")
    window = windows.read(thread.work.house, chosen, thread.work.now) if wish == "move" else None
    if wish == "off":
        _off(thread, callback)
    else:
        _move(thread, callback, window)


def _move(thread: Thread, callback: OpenCallback, window: Window | None) -> None:
    """To that window; where none is named, or a call is under way, the windows are shown."""
    if window is None or Event.MOVED not in allowed(callback.core):
        say_late(thread, "callback.choose_time")
    else:
        callback.step(Event.MOVED, window=window)
        callback.save()
        _go_on(thread)


def _off(thread: Thread, callback: OpenCallback) -> None:
    """Whatever rings for it is hung up. On the phone with staff already, it is theirs to end."""
    if callback.state is State.CONNECTED or callback.state in ENDS:
        thread.say("callback.talking")
        return
    calls.hang_up(thread.work, callback.row["id"], thread.id)
    callback.step(Event.CANCELLED)
    callback.save()
    _go_on(thread)


def _go_on(thread: Thread) -> None:
    """The bot goes on with a question that is open."""
    response = responses.latest(thread.work.db, thread.id, thread.row["survey"])
    if thread.core.state is Talk.BOT and response is not None and response["finished_at"] is None:
        resume(thread)
