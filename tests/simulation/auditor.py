"""What must be so after every operation: the invariants of the database, and those that need to know what was before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import sqlite

from handoff.desk import patient_view
from handoff.invariants import EVERYWHERE, IN_ONE, Invariant
from tests.simulation.bot import MARK
from tests.simulation.store import drive

if TYPE_CHECKING:
    from tests.simulation.world import World

FULL_EVERY = 25
_MESSAGES = "SELECT seq, id, author, epoch, client_id, text FROM message WHERE conversation = ? AND seq > ? ORDER BY seq"
# The statements that `find_breaches` and `find_breaches_of` run, written out once.
_WRITTEN: Any = {"dialect": sqlite.dialect(), "compile_kwargs": {"literal_binds": True}}
_WHOLE = str(EVERYWHERE.compile(**_WRITTEN))
_OF_ONE = str(IN_ONE.params(conversation="@").compile(**_WRITTEN)).replace("'@'", "?1")
_ROW = "SELECT state, owner, epoch, unsafe FROM conversation WHERE id = ?"
_AGES = "SELECT id, queue_age_from FROM handoff_request WHERE conversation = ?"


class Broken(AssertionError):
    """An invariant does not hold. `name`: which; two failures of one name are the same fault."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name


@dataclass
class Record:
    """What was seen of one conversation so far. `acked`: client ids that were confirmed, with their seq where that was told."""

    messages: list[tuple[str, str | None]] = field(default_factory=list)
    acked: dict[str, int | None] = field(default_factory=dict)
    ages: dict[str, int] = field(default_factory=dict)
    turns: set[str] = field(default_factory=set)
    owner: str = "bot"
    epoch: int = 0


class Auditor:
    def __init__(self, world: World) -> None:
        self._world = world
        self._records: dict[str, Record] = {}
        self._since_full = 0

    def acked(self, conversation: str, client_id: str, seq: int | None) -> None:
        """The sender was told that this is stored. The same id again must have the same place."""
        record = self._of(conversation)
        before = record.acked.get(client_id)
        if before is not None and seq is not None and before != seq:
            raise Broken("acked_once", f"{client_id} had seq {before} and has {seq}")
        record.acked[client_id] = seq if seq is not None else before

    def forget(self, conversation: str) -> None:
        """It was erased."""
        self._records.pop(conversation, None)

    def check(self, touched: set[str]) -> None:
        """After one operation. Raises `Broken`."""
        self._since_full += 1
        for conversation in sorted(touched):
            self._raise(self._world.store.ask(_OF_ONE, conversation))
            self._check_history(conversation)
        if self._since_full >= FULL_EVERY:
            self.check_all()

    def check_all(self) -> None:
        """Everything, whoever was touched."""
        self._since_full = 0
        self._raise(self._world.store.ask(_WHOLE))
        for conversation in sorted(self._records):
            self._check_history(conversation, whole=True)

    def _raise(self, found: list[tuple[Any, ...]]) -> None:
        """A page that is older than its request was made after the clock was put back: watch_audit.py knows when each was due."""
        for name, conversation, row in found:
            if name != Invariant.SAFETY_CALLED or not self._world.went_back:
                raise Broken(name, f"{Invariant(name).sentence} {conversation}, row {row}")

    def _of(self, conversation: str) -> Record:
        return self._records.setdefault(conversation, Record())

    def _check_history(self, conversation: str, *, whole: bool = False) -> None:
        record = self._of(conversation)
        known = 0 if whole else len(record.messages)
        for seq, message, author, epoch, client_id, text in self._world.store.ask(_MESSAGES, conversation, known):
            if seq <= len(record.messages):
                if record.messages[seq - 1] != (message, client_id):
                    raise Broken("order_kept", f"message {seq} of {conversation} is another one than before")
                continue
            if seq != len(record.messages) + 1:
                raise Broken("order_kept", f"after {len(record.messages)} comes {seq} in {conversation}")
            record.messages.append((message, client_id))
            if author == "bot":
                self._check_answer(record, text, epoch)
        self._check_acked(conversation, record)
        self._check_owner(conversation, record)
        for request, age in self._world.store.ask(_AGES, conversation):
            if record.ages.setdefault(request, age) != age:
                raise Broken("age_kept", f"request {request} is {age - record.ages[request]} ms younger than before")

    def _check_answer(self, record: Record, text: str, epoch: int) -> None:
        """One answer a turn, and in its own epoch."""
        for turn, asked_in in MARK.findall(text):
            if int(asked_in) != epoch:
                raise Broken("old_answer", f"turn {turn} of epoch {asked_in} was answered in epoch {epoch}")
            if turn in record.turns:
                raise Broken("answered_once", f"turn {turn} was answered twice")
            record.turns.add(turn)

    def _check_acked(self, conversation: str, record: Record) -> None:
        places = {client_id: place for place, (_, client_id) in enumerate(record.messages, 1) if client_id is not None}
        for client_id, seq in record.acked.items():
            if client_id not in places or seq not in (None, places[client_id]):
                raise Broken("acked_is_stored", f"{client_id} was acked as {seq} in {conversation} and is at {places.get(client_id)}")

    def _check_owner(self, conversation: str, record: Record) -> None:
        rows = self._world.store.ask(_ROW, conversation)
        if not rows:
            raise Broken("acked_is_stored", f"{conversation} is gone")
        _, owner, epoch, _ = rows[0]
        if epoch < record.epoch or (owner != record.owner and epoch == record.epoch):
            raise Broken("epoch_rises", f"{record.owner} of epoch {record.epoch} became {owner} of {epoch} in {conversation}")
        record.owner, record.epoch = owner, epoch

    def is_safe(self, conversation: str) -> None:
        """Words of danger were just taken in: a person has it, or is called to it, whatever the hour and whoever is there."""
        state, _, _, unsafe = self._world.store.ask(_ROW, conversation)[0]
        if state not in ("waiting", "human") or not unsafe:
            raise Broken("safety_delayed", f"{conversation} is {state}")

    def check_rest(self, now: datetime) -> None:
        """Every node has worked: nothing is due any more, and no lease is held by whoever is gone."""
        ended = round((now - timedelta(seconds=1)).timestamp() * 1000)
        left = self._world.store.ask("SELECT id, kind, state FROM job WHERE state = 'running' AND lease_until < ? OR state = 'dead'", ended)
        ahead = "SELECT 1 FROM job one WHERE one.key = job.key AND one.id < job.id AND one.state IN ('ready', 'running')"
        unclaimed = f"SELECT id, kind, state FROM job WHERE state = 'ready' AND attempts = 0 AND run_at <= ? AND NOT EXISTS ({ahead})"
        due = self._world.store.ask(unclaimed, ended)
        if left or due:
            raise Broken("jobs_are_done", f"{left + due}")

    def check_views(self) -> None:
        """At rest: what patients and staff are shown is what was stored, in the same order."""
        world = self._world
        for conversation, record in self._records.items():
            shown: list[str] = []
            more = True
            while more:
                found = drive(
                    world.nodes[0].desk.look(
                        patient_view.sync, world.nodes[0].desk.house, conversation, len(shown), world.nodes[0].desk.clock.now()
                    )
                )
                shown += [message["id"] for message in found["messages"]]
                more = found["more"]
            if shown != [message for message, _ in record.messages]:
                raise Broken("views_agree", f"the patient of {conversation} sees something else")
