"""`heard survey`: whether the surveys are in order, and how one reads."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from handoff.errors import BadInput
from handoff.near import ended, instead
from handoff.settings import load
from handoff.surveys import LANGUAGES, lint, load_surveys, preview
from handoff.words import load_words

survey = typer.Typer(help="The surveys in config/surveys.", no_args_is_help=True)
console = Console(highlight=False)


@survey.command("lint")
def survey_lint() -> None:
    """Check every survey file; every error with its file and line."""
    errors = lint(load().config_dir / "surveys")
    for error in errors:
        console.print(error, soft_wrap=True, markup=False)
    if errors:
        raise typer.Exit(1)
    console.print("The surveys are in order.")


@survey.command("preview")
def survey_preview(name: str, language: Annotated[str, typer.Option(help="en or es.")] = "en") -> None:
    """Show how a survey reads, on a screen and as a text."""
    settings = load()
    surveys = load_surveys(settings.config_dir / "surveys")
    for what, given, known in (("survey", name, sorted(surveys)), ("language", language, LANGUAGES)):
        if given not in known:
            raise BadInput(ended(f"There is no {what} {given}{instead(given, known)}"))
    clinic = settings.clinic_name or load_words(settings.config_dir / "messages", default=settings.locale).say(language, "clinic")
    console.print(preview(surveys[name], language, clinic=clinic), markup=False, soft_wrap=True)
