"""The phone provider of a simulated world: takes, refuses, is slow, or takes and does not say so. It remembers what it really did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from handoff.desk.text_limits import JUST_WROTE
from handoff.phone import Created, ListedCall, ListedText, Refused, Uncertain
from handoff.quiet import quiet_until
from handoff.zones import zones_of
from tests.simulation.auditor import Broken
from tests.simulation.store import Pause

if TYPE_CHECKING:
    from tests.simulation.world import World

LIVE = ("queued", "ringing", "in-progress")
PATIENCE = timedelta(seconds=10)
REFUSALS = (20429, 21610, 21211, 30001, 20003)


@dataclass
class Made:
    """A text or a call that exists at the provider. `ours`: our id of it, from the URL that it reports to."""

    sid: str
    to: str
    ours: str
    body: str
    at: datetime
    attempt: int
    state: str = "queued"
    callback: str = ""
    sequence: int = 0
    error: int | None = None

    def listed(self) -> ListedText:
        return ListedText(self.sid, "outbound-api", "", self.to, self.body, self.state, self.error, 0, self.at)


class SimPhone:
    def __init__(self, world: World) -> None:
        self._world = world

    async def send_text(self, *, to: str, sender: str, body: str, status_url: str, validity: int | None = None) -> Created:
        told = {name: values[0] for name, values in parse_qs(urlsplit(status_url).query).items()}
        self._check(to, told["m"])
        made = await self._create(self._world.texts, to, told["m"], body, int(told["n"]))
        return Created(made.sid, "queued")

    def _check(self, to: str, ours: str) -> None:
        """Nobody is texted at night unasked, or after they said stop, or twice."""
        world = self._world
        if any(made.ours == ours and made.state not in ("failed", "undelivered") for made in world.texts):
            raise Broken("texted_once", f"text {ours} is sent twice")
        ((conversation, purpose, left_at),) = world.store.ask(
            "SELECT conversation, purpose, created_at FROM outbound_text WHERE id = ?", ours
        )
        stopped = world.store.ask("SELECT at FROM opt_out WHERE number = ?", to)
        if stopped and not (purpose == "notice" and stopped[0][0] == left_at):
            raise Broken("stop_means_stop", f"text {ours} is sent after STOP")
        ((wrote,),) = world.store.ask("SELECT last_patient_at FROM conversation WHERE id = ?", conversation)
        just_wrote = wrote is not None and wrote >= round((world.clock.now() - JUST_WROTE).timestamp() * 1000)
        quiet = quiet_until(world.clock.now(), zones_of(to, world.settings.zone))
        if quiet is not None and purpose not in ("staff", "safety", "page") and not just_wrote:
            raise Broken("quiet_hours", f"text {ours} is sent at night")

    async def place_call(self, *, to: str, sender: str, url: str, status_url: str, ring: int, detect_machine: bool = False) -> Created:
        told = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if any(made.ours == told["call"] for made in self._world.calls):
            raise Broken("called_once", f"call {told['call']} is placed twice")
        made = await self._create(self._world.calls, to, told["call"], "", int(told["attempt"]))
        made.callback = told["callback"]
        return Created(made.sid, "queued")

    async def _create(self, made_before: list[Made], to: str, ours: str, body: str, attempt: int) -> Made:
        chance = self._world.chance
        dice = chance.random()
        if dice < 0.08:
            raise Refused(chance.choice(REFUSALS), 400)
        if dice < 0.14:
            raise Uncertain
        made = Made(f"XX{next(self._world.sids):032x}", to, ours, body, self._world.clock.now(), attempt)
        if dice < 0.3:
            await Pause()
            if self._world.clock.now() - made.at > PATIENCE:  # whoever slept so long has hung up, and the provider heard nothing
                raise Uncertain
        made_before.append(made)
        if dice < 0.4:
            await Pause()
        if dice > 0.94:
            raise Uncertain
        return made

    async def texts(self, *, to: str | None = None, sender: str | None = None, since: datetime) -> list[ListedText]:
        self._may_fail()
        return [made.listed() for made in reversed(self._world.texts) if made.to == to and made.at >= since - timedelta(seconds=1)]

    async def text(self, sid: str) -> ListedText:
        self._may_fail()
        return next(made for made in self._world.texts if made.sid == sid).listed()

    async def calls(self, *, to: str, since: datetime) -> list[ListedCall]:
        self._may_fail()
        found = [made for made in reversed(self._world.calls) if made.to == to and made.at >= since - timedelta(seconds=1)]
        return [ListedCall(made.sid, made.state, None, None) for made in found]

    async def call(self, sid: str) -> ListedCall:
        self._may_fail()
        made = next((made for made in self._world.calls if made.sid == sid), None)
        if made is None:
            raise Refused(20404, 404)
        return ListedCall(made.sid, made.state, None, None)

    async def hang_up(self, sid: str) -> None:
        self._may_fail()
        made = next((made for made in self._world.calls if made.sid == sid), None)
        if made is None or made.state not in LIVE:
            raise Refused(21220, 400)
        made.state = "completed"

    def _may_fail(self) -> None:
        if self._world.chance.random() < 0.1:
            raise Uncertain

    async def close(self) -> None:
        return None
