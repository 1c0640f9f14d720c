"""Survey files: the shipped ones word for word, and what a mistake in one is told like."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handoff.errors import BadSurvey
from handoff.settings import ROOT
from handoff.surveys import lint, load_surveys, preview

SHIPPED = ROOT / "config" / "surveys"
GOOD = (SHIPPED / "fft.yml").read_text(encoding="utf-8")

# (what is replaced, by what, line of the error, part of the sentence)
MISTAKES = [
    ('version: "1"', "version: 1", 3, "is not of type 'string'"),
    ("id: fft\n", "id: FFT\n", 2, "does not match"),
    ("id: fft\n", "id: other\n", 2, "the id is other, the file is fft.yml"),
    ("purpose: visit", "purpose: fun", None, "is not one of"),
    ("    kind: scale", "    kind: slider", None, "question 'overall': 'slider' is not one of"),
    ("  - id: why", "  - id: overall", None, "there is another question of that id"),
    (
        "[{ question: overall }]",
        "[{ question: nothing }]",
        None,
        "question 'why': the condition looks at 'nothing', which is not asked before",
    ),
    ("[{ question: overall }]", "[{ question: overall, any_of: [fine] }]", None, "looks for 'fine', which is no answer to 'overall'"),
    ("        number: 2\n", "        number: 1\n", None, "two options have the number 1"),
    ("      - value: good\n", "      - value: very_good\n", None, "two options have the value very_good"),
    ("label: { en: Good, es: Buena }", "label: { en: Good }", None, "label has no text for es"),
    ("pretty good, quite good", "excellent, quite good", None, "'excellent' means both very_good and good"),
    ("    kind: free_text", "    kind: choice", None, "question 'why': a choice question needs options"),
    ("    score: true", "    scores: true", None, "'scores' was unexpected"),
    ("questions:\n", "questions: {}\nold:\n", None, "is not of type 'array'"),
    ("title: {", "title: [", None, "not YAML"),
    ("        sentiment: 2\n", "        sentiment: 9\n", None, "9 is greater than the maximum of 2"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(SHIPPED / "schema.json", tmp_path)
    return tmp_path


def test_the_shipped_ones_are_in_order() -> None:
    assert lint(SHIPPED) == []
    assert set(load_surveys(SHIPPED)) == {"fft", "cg_cahps_short", "nps", "csat"}


def test_the_official_wordings_are_kept_word_for_word() -> None:
    surveys = load_surveys(SHIPPED)
    fft = surveys["fft"]
    assert fft.question("overall").text["en"] == "Overall, how was your experience of our service?"
    assert [option.label["en"] for option in fft.question("overall").options] == [
        "Very good",
        "Good",
        "Neither good nor poor",
        "Poor",
        "Very poor",
        "Don't know",
    ]
    assert fft.question("why").text["en"] == "Please can you tell us why you gave your answer?"
    assert surveys["nps"].question("recommend").text["en"] == "How likely is it that you would recommend {clinic} to a friend or colleague?"
    csat = surveys["csat"].questions[0]
    assert csat.text["en"] == "How satisfied are you with your experience?"
    assert (csat.options[0].label["en"], csat.options[-1].label["en"]) == ("Very unsatisfied", "Very satisfied")
    cahps = surveys["cg_cahps_short"]
    assert "local" in cahps.title["en"]
    for name, words in {
        "listen": "In the last 6 months, how often did this provider listen carefully to you?",
        "respect": "In the last 6 months, how often did this provider show respect for what you had to say?",
        "explain": "In the last 6 months, how often did this provider explain things in a way that was easy to understand?",
        "courtesy": "In the last 6 months, how often did clerks and receptionists at this provider's office treat you with courtesy and respect?",
    }.items():
        assert cahps.question(name).text["en"] == words
        assert [option.label["en"] for option in cahps.question(name).options] == ["Never", "Sometimes", "Usually", "Always"]
    assert cahps.question("rating").text["en"].startswith("Using any number from 0 to 10, where 0 is the worst provider possible")


@pytest.mark.parametrize(("old", "new", "line", "said"), MISTAKES, ids=[said for _, _, _, said in MISTAKES])
def test_a_mistake_is_told_with_file_and_line(folder: Path, old: str, new: str, line: int | None, said: str) -> None:
    assert old in GOOD
    (folder / "fft.yml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    errors = lint(folder)
    assert any(said in error for error in errors), errors
    told = next(error for error in errors if said in error)
    number = int(told.removeprefix(f"{folder / 'fft.yml'}:").split(":")[0])
    assert 1 <= number <= len(GOOD.splitlines()) + 2
    assert line is None or number == line
    with pytest.raises(BadSurvey):
        load_surveys(folder)


def test_a_file_that_is_no_text(folder: Path) -> None:
    (folder / "fft.yml").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in lint(folder)[0]


def test_an_empty_folder(folder: Path) -> None:
    assert "there is no survey here" in lint(folder)[0]


def test_a_preview_shows_screen_and_text() -> None:
    shown = preview(load_surveys(SHIPPED)["fft"], "en")
    assert "[Very good]  [Good]" in shown
    assert "1) Very good 2) Good" in shown
    assert "asked if overall was answered" in shown
