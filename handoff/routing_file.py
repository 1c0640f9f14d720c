"""config/routing.yml, read once at start: the phrases of danger and the numbers that patients are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handoff.errors import BadSetting
from handoff.plain import plain
from handoff.triage import SafetyRules


class Numbers(BaseModel):
    """What to dial: `emergency` for danger now, `crisis` for somebody in despair."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    emergency: str = Field(min_length=3)
    crisis: str = Field(min_length=3)


class RoutingFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    emergency: dict[str, Numbers]
    safety: dict[str, list[str]] = Field(min_length=1)


@dataclass(frozen=True)
class Routing:
    version: str
    numbers: Numbers
    safety: SafetyRules


def load_routing(path: Path, *, country: str) -> Routing:
    """The rules of `path` for `country`. Raises `BadSetting` with the place of the first mistake."""
    try:
        read = RoutingFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror}).") from None
    except yaml.YAMLError as error:
        raise BadSetting(f"{path}: {getattr(error, 'problem', None) or 'not YAML'}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSetting(f"{path}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}.") from None
    if country not in read.emergency:
        raise BadSetting(f"{path}: no emergency numbers for {country}.")
    phrases = {danger: tuple(plain(phrase) for phrase in listed) for danger, listed in read.safety.items()}
    return Routing(read.version, read.emergency[country], SafetyRules(phrases))
