"""What screens show, as JSON: messages, the queue's items, a whole thread; patients' own in patient_view.py. Read-only queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, or_, select

from handoff.conversation import Conversation, Event, State, allowed
from handoff.desk import arrivals, callback_view, consents, line, offers, paging, pictures, responses
from handoff.desk.deliveries import deliveries
from handoff.desk.last_line import BUTTON, last_line
from handoff.desk.thread import LISTED
from handoff.desk.work import House
from handoff.staff.access import Act, Person, Sight, may
from handoff.store import tables as t
from handoff.survey import next_question

PAGE = 200
_WISHES = {
    "write": (Act.WRITE, Event.STAFF_WROTE),
    "hand_back": (Act.HAND_BACK, Event.HANDED_BACK),
    "close": (Act.CLOSE, Event.STAFF_CLOSED),
    "park": (Act.PARK, Event.PARK),
    "transfer": (Act.TRANSFER, Event.TRANSFERRED),
}
_MOVE, _REQUEST = t.move.c, t.handoff_request.c
# Statements of every item are built once. Since when it is with whom it is, and in which state:
_SINCE = select(func.max(_MOVE.at)).where(
    _MOVE.conversation == bindparam("conversation"), or_(_MOVE.from_state != _MOVE.to_state, _MOVE.from_owner != _MOVE.to_owner)
)
# What a colleague wrote last: on passing it on, on closing it, after a call. Whoever has it next reads it, in a later episode too.
_NOTE = (
    select(_REQUEST.note)
    .where(_REQUEST.conversation == bindparam("conversation"), _REQUEST.note.is_not(None))
    .order_by(_REQUEST.created_at.desc(), _REQUEST.id.desc())
    .limit(1)
)
# What an item says where its words are not for this person.
_UNREAD: dict[str, Any] = {"reasons": [], "last_line": None, "note": None, "callback": None}


def moment(value: datetime | None) -> str | None:
    """`2026-11-24T12:00:00.123Z`"""
    return None if value is None else value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message(row: Any) -> dict[str, Any]:
    """A message as patients and staff get it: button payloads stay with us."""
    return {
        "id": row["id"],
        "seq": row["seq"],
        "client_id": row["client_id"],
        "author": row["author"],
        "name": row["staff_name"],
        "text": row["text"],
        "buttons": [{"id": f"{row['id']}.{number}", "title": button["title"]} for number, button in enumerate(row["buttons"])],
        "pressed": row["pressed"],
        "at": moment(row["at"]),
    }


def messages_after(db: Connection, conversation: str, after: int, *, limit: int = PAGE) -> list[dict[str, Any]]:
    """The messages with `seq` above `after`, in order, at most `limit`."""
    m = t.message.c
    query = select(t.message).where(m.conversation == conversation, m.seq > after).order_by(m.seq).limit(limit)
    return [message(row) for row in db.execute(query).mappings()]


def last_rows(db: Connection, conversation: str, last_seq: int, count: int) -> Sequence[RowMapping]:
    """The last `count` rows of the message table up to `last_seq`, in order: what a bell of another node tells of."""
    m = t.message.c
    those = (m.conversation == conversation, m.seq > last_seq - count, m.seq <= last_seq)
    return db.execute(select(t.message).where(*those).order_by(m.seq)).mappings().all()


def queue(db: Connection, house: House, person: Person) -> list[dict[str, Any]]:
    """All that needs a person or is with one, as far as `person` may see it: safety first, then by priority and age."""
    c = t.conversation.c
    cases = select(t.case.c.conversation).where(t.case.c.state != "closed")
    ids = db.execute(select(c.id).where(or_(c.state.in_([str(state) for state in LISTED]), c.id.in_(cases)))).scalars().all()
    items = [item(db, house, person, found) for found in ids]
    return sorted(
        (shown for shown in items if is_shown(shown)),
        key=lambda shown: (shown["priority"], shown["waiting_since"] or "9", shown["conversation"]),
    )


def is_shown(item: dict[str, Any]) -> bool:
    """Does an item belong on the queue's screen of the person it was made for?"""
    needs_somebody = item.get("state") in [str(state) for state in LISTED] or item.get("case") is not None
    return needs_somebody and "read" in item["can"]


def item(db: Connection, house: House, person: Person, conversation: str) -> dict[str, Any]:
    """One row of the queue; whoever may not read the conversation gets none of its words. One that is gone has `can: []`, and no more."""
    row = db.execute(select(t.conversation).where(t.conversation.c.id == conversation)).mappings().first()
    if row is None:
        return {"conversation": conversation, "version": 0, "can": []}
    request = line.open_request(db, conversation)
    case = line.open_case(db, conversation)
    arrival = arrivals.newest(db, conversation)
    if arrival is not None and request is not None and arrival.request != request["id"]:
        arrival = None  # what is open now has come to nobody yet
    sight = Sight(State(row["state"]), row["owner"], case is not None, arrival.takers if arrival else frozenset())
    last, callback = last_line(db, conversation), _callback(db, conversation)
    since = request["queue_age_from"] if request else case["opened_at"] if case else None
    reasons = request["reasons"] if request else [{"reason": "call" if callback else "follow_up", "words": ""}] if case else []
    able = [*_can(person, sight, row), *_can_mark(person, sight, arrival), *_can_call(person, sight, callback)]
    shown = {
        "conversation": conversation,
        "version": row["version"],
        "state": row["state"],
        "owner": "staff" if row["owner"].startswith("staff:") else row["owner"],
        "staff": _staff(db, row["owner"]),
        "channel": row["channel"],
        "locale": row["locale"],
        "priority": request["priority"] if request else 3,
        "reasons": [{"reason": reason["reason"], "words": reason["words"]} for reason in reasons],
        "waiting_since": moment(since),
        "since": moment(db.execute(_SINCE, {"conversation": conversation}).scalar_one()),
        "team": _team(house, request),
        "topic": request["topic"] if request else None,
        "note": db.execute(_NOTE, {"conversation": conversation}).scalar_one_or_none(),
        "offer": _offer(db, person, conversation),
        "last_line": None if last is None else {"author": last["author"], "text": last["text"][:200], "at": moment(last["at"])},
        "last_seq": row["last_seq"],
        "case": None if case is None else {"kind": case["kind"], "state": case["state"], "due_at": moment(_due(db, conversation))},
        "texts": _texts(db, conversation),
        "callback": callback,
        "page": _page(db, row),
        "mark": arrival.mark if arrival else None,
        "can": able,
    }
    return shown if "read" in able else {**shown, **_UNREAD}


def _team(house: House, request: dict[str, Any] | None) -> str | None:
    """Whom it is for, where the clinic has several teams."""
    team = house.routing.teams.teams.get(request["team"] or "") if request else None
    if team is None or len(house.routing.teams.teams) == 1:
        return None
    return team.name.get(house.words.language(house.settings.locale), team.id)


def _offer(db: Connection, person: Person, conversation: str) -> dict[str, Any] | None:
    """Whom it is before now, this person first: `{"mine", "call", "name", "until"}`; `call`: not the chat, but the promised call."""
    pending = offers.pending(db, conversation)
    if not pending:
        return None
    found = next((offer for offer in pending if offer["staff"] == person.id), pending[0])
    name = db.execute(select(t.staff.c.name).where(t.staff.c.id == found["staff"])).scalar_one()
    return {"mine": found["staff"] == person.id, "call": found["callback"] is not None, "name": name, "until": moment(found["until"])}


def _can_mark(person: Person, sight: Sight, arrival: arrivals.Arrival | None) -> list[str]:
    return ["mark"] if arrival is not None and may(person, Act.MARK, sight) else []


def _callback(db: Connection, conversation: str) -> dict[str, Any] | None:
    found = callback_view.shown(db, conversation)
    return None if found is None else {key: moment(value) if isinstance(value, datetime) else value for key, value in found.items()}


def _can_call(person: Person, sight: Sight, callback: dict[str, Any] | None) -> list[str]:
    """`call`: take the promised call, make it, note how it went; `plan_call`: promise one."""
    if not may(person, Act.CALL, sight):
        return []
    return ["plan_call"] if callback is None else ["call"]


def _texts(db: Connection, conversation: str) -> str | None:
    """Whether texts may go to this patient: on | stopped; None for whoever never texted."""
    if not consents.numbers_of(db, conversation):
        return None
    return "stopped" if consents.is_opted_out(db, conversation) else "on"


def _page(db: Connection, row: RowMapping) -> dict[str, Any] | None:
    """Who was called to a safety matter that still waits, and what became of the texts to their phones."""
    if not row["unsafe"] or row["state"] != State.WAITING or (called := paging.newest(db, row["id"])) is None:
        return None
    return {"who": called["who"], "step": called["step"], "at": moment(called["at"]), "texts": paging.texts(db, row["id"])}


def _can(person: Person, sight: Sight, row: RowMapping) -> list[str]:
    """What this person may do, and the machine allows now."""
    possible = allowed(Conversation(sight.state, row["owner"], row["epoch"], row["unsafe"]))
    able = ["read"] if may(person, Act.READ, sight) else []
    able += [name for name, (act, event) in _WISHES.items() if event in possible and may(person, act, sight)]
    with_somebody = sight.state in (State.HUMAN, State.PARKED)
    if not with_somebody and (may(person, Act.TAKE, sight) or may(person, Act.STEP_IN, sight)):
        able.append("take")
    return able


def whole_thread(db: Connection, house: House, person: Person, conversation: str, after: int = 0) -> dict[str, Any]:
    """A thread for staff: item, messages after `after`, what became of texts and pictures, answers, moves."""
    shown = item(db, house, person, conversation)
    rows = messages_after(db, conversation, after)
    last = rows[-1]["seq"] if rows else after
    return {
        "item": shown,
        "messages": rows,
        "deliveries": deliveries(db, conversation),
        "pictures": pictures.shown(db, conversation),
        "last_seq": last,
        "more": last < shown.get("last_seq", 0),
        "answers": answers(db, house, conversation),
        "moves": moves(db, conversation),
    }


def answers(db: Connection, house: House, conversation: str) -> list[dict[str, Any]]:
    """Every answer so far in words, and the question that is left open."""
    found = []
    r, a = t.response.c, t.answer.c
    for response in db.execute(select(t.response).where(r.conversation == conversation).order_by(r.started_at, r.id)).mappings().all():
        survey = house.surveys.get(response["survey"])
        if survey is None:
            continue
        language = house.words.language(house.settings.locale)
        about = {"survey": survey.id, "title": survey.title[language]}
        given = db.execute(select(t.answer).where(a.response == response["id"]).order_by(a.at, a.id)).mappings().all()
        texts = {question.id: question.text[language].format(clinic=house.clinic(language)) for question in survey.questions}
        for row in given:
            text = texts.get(row["question"], row["question"])
            found.append(
                {**about, "question": row["question"], "text": text, "state": row["state"], "label": row["label"], "at": moment(row["at"])}
            )
        left = next_question(survey, responses.progress(db, response["id"])) if response["finished_at"] is None else None
        if left is not None:
            found.append({**about, "question": left.id, "text": texts[left.id], "state": "open", "label": None, "at": None})
    return found


def moves(db: Connection, conversation: str) -> list[dict[str, Any]]:
    """The state changes of a conversation, oldest first; `had`: the name of the member of staff whose it was before."""
    m = t.move.c
    names = {row.id: row.name for row in db.execute(select(t.staff.c.id, t.staff.c.name))}
    rows = db.execute(select(t.move).where(m.conversation == conversation).order_by(m.at, m.id)).mappings()
    return [
        {
            "at": moment(row["at"]),
            "who": names.get(row["who"].removeprefix("staff:"), row["who"]),
            "had": names.get(row["from_owner"].removeprefix("staff:")),
            "event": row["event"],
            "from_state": row["from_state"],
            "to_state": row["to_state"],
            "why": row["why"],
        }
        for row in rows
    ]


def _staff(db: Connection, owner: str) -> dict[str, Any] | None:
    if not owner.startswith("staff:"):
        return None
    row = db.execute(select(t.staff.c.id, t.staff.c.name).where(t.staff.c.id == owner.removeprefix("staff:"))).first()
    return None if row is None else {"id": row.id, "name": row.name}


def _due(db: Connection, conversation: str) -> datetime | None:
    p = t.promise.c
    query = select(p.due_at).where(p.conversation == conversation, p.state == "open").order_by(p.due_at).limit(1)
    return db.execute(query).scalar_one_or_none()


def is_untouched(db: Connection, conversation: str) -> bool:
    """Has the patient not written anything yet?"""
    m = t.message.c
    return db.execute(select(m.id).where(m.conversation == conversation, m.author == "patient").limit(1)).first() is None


def looks_like_button(text: str) -> bool:
    """Is this the id of a button, as `message` gives it out?"""
    return BUTTON.fullmatch(text) is not None
