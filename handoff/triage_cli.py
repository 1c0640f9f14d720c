"""`heard triage`: why a message is decided as it is, what changed rules would have decided, and how staff judged the arrivals."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from handoff.history import History, Message
from handoff.judged import Judged, judge
from handoff.replay import OUTCOMES, Replayed, episodes, replay
from handoff.routing_file import Routing, load_routing
from handoff.settings import Settings, load
from handoff.triage import Assessment, assess

triage = typer.Typer(help="What is decided, and why.", no_args_is_help=True)
console = Console(highlight=False)
RoutingOption = Annotated[Path | None, typer.Option("--routing", help="A rule file instead of config/routing.yml.")]


@triage.command("explain")
def explain(
    text: str,
    earlier: Annotated[list[str] | None, typer.Option(help="What the patient wrote before; may be given several times.")] = None,
    asked: Annotated[int, typer.Option(help="How often the open question was put.", min=1)] = 1,
    routing: RoutingOption = None,
) -> None:
    """Show what the rules alone decide about a message, and each rule that spoke for it. Nothing is stored."""
    now = datetime.now(UTC)
    before = earlier or []
    history = History(
        tuple(Message(str(number), said, now - timedelta(minutes=len(before) - number)) for number, said in enumerate(before)), asked=asked
    )
    made = assess(Message("this", text, now), None, history, _routing(load(), routing).rules)
    console.print(
        f"[bold]{made.level}[/], priority {made.priority}, topic {made.topic}, language {made.language or '?'}, rules {made.version}"
    )
    console.print(_evidence(made))


def _evidence(made: Assessment) -> Table:
    table = Table("reason", "rule", "points", "words", box=None)
    for place, cause in enumerate(made.causes):
        for one in cause.evidence:
            reason = cause.reason if place < made.enough else f"{cause.reason} (noted)"
            table.add_row(reason, Text(one.rule), f"{one.points:g}", Text(one.words))
    for danger, why in made.held:
        table.add_row("held back", Text(f"safety.{danger.danger}: {danger.rule}"), "", Text(f"{danger.words} ({why})"))
    if not made.causes and not made.held:
        table.add_row("none", "no rule speaks for a person", "", "")
    return table


@triage.command("replay")
def replay_stored(
    routing: RoutingOption = None,
    days: Annotated[int | None, typer.Option(help="Only conversations of so many days.", min=1)] = None,
    words: Annotated[bool, typer.Option("--words", help="Show the words that decided. They are the patients'.")] = False,
) -> None:
    """Run a rule file over stored conversations: what would have come to a person earlier, later, newly or not at all."""
    from handoff.cli import with_desk

    settings = load()
    rules = _routing(settings, routing).rules
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    found = with_desk(settings, lambda desk: desk.look(episodes, since))
    replayed = [replay(episode, rules) for episode in found]
    counts = Counter(one.outcome for one in replayed)
    console.print(f"Rules {rules.version} over {len(replayed)} episodes.")
    table = Table("outcome", "episodes", box=None)
    for outcome in OUTCOMES:
        table.add_row(outcome.replace("_", " "), str(counts[outcome]))
    console.print(table)
    changed = [one for one in replayed if one.outcome not in ("same", "never")]
    if changed:
        console.print(_changes(changed, words))


def _changes(changed: list[Replayed], words: bool) -> Table:
    table = Table("conversation", "episode", "outcome", "was at", "then at", "rule", *(["words"] if words else []), box=None)
    for one in sorted(changed, key=lambda one: (OUTCOMES.index(one.outcome), one.conversation, one.episode)):
        rule = one.rule if words else one.rule.partition(": ")[0]
        row = [one.conversation, str(one.episode), one.outcome.replace("_", " "), _at(one.was), _at(one.then)]
        table.add_row(*row, Text(rule), *([Text(one.words)] if words else []))
    return table


@triage.command("report")
def report() -> None:
    """Show for each rule how staff judged the arrivals it led to: precision, and handoffs that were missed."""
    from handoff.cli import with_desk

    found = with_desk(load(), lambda desk: desk.look(judge))
    if not found:
        console.print("Nothing has come to a person yet.")
        return
    table = Table("rule", "arrivals", "right", "too early", "too late", "wrong team", "precision", "missed", box=None)
    for one in found:
        table.add_row(Text(one.rule), str(one.arrivals), *(str(count) for count in one.marks.values()), _share(one), str(one.missed))
    console.print(table)
    console.print(
        "Precision: of the arrivals that were marked, how many were not too early. Missed: too late, or found by staff themselves."
    )


def _share(judged: Judged) -> str:
    return "-" if judged.precision is None else f"{judged.precision:.0%}"


def _at(place: int | None) -> str:
    return "-" if place is None else str(place)


def _routing(settings: Settings, path: Path | None) -> Routing:
    return load_routing(
        path or settings.config_dir / "routing.yml", country=settings.country, zone=settings.zone, countries=settings.countries
    )
