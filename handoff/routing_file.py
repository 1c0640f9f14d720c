"""config/routing.yml, read and checked once at start: rules that a clinic manager can change, each mistake named with its place."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from handoff.danger import SafetyRules
from handoff.errors import BadSetting
from handoff.mistake import Mistake
from handoff.routing_checks import check
from handoff.shape import Part, read_shape
from handoff.teams import Teams
from handoff.triage import Rules
from handoff.yaml_text import mistakes_told, parse, read_text, texts_under

DangerClass = Literal["self_harm", "overdose", "emergency", "abuse", "harm_by_others", "violence", "other_in_danger"]
SignName = Literal[
    "capitals", "marks", "swift", "said_again", "asked_again", "not_understood", "corrected", "low_score", "came_before", "bot_failed"
]
Points = Annotated[float, Field(ge=0, le=20)]
Mark = Annotated[float, Field(ge=1, le=20)]
Sure = Annotated[float, Field(gt=0, le=1)]
Dial = Annotated[str, Field(min_length=3, description='a number to dial in quotes, like "911"')]
Dials = Annotated[list[Dial], Field(min_length=1, description='a list of numbers to dial in quotes, like ["988"]')]
Listed = Annotated[list[str], Field(description="a list of phrases, each after a dash or with commas between them in [ ]")]
SomeListed = Annotated[Listed, Field(min_length=1, description="a list of at least one phrase, each after a dash or between commas in [ ]")]
Sentences = Annotated[list[str], Field(description="a list of sentences")]
InLanguages = Annotated[dict[str, str], Field(min_length=1, description="the words for each language, like { en: Nurses, es: Enfermería }")]
Language = Annotated[str, Field(pattern="^[a-z]{2}$", description="a language in two small letters, like en or es")]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="a country in two capital letters, like US")]
TeamId = Annotated[
    str,
    Field(
        pattern="^[a-z][a-z0-9_]{0,39}$",
        description="one word of small letters, digits and _, like night_nurses (what people read is its `name`)",
    ),
]
TeamIds = Annotated[list[str], Field(description="a list of teams, like [nurses]")]
Topics = Annotated[list[str], Field(description="a list of topics, like [medication, treatment]")]


class Numbers(Part):
    """What to dial: `emergency` for danger now; for somebody in despair, the numbers to `call`, and those that take a `text`."""

    emergency: Dial
    call: Dials
    text: list[Dial] = Field([], description='a list of numbers to text in quotes, like ["988"]')


class OnCall(Part):
    """Who is called when nobody has taken a safety matter `after` minutes: `who` in the console, `phones` (E.164) by text."""

    after: float = Field(ge=0, le=60)
    who: Literal["everybody", "supervisor", "admin"]
    phones: tuple[str, ...] = Field((), strict=False, description='a list of numbers in quotes, like ["+12025550123"]')


class SpellingPart(Part):
    means: dict[str, str]
    near: Listed = []
    not_near: Listed = []


class ClassPart(Part):
    always: SomeListed
    usually: Listed = []


class HoldBackPart(Part):
    classes: list[DangerClass] = Field(min_length=1, description="a list of classes of danger, like [self_harm, overdose]")
    before: Listed = []
    near: Listed = []
    anywhere: Listed = []
    lifted_before: Listed = []
    lifted_near: Listed = []
    lifted_by: Listed = []
    also_always: bool = False


class NotDangerPart(Part):
    idioms: Listed = []
    hold_back: dict[str, HoldBackPart] = {}


class ModelSafetyPart(Part):
    at_least: Sure
    at_least_when_held_back: Sure
    classes: dict[DangerClass, Sure] = Field({}, alias="for")


class WishPart(Part):
    say: SomeListed
    alone: Listed = []
    unless: Listed = []
    declined: Listed = []
    declined_first: Listed = []


class GroupPart(Part):
    points: Points
    phrases: SomeListed


class FrustrationModel(Part):
    frustration: Points
    wants_person: Sure
    at_least: Sure
    sentiment: dict[Annotated[int, Field(ge=1, le=5)], Points] = {}


class FrustrationPart(Part):
    offer_at: Mark
    watch_at: Points
    words: dict[str, GroupPart]
    unless: Listed = []
    signs: dict[SignName, Points]
    corrections: Listed = []
    model: FrustrationModel


class ComplexityModel(Part):
    complexity: Points
    at_least: Sure


class ComplexityPart(Part):
    offer_at: Mark
    watch_at: Points
    kinds: dict[str, GroupPart]
    unless: Listed = []
    long_words: int = Field(ge=1)
    long_points: Points
    topics_many: int = Field(ge=2)
    topics_points: Points
    model: ComplexityModel


class TeamPart(Part):
    """`hours`: as in config/hours.yml, with a `zone` of its own if need be; left out: the clinic's."""

    name: InLanguages
    topics: Topics = []
    zone: str | None = Field(None, description="a time zone, like Europe/London")
    hours: dict[Any, Any] | None = Field(None, description='days with their hours, like { monday: ["08:00-16:00"] }')


class AbilitiesPart(Part):
    """What is left out: every team, every language, no topic above others, the usual capacity."""

    teams: TeamIds | None = None
    languages: Annotated[list[Language], Field(description="a list of languages, like [en, es]")] | None = None
    skills: Topics = []
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
    version: str = Field(min_length=1, max_length=40, description='a text of 1 to 40 letters in quotes, like "6"')
    emergency: dict[Country, Numbers]
    on_call: list[OnCall] = Field(min_length=1, description="a list of at least one step, like - { after: 0, who: everybody }")
    words: dict[str, Listed] = {}
    spelling: SpellingPart
    safety: dict[DangerClass, ClassPart] = Field(min_length=1, description="classes of danger, like abuse: { always: [he hits me] }")
    must_find: dict[DangerClass, Sentences] = Field(min_length=1, description="classes of danger, like abuse: [he hits me]")
    not_danger: NotDangerPart
    wants_person: WishPart
    frustration: FrustrationPart
    complexity: ComplexityPart
    safety_model: ModelSafetyPart
    topics: dict[str, Annotated[list[str], Field(description="a list of words, like [bill*|billing, factura*]")]]
    teams: dict[TeamId, TeamPart] = Field(min_length=1, description="teams with their names, like clinic: { name: { en: The clinic } }")
    fall_back: str = Field(description="one of the teams")
    people: dict[str, AbilitiesPart] = Field({}, description="e-mail addresses, like maria@clinic.example: { teams: [nurses] }")
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
    with mistakes_told(path, text):
        read = read_shape(RoutingFile, _joined(given), text)
        _is_whole(read, country)
        check(read)
        version = f"{read.version}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        rules = read_rules(read, version)
        teams = read_teams(read, zone=zone)
        check_phones(read.on_call, country=country, countries=countries)
    return Routing(version, read.emergency[country], tuple(read.on_call), rules, teams)


def _is_whole(read: RoutingFile, country: str) -> None:
    """Raises `Mistake` where a class of danger or the clinic's country is left out."""
    if absent := [name for name in get_args(DangerClass) if name not in read.safety or not read.must_find.get(name)]:
        raise Mistake(("safety",), f"{', '.join(absent)}: each class of danger needs its phrases and a sentence in must_find")
    if country not in read.emergency:
        raise Mistake(("emergency",), f"there are no numbers for {country}, the clinic's country (HEARD_COUNTRY)")


def phrase_line(text: str, rule: str, phrase: str) -> int:
    """In which line of a file the phrase of a rule (`frustration.anger`, `safety.abuse`, `wants_person`) begins; 0 where it does not."""
    part, _, name = rule.partition(".")
    place = (part, name) if part == "safety" else (part,)
    return next((line for written, line in texts_under(text, place) if _joined(written) == phrase), 0)


def _joined(read: Any) -> Any:
    """What was read, with each phrase in one piece: a long one goes on in the next line of the file after a bar."""
    if isinstance(read, str):
        return re.sub(r"\|\s+", "|", read)
    if isinstance(read, list):
        return [_joined(one) for one in read]
    return {name: _joined(one) for name, one in read.items()} if isinstance(read, dict) else read
