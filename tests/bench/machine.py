"""What is measured: real processes in a folder of their own, on ports of their own, all ended when the `with` block is left."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from handoff.settings import ROOT
from tests.service import free_port

SECRET = "a-secret-of-the-bench"
PATIENCE = 120.0  # seconds for a process to be ready
_PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """A process did not do what it was started for; the message says where it is written down."""


class Machine:
    def __init__(self) -> None:
        (ROOT / ".cache").mkdir(exist_ok=True)
        # Beside the project and not in /tmp, which may be memory: what is durable here must have reached a disk.
        self.folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".cache"))
        self.ports = {name: free_port() for name in ("service", "bot", "actions", "stock", "echo")}
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        self.start_seconds: dict[str, float] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("HEARD_")} | {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "HEARD_DATA_DIR": str(self.folder / "data"),
            "HEARD_SECRET": SECRET,
            "HEARD_PORT": str(self.ports["service"]),
            "HEARD_BOT_PORT": str(self.ports["bot"]),
            "HEARD_ACTIONS_PORT": str(self.ports["actions"]),
            "HEARD_MESSAGES_PER_MINUTE": "600",  # the most that is allowed: the load comes from one address
            "HEARD_SOCKETS_PER_ADDRESS": "10000",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._running):
            self.end(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name: str, *module: str, ready: str, env: Mapping[str, str] | None = None) -> None:
        """Start `python -m module`, and wait until the path `ready` of its address answers 200; how long that took is kept."""
        started = time.monotonic()
        self._running[name] = self._spawn(name, module, env)
        request = urllib.request.Request(self.urls[name] + ready, headers={"Authorization": f"Bearer {SECRET}"})
        while True:
            with suppress(OSError, urllib.error.URLError), urllib.request.urlopen(request, timeout=2) as answer:
                if answer.status == 200:
                    break
            if self._running[name].poll() is not None or time.monotonic() - started > PATIENCE:
                raise Failed(f"{name} did not start:\n{self._end_of_log(name)}")
            time.sleep(0.02)
        self.start_seconds[name] = time.monotonic() - started

    def run(self, name: str, *module: str, seconds: float = 600) -> str:
        """Run `python -m module` to its end; what it printed."""
        process = self._running[name] = self._spawn(name, module, None)
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        self.end(name)
        if status != 0:
            raise Failed(f"{name} failed ({status}):\n{self._end_of_log(name)}")
        return (self.folder / f"{name}.out").read_text()

    def megabytes(self, name: str) -> float:
        """The resident memory of a process and of whatever it started."""
        process = psutil.Process(self._running[name].pid)
        return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6

    def busy_seconds(self, name: str) -> float:
        """The processor time that a process has used so far."""
        used = psutil.Process(self._running[name].pid).cpu_times()
        return float(used.user + used.system)

    def end(self, name: str) -> None:
        process = self._running.pop(name)
        for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, None)):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)

    def _spawn(self, name: str, module: tuple[str, ...], env: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *module]
        with (self.folder / f"{name}.out").open("wb") as out, (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,  # where no .env of the project is read
                env={**self._env, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def _end_of_log(self, name: str) -> str:
        return ((self.folder / f"{name}.log").read_text(errors="replace") + (self.folder / f"{name}.out").read_text(errors="replace"))[
            -3000:
        ]


def die_with_parent() -> None:
    """On Linux, a bench that is killed outright takes what it started along."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
