"""The survey's core: which question is next, what the answers so far amount to."""

from __future__ import annotations

import pytest

from handoff.settings import ROOT
from handoff.survey import Disposition, Ended, Given, Mood, Progress, disposition, low_score, mood, next_question, previous_question
from handoff.surveys import load_surveys

SURVEYS = load_surveys(ROOT / "config" / "surveys")
FFT, NPS, CAHPS = SURVEYS["fft"], SURVEYS["nps"], SURVEYS["cg_cahps_short"]
SKIPPED = Given(None, "skipped")
D = Disposition


def given(**answers: str | None) -> dict[str, Given]:
    return {name: SKIPPED if value is None else Given(value) for name, value in answers.items()}


@pytest.mark.parametrize(
    ("progress", "following"),
    [
        ({}, "overall"),
        (given(overall="good"), "why"),
        (given(overall="dont_know"), "why"),
        (given(overall=None), None),
        (given(overall="good", why="kind"), None),
        (given(overall="good", why=None), None),
        (given(why="kind"), "overall"),
    ],
)
def test_what_is_next(progress: Progress, following: str | None) -> None:
    question = next_question(FFT, progress)
    assert (question.id if question else None) == following


@pytest.mark.parametrize(
    ("needed", "following"),
    [("yes", "appointment"), ("no", "courtesy"), (None, "courtesy")],
)
def test_a_gate_opens_for_yes_alone(needed: str | None, following: str) -> None:
    progress = given(listen="always", respect="always", explain="always", needed_right_away=needed)
    question = next_question(CAHPS, progress)
    assert question is not None
    assert question.id == following


def test_back_is_the_last_one_given() -> None:
    assert previous_question(FFT, {}) is None
    last = previous_question(FFT, given(overall="good", why="kind"))
    assert last is not None
    assert last.id == "why"


@pytest.mark.parametrize(
    ("progress", "ended", "expected"),
    [
        ({}, "open", D.CONTACTED),
        ({}, "refused", D.REFUSED),
        ({}, "stopped", D.REFUSED),
        ({}, "idle", D.UNRESPONSIVE),
        (given(overall="good"), "open", D.INTERIM_PARTIAL),
        (given(overall="good"), "idle", D.PARTIAL),
        (given(overall="good"), "stopped", D.PARTIAL),
        (given(overall="good", why="kind"), "open", D.COMPLETED),
        (given(overall="good", why="kind"), "completed", D.COMPLETED),
        (given(overall=None), "idle", D.COMPLETED),
    ],
)
def test_dispositions_of_two_questions(progress: Progress, ended: Ended, expected: Disposition) -> None:
    assert disposition(FFT, progress, ended=ended) is expected


@pytest.mark.parametrize(("count", "ended", "expected"), [(1, "open", D.STARTED), (1, "idle", D.BREAKOFF), (4, "idle", D.PARTIAL)])
def test_dispositions_of_a_longer_one(count: int, ended: Ended, expected: Disposition) -> None:
    names = ["listen", "respect", "explain", "courtesy"][:count]
    assert disposition(CAHPS, given(**dict.fromkeys(names, "always")), ended=ended) is expected


@pytest.mark.parametrize(
    ("progress", "expected", "low"),
    [
        (given(overall="very_good"), "positive", False),
        (given(overall="neither"), "neutral", False),
        (given(overall="dont_know"), "neutral", False),
        (given(overall="poor"), "negative", True),
        (given(overall="very_poor"), "negative", True),
        (given(overall=None), "neutral", False),
        ({}, "neutral", False),
    ],
)
def test_the_mood_and_the_low_score(progress: Progress, expected: Mood, low: bool) -> None:
    assert (mood(FFT, progress), low_score(FFT, progress)) == (expected, low)


@pytest.mark.parametrize(
    ("score", "expected", "low"), [("0", "negative", True), ("6", "negative", True), ("7", "neutral", False), ("9", "positive", False)]
)
def test_the_mood_of_zero_to_ten(score: str, expected: Mood, low: bool) -> None:
    assert (mood(NPS, given(recommend=score)), low_score(NPS, given(recommend=score))) == (expected, low)


def test_one_bad_answer_among_good_ones_spares_cheerful_thanks() -> None:
    assert mood(CAHPS, given(listen="always", respect="never", rating="10")) == "negative"
    assert not low_score(CAHPS, given(listen="always", respect="never", rating="10"))
