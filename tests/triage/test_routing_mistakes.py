"""What a clinic manager gets wrong in config/routing.yml, and the sentence that says so: its line, its place, and what is wanted there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from handoff.routing_file import RoutingFile, load_routing
from handoff.survey_file import SurveyFile
from tests.triage.small_routing import SMALL, told

STEP = '{ after: 2, who: supervisor, phones: ["+12025550123"] }'
CLINIC = "  clinic: { name: { en: The clinic, es: La clínica } }"
MORNING = 'monday: ["08:00-12:00", "13:00-16:00"]'
FURIOUS = "        - furious"
SPAN = 'must look like "08:00-18:00", in quotes, with two digits each (a day that is closed is left out)'
DAY = 'must be a day of the calendar like "2026-12-25": year, month, day'
OFFERS = "seconds, call_seconds, teams_after, all_after, again_after, misses, capacity and weights"
TEAM = "{ name: …, topics: …, zone: …, hours: … }"
STEPS = "a list of at least one step, like - { after: 0, who: everybody }"
NAMES = "the words for each language, like { en: Nurses, es: Enfermería }"
TEAM_ID = "one word of small letters, digits and _, like night_nurses (what people read is its `name`)"
DANGERS = "self_harm, overdose, emergency, abuse, harm_by_others, violence or other_in_danger"
SIGNS = "capitals, marks, swift, said_again, asked_again, not_understood, corrected, low_score, came_before or bot_failed"
PLAIN = "is not a plain word: small letters, no accents, no punctuation"

# what stands in place of what; so many lines further down than the first of it; what is said of that line
SHAPE: list[tuple[str, str, int, str]] = [
    (
        'phones: ["+12025550123"]',
        'phones: "+12025550123"',
        0,
        'on_call.2.phones: must be a list of numbers in quotes, like ["+12025550123"], not +12025550123.',
    ),
    (
        'phones: ["+12025550123"]',
        "phones: [+12025550123]",
        0,
        "on_call.2.phones.1: +12025550123 is read as a number and must be a text: put it in quotes.",
    ),
    (
        '["+12025550123"]',
        '["202-555-0123"]',
        0,
        'on_call.2.phones.1: 202-555-0123: write it with + and its country, no spaces: "+12025550123".',
    ),
    ('["+12025550123"]', '["+12025550123", "+1202555"]', 0, "on_call.2.phones.2: +1202555: this is too short for a telephone number."),
    ("phones:", "phone:", 0, "on_call.2.phone: there is no phone here; did you mean phones?"),
    ("who: supervisor", "who: nurse", 0, "on_call.2.who: must be everybody, supervisor or admin, not nurse."),
    ("who: supervisor", "who: Supervisors", 0, "on_call.2.who: must be everybody, supervisor or admin; did you mean supervisor?"),
    ("after: 2, who: supervisor", "after: 2", 0, "on_call.2: who is missing; it must be everybody, supervisor or admin."),
    ("after: 2,", "after: 2 minutes,", 0, "on_call.2.after: must be a number from 0 to 60, not 2 minutes."),
    ("after: 2,", 'after: "2",', 0, "on_call.2.after: must be a number from 0 to 60, not 2."),
    ("after: 2,", "after: 90,", 0, "on_call.2.after: must be a number from 0 to 60, not 90."),
    ("after: 2,", "after: 0,", 0, "on_call.2.after: must be later than the one before it, which is after 0 minutes."),
    (f"on_call:\n  - {{ after: 0, who: everybody }}\n  - {STEP}\n", "on_call: []\n", 0, f"on_call: must be {STEPS}, not empty."),
    (f"on_call:\n  - {{ after: 0, who: everybody }}\n  - {STEP}\n", "on_call:\n", 0, f"on_call: nothing stands here; it must be {STEPS}."),
    (
        f"on_call:\n  - {{ after: 0, who: everybody }}\n  - {STEP}\n",
        "on_call:\n  after: 0\n",
        0,
        f"on_call: must be {STEPS}, not names with their values.",
    ),
    ("on_call:", "on-call:", 0, "on-call: there is no on-call here; did you mean on_call?"),
    (STEP, "supervisor", 0, "on_call.2: must be { after: …, who: …, phones: … }, not supervisor."),
    ("seconds:", "second:", 0, "offers.second: there is no second here; did you mean seconds?"),
    ("seconds: 45", "Seconds: 45", 0, "offers.Seconds: there is no Seconds here; did you mean seconds?"),
    ("seconds: 45", "seconds: 45s", 0, "offers.seconds: must be a number from 10 to 600, not 45s."),
    ("seconds: 45", "seconds: 4O", 0, "offers.seconds: must be a number from 10 to 600, not 4O."),
    ("seconds: 45", "seconds: 5", 0, "offers.seconds: must be a number from 10 to 600, not 5."),
    ("seconds: 45", "seconds: yes", 0, "offers.seconds: must be a number from 10 to 600, not yes."),
    ("seconds: 45", "seconds: .nan", 0, "offers.seconds: must be a number from 10 to 600, not .nan."),
    ("seconds: 45", "seconds: [45]", 0, "offers.seconds: must be a number from 10 to 600, not a list."),
    ("seconds: 45", "seconds:", 0, "offers.seconds: nothing stands here; it must be a number from 10 to 600."),
    ("  seconds: 45\n", "", -1, "offers: seconds is missing; it must be a number from 10 to 600."),
    ("misses: 3", "misses: 2.5", 0, "offers.misses: must be a whole number from 1 to 20, not 2.5."),
    ("misses: 3", "misses: yes", 0, "offers.misses: must be a whole number from 1 to 20, not yes."),
    ("misses: 3", "misses: 1:30", 0, "offers.misses: must be a whole number from 1 to 20, not 1:30."),
    ("misses: 3", "misses: 3\n  colour: blue", 1, f"offers.colour: there is no colour here; there are {OFFERS}."),
    ("rasa: 2", "email: 2", 0, "offers.weights.email: must be web, rasa, sms or call, not email."),
    ("sms: 1", "SMS: 1", 0, "offers.weights.SMS: there is no SMS here; did you mean sms?"),
    ("web: 2", "web: high", 0, "offers.weights.web: must be a whole number from 0 to 100, not high."),
    ("call: 2 }", "call: 9 }", 0, "offers.weights.call: is more than the capacity, 6: nobody could ever be offered one."),
    ("fall_back: clinic", "fall_back: Clinics", 0, "fall_back: there is no team Clinics; did you mean clinic?"),
    ("fall_back: clinic", "fall_back: desk", 0, "fall_back: there is no team desk; there are clinic and nurses."),
    ("fall_back:", "fallback:", 0, "fallback: there is no fallback here; did you mean fall_back?"),
    ("fall_back: clinic", "fall_back: [clinic]", 0, "fall_back: must be one of the teams, not a list."),
    ("fall_back: clinic", "fall_back: clinic\nnotes: ask Maria", 1, "notes: there is no notes here."),
    ("{ en: The clinic, es: La clínica }", "The clinic", 0, f"teams.clinic.name: must be {NAMES}, not The clinic."),
    ("{ en: The clinic, es: La clínica }", "{}", 0, f"teams.clinic.name: must be {NAMES}, not empty."),
    ("en: The clinic", "en: yes", 0, "teams.clinic.name.en: yes is read as yes or no and must be a text: put it in quotes."),
    ("en: The clinic", "no: Klinikken", 0, "teams.clinic.name.no: no is read as yes or no and must be a text: put it in quotes."),
    ("en: The clinic", "xx: The clinic", 0, "teams.clinic.name.xx: there is no language xx; it must be one like en or es."),
    ("en: The clinic", "en: ", 0, "teams.clinic.name.en: nothing stands here; it must be a text (in quotes where it begins with # or &)."),
    (CLINIC, f"{CLINIC}\n  doctors: Doctors", 1, f"teams.doctors: must be {TEAM}, not Doctors."),
    (CLINIC, f"{CLINIC}\n  doctors:", 1, f"teams.doctors: nothing stands here; it must be {TEAM}."),
    (CLINIC, f"{CLINIC}\n  doctors: {{ topics: [money] }}", 1, f"teams.doctors: name is missing; it must be {NAMES}."),
    (CLINIC, f"{CLINIC}\n  Doctors: {{ name: {{ en: Doctors }} }}", 1, f"teams.Doctors: must be {TEAM_ID}, not Doctors."),
    (CLINIC, f"{CLINIC}\n  night doctors: {{ name: {{ en: x }} }}", 1, f"teams.night doctors: must be {TEAM_ID}, not night doctors."),
    (CLINIC, f"{CLINIC}\n  2: {{ name: {{ en: x }} }}", 1, "teams.2: 2 is read as a number and must be a text: put it in quotes."),
    (
        "topics: [medication]",
        "topics: medication",
        0,
        "teams.nurses.topics: must be a list of topics, like [medication, treatment], not medication.",
    ),
    ("topics: [medication]", "topics: [medications]", 0, "teams.nurses.topics.1: there is no topic medications; did you mean medication?"),
    ("topics: [medication]", "topic: [medication]", 0, "teams.nurses.topic: there is no topic here; did you mean topics?"),
    ("America/New_York", "New York", 0, "teams.nurses.zone: there is no time zone New York; it must be America/New_York."),
    ("America/New_York", "Europe/Lonodn", 0, "teams.nurses.zone: there is no time zone Europe/Lonodn; it must be Europe/London."),
    ("America/New_York", "Home", 0, "teams.nurses.zone: there is no time zone Home; it must be one like Europe/London."),
    ("America/New_York", "-5", 0, "teams.nurses.zone: -5 is read as a number and must be a text: put it in quotes."),
    ('monday: ["08:00-12:00", ', 'monday: ["25:00-26:00", ', 0, f"teams.nurses.hours.monday.1: {SPAN}, not 25:00-26:00."),
    ('"13:00-16:00"', '"1pm-4pm"', 0, f"teams.nurses.hours.monday.2: {SPAN}, not 1pm-4pm."),
    (MORNING, "monday: [10:00, 12:00]", 0, f"teams.nurses.hours.monday.1: {SPAN}, not 10:00."),
    (MORNING, "monday: closed", 0, f"teams.nurses.hours.monday: {SPAN}, not closed."),
    (MORNING, "monday: { from: 8 }", 0, f"teams.nurses.hours.monday: {SPAN}, not names with their values."),
    (
        '"13:00-16:00"',
        '"16:00-08:00"',
        0,
        "teams.nurses.hours.monday.2: 16:00-08:00: must end after it begins, on the same day, and begin after the one before it.",
    ),
    ("monday: [", "Monday: [", 0, "teams.nurses.hours.Monday: this is no day; did you mean monday?"),
    (
        "monday: [",
        "every_day: [",
        0,
        "teams.nurses.hours.every_day: this is no day; there are monday, tuesday, wednesday, thursday, friday, saturday, sunday and holidays.",
    ),
    (
        MORNING,
        "monday: []",
        -1,
        "teams.nurses.hours: there is no day on which this team is open; leave `hours` out for those of the clinic.",
    ),
    ('"2026-12-25"', '"2026-02-30"', 0, f"teams.nurses.hours.holidays.1: {DAY}, not 2026-02-30."),
    ('"2026-12-25"', "2026-02-30", 0, "2026-02-30 looks like a day or a number and is none; put it in quotes if it is a text."),
    ('"2026-12-25"', "2026-12-25 10:00:00", 0, f"teams.nurses.hours.holidays.1: {DAY}, not 2026-12-25 10:00:00."),
    ('"2026-12-25"', "2026-12-26, Christmas", 0, f"teams.nurses.hours.holidays.2: {DAY}, not Christmas."),
    ("holidays:", "holiday:", 0, "teams.nurses.hours.holiday: this is no day; did you mean holidays?"),
    ("teams: [nurses]", "teams: [nurse]", 0, "people.maria@clinic.example.teams.1: there is no team nurse; did you mean nurses?"),
    ("teams: [nurses]", "teams: nurses", 0, "people.maria@clinic.example.teams: must be a list of teams, like [nurses], not nurses."),
    ("teams: [nurses]", "team: [nurses]", 0, "people.maria@clinic.example.team: there is no team here; did you mean teams?"),
    (
        "[en, es]",
        "[English, es]",
        0,
        "people.maria@clinic.example.languages.1: must be a language in two small letters, like en or es, not English.",
    ),
    ("[en, es]", "[en, sp]", 0, "people.maria@clinic.example.languages.2: there is no language sp; it must be one like en or es."),
    ("[en, es]", "[no, es]", 0, "people.maria@clinic.example.languages.1: no is read as yes or no and must be a text: put it in quotes."),
    ("[en, es]", "en", 0, "people.maria@clinic.example.languages: must be a list of languages, like [en, es], not en."),
    (
        "skills: [medication]",
        "skills: [cooking]",
        0,
        "people.maria@clinic.example.skills.1: there is no topic cooking; there are medication and money.",
    ),
    ("capacity: 4", "capacity: a lot", 0, "people.maria@clinic.example.capacity: must be a whole number from 1 to 100, not a lot."),
    (
        "sam@clinic.example: {}",
        "sam@clinic.example:",
        0,
        "people.sam@clinic.example: nothing stands here; it must be { teams: …, languages: …, skills: …, capacity: … }.",
    ),
    ("sam@clinic.example: {}", "Sam: {}", 0, "people.Sam: Sam is no e-mail address."),
    (
        "people:\n",
        "people:\nfor_now:\n",
        0,
        "people: nothing stands here; it must be e-mail addresses, like maria@clinic.example: { teams: [nurses] }, or {} for none.",
    ),
    ('"5"', "6", 0, "version: 6 is read as a number and must be a text: put it in quotes."),
    ('"5"', "2026-11-27", 0, "version: 2026-11-27 is read as a day and must be a text: put it in quotes."),
    ('"5"', '""', 0, 'version: must be a text of 1 to 40 letters in quotes, like "6", not empty.'),
    ('"5"', f'"{"5" * 50}"', 0, f'version: must be a text of 1 to 40 letters in quotes, like "6", not {"5" * 39}….'),
    ('version: "5"\n', "", -1, 'version is missing; it must be a text of 1 to 40 letters in quotes, like "6".'),
    ('emergency: "911"', "emergency: 911", 0, "emergency.US.emergency: 911 is read as a number and must be a text: put it in quotes."),
    ('call: ["988"]', "call: [988]", 0, "emergency.US.call.1: 988 is read as a number and must be a text: put it in quotes."),
    (', call: ["988"]', "", 0, 'emergency.US: call is missing; it must be a list of numbers to dial in quotes, like ["988"].'),
    ('call: ["988"]', "call: []", 0, 'emergency.US.call: must be a list of numbers to dial in quotes, like ["988"], not empty.'),
    ("  US:", "  us:", 0, "emergency.us: must be a country in two capital letters, like US, not us."),
    ("  US:", "  GB:", -1, "emergency: there are no numbers for US, the clinic's country (HEARD_COUNTRY)."),
    ("points: 3", "points: high", 0, "frustration.words.anger.points: must be a number from 0 to 20, not high."),
    ("      points: 3\n", "", -1, "frustration.words.anger: points is missing; it must be a number from 0 to 20."),
    (
        "money: { points: 2, phrases: [refund] }",
        "money: [refund]",
        0,
        "complexity.kinds.money: must be { points: …, phrases: … }, not a list.",
    ),
    (
        "phrases: [refund]",
        "phrases: refund",
        0,
        "complexity.kinds.money.phrases: must be a list of at least one phrase, each after a dash or between commas in [ ], not refund.",
    ),
    ("watch_at: 2", "watch_at: 9", 0, "frustration.watch_at: must be below offer_at, which is 4."),
    ("marks: 1", "mark: 1", 0, "frustration.signs.mark: there is no mark here; did you mean marks?"),
    ("marks: 1", "shouting: 1", 0, f"frustration.signs.shouting: must be {SIGNS}, not shouting."),
    ("{ 5: 2 }", "{ 9: 2 }", 0, "frustration.model.sentiment.9: must be a whole number from 1 to 5, not 9."),
    ("long_words: 120", "long_words: 0", 0, "complexity.long_words: must be a whole number from 1 on, not 0."),
    ("at_least: 0.8", "at_least: 80%", 0, "safety_model.at_least: must be a number above 0, at most 1, not 80%."),
    ("at_least: 0.8", "at_least: 0,8", 0, "safety_model.at_least: must be a number above 0, at most 1, not 0,8."),
    ("for: {}", "for: { selfharm: 0.4 }", 0, "safety_model.for.selfharm: there is no selfharm here; did you mean self_harm?"),
    ("for: {}", "for: { sadness: 0.4 }", 0, f"safety_model.for.sadness: must be {DANGERS}, not sadness."),
    ("im: i am", "im: [i am]", 0, "spelling.means.im: must be a text (in quotes where it has a colon or a bracket), not a list."),
    ("money: [bill*]", "money: bill*", 0, "topics.money: must be a list of words, like [bill*|billing, factura*], not bill*."),
    (
        "  overdose: { always: [overdose] }\n",
        "",
        -2,
        "safety: overdose: each class of danger needs its phrases and a sentence in must_find.",
    ),
    (
        "kill myself]",
        "hurt myself]",
        8,
        "must_find.self_harm.1: 'I want to kill myself' must be found as self_harm, and is no longer found at all.",
    ),
    (", before: [not]", "", 0, "not_danger.hold_back.said_not: it must say what stands before, near or anywhere."),
]

PHRASES: list[tuple[str, str]] = [
    ("so (angry|cross", "a bracket is missing in 'so (angry|cross'."),
    ("so angry)", "a bracket is missing in 'so angry)'."),
    ("So angry", f"'So' {PLAIN}; write so."),
    ("enfadádo", f"'enfadádo' {PLAIN}; write enfadado."),
    ("angry!", f"'angry!' {PLAIN}; write angry."),
    ("angry - cross", f"'-' {PLAIN}."),
    ("im angry", "'im' is read as 'i am' (spelling): write that."),
    ("angry|", "a word is missing before or behind a bar."),
    ("<dogs> are angry", "there is no word list <dogs>; there is kin."),
    ("<kins> is angry", "there is no word list <kins>; did you mean kin?"),
    ("(angry)?", "'(angry)?' has no word that must be there."),
    ("my words: angry", "must be a text (in quotes where it has a colon or a bracket), not names with their values."),
    ("[angry, cross]", "must be a text (in quotes where it has a colon or a bracket), not a list."),
    ("#angry", "nothing stands here; it must be a text (in quotes where it begins with # or &)."),
    ("911", "911 is read as a number and must be a text: put it in quotes."),
    ('""', "a phrase is empty."),
]


def test_the_file_in_which_the_mistakes_are_made_has_none(tmp_path: Path) -> None:
    path = tmp_path / "routing.yml"
    path.write_text(SMALL, encoding="utf-8")
    assert load_routing(path, country="US").version.startswith("5.")


@pytest.mark.parametrize(("old", "new", "further", "said"), SHAPE, ids=[row[1][:60] for row in SHAPE])
def test_a_mistake_is_told_in_plain_words_with_its_line(tmp_path: Path, old: str, new: str, further: int, said: str) -> None:
    assert old in SMALL
    line = SMALL[: SMALL.index(old)].count("\n") + 1 + further
    assert told(tmp_path, SMALL.replace(old, new, 1)) == f":{line}: {said}"


@pytest.mark.parametrize(("phrase", "said"), PHRASES)
def test_a_phrase_that_cannot_be_read_says_what_to_write(tmp_path: Path, phrase: str, said: str) -> None:
    line = SMALL[: SMALL.index(FURIOUS)].count("\n") + 1
    text = SMALL.replace(FURIOUS, f"        - {phrase}")
    assert told(tmp_path, text) == f":{line}: frustration.words.anger.phrases.1: {said}"


def test_what_is_there_by_a_wrong_name_is_not_said_to_be_missing_too(tmp_path: Path) -> None:
    assert told(tmp_path, SMALL.replace("  seconds:", "  secs:").replace("call_seconds:", "call_secs:")).endswith(
        "offers.secs: there is no secs here; did you mean seconds?"
    )


@pytest.mark.parametrize("model", [RoutingFile, SurveyFile])
def test_each_text_that_must_be_written_in_a_certain_way_says_in_which(model: type[BaseModel]) -> None:
    undescribed = {where for where, field in limited(model) if not field.description}
    assert undescribed == set()


def limited(kind: Any, where: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every text, list or mapping with limits of its own in a model."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            inner = Annotated[field.annotation, field]
            yield from limited(inner, f"{where}.{name}")
        return
    if get_origin(kind) is Annotated:
        numbers = kind.__origin__ in (int, float)
        for mark in kind.__metadata__:
            if isinstance(mark, FieldInfo) and mark.metadata and not numbers and any(not hasattr(one, "strict") for one in mark.metadata):
                yield where, mark
        yield from limited(kind.__origin__, where)
        return
    for part in get_args(kind):
        yield from limited(part, where)
