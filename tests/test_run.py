"""`heard run` with small stand-ins: restarts with back-off, ends for certain, one clear sentence for what is wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from handoff.child import Child
from handoff.errors import BadSetting
from handoff.run import check_machine
from handoff.settings import load
from tests.fakes import until
from tests.service import free_port

STUBBORN = "import signal,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)"
PARENT = "import subprocess,sys,time\np=subprocess.Popen([sys.executable,'-c','import time; time.sleep(600)'])\nprint(p.pid, flush=True)\ntime.sleep(600)"


class Waits:
    """Records how long it was asked to wait, and waits not at all."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.sleep(0)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def child(tmp_path: Path) -> Callable[..., Child]:
    def make(code: str, waits: Waits | None = None) -> Child:
        waits = waits or Waits()
        said: list[str] = []
        return Child(
            "stand-in",
            [sys.executable, "-c", code],
            env=dict(os.environ),
            log=tmp_path / "logs" / "stand-in.log",
            say=said.append,
            monotonic=waits.monotonic,
            sleep=waits.sleep,
        )

    return make


async def test_a_child_that_dies_is_started_again_a_little_later_each_time(child: Callable[..., Child]) -> None:
    waits = Waits()
    dying = child("raise SystemExit(3)", waits)
    keeping = asyncio.create_task(dying.keep_alive())
    await until(lambda: len(waits.asked) >= 8, seconds=30)
    keeping.cancel()
    assert waits.asked[:8] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    await dying.end(patience=1)


async def test_one_that_lived_for_a_minute_is_started_again_at_once(child: Callable[..., Child]) -> None:
    waits = Waits()

    def later() -> float:
        waits.now += 61
        return waits.now

    waits.monotonic = later  # type: ignore[method-assign]
    dying = child("raise SystemExit(3)", waits)
    keeping = asyncio.create_task(dying.keep_alive())
    await until(lambda: len(waits.asked) >= 3, seconds=30)
    keeping.cancel()
    assert waits.asked[:3] == [0.5, 0.5, 0.5]
    await dying.end(patience=1)


async def test_one_that_will_not_end_is_ended(child: Callable[..., Child], tmp_path: Path) -> None:
    stubborn = child(STUBBORN)
    keeping = asyncio.create_task(stubborn.keep_alive())
    log = tmp_path / "logs" / "stand-in.log"
    await until(lambda: log.exists() and "up" in log.read_text())
    pid = stubborn.pid
    assert pid is not None
    keeping.cancel()
    await stubborn.end(patience=0.2)
    assert not psutil.pid_exists(pid)


async def test_its_own_children_end_with_it(child: Callable[..., Child], tmp_path: Path) -> None:
    parent = child(PARENT)
    keeping = asyncio.create_task(parent.keep_alive())
    log = tmp_path / "logs" / "stand-in.log"
    await until(lambda: log.exists() and log.read_text().strip())
    grandchild = int(log.read_text().strip())
    keeping.cancel()
    await parent.end(patience=1)
    await until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE)


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BadSetting, match=f"Port {port} is in use by another program. Stop it, or choose another with HEARD_PORT"):
            check_machine(load(data_dir=tmp_path, port=port, bot_port=free_port(), actions_port=free_port()))


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.run.NEEDED", 10**18)
    with pytest.raises(BadSetting, match="is full: Heard needs 500 MB"):
        check_machine(load(data_dir=tmp_path))


def heard(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "handoff", *words], env={**os.environ, **env}, capture_output=True, text=True, timeout=150, check=False
    )


@pytest.mark.parametrize(
    ("words", "env", "said", "code"),
    [
        (("run",), {"HEARD_PORT": "eighty"}, "HEARD_PORT: must be a whole number from 1 to 65535.", 1),
        (("serve",), {"HEARD_DATA_DIR": "/proc/nowhere"}, "cannot be made", 1),
        (("serve",), {"HEARD_DATA_DIR": "{tmp}"}, "older than this version of Heard. Run: heard db upgrade", 1),
        (("survey", "preview", "nothing"), {}, "There is no survey nothing; there are cg_cahps_short, csat, fft and nps.", 1),
        (("survey", "preview", "ftf"), {}, "There is no survey ftf; did you mean fft?", 1),
        (("survey", "preview", "fft", "--language", "fr"), {}, "There is no language fr; there are en and es.", 1),
        (("staff", "add", "x@y.example", "--name", "X", "--role", "queen"), {}, "The role must be member, supervisor or admin", 1),
        (("nonsense",), {}, "No such command", 2),
        (("triage", "explain", "this", "bot"), {}, "Got unexpected extra argument(s) (bot). Put a sentence of several words in quotes.", 2),
        (("triage", "explain", " "), {}, "There was nothing in that message.", 1),
        (("triage", "explain", "x", "--routing", "/nope.yml"), {}, "/nope.yml: cannot be read (No such file or directory).", 1),
        (("triage", "replay", "--days", "two"), {}, "--days must be a whole number, not two.", 2),
        (("triage", "replay", "--days", "0"), {}, "--days must be 1 or more, not 0.", 2),
        (("triage", "replay", "--days", "99999999"), {}, "--days must be 36500 or less, not 99999999.", 2),
        (("triage", "report"), {"HEARD_DATA_DIR": "{tmp}"}, "Run: heard db upgrade", 1),
    ],
)
def test_what_is_wrong_is_one_sentence_and_no_traceback(
    tmp_path: Path, words: tuple[str, ...], env: dict[str, str], said: str, code: int
) -> None:
    done = heard(*words, **{name: value.format(tmp=tmp_path) for name, value in env.items()})
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_the_command_line_from_a_new_database_to_an_erased_conversation(tmp_path: Path) -> None:
    env = {"HEARD_DATA_DIR": str(tmp_path)}
    assert "up to date" in heard("db", "upgrade", **env).stdout
    assert "/desk#code=" in heard("staff", "add", "maria@clinic.example", "--name", "Maria", **env).stdout
    assert "in order" in heard("survey", "lint", **env).stdout
    assert "Overall, how was your experience" in heard("survey", "preview", "fft", **env).stdout
    assert "There is nothing here by that name" in heard("export", "nothing", **env).stderr
    assert "There is nothing here by that name" in heard("erase", "nothing", "--yes", **env).stderr


async def test_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    """The real supervisor around the real service; the bot has no model to start with, so training is left out by a stand-in."""
    ports = {"HEARD_PORT": str(free_port()), "HEARD_BOT_PORT": str(free_port()), "HEARD_ACTIONS_PORT": str(free_port())}
    code = "import handoff.run as r\nr.train=lambda *a, **k: None\nimport handoff.cli as c, sys\nsys.argv=['heard','run']\nc.main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        env={**os.environ, **ports, "HEARD_DATA_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    log = tmp_path / "logs" / "bot.log"
    await until(lambda: log.exists() and len(psutil.Process(process.pid).children(recursive=True)) >= 2, seconds=60)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(6):
        await process.wait()
    await until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in children), seconds=2)
