"""`heard doctor` reads what a clinic writes as the service does at its start, and names a mistake with its file and place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handoff.cli import main
from handoff.doctor import examine
from handoff.finding import Finding
from handoff.settings import ROOT, Settings, load
from handoff.staff import accounts
from handoff.store import migrate
from handoff.written import examine_written
from tests.cast import Cast

MAKE = "correct the address, or make an account with heard staff add."
SPANISH = "messages/es/service.yml"

MISTAKES: list[tuple[str, str, str, str, str]] = [  # the file, what becomes of it, and what is said of it: subject, place, why
    ("routing.yml", "nothing", "routing", "routing.yml: cannot be read", "No such file"),
    ("routing.yml", "in Latin-1", "routing", "routing.yml:{line}: not saved as UTF-8", ""),
    ("routing.yml", "fall_back: clinic => fall_back: nobody", "routing", "routing.yml:{line}: fall_back: ", "there is no team nobody"),
    ("routing.yml", "teams: => teams: [", "routing", "routing.yml:", ""),
    ("routing.yml", 'version: "9" => version: 2026-02-30', "routing", "routing.yml:{line}: ", "looks like a day or a number and is none"),
    ("hours.yml", "nothing", "hours", "hours.yml: cannot be read", "No such file"),
    ("hours.yml", 'tuesday: ["08:00-18:00"] => tuesday: ["8-18"]', "hours", "hours.yml:{line}: tuesday.1: ", "must look like"),
    ("hours.yml", "holidays: [] => holidays: [2026-02-30]", "hours", "hours.yml:{line}: ", "2026-02-30 looks like a day"),
    ("hours.yml", "friday: => friday: [", "hours", "hours.yml:", ""),
    ("hours.yml", "in Latin-1", "hours", "hours.yml:{line}: not saved as UTF-8", ""),
    (SPANISH, "nothing", "messages", f"{SPANISH}: cannot be read", "No such file"),
    (SPANISH, "in Latin-1", "messages", f"{SPANISH}:{{line}}: not saved as UTF-8", ""),
    (SPANISH, "empty", "messages", f"{SPANISH}: ", "must be a list of names with their sentences"),
    (SPANISH, "clinic:  => clinik: ", "messages", f"{SPANISH}:{{line}}: clinik: ", "is in es only, not in en; did you mean clinic?"),
    (
        SPANISH,
        "{name} => {nombre}",
        "messages",
        f"{SPANISH}:{{line}}: joined: ",
        "must have in it what it has in en: {name}, not {nombre}.",
    ),
    (SPANISH, "{name} => {name", "messages", f"{SPANISH}:{{line}}: joined: ", "a brace is missing"),
    (SPANISH, 'clinic: "la clínica" => clinic: no', "messages", f"{SPANISH}:{{line}}: clinic: ", "must be a text in quotes, not no."),
    ("messages/es/bot.yml", "in Latin-1", "messages", "messages/es/bot.yml:{line}: not saved as UTF-8", ""),
]


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A clinic's own folder of files."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path


def look(clinic: Path) -> dict[str, Finding]:
    return {one.subject: one for one in examine_written(load(config_dir=clinic / "config"))}


def test_what_is_in_order_is_said_in_a_few_words(clinic: Path) -> None:
    found = look(clinic)
    assert [one.grade for one in found.values()] == ["ok", "ok", "ok", "ok"]
    assert found["hours"].sentence == "open on 5 days of the week, 0 holidays"
    assert found["messages"].sentence == "in en, es"
    assert found["routing"].sentence.endswith("; teams: clinic; 0 people listed")


async def test_the_doctor_goes_on_after_a_mistake(clinic: Path) -> None:
    for file in ("routing.yml", "hours.yml", SPANISH):
        spoil(clinic / "config" / file, "nothing")
    found = await examine(load(config_dir=clinic / "config", data_dir=clinic, port=1))
    assert [one.grade for one in found if one.subject in ("routing", "hours", "messages")] == ["fail", "fail", "fail"]
    assert found[-1].subject == "provider"


@pytest.mark.parametrize(("file", "change", "subject", "place", "why"), MISTAKES)
def test_a_mistake_is_named_with_its_file_and_place(clinic: Path, file: str, change: str, subject: str, place: str, why: str) -> None:
    line = spoil(clinic / "config" / file, change)
    found = look(clinic)
    assert {name for name, one in found.items() if one.grade == "fail"} == {subject}
    assert place.replace("{line}", str(line)) in found[subject].sentence
    assert why in found[subject].sentence


LISTED = "people:\n  Maria@clinic.example: { languages: [en, es] }\n  smam@clinic.example: {}\n  tom@clinic.example: {}\n"


async def test_who_is_listed_and_has_no_account_is_said_with_the_line(tmp_path: Path, cast: Cast, settings: Settings) -> None:
    await cast.desk.do(accounts.disable, cast.priya.id)
    listed = LISTED + "  priya@clinic.example: {}\n"
    shutil.copytree(ROOT / "config", tmp_path / "config")
    path = tmp_path / "config" / "routing.yml"
    line = spoil(path, f"people: {{}}\n => {listed}")
    found = await examine(settings.model_copy(update={"config_dir": tmp_path / "config"}))
    assert [(one.grade, one.sentence) for one in found if one.subject == "people"] == [
        (
            "warn",
            f"{path}:{line + 2}: people.smam@clinic.example: nobody signs in as smam@clinic.example; did you mean sam@clinic.example?",
        ),
        ("warn", f"{path}:{line + 3}: people.tom@clinic.example: nobody signs in as tom@clinic.example; {MAKE}"),
        ("warn", f"{path}:{line + 4}: people.priya@clinic.example: nobody signs in as priya@clinic.example; {MAKE}"),
    ]


NURSES = "teams:\n  nurses: { name: { en: Nurses } }\n  clinic: { name: { en: The clinic } }\n"
ONLY_CLINIC = "{ teams: [clinic], languages: [en, pl] }"


@pytest.mark.parametrize("all_round", [(), ("priya",)])
async def test_a_team_of_nobody_and_a_language_that_nobody_speaks_are_said(
    tmp_path: Path, cast: Cast, settings: Settings, all_round: tuple[str, ...]
) -> None:
    """Who is not listed belongs to every team and speaks every language."""
    names = [name for name in ("maria", "sam", "priya", "root") if name not in all_round]
    listed = "people:\n" + "".join(f"  {name}@clinic.example: {ONLY_CLINIC}\n" for name in names)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    path = tmp_path / "config" / "routing.yml"
    spoil(path, f"people: {{}}\n => {listed}")
    line = spoil(path, f"teams:\n  clinic: {{ name: {{ en: The clinic, es: La clínica }} }}\n => {NURSES}")
    found = await examine(settings.model_copy(update={"config_dir": tmp_path / "config"}))
    said = [
        ("warn", f"{path}:{line + 1}: teams.nurses: nobody who can sign in belongs to this team; what is for it is offered to the others"),
        ("warn", f"{path}: people: nobody who can sign in speaks es; whoever writes in it is offered to the others"),
    ]
    assert [(one.grade, one.sentence) for one in found if one.subject == "people"] == ([] if all_round else said)


def test_a_clinic_that_phones_nobody_is_told_so(clinic: Path) -> None:
    path = clinic / "config" / "hours.yml"
    path.write_text("monday: []\n", encoding="utf-8")
    assert look(clinic)["hours"] == Finding("warn", "hours", f"{path}: there is no day with hours in it: no patient is offered a call")


@pytest.mark.parametrize(("change", "ends"), [("", 0), ("monday: => munday:", 1)])
def test_the_command_ends_as_it_found_things(
    clinic: Path, change: str, ends: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is what scripts go by; and a sentence is printed as it is, whatever brackets are in it."""
    migrate.upgrade(load(data_dir=clinic))
    spoil(clinic / "config" / "routing.yml", "people: {} => people: { '[maria]@x': {} }")
    spoil(clinic / "config" / "hours.yml", change) if change else None
    monkeypatch.setattr("sys.argv", ["heard", "doctor"])
    for name, value in {"CONFIG_DIR": clinic / "config", "DATA_DIR": clinic, "BOT_PORT": 1}.items():
        monkeypatch.setenv(f"HEARD_{name}", str(value))
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code or 0) == ends
    assert "nobody signs in as [maria]@x" in " ".join(capsys.readouterr().out.split())


def spoil(path: Path, change: str) -> int:
    """Do it; the line in which the change is."""
    text = path.read_text(encoding="utf-8")
    if change == "nothing":
        path.unlink()
    elif change == "empty":
        path.write_text("", encoding="utf-8")
    elif change == "in Latin-1":
        path.write_bytes(f"# mañana\n{text}".encode("latin-1", "replace"))
    else:
        old, new = change.split(" => ")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1
    return 1
