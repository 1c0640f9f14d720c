"""config/routing.yml, read and checked once at start: rules that a clinic manager can change, each mistake named with its place."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handoff.danger import SafetyRules
from handoff.errors import BadSetting
from handoff.teams import Teams
from handoff.triage import Rules
from handoff.yaml_text import LOADER, read_yaml

DangerClass = Literal["self_harm", "overdose", "emergency", "abuse", "harm_by_others", "violence", "other_in_danger"]
SignName = Literal[
    "capitals", "marks", "swift", "said_again", "asked_again", "not_understood", "corrected", "low_score", "came_before", "bot_failed"
]
Points = Annotated[float, Field(ge=0, le=20)]
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
    phones: tuple[str | int, ...] = ()  # int: YAML reads +12025550123 without quotes as one; check_on_call says what to do


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
    classes: dict[str, Sure] = Field({}, alias="for")


class WishPart(Part):
    say: list[str] = Field(min_length=1)
    alone: list[str] = []
    unless: list[str] = []


class GroupPart(Part):
    points: Points
    phrases: list[str] = Field(min_length=1)


class FrustrationModel(Part):
    frustration: Points
    wants_person: Sure
    at_least: Sure
    sentiment: dict[int, Points] = {}


class FrustrationPart(Part):
    offer_at: Points
    watch_at: Points
    words: dict[str, GroupPart]
    signs: dict[SignName, Points]
    corrections: list[str] = []
    model: FrustrationModel


class ComplexityModel(Part):
    complexity: Points
    at_least: Sure


class ComplexityPart(Part):
    offer_at: Points
    watch_at: Points
    kinds: dict[str, GroupPart]
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
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise BadSetting(f"{path}: not saved as UTF-8 (byte {error.start + 1}); save it again with the encoding UTF-8.") from None
    return _read(path, text, country, zone, countries or (country,))


@lru_cache(maxsize=4)  # hundreds of phrases are compiled: the same text is not read again
def _read(path: Path, text: str, country: str, zone: tzinfo, countries: tuple[str, ...]) -> Routing:
    from handoff.on_call import check_on_call
    from handoff.rules import BadRule, read_rules
    from handoff.teams_file import read_teams

    try:
        read = RoutingFile.model_validate(_joined(read_yaml(text)))
        version = f"{read.version}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        rules = read_rules(read, version)
        teams = read_teams(read, path, zone=zone)
        check_on_call(read.on_call, country=country, countries=countries)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else f"{path}"
        raise BadSetting(f"{place}: {getattr(error, 'problem', None) or 'not YAML'}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSetting(f"{_place(path, text, first['loc'])}: {first['msg']}.") from None
    except BadRule as error:
        raise BadSetting(f"{_place(path, text, error.place)}: {error}.") from None
    if absent := [name for name in get_args(DangerClass) if name not in read.safety or not read.must_find.get(name)]:
        raise BadSetting(
            f"{_place(path, text, ('safety',))}: {', '.join(absent)}: each class of danger needs its phrases and a sentence in must_find."
        )
    if country not in read.emergency:
        raise BadSetting(f"{path}: no emergency numbers for {country}.")
    return Routing(version, read.emergency[country], tuple(read.on_call), rules, teams)


def _joined(read: Any) -> Any:
    """What was read, with each phrase in one piece: a long one goes on in the next line of the file after a bar."""
    if isinstance(read, str):
        return re.sub(r"\|\s+", "|", read)
    if isinstance(read, list):
        return [_joined(one) for one in read]
    return {name: _joined(one) for name, one in read.items()} if isinstance(read, dict) else read


def _place(path: Path, text: str, place: tuple[int | str, ...]) -> str:
    """`config/routing.yml:123: safety.self_harm.always.4`: the line, as far as it can be told, and the way there."""
    node = yaml.compose(text, Loader=LOADER)
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        else:
            found = None
        if found is None:
            break
        node = found
    line = node.start_mark.line + 1 if node is not None else 1
    return f"{path}:{line}: {'.'.join(str(part) for part in place)}"
