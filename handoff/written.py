"""What `heard doctor` says of the files that a clinic writes itself: each is read as at the start, then held against the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from handoff.errors import HeardError
from handoff.finding import Finding
from handoff.hours_file import load_hours
from handoff.near import nearest
from handoff.routing_file import Routing, load_routing
from handoff.settings import Settings
from handoff.store import tables as t
from handoff.surveys import lint
from handoff.words import load_words
from handoff.yaml_text import name_place, parse, read_text


def examine_written(settings: Settings) -> Iterator[Finding]:
    """A mistake of one file says nothing of the others; of the surveys, every mistake is told."""
    yield from _surveys(settings)
    for subject, read in (("routing", _routing), ("hours", _hours), ("messages", _messages)):
        try:
            yield read(settings)
        except HeardError as error:
            yield Finding("fail", subject, error.message)


def read_routing(settings: Settings) -> Routing:
    """Raises `BadSetting`."""
    return load_routing(_path(settings), country=settings.country, zone=settings.zone, countries=settings.countries)


def people(settings: Settings) -> Callable[[Connection], list[Finding]]:
    """Each address under `people` with which nobody can sign in, as what is said there has no effect; each team to which nobody belongs
    who can, and each language of ours that none of them speaks. Raises `BadSetting`, `BadMessages`."""
    teams = read_routing(settings).teams
    languages = load_words(settings.config_dir / "messages", default=settings.locale).languages
    path, text = _path(settings), read_text(_path(settings))
    listed = parse(path, text).get("people") or {}

    def ask(db: Connection) -> list[Finding]:
        accounts = set(db.execute(select(t.staff.c.email).where(t.staff.c.disabled_at.is_(None))).scalars())
        found = [_unknown(name_place(path, text, ("people", email)), email, accounts) for email in listed if email.lower() not in accounts]
        if accounts:
            found += [_unmanned(name_place(path, text, ("teams", team))) for team in teams.unmanned(accounts)]
            found += [_unspoken(path, language) for language in teams.unspoken(accounts, languages)]
        return found

    return ask


def _unknown(place: str, email: str, accounts: set[str]) -> Finding:
    names = {account.partition("@")[0]: account for account in accounts}  # all may end alike, which makes them no nearer
    near = nearest(email.partition("@")[0], names)
    what = f"did you mean {names[near]}?" if near else "correct the address, or make an account with heard staff add."
    return Finding("warn", "people", f"{place}: nobody signs in as {email}; {what}")


def _unmanned(place: str) -> Finding:
    return Finding("warn", "people", f"{place}: nobody who can sign in belongs to this team; what is for it is offered to the others")


def _unspoken(path: Path, language: str) -> Finding:
    sentence = f"{path}: people: nobody who can sign in speaks {language}; whoever writes in it is offered to the others"
    return Finding("warn", "people", sentence)


def _path(settings: Settings) -> Path:
    return settings.config_dir / "routing.yml"


def _surveys(settings: Settings) -> Iterator[Finding]:
    errors = lint(settings.config_dir / "surveys")
    yield from (Finding("fail", "surveys", error) for error in errors)
    if not errors:
        yield Finding("ok", "surveys", "in order")


def _routing(settings: Settings) -> Finding:
    read = read_routing(settings)
    return Finding("ok", "routing", f"version {read.version}; teams: {', '.join(read.teams.teams)}; {len(read.teams.people)} people listed")


def _hours(settings: Settings) -> Finding:
    path = settings.config_dir / "hours.yml"
    hours = load_hours(path, zone=settings.zone)
    open_on = sum(bool(spans) for spans in hours.weekly.values())
    if not open_on:
        return Finding("warn", "hours", f"{path}: there is no day with hours in it: no patient is offered a call")
    return Finding("ok", "hours", f"open on {open_on} days of the week, {len(hours.holidays)} holidays")


def _messages(settings: Settings) -> Finding:
    from actions.words import load_bot_words

    load_bot_words(settings.config_dir / "messages")
    languages = load_words(settings.config_dir / "messages", default=settings.locale).languages
    return Finding("ok", "messages", f"in {', '.join(languages)}")
