"""`make bench`: stock Rasa, our bot, the whole way, the relay and the acks, in one run on this machine; about eight minutes.

Nothing runs beside what is measured but the load generator, which is a process of its own.
"""

from __future__ import annotations

import json
import platform
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

import psutil
from rich.console import Console

from handoff.staff import presence
from tests.bench import relay, routing, stock, texts, turns, way
from tests.bench.figures import Figures
from tests.bench.heads import LONGEST
from tests.bench.machine import SECRET, Failed, Machine
from tests.bench.table import Row, show

TIMES, SHARE = 3.0, 0.8  # our bot against stock Rasa; the whole way against our bot
HEADS_P99 = 25.0  # milliseconds for all that is understood of one message
DECISION, RENEWAL_SHARE = 20.0, 0.05  # milliseconds; share of a core
ACK_P50, ACK_P99, RELAY_P95 = 20.0, 150.0, 25.0  # milliseconds
console = Console(highlight=False)


@dataclass
class Found:
    """All that was measured. `memory` is in megabytes."""

    stock: Figures
    bot: Figures
    bare: Figures
    relay: Figures
    way: Figures
    acks: Figures
    texts: dict[str, Figures]
    heads: list[Figures]
    line: list[Figures]
    trained: dict[str, float]
    started: dict[str, float]
    memory: dict[str, float]


def measure(machine: Machine) -> Found:
    trained, memory = {}, {}
    say("The heads, one core …")
    *heads, megabytes = machine.run("heads", "tests.bench.heads").splitlines()
    memory["heads"] = float(megabytes)
    say("The line: who is offered what …")
    line = [Figures(**json.loads(printed)) for printed in machine.run("routing", "tests.bench.routing").splitlines()]
    stock.lay_out(machine.folder / "stock")
    say("Training stock Rasa (a minute or two) …")
    trained["stock"] = timed(machine, "train-stock", "rasa", "train", *stock.TRAIN)
    say("Stock Rasa, 20 patients …")
    machine.start("stock", "rasa", "run", *stock.RUN, "--port", str(machine.ports["stock"]), ready="/webhooks/rest/")
    stock_figures = load(machine, "turns", "stock", machine.urls["stock"], SECRET)[0]
    memory["stock"] = machine.megabytes("stock")
    machine.end("stock")

    say("Training our bot …")
    trained["bot"] = timed(machine, "train-bot", "handoff", "train", "--no-report")
    machine.run("upgrade", "handoff", "db", "upgrade")
    codes = [_code(machine, number) for number in range(relay.PAIRS)]
    machine.start("actions", "actions.server", ready="/health")
    machine.start("bot", "bot.server", ready="/webhooks/heard/ready")
    say("Our bot, 20 patients …")
    bot = load(machine, "turns", "bot", machine.urls["bot"], SECRET)[0]

    say("The relay between patients and staff …")
    machine.start("echo", "tests.bench.echo", str(machine.ports["echo"]), ready="/ready")
    bare = load(machine, "relay", "bare", machine.urls["echo"])[0]
    machine.end("echo")
    machine.start("service", "handoff", "serve", ready="/readyz")
    relayed = load(machine, "relay", "service", machine.urls["service"], *codes)[0]
    say(f"The whole way: opening {way.SOCKETS} chats, then 20 patients, then {way.PER_SECOND} messages a second …")
    whole, acks = load(machine, "way", machine.urls["service"])
    memory |= {name: machine.megabytes(name) for name in ("bot", "actions", "service")}
    machine.end("service")
    say("Texts that come in while the bot takes ten seconds, and while it is down …")
    came_in = {bot: load(machine, "texts", bot)[0] for bot in ("slow", "down")}
    understood = [Figures(**json.loads(printed)) for printed in heads]
    return Found(stock_figures, bot, bare, relayed, whole, acks, came_in, understood, line, trained, machine.start_seconds, memory)


def timed(machine: Machine, name: str, *module: str) -> float:
    began = time.monotonic()
    machine.run(name, *module)
    return time.monotonic() - began


def load(machine: Machine, module: str, *given: str) -> list[Figures]:
    """Run a load generator; the figures it prints, one a line."""
    printed = machine.run("load", f"tests.bench.{module}", *given)
    return [Figures(**json.loads(line)) for line in printed.splitlines()]


def sections(found: Found) -> dict[str, list[Row]]:
    usual, long = found.heads
    a, b, c = found.stock.per_second, found.bot.per_second, found.way.per_second
    rules, look, renewal = found.line
    share = renewal.p50 / 1000 / presence.RENEW_EVERY
    people = f"{turns.PATIENTS} patients at once"
    return {
        f"Turns, {people}": [
            Row("stock Rasa 3.6.21, REST channel", _turns(found.stock)),
            Row("our bot, its connector", f"{_turns(found.bot)}; {b / a:.1f} x stock", f"{TIMES:g} x stock", b >= TIMES * a),
            Row("the whole way, stored", f"{_turns(found.way)}; {c / b:.2f} of the bot", f"{SHARE:g} of the bot", c >= SHARE * b),
        ],
        f"Relay patient ⇄ staff, {relay.PAIRS} pairs, {found.relay.per_second:.0f} messages a second": [
            Row("bare python-socketio", f"p50 {found.bare.p50:.1f} ms, p95 {found.bare.p95:.1f} ms"),
            Row(
                "through the service, stored",
                f"p50 {found.relay.p50:.1f} ms, p95 {found.relay.p95:.1f} ms",
                f"p95 {RELAY_P95:g} ms",
                found.relay.p95 <= RELAY_P95,
            ),
        ],
        f"Acks at {way.PER_SECOND} messages a second, {way.SOCKETS} sockets": [
            Row("p50", f"{found.acks.p50:.1f} ms", f"{ACK_P50:g} ms", found.acks.p50 <= ACK_P50),
            Row("p99", f"{found.acks.p99:.1f} ms", f"{ACK_P99:g} ms", found.acks.p99 <= ACK_P99),
        ],
        f"Webhooks of texts at {texts.PER_SECOND} a second": [
            Row(
                f"while the bot is {bot}",
                f"p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms",
                f"p99 {texts.LONGEST:g} ms",
                one.p99 <= texts.LONGEST,
            )
            for bot, one in found.texts.items()
        ],
        "Understanding one message: encoder and all heads, one core": [
            Row(f"{usual.count} messages of our own", _milliseconds(usual), f"p99 {HEADS_P99:g} ms", usual.p99 <= HEADS_P99),
            Row(f"{long.count} of {LONGEST:,} characters", _milliseconds(long)),
            Row("memory that they add", f"{found.memory['heads']:.0f} MB"),
        ],
        f"The line, {routing.WAITING} waiting and {routing.STAFF} staff, CPU of one core": [
            Row("one decision", f"p50 {rules.p50:.1f} ms, p95 {rules.p95:.1f} ms", f"p95 {DECISION:g} ms", rules.p95 <= DECISION),
            Row("with all that is read for it", f"p50 {look.p50:.1f} ms, p95 {look.p95:.1f} ms"),
            Row(
                f"presence of {routing.CONSOLES} consoles",
                f"{renewal.p50:.1f} ms every {presence.RENEW_EVERY:g} s, {share:.2%} of a core",
                f"{RENEWAL_SHARE:.0%}",
                share <= RENEWAL_SHARE,
            ),
        ],
        "Processes": [
            Row(name, ", ".join(_process(found, key)))
            for key, name in {"stock": "stock Rasa", "bot": "bot", "actions": "actions", "service": "service"}.items()
        ],
    }


def _turns(one: Figures) -> str:
    return f"{one.per_second:.1f} a second, p50 {one.p50:.0f} ms, p95 {one.p95:.0f} ms"


def _milliseconds(one: Figures) -> str:
    return f"p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms, worst {one.worst:.1f} ms"


def _process(found: Found, name: str) -> list[str]:
    said = [f"start {found.started[name]:.1f} s", f"memory {found.memory[name]:.0f} MB"]
    return [*said, f"training {found.trained[name]:.0f} s"] if name in found.trained else said


def _code(machine: Machine, number: int) -> str:
    """A new member of staff's sign-in code."""
    link = machine.run("staff", "handoff", "staff", "add", f"s{number}@clinic.example", "--name", f"Staff {number}")
    return link.strip().partition("#code=")[2]


def say(text: str) -> None:
    console.print(text, style="dim")


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    began = time.monotonic()
    load_before = psutil.getloadavg()[0]
    try:
        with Machine() as machine:
            found = measure(machine)
    except Failed as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    where = f"{psutil.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; load {load_before:.1f} before the start"
    show(console, sections(found), (*stock.DIFFERENCES, f"{where}; {time.monotonic() - began:.0f} s."))
    return 0


if __name__ == "__main__":
    sys.exit(main())
