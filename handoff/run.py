"""`heard run`: everything on one machine. Prepares, starts service, actions and bot, waits for them, keeps them alive, ends them."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
from rich.console import Console

from handoff.account import simulates
from handoff.app import load_house
from handoff.child import Child
from handoff.clock import SystemClock
from handoff.desk.work import Desk, Work
from handoff.doorbell import Doorbell
from handoff.errors import BadSetting
from handoff.secret import shared_secret
from handoff.settings import ROOT, Settings
from handoff.simulator.cast import CAST
from handoff.staff import accounts
from handoff.staff.access import Role
from handoff.store import migrate, open_store
from handoff.store import tables as t

NEEDED = 500 * 1024 * 1024  # bytes of free disk: the model, the logs and room to write
READY_WITHIN = 150.0  # seconds
PATIENCE = 3.5  # seconds from SIGTERM to SIGKILL: Ctrl-C ends everything within five
DEMO = ("demo@heard.example", "Maria")


def run(settings: Settings, console: Console) -> None:
    """Run until Ctrl-C. Raises `BadSetting`, `BadSurvey`, `BadDatabase` with the sentence to show."""
    check_machine(settings)
    with console.status("Checking the surveys and the messages …"):
        load_house(settings)
    shared_secret(settings)
    with console.status("Bringing the database up to date …"):
        migrate.upgrade(settings)
    train(settings, console)
    asyncio.run(_run(settings, console))


def check_machine(settings: Settings) -> None:
    """Is there room, and are the ports free? Raises `BadSetting`."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"HEARD_DATA_DIR: the folder {settings.data_dir} cannot be made ({error.strerror}).") from None
    if shutil.disk_usage(settings.data_dir).free < NEEDED:
        raise BadSetting(f"The disk of {settings.data_dir} is full: Heard needs 500 MB. Free some space, or set HEARD_DATA_DIR.")
    ports = {"HEARD_PORT": (settings.host, settings.port)}
    ports |= {"HEARD_BOT_PORT": ("127.0.0.1", settings.bot_port), "HEARD_ACTIONS_PORT": ("127.0.0.1", settings.actions_port)}
    for name, (host, port) in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                taken = error.errno == errno.EADDRINUSE
                why = (
                    "is in use by another program. Stop it, or choose another with"
                    if taken
                    else f"cannot be used ({error.strerror}). Change"
                )
                raise BadSetting(f"Port {port} {why} {name}.") from None


def train(settings: Settings, console: Console, *, force: bool = False) -> None:
    """Train the bot if need be, in a process of its own. Raises `BadSetting` where that fails; its log says why."""
    from bot.train import is_trained

    if is_trained(settings) and not force:
        return
    log = settings.data_dir / "logs" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with console.status("Training the assistant (about half a minute) …"), log.open("wb") as out:
        command = [sys.executable, "-m", "bot", *(["--force"] if force else [])]
        done = subprocess.run(command, cwd=ROOT, env=_env(settings), stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise BadSetting(f"The assistant could not be trained. What happened is in {log}")
    console.print(f"Trained the assistant in {time.monotonic() - started:.0f} s.")


async def _run(settings: Settings, console: Console) -> None:
    link = await _sign_in_link(settings) if settings.demo else None
    logs = settings.data_dir / "logs"
    modules = {"service": ["handoff", "serve"], "actions": ["actions.server"], "bot": ["bot.server"]}
    children = [
        Child(name, [sys.executable, "-m", *module], env=_env(settings), log=logs / f"{name}.log", say=console.print)
        for name, module in modules.items()
    ]
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    keeping = [asyncio.create_task(child.keep_alive()) for child in children]
    try:
        await _until_ready(settings, console, stop)
        if not stop.is_set():
            _greet(settings, console, link)
        await stop.wait()
    finally:
        console.print("Stopping …")
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        await asyncio.gather(*(child.end(patience=PATIENCE) for child in children))


async def _until_ready(settings: Settings, console: Console, stop: asyncio.Event) -> None:
    """Wait until service and bot answer; say so when it takes too long, and go on: chat works without the bot."""
    deadline = time.monotonic() + READY_WITHIN
    async with aiohttp.ClientSession() as http:
        with console.status("Starting the service and the assistant …"):
            while not stop.is_set():
                if await _status(http, settings) == "ready":
                    return
                if time.monotonic() > deadline:
                    console.print(f"Not everything is ready yet. The logs are in {settings.data_dir / 'logs'}")
                    return
                await asyncio.wait([asyncio.create_task(stop.wait())], timeout=0.3)


async def _status(http: aiohttp.ClientSession, settings: Settings) -> str:
    try:
        async with http.get(f"http://{_reachable(settings.host)}:{settings.port}/readyz", timeout=aiohttp.ClientTimeout(total=3)) as answer:
            return str((await answer.json())["status"])
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError):
        return "down"


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


def _greet(settings: Settings, console: Console, link: str | None) -> None:
    console.print("\n[bold]Heard is ready.[/bold]")
    console.print(f"  Patients:  {settings.url}/", highlight=False)
    console.print(f"  Staff:     {settings.url}/desk", highlight=False)
    if simulates(settings):
        console.print(f"  Phone:     {settings.url}/phone", highlight=False)
        console.print(f"  All three: {settings.url}/all", highlight=False)
    if link is not None:
        console.print(f"  Sign in once as {DEMO[1]}:", highlight=False)
        console.print(f"             {link}", highlight=False, soft_wrap=True)
    console.print("Ctrl-C stops everything.\n")


async def _sign_in_link(settings: Settings) -> str:
    """A demo member of staff, and a link that signs them in once."""
    store = open_store(settings)
    try:
        desk = Desk(store, load_house(settings), clock=SystemClock(), doorbell=Doorbell(node="run"))
        found = await desk.look(accounts.find, DEMO[0])
        staff = found if found is not None else await desk.do(accounts.add, email=DEMO[0], name=DEMO[1], role=Role.ADMIN)
        if simulates(settings):
            await desk.do(_give_phone, staff, CAST[settings.country].staff)
        return f"{settings.url}/desk#code={await desk.do(accounts.make_code, staff)}"
    finally:
        await store.close()


def _give_phone(work: Work, staff: str, number: str) -> None:
    """The staff phone on the screen, for somebody who has none."""
    work.db.execute(t.staff.update().where(t.staff.c.id == staff, t.staff.c.phone.is_(None)).values(phone=number))


def _env(settings: Settings) -> dict[str, str]:
    """The environment of the children: ours, with the folders pinned so that it does not matter where they start."""
    return {**os.environ, "HEARD_DATA_DIR": str(Path(settings.data_dir).resolve()), "PYTHONUNBUFFERED": "1"}
