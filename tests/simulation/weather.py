"""What befalls the clinic: nodes work, die and come back, the bot has its moods, the provider reports, and time passes or jumps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handoff.desk import call_hooks, deliveries
from handoff.desk.call_hooks import Told
from tests.simulation.bot import MOODS
from tests.simulation.phone import LIVE, Made
from tests.simulation.world import World

CHANGES = (datetime(2026, 11, 1, 6, 0, tzinfo=UTC), datetime(2027, 3, 14, 7, 0, tzinfo=UTC), datetime(2028, 2, 29, 5, 0, tzinfo=UTC))
ENDS = ("delivered", "undelivered", "failed")
REPORTS = (("sent", None), ("delivered", None), ("delivered", None), ("undelivered", 30003), ("undelivered", 30006), ("failed", 30007))


def works(world: World) -> None:
    node = world.node()
    if node is not None:
        node.work(world.chance, most=world.chance.randint(1, 4))


def hears_late(world: World) -> None:
    """A machine that was slow answers."""
    node = world.node()
    if node is not None:
        node.hears_late(world.chance)


def is_killed(world: World) -> None:
    node = world.node()
    if node is not None:
        node.kill()
        for member in world.staff:
            member.sockets = {socket: where for socket, where in member.sockets.items() if where != node.name}


def starts(world: World) -> None:
    dead = [node for node in world.nodes if not node.alive]
    if dead:
        world.chance.choice(dead).start()


def changes_mood(world: World) -> None:
    world.mood = world.chance.choice(MOODS)


def seconds_pass(world: World) -> None:
    world.pass_time(timedelta(seconds=world.chance.randint(1, 25)))


def minutes_pass(world: World) -> None:
    world.pass_time(timedelta(minutes=world.chance.randint(1, 15)))


def works_on(world: World) -> None:
    """An ordinary minute or two, in which every living node does in time what is due."""
    for _ in range(world.chance.randint(2, 6)):
        world.keep_up(timedelta(seconds=world.chance.choice((8, 15, 18))))


def catches_up(world: World) -> None:
    """A quiet minute: all that must have come about by then has."""
    world.catch_up()


def a_call_is_due(world: World) -> None:
    """The time that a patient chose has come."""
    now = round(world.clock.now().timestamp() * 1000)
    ((due,),) = world.store.ask("SELECT MIN(window_from) FROM callback WHERE closed_at IS NULL AND window_from > ?", now)
    if due is not None:
        world.pass_time(timedelta(milliseconds=due - now + 1000))


def jumps(world: World) -> None:
    """The machines slept: nobody renewed anything."""
    world.clock.at += world.chance.choice(
        (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=9), timedelta(days=1), timedelta(days=4))
    )


def goes_back(world: World) -> None:
    """Somebody puts the machines' clock right, and whoever lives renews at once."""
    alive = [node for node in world.nodes if node.alive]
    world.went_back = True
    world.clock.at -= world.chance.choice((timedelta(minutes=2), timedelta(hours=1), timedelta(hours=5)))
    for node in alive:
        node.renew()


def jumps_to_a_change(world: World) -> None:
    """To just before the clocks of the clinic are changed."""
    ahead = [change for change in CHANGES if change > world.clock.now()]
    if ahead:
        world.clock.at = max(world.clock.at, ahead[0] - timedelta(minutes=world.chance.randint(1, 90)))


def reports(world: World) -> None:
    """The provider tells what became of a text or a call; late, twice, in any order."""
    node, told = world.node(), [*world.texts[-6:], *(made for made in world.calls[-4:] if made.state in LIVE)]
    if node is None or not told:
        return
    made = world.chance.choice(told)
    if made in world.calls:
        _rings_on(world, made)
    else:
        state, made.error = (made.state, made.error) if made.state in ENDS else world.chance.choice(REPORTS)
        made.state = state
        world.do(node, deliveries.reported, made.ours, made.attempt, made.sid, state, made.error, world.clock.now())


def _rings_on(world: World, made: Made) -> None:
    node = world.node()
    if node is None:
        return
    made.sequence += 1
    dice = world.chance.random()
    told = Told(made.ours, made.callback, made.attempt, made.sid, sequence=str(made.sequence), digits="1" if dice < 0.8 else "")
    if dice < 0.25:
        made.state = world.chance.choice(("ringing", "completed", "busy", "no-answer", "failed"))
        world.do(node, call_hooks.reported, Told(made.ours, made.callback, made.attempt, made.sid, made.state, str(made.sequence)))
        return
    made.state = "in-progress"
    ((side,),) = world.store.ask("SELECT leg FROM call WHERE id = ?", made.ours)
    if side == "patient":
        answered_by = world.chance.choice(("human", "human", "machine_start", "unknown"))
        world.do(node, call_hooks.patient_picked_up, Told(made.ours, made.callback, made.attempt, made.sid, answered_by=answered_by))
    else:
        world.do(node, call_hooks.staff_picked_up, told)
        world.do(node, call_hooks.staff_pressed, told)
