"""What patients do, on the website and by text; what they send may come late, or twice."""

from __future__ import annotations

from collections.abc import Callable

from handoff.channels import Inbound
from handoff.channels.sms import TextIn
from handoff.danger import find_danger
from handoff.desk import patients, sessions, texts_in
from handoff.errors import OldButton
from tests.simulation.auditor import Broken
from tests.simulation.node import SimNode
from tests.simulation.world import TEXTERS, WEB, InTransit, World
from tests.twilio import OURS

WORDS = (
    "it was quite good, thank you",
    "the nurse was kind but I waited two hours and nobody told me why",
    "I want to talk to a person",
    "this is useless, I ALREADY TOLD YOU!!!",
    "2",
    "yes please",
    "no",
    "please call me back",
    "chat with a person",
    "leave a message",
    "call it off",
    "I was charged twice and my records are wrong",
    "tomorrow morning",
    "202 555 0188",
    "five",
    "stop waiting",
    "my medication was changed and nobody told me about the side effects",
    "the receptionist was rude",
    "quiero hablar con una persona",
    "esperé dos horas y nadie me dijo nada",
)
DANGER = ("I want to kill myself", "I took an overdose", "my father hits me and I am afraid", "quiero matarme")
_CHAT_NOW = """
SELECT m.id || '.' || shown.key FROM message AS m, json_each(m.buttons) AS shown JOIN conversation AS c ON c.id = m.conversation
WHERE m.conversation = ? AND m.seq = c.last_seq AND c.state = 'choosing' AND json_extract(shown.value, '$.payload') = 'chat_now'"""
TEXT_ONLY = ("STOP", "STOP", "please stop texting me", "START", "HELP")


def opens(world: World) -> None:
    """Somebody opens the page, anew or again."""
    node, who = world.node(), world.chance.randrange(WEB)
    if node is not None and who not in world.patients:
        locale = world.chance.choice(("en", "en", "en", "es"))
        opened = world.do(node, sessions.open_session, secret=None, site="https://a.example", protocol="widget", locale=locale)
        world.patients[who] = opened.conversation


def _sender(world: World) -> tuple[SimNode, str] | None:
    """A node that lives, and somebody's conversation on the website."""
    node = world.node()
    if node is None or not world.patients:
        return None
    return node, world.chance.choice(list(world.patients.values()))


def _send(world: World, node: SimNode, inbound: Inbound) -> None:
    """Send it, and perhaps once more later, under the same id."""

    def deliver(at: SimNode = node) -> None:
        if inbound.conversation in world.gone:
            return
        try:
            receipt = world.do(at, patients.receive, inbound)
        except OldButton:
            return
        world.auditor.acked(inbound.conversation, inbound.client_id, receipt.seq)
        if find_danger(inbound.text, node.desk.house.routing.safety) is not None and not receipt.known:
            world.auditor.is_safe(inbound.conversation)

    if world.chance.random() < 0.1:
        world.in_transit.append(InTransit(lambda: _at_a_node(world, deliver)))
    if world.chance.random() < 0.9:
        deliver()


def _at_a_node(world: World, deliver: Callable[[SimNode], None]) -> None:
    node = world.node()
    if node is not None:
        deliver(node)


def writes(world: World) -> None:
    sender = _sender(world)
    if sender is not None:
        node, conversation = sender
        _send(world, node, Inbound(conversation, world.new_name(), world.chance.choice(WORDS)))


def is_in_danger(world: World) -> None:
    sender = _sender(world)
    if sender is not None:
        node, conversation = sender
        _send(world, node, Inbound(conversation, world.new_name(), world.chance.choice(DANGER)))


def asks_for_a_person(world: World) -> None:
    sender = _sender(world)
    if sender is not None:
        node, conversation = sender
        _send(world, node, Inbound(conversation, world.new_name(), button="person"))


def joins_the_line(world: World) -> None:
    """Asks for a person, and chooses to wait for one where that is shown."""
    sender = _sender(world)
    if sender is None:
        return
    node, conversation = sender
    _send(world, node, Inbound(conversation, world.new_name(), button="person"))
    found = world.store.ask(_CHAT_NOW, conversation)
    if found:
        _send(world, node, Inbound(conversation, world.new_name(), button=found[0][0]))


def presses(world: World) -> None:
    """A button of the newest message that has any; sometimes one of an older message."""
    sender = _sender(world)
    if sender is None:
        return
    node, conversation = sender
    shown = world.store.ask(
        "SELECT id, json_array_length(buttons) FROM message WHERE conversation = ? AND buttons <> '[]' ORDER BY seq DESC LIMIT 2",
        conversation,
    )
    if shown:
        message, buttons = shown[0 if world.chance.random() < 0.9 else -1]
        _send(world, node, Inbound(conversation, world.new_name(), button=f"{message}.{world.chance.randrange(buttons)}"))


def leaves(world: World) -> None:
    sender = _sender(world)
    if sender is not None:
        node, conversation = sender
        client_id = world.new_name()
        world.do(node, patients.end, conversation, client_id)


def comes_late(world: World) -> None:
    """What was on its way arrives, perhaps for the second time, perhaps not for the last."""
    if world.in_transit:
        message = world.chance.choice(world.in_transit)
        if world.chance.random() < 0.7:
            world.in_transit.remove(message)
        message.deliver()


def texts(world: World) -> None:
    node = world.node()
    if node is None:
        return
    number, dice = world.chance.choice(TEXTERS), world.chance.random()
    body = world.chance.choice(TEXT_ONLY if dice < 0.25 else DANGER if dice < 0.29 else WORDS)
    text = TextIn(f"SM{len(world.in_transit) + world.count:032x}", number, OURS, body)
    world.count += 1

    def deliver(at: SimNode = node) -> None:
        new = world.do(at, texts_in.take_in, text)
        found = world.store.ask("SELECT conversation FROM message WHERE client_id = ?", text.sid)
        forgotten = world.store.ask("SELECT 1 FROM forgotten_text WHERE sid = ?", text.sid)
        if not found and not forgotten:
            raise Broken("acked_is_stored", f"text {text.sid} was taken in and is nowhere")
        for (conversation,) in found:
            world.auditor.acked(conversation, text.sid, None)
            if new and body in DANGER:
                world.auditor.is_safe(conversation)

    deliver()
    if world.chance.random() < 0.2:
        world.in_transit.append(InTransit(lambda: _at_a_node(world, deliver)))
