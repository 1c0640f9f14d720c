"""The ledger of one text: every state with every event, and the order of reports does not matter."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from handoff.errors import IllegalMove
from handoff.outbound_text import MOVES, RANKS, OutboundText, TextEvent, TextState, event_of, resend_of, step
from tests.table import read

S, E = TextState, TextEvent
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

# rows: what happens; columns: the state before; "-": not allowed; "=": stays
TABLE = """
                     queued      attempting  maybe_sent  accepted    sent        delivered   undelivered failed      blocked
attempt              attempting  -           -           -           -           -           -           -           -
block                blocked     -           -           -           -           -           -           -           -
created              =           accepted    accepted    =           =           =           =           =           accepted
put_off              -           queued      -           =           =           =           =           =           -
refused              -           failed      -           =           =           =           =           =           -
uncertain            =           maybe_sent  =           =           =           =           =           =           =
not_found            -           -           queued      -           -           -           -           -           -
reported_accepted    accepted    accepted    accepted    =           =           =           =           =           accepted
reported_sent        sent        sent        sent        sent        =           =           =           =           sent
reported_delivered   delivered   delivered   delivered   delivered   delivered   =           =           =           delivered
reported_undelivered undelivered undelivered undelivered undelivered undelivered undelivered =           undelivered undelivered
reported_failed      failed      failed      failed      failed      failed      failed      failed      =           failed
again                -           -           -           -           -           -           queued      queued      -
"""


@pytest.mark.parametrize(("state", "event", "to"), read(TABLE))
def test_every_state_with_every_event(state: str, event: str, to: str) -> None:
    text = OutboundText(S(state), attempts=0 if state == "queued" else 1)
    if to == "-":
        with pytest.raises(IllegalMove) as caught:
            step(text, E(event))
        assert state in str(caught.value)
        return
    after = step(text, E(event), sid="SM1")
    assert after.state is S(state if to == "=" else to)
    assert after.attempts == {"attempt": 1, "put_off": 0 if state == "attempting" else 1}.get(event, text.attempts)


def test_the_table_is_whole() -> None:
    assert len(read(TABLE)) == len(S) * len(E)
    assert sum(to != "-" for _, _, to in read(TABLE)) == len(MOVES)


@pytest.mark.parametrize(("purpose", "last"), [("reply", 2), ("safety", 2), ("page", 4)])
def test_an_uncertain_text_is_sent_again_so_often_and_no_more(purpose: str, last: int) -> None:
    resend = resend_of(purpose)
    text = step(OutboundText(S.QUEUED, resend=resend), E.ATTEMPT)
    for attempt in range(1, last):
        assert text.attempts == attempt
        text = step(step(step(text, E.UNCERTAIN), E.NOT_FOUND), E.ATTEMPT)
    with pytest.raises(IllegalMove):
        step(step(text, E.UNCERTAIN), E.NOT_FOUND)


def test_reports_in_any_order_and_doubled_end_alike() -> None:
    reports = [(E.REPORTED_ACCEPTED, None), (E.REPORTED_SENT, None), (E.REPORTED_DELIVERED, NOON)]
    for many in itertools.product(reports, repeat=4):
        text = OutboundText(S.ATTEMPTING, 1)
        for event, at in many:
            text = step(text, event, at=at, sid="SM1")
        highest = max(many, key=lambda one: [E.REPORTED_ACCEPTED, E.REPORTED_SENT, E.REPORTED_DELIVERED].index(one[0]))
        assert text.state is S(str(highest[0]).removeprefix("reported_"))
        assert text.sid == "SM1"


@pytest.mark.parametrize(
    ("delivered", "undelivered", "end"),
    [
        (NOON + timedelta(minutes=1), NOON, S.DELIVERED),
        (NOON, NOON + timedelta(minutes=1), S.UNDELIVERED),
        (NOON, NOON, S.UNDELIVERED),  # where the clock tells nothing, the worse
        (None, NOON, S.UNDELIVERED),
        (NOON, None, S.UNDELIVERED),
        (None, None, S.UNDELIVERED),
    ],
)
def test_of_two_ends_the_later_by_the_providers_clock_counts(delivered: datetime | None, undelivered: datetime | None, end: S) -> None:
    ends = [(E.REPORTED_DELIVERED, delivered), (E.REPORTED_UNDELIVERED, undelivered)]
    for order in itertools.permutations(ends):
        text = OutboundText(S.SENT, 1, "SM1")
        for event, at in order:
            text = step(text, event, at=at)
        assert text.state is end


def test_what_waits_to_be_sent_once_more_is_moved_only_by_the_word_that_it_has_arrived() -> None:
    failed = step(OutboundText(S.SENT, 1, "SM1"), E.REPORTED_UNDELIVERED, at=NOON)
    again = step(failed, E.AGAIN)
    for event in (E.REPORTED_SENT, E.REPORTED_UNDELIVERED, E.REPORTED_FAILED, E.REPORTED_ACCEPTED):
        assert step(again, event, at=NOON + timedelta(hours=1)) == again
    assert step(again, E.REPORTED_DELIVERED, at=NOON + timedelta(hours=1)).state is S.DELIVERED
    assert step(again, E.ATTEMPT) == OutboundText(S.ATTEMPTING, 2)


def test_every_word_of_the_providers_has_a_meaning() -> None:
    words = ("accepted scheduled queued sending sent delivered read undelivered failed canceled").split()
    assert all(event_of(word) is not None for word in words)
    assert event_of("receiving") is None
    assert RANKS[S.ACCEPTED] < RANKS[S.SENT] < RANKS[S.DELIVERED] == RANKS[S.FAILED] == RANKS[S.UNDELIVERED]
