"""Through a whole node without any account: a page comes to the staff phone on the screen, the console follows it, STOP ends it."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from handoff.doctor import examine
from handoff.metrics import Metrics
from handoff.settings import ROOT, load
from handoff.simulator.cast import CAST
from handoff.staff.access import Role
from tests.fakes import until
from tests.service import Node
from tests.twilio import SID, TOKEN

PHONE = CAST["US"].staff
DANGER = "I want to kill myself"
TWILIO = {"twilio_account_sid": SID, "twilio_auth_token": TOKEN, "twilio_numbers": ("+12025550100",), "public_url": "https://a.example"}
STEP = "  - { after: 0, who: everybody }\n"


def clinic(folder: Path, phones: str) -> Path:
    """A configuration whose first step of `on_call` has these phones."""
    shutil.copytree(ROOT / "config", folder)
    file = folder / "routing.yml"
    text = file.read_text(encoding="utf-8")
    assert STEP in text
    file.write_text(text.replace(STEP, f"  - {{ after: 0, who: everybody, phones: [{phones}] }}\n"), encoding="utf-8")
    return folder


async def test_a_page_comes_to_the_phone_on_the_screen_and_is_followed_to_its_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with Node(tmp_path / "data", config_dir=clinic(tmp_path / "config", f'"{PHONE}"')) as node:
        twilio = node.service.twilio
        assert twilio is not None
        priya, patient = await node.staff("Priya", Role.SUPERVISOR), await node.patient()
        await patient.send(DANGER)
        (body,) = await until(lambda: twilio.received_by(PHONE))
        assert body.startswith("Elm Street Clinic: a safety matter has been waiting since ")
        assert body.endswith(f" Please take it at {node.service.settings.url}/desk")
        conversation = await priya.sees_waiting()
        await until(lambda: priya.items[conversation]["page"]["texts"] == [{"phone": PHONE[-2:], "state": "delivered", "reason": None}])
        assert PHONE not in str(priya.items)
        counted = (await Metrics().page(node.service.desk)).decode()
        assert 'heard_texts{state="delivered"} 1.0' in counted
        assert PHONE not in counted
        assert PHONE not in caplog.text


async def test_the_console_says_that_no_page_comes_to_a_phone_that_has_sent_stop(tmp_path: Path) -> None:
    async with Node(tmp_path / "data", config_dir=clinic(tmp_path / "config", f'"{PHONE}"')) as node:
        twilio = node.service.twilio
        assert twilio is not None
        priya = await node.staff("Priya", Role.SUPERVISOR)
        await twilio.text_in(PHONE, "STOP")
        before = twilio.received_by(PHONE)
        patient = await node.patient()
        await patient.send(DANGER)
        conversation = await priya.sees_waiting()
        await until(lambda: priya.items[conversation]["page"]["texts"] == [{"phone": PHONE[-2:], "state": "failed", "reason": "opted_out"}])
        settings = load(data_dir=tmp_path / "data", config_dir=tmp_path / "config", **TWILIO)
        (warned,) = [finding for finding in await examine(settings) if finding.subject == "on call"]
        assert (warned.grade, PHONE in warned.sentence) == ("warn", False)
        assert warned.sentence.startswith(f"no page comes to the phone ending in {PHONE[-2:]}: it has stopped our texts")
        await twilio.text_in(PHONE, "START")
        await (await node.patient()).send(DANGER)
        await until(lambda: [body for body in twilio.received_by(PHONE)[len(before) :] if "a safety matter" in body])


@pytest.mark.parametrize(
    ("phones", "given", "grade", "sentence"),
    [
        ("", {}, "warn", "a safety matter at night reaches nobody who is not signed in; list phones in on_call of "),
        (f'"{PHONE}", "+12025550123"', {}, "warn", "phones are listed, but without a provider no text reaches a real one"),
        (
            f'"{PHONE}"',
            TWILIO,
            "ok",
            "a safety matter that waits is texted to who is on call (phones: 1)",
        ),
    ],
)
async def test_the_doctor_says_whom_a_safety_matter_reaches(
    tmp_path: Path, phones: str, given: dict[str, object], grade: str, sentence: str
) -> None:
    settings = load(data_dir=tmp_path / "data", config_dir=clinic(tmp_path / "config", phones), **given)
    (found,) = [finding for finding in await examine(settings) if finding.subject == "on call"]
    assert found.grade == grade
    assert sentence in found.sentence
