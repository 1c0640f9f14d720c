"""The conversation machine: every state × event pair, and the whole value that comes back."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.conversation import (
    MOVES,
    OWNERS,
    TIMERS,
    WHILE_PASSED_ON,
    WHILE_UNSAFE,
    Conversation,
    Event,
    Order,
    State,
    Step,
    allowed,
    step,
)
from handoff.desk.orders import ORDERS
from handoff.errors import IllegalMove

E, O, S = Event, Order, State  # noqa: E741
OWNER = {S.BOT: "bot", S.CHOOSING: "bot", S.WAITING: "queue", S.HUMAN: "staff:maria", S.PARKED: "staff:maria", S.CLOSED: "nobody"}
DANGER = (O.SAY_SAFETY, O.STOP_SURVEY, O.OPEN_REQUEST, O.QUEUE_FIRST, O.PAGE_ON_CALL)
SHOW = (O.OPEN_REQUEST, O.SHOW_ROUTES)

# (state, event) -> (next state, next owner, epoch rises by, orders): the table of the design, written a second time and by hand
EXPECTED = {
    (S.BOT, E.PATIENT_WROTE): (S.BOT, "bot", 0, (O.ASK_BOT,)),
    (S.BOT, E.WANTS_PERSON): (S.CHOOSING, "bot", 0, SHOW),
    (S.BOT, E.WANTS_CALL): (S.CHOOSING, "bot", 0, (O.OPEN_REQUEST,)),
    (S.BOT, E.BOT_FAILED): (S.CHOOSING, "bot", 0, (O.SAY_BOT_FAILED, *SHOW)),
    (S.BOT, E.UNSAFE): (S.WAITING, "queue", 1, DANGER),
    (S.BOT, E.FOLLOW_UP): (S.BOT, "bot", 0, (O.PROMISE_ANSWER,)),
    (S.BOT, E.TAKEN): (S.HUMAN, "staff:sam", 1, (O.OPEN_REQUEST, O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.BOT, E.PATIENT_LEFT): (S.CLOSED, "nobody", 1, (O.STOP_SURVEY,)),
    (S.BOT, E.IDLE): (S.CLOSED, "nobody", 1, (O.STOP_SURVEY,)),
    (S.CHOOSING, E.PATIENT_WROTE): (S.BOT, "bot", 0, (O.CANCEL_REQUEST, O.ASK_BOT)),
    (S.CHOOSING, E.WANTS_PERSON): (S.CHOOSING, "bot", 0, SHOW),
    (S.CHOOSING, E.WANTS_CALL): (S.CHOOSING, "bot", 0, (O.OPEN_REQUEST,)),
    (S.CHOOSING, E.UNSAFE): (S.WAITING, "queue", 1, DANGER),
    (S.CHOOSING, E.CHAT_NOW): (S.WAITING, "queue", 1, (O.QUEUE_REQUEST, O.SAY_PLACE)),
    (S.CHOOSING, E.CALL_ME): (S.BOT, "bot", 0, (O.OPEN_CALLBACK, O.CANCEL_REQUEST, O.LISTEN, O.RESUME)),
    (S.CHOOSING, E.LEAVE_MESSAGE): (S.BOT, "bot", 0, (O.CANCEL_REQUEST, O.PROMISE_ANSWER, O.LISTEN, O.RESUME)),
    (S.CHOOSING, E.GO_ON): (S.BOT, "bot", 0, (O.CANCEL_REQUEST, O.RESUME)),
    (S.CHOOSING, E.CHOICE_TIMED_OUT): (S.BOT, "bot", 0, (O.CANCEL_REQUEST, O.RESUME)),
    (S.CHOOSING, E.TAKEN): (S.HUMAN, "staff:sam", 1, (O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.CHOOSING, E.PATIENT_LEFT): (S.CLOSED, "nobody", 1, (O.CANCEL_REQUEST, O.STOP_SURVEY)),
    (S.WAITING, E.PATIENT_WROTE): (S.WAITING, "queue", 0, (O.LISTEN,)),
    (S.WAITING, E.WANTS_PERSON): (S.WAITING, "queue", 0, (O.OPEN_REQUEST, O.SAY_PLACE)),
    (S.WAITING, E.WANTS_CALL): (S.CHOOSING, "bot", 1, (O.LEAVE_LINE, O.OPEN_REQUEST)),
    (S.WAITING, E.WANTS_MESSAGE): (S.CHOOSING, "bot", 1, (O.LEAVE_LINE, O.OPEN_REQUEST)),
    (S.WAITING, E.UNSAFE): (S.WAITING, "queue", 0, DANGER),
    (S.WAITING, E.TAKEN): (S.HUMAN, "staff:sam", 1, (O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.WAITING, E.PATIENT_CANCELLED): (S.BOT, "bot", 1, (O.CANCEL_REQUEST, O.SAY_CANCELLED, O.RESUME)),
    (S.WAITING, E.WAITED_TOO_LONG): (S.CHOOSING, "bot", 1, (O.LEAVE_LINE, O.SAY_WAITED_TOO_LONG, O.SHOW_ROUTES)),
    (S.WAITING, E.PATIENT_LEFT): (S.CLOSED, "nobody", 1, (O.CANCEL_REQUEST, O.STOP_SURVEY)),
    (S.HUMAN, E.PATIENT_WROTE): (S.HUMAN, "staff:maria", 0, ()),
    (S.HUMAN, E.STAFF_WROTE): (S.HUMAN, "staff:maria", 0, (O.KEEP_PROMISES,)),
    (S.HUMAN, E.WANTS_PERSON): (S.HUMAN, "staff:maria", 0, ()),
    (S.HUMAN, E.UNSAFE): (S.HUMAN, "staff:maria", 0, (O.SAY_WHOM_TO_CALL, O.OPEN_REQUEST, O.STOP_SURVEY)),
    (S.HUMAN, E.PARK): (S.PARKED, "staff:maria", 0, ()),
    (S.HUMAN, E.STAFF_LOST): (S.WAITING, "queue", 1, (O.REQUEUE_REQUEST, O.SAY_STAFF_LOST)),
    (S.HUMAN, E.TRANSFERRED): (S.WAITING, "staff:maria", 0, (O.REQUEUE_REQUEST, O.SAY_TRANSFERRED)),
    (S.HUMAN, E.HANDED_BACK): (S.BOT, "bot", 1, (O.COMPLETE_REQUEST, O.SAY_HANDED_BACK, O.RESUME)),
    (S.HUMAN, E.STAFF_CLOSED): (S.CLOSED, "nobody", 1, (O.COMPLETE_REQUEST, O.STOP_SURVEY, O.SAY_CLOSED, O.ASK_SCORE)),
    (S.HUMAN, E.PATIENT_LEFT): (S.CLOSED, "nobody", 1, (O.COMPLETE_REQUEST, O.STOP_SURVEY)),
    (S.PARKED, E.PATIENT_WROTE): (S.HUMAN, "staff:maria", 0, ()),
    (S.PARKED, E.PATIENT_WROTE_STAFF_AWAY): (S.WAITING, "queue", 1, (O.REQUEUE_REQUEST, O.SAY_STAFF_AWAY, O.LISTEN)),
    (S.PARKED, E.UNSAFE): (S.WAITING, "queue", 1, DANGER),
    (S.PARKED, E.PARK_OVER): (S.HUMAN, "staff:maria", 0, ()),
    (S.PARKED, E.TAKEN): (S.HUMAN, "staff:sam", 1, (O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.PARKED, E.TAKEN_BACK): (S.HUMAN, "staff:maria", 0, ()),
    (S.PARKED, E.STAFF_WROTE): (S.HUMAN, "staff:maria", 0, (O.KEEP_PROMISES,)),
    (S.PARKED, E.HANDED_BACK): (S.BOT, "bot", 1, (O.COMPLETE_REQUEST, O.SAY_HANDED_BACK, O.RESUME)),
    (S.PARKED, E.STAFF_CLOSED): (S.CLOSED, "nobody", 1, (O.COMPLETE_REQUEST, O.STOP_SURVEY, O.SAY_CLOSED, O.ASK_SCORE)),
    (S.PARKED, E.PATIENT_LEFT): (S.CLOSED, "nobody", 1, (O.COMPLETE_REQUEST, O.STOP_SURVEY)),
    (S.CLOSED, E.PATIENT_WROTE): (S.BOT, "bot", 1, (O.NEW_EPISODE, O.ASK_BOT)),
    (S.CLOSED, E.WANTS_PERSON): (S.CHOOSING, "bot", 1, (O.NEW_EPISODE, *SHOW)),
    (S.CLOSED, E.WANTS_CALL): (S.CHOOSING, "bot", 1, (O.NEW_EPISODE, O.OPEN_REQUEST)),
    (S.CLOSED, E.UNSAFE): (S.WAITING, "queue", 1, (O.NEW_EPISODE, *DANGER)),
    (S.CLOSED, E.TAKEN): (S.HUMAN, "staff:sam", 1, (O.OPEN_REQUEST, O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.CLOSED, E.SCORED): (S.CLOSED, "nobody", 0, ()),
    (S.CLOSED, E.PATIENT_LEFT): (S.CLOSED, "nobody", 0, ()),
    **{(state, E.OPTED_OUT): (S.CLOSED, "nobody", state is not S.CLOSED, (O.STOP_TEXTS, O.STOP_SURVEY)) for state in (S.BOT, S.CLOSED)},
    **{
        (state, E.OPTED_OUT): (S.CLOSED, "nobody", True, (O.STOP_TEXTS, O.CANCEL_REQUEST, O.STOP_SURVEY))
        for state in (S.CHOOSING, S.WAITING)
    },
    **{
        (state, E.OPTED_OUT): (S.CLOSED, "nobody", True, (O.STOP_TEXTS, O.COMPLETE_REQUEST, O.STOP_SURVEY)) for state in (S.HUMAN, S.PARKED)
    },
}

UNSAFE_EXPECTED = {
    (S.WAITING, E.PATIENT_WROTE): (S.WAITING, (O.SAY_STILL_ASKED,), True),
    (S.WAITING, E.PATIENT_CANCELLED): (S.WAITING, (O.SAY_STILL_WATCHED,), True),
    (S.WAITING, E.WAITED_TOO_LONG): (S.WAITING, (O.PAGE_ON_CALL,), True),
    (S.WAITING, E.PATIENT_LEFT): (S.WAITING, (), True),
    (S.HUMAN, E.PATIENT_LEFT): (S.HUMAN, (), True),
    (S.HUMAN, E.STAFF_CLOSED): (S.CLOSED, (O.COMPLETE_REQUEST, O.STOP_SURVEY, O.SAY_CLOSED), False),
    (S.WAITING, E.OPTED_OUT): (S.WAITING, (O.STOP_TEXTS, O.PAGE_ON_CALL), True),
    (S.HUMAN, E.OPTED_OUT): (S.HUMAN, (O.STOP_TEXTS, O.PAGE_ON_CALL), True),
}
PASSED_ON_EXPECTED = {
    (S.WAITING, E.STAFF_WROTE): (S.WAITING, "staff:maria", ()),
    (S.WAITING, E.STAFF_LOST): (S.WAITING, "queue", (O.SAY_STAFF_LOST,)),
    (S.WAITING, E.STAFF_AWAY): (S.WAITING, "queue", (O.SAY_STAFF_AWAY, O.PAGE_ON_CALL)),
    (S.WAITING, E.TAKEN_BACK): (S.HUMAN, "staff:maria", (O.RETURN_REQUEST, O.SAY_TAKEN_BACK)),
    (S.WAITING, E.TRANSFER_OVER): (S.HUMAN, "staff:maria", (O.RETURN_REQUEST, O.SAY_TRANSFER_OVER)),
}
PAIRS = list(itertools.product(State, Event))


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=[f"{state}+{event}" for state, event in PAIRS])
def test_every_state_and_event(state: State, event: Event) -> None:
    before = Conversation(state, OWNER[state], 7)
    if (state, event) not in EXPECTED:
        with pytest.raises(IllegalMove) as refused:
            step(before, event, staff="sam")
        assert event not in allowed(before)
        assert all(str(legal) in refused.value.message for legal in allowed(before))
        return
    to, owner, rise, orders = EXPECTED[state, event]
    unsafe = event is E.UNSAFE
    assert step(before, event, staff="sam") == Step(event, before, Conversation(to, owner, 7 + rise, unsafe), orders)
    assert event in allowed(before)


@pytest.mark.parametrize(("state", "event"), list(UNSAFE_EXPECTED), ids=[f"{state}+{event}" for state, event in UNSAFE_EXPECTED])
def test_a_safety_matter_is_seen_through(state: State, event: Event) -> None:
    to, orders, still_unsafe = UNSAFE_EXPECTED[state, event]
    taken = step(Conversation(state, OWNER[state], 3, unsafe=True), event, staff="sam")
    assert (taken.after.state, taken.orders, taken.after.unsafe) == (to, orders, still_unsafe)


@pytest.mark.parametrize(("state", "event"), list(PASSED_ON_EXPECTED), ids=[f"{state}+{event}" for state, event in PASSED_ON_EXPECTED])
@pytest.mark.parametrize("unsafe", [False, True])
def test_until_it_is_taken_it_is_still_with_whoever_passed_it_on(state: State, event: Event, unsafe: bool) -> None:
    to, owner, orders = PASSED_ON_EXPECTED[state, event]
    before = Conversation(state, "staff:maria", 3, unsafe)
    taken = step(before, event)
    assert taken == Step(event, before, Conversation(to, owner, 3 + (owner == "queue"), unsafe), orders)


@pytest.mark.parametrize("event", [E.PATIENT_CANCELLED, E.PATIENT_LEFT, E.UNSAFE, E.OPTED_OUT, E.PATIENT_WROTE])
def test_a_safety_matter_that_is_passed_on_keeps_its_owner_whatever_the_patient_does(event: Event) -> None:
    before = Conversation(S.WAITING, "staff:maria", 3, unsafe=True)
    assert step(before, event).after == before


@pytest.mark.parametrize("before", [Conversation(S.WAITING, "queue", 3, unsafe=True), Conversation(S.WAITING, "staff:maria", 3)])
@pytest.mark.parametrize("event", [E.WANTS_CALL, E.WANTS_MESSAGE])
def test_who_is_in_danger_or_still_with_somebody_keeps_waiting(before: Conversation, event: Event) -> None:
    assert event not in allowed(before)
    with pytest.raises(IllegalMove):
        step(before, event)


def test_a_safety_matter_is_never_parked() -> None:
    before = Conversation(S.HUMAN, "staff:maria", 3, unsafe=True)
    assert E.PARK not in allowed(before)
    with pytest.raises(IllegalMove):
        step(before, E.PARK)


def test_the_tables_here_and_there_name_the_same_pairs() -> None:
    assert set(MOVES) == set(EXPECTED)
    assert set(WHILE_UNSAFE) == set(UNSAFE_EXPECTED)
    assert set(WHILE_PASSED_ON) == set(PASSED_ON_EXPECTED)


def test_no_state_without_a_timer_save_closed() -> None:
    assert set(TIMERS) == set(State) - {State.CLOSED}
    assert all((state, event) in MOVES for state, event in TIMERS.items())


def test_every_order_has_somebody_to_carry_it_out() -> None:
    used = {order for move in [*MOVES.values(), *WHILE_UNSAFE.values(), *WHILE_PASSED_ON.values()] for order in move.orders}
    assert used <= set(ORDERS)


def test_a_conversation_is_taken_by_somebody() -> None:
    with pytest.raises(IllegalMove):
        step(Conversation(State.WAITING, "queue", 1), Event.TAKEN)


@given(st.lists(st.sampled_from(list(Event)), max_size=40))
def test_along_any_path_there_is_one_owner_and_the_epoch_never_falls(events: list[Event]) -> None:
    now = Conversation(State.BOT, "bot", 0)
    for event in events:
        if event not in allowed(now):
            continue
        after = step(now, event, staff="sam").after
        assert after.epoch == now.epoch + (after.owner != now.owner)
        assert after.owner == OWNERS.get(after.state, after.owner) or after.owner.startswith("staff:")
        assert not (after.unsafe and after.state in (State.BOT, State.CHOOSING, State.CLOSED))
        now = after
