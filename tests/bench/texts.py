"""Texts that come in while the bot is slow: how long Twilio waits for our answer.

`python -m tests.bench.texts` starts a node of its own with a bot that takes eight seconds, posts signed webhooks of 200 numbers, 50 a
second for 20 seconds, and prints the figures as JSON.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from handoff.desk.turns import BotAnswer, Reply
from tests.bench.figures import Figures, figures
from tests.fakes import FakeBot
from tests.service import Node
from tests.twilio import OURS, SID, TOKEN, Line

NUMBERS, PER_SECOND, SECONDS = 200, 50, 20
LONGEST = 300.0  # milliseconds, p99


class SlowBot(FakeBot):
    async def ask(self, turn: dict[str, Any]) -> BotAnswer:
        await asyncio.sleep(8)
        return BotAnswer((Reply("Thank you."),), ())


async def measure(folder: Path) -> Figures:
    took: list[float] = []
    async with Line() as line, Node(folder, twilio=line, bot=SlowBot()) as node:

        async def text(number: int) -> None:
            sid = f"SM{number:032x}"
            fields = {"MessageSid": sid, "AccountSid": SID, "From": f"+1202555{number % NUMBERS:04d}", "To": OURS, "NumMedia": "0"}
            fields["Body"] = f"It was good, and this is text {number}"
            signature = RequestValidator(TOKEN).compute_signature(f"{node.settings.url}/twilio/sms", fields)
            headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
            began = time.perf_counter()
            async with node.http.post("/twilio/sms", data=urlencode(fields).encode(), headers=headers) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"a text was answered {answer.status}")
            took.append(time.perf_counter() - began)

        began = time.perf_counter()
        waiting = []
        for number in range(PER_SECOND * SECONDS):
            waiting.append(asyncio.create_task(text(number)))
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        await asyncio.gather(*waiting)
        return figures(took, time.perf_counter() - began)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder)))
    print(found.to_json())


if __name__ == "__main__":
    main()
