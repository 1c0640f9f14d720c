"""What the bot may ask of the service inside its reply: the closed list of signals, and their one wire form.

A signal travels as a Rasa `custom` payload `{"signal": <name>, ...fields}`. An unknown name or a wrong field is a
`BadInput`, which the bot client treats as a failed turn: the bot never half-works.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from handoff.errors import BadInput

PersonReason = Literal["asked", "frustrated", "complex", "low_score", "not_understood", "clinical", "follow_up"]
StopReason = Literal["refused", "stopped"]
SkipReason = Literal["skip", "dont_know"]


@dataclass(frozen=True)
class SurveyStarted:
    """The first question of `survey` was put to the patient."""

    survey: str
    version: str


@dataclass(frozen=True)
class Asked:
    """`question` was put to the patient; `attempt` counts from 1 and rises with each answer that fitted nothing."""

    survey: str
    question: str
    attempt: int


@dataclass(frozen=True)
class Answered:
    """`value` is the option's code, a number as text, or the free text; `label` is how the patient saw it; replaces an earlier answer."""

    survey: str
    question: str
    value: str
    label: str


@dataclass(frozen=True)
class Skipped:
    survey: str
    question: str
    reason: SkipReason


@dataclass(frozen=True)
class Retracted:
    """The patient went back: the answer to `question` no longer counts."""

    survey: str
    question: str


@dataclass(frozen=True)
class SurveyRestarted:
    survey: str


@dataclass(frozen=True)
class SurveyCompleted:
    survey: str


@dataclass(frozen=True)
class SurveyStopped:
    survey: str
    reason: StopReason


@dataclass(frozen=True)
class FollowUp:
    """The answer to "would you like us to look into this and answer you?"."""

    wanted: bool


@dataclass(frozen=True)
class WantsPerson:
    """This needs a person. `words` is the evidence, at most 200 characters of what the patient wrote."""

    reason: PersonReason
    words: str = ""


@dataclass(frozen=True)
class Unsafe:
    """The bot's model heard danger. `danger` names the class of config/routing.yml."""

    danger: str
    words: str = ""


Signal = (
    SurveyStarted
    | Asked
    | Answered
    | Skipped
    | Retracted
    | SurveyRestarted
    | SurveyCompleted
    | SurveyStopped
    | FollowUp
    | WantsPerson
    | Unsafe
)

NAMES: dict[str, type[Signal]] = {
    "survey_started": SurveyStarted,
    "asked": Asked,
    "answered": Answered,
    "skipped": Skipped,
    "retracted": Retracted,
    "survey_restarted": SurveyRestarted,
    "survey_completed": SurveyCompleted,
    "survey_stopped": SurveyStopped,
    "follow_up": FollowUp,
    "wants_person": WantsPerson,
    "unsafe": Unsafe,
}
_NAME_OF = {kind: name for name, kind in NAMES.items()}
_TYPES: dict[str, type] = {"str": str, "int": int, "bool": bool}
_CHOICES = {"PersonReason": get_args(PersonReason), "StopReason": get_args(StopReason), "SkipReason": get_args(SkipReason)}


def to_wire(signal: Signal) -> dict[str, Any]:
    """A signal as the JSON object that travels in the bot's reply."""
    return {"signal": _NAME_OF[type(signal)], **asdict(signal)}


def from_wire(data: Any) -> Signal:
    """The signal in a JSON object. Raises `BadInput` for an unknown name, a missing or unknown field, or a wrong type."""
    if not isinstance(data, dict) or not isinstance(data.get("signal"), str) or data["signal"] not in NAMES:
        raise BadInput("The bot sent a signal that is not on the list.")
    kind = NAMES[data["signal"]]
    given = {key: value for key, value in data.items() if key != "signal"}
    for field in fields(kind):
        if field.name in given and not _fits(given[field.name], str(field.type)):
            raise BadInput(f"The bot sent a signal with a wrong {field.name}.")
    try:
        return kind(**given)
    except TypeError:
        raise BadInput("The bot sent a signal with missing or unknown fields.") from None


def _fits(value: object, annotation: str) -> bool:
    if annotation in _CHOICES:
        return value in _CHOICES[annotation]
    return type(value) is _TYPES[annotation]
