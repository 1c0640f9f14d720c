"""Who is offered which conversation: tables with a cast. Nora and Tom are of the front desk, Sofia of the nurses, and speaks Spanish."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from handoff.routing import Circle, Circles, Member, Need, Offer, Rules, decide, estimate, in_order, may_take
from tests.fakes import MONDAY

RULES = Rules()
MINUTE = timedelta(minutes=1)


def member(name: str, **given: object) -> Member:
    told = {"teams": {"desk"}, "languages": {"en"}, "load": 0, "idle_since": MONDAY} | given
    for name_of_set in ("teams", "languages", "helped"):
        told[name_of_set] = frozenset(told.get(name_of_set, ()))  # type: ignore[call-overload]
    return Member(id=name, **told)  # type: ignore[arg-type]


def need(name: str = "ana", **given: object) -> Need:
    told = {"priority": 1, "age_from": MONDAY, "team": "desk", "language": "en"} | given
    told["passed"] = frozenset(told.get("passed", ()))  # type: ignore[call-overload]
    return Need(id=name, conversation=f"of-{name}", **told)  # type: ignore[arg-type]


NORA, TOM = member("nora"), member("tom", idle_since=MONDAY + MINUTE)
SOFIA = member("sofia", teams={"nurses"}, languages={"en", "es"})
FULL_NORA, FULL_SOFIA = replace(NORA, load=6), replace(SOFIA, load=6)


@pytest.mark.parametrize(
    ("who", "asked", "minutes", "gets"),
    [
        ([NORA, TOM], need(), 0, "nora"),  # the longest idle
        ([member("nora", load=2), TOM], need(), 0, "tom"),  # the least loaded
        ([member("nora", load=2, capacity=12), member("tom", load=2)], need(), 0, "nora"),  # by what each can carry
        ([NORA, member("tom", helped={"of-ana"})], need(), 0, "tom"),  # who helped this patient before
        ([NORA, TOM], need(passed={"nora"}), 0, "tom"),  # who let it pass is asked last
        ([NORA], need(passed={"nora"}), 0, "nora"),  # but is asked again when nobody else is left
        ([FULL_NORA, SOFIA], need(), 0, None),  # not her team, of which somebody is here
        ([FULL_NORA, SOFIA], need(), 2, "sofia"),  # wider after two minutes
        ([SOFIA], need(), 0, "sofia"),  # nobody of the team is here to wait for
        ([NORA, TOM, SOFIA], need(language="es"), 0, "sofia"),  # nor anybody of the team who speaks it
        ([NORA, FULL_SOFIA], need(language="es"), 4, None),  # whoever speaks it is here, and busy
        ([NORA, FULL_SOFIA], need(language="es"), 5, "nora"),
        ([NORA, TOM], need(language="es"), 0, "nora"),  # somebody who does not speak it is better than nobody
        ([NORA, replace(SOFIA, missed=3)], need(language="es"), 0, "nora"),  # she is not responding
        ([NORA, replace(SOFIA, offered="ben")], need(language="es"), 0, None),  # she may answer no, and then be asked
        ([NORA, SOFIA], need(language="es", resting=frozenset({"sofia"})), 2, None),  # she let it pass, and rests
        ([NORA, SOFIA], need(language="es", owner="sofia"), 0, "nora"),  # she passed it on, and has it
        ([NORA, replace(SOFIA, capacity=1)], need(language="es"), 0, "nora"),  # she has never room for a chat
        ([NORA, replace(SOFIA, capacity=1)], need(language="es", channel="sms"), 0, "sofia"),
        ([member("nora", load=5)], need(), 0, None),  # a web chat weighs two, and she has room for one
        ([member("nora", load=5)], need(channel="sms"), 0, "nora"),
        ([member("nora", load=6)], need(), 10, None),  # full is full, however long it lasts
        ([member("nora", load=6)], need(priority=0), 0, "nora"),  # but for a safety matter
        ([SOFIA], need(priority=0, language="es", team="desk"), 0, "sofia"),  # which is everybody's
        ([member("nora", offered="ben")], need(), 0, None),  # one question at a time
        ([member("nora", missed=3)], need(), 0, None),  # she is not responding
        ([member("nora", missed=3)], need(priority=0), 0, None),
        ([NORA, TOM], need(person="tom"), 0, "tom"),  # passed on to him
        ([NORA], need(person="tom"), 0, None),  # he is not there yet, and was chosen all the same
        ([NORA], need(person="tom"), 2, "nora"),
        ([NORA], need(person="tom", language="es"), 2, "nora"),
        ([NORA, TOM], need(priority=0, person="tom"), 0, "tom"),  # a safety matter too
        ([NORA], need(priority=0, person="tom"), 0, "nora"),  # which waits for nobody
        ([NORA, TOM], need(person="tom"), 3, "tom"),  # for him first, whoever else is asked by now
        ([], need(), 10, None),
    ],
)  # fmt: skip
def test_the_best_person_is_offered_it(who: list[Member], asked: Need, minutes: int, gets: str | None) -> None:
    now = MONDAY + minutes * MINUTE
    offers = decide([asked], who, now, RULES)
    assert [offer.staff for offer in offers] == ([] if gets is None else [gets])
    if offers:
        assert offers == [Offer("ana", str(gets), now + timedelta(seconds=45), Circles(who, now, RULES).of(asked))]


def test_the_order_is_safety_then_priority_then_the_original_age() -> None:
    old, young = need("old", age_from=MONDAY - MINUTE), need("young")
    rest, danger = need("rest", priority=2, age_from=MONDAY - 60 * MINUTE), need("danger", priority=0, age_from=MONDAY + MINUTE)
    assert [one.id for one in in_order([young, rest, old, danger])] == ["danger", "old", "young", "rest"]
    assert [offer.need for offer in decide([young, rest, old, danger], [NORA, TOM], MONDAY + MINUTE, RULES)] == ["danger", "old"]


def test_of_safety_matters_the_one_that_was_let_pass_longest_ago_is_next() -> None:
    """One person here, who answers nothing: each is seen in its turn, the newest before what was seen."""
    seen: list[str] = []
    waiting = {name: need(name, priority=0, age_from=MONDAY + number * MINUTE) for number, name in enumerate(("ana", "ben", "carl"))}
    for turn in range(7):
        now = MONDAY + (10 + turn) * MINUTE
        (offer,) = decide(waiting.values(), [NORA], now, RULES)
        seen.append(offer.need)
        waiting[offer.need] = replace(waiting[offer.need], passed=frozenset({"nora"}), passed_at=now)
        if turn == 3:
            waiting["dora"] = need("dora", priority=0, age_from=now)
    assert seen == ["ana", "ben", "carl", "ana", "dora", "ben", "carl"]


def test_one_person_is_offered_one_thing_and_one_thing_to_one_person() -> None:
    offers = decide([need("ana"), need("ben"), need("cem", offered_to="lea")], [NORA, TOM], MONDAY, RULES)
    assert [(offer.need, offer.staff) for offer in offers] == [("ana", "nora"), ("ben", "tom")]


BUSY_NORA, BUSY_TOM = member("nora", offered="ben"), member("tom", offered="cem", load=4)
BUSY_SOFIA = member("sofia", teams={"nurses"}, languages={"en", "es"}, offered="ben")
DANGER, WORSE = need("danger", priority=0), need("worse", priority=0, age_from=MONDAY - MINUTE)
BEN, CEM = need("ben", offered_to="nora"), need("cem", offered_to="tom")


@pytest.mark.parametrize(
    ("needs", "who", "made"),
    [
        ([DANGER, BEN], [BUSY_NORA], "danger to nora for ben"),  # an answer to something else is not waited for
        ([DANGER, BEN], [BUSY_NORA, TOM], "danger to tom"),  # whoever has none before them is asked first
        ([DANGER, BEN, CEM], [BUSY_NORA, BUSY_TOM], "danger to nora for ben"),  # the best of those who have one
        ([DANGER, BEN, replace(CEM, priority=2)], [BUSY_NORA, BUSY_TOM], "danger to tom for cem"),  # the less urgent one waits
        ([DANGER, BEN, replace(CEM, age_from=MONDAY + MINUTE)], [BUSY_NORA, BUSY_TOM], "danger to tom for cem"),  # or the younger
        ([replace(DANGER, language="es"), BEN, replace(CEM, priority=2)], [BUSY_SOFIA, BUSY_TOM], "danger to sofia for ben"),
        ([replace(DANGER, passed=frozenset({"nora"})), BEN, CEM], [BUSY_NORA, BUSY_TOM], "danger to tom for cem"),
        (
            [replace(DANGER, person="tom"), replace(BEN, age_from=MONDAY + MINUTE), CEM],
            [BUSY_NORA, BUSY_TOM],
            "danger to tom for cem",
        ),  # whom it was passed on to
        ([DANGER, WORSE, BEN, CEM], [BUSY_NORA, BUSY_TOM], "worse to nora for ben, danger to tom for cem"),
        ([DANGER, need("ben", priority=0, offered_to="nora")], [BUSY_NORA], ""),  # one safety matter does not end another
        ([DANGER, replace(BEN, age_from=MONDAY - MINUTE), need("dora")], [BUSY_NORA, TOM], "danger to tom"),
        ([DANGER, BEN], [replace(BUSY_NORA, missed=3)], ""),  # she is not responding
        ([replace(DANGER, resting=frozenset({"nora"})), BEN], [BUSY_NORA], ""),  # she let it pass just now
        ([DANGER, need("dora")], [BUSY_NORA], ""),  # what she is asked about is no longer in line: the next look knows more
        ([need("dora"), BEN], [BUSY_NORA], ""),  # only a safety matter does that
    ],
)
def test_a_safety_matter_takes_the_place_of_another_offer(needs: list[Need], who: list[Member], made: str) -> None:
    offers = decide(needs, who, MONDAY, RULES)
    told = (f"{one.need} to {one.staff}" + (f" for {one.instead_of}" if one.instead_of else "") for one in offers)
    assert ", ".join(told) == made


def test_what_a_safety_matter_displaced_is_offered_on_at_its_age() -> None:
    """Sofia is free but speaks no English, and so is only somebody for Ben, who had been offered to Nora."""
    needs = [
        replace(DANGER, resting=frozenset({"sofia"})),
        need("ben", offered_to="nora", age_from=MONDAY - 5 * MINUTE),
        need("dora", priority=2),
    ]
    offers = decide(needs, [BUSY_NORA, member("sofia", teams={"nurses"}, languages={"es"})], MONDAY, RULES)
    assert [(offer.need, offer.staff, offer.instead_of) for offer in offers] == [("danger", "nora", "ben"), ("ben", "sofia", None)]


@pytest.mark.parametrize(
    ("seconds", "priority", "who", "circle", "next_in"),
    [
        (0, 1, [FULL_NORA, SOFIA], Circle.TEAM, 120),
        (119, 1, [FULL_NORA, SOFIA], Circle.TEAM, 120),
        (120, 1, [FULL_NORA, SOFIA], Circle.TEAMS, 300),
        (299, 2, [FULL_NORA, SOFIA], Circle.TEAMS, 300),
        (300, 1, [FULL_NORA, SOFIA], Circle.ALL, None),
        (0, 0, [FULL_NORA, SOFIA], Circle.ALL, None),
        (0, 1, [SOFIA], Circle.TEAMS, 300),  # nobody of the team is here
        (120, 1, [SOFIA], Circle.TEAMS, 300),
        (0, 1, [replace(FULL_NORA, languages=frozenset({"pl"}))], Circle.ALL, None),  # nor anybody who speaks the language
        (0, 1, [], Circle.ALL, None),
    ],
)
def test_the_circle_widens_at_two_and_five_minutes_or_at_once_where_nobody_is_of_it(
    seconds: int, priority: int, who: list[Member], circle: Circle, next_in: int | None
) -> None:
    asked, circles = need(priority=priority), Circles(who, MONDAY + timedelta(seconds=seconds), RULES)
    assert circles.of(asked) is circle
    assert circles.widens_at(asked) == (None if next_in is None else MONDAY + timedelta(seconds=next_in))


@pytest.mark.parametrize(
    ("gaps", "ahead", "says"),
    [([60] * 4, 0, None), ([60] * 5, 0, 60), ([60] * 5, 2, 180), ([10, 20, 30, 600, 900], 1, 60), ([20, 40, 60, 80, 100, 120], 0, 70)],
)
def test_a_wait_is_named_only_when_there_is_enough_to_tell_it_from(gaps: list[int], ahead: int, says: int | None) -> None:
    found = estimate([timedelta(seconds=gap) for gap in gaps], ahead)
    assert found == (None if says is None else timedelta(seconds=says))


def crowd(seed: int, waiting: int, staff: int) -> tuple[list[Need], list[Member], datetime]:
    chance = random.Random(seed)
    languages = [frozenset(["en"]), frozenset(["en", "es"]), frozenset(["en", "es", "pl"])]
    members = [
        member(
            f"staff-{number}",
            teams={chance.choice(["desk", "nurses", "billing"])},
            languages=chance.choice(languages),
            load=chance.randrange(7),
        )
        for number in range(staff)
    ]
    needs = [
        need(
            f"patient-{number}",
            priority=chance.choice([0, 1, 1, 2, 2, 2]),
            team=chance.choice(["desk", "nurses", "billing"]),
            language=chance.choice(["en", "en", "es", "pl", "so"]),
            age_from=MONDAY - timedelta(seconds=chance.randrange(600)),
            channel=chance.choice(["web", "sms"]),
        )
        for number in range(waiting)
    ]
    return needs, members, MONDAY


@pytest.mark.parametrize("seed", range(50))
def test_in_any_crowd_nobody_able_is_left_idle_while_somebody_waits_for_them(seed: int) -> None:
    needs, members, now = crowd(seed, 60, 20)
    offers, circles = decide(needs, members, now, RULES), Circles(members, now, RULES)
    staff, requests = [offer.staff for offer in offers], {offer.need: offer for offer in offers}
    assert len(set(staff)) == len(staff)
    idle = [one for one in members if one.id not in staff]
    for left in (one for one in needs if one.id not in requests):
        assert not [one.id for one in idle if may_take(one, left, circles.of(left), RULES)]
    for one in needs:  # nobody younger of the same kind was served before somebody older
        kind = (one.priority, one.team, one.language, one.channel, circles.of(one))
        older = [o for o in needs if (o.priority, o.team, o.language, o.channel, circles.of(o)) == kind and o.age_from < one.age_from]
        if one.id in requests:
            assert all(o.id in requests for o in older)
