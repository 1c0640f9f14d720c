"""One conversation, opened for writing inside a deed: its row, the messages added, the moves made. `save` writes the row back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from handoff import jobs
from handoff.channels import CHANNELS, Abilities
from handoff.conversation import TIMERS, Conversation, Event, State, Step, step
from handoff.desk.leaving import leave_texts
from handoff.desk.work import Work
from handoff.doorbell import Bell
from handoff.errors import NotFound
from handoff.store import lock_conversation
from handoff.store import tables as t

# Statements of every message are built once: building costs more than running them.
_INSERT = t.message.insert()
_JOIN = update(t.message).where(t.message.c.id == bindparam("joined")).values(text=bindparam("text"), buttons=bindparam("buttons"))
_MOVE = t.move.insert()
_SAVE = update(t.conversation).where(t.conversation.c.id == bindparam("saved"))
_KNOWN = select(t.message.c.seq).where(
    t.message.c.conversation == bindparam("conversation"), t.message.c.client_id == bindparam("client_id")
)

STAFF_WATCH = timedelta(seconds=20)  # between two looks at whether whoever has it is still connected
LISTED = (State.WAITING, State.HUMAN, State.PARKED)


@dataclass
class Thread:
    work: Work
    id: str
    core: Conversation
    row: dict[str, Any]
    added: list[dict[str, Any]] = field(default_factory=list)
    purposes: dict[str, str] = field(default_factory=dict)  # of added messages that leave as texts, where it is not the author's
    responses: dict[str, dict[str, Any] | None] = field(default_factory=dict)  # the newest of a survey, once it was read
    moved: bool = False
    listed: bool = False
    line: bool = False
    wrote_on: str = ""  # the channel with which it was opened

    @property
    def locale(self) -> str:
        return str(self.row["locale"])

    @property
    def abilities(self) -> Abilities:
        """Of the channel that the patient writes on."""
        return CHANNELS[self.row["channel"]]

    def is_closed(self) -> bool:
        return self.core.state is State.CLOSED

    def say(self, key: str, *, buttons: list[dict[str, str]] | None = None, **facts: object) -> dict[str, Any]:
        """Add one of the service's own sentences; what it is for, should it leave as a text, its key tells."""
        text = self.work.house.words.say(self.locale, key, by_text=not self.abilities.buttons, **facts)
        purpose = next((name for name in ("safety", "callback", "code") if key.startswith(name)), "reply")
        return self.speak("service", text, buttons or [], purpose=purpose)

    def speak(self, author: str, text: str, buttons: list[dict[str, str]], *, purpose: str = "reply") -> dict[str, Any]:
        """Add what the bot or the service says; by text, to what was said just before, for the same purpose. Returns the message's row."""
        last = self._to_go_with(purpose)
        if last is not None:
            return self._join(last, text, buttons)
        message = self.add(author, text, buttons=buttons)
        self.purposes[message["id"]] = purpose
        return message

    def _to_go_with(self, purpose: str) -> dict[str, Any] | None:
        """The message that was added last, where a sentence can go out with it in one text: several may arrive in any order."""
        last = self.added[-1] if self.added and not self.abilities.buttons else None
        if last is None or last["author"] not in ("bot", "service") or last["buttons"]:
            return None
        return last if self.purposes.get(last["id"], "reply") == purpose else None

    def _join(self, message: dict[str, Any], text: str, buttons: list[dict[str, str]]) -> dict[str, Any]:
        message.update(text=f"{message['text']}\n{text}", buttons=buttons)
        self.work.db.execute(_JOIN, {"joined": message["id"], "text": message["text"], "buttons": buttons})
        return message

    def add(
        self,
        author: str,
        text: str,
        *,
        client_id: str | None = None,
        buttons: list[dict[str, str]] | None = None,
        pressed: str | None = None,
        pressed_payload: str | None = None,
        pressed_to: str | None = None,
        staff: str | None = None,
        staff_name: str | None = None,
    ) -> dict[str, Any]:
        """Append a message with the next `seq`. Returns its row."""
        self.row["last_seq"] += 1
        message = {
            "id": self.work.ids.new(),
            "conversation": self.id,
            "seq": self.row["last_seq"],
            "episode": self.row["episode"],
            "author": author,
            "staff": staff,
            "staff_name": staff_name,
            "client_id": client_id,
            "text": text,
            "buttons": buttons or [],
            "pressed": pressed,
            "pressed_payload": pressed_payload,
            "pressed_to": pressed_to,
            "epoch": self.core.epoch,
            "at": self.work.now,
        }
        self.work.db.execute(_INSERT, message)
        self.added.append(message)
        return message

    def put_in_episode(self) -> None:
        """What was added by now belongs to the episode that has just begun."""
        for message in self.added:
            message["episode"] = self.row["episode"]
        added = t.message.c.id.in_([message["id"] for message in self.added])
        self.work.db.execute(update(t.message).where(added).values(episode=self.row["episode"]))

    def step(self, event: Event, *, who: str, why: str = "", staff: str | None = None) -> Step:
        """Let the machine decide, and note the move when state or owner changed. The caller carries out the orders."""
        taken = step(self.core, event, staff=staff)
        before, after = taken.before, taken.after
        self.core = after
        if after.state is not State.CHOOSING:
            self.row["asking"] = None
        if (before.state, before.owner) != (after.state, after.owner) or event is Event.UNSAFE:
            self._note(taken, who, why)
        return taken

    def _note(self, taken: Step, who: str, why: str) -> None:
        before, after = taken.before, taken.after
        move = {
            "id": self.work.ids.new(),
            "conversation": self.id,
            "at": self.work.now,
            "who": who,
            "event": str(taken.event),
            "from_state": str(before.state),
            "to_state": str(after.state),
            "from_owner": before.owner,
            "to_owner": after.owner,
            "epoch": after.epoch,
            "why": why,
        }
        self.work.db.execute(_MOVE, move)
        self.moved = True
        self.listed = self.listed or before.state in LISTED or after.state in LISTED
        self.line = self.line or State.WAITING in (before.state, after.state)
        if before.state in LISTED or after.state in LISTED:
            self.work.look_at_line()
        self.row["changed_at"] = self.work.now
        if before.state != after.state:
            self.set_timer()

    def note(self, event: str, *, who: str, why: str) -> None:
        """A line among the moves that is no change of state: staff read what happened there."""
        state, owner = str(self.core.state), self.core.owner
        row = {"id": self.work.ids.new(), "conversation": self.id, "at": self.work.now, "who": who, "event": event, "why": why}
        kept = {"from_state": state, "to_state": state, "from_owner": owner, "to_owner": owner, "epoch": self.core.epoch}
        self.work.db.execute(t.move.insert().values(**row, **kept))

    def set_timer(self, run_at: datetime | None = None) -> None:
        """Exactly one timer for each state but closed; the earlier one is cancelled."""
        name = f"timer:{self.id}"
        jobs.cancel(self.work.db, dedupe=name)
        event = TIMERS.get(self.core.state)
        if event is not None:
            self.work.enqueue(
                "timer",
                key=name,
                dedupe=name,
                payload={"conversation": self.id, "event": str(event)},
                run_at=run_at or self.work.now + self.timer_length(),
            )

    def timer_length(self) -> timedelta:
        """How long the present state may last on the channel that the patient writes on."""
        settings, abilities = self.work.house.settings, self.abilities
        lengths = {
            State.BOT: abilities.idle or timedelta(hours=settings.idle_hours),
            State.CHOOSING: abilities.choosing or timedelta(minutes=settings.choosing_minutes),
            State.WAITING: STAFF_WATCH if self.core.holder else self.longest_wait(),
            State.HUMAN: STAFF_WATCH,
            State.PARKED: abilities.park,
        }
        return lengths[self.core.state]

    def longest_wait(self) -> timedelta:
        """How long anybody is let wait in line on the channel that the patient writes on."""
        return self.abilities.wait or timedelta(minutes=self.work.house.settings.max_wait_minutes)

    def save(self) -> None:
        """Write the row back, leave what must go by text, and ring."""
        if self.wrote_on != self.row["channel"] and self.core.state in LISTED:
            self.work.look_at_line()  # a text weighs less than a chat: somebody may have room again
        texts = leave_texts(self)
        self.row["version"] += 1
        self.row.update(state=str(self.core.state), owner=self.core.owner, epoch=self.core.epoch, unsafe=self.core.unsafe)
        self.work.db.execute(_SAVE, {**{name: value for name, value in self.row.items() if name != "id"}, "saved": self.id})
        self.work.ring(
            Bell(
                self.id,
                self.row["version"],
                self.row["last_seq"],
                moved=self.moved,
                listed=self.listed or self.core.state in LISTED,
                line=self.line,
                texts=texts,
                messages=tuple(self.added),
            )
        )


def open_thread(work: Work, conversation: str) -> Thread:
    """The conversation, locked until the deed ends. Raises `NotFound`."""
    found = lock_conversation(work.db, conversation)
    if found is None:
        raise NotFound
    row = dict(found._mapping)
    core = Conversation(State(row["state"]), row["owner"], row["epoch"], row["unsafe"])
    return Thread(work, conversation, core, row, wrote_on=row["channel"])


def new_thread(work: Work, *, channel: str, locale: str, survey: str) -> Thread:
    """A new conversation, with the bot and at the start of the survey."""
    row: dict[str, Any] = {
        "id": work.ids.new(),
        "channel": channel,
        "state": str(State.BOT),
        "owner": "bot",
        "epoch": 0,
        "unsafe": False,
        "last_seq": 0,
        "version": 0,
        "episode": 1,
        "locale": locale,
        "survey": survey,
        "asking": None,
        "moving": None,
        "meanwhile": [],
        "created_at": work.now,
        "changed_at": work.now,
        "last_patient_at": None,
    }
    work.db.execute(t.conversation.insert().values(row))
    thread = Thread(work, row["id"], Conversation(State.BOT, "bot", 0), row)
    thread.set_timer()
    return thread


def has_written(thread: Thread) -> bool:
    """Words of their own in this episode, not only buttons, and before what they say now."""
    m, now = t.message.c, [message["id"] for message in thread.added]
    own = (m.conversation == thread.id, m.episode == thread.row["episode"], m.author == "patient", m.pressed.is_(None), m.id.not_in(now))
    return thread.work.db.execute(select(m.id).where(*own).limit(1)).first() is not None


def known_message(work: Work, conversation: str, client_id: str) -> int | None:
    """The `seq` of a message that was taken in before under `client_id`."""
    return work.db.execute(_KNOWN, {"conversation": conversation, "client_id": client_id}).scalar_one_or_none()
