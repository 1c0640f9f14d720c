"""Stored episodes, as they are judged anew: what the patient wrote, what each message was judged with, and what came to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from handoff.history import Message
from handoff.store import tables as t
from handoff.triage import Level
from handoff.understanding import Understanding, read_understanding

DECIDED = ("frustration.", "complexity.", "wants_person", "safety.")  # how rules of config/routing.yml are named in a reason
OUTRIGHT_CALL = "wants_person.call"  # "please phone me": no rule of that file
LEVELS: Mapping[str, Level] = {"unsafe": Level.UNSAFE, "asked": Level.ASKED}  # of a reason; a person is offered for every other one


@dataclass(frozen=True)
class Told:
    """One message of a patient with what it was judged with, as far as that was kept. `level`: what it was assessed as, if it was;
    `heard`: the bot was asked about it, or it was read for a wish; else it was told to a person, or to nobody yet."""

    message: Message
    seq: int
    understanding: Understanding | None
    history: Mapping[str, Any]
    level: Level | None = None
    heard: bool = True


@dataclass(frozen=True)
class Came:
    """A reason for which a person was offered, asked for or called. `seq`, `message`: where; `decided`: by a rule of config/routing.yml,
    and not by the button, by what the bot itself heard, by its failure, or by staff."""

    seq: int
    message: str
    reason: str
    rule: str
    decided: bool
    words: str = ""

    @property
    def level(self) -> Level:
        return LEVELS.get(self.reason, Level.OFFER)


@dataclass(frozen=True)
class Episode:
    """What the patient told, and what came of it, each in the order in which it happened."""

    conversation: str
    number: int
    told: tuple[Told, ...]
    came: tuple[Came, ...] = ()


def episodes(db: Connection, since: datetime | None = None) -> list[Episode]:
    """Every episode in which a patient wrote, `since` then if it is given; whole ones, the conversation that began first in front."""
    c, m = t.conversation.c, t.message.c
    wrote = (m.conversation == c.id, m.author == "patient", m.pressed.is_(None), *((m.at >= since,) if since is not None else ()))
    ids = db.execute(select(c.id).where(select(m.id).where(*wrote).exists()).order_by(c.created_at, c.id)).scalars().all()
    return [
        episode
        for conversation in ids
        for episode in _episodes(db, conversation)
        if since is None or any(told.message.at >= since for told in episode.told)
    ]


def _episodes(db: Connection, conversation: str) -> Iterator[Episode]:
    m, a, r = t.message.c, t.assessment.c, t.handoff_request.c
    rows = db.execute(select(t.message).where(m.conversation == conversation).order_by(m.seq)).mappings().all()
    assessed = {
        row["message"]: row for row in db.execute(select(t.assessment).where(a.conversation == conversation).order_by(a.at)).mappings()
    }
    of_message = {row["id"]: row["episode"] for row in rows}
    reasons: dict[int, list[tuple[RowMapping, Mapping[str, Any]]]] = defaultdict(list)
    for request in db.execute(select(t.handoff_request).where(r.conversation == conversation).order_by(r.created_at, r.id)).mappings():
        for reason in request["reasons"]:  # what was heard late belongs to what was told, and not to the episode that it began
            reasons[of_message.get(reason["message"], request["episode"])].append((request, reason))
    for number in sorted({row["episode"] for row in rows}):
        own = [row for row in rows if row["episode"] == number]
        came = [_came(own, request, reason, assessed) for request, reason in reasons[number]]
        read = {one.message for one in came if one.level is Level.ASKED}
        told = tuple(_told(row, assessed.get(row["id"]), read) for row in own if row["author"] == "patient" and row["pressed"] is None)
        if told:
            yield Episode(conversation, number, told, tuple(sorted(came, key=lambda one: one.seq)))


def _told(row: RowMapping, assessed: RowMapping | None, read: set[str]) -> Told:
    """Words of danger are found when they come in, wherever the conversation is, and are then no question to the bot."""
    message = Message(row["id"], row["text"], row["at"])
    if assessed is None:
        return Told(message, row["seq"], None, {}, None, row["id"] in read)
    given, level = assessed["given"], Level(assessed["level"])
    understood = given.get("understanding")
    understanding = None if understood is None else read_understanding(understood)
    return Told(message, row["seq"], understanding, given.get("history") or {}, level, understood is not None or level is not Level.UNSAFE)


def _came(rows: Sequence[RowMapping], request: RowMapping, reason: Mapping[str, Any], assessed: Mapping[str, RowMapping]) -> Came:
    """At the message that the reason names, else at the last one before the request."""
    before = [row for row in rows if row["at"] <= request["created_at"]]
    place = next((row for row in rows if row["id"] == reason["message"]), before[-1] if before else rows[0])
    decided = is_decided(reason, assessed.get(place["id"]))
    return Came(place["seq"], place["id"], str(reason["reason"]), str(reason["rule"]), decided, str(reason["words"]))


def is_decided(reason: Mapping[str, Any], assessed: Mapping[Any, Any] | None) -> bool:
    """Did config/routing.yml lead to this reason, by a phrase or by what it makes of the model's certainty? `assessed`: its message.

    What the bot itself called out ("unsafe" was what it understood) would come again whatever the file says.
    """
    rule = str(reason["rule"])
    if not rule.startswith(DECIDED) or rule == OUTRIGHT_CALL or rule.endswith(": bot"):
        return False
    if not rule.startswith("safety.") or not rule.endswith(": model"):
        return True
    understood = (assessed["given"].get("understanding") or {}) if assessed is not None else {}
    return assessed is not None and assessed["level"] == Level.UNSAFE and understood.get("intent") != "unsafe"
