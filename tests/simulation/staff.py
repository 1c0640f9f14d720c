"""What staff do: come and go, take, write, park, pass on, hand back, close, and phone patients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from handoff.desk import callback_acts, offers, passing_on, staff
from handoff.errors import AlreadyTaken, BadInput, IllegalMove, NotAllowed, NotFound, NotYours, OfferOver
from handoff.staff import presence
from tests.simulation.auditor import Broken
from tests.simulation.node import SimNode
from tests.simulation.world import TEXTERS, Member, World

REFUSED = (
    AlreadyTaken,
    NotAllowed,
    NotYours,
    IllegalMove,
    BadInput,
    NotFound,
    OfferOver,
)  # what staff may be told; anything else is a fault


def arrives(world: World) -> None:
    node, member = world.node(), world.chance.choice(world.staff)
    if node is not None and len(member.sockets) < 2:
        socket = world.new_name()
        world.do(node, presence.arrive, socket, member.person.id)
        member.sockets[socket] = node.name


def leaves(world: World) -> None:
    """A socket is closed in order."""
    member = world.chance.choice(world.staff)
    node = next((node for node in world.nodes if node.alive and node.name in member.sockets.values()), None)
    if node is not None:
        socket = next(socket for socket, where in member.sockets.items() if where == node.name)
        del member.sockets[socket]
        world.do(node, presence.leave, socket)


def closes_the_laptop(world: World) -> None:
    """Gone without a word: the lease runs out."""
    world.chance.choice(world.staff).sockets.clear()


def is_available(world: World) -> None:
    """Whoever is away mostly comes back."""
    node, member = world.node(), world.chance.choice(world.staff)
    ((available,),) = world.store.ask("SELECT available FROM staff WHERE id = ?", member.person.id)
    if node is not None:
        world.do(node, staff.set_available, member.person, world.chance.random() < (0.5 if available else 0.9))


def _somebody(world: World, *states: str, own: bool = False) -> tuple[SimNode, Member, str] | None:
    """A node, a member of staff, and a conversation in one of `states`; `own`: one that is theirs."""
    node = world.node()
    marks = ", ".join("?" * len(states))
    found = world.store.ask(f"SELECT id, owner FROM conversation WHERE state IN ({marks}) ORDER BY id", *states)
    if node is None or not found:
        return None
    conversation, owner = world.chance.choice(found)
    member = world.chance.choice(world.staff)
    if own:
        member = next((member for member in world.staff if owner == f"staff:{member.person.id}"), member)
    return node, member, conversation


def _try(world: World, node: SimNode, deed: Callable[..., Any], *args: Any) -> bool:
    try:
        world.do(node, deed, *args)
    except REFUSED:
        return False
    return True


def takes(world: World) -> None:
    """Mostly what waits; two may try at once, and one has it then."""
    dice = world.chance.random()
    chosen = _somebody(world, "waiting") if dice < 0.8 else _somebody(world, "bot", "choosing", "parked", "closed", "human")
    if chosen is None:
        return
    _take(world, *chosen)


def _take(world: World, node: SimNode, member: Member, conversation: str) -> None:
    before = world.store.ask("SELECT state, owner FROM conversation WHERE id = ?", conversation)[0]
    took = _try(world, node, staff.take, member.person, conversation)
    owner = world.store.ask("SELECT owner FROM conversation WHERE id = ?", conversation)[0][0]
    if took and owner != f"staff:{member.person.id}":
        raise Broken("one_owner", f"{member.person.id} took {conversation}, which is {owner}'s")
    if took and before[0] == "human" and before[1] != owner:
        raise Broken("one_owner", f"{conversation} was taken from {before[1]}")


def writes(world: World) -> None:
    chosen = _somebody(world, "human", "parked", "waiting", own=True)
    if chosen is None:
        return
    node, member, conversation = chosen
    client_id = world.new_name()
    try:
        written = world.do(node, staff.write, member.person, conversation, client_id, "I am looking into it")
    except REFUSED:
        return
    world.auditor.acked(conversation, client_id, written.seq)


def parks(world: World) -> None:
    chosen = _somebody(world, "human", own=True)
    if chosen is not None:
        node, member, conversation = chosen
        _try(world, node, passing_on.park, member.person, conversation)


def passes_on(world: World) -> None:
    chosen = _somebody(world, "human", own=True)
    if chosen is not None:
        node, member, conversation = chosen
        to = world.chance.choice([one.person.id for one in world.staff])
        team = world.chance.choice(list(world.roster.crews))
        target = {"team": team, "to": None} if world.chance.random() < 0.3 else {"team": None, "to": to}
        _try(world, node, partial(passing_on.transfer, **target, note=""), member.person, conversation)


def _asked(world: World) -> tuple[SimNode, Member, str, str | None] | None:
    """A node, somebody before whom something is, its conversation, and the promised call that it is, if it is one."""
    node = world.node()
    found = world.store.ask("SELECT conversation, staff, callback FROM offer WHERE state = 'pending' ORDER BY id")
    if node is None or not found:
        return None
    conversation, asked, callback = world.chance.choice(found)
    return node, next(one for one in world.staff if one.person.id == asked), conversation, callback


def rejects(world: World) -> None:
    """What is offered is sent on to the next, by whoever has it before them."""
    asked = _asked(world)
    if asked is not None:
        node, member, conversation, _ = asked
        _try(world, node, passing_on.reject, member.person, conversation, world.chance.choice(offers.REASONS))


def accepts(world: World) -> None:
    """Takes what they are asked about."""
    asked = _asked(world)
    if asked is not None:
        node, member, conversation, callback = asked
        if callback is None:
            _take(world, node, member, conversation)
        else:
            _try(world, node, callback_acts.claim, member.person, callback)


def hands_back(world: World) -> None:
    chosen = _somebody(world, "human", "parked", own=True)
    if chosen is not None:
        node, member, conversation = chosen
        _try(world, node, staff.hand_back, member.person, conversation)


def closes(world: World) -> None:
    chosen = _somebody(world, "human", "parked", own=True)
    if chosen is not None:
        node, member, conversation = chosen
        _try(world, node, staff.close, member.person, conversation, world.chance.choice(staff.OUTCOMES))


def plans_a_call(world: World) -> None:
    chosen = _somebody(world, "bot", "choosing", "waiting", "human", "closed")
    if chosen is not None:
        node, member, conversation = chosen
        window = world.chance.choice(node.desk.house.hours.windows(world.clock.now(), 4))
        _try(world, node, callback_acts.plan_one, member.person, conversation, world.chance.choice(TEXTERS), window, "")


def sees_to_a_call(world: World) -> None:
    """Takes a promised call, rings, gives it back, moves it, or notes how it went."""
    node, member = world.node(), world.chance.choice(world.staff)
    found = world.store.ask("SELECT id, staff FROM callback WHERE closed_at IS NULL ORDER BY id")
    if node is None or not found:
        return
    callback, holder = world.chance.choice(found)
    member = next((one for one in world.staff if one.person.id == holder), member)
    what = world.chance.choice(("claim", "call", "call", "release", "move", "log", "log"))
    if what == "claim":
        _try(world, node, callback_acts.claim, member.person, callback)
    elif what == "call":
        _try(world, node, callback_acts.call_now, member.person, callback)
    elif what == "release":
        _try(world, node, callback_acts.release, member.person, callback)
    elif what == "move":
        window = world.chance.choice(node.desk.house.hours.windows(world.clock.now(), 4))
        _try(world, node, callback_acts.move, member.person, callback, window)
    else:
        _try(world, node, callback_acts.log_attempt, member.person, callback, world.chance.choice(list(callback_acts.OUTCOMES)), "")
