"""The callback machine: every state × event pair, and the whole value that comes back."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.callback import APART, ENDS, MAX_ATTEMPTS, MOVES, Callback, Event, Order, State, Step, allowed, step
from handoff.desk.callbacks import ORDERS
from handoff.errors import IllegalMove
from handoff.hours import Hours, Window

E, O, S = Event, Order, State  # noqa: E741
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a Monday
HOURS = Hours(UTC, dict.fromkeys(range(5), ((540, 1020),)))
OLD = Window(NOW - timedelta(minutes=30), NOW + timedelta(minutes=90))
NEW = Window(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2))
AGAIN = NOW + APART

PLAN = (O.MAKE_PROMISE, O.SAY_WHEN)
TALKED = (O.KEEP_PROMISE, O.END, O.SETTLE_CASE)
OFF = (O.WITHDRAW_PROMISE, O.SAY_CALLED_OFF, O.END, O.SETTLE_CASE)
WRONG = (O.WITHDRAW_PROMISE, O.SAY_WRONG_NUMBER, O.END)
LATE = (O.BREAK_PROMISE, O.SAY_OVERDUE, O.ALERT)
TRIED = (O.KEEP_PROMISE, O.PROMISE_AGAIN, O.SAY_TRIED)
NOTHING_MORE = (O.WITHDRAW_PROMISE, O.END)

# state -> event -> (next state, next staff, next attempts, next_at, orders), from one attempt that Nora made: written a second time, by hand
PLANNED = (S.SCHEDULED, None, 0, None, PLAN)
TAKEN = (S.CLAIMED, "tom", 1, None, ())
TAKEN_LATE = (S.CLAIMED, "tom", 1, None, (O.WATCH_AGAIN,))
IN_VAIN = (S.SCHEDULED, None, 2, AGAIN, TRIED)
CALLED_OFF = (S.CANCELLED, None, 1, None, OFF)
SPOKE = (S.COMPLETED, "nora", 1, None, TALKED)
NOT_THEIRS = (S.WRONG_NUMBER, None, 1, None, WRONG)
MISSED = (S.OVERDUE, None, 1, None, LATE)
SENT_UP = (S.ESCALATED, None, 1, None, (O.ALERT,))
FREED = (S.SCHEDULED, None, 1, None, ())

EXPECTED = {
    S.REQUESTED: {E.PLANNED: PLANNED, E.MOVED: PLANNED, E.CANCELLED: CALLED_OFF, E.ESCALATED: SENT_UP},
    S.SCHEDULED: {
        E.PLANNED: PLANNED,
        E.MOVED: PLANNED,
        E.CLAIMED: TAKEN,
        E.CANCELLED: CALLED_OFF,
        E.WINDOW_MISSED: MISSED,
        E.ESCALATED: SENT_UP,
    },
    S.CLAIMED: {
        E.RELEASED: FREED,
        E.DIALLED: (S.DIALLING, "nora", 1, None, ()),
        E.COMPLETED: SPOKE,
        E.NOT_ANSWERED: IN_VAIN,
        E.MACHINE_ANSWERED: IN_VAIN,
        E.BUSY: IN_VAIN,
        E.WRONG_NUMBER: NOT_THEIRS,
        E.PLANNED: PLANNED,
        E.MOVED: PLANNED,
        E.CANCELLED: CALLED_OFF,
        E.WINDOW_MISSED: MISSED,
        E.ESCALATED: SENT_UP,
    },
    S.DIALLING: {
        E.STAFF_MISSED: FREED,
        E.PATIENT_ANSWERED: (S.CONNECTED, "nora", 1, None, (O.KEEP_PROMISE,)),
        E.COMPLETED: SPOKE,
        E.NOT_ANSWERED: IN_VAIN,
        E.MACHINE_ANSWERED: IN_VAIN,
        E.BUSY: IN_VAIN,
        E.CALL_FAILED: IN_VAIN,
        E.WRONG_NUMBER: NOT_THEIRS,
        E.CANCELLED: CALLED_OFF,
    },
    S.CONNECTED: {
        E.COMPLETED: SPOKE,
        E.WRONG_NUMBER: NOT_THEIRS,
        E.NOT_ANSWERED: IN_VAIN,
        E.MACHINE_ANSWERED: IN_VAIN,
        E.CALL_FAILED: IN_VAIN,
    },
    S.OVERDUE: {E.CLAIMED: TAKEN_LATE, E.PLANNED: PLANNED, E.MOVED: PLANNED, E.CANCELLED: CALLED_OFF, E.ESCALATED: SENT_UP},
    S.ESCALATED: {
        E.CLAIMED: TAKEN_LATE,
        E.PLANNED: PLANNED,
        E.MOVED: PLANNED,
        E.CANCELLED: CALLED_OFF,
        E.COMPLETED: SPOKE,
        E.NOT_ANSWERED: (S.NO_ANSWER, None, 1, None, NOTHING_MORE),
        E.MACHINE_ANSWERED: (S.VOICEMAIL, None, 1, None, NOTHING_MORE),
        E.WRONG_NUMBER: NOT_THEIRS,
    },
}
PAIRS = list(itertools.product(State, Event))


def at(state: State, *, attempts: int = 1) -> Callback:
    return Callback(state, attempts, OLD.begins, OLD.ends, None, "nora")


def go(before: Callback, event: Event, *, now: datetime = NOW) -> Step:
    return step(before, event, now, HOURS, staff="tom", window=NEW)


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=[f"{state}+{event}" for state, event in PAIRS])
def test_every_state_and_event(state: State, event: Event) -> None:
    before = at(state)
    expected = EXPECTED.get(state, {}).get(event)
    if expected is None:
        with pytest.raises(IllegalMove) as refused:
            go(before, event)
        assert event not in allowed(before)
        assert all(str(legal) in refused.value.message for legal in allowed(before))
        return
    to, staff, attempts, next_at, orders = expected
    window = NEW if event in (E.PLANNED, E.MOVED) else OLD
    assert go(before, event) == Step(event, before, Callback(to, attempts, window.begins, window.ends, next_at, staff), orders)
    assert event in allowed(before)


def test_the_tables_here_and_there_name_the_same_pairs() -> None:
    assert set(MOVES) == {(state, event) for state, events in EXPECTED.items() for event in events}


def test_what_has_ended_has_no_moves_and_what_has_not_has_some() -> None:
    assert {state for state in State if not allowed(at(state))} == ENDS


def test_every_order_has_somebody_to_carry_it_out() -> None:
    assert set(ORDERS) == set(Order)


@pytest.mark.parametrize("state", [S.CLAIMED, S.DIALLING, S.CONNECTED])
def test_the_third_attempt_in_vain_is_the_last(state: State) -> None:
    taken = go(at(state, attempts=MAX_ATTEMPTS - 1), E.NOT_ANSWERED)
    assert (taken.after.state, taken.after.attempts, taken.after.next_at, taken.after.staff) == (S.ESCALATED, MAX_ATTEMPTS, None, None)
    assert taken.orders == (O.BREAK_PROMISE, O.SAY_GIVEN_UP, O.ALERT)
    with pytest.raises(IllegalMove):
        go(taken.after, E.CLAIMED)
    assert go(go(taken.after, E.MOVED).after, E.CLAIMED).after.attempts == 0  # a new window is agreed: they may be rung again


@pytest.mark.parametrize(
    ("tried", "again"),
    [
        (datetime(2026, 11, 23, 9, 30, tzinfo=UTC), datetime(2026, 11, 23, 9, 40, tzinfo=UTC)),
        (datetime(2026, 11, 23, 16, 50, tzinfo=UTC), datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),  # 17:00 is closed
        (datetime(2026, 11, 27, 16, 55, tzinfo=UTC), datetime(2026, 11, 30, 9, 0, tzinfo=UTC)),  # over the week-end
    ],
)
def test_the_next_attempt_is_ten_minutes_later_and_in_opening_hours(tried: datetime, again: datetime) -> None:
    assert go(at(S.DIALLING), E.BUSY, now=tried).after.next_at == again


@pytest.mark.parametrize(
    ("state", "orders"),
    [
        (S.CLAIMED, (O.SAY_TRIED,)),
        (S.DIALLING, (O.SAY_TRIED,)),
        (S.CONNECTED, (O.MAKE_PROMISE, O.SAY_TRIED)),  # who picked up was not the patient: what seemed kept is owed after all
    ],
)
def test_who_is_rung_early_and_in_vain_is_still_owed_the_call(state: State, orders: tuple[Order, ...]) -> None:
    early = OLD.begins - timedelta(hours=1)
    taken = go(at(state), E.NOT_ANSWERED, now=early)
    assert (taken.after.state, taken.after.next_at, taken.orders) == (S.SCHEDULED, OLD.begins, orders)
    assert (taken.after.window_from, taken.after.window_to) == (OLD.begins, OLD.ends)


@pytest.mark.parametrize(("state", "event"), [(S.SCHEDULED, E.CLAIMED), (S.REQUESTED, E.PLANNED), (S.OVERDUE, E.MOVED)])
def test_nobody_takes_it_and_no_window_is_none_of_ours(state: State, event: Event) -> None:
    with pytest.raises(IllegalMove):
        step(at(state), event, NOW, HOURS)


@given(st.lists(st.sampled_from(list(Event)), max_size=40))
def test_along_any_path_attempts_are_few_apart_and_somebody_has_what_rings(events: list[Event]) -> None:
    now, callback = NOW, Callback(S.REQUESTED, 0, OLD.begins, OLD.ends)
    for event in events:
        if event not in allowed(callback):
            continue
        now += timedelta(minutes=7)
        after = go(callback, event, now=now).after
        assert 0 <= after.attempts <= MAX_ATTEMPTS
        assert after.attempts <= callback.attempts or after.next_at is None or after.next_at >= now + APART
        assert (after.staff is not None) == (after.state in (S.CLAIMED, S.DIALLING, S.CONNECTED, S.COMPLETED)) or after.state is S.COMPLETED
        callback = after
