"""Rasa's own test runner over test_stories.yml, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from handoff.settings import ROOT

RUN = """
import asyncio, json, sys
from bot.quiet import be_quiet
be_quiet()
from rasa.core.agent import Agent
from rasa.core.test import test
agent = Agent.load(sys.argv[1])
found = asyncio.run(test(sys.argv[2], agent, e2e=True, out_directory=sys.argv[3], disable_plotting=True, successes=False, errors=False))
print("RESULT" + json.dumps(found["report"]["conversation_accuracy"]))
"""


def test_rasas_own_stories_hold(model: Path, tmp_path: Path) -> None:
    stories = ROOT / "tests" / "bot" / "test_stories.yml"
    command = [sys.executable, "-W", "ignore", "-c", RUN, str(next(model.glob("*.tar.gz"))), str(stories), str(tmp_path)]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stderr[-2000:]
    accuracy = json.loads(lines[0].removeprefix("RESULT"))
    failed = tmp_path / "failed_test_stories.yml"
    assert accuracy["correct"] == accuracy["total"] == 8, failed.read_text() if failed.exists() else accuracy
