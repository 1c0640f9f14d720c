"""The real bot for tests: a trained model, Rasa's server and the action server as processes on free loopback ports, started once.

Once for all workers of pytest: to load Rasa and a model takes half a minute of a core.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from handoff.settings import ROOT
from tests.bot.talk import SECRET, Talk, call
from tests.service import free_port

CACHE = ROOT / ".cache" / "bot"  # the model only: training is repeated when its data changes
SHARED = CACHE / f"running-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}.json"  # of this run of pytest

STARTED: list[subprocess.Popen[bytes]] = []  # by this worker; others may still need them when it is done


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
    with _locked(SHARED) as shared:
        if not shared or not all(psutil.pid_exists(pid) for pid in shared["processes"]):
            shared |= {"data_dir": str(tmp_path_factory.mktemp("bot")), "ports": [free_port(), free_port()], "users": []}
            found = _running(shared, model)
            STARTED.extend([found.start("bot.server"), found.start("actions.server")])
            wait_until_ready(found, STARTED[-2:])
            shared["processes"] = [process.pid for process in STARTED[-2:]]
        shared["users"] = [*shared["users"], os.getpid()]
        found = _running(shared, model)
    yield found
    with _locked(SHARED) as shared:
        shared["users"] = [user for user in shared["users"] if user != os.getpid() and psutil.pid_exists(user)]
        if not shared["users"]:  # whoever leaves last puts out the lights
            for pid in shared["processes"]:
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).terminate()
            for process in STARTED:
                process.wait(10)
            shared.clear()
            SHARED.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[dict[str, Any]]:
    """What the workers of this run have told one another; written back at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        told: dict[str, Any] = json.loads(file.read() or "{}")
        yield told
        file.truncate(0)
        file.write(json.dumps(told))


def _running(shared: Mapping[str, Any], model: Path) -> Running:
    data_dir, (bot_port, actions_port) = Path(shared["data_dir"]), shared["ports"]
    if not (data_dir / "models").exists():
        (data_dir / "models").symlink_to(model)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HEARD_")},
        "HEARD_DATA_DIR": str(data_dir),
        "HEARD_SECRET": SECRET,
        "HEARD_BOT_PORT": str(bot_port),
        "HEARD_ACTIONS_PORT": str(actions_port),
        "HEARD_CLINIC_NAME": "Elm Street Clinic",
    }
    urls = f"http://127.0.0.1:{bot_port}", f"http://127.0.0.1:{actions_port}"
    return Running(*urls, data_dir, data_dir / "bot.log", environment)


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
