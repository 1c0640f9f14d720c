"""`heard`: the command line. An error is one sentence and exit code 1."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from bot.heads import columns
from handoff.desk.work import Desk
from handoff.errors import HeardError
from handoff.own_desk import with_desk
from handoff.screen_table import screen_table, show
from handoff.settings import load
from handoff.survey_cli import survey
from handoff.triage_cli import triage

cli = typer.Typer(
    help="Heard: patients tell a clinic how it went, and a person is one message away.", no_args_is_help=True, add_completion=False
)
db = typer.Typer(help="The database.", no_args_is_help=True)
staff = typer.Typer(help="Staff accounts.", no_args_is_help=True)
train = typer.Typer(help="Train the bot, or its heads.", invoke_without_command=True)
cli.add_typer(db, name="db")
cli.add_typer(staff, name="staff")
cli.add_typer(survey, name="survey")
cli.add_typer(triage, name="triage")
cli.add_typer(train, name="train")
console = Console(highlight=False)


@cli.command()
def run() -> None:
    """Start everything on this machine: the service, the bot, its actions."""
    from handoff.run import run as run_all

    run_all(load(), console)


@cli.command()
def serve() -> None:
    """Start the service alone; the bot runs elsewhere (HEARD_BOT_URL)."""
    from handoff.app import serve as serve_one

    settings = load()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # its tracebacks may quote a request
    serve_one(settings)


@train.callback()
def train_bot(
    context: typer.Context,
    force: Annotated[bool, typer.Option(help="Train although nothing has changed.")] = False,
    report: Annotated[bool, typer.Option(help="Print how well each intent is told apart, cross-validated.")] = True,
) -> None:
    """Train the bot, and print the cross-validated intent report; `heard train heads` trains what notices how a message is meant."""
    if context.invoked_subcommand is not None:
        return
    from handoff.run import train as train_all

    train_all(load(), console, force=force)
    if report:
        _print_report()


@train.command("heads")
def train_heads(
    data: Annotated[Path, typer.Option(help="The folder of the four CSV files that the model card names.")],
    to: Annotated[Path | None, typer.Option(help="Another folder than the one the bot reads; the card goes there too.")] = None,
    own: Annotated[bool, typer.Option("--own", help="Only those over our own labels: minutes. The others stay as they are.")] = False,
) -> None:
    """Train the heads anew, measure them on what they did not see, and write the files and their card. Takes half an hour or so."""
    from bot.heads.retrain import retrain

    numbers = retrain(data, to, lambda line: console.print(line, style="dim", markup=False), own_only=own)
    for name, rows in numbers.items():
        table = screen_table("", "value", "95 % interval", "floor", "rows", title=name.replace("_", " "), title_justify="left")
        for one in rows:
            floor = "" if one.floor is None else f"{one.floor:.2f}"
            table.add_row(one.what, f"{one.value:.3f}", f"{one.low:.3f} to {one.high:.3f}", floor, f"{one.rows:,}")
        show(console, table)


@cli.command(help=columns.for_help())
def score(
    file: Annotated[Path, typer.Argument(help="The CSV file.", metavar="FILE.csv")],
    output: Annotated[Path | None, typer.Option(help="A file instead of the screen.")] = None,
) -> None:
    from bot.encoder import load_encoder
    from bot.heads.model import Heads
    from bot.heads.score import score as score_all
    from handoff.errors import BadInput

    heads = Heads(load_encoder(load().encoder))
    if output is None:
        score_all(file, heads, sys.stdout)
    else:
        unfinished = output.with_name(f"{output.name}.part")  # what is there already stays until all is read, the file itself too
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as to:
                score_all(file, heads, to)
            unfinished.replace(output)
        except OSError as error:
            raise BadInput(f"{output} cannot be written ({error.strerror}).") from None
        finally:
            unfinished.unlink(missing_ok=True)


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's schema."""
    from handoff.store import migrate

    migrate.upgrade(load())
    console.print("The database is up to date.")


@staff.command("add")
def staff_add(
    email: str,
    name: Annotated[str, typer.Option(help="As patients see it.")],
    role: Annotated[str, typer.Option(help="member, supervisor or admin.")] = "member",
) -> None:
    """Add a member of staff, or make a new sign-in link for one; prints the link, good once and for 12 hours."""
    from handoff.errors import BadInput
    from handoff.staff import accounts
    from handoff.staff.access import Role

    if role not in list(Role):
        raise BadInput("The role must be member, supervisor or admin.")
    settings = load()

    async def add(desk: Desk) -> str:
        found = await desk.look(accounts.find, email)
        added = found if found is not None else await desk.do(accounts.add, email=email, name=name, role=Role(role))
        return await desk.do(accounts.make_code, added)

    console.print(f"{settings.url}/desk#code={with_desk(settings, add)}", soft_wrap=True)


@cli.command()
def export(conversation: str, to: Annotated[Path | None, typer.Option(help="A file instead of the screen.")] = None) -> None:
    """Write everything that is held on one conversation, as JSON."""
    from handoff import records

    async def write(desk: Desk) -> str:
        return json.dumps(await desk.do(records.export, conversation, who="command line"), ensure_ascii=False, indent=2)

    text = with_desk(load(), write)
    if to is None:
        sys.stdout.write(text + "\n")
    else:
        to.write_text(text + "\n", encoding="utf-8")


@cli.command()
def erase(conversation: str, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete one conversation everywhere it lies, the bot's tracker too. This cannot be undone."""
    from handoff import records

    settings = load()
    if not yes:
        typer.confirm(f"Delete conversation {conversation} for good?", abort=True)

    async def delete(desk: Desk) -> int:
        rows = await desk.do(records.erase, conversation, who="command line")
        return rows + await records.erase_tracker(settings, conversation)

    console.print(f"Deleted {with_desk(settings, delete)} rows.")


@cli.command()
def doctor(
    invariants: Annotated[bool, typer.Option("--invariants", help="Look in the database for what must never be so, instead.")] = False,
) -> None:
    """Look at everything that must be right, and say what to do where it is not."""
    from handoff.doctor import examine

    if invariants:
        _print_breaches()
        return
    table = Table(Column(no_wrap=True), Column(overflow="fold"), Column(overflow="fold"), box=None, show_header=False)
    findings = asyncio.run(examine(load()))
    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    for finding in findings:
        table.add_row(Text(finding.grade, style=colours[finding.grade]), Text(finding.subject), Text(finding.sentence))
    show(console, table)
    if any(finding.grade == "fail" for finding in findings):
        raise typer.Exit(1)


def _print_breaches() -> None:
    """One line each, with ids only."""
    from handoff.doctor import find_orphans
    from handoff.invariants import Invariant

    found = asyncio.run(find_orphans(load()))
    for breach in found:
        whose = f"conversation {breach.conversation}, " if breach.conversation else ""
        console.print(f"{breach.invariant}: {breach.invariant.sentence} Not so: {whose}row {breach.row}", soft_wrap=True, markup=False)
    if found:
        raise typer.Exit(1)
    console.print(f"All {len(Invariant)} invariants hold.")


def _print_report() -> None:
    from bot.train import intent_report

    table = screen_table("intent", "precision", "recall", "F1", "examples", title="Cross-validated, 5 folds")
    for name, precision, recall, f1, examples in intent_report():
        table.add_row(name, f"{precision:.2f}", f"{recall:.2f}", f"{f1:.2f}", str(examples))
    show(console, table)


def _wrong_word(error: Any) -> str:
    """A usage error of the library in our words, where its own are a programmer's."""
    said = str(error.format_message())
    if isinstance(error.__cause__, ValidationError):
        first = error.__cause__.errors()[0]
        limits = first.get("ctx", {})
        wanted = f"{limits['ge']} or more" if "ge" in limits else f"{limits['le']} or less" if "le" in limits else "a whole number"
        return f"{error.param.opts[0]} must be {wanted}, not {first['input']}."
    return f"{said}. Put a sentence of several words in quotes." if "unexpected extra" in said else said


def main() -> None:
    """The entry point."""
    try:
        sys.exit(cli(standalone_mode=False))  # the code of a `typer.Exit`, which click hands back here, or None
    except HeardError as error:
        Console(stderr=True, highlight=False).print(error.message, markup=False, soft_wrap=True)
        sys.exit(1)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if hasattr(error, "format_message"):  # a wrong word on the command line
            Console(stderr=True, highlight=False).print(_wrong_word(error), markup=False, soft_wrap=True)
            sys.exit(2)
        Console(stderr=True, highlight=False).print(
            f"Something went wrong on our side ({type(error).__name__}). `heard doctor` may say more."
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
