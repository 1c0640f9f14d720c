"""What phones are told: every document as a table of its verbs, in both languages, whatever the clinic is called."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from handoff.app import load_house
from handoff.channels import voice
from handoff.desk.work import House
from handoff.settings import load
from handoff.simulator.twiml import parse
from tests.twilio import OURS, SID, TOKEN

NAMES = ["Elm Street Clinic", "Smith & Sons", "A<B>C", "\"Quoted\" 'Clinic'", "</Say><Dial>+15550100999</Dial>", "Clínica Ñandú", "]]>"]
ROOM = "call-1"
DIGITS = "https://heard.example/twilio/voice/staff/digit?callback=cb-1&attempt=2&call=call-1"


def house(tmp_path: Path, **given: object) -> House:
    account = {"twilio_account_sid": SID, "twilio_auth_token": TOKEN, "twilio_numbers": (OURS,), "public_url": "https://heard.example"}
    return load_house(
        load(data_dir=tmp_path, port=1, **{"clinic_name": "Elm Street Clinic", "clinic_phone": "(555) 010-0123", **account, **given})
    )


def said(document: str) -> list[str]:
    """Everything that is said, wherever it stands."""
    return [say.text or "" for say in ElementTree.fromstring(document).iter("Say")]


def verbs(document: str) -> list[str]:
    return [verb.name for verb in parse(document)]


def test_the_whisper_tells_nothing_and_asks_for_one_key(tmp_path: Path) -> None:
    document = voice.whisper(house(tmp_path), DIGITS)
    gather, hangup = parse(document)
    assert (gather.name, hangup.name) == ("Gather", "Hangup")
    assert gather.given == {"action": DIGITS, "method": "POST", "numDigits": "1", "timeout": "10"}
    assert said(document) == ["Heard has a call for you about a patient. Press 1 to take it."]


def test_whoever_pressed_1_waits_in_a_room_without_a_beep(tmp_path: Path) -> None:
    document = voice.wait_for_patient(house(tmp_path), ROOM)
    assert verbs(document) == ["Say", "Dial", "Say", "Hangup"]
    (room,) = parse(document)[1].inner
    assert (room.name, room.text) == ("Conference", ROOM)
    assert room.given == {"beep": "false", "startConferenceOnEnter": "true", "endConferenceOnExit": "true", "maxParticipants": "2"}


@pytest.mark.parametrize(
    ("locale", "country", "voice_of", "words"),
    [
        ("en", "US", "en-US", "Hello, this is Elm Street Clinic. One moment please."),
        ("en", "GB", "en-GB", "Hello, this is Elm Street Clinic. One moment please."),
        ("es-MX", "US", "es-MX", "Hola, le llama Elm Street Clinic. Un momento, por favor."),
        ("es", "ES", "es-ES", "Hola, le llama Elm Street Clinic. Un momento, por favor."),
        ("pl", "IE", "en-GB", "Hello, this is Elm Street Clinic. One moment please."),
    ],
)
def test_a_patient_hears_who_calls_in_their_language(tmp_path: Path, locale: str, country: str, voice_of: str, words: str) -> None:
    document = voice.connect_patient(house(tmp_path, country=country), locale, ROOM)
    assert verbs(document) == ["Say", "Dial", "Hangup"]
    assert said(document) == [words]
    assert parse(document)[0].given == {"language": voice_of}
    assert parse(document)[1].inner[0].text == ROOM


@pytest.mark.parametrize(
    ("locale", "phone", "words"),
    [
        ("en", "(555) 010-0123", "This is Elm Street Clinic. Please call us back at (555) 010-0123."),
        ("es", "(555) 010-0123", "Le llama Elm Street Clinic. Por favor, devuélvanos la llamada al (555) 010-0123."),
        ("en", "", "This is Elm Street Clinic. We tried to reach you. Goodbye."),
        ("es", "", "Le llama Elm Street Clinic. Hemos intentado hablar con usted. Hasta luego."),
    ],
)
def test_a_machine_hears_who_called_and_how_to_reach_us(tmp_path: Path, locale: str, phone: str, words: str) -> None:
    document = voice.leave_word(house(tmp_path, clinic_phone=phone), locale)
    assert verbs(document) == ["Pause", "Say", "Hangup"]
    assert said(document) == [words]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("locale", ["en", "es"])
def test_a_clinics_name_stays_a_name(tmp_path: Path, name: str, locale: str) -> None:
    ours = house(tmp_path, clinic_name=name)
    for document, wanted in [
        (voice.connect_patient(ours, locale, ROOM), ["Say", "Dial", "Hangup"]),
        (voice.leave_word(ours, locale), ["Pause", "Say", "Hangup"]),
    ]:
        assert verbs(document) == wanted
        assert name in said(document)[0]


@pytest.mark.parametrize("name", NAMES)
def test_staff_hear_no_more_whatever_the_clinic_is_called(tmp_path: Path, name: str) -> None:
    ours = house(tmp_path, clinic_name=name)
    assert said(voice.whisper(ours, DIGITS, again=True)) == ["That was not 1. Press 1 to take the call, or hang up."]


def test_a_stale_call_is_hung_up() -> None:
    assert verbs(voice.hang_up()) == ["Hangup"]


def test_addresses_carry_our_ids_and_begin_as_twilio_knows_us(tmp_path: Path) -> None:
    assert voice.address(house(tmp_path), voice.DIGIT_PATH, callback="cb-1", attempt=2, call="call-1") == DIGITS
    assert voice.address(house(tmp_path), voice.DIGIT_PATH, callback="cb-1", attempt=2, call="call-1", again="1") == f"{DIGITS}&again=1"
