"""Stock Rasa for comparison: what `rasa init` ships, learning from our sentences.

Where its data had to differ (`DIFFERENCES`, shown below the table): our one action is replaced by one response an intent, so that stock Rasa
answers by itself and never waits for an action server; and a few stories are added, without which TED has nothing to learn.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from handoff.settings import ROOT

DIFFERENCES = (
    "Stock Rasa: the project's own sentences, intents and rules under Rasa's default pipeline and policies, as `rasa init` leaves them.",
    "Its data differs in two points: each intent is answered with a response (ours: one custom action over HTTP, which takes longer),",
    "and there are six stories, since TED and UnexpecTED learn from nothing else. REST channel, in-memory tracker, default epochs.",
)
TRAIN = (
    "--data",
    "stock/data.yml",
    "--domain",
    "stock/domain.yml",
    "--config",
    "stock/config.yml",
    "--out",
    "stock",
    "--fixed-model-name",
    "stock",
)
RUN = ("--model", "stock/stock.tar.gz", "--credentials", "stock/credentials.yml", "--endpoints", "stock/endpoints.yml", "-i", "127.0.0.1")
NEVER_SAID = ("opened", "returned", "button")  # our connector sets these; no sentence has them
STORIES = (
    ("greet", "opinion", "thanks", "goodbye"),
    ("greet", "why_ask", "opinion", "opinion", "goodbye"),
    ("opinion", "frustrated", "wants_person"),
    ("how_long", "affirm", "opinion", "skip", "thanks"),
    ("are_you_a_robot", "ask_privacy", "deny", "stop_survey"),
    ("dont_know", "go_back", "opinion", "off_topic", "goodbye"),
)


def lay_out(folder: Path) -> None:
    """Write a Rasa project into `folder`: config, domain, data, credentials, endpoints."""
    folder.mkdir()
    rasa = find_spec("rasa")
    assert rasa is not None
    assert rasa.submodule_search_locations
    default = Path(rasa.submodule_search_locations[0]) / "engine" / "recipes" / "config_files" / "default_config.yml"
    (folder / "config.yml").write_text(default.read_text().replace("placeholder_default", "stock"))
    data = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "bot" / "data").glob("*.yml"))]
    nlu = [entry for part in data for entry in part.get("nlu", [])]
    intents = [entry["intent"] for entry in nlu]
    rules = [rule for part in data for rule in part.get("rules", []) if rule["steps"][0]["intent"] not in NEVER_SAID]
    answered = [*intents, "nlu_fallback"]
    _write(folder / "data.yml", {"nlu": nlu, "rules": [_rule(rule) for rule in rules], "stories": [_story(intents) for intents in STORIES]})
    responses = {
        _response(intent): [{"text": f"Thank you. What would you like to say about {intent.replace('_', ' ')}?"}] for intent in answered
    }
    session = {"session_expiration_time": 60, "carry_over_slots_to_new_session": True}
    _write(folder / "domain.yml", {"intents": intents, "responses": responses, "session_config": session})
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text("# as `rasa init` leaves it: everything in memory\n")


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    intent = rule["steps"][0]["intent"]
    return {"rule": rule["rule"], "steps": [{"intent": intent}, {"action": _response(intent)}]}


def _story(intents: tuple[str, ...]) -> dict[str, Any]:
    steps = [step for intent in intents for step in ({"intent": intent}, {"action": _response(intent)})]
    return {"story": " ".join(intents), "steps": steps}


def _response(intent: str) -> str:
    return f"utter_{intent}"


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump({"version": "3.1", **content}, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8")
