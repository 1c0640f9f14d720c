"""What no field of config/routing.yml can say by itself: numbers that must fit one another, addresses and languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from handoff.mistake import Mistake

if TYPE_CHECKING:
    from handoff.routing_file import RoutingFile

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
# ISO 639-1
_LANGUAGES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff "
    "fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku "
    "kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu "
    "rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo "
    "wa wo xh yi yo za zh zu".split()
)


def check(read: RoutingFile) -> None:
    """Raises `Mistake` with the place of the first mistake."""
    for mistakes in (_marks, _groups, _on_call, _teams, _people, _offers):
        for mistake in mistakes(read):
            raise mistake


def _marks(read: RoutingFile) -> Iterator[Mistake]:
    """What is noted lies below what is offered, or nothing is ever noted."""
    for name, part in (("frustration", read.frustration), ("complexity", read.complexity)):
        if part.watch_at >= part.offer_at:
            yield Mistake((name, "watch_at"), f"must be below offer_at, which is {part.offer_at:g}")


def _groups(read: RoutingFile) -> Iterator[Mistake]:
    for way, groups in ((("frustration", "words"), read.frustration.words), (("complexity", "kinds"), read.complexity.kinds)):
        if "unless" in groups:
            yield Mistake((*way, "unless"), f"stands beside {way[1]}, as a list of phrases without points, not among them")


def _on_call(read: RoutingFile) -> Iterator[Mistake]:
    if read.on_call[0].after != 0:
        yield Mistake(("on_call", 0, "after"), "the first is called after 0 minutes")
    for number, (before, step) in enumerate(pairwise(read.on_call), 1):
        if step.after <= before.after:
            yield Mistake(("on_call", number, "after"), f"must be later than the one before it, which is after {before.after:g} minutes")


def _teams(read: RoutingFile) -> Iterator[Mistake]:
    for name, team in read.teams.items():
        for language in team.name:
            if language not in _LANGUAGES:
                yield Mistake(("teams", name, "name", language), f"there is no language {language}; it must be one like en or es")


def _people(read: RoutingFile) -> Iterator[Mistake]:
    known: dict[str, str] = {}
    for email, person in read.people.items():
        if _EMAIL.fullmatch(email) is None:
            yield Mistake(("people", email), f"{email} is no e-mail address")
        if (first := known.setdefault(email.lower(), email)) != email:
            yield Mistake(("people", email), f"this is the same address as {first}")
        for number, language in enumerate(person.languages or ()):
            if language not in _LANGUAGES:
                yield Mistake(("people", email, "languages", number), f"there is no language {language}; it must be one like en or es")


def _offers(read: RoutingFile) -> Iterator[Mistake]:
    offers = read.offers
    if offers.all_after < offers.teams_after:
        yield Mistake(("offers", "all_after"), f"must not come before teams_after, which is {offers.teams_after:g}")
    for channel, weight in offers.weights.items():
        if weight > offers.capacity:
            yield Mistake(("offers", "weights", channel), f"is more than the capacity, {offers.capacity}: nobody could ever be offered one")
    for email, person in read.people.items():
        room = offers.capacity if person.capacity is None else person.capacity
        too_heavy = [channel for channel, weight in offers.weights.items() if weight > room]
        if too_heavy:
            what = f"{', '.join(too_heavy)} (offers.weights)"
            yield Mistake(("people", email, "capacity"), f"is too little for {what}: {email} could never be offered one")
