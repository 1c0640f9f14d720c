"""Calls from "Call now" to their end, as stories: a real node, the look-alike's phones, time that passes when the story says so.

A story is lines of tests/call_stories.py: who is at which phone and what goes wrong; what staff and patients do; and, after `=`, what is
so in the end: the legs in the ledger (side, state, what came of it), the callback, what was heard and read, how often phones rang.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.call_stories import tell

STORIES = {
    # both pick up
    "they talk": """
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient completed spoke
        = callback: connected, 0 attempts, promise kept
        = they were connected once
        = Nora heard: Heard has a call for you about a patient. Press 1 to take it. / Connecting you. Please hold.
        = Ana heard: Hello, this is Elm Street Clinic. One moment please.
        = Ana read nothing
    """,
    "the patient hangs up first, and staff are asked how it went": """
        Ana hangs up after 20 seconds
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient completed spoke
        = Nora heard: Heard has a call for you about a patient. Press 1 to take it. / Connecting you. Please hold. / The call has ended. Please write down in Heard how it went.
    """,
    "they talk, and nobody writes down how it went": """
        Ana hangs up after 20 seconds
        Nora calls
        29 minutes pass
        = callback: connected, 0 attempts, promise kept
        3 minutes pass
        = callback: completed, 0 attempts, promise kept
        = Ana read nothing
    """,
    "what may be a person is taken for one": """
        Ana seems unknown
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient completed spoke
        = they were connected once
    """,
    # the staff's leg
    "staff press no key": """
        Nora presses nothing
        Nora calls
        3 minutes pass
        = legs: staff completed -
        = callback: scheduled, 0 attempts
        = Ana's phone rang 0 times
        = Ana read nothing
    """,
    "staff press a wrong key, then 1": """
        Nora presses 9 then 1
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient completed spoke
        = Nora heard: Heard has a call for you about a patient. Press 1 to take it. / That was not 1. Press 1 to take the call, or hang up. / Connecting you. Please hold.
    """,
    "staff press wrong keys only": """
        Nora presses 9 then 9
        Nora calls
        3 minutes pass
        = legs: staff completed -
        = Ana's phone rang 0 times
        = callback: scheduled, 0 attempts
    """,
    "staff hang up in the whisper": """
        Nora hangs up in the whisper
        Nora calls
        3 minutes pass
        = legs: staff completed -
        = Ana's phone rang 0 times
        = callback: scheduled, 0 attempts
    """,
    "the staff's mailbox picks up, and hears nothing about the patient": """
        Nora has a mailbox
        Nora calls
        3 minutes pass
        = legs: staff completed -
        = Nora heard: Heard has a call for you about a patient. Press 1 to take it.
        = Ana's phone rang 0 times
        = callback: scheduled, 0 attempts
    """,
    "the staff's phone is busy": """
        Nora is busy
        Nora calls
        3 minutes pass
        = legs: staff busy -
        = callback: scheduled, 0 attempts
    """,
    "the staff's phone rings out": """
        Nora lets it ring
        Nora calls
        3 minutes pass
        = legs: staff no_answer -
        = callback: scheduled, 0 attempts
    """,
    "a colleague takes it after the first missed it": """
        Nora lets it ring
        Nora calls
        3 minutes pass
        Tom calls
        3 minutes pass
        = legs: staff no_answer -, staff completed pressed, patient completed spoke
        = they were connected once
    """,
    "staff press 1 and hang up while the patient's phone rings": """
        Nora hangs up after 12 seconds
        Ana lets it ring
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient canceled no_answer
        = they were never connected
        = callback: scheduled, 1 attempt
        = Ana read 1 message
    """,
    # the patient's leg
    "the patient is busy": """
        Ana is busy
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient busy busy
        = callback: scheduled, 1 attempt, promise open
        = Ana read 1 message
        = Ana read last: Elm Street Clinic just tried to phone you and could not reach you. We will try again. You can also reach us at (202) 555-0100.
        = Ana was texted 1 message
    """,
    "the patient declines": """
        Ana declines
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient busy busy
        = callback: scheduled, 1 attempt
    """,
    "the patient does not answer": """
        Ana lets it ring
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient no_answer no_answer
        = callback: scheduled, 1 attempt
        = Ana read 1 message
    """,
    "the patient's mailbox hears who called, and staff never hear it": """
        Ana has a mailbox
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient completed voicemail
        = Ana heard: This is Elm Street Clinic. Please call us back at (202) 555-0100.
        = they were never connected
        = callback: scheduled, 1 attempt
        = Ana read 1 message
    """,
    "a fax is no patient": """
        Ana seems fax
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient completed voicemail
        = Ana heard nothing
        = they were never connected
    """,
    "the patient hangs up while Twilio listens": """
        Ana hangs up after 1 seconds
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient completed no_answer
        = callback: scheduled, 1 attempt
    """,
    "the patient's number leads nowhere": """
        Ana has a dead number
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient failed failed
        = callback: scheduled, 1 attempt
    """,
    "three attempts in vain, and the patient is told": """
        Ana lets it ring
        Nora calls
        11 minutes pass
        Nora calls
        11 minutes pass
        Nora calls
        11 minutes pass
        Nora cannot call
        = Ana's phone rang 3 times
        = callback: escalated, 3 attempts, promise broken
        = Ana read 3 messages
        = Ana read last: Elm Street Clinic tried to phone you several times and could not reach you. What you told us stays open with the team. You can reach us at (202) 555-0100, or write here.
    """,
    "the second attempt within ten minutes is refused": """
        Ana is busy
        Nora calls
        3 minutes pass
        Nora cannot call
        = Ana's phone rang 1 times
    """,
    "the second attempt reaches the patient": """
        Ana lets it ring, then answers
        Nora calls
        11 minutes pass
        Nora calls
        3 minutes pass
        = callback: connected, 1 attempt, promise kept
        = they were connected once
    """,
    # who acts meanwhile
    "two staff at once: one calls, the other hears that it is taken": """
        Nora and Tom call at once
        3 minutes pass
        = one of them was told that it is taken
        = legs: staff completed pressed, patient completed spoke
    """,
    "a double click is one call": """
        Nora calls
        Nora calls
        3 minutes pass
        = Nora's phone rang 1 times
        = legs: staff completed pressed, patient completed spoke
    """,
    "the patient calls it off while the staff's phone rings": """
        Nora lets it ring
        Nora calls
        5 seconds pass
        Ana calls it off
        2 minutes pass
        = legs: staff canceled -
        = Ana's phone rang 0 times
        = callback: cancelled, 0 attempts
    """,
    "the patient calls it off while their own phone rings": """
        Ana lets it ring
        Nora calls
        15 seconds pass
        Ana calls it off
        2 minutes pass
        = legs: staff completed pressed, patient canceled -
        = callback: cancelled, 0 attempts
        = they were never connected
    """,
    "staff close the laptop, and the phones do not mind": """
        Nora opens the console
        Nora calls on the console
        5 seconds pass
        Nora closes the laptop
        3 minutes pass
        = legs: staff completed pressed, patient completed spoke
        = they were connected once
    """,
    # what goes wrong on the way
    "callbacks are lost, and the watchdog finds out": """
        callbacks are lost
        Ana lets it ring
        Nora calls
        5 minutes pass
        = legs: staff completed pressed, patient no_answer no_answer
        = callback: scheduled, 1 attempt
    """,
    "callbacks come twice": """
        callbacks come twice
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient completed spoke
        = Ana's phone rang 1 times
    """,
    "callbacks come late and backwards": """
        callbacks come backwards
        Ana is busy
        Nora calls
        3 minutes pass
        = legs: staff completed pressed, patient busy busy
        = callback: scheduled, 1 attempt
        = Ana read 1 message
    """,
    "the answer to the creation is lost, and nobody's phone rings twice": """
        Twilio drops the next answer
        Nora calls
        3 minutes pass
        = Nora's phone rang 1 times
        = legs: staff completed pressed, patient completed spoke
    """,
    "500, although the call was placed": """
        Twilio says 500 to what it does
        Nora calls
        3 minutes pass
        = Nora's phone rang 1 times
        = legs: staff completed pressed, patient completed spoke
    """,
    "the answer and the callbacks are lost: the list of calls has it": """
        Twilio drops the next answer
        callbacks are lost
        Nora lets it ring
        Nora calls
        2 minutes pass
        = legs: staff no_answer -
        = Nora's phone rang 1 times
        = callback: scheduled, 0 attempts
    """,
    "the patient's call may have been placed: it is not placed again, and counts": """
        Twilio takes 1 call and cuts the next
        Nora hangs up after 150 seconds
        Nora calls
        4 minutes pass
        = Ana's phone rang 0 times
        = legs: staff completed pressed, patient failed failed
        = callback: scheduled, 1 attempt
    """,
    "Twilio refuses the staff's number": """
        Twilio refuses Nora's number
        Nora calls
        1 minutes pass
        = legs: staff failed -
        = callback: scheduled, 0 attempts
        = Nora's phone rang 0 times
    """,
    "Twilio refuses the patient's number": """
        Twilio refuses Ana's number
        Nora calls
        1 minutes pass
        = legs: staff completed pressed, patient failed failed
        = callback: scheduled, 1 attempt
        = Nora's phone rang 1 times
    """,
    "Twilio is down: the callback is back in the line, to be made by hand": """
        Twilio is down
        Nora calls
        4 minutes pass
        = legs: staff failed -
        = callback: scheduled, 0 attempts
        = Ana read nothing
    """,
    "the answer comes after the phone was picked up": """
        Twilio answers slowly
        Nora calls
        8 seconds go by
        Twilio answers
        3 minutes pass
        = Nora's phone rang 1 times
        = legs: staff completed pressed, patient completed spoke
    """,
    # old and false requests
    "an address of an attempt that is over leads to nothing": """
        Ana is busy, then answers
        Nora calls
        11 minutes pass
        the documents of the first attempt are asked for again
        = every answer was to hang up
        = callback: scheduled, 1 attempt
        = Ana's phone rang 1 times
    """,
    "the attempt's number in the address counts": """
        Nora calls
        5 seconds pass
        the whisper is asked for as attempt 7
        = every answer was to hang up
    """,
    "ids that nobody knows": """
        Nora calls
        the whisper is asked for with a call that nobody knows
        = every answer was to hang up
    """,
    "a forged request changes nothing": """
        Nora lets it ring
        Nora calls
        5 seconds pass
        somebody forges a 1 of Nora's
        = every answer was 403
        = legs: staff ringing -
        = Ana's phone rang 0 times
    """,
}


@pytest.mark.parametrize("name", STORIES)
async def test_a_call_comes_to_its_end(tmp_path: Path, sqlite_at_head: Path, name: str) -> None:
    shutil.copy(sqlite_at_head, tmp_path / "heard.db")
    await tell(tmp_path, STORIES[name])


@pytest.mark.parametrize(
    "name", ["they talk", "the patient is busy", "two staff at once: one calls, the other hears that it is taken", "callbacks come twice"]
)
async def test_it_does_on_postgresql(tmp_path: Path, postgres_database: str, name: str) -> None:
    await tell(tmp_path, STORIES[name], database_url=postgres_database)
