"""Survey files: the shipped ones word for word, and what a mistake in one is told like."""

from __future__ import annotations

from pathlib import Path

import pytest

from handoff.errors import BadSurvey
from handoff.settings import ROOT
from handoff.survey_file import schema
from handoff.surveys import lint, load_surveys, preview

SHIPPED = ROOT / "config" / "surveys"
GOOD = (SHIPPED / "fft.yml").read_text(encoding="utf-8")

ID = "one word of small letters, digits and _, like waiting_time"
PARTS = "id, version, title, source, purpose, thanks and questions"
# what is replaced, by what, and what is said from the line on
MISTAKES = [
    ('version: "1"', "version: 1", "3: version: 1 is read as a number and must be a text: put it in quotes."),
    ("id: fft\n", "id: FFT\n", f"2: id: must be {ID}, not FFT."),
    ("id: fft\n", "id: other\n", "2: id: the id is other, the file is fft.yml."),
    ("id: fft\n", "id: fft\nid: fft\n", "3: id stands here a second time (first in line 2); rename or remove one."),
    ("purpose: visit", "purpose: fun", "8: purpose: must be visit or post_chat, not fun."),
    ("    kind: scale", "    kind: slider", "20: questions.1.kind: must be scale, choice, zero_to_ten, yes_no or free_text, not slider."),
    ("    kind: scale\n", "", "19: questions.1: kind is missing; it must be scale, choice, zero_to_ten, yes_no or free_text."),
    ("    kind: scale\n", "    kind: scale\n    skip: maybe\n", "21: questions.1.skip: must be true or false, not maybe."),
    ("    kind: scale", "\tkind: scale", "20: a tab stands at the beginning of this line; write spaces."),
    ("  - id: why", "  - id: overall", "79: questions.2.id: there is another question of that id."),
    (
        "[{ question: overall }]",
        "[{ question: overal }]",
        "81: questions.2.when.1: the condition looks at overal, which is not asked before; did you mean overall?",
    ),
    (
        "[{ question: overall }]",
        "[{ question: overall, any_of: [god] }]",
        "81: questions.2.when.1: the condition looks for god, which is no answer to overall; did you mean good?",
    ),
    (
        "[{ question: overall }]",
        "overall",
        "81: questions.2.when: must be a list of conditions, like [{ question: overall, any_of: [poor] }], not overall.",
    ),
    ("        number: 2\n", "        number: 1\n", "40: questions.1.options.2: two options have the number 1."),
    ("        number: 2\n", "        number: two\n", "41: questions.1.options.2.number: must be a whole number, not two."),
    ("      - value: good\n", "      - value: very_good\n", "40: questions.1.options.2: two options have the value very_good."),
    ("label: { en: Good, es: Buena }", "label: { en: Good }", "43: questions.1.options.2.label: there is no text for es."),
    (
        "label: { en: Good, es: Buena }",
        "label: Good",
        "43: questions.1.options.2.label: must be a text for each language, like { en: How was it?, es: ¿Cómo fue? }, not Good.",
    ),
    ("pretty good, quite good", "excellent, quite good", "40: questions.1.options.2: 'excellent' means both very_good and good."),
    ("    kind: free_text", "    kind: choice", "79: questions.2: a choice question needs options."),
    ("    score: true", "    scores: true", "21: questions.1.scores: there is no scores here; did you mean score?"),
    ("questions:\n", "questions: {}\nold:\n", "18: questions: must be a list of at least one question, each after a dash, not empty."),
    ("questions:\n", "questions: {}\nold:\n", f"19: old: there is no old here; there are {PARTS}."),
    ("title: {", "title: [", "4: a [ of this line is not closed with ], or a comma is missing between two words behind it."),
    (
        "        sentiment: 2\n",
        "        sentiment: 9\n",
        "34: questions.1.options.1.sentiment: must be a whole number from -2 to 2, not 9.",
    ),
    (
        "Please can you",
        "Please can {name}",
        "83: questions.2.text.en: between braces only {clinic} may stand, the name of the clinic.",
    ),
    ("The same question", "{clinic}: the same question", "29: questions.1.why.en: nothing is filled in here; write it without braces."),
    ("Please can you", "{clinic} {clinic", "83: questions.2.text.en: between braces only {clinic} may stand, the name of the clinic."),
    ("Please can you", "Please {can you", "83: questions.2.text.en: between braces only {clinic} may stand, the name of the clinic."),
]


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


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES, ids=[said for _, _, said in MISTAKES])
def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    path = tmp_path / "fft.yml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    assert f"{path}:{said}" in lint(tmp_path)
    with pytest.raises(BadSurvey):
        load_surveys(tmp_path)


def test_what_is_there_by_a_wrong_name_is_not_missing_too(tmp_path: Path) -> None:
    (tmp_path / "fft.yml").write_text(GOOD.replace("title:", "titel:"), encoding="utf-8")
    assert lint(tmp_path) == [f"{tmp_path / 'fft.yml'}:4: titel: there is no titel here; did you mean title?"]


def test_mistakes_are_told_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    wrong = GOOD.replace("    score: true", "    scores: true").replace('version: "1"', "version: 1").replace("purpose: visit\n", "")
    (tmp_path / "fft.yml").write_text(wrong, encoding="utf-8")
    told = [error.removeprefix(f"{tmp_path / 'fft.yml'}:").split(":")[0] for error in lint(tmp_path)]
    assert told == ["1", "3", "20"]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b"\xff\xfe\x00", ":1: not saved as UTF-8; save the file again with the encoding UTF-8."),
        (b"", ": is empty: id, version, title, questions and so on."),
        (b"- a", ": must be a list of parts: id, version, title, questions and so on."),
    ],
)
def test_a_file_that_is_no_list_of_parts(tmp_path: Path, held: bytes, said: str) -> None:
    (tmp_path / "fft.yml").write_bytes(held)
    assert lint(tmp_path) == [f"{tmp_path / 'fft.yml'}{said}"]


def test_editors_know_what_the_service_wants() -> None:
    """After a change: python -m handoff.survey_file > config/surveys/schema.json"""
    assert (SHIPPED / "schema.json").read_text(encoding="utf-8") == schema()


def test_an_empty_folder(tmp_path: Path) -> None:
    assert lint(tmp_path) == [f"{tmp_path}: there is no survey here."]


def test_a_preview_shows_screen_and_text() -> None:
    shown = preview(load_surveys(SHIPPED)["fft"], "en")
    assert "[Very good]  [Good]" in shown
    assert "1) Very good 2) Good" in shown
    assert "asked if overall was answered" in shown
