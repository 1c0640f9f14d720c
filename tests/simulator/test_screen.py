"""The simulator's pages and small interface: there only where it is on, for our own pages only."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from handoff.simulator.cast import CAST
from tests.fakes import until
from tests.service import Node
from tests.twilio import Line

ANA = CAST["US"].patient
PAGES = ("/phone", "/all", "/phone/main.js", "/phone/vendor.js", "/simulator/about")


async def test_without_the_simulator_there_is_no_phone(tmp_path: Path) -> None:
    async with Node(tmp_path, demo=False) as node:
        assert [(await node.http.get(path)).status for path in PAGES] == [404] * len(PAGES)
        assert (await node.http.post("/simulator/text", json={})).status == 404
        assert (await node.http.post("/simulator/twilio/2010-04-01/Accounts/x/Messages.json")).status == 404
        assert "frame-ancestors 'none'" in (await node.http.get("/desk")).headers["Content-Security-Policy"]


async def test_with_credentials_there_is_no_phone_and_no_link_to_it(tmp_path: Path) -> None:
    async with Line() as line, Node(tmp_path, twilio=line) as node:
        assert (await node.http.get("/phone")).status == 404
        assert "/phone" not in await (await node.http.get("/")).text()


async def test_a_demo_has_the_pages(tmp_path: Path) -> None:
    async with Node(tmp_path) as node:
        answers = {path: await node.http.get(path) for path in PAGES}
        assert [answer.status for answer in answers.values()] == [200] * len(PAGES)
        for path in ("/phone", "/all"):
            assert "require-trusted-types-for 'script'" in answers[path].headers["Content-Security-Policy"]
        demo = await (await node.http.get("/")).text()
        assert 'href="/phone"' in demo
        assert 'href="/all"' in demo
        assert (await node.http.get("/phone/../screen.py")).status == 404
        assert (await node.http.get("/phone/%2e%2e/screen.py")).status == 404


@pytest.mark.parametrize("path", ["text", "call", "faults"])
@pytest.mark.parametrize("headers", [{"X-Heard": "0"}, {"Origin": "https://elsewhere.example"}])
async def test_other_sites_are_refused(tmp_path: Path, path: str, headers: dict[str, str]) -> None:
    async with Node(tmp_path) as node:
        answer = await node.http.post(f"/simulator/{path}", json={"number": ANA, "body": "hello"}, headers=headers)
        assert answer.status == 403
        assert (await node.http.get("/simulator/events", headers={"Sec-Fetch-Site": "cross-site"})).status == 403


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("text", {"number": "nonsense", "body": "x"}, 400),
        ("text", {"number": ANA, "body": "x" * 1601}, 400),
        ("text", {"number": ANA, "body": "  "}, 400),
        ("text", {"number": ANA, "body": "x", "more": 1}, 400),
        ("call", {"call": "CA0", "act": "accept"}, 404),
        ("call", {"call": "CA0", "act": "explode"}, 400),
        ("faults", {"number": ANA, "error": 1}, 400),
    ],
)
async def test_bad_input_is_refused(tmp_path: Path, path: str, body: dict[str, Any], status: int) -> None:
    async with Node(tmp_path) as node:
        assert (await node.http.post(f"/simulator/{path}", json=body)).status == status


class Stream:
    """What a page would show, as it changes."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {}
        self.ended = False

    async def read(self, response: aiohttp.ClientResponse) -> None:
        async for line in response.content:
            if line.startswith(b"data: "):
                self.shown = json.loads(line[6:])
        self.ended = True


async def test_the_stream_shows_every_change_and_ends_with_the_service(tmp_path: Path) -> None:
    stream = Stream()
    async with aiohttp.ClientSession() as page:
        async with Node(tmp_path) as node:
            response = await page.get(f"{node.url}/simulator/events", params={"number": ANA})
            reading = asyncio.create_task(stream.read(response))
            await until(lambda: stream.shown)
            assert stream.shown["phones"][0]["texts"] == []
            assert (await node.http.post("/simulator/faults", json={"number": ANA, "error": 30007, "deaf": True})).status == 200
            await until(lambda: stream.shown["phones"][0]["error"] == 30007)
            answer = await node.http.post("/simulator/text", json={"number": ANA, "body": "hello"})
            assert await answer.json() == {"status": 0}
            shown = await until(lambda: stream.shown["phones"][0]["texts"])
            assert (shown[0]["body"], shown[0]["mine"]) == ("hello", True)
            await until(lambda: stream.shown["phones"][0]["texts"][0]["taken"] == 0)
            await node.http.post("/simulator/faults", json={"number": ANA})
            await until(lambda: stream.shown["faults"] == {"slow": False, "lost": False, "deaf": False})
        async with asyncio.timeout(5):
            await reading
        assert stream.ended


async def test_the_service_texts_and_calls_through_it_like_through_twilio(tmp_path: Path) -> None:
    async with Node(tmp_path) as node:
        twilio, phone = node.service.twilio, node.service.phone
        assert twilio is not None
        assert phone is not None
        root = node.service.settings.url
        sent = await phone.send_text(to=ANA, sender=twilio.account.number, body="Hello", status_url=f"{root}/twilio/nowhere")
        await until(lambda: twilio.received_by(ANA) == ["Hello"])
        assert (await phone.text(sent.sid)).state == "delivered"
        call = await phone.place_call(to=ANA, sender=twilio.account.number, url=f"{root}/twilio/nowhere", status_url="", ring=20)
        await until(lambda: twilio.calls[0].state == "ringing")
        for act in ("mailbox", "accept"):  # the second comes too late
            assert (await node.http.post("/simulator/call", json={"call": call.sid, "act": act})).status == 200
        await until(lambda: twilio.calls[0].said)
        assert twilio.calls[0].party.answered_by == "machine_start"
        await phone.hang_up(call.sid)
        await until(lambda: twilio.calls[0].state == "completed")
