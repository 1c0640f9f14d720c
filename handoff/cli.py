"""`heard`: the command line. An error is one sentence and exit code 1."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from handoff.desk.work import Desk
from handoff.errors import HeardError
from handoff.settings import Settings, load
from handoff.triage_cli import triage

T = TypeVar("T")
cli = typer.Typer(
    help="Heard: patients tell a clinic how it went, and a person is one message away.", no_args_is_help=True, add_completion=False
)
db = typer.Typer(help="The database.", no_args_is_help=True)
staff = typer.Typer(help="Staff accounts.", no_args_is_help=True)
survey = typer.Typer(help="The surveys in config/surveys.", no_args_is_help=True)
cli.add_typer(db, name="db")
cli.add_typer(staff, name="staff")
cli.add_typer(survey, name="survey")
cli.add_typer(triage, name="triage")
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


@cli.command()
def train(
    force: Annotated[bool, typer.Option(help="Train although nothing has changed.")] = False,
    report: Annotated[bool, typer.Option(help="Print how well each intent is told apart, cross-validated.")] = True,
) -> None:
    """Train the bot, and print the cross-validated intent report."""
    from handoff.run import train as train_bot

    train_bot(load(), console, force=force)
    if report:
        _print_report()


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


@survey.command("lint")
def survey_lint() -> None:
    """Check every survey file; every error with its file and line."""
    from handoff.surveys import lint

    errors = lint(load().config_dir / "surveys")
    for error in errors:
        console.print(error, soft_wrap=True, markup=False)
    if errors:
        raise typer.Exit(1)
    console.print("The surveys are in order.")


@survey.command("preview")
def survey_preview(name: str, language: Annotated[str, typer.Option(help="en or es.")] = "en") -> None:
    """Show how a survey reads, on a screen and as a text."""
    from handoff.errors import BadInput
    from handoff.surveys import load_surveys, preview

    settings = load()
    surveys = load_surveys(settings.config_dir / "surveys")
    if name not in surveys or language not in surveys[name].title:
        raise BadInput(f"There is no survey {name} in {language}; there are {', '.join(sorted(surveys))}, in en and es.")
    console.print(preview(surveys[name], language, clinic=settings.clinic_name), markup=False, soft_wrap=True)


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
def doctor() -> None:
    """Look at everything that must be right, and say what to do where it is not."""
    from handoff.doctor import examine

    table = Table(box=None, show_header=False)
    findings = asyncio.run(examine(load()))
    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    for finding in findings:
        table.add_row(f"[{colours[finding.grade]}]{finding.grade}[/]", finding.subject, finding.sentence)
    console.print(table)
    if any(finding.grade == "fail" for finding in findings):
        raise typer.Exit(1)


def with_desk(settings: Settings, act: Callable[[Desk], Awaitable[T]]) -> T:
    """Act at a desk of our own, without a runner. Raises what `act` raised, `BadDatabase`, `BadSetting`, `BadSurvey`."""
    from handoff.app import load_house
    from handoff.clock import SystemClock
    from handoff.doorbell import Doorbell
    from handoff.store import migrate, open_store

    async def run_it() -> T:
        migrate.check(settings)
        store = open_store(settings)
        try:
            return await act(Desk(store, load_house(settings), clock=SystemClock(), doorbell=Doorbell(node="cli")))
        finally:
            await store.close()

    return asyncio.run(run_it())


def _print_report() -> None:
    from bot.train import intent_report

    table = Table("intent", "precision", "recall", "F1", "examples", title="Cross-validated, 5 folds")
    for name, precision, recall, f1, examples in intent_report():
        table.add_row(name, f"{precision:.2f}", f"{recall:.2f}", f"{f1:.2f}", str(examples))
    console.print(table)


def main() -> None:
    """The entry point."""
    try:
        cli(standalone_mode=False)
    except HeardError as error:
        Console(stderr=True, highlight=False).print(error.message, markup=False, soft_wrap=True)
        sys.exit(1)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except typer.Exit as error:
        sys.exit(error.exit_code)
    except Exception as error:
        if hasattr(error, "format_message"):  # a wrong word on the command line
            Console(stderr=True, highlight=False).print(error.format_message(), markup=False)
            sys.exit(2)
        Console(stderr=True, highlight=False).print(
            f"Something went wrong on our side ({type(error).__name__}). `heard doctor` may say more."
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
