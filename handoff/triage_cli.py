"""`heard triage`: why a message is decided as it is, what changed rules would have decided, and how staff judged the arrivals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from handoff import explain_lines, replay_lines
from handoff.episodes import episodes
from handoff.errors import EmptyMessage
from handoff.heads_here import RULES_ONLY, ask_heads
from handoff.history import History, Message
from handoff.judged import Judged, judge
from handoff.own_desk import with_desk
from handoff.replay import replay
from handoff.routing_file import Routing, load_routing
from handoff.screen_table import screen_table, show
from handoff.settings import Settings, load
from handoff.triage import assess
from handoff.yaml_text import read_text

triage = typer.Typer(help="What is decided, and why.", no_args_is_help=True)
console = Console(highlight=False)
RoutingOption = Annotated[Path | None, typer.Option("--routing", help="A rule file instead of config/routing.yml.")]


@triage.command("explain", context_settings={"ignore_unknown_options": True})  # "-5 out of 10" is a text, no option
def explain(
    text: Annotated[str, typer.Argument(help="What a patient writes, in quotes.")],
    earlier: Annotated[list[str] | None, typer.Option(help="What the patient wrote before; may be given several times.")] = None,
    asked: Annotated[int, typer.Option(help="How often the open question was put.", min=1)] = 1,
    question: Annotated[str, typer.Option(help="The question it answers, in English words, as the heads are told it.")] = "",
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Do not ask the heads.")] = False,
    routing: RoutingOption = None,
) -> None:
    """Show what is decided about a message, and each phrase, sign or head that spoke for it. Nothing is stored.

    The rules decide, with the heads as the service hears them where they are installed; the bot's own intent is not asked here.
    """
    if not text.strip():
        raise EmptyMessage
    now = datetime.now(UTC)
    before = earlier or []
    history = History(
        tuple(Message(str(number), said, now - timedelta(minutes=len(before) - number)) for number, said in enumerate(before)), asked=asked
    )
    settings = load()
    rules = _routing(settings, routing).rules
    understood, asked_of = (None, RULES_ONLY) if rules_only else ask_heads(text, question, settings.encoder)
    made = assess(Message("this", text, now), understood, history, rules)
    for line in (*explain_lines.lines(made, read_text(_path(settings, routing))), asked_of):
        console.print(line, markup=False, soft_wrap=True)


@triage.command("replay")
def replay_stored(
    routing: RoutingOption = None,
    days: Annotated[int | None, typer.Option(help="Only episodes in which a patient wrote in so many days.", min=1, max=36_500)] = None,
    words: Annotated[bool, typer.Option("--words", help="Show the words that decided. They are the patients'.")] = False,
) -> None:
    """Run a rule file over stored conversations: what would have come to a person earlier, later, newly or not at all, and which alarms."""
    settings = load()
    rules = _routing(settings, routing).rules
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    replayed = [replay(episode, rules) for episode in with_desk(settings, lambda desk: desk.look(episodes, since))]
    console.print(f"Rules {rules.version} over {len(replayed)} episodes.")
    show(console, replay_lines.summary(replayed))
    for line in replay_lines.lines(replayed, words=words):
        console.print(line, markup=False, soft_wrap=True)


@triage.command("report")
def report() -> None:
    """Show for each rule, and each version of the rules, how staff judged the arrivals: precision, and handoffs that were missed."""
    found = with_desk(load(), lambda desk: desk.look(judge))
    if not found:
        console.print("Nothing has come to a person yet.")
        return
    table = screen_table("rule", "version", "came", "right", "too\nearly", "too\nlate", "wrong\nteam", "prec", "missed")
    for one in found:
        counts = (str(count) for count in (one.arrivals, *one.marks.values()))
        table.add_row(Text(one.rule), Text(one.version or "-"), *counts, _share(one), str(one.missed))
    show(console, table)
    console.print(
        "Came: arrivals. Prec: precision, of the arrivals that were marked, how many were not too early. Missed: too late, or found by "
        "staff themselves. Version: of config/routing.yml, with a mark of what was in it."
    )


def _share(judged: Judged) -> str:
    return "-" if judged.precision is None else f"{judged.precision:.0%}"


def _path(settings: Settings, given: Path | None) -> Path:
    return given or settings.config_dir / "routing.yml"


def _routing(settings: Settings, given: Path | None) -> Routing:
    path = _path(settings, given)
    return load_routing(path, country=settings.country, zone=settings.zone, countries=settings.countries)
