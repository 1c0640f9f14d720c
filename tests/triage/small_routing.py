"""A whole config/routing.yml in a few lines, as a clinic might write it: quick to read, so that a hundred mistakes can be made in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from handoff.errors import BadSetting
from handoff.routing_file import load_routing

SMALL = """\
# Elm Street Clinic
version: "5"

emergency:
  US: { emergency: "911", call: ["988"], text: ["988"] }
  ES: { emergency: "112", call: ["024"] }

on_call:
  - { after: 0, who: everybody }
  - { after: 2, who: supervisor, phones: ["+12025550123"] }

teams:
  clinic: { name: { en: The clinic, es: La clínica } }
  nurses:
    name: { en: Nurses, es: Enfermería }
    topics: [medication]
    zone: America/New_York
    hours:
      monday: ["08:00-12:00", "13:00-16:00"]
      holidays: ["2026-12-25"]
fall_back: clinic

people:
  maria@clinic.example: { teams: [nurses], languages: [en, es], skills: [medication], capacity: 4 }
  sam@clinic.example: {}

offers:
  seconds: 45
  call_seconds: 60
  teams_after: 2
  all_after: 5
  again_after: 2
  misses: 3
  capacity: 6
  weights: { web: 2, rasa: 2, sms: 1, call: 2 }

words:
  kin: [husband|wife]

spelling:
  means: { im: i am }
  near: [suicide]

safety:
  self_harm: { always: [kill myself] }
  overdose: { always: [overdose] }
  emergency: { always: [collapsed] }
  abuse: { always: [<kin> hits me] }
  harm_by_others: { always: [want to kill me] }
  violence: { always: [going to kill you] }
  other_in_danger: { always: [she is suicidal] }
must_find:
  self_harm: [I want to kill myself]
  overdose: [I took an overdose]
  emergency: [my father collapsed]
  abuse: [my husband hits me]
  harm_by_others: [they want to kill me]
  violence: [I am going to kill you]
  other_in_danger: [she is suicidal]
not_danger:
  idioms: [killing me]
  hold_back:
    said_not: { classes: [self_harm], before: [not] }

wants_person: { say: [a person] }

frustration:
  offer_at: 4
  watch_at: 2
  words:
    anger:
      points: 3
      phrases:
        - furious
        - so|very angry
  signs: { capitals: 2, marks: 1 }
  model: { frustration: 4, wants_person: 0.6, at_least: 0.5, sentiment: { 5: 2 } }

complexity:
  offer_at: 4
  watch_at: 2
  kinds:
    money: { points: 2, phrases: [refund] }
  long_words: 120
  long_points: 1
  topics_many: 3
  topics_points: 2
  model: { complexity: 4, at_least: 0.5 }

safety_model:
  at_least: 0.8
  at_least_when_held_back: 0.9
  for: {}

topics:
  medication: [pill*|dose]
  money: [bill*]
"""


def told(tmp_path: Path, text: str | bytes) -> str:
    """What is said of a file that has this in it, from the line on."""
    path = tmp_path / "routing.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadSetting) as caught:
        load_routing(path, country="US")
    return caught.value.message.removeprefix(f"{path}")
