"""config/routing.yml, read and checked once at start: rules that a clinic manager can change, each mistake named with its place."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from handoff.bad_rule import BadRule
from handoff.danger import SafetyRules
from handoff.errors import BadSetting
from handoff.routing_checks import check
from handoff.teams import Teams
from handoff.triage import Rules
from handoff.yaml_text import name_place, parse, read_text, texts_under, written_at

DangerClass = Literal["self_harm", "overdose", "emergency", "abuse", "harm_by_others", "violence", "other_in_danger"]
SignName = Literal[
    "capitals", "marks", "swift", "said_again", "asked_again", "not_understood", "corrected", "low_score", "came_before", "bot_failed"
]
Points = Annotated[float, Field(ge=0, le=20)]
Mark = Annotated[float, Field(ge=1, le=20)]
Sure = Annotated[float, Field(gt=0, le=1)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Numbers(Part):
    """What to dial: `emergency` for danger now, `crisis` for somebody in despair."""

    emergency: str = Field(min_length=3)
    crisis: str = Field(min_length=3)


class OnCall(Part):
    """Who is called when nobody has taken a safety matter `after` minutes: `who` in the console, `phones` (E.164) by text."""

    after: float = Field(ge=0, le=60)
    who: Literal["everybody", "supervisor", "admin"]
    phones: tuple[str, ...] = ()


class SpellingPart(Part):
    means: dict[str, str]
    near: list[str] = []
    not_near: list[str] = []


class ClassPart(Part):
    always: list[str] = Field(min_length=1)
    usually: list[str] = []


class HoldBackPart(Part):
    classes: list[DangerClass] = Field(min_length=1)
    before: list[str] = []
    near: list[str] = []
    anywhere: list[str] = []
    lifted_before: list[str] = []
    lifted_near: list[str] = []
    lifted_by: list[str] = []
    also_always: bool = False


class NotDangerPart(Part):
    idioms: list[str] = []
    hold_back: dict[str, HoldBackPart] = {}


class ModelSafetyPart(Part):
    at_least: Sure
    at_least_when_held_back: Sure
    classes: dict[DangerClass, Sure] = Field({}, alias="for")


class WishPart(Part):
    say: list[str] = Field(min_length=1)
    alone: list[str] = []
    unless: list[str] = []
    declined: list[str] = []


class GroupPart(Part):
    points: Points
    phrases: list[str] = Field(min_length=1)


class FrustrationModel(Part):
    frustration: Points
    wants_person: Sure
    at_least: Sure
    sentiment: dict[int, Points] = {}


class FrustrationPart(Part):
    offer_at: Mark
    watch_at: Points
    words: dict[str, GroupPart]
    unless: list[str] = []
    signs: dict[SignName, Points]
    corrections: list[str] = []
    model: FrustrationModel


class ComplexityModel(Part):
    complexity: Points
    at_least: Sure


class ComplexityPart(Part):
    offer_at: Mark
    watch_at: Points
    kinds: dict[str, GroupPart]
    unless: list[str] = []
    long_words: int = Field(ge=1)
    long_points: Points
    topics_many: int = Field(ge=2)
    topics_points: Points
    model: ComplexityModel


class TeamPart(Part):
    """`hours`: as in config/hours.yml, with a `zone` of its own if need be; left out: the clinic's."""

    name: dict[str, str] = Field(min_length=1)
    topics: list[str] = []
    zone: str | None = None
    hours: dict[str, list[Any]] | None = None


class AbilitiesPart(Part):
    """What is left out: every team, every language, no topic above others, the usual capacity."""

    teams: list[str] | None = None
    languages: list[Annotated[str, Field(pattern="^[a-z]{2}$")]] | None = None
    skills: list[str] = []
    capacity: Annotated[int, Field(ge=1, le=100)] | None = None


class OffersPart(Part):
    """`weights`: how much of a person's capacity a conversation takes, by its channel, and a promised call."""

    seconds: Annotated[float, Field(ge=10, le=600)]
    call_seconds: Annotated[float, Field(ge=10, le=600)]
    teams_after: Annotated[float, Field(ge=0, le=60)]
    all_after: Annotated[float, Field(ge=0, le=60)]
    again_after: Annotated[float, Field(ge=0, le=60)]
    misses: Annotated[int, Field(ge=1, le=20)]
    capacity: Annotated[int, Field(ge=1, le=100)]
    weights: dict[Literal["web", "rasa", "sms", "call"], Annotated[int, Field(ge=0, le=100)]]


class RoutingFile(Part):
    version: str = Field(min_length=1, max_length=40)
    emergency: dict[str, Numbers]
    on_call: list[OnCall] = Field(min_length=1)
    words: dict[str, list[str]] = {}
    spelling: SpellingPart
    safety: dict[DangerClass, ClassPart] = Field(min_length=1)
    must_find: dict[DangerClass, list[str]] = Field(min_length=1)
    not_danger: NotDangerPart
    wants_person: WishPart
    frustration: FrustrationPart
    complexity: ComplexityPart
    safety_model: ModelSafetyPart
    topics: dict[str, list[str]]
    teams: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")], TeamPart] = Field(min_length=1)
    fall_back: str
    people: dict[str, AbilitiesPart] = {}
    offers: OffersPart


@dataclass(frozen=True)
class Routing:
    """`version`: the file's own, and a mark of what is in it, so that two files never go by one name."""

    version: str
    numbers: Numbers
    on_call: tuple[OnCall, ...]
    rules: Rules
    teams: Teams

    @property
    def safety(self) -> SafetyRules:
        return self.rules.safety


def load_routing(path: Path, *, country: str, zone: tzinfo = UTC, countries: tuple[str, ...] = ()) -> Routing:
    """The rules of `path` for `country`; teams open in `zone`; phones are of `countries` (none: of `country`).

    Raises `BadSetting` with the place of the first mistake.
    """
    return _read(path, read_text(path), country, zone, countries or (country,))


@lru_cache(maxsize=4)  # hundreds of phrases are compiled: the same text is not read again
def _read(path: Path, text: str, country: str, zone: tzinfo, countries: tuple[str, ...]) -> Routing:
    from handoff.on_call import check_phones
    from handoff.rules import read_rules
    from handoff.teams_file import read_teams

    given = parse(path, text)
    if not isinstance(given, dict):
        raise BadSetting(f"{path}: {'is empty' if given is None else 'must be a list of parts'}: version, teams, safety and so on.")
    try:
        read = RoutingFile.model_validate(_joined(given))
        check(read)
        version = f"{read.version}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        rules = read_rules(read, version)
        teams = read_teams(read, path, zone=zone)
        check_phones(read.on_call, country=country, countries=countries)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSetting(f"{name_place(path, text, first['loc'])}: {_sentence(first, text)}.") from None
    except BadRule as error:
        raise BadSetting(f"{name_place(path, text, error.place)}: {error}.") from None
    if absent := [name for name in get_args(DangerClass) if name not in read.safety or not read.must_find.get(name)]:
        why = "each class of danger needs its phrases and a sentence in must_find"
        raise BadSetting(f"{name_place(path, text, ('safety',))}: {', '.join(absent)}: {why}.")
    if country not in read.emergency:
        raise BadSetting(f"{path}: no emergency numbers for {country}.")
    return Routing(version, read.emergency[country], tuple(read.on_call), rules, teams)


def phrase_line(text: str, rule: str, phrase: str) -> int:
    """In which line of a file the phrase of a rule (`frustration.anger`, `safety.abuse`, `wants_person`) begins; 0 where it does not."""
    part, _, name = rule.partition(".")
    place = (part, name) if part == "safety" else (part,)
    return next((line for written, line in texts_under(text, place) if _joined(written) == phrase), 0)


def _sentence(error: ErrorDetails, text: str) -> str:
    """What is wrong; where YAML made a number, a day, or yes or no of a text, that."""
    given = error["input"]
    if error["type"] != "string_type" or isinstance(given, list | dict):
        return error["msg"]
    if given is None:
        return "nothing stands here; it must be a text"
    kind = "yes or no" if isinstance(given, bool) else "a day" if isinstance(given, date) else "a number"
    return f"{written_at(text, error['loc'])} is read as {kind} and must be a text: put it in quotes"


def _joined(read: Any) -> Any:
    """What was read, with each phrase in one piece: a long one goes on in the next line of the file after a bar."""
    if isinstance(read, str):
        return re.sub(r"\|\s+", "|", read)
    if isinstance(read, list):
        return [_joined(one) for one in read]
    return {name: _joined(one) for name, one in read.items()} if isinstance(read, dict) else read
