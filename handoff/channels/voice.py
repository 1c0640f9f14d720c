"""What phones are told, as TwiML that Twilio's library builds (so that a clinic's name with & or < in it stays a name).

Staff are rung first and hear nothing about the patient before they press 1: a mailbox may be listening. Both sides meet in a
conference named after the staff's call, which the patient joins only when a person, or what may be one, has picked up.
Source: Twilio, "TwiML for Programmable Voice" (Say, Gather, Dial, Conference, Hangup).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from handoff.desk.work import House

STAFF_PATH, DIGIT_PATH = "/twilio/voice/staff", "/twilio/voice/staff/digit"
PATIENT_PATH, STATUS_PATH = "/twilio/voice/patient", "/twilio/voice/status"
PRESS_WITHIN = 10  # seconds
ACCEPT = "1"

# The voices that Twilio has, by our language and the clinic's country.
VOICES: Mapping[tuple[str, str], str] = {
    **{("en", country): "en-GB" for country in ("GB", "IE", "ES")},
    ("en", "US"): "en-US",
    **{("es", country): "es-ES" for country in ("GB", "IE", "ES")},
    ("es", "US"): "es-MX",
}


def address(house: House, path: str, *, callback: str, attempt: int, call: str, **more: str) -> str:
    """The URL that Twilio asks about one leg; the signature covers its ids. Only for a house that has an account."""
    assert house.account is not None
    return f"{house.account.public_url}{path}?{urlencode({'callback': callback, 'attempt': attempt, 'call': call, **more})}"


def whisper(house: House, digit_url: str, *, again: bool = False) -> str:
    """Asks whoever picked up the staff's phone to press 1; without a key, hangs up."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=PRESS_WITHIN, action=digit_url, method="POST")
    _say(gather, house, house.settings.locale, "voice.whisper_again" if again else "voice.whisper")
    response.append(gather)
    response.hangup()
    return str(response)


def wait_for_patient(house: House, room: str) -> str:
    """The member of staff pressed 1: they wait in the room; when it ends, they are told to write down how it went."""
    response = VoiceResponse()
    _say(response, house, house.settings.locale, "voice.connecting")
    response.append(_room(room))
    _say(response, house, house.settings.locale, "voice.ended")
    response.hangup()
    return str(response)


def connect_patient(house: House, locale: str, room: str) -> str:
    """A person picked up the patient's phone: who calls, and into the room."""
    response = VoiceResponse()
    _say(response, house, locale, "voice.one_moment")
    response.append(_room(room))
    response.hangup()
    return str(response)


def leave_word(house: House, locale: str) -> str:
    """A machine listens, or the member of staff has gone: who called and how to reach us, and nothing else."""
    response = VoiceResponse()
    response.pause(length=1)
    _say(response, house, locale, "voice.message" if house.settings.clinic_phone else "voice.message_without_number")
    response.hangup()
    return str(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def _room(room: str) -> Dial:
    dial = Dial()
    dial.conference(room, beep="false", start_conference_on_enter=True, end_conference_on_exit=True, max_participants=2)
    return dial


def _say(where: VoiceResponse | Gather, house: House, locale: str, key: str) -> None:
    settings = house.settings
    language = house.words.language(locale)
    words = house.words.say(locale, key, clinic=house.clinic(locale), phone=settings.clinic_phone)
    where.say(words, language=VOICES.get((language, settings.country), language))
