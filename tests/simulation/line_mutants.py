"""Faults in what is offered to whom, in what time brings about, and in what patients are told of it, put in on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from handoff import routing, teams
from handoff.desk import line, offering, orders, paging, passing_on, patients, staff, staffing, timers
from handoff.staff import presence
from tests.simulation.mutant import Mutant

# Each: the fault, where, what stands there, what is put in its place, what the simulation then calls it, the first seed.
_ROWS: Sequence[tuple[str, ModuleType, str, str, str, str, int]] = (
    # who is asked
    ("nobody is ever offered anything", routing, "decide", "return look.offers", "return []", "waits_unoffered danger_waits", 0),
    (
        "the newest is first",
        routing,
        "in_order",
        "key=place",
        "key=lambda one: (one.priority, -one.age_from.timestamp())",
        "out_of_order",
        3,
    ),
    (
        "the circle never widens",
        routing,
        "Circles.of",
        "self._now - (need.since or need.age_from)",
        "timedelta(0)",
        "waits_unoffered offer_to_best",
        0,
    ),
    ("capacity is ignored", routing, "may_take", "has_room(member, need.channel, rules)", "True", "offer_fits", 0),
    ("whoever let it pass is asked again at once", routing, "may_take", " or member.id in need.resting", "", "offer_fits", 0),
    ("for whom it is is ignored", routing, "is_of", "and need.person is not None", "and False", "offer_fits waits_unoffered", 18),
    ("the language is ignored", routing, "is_of", "Circle.ALL or need.language in member.languages", "Circle.ALL or True", "offer_fits", 0),
    ("the team is ignored", routing, "is_of", "and need.team in member.teams", "", "offer_fits", 0),
    ("nobody is waited for", routing, "Circles.of", "and self._is_worth_a_wait(need, circle)", "", "waits_unoffered", 0),
    ("whoever is busy is not waited for", routing, "Circles._could_take", "replace(member, load=0)", "member", "offer_fits", 0),
    ("danger keeps to the circle", routing, "may_take", "need.priority == SAFETY", "False", "danger_waits offer_to_best out_of_order", 1),
    (
        "danger displaces nothing",
        routing,
        "decide",
        "look.offer(need) is None and",
        "look.offer(need) is None and False and",
        "danger_waits",
        78,
    ),
    ("danger that was let pass is asked about again first", routing, "decide", "anew=True", "anew=False", "out_of_order offer_to_best", 0),
    ("of dangers let pass the oldest is next", routing, "decide", "need.passed_at or now", "need.age_from", "out_of_order", 74),
    ("the most loaded is best", routing, "_rank", "member.load / ", "-member.load / ", "offer_to_best", 6),
    ("the language counts last", routing, "_rank", "not speaks, not belongs", "not belongs", "offer_to_best", 0),
    ("a team that is closed is asked", teams, "Teams.team_of", " and (own.hours or hours).is_open(at)", "", "team_of_topic", 3),
    ("whoever passed it on is asked", staffing, "_owner", "if owner", "if not owner", "offer_fits", 3),
    ("whoever is away is asked", staffing, "members", "s.available.is_(True), ", "", "offer_to_nobody away_is_away told_who_is_here", 0),
    ("whoever is gone is asked", staffing, "members", "p.lease_until > now", "p.staff.is_not(None)", "offer_to_nobody told_who_is_here", 0),
    (
        "a promised call is offered to nobody",
        staffing,
        "needs",
        ", *calls(db, house, now)",
        "",
        "waits_unoffered danger_waits out_of_order",
        0,
    ),
    ("a late call is offered at night", staffing, "calls", "is None]", "is not ...]", "offer_of_nothing place_is_true", 3),
    # when it is looked
    ("no look is planned", offering, "_plan", "if moments:", "if False:", "offer_watched waits_unoffered", 0),
    ("only the end of an offer is looked at", offering, "_plan", "if members:", "if False:", "waits_unoffered danger_waits", 9),
    (
        "an offer never ends",
        offering,
        "look_at_line",
        "offers.overdue(work.db, work.now)",
        "()",
        "offer_ends waits_unoffered danger_waits",
        0,
    ),
    (
        "an offer stays with whoever is gone",
        offering,
        "look_at_line",
        "offers.abandoned(work.db, work.now, due_calls)",
        "()",
        "offer_ends danger_waits",
        3,
    ),
    ("a rejected offer is not passed on", passing_on, "reject", "work.look_at_line()", "pass", "waits_unoffered danger_waits", 1),
    ("who arrives is not seen", presence, "arrive", "work.look_at_line()", "pass", "waits_unoffered danger_waits", 1),
    ("who comes back is not seen", presence, "renew", "work.look_at_line()", "pass", "waits_unoffered danger_waits", 26),
    ("who is available again is not seen", staff, "set_available", "work.look_at_line()", "pass", "waits_unoffered danger_waits", 22),
    ("a miss is not counted", offering, "_miss", "s.missed + 1", "s.missed", "misses_count", 1),
    ("who misses all stays available", offering, "_set_away", "values(available=False)", "values(available=True)", "misses_count", 1),
    # what time brings about
    ("what is parked goes to whoever is away", patients, "reach_owner", "parked_by is None or", "True or", "parked_to_nobody", 14),
    (
        "the parked never come back",
        timers,
        "ring_timer",
        "_WHEN[event](thread)",
        "_WHEN[event](thread) if event is not Event.PARK_OVER else thread.set_timer()",
        "parked_ends",
        8,
    ),
    ("staff who are lost are not missed", timers, "_lose", "> thread.work.now", "is not None", "human_ends waiting_ends", 0),
    (
        "the longest wait never passes",
        timers,
        "ring_timer",
        "_WHEN[event](thread)",
        "_WHEN[event](thread) if event is not Event.WAITED_TOO_LONG else thread.set_timer()",
        "waiting_ends",
        0,
    ),
    ("only the first are called", paging, "ring_page", '_call(thread, payload["step"])', "pass", "people_are_called", 0),
    ("all are called at once", paging, "begin", "step.after == 0", "True", "people_are_called", 0),
    (
        "a round that is over goes on",
        paging,
        "end",
        "jobs.cancel_key",
        "lambda *_, **__: None; (lambda *_, **__: None)",
        "people_are_called",
        0,
    ),
    # what is told
    ("nobody is ever ahead", line, "ahead", "return waiting + sum", "return 0 * sum", "place_is_true", 0),
    (
        "calls are not ahead",
        line,
        "ahead",
        " + sum(place(call) < (priority, age, own) for call in staffing.calls(db, house, now))",
        "",
        "place_is_true",
        2,
    ),
    ("whoever is gone is here", line, "someone_here", '{"at": now}', '{"at": now - timedelta(days=9999)}', "told_who_is_here", 0),
    ("there is always room", orders, "_has_room", "return line", "return True or line", "told_who_is_here", 5),
)
LINE_MUTANTS = tuple(
    Mutant(fault, module, function, old, new, frozenset(finds.split()), seed) for fault, module, function, old, new, finds, seed in _ROWS
)
