"""Changed rules over stored conversations: what would have come to a person earlier, later, newly, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from handoff.history import History, Message
from handoff.store import tables as t
from handoff.triage import Level, Rules, assess
from handoff.understanding import Understanding, read_understanding

HANDED = (Level.UNSAFE, Level.ASKED, Level.OFFER)
OUTCOMES = ("same", "earlier", "later", "newly", "not_at_all", "never")
DECIDED = ("frustration.", "complexity.", "wants_person", "safety.")  # how rules of config/routing.yml are named in a reason


@dataclass(frozen=True)
class Told:
    """One message of a patient with what it was judged with, as far as that was kept."""

    message: Message
    seq: int
    understanding: Understanding | None
    history: Mapping[str, Any]


@dataclass(frozen=True)
class Episode:
    """`handed`: the place of the message at which a person was first asked for or offered; `fixed`: the first place for a reason that no
    rule of the file decides, such as the button or a failed bot."""

    conversation: str
    number: int
    told: tuple[Told, ...]
    handed: int | None
    fixed: int | None


@dataclass(frozen=True)
class Replayed:
    """`was` and `then`: places (`seq`) in the conversation; `rule` and `words`: why then."""

    conversation: str
    episode: int
    outcome: str
    was: int | None
    then: int | None
    rule: str = ""
    words: str = ""


def replay(episode: Episode, rules: Rules) -> Replayed:
    """What `rules` would have made of an episode. Pure."""
    found = next(_decided(episode, rules), None)
    places = [place for place in (episode.fixed, found[0] if found else None) if place is not None]
    then = min(places, default=None)
    why = found[1:] if found and found[0] == then else ("", "")
    return Replayed(episode.conversation, episode.number, _outcome(episode.handed, then), episode.handed, then, *why)


def _decided(episode: Episode, rules: Rules) -> Iterator[tuple[int, str, str]]:
    """Each message that would have led to a person: its place, the rule and the words."""
    for number, told in enumerate(episode.told):
        counts = {
            name: told.history[name]
            for name in ("asked", "not_understood", "low_score", "came_before", "bot_failed")
            if name in told.history
        }
        history = History(tuple(one.message for one in episode.told[max(0, number - 10) : number]), **counts)
        made = assess(told.message, told.understanding, history, rules)
        if made.level in HANDED:
            yield told.seq, made.causes[0].best.rule, made.causes[0].best.words


def _outcome(was: int | None, then: int | None) -> str:
    if was is None or then is None:
        return "never" if was is then else "newly" if was is None else "not_at_all"
    return "same" if then == was else "earlier" if then < was else "later"


def episodes(db: Connection, since: datetime | None = None) -> list[Episode]:
    """Every episode with words in it, in conversations that began `since` then; oldest first."""
    c = t.conversation.c
    query = select(c.id).order_by(c.created_at, c.id)
    ids = db.execute(query if since is None else query.where(c.created_at >= since)).scalars().all()
    return [episode for conversation in ids for episode in _episodes(db, conversation)]


def _episodes(db: Connection, conversation: str) -> Iterator[Episode]:
    m, a, r = t.message.c, t.assessment.c, t.handoff_request.c
    rows = db.execute(select(t.message).where(m.conversation == conversation).order_by(m.seq)).mappings().all()
    given = {row.message: row.given for row in db.execute(select(a.message, a.given).where(a.conversation == conversation).order_by(a.at))}
    requests: dict[int, list[RowMapping]] = defaultdict(list)
    for request in db.execute(select(t.handoff_request).where(r.conversation == conversation).order_by(r.created_at, r.id)).mappings():
        requests[request["episode"]].append(request)
    for number in sorted({row["episode"] for row in rows}):
        own = [row for row in rows if row["episode"] == number]
        told = tuple(_told(row, given.get(row["id"])) for row in own if row["author"] == "patient" and row["pressed"] is None)
        reasons = [(request, reason) for request in requests[number] for reason in request["reasons"]]
        places = [_place(own, request, reason) for request, reason in reasons]
        fixed = [place for place, (_, reason) in zip(places, reasons, strict=True) if not is_decided(reason)]
        if told:
            yield Episode(conversation, number, told, min(places, default=None), min(fixed, default=None))


def _told(row: RowMapping, given: dict[str, Any] | None) -> Told:
    understood = (given or {}).get("understanding")
    message = Message(row["id"], row["text"], row["at"])
    return Told(message, row["seq"], None if understood is None else read_understanding(understood), (given or {}).get("history") or {})


def _place(rows: list[RowMapping], request: RowMapping, reason: Mapping[str, Any]) -> int:
    """The message that the reason names, else the last one before the request."""
    named = next((row["seq"] for row in rows if row["id"] == reason["message"]), None)
    return named if named is not None else max((row["seq"] for row in rows if row["at"] <= request["created_at"]), default=0)


def is_decided(reason: Mapping[str, Any]) -> bool:
    """Did a rule of config/routing.yml lead to this reason? What the bot itself heard would come again whatever the rules."""
    return str(reason["rule"]).startswith(DECIDED) and not str(reason["rule"]).endswith((": model", ".model", ".intent"))
