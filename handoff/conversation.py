"""The conversation machine: states, events, one table of moves, and `step`. Values in, values out.

The machine says what happens next and which orders follow; the desk carries the orders out in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from handoff.errors import IllegalMove


class State(StrEnum):
    BOT = "bot"  # the bot asks and listens
    CHOOSING = "choosing"  # the patient was shown the routes to a person and has not chosen yet
    WAITING = "waiting"  # in line for a person
    HUMAN = "human"  # with a member of staff
    PARKED = "parked"  # a member of staff waits for the patient
    CLOSED = "closed"  # the episode is over


class Event(StrEnum):
    PATIENT_WROTE = "patient_wrote"  # the patient wrote, or pressed a button of the bot
    PATIENT_WROTE_STAFF_AWAY = "patient_wrote_staff_away"  # the same, while the person who parked it is not there
    WANTS_PERSON = "wants_person"  # asked for one, is frustrated, is complex, scored low, was not understood
    WANTS_CALL = "wants_call"  # asked outright to be phoned
    WANTS_MESSAGE = "wants_message"  # waits in line, and asked to leave a message instead
    BOT_FAILED = "bot_failed"  # no answer, an empty one, or a broken one
    UNSAFE = "unsafe"  # words of danger, found by the service's rules or by the bot's model
    FOLLOW_UP = "follow_up"  # yes to "would you like us to look into this and answer you?"
    CHAT_NOW = "chat_now"  # chose to wait for a person
    CALL_ME = "call_me"  # chose a phone call
    LEAVE_MESSAGE = "leave_message"  # chose to be answered later
    GO_ON = "go_on"  # chose none of it
    CHOICE_TIMED_OUT = "choice_timed_out"  # chose nothing at all
    TAKEN = "taken"  # a member of staff took it
    TAKEN_BACK = "taken_back"  # by whoever has it still: they passed it on, or parked it
    PATIENT_CANCELLED = "patient_cancelled"  # does not want to wait any longer
    WAITED_TOO_LONG = "waited_too_long"  # the longest wait has passed
    STAFF_WROTE = "staff_wrote"
    PARK = "park"  # staff wait for the patient
    PARK_OVER = "park_over"  # the patient did not come back in time
    STAFF_LOST = "staff_lost"  # the owner's connection has been gone too long
    STAFF_AWAY = "staff_away"  # the owner has passed danger on, and says that they are away
    TRANSFERRED = "transferred"  # passed on to a team or a person
    TRANSFER_OVER = "transfer_over"  # nobody took it in time
    HANDED_BACK = "handed_back"  # back to the bot
    STAFF_CLOSED = "staff_closed"
    PATIENT_LEFT = "patient_left"
    SCORED = "scored"  # answered the question about the talk with staff
    IDLE = "idle"  # nothing from the patient for a long time
    OPTED_OUT = "opted_out"  # no more automated texts


class Order(StrEnum):
    """What the desk does because of a move, in the order in which the move lists them."""

    ASK_BOT = "ask_bot"
    LISTEN = "listen"  # the bot says nothing to it, and hears whether there is danger in it
    RESUME = "resume"  # ask the bot to go on where the survey stopped
    STOP_SURVEY = "stop_survey"
    NEW_EPISODE = "new_episode"
    OPEN_REQUEST = "open_request"  # note why a person is needed; adds reasons to a request that is open
    QUEUE_REQUEST = "queue_request"
    QUEUE_FIRST = "queue_first"  # at top priority
    ASSIGN_REQUEST = "assign_request"
    RETURN_REQUEST = "return_request"  # to whoever passed it on
    REQUEUE_REQUEST = "requeue_request"  # at its original age
    CANCEL_REQUEST = "cancel_request"
    LEAVE_LINE = "leave_line"  # the request stays open, with its age, while the patient chooses
    COMPLETE_REQUEST = "complete_request"
    SHOW_ROUTES = "show_routes"
    SAY_SAFETY = "say_safety"
    SAY_WHOM_TO_CALL = "say_whom_to_call"  # whoever has it may be reading something else
    SAY_STILL_ASKED = "say_still_asked"  # whoever is in danger and writes on while nobody has come
    SAY_STILL_WATCHED = "say_still_watched"  # staff look at a safety matter even if the patient turns away
    SAY_BOT_FAILED = "say_bot_failed"
    SAY_PLACE = "say_place"
    SAY_JOINED = "say_joined"
    SAY_TAKEN_BACK = "say_taken_back"
    SAY_CANCELLED = "say_cancelled"
    SAY_WAITED_TOO_LONG = "say_waited_too_long"
    SAY_STAFF_LOST = "say_staff_lost"
    SAY_STAFF_AWAY = "say_staff_away"
    SAY_TRANSFERRED = "say_transferred"
    SAY_TRANSFER_OVER = "say_transfer_over"
    SAY_HANDED_BACK = "say_handed_back"
    SAY_CLOSED = "say_closed"
    PROMISE_ANSWER = "promise_answer"  # a case and a promise, then the words
    OPEN_CALLBACK = "open_callback"
    PAGE_ON_CALL = "page_on_call"
    KEEP_PROMISES = "keep_promises"  # a member of staff has answered
    ASK_SCORE = "ask_score"  # once per human stretch, never after safety
    STOP_TEXTS = "stop_texts"


BOT, QUEUE, NOBODY, STAFF = "bot", "queue", "nobody", "staff:"


@dataclass(frozen=True)
class Conversation:
    """What the machine needs to know of one conversation."""

    state: State
    owner: str  # bot | queue | staff:<id> | nobody
    epoch: int  # rises with every change of owner
    unsafe: bool = False  # a safety matter is open

    @property
    def holder(self) -> str | None:
        """The id of the member of staff who has it; while it is passed on, of whoever did so."""
        return self.owner.removeprefix(STAFF) if self.owner.startswith(STAFF) else None


@dataclass(frozen=True)
class Move:
    """One row of the table: where to, what follows; `keeps_owner` where the state's own rule does not hold."""

    to: State
    orders: tuple[Order, ...] = ()
    keeps_owner: bool = False


@dataclass(frozen=True)
class Step:
    """What `step` returns: the conversation before and after, and the orders."""

    event: Event
    before: Conversation
    after: Conversation
    orders: tuple[Order, ...]


S, E, O = State, Event, Order  # noqa: E741  (the table below reads as a table)
_SHOW = (O.OPEN_REQUEST, O.SHOW_ROUTES)
_DANGER = (O.SAY_SAFETY, O.STOP_SURVEY, O.OPEN_REQUEST, O.QUEUE_FIRST, O.PAGE_ON_CALL)

MOVES: Mapping[tuple[State, Event], Move] = {
    # with the bot
    (S.BOT, E.PATIENT_WROTE): Move(S.BOT, (O.ASK_BOT,)),
    (S.BOT, E.WANTS_PERSON): Move(S.CHOOSING, _SHOW),
    (S.BOT, E.WANTS_CALL): Move(S.CHOOSING, (O.OPEN_REQUEST,)),
    (S.BOT, E.BOT_FAILED): Move(S.CHOOSING, (O.SAY_BOT_FAILED, *_SHOW)),
    (S.BOT, E.UNSAFE): Move(S.WAITING, _DANGER),
    (S.BOT, E.FOLLOW_UP): Move(S.BOT, (O.PROMISE_ANSWER,)),
    (S.BOT, E.TAKEN): Move(S.HUMAN, (O.OPEN_REQUEST, O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.BOT, E.PATIENT_LEFT): Move(S.CLOSED, (O.STOP_SURVEY,)),
    (S.BOT, E.IDLE): Move(S.CLOSED, (O.STOP_SURVEY,)),
    # choosing
    (S.CHOOSING, E.PATIENT_WROTE): Move(S.BOT, (O.CANCEL_REQUEST, O.ASK_BOT)),
    (S.CHOOSING, E.WANTS_PERSON): Move(S.CHOOSING, _SHOW),
    (S.CHOOSING, E.WANTS_CALL): Move(S.CHOOSING, (O.OPEN_REQUEST,)),
    (S.CHOOSING, E.UNSAFE): Move(S.WAITING, _DANGER),
    (S.CHOOSING, E.CHAT_NOW): Move(S.WAITING, (O.QUEUE_REQUEST, O.SAY_PLACE)),
    (S.CHOOSING, E.CALL_ME): Move(S.BOT, (O.OPEN_CALLBACK, O.CANCEL_REQUEST, O.LISTEN, O.RESUME)),
    (S.CHOOSING, E.LEAVE_MESSAGE): Move(S.BOT, (O.CANCEL_REQUEST, O.PROMISE_ANSWER, O.LISTEN, O.RESUME)),
    (S.CHOOSING, E.GO_ON): Move(S.BOT, (O.CANCEL_REQUEST, O.RESUME)),
    (S.CHOOSING, E.CHOICE_TIMED_OUT): Move(S.BOT, (O.CANCEL_REQUEST, O.RESUME)),
    (S.CHOOSING, E.TAKEN): Move(S.HUMAN, (O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.CHOOSING, E.PATIENT_LEFT): Move(S.CLOSED, (O.CANCEL_REQUEST, O.STOP_SURVEY)),
    # in line
    (S.WAITING, E.PATIENT_WROTE): Move(S.WAITING, (O.LISTEN,), keeps_owner=True),
    (S.WAITING, E.WANTS_PERSON): Move(S.WAITING, (O.OPEN_REQUEST, O.SAY_PLACE), keeps_owner=True),
    (S.WAITING, E.WANTS_CALL): Move(S.CHOOSING, (O.LEAVE_LINE, O.OPEN_REQUEST)),
    (S.WAITING, E.WANTS_MESSAGE): Move(S.CHOOSING, (O.LEAVE_LINE, O.OPEN_REQUEST)),
    (S.WAITING, E.UNSAFE): Move(S.WAITING, _DANGER, keeps_owner=True),
    (S.WAITING, E.TAKEN): Move(S.HUMAN, (O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.WAITING, E.PATIENT_CANCELLED): Move(S.BOT, (O.CANCEL_REQUEST, O.SAY_CANCELLED, O.RESUME)),
    (S.WAITING, E.WAITED_TOO_LONG): Move(S.CHOOSING, (O.LEAVE_LINE, O.SAY_WAITED_TOO_LONG, O.SHOW_ROUTES)),
    (S.WAITING, E.PATIENT_LEFT): Move(S.CLOSED, (O.CANCEL_REQUEST, O.STOP_SURVEY)),
    # with a person
    (S.HUMAN, E.PATIENT_WROTE): Move(S.HUMAN, keeps_owner=True),
    (S.HUMAN, E.STAFF_WROTE): Move(S.HUMAN, (O.KEEP_PROMISES,), keeps_owner=True),
    (S.HUMAN, E.WANTS_PERSON): Move(S.HUMAN, keeps_owner=True),
    (S.HUMAN, E.UNSAFE): Move(S.HUMAN, (O.SAY_WHOM_TO_CALL, O.OPEN_REQUEST, O.STOP_SURVEY), keeps_owner=True),
    (S.HUMAN, E.PARK): Move(S.PARKED, keeps_owner=True),
    (S.HUMAN, E.STAFF_LOST): Move(S.WAITING, (O.REQUEUE_REQUEST, O.SAY_STAFF_LOST)),
    (S.HUMAN, E.TRANSFERRED): Move(S.WAITING, (O.REQUEUE_REQUEST, O.SAY_TRANSFERRED), keeps_owner=True),
    (S.HUMAN, E.HANDED_BACK): Move(S.BOT, (O.COMPLETE_REQUEST, O.SAY_HANDED_BACK, O.RESUME)),
    (S.HUMAN, E.STAFF_CLOSED): Move(S.CLOSED, (O.COMPLETE_REQUEST, O.STOP_SURVEY, O.SAY_CLOSED, O.ASK_SCORE)),
    (S.HUMAN, E.PATIENT_LEFT): Move(S.CLOSED, (O.COMPLETE_REQUEST, O.STOP_SURVEY)),
    # parked
    (S.PARKED, E.PATIENT_WROTE): Move(S.HUMAN, keeps_owner=True),
    (S.PARKED, E.PATIENT_WROTE_STAFF_AWAY): Move(S.WAITING, (O.REQUEUE_REQUEST, O.SAY_STAFF_AWAY, O.LISTEN)),
    (S.PARKED, E.UNSAFE): Move(S.WAITING, _DANGER),
    (S.PARKED, E.PARK_OVER): Move(S.HUMAN, keeps_owner=True),
    (S.PARKED, E.TAKEN): Move(S.HUMAN, (O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.PARKED, E.TAKEN_BACK): Move(S.HUMAN, keeps_owner=True),
    (S.PARKED, E.STAFF_WROTE): Move(S.HUMAN, (O.KEEP_PROMISES,), keeps_owner=True),
    (S.PARKED, E.HANDED_BACK): Move(S.BOT, (O.COMPLETE_REQUEST, O.SAY_HANDED_BACK, O.RESUME)),
    (S.PARKED, E.STAFF_CLOSED): Move(S.CLOSED, (O.COMPLETE_REQUEST, O.STOP_SURVEY, O.SAY_CLOSED, O.ASK_SCORE)),
    (S.PARKED, E.PATIENT_LEFT): Move(S.CLOSED, (O.COMPLETE_REQUEST, O.STOP_SURVEY)),
    # closed
    (S.CLOSED, E.PATIENT_WROTE): Move(S.BOT, (O.NEW_EPISODE, O.ASK_BOT)),
    (S.CLOSED, E.WANTS_PERSON): Move(S.CHOOSING, (O.NEW_EPISODE, *_SHOW)),
    (S.CLOSED, E.WANTS_CALL): Move(S.CHOOSING, (O.NEW_EPISODE, O.OPEN_REQUEST)),
    (S.CLOSED, E.UNSAFE): Move(S.WAITING, (O.NEW_EPISODE, *_DANGER)),
    (S.CLOSED, E.TAKEN): Move(S.HUMAN, (O.OPEN_REQUEST, O.ASSIGN_REQUEST, O.SAY_JOINED)),
    (S.CLOSED, E.SCORED): Move(S.CLOSED),
    (S.CLOSED, E.PATIENT_LEFT): Move(S.CLOSED),
    # whoever has it
    **{(state, E.OPTED_OUT): Move(S.CLOSED, (O.STOP_TEXTS, O.STOP_SURVEY)) for state in (S.BOT, S.CLOSED)},
    **{(state, E.OPTED_OUT): Move(S.CLOSED, (O.STOP_TEXTS, O.CANCEL_REQUEST, O.STOP_SURVEY)) for state in (S.CHOOSING, S.WAITING)},
    **{(state, E.OPTED_OUT): Move(S.CLOSED, (O.STOP_TEXTS, O.COMPLETE_REQUEST, O.STOP_SURVEY)) for state in (S.HUMAN, S.PARKED)},
}

# A safety matter outlives a cancelled wait, a long wait and a closed page: staff see it through.
WHILE_UNSAFE: Mapping[tuple[State, Event], Move] = {
    (S.WAITING, E.PATIENT_WROTE): Move(S.WAITING, (O.SAY_STILL_ASKED,), keeps_owner=True),
    (S.WAITING, E.PATIENT_CANCELLED): Move(S.WAITING, (O.SAY_STILL_WATCHED,), keeps_owner=True),
    (S.WAITING, E.WAITED_TOO_LONG): Move(S.WAITING, (O.PAGE_ON_CALL,)),
    (S.WAITING, E.PATIENT_LEFT): Move(S.WAITING, keeps_owner=True),
    (S.HUMAN, E.PATIENT_LEFT): Move(S.HUMAN, keeps_owner=True),
    (S.HUMAN, E.STAFF_CLOSED): Move(S.CLOSED, (O.COMPLETE_REQUEST, O.STOP_SURVEY, O.SAY_CLOSED)),
    **{(state, E.OPTED_OUT): Move(state, (O.STOP_TEXTS, O.PAGE_ON_CALL), keeps_owner=True) for state in (S.WAITING, S.HUMAN)},
}
_ANOTHER_WAY = frozenset({(S.WAITING, E.WANTS_CALL), (S.WAITING, E.WANTS_MESSAGE)})
NEVER_WHILE_UNSAFE = frozenset({(S.HUMAN, E.PARK)}) | _ANOTHER_WAY  # nobody watches over what is parked, nor over who chooses

# Passed on and not taken yet: it waits for the target, and is still with whoever passed it on.
WHILE_PASSED_ON: Mapping[tuple[State, Event], Move] = {
    (S.WAITING, E.STAFF_WROTE): Move(S.WAITING, keeps_owner=True),
    (S.WAITING, E.STAFF_LOST): Move(S.WAITING, (O.SAY_STAFF_LOST,)),
    (S.WAITING, E.STAFF_AWAY): Move(S.WAITING, (O.SAY_STAFF_AWAY, O.PAGE_ON_CALL)),
    (S.WAITING, E.TAKEN_BACK): Move(S.HUMAN, (O.RETURN_REQUEST, O.SAY_TAKEN_BACK), keeps_owner=True),
    (S.WAITING, E.TRANSFER_OVER): Move(S.HUMAN, (O.RETURN_REQUEST, O.SAY_TRANSFER_OVER), keeps_owner=True),
}

NEVER_WHILE_PASSED_ON = _ANOTHER_WAY  # that is said to whoever has it

OWNERS: Mapping[State, str] = {S.BOT: BOT, S.CHOOSING: BOT, S.WAITING: QUEUE, S.CLOSED: NOBODY}

# No state without a timer, save closed: the event that comes if nobody does anything.
TIMERS: Mapping[State, Event] = {
    S.BOT: E.IDLE,
    S.CHOOSING: E.CHOICE_TIMED_OUT,
    S.WAITING: E.WAITED_TOO_LONG,
    S.HUMAN: E.STAFF_LOST,
    S.PARKED: E.PARK_OVER,
}


def allowed(conversation: Conversation) -> tuple[Event, ...]:
    """The events that may happen to a conversation now, in the order of `Event`."""
    return tuple(event for event in Event if _find(conversation, event) is not None)


def step(conversation: Conversation, event: Event, *, staff: str | None = None) -> Step:
    """What `event` does to `conversation`; `staff` is the id of whoever takes it, for TAKEN only.

    Raises `IllegalMove`, with what was allowed, where the table has no such row.
    """
    move = _find(conversation, event)
    if move is None:
        raise IllegalMove(
            f"A conversation that is {conversation.state} cannot have {event}; it can have {', '.join(allowed(conversation))}.",
            state=str(conversation.state),
        )
    if event is Event.TAKEN and staff is None:
        raise IllegalMove("A conversation is taken by somebody.", state=str(conversation.state))
    owner = conversation.owner if move.keeps_owner else OWNERS.get(move.to, f"staff:{staff}")
    after = replace(
        conversation,
        state=move.to,
        owner=owner,
        epoch=conversation.epoch + (owner != conversation.owner),
        unsafe=(conversation.unsafe or event is Event.UNSAFE) and move.to in (State.WAITING, State.HUMAN, State.PARKED),
    )
    return Step(event, conversation, after, move.orders)


def _find(conversation: Conversation, event: Event) -> Move | None:
    key = (conversation.state, event)
    passed_on = conversation.state is State.WAITING and conversation.holder is not None
    if (conversation.unsafe and key in NEVER_WHILE_UNSAFE) or (passed_on and key in NEVER_WHILE_PASSED_ON):
        return None
    return (
        (WHILE_UNSAFE.get(key) if conversation.unsafe else None)
        or (WHILE_PASSED_ON.get(key) if conversation.holder is not None else None)
        or MOVES.get(key)
    )
