"""`heard triage`: why a message is decided as it is, what changed rules would have decided, and how staff judged the arrivals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from handoff import replay_lines
from handoff.episodes import episodes
from handoff.history import History, Message
from handoff.judged import Judged, judge
from handoff.replay import replay
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
    days: Annotated[int | None, typer.Option(help="Only episodes in which a patient wrote in the last so many days.", min=1)] = None,
    words: Annotated[bool, typer.Option("--words", help="Show the words that decided. They are the patients'.")] = False,
) -> None:
    """Run a rule file over stored conversations: what would have come to a person earlier, later, newly or not at all, and which alarms."""
    from handoff.cli import with_desk

    settings = load()
    rules = _routing(settings, routing).rules
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    replayed = [replay(episode, rules) for episode in with_desk(settings, lambda desk: desk.look(episodes, since))]
    console.print(f"Rules {rules.version} over {len(replayed)} episodes.")
    console.print(replay_lines.summary(replayed))
    for line in replay_lines.lines(replayed, words=words):
        console.print(line, markup=False, soft_wrap=True)


@triage.command("report")
def report() -> None:
    """Show for each rule, and each version of the rules, how staff judged the arrivals: precision, and handoffs that were missed."""
    from handoff.cli import with_desk

    found = with_desk(load(), lambda desk: desk.look(judge))
    if not found:
        console.print("Nothing has come to a person yet.")
        return
    table = Table("rule", "version", "arrivals", "right", "too early", "too late", "wrong team", "precision", "missed", box=None)
    for one in found:
        counts = (str(count) for count in (one.arrivals, *one.marks.values()))
        table.add_row(Text(one.rule), Text(one.version or "-"), *counts, _share(one), str(one.missed))
    console.print(table)
    console.print(
        "Precision: of the arrivals that were marked, how many were not too early. Missed: too late, or found by staff themselves. "
        "Version: of config/routing.yml, with a mark of what was in it."
    )


def _share(judged: Judged) -> str:
    return "-" if judged.precision is None else f"{judged.precision:.0%}"


def _routing(settings: Settings, path: Path | None) -> Routing:
    return load_routing(path or settings.config_dir / "routing.yml", country=settings.country, zone=settings.zone)
