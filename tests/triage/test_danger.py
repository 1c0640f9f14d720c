"""Words of danger, by the rules alone: the whole table of tests/triage/danger.yml, and what each part of a rule does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from handoff.danger import AN_IDIOM, HoldBack, Phrased, SafetyRules, find_danger, look_for_danger
from handoff.phrases import Phrases, read_phrase
from handoff.routing_file import load_routing
from handoff.spelling import Spelling, read_wording
from tests.house import ROOT

RULES = load_routing(ROOT / "config" / "routing.yml", country="US").safety
TABLE: dict[str, dict[str, list[str]]] = yaml.safe_load((Path(__file__).parent / "danger.yml").read_text(encoding="utf-8"))
KEPT_ASIDE = TABLE.pop("kept_aside")
ROWS = [(sentence, danger) for part in TABLE.values() for danger, sentences in part.items() for sentence in sentences]
MUST = [row for row in ROWS if row[1] != "none"]
HARMLESS = [sentence for sentence, danger in ROWS if danger == "none"]
FALSE_ALARMS = 0.02  # of what only sounds like danger
KEPT_ASIDE_FOUND = 45 / 60  # by the rules alone, without the bot's model; 5 of 60 when they were written
KEPT_ASIDE_FALSE = 9 / 60


def classed(sentence: str) -> str:
    found = find_danger(sentence, RULES)
    return "none" if found is None else found.danger


def test_the_table_is_large_enough() -> None:
    assert (len(ROWS) >= 250, len(HARMLESS) >= 100) == (True, True)
    assert len({sentence for sentence, _ in ROWS}) == len(ROWS), "a sentence stands in it twice"


def test_nobody_in_danger_is_missed() -> None:
    missed = [(sentence, danger) for sentence, danger in MUST if classed(sentence) == "none"]
    print(f"recall {1 - len(missed) / len(MUST):.3f} of {len(MUST)}")
    assert missed == []


def test_the_class_is_right() -> None:
    """The class chooses the fixed words."""
    assert [(sentence, danger, classed(sentence)) for sentence, danger in MUST if classed(sentence) != danger] == []


def test_what_only_sounds_like_danger_seldom_rings() -> None:
    false = [(sentence, classed(sentence)) for sentence in HARMLESS if classed(sentence) != "none"]
    print(f"false alarms {len(false)} of {len(HARMLESS)}: {false}")
    assert len(false) <= FALSE_ALARMS * len(HARMLESS)


def test_the_part_that_was_kept_aside() -> None:
    """Never tuned on: a change of the rules must not make them worse at what nobody wrote them for."""
    must = [sentence for danger, sentences in KEPT_ASIDE.items() if danger != "none" for sentence in sentences]
    found = [sentence for sentence in must if classed(sentence) != "none"]
    false = [sentence for sentence in KEPT_ASIDE["none"] if classed(sentence) != "none"]
    print(f"kept aside: recall {len(found)} of {len(must)}, false alarms {len(false)} of {len(KEPT_ASIDE['none'])}")
    assert set(must).isdisjoint(sentence for sentence, _ in ROWS)
    assert len(found) >= KEPT_ASIDE_FOUND * len(must)
    assert len(false) <= KEPT_ASIDE_FALSE * len(KEPT_ASIDE["none"])


def test_thanks_hide_nothing() -> None:
    """One polite sentence before or after: every row of the table is still found."""
    told = [f"Thank you for everything, you were all lovely. {sentence}" for sentence, _ in MUST]
    told += [f"{sentence}. The nurses were great, thank you." for sentence, _ in MUST]
    assert [sentence for sentence in told if classed(sentence) == "none"] == []


@pytest.mark.parametrize("danger", ["I want to kill myself", "I can't breathe", "there is a man with a knife here", "quiero morirme"])
def test_praise_around_it_hides_nothing(danger: str) -> None:
    """Kind words, other matters, capitals, and 4,000 characters: what always holds is found wherever it stands."""
    for told in (
        f"The nurses were wonderful, thank you. {danger}",
        f"{danger}. The leaflet about parking was good and they came quickly.",
        danger.upper(),
        f"{danger}!!!",
        f"{'it was fine and the staff were kind ' * 100}{danger}",
        f"Last year was better. {danger}",
    ):
        assert find_danger(told, RULES) is not None, told[:80]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stroke", True),
        ("the doctor asked about stroke", False),
        ("the doctor asked about stroke and I said yes", True),
        ("asked about parking. stroke", True),
        ("a stroke of luck", False),
        ("a stroke of luck and then a stroke", True),
        ("strok", True),
        ("STROKE!", True),
        ("the doctor asked about my new stroke", True),
        ("the doctor asked about stroke today", True),
        ("the doctor asked about stroke. It rained today", False),
    ],
)
def test_what_holds_back_and_what_lifts_that(text: str, found: bool) -> None:
    def phrases(*written: str, at_end: bool = False) -> Phrases:
        return Phrases(tuple(read_phrase(phrase, {}, at_end=at_end) for phrase in written))

    asked = HoldBack(
        "asked",
        frozenset({"emergency"}),
        before=phrases("asked about (my new)?", at_end=True),
        lifted_before=phrases("new", at_end=True),
        lifted_near=phrases("today"),
        lifted_by=phrases("said yes"),
    )
    rules = SafetyRules(
        {"emergency": Phrased(usually=phrases("stroke"))},
        Spelling({"strok": "stroke"}),
        idioms=phrases("stroke of luck"),
        hold_back=(asked,),
    )
    assert (find_danger(text, rules) is not None) is found


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("It would kill you to smile, receptionist?", [AN_IDIOM]),
        ("casi me da un infarto cuando vi la factura", [AN_IDIOM]),
        ("the blood test was fine", []),
        ("the nurse asked if I was suicidal, she was lovely", ["was_asked_kindly"]),
        ("they were lovely", []),
    ],
)
def test_what_only_an_idiom_says_is_told_as_held_back(text: str, held: list[str]) -> None:
    look = look_for_danger(read_wording(text, RULES.spelling), RULES)
    assert (look.danger, sorted({why for _, why in look.held})) == (None, held)


def test_the_evidence_is_the_sentence_as_the_patient_wrote_it() -> None:
    found = find_danger("The food was OK. I can’t BREATHE properly! Bye.", RULES)
    assert found is not None
    assert found.words == "I can’t BREATHE properly!"
    long = find_danger(f"{'and then ' * 200}i cant breathe {'and so on ' * 200}", RULES)
    assert long is not None
    assert ("can not breathe" in long.words, len(long.words) <= 200) == (True, True)
