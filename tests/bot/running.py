"""The real bot for tests: a trained model, Rasa's server and the action server as processes on free loopback ports, started once."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from handoff.settings import ROOT
from tests.bot.talk import SECRET, Talk, call
from tests.service import free_port

CACHE = ROOT / ".cache" / "bot"  # the model only: training is repeated when its data changes


@dataclass
class Running:
    """The two processes; what they print goes to `logs`."""

    url: str
    actions_url: str
    data_dir: Path
    logs: Path
    environment: dict[str, str]

    def start(self, module: str) -> subprocess.Popen[bytes]:
        with self.logs.open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", module], env=self.environment, cwd=ROOT, stdout=log, stderr=log)

    def talk(self, locale: str = "en", survey: str = "fft", **given: object) -> Talk:
        return Talk(self.url, locale=locale, survey=survey, **given)

    def copy(self, data_dir: Path, *, linked: bool = True) -> Running:
        """The same bot with a folder and ports of its own; not started."""
        if linked:
            (data_dir / "models").symlink_to((self.data_dir / "models").resolve())
        bot, actions = free_port(), free_port()
        own = {"HEARD_DATA_DIR": str(data_dir), "HEARD_BOT_PORT": str(bot), "HEARD_ACTIONS_PORT": str(actions)}
        urls = f"http://127.0.0.1:{bot}", f"http://127.0.0.1:{actions}"
        return Running(*urls, data_dir, data_dir / "bot.log", {**self.environment, **own})


@pytest.fixture(scope="session")
def model() -> Path:
    """The folder of the trained model."""
    environment = {**os.environ, "HEARD_DATA_DIR": str(CACHE)}
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "training.lock").open("w") as lock:  # several workers of pytest: one trains, the others find what it made
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([sys.executable, "-m", "bot"], env=environment, cwd=ROOT, capture_output=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return CACHE / "models"


@pytest.fixture(scope="session")
def running(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("bot")
    (data_dir / "models").symlink_to(model)
    bot_port, actions_port = free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HEARD_")},
        "HEARD_DATA_DIR": str(data_dir),
        "HEARD_SECRET": SECRET,
        "HEARD_BOT_PORT": str(bot_port),
        "HEARD_ACTIONS_PORT": str(actions_port),
        "HEARD_CLINIC_NAME": "Elm Street Clinic",
    }
    urls = f"http://127.0.0.1:{bot_port}", f"http://127.0.0.1:{actions_port}"
    found = Running(*urls, data_dir, data_dir / "bot.log", environment)
    processes = [found.start("bot.server"), found.start("actions.server")]
    try:
        wait_until_ready(found, processes)
        yield found
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(10)


def wait_until_ready(running: Running, processes: list[subprocess.Popen[bytes]], seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert all(process.poll() is None for process in processes), running.logs.read_text()[-2000:]
        try:
            ready = call(running.url, "GET", "/webhooks/heard/ready")[0] == 200
            if ready and call(running.actions_url, "GET", "/health")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the bot was not ready in {seconds} s: {running.logs.read_text()[-2000:]}")
