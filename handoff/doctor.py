"""`heard doctor`: each thing that must be right, how it is, and what to do."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from handoff.clock import Clock, SystemClock
from handoff.desk import paged, text_health
from handoff.errors import HeardError
from handoff.finding import Finding, Grade
from handoff.invariants import Breach, find_breaches
from handoff.near import nearest
from handoff.settings import PREFIX, Settings
from handoff.store import migrate, open_store
from handoff.store.engine import sqlite_module
from handoff.written import examine_written, people, read_routing

T = TypeVar("T")
SAFE_SQLITE = (
    (3, 51, 3),
    (3, 50, 7),
    (3, 44, 6),
)  # without the WAL-reset bug (sqlite.org/wal.html#walresetbug); the last two are backports


async def examine(settings: Settings, *, clock: Clock | None = None) -> list[Finding]:
    """Every finding, in the order in which one would mend them."""
    found = [_settings(), _disk(settings), _secret(settings), _sqlite(settings), _database(settings)]
    found += [*examine_written(settings), *await _people(settings), _model(settings)]
    found += await _texts(settings, (clock or SystemClock()).now())
    found += [await _bot(settings), _telemetry(), _address(settings), _clinic(settings)]
    found += [_provider(settings), *await _on_call(settings)]
    if settings.redis_url:
        found.append(await _redis(settings))
    return found


async def find_orphans(settings: Settings) -> list[Breach]:
    """What in the database breaks an invariant. Raises `BadDatabase`, `StoreUnavailable`."""
    migrate.check(settings)
    store = open_store(settings)
    try:
        return await store.read(find_breaches)
    finally:
        await store.close()


def _settings() -> Finding:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    for name in sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known):
        near = nearest(name, known)
        return Finding("warn", "settings", f"{name} is not a setting." + (f" Did you mean {near}?" if near else ""))
    return Finding("ok", "settings", "every HEARD_ name in the environment is known")


def _disk(settings: Settings) -> Finding:
    place = settings.data_dir if settings.data_dir.exists() else settings.data_dir.parent
    free = shutil.disk_usage(place).free // 1_000_000
    if free < 500:
        return Finding("fail", "disk", f"{free} MB free at {place}; free some space")
    return Finding("ok" if free > 5000 else "warn", "disk", f"{free} MB free at {place}")


def _secret(settings: Settings) -> Finding:
    path = settings.data_dir / "secret"
    if settings.secret.get_secret_value():
        return Finding("ok", "secret", "given by HEARD_SECRET")
    if not path.exists():
        return Finding("ok", "secret", "not made yet; the first start makes it")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("fail", "secret", f"others can read {path}; run: chmod 600 {path}")
    return Finding("ok", "secret", f"kept in {path}, readable by us alone")


def _sqlite(settings: Settings) -> Finding:
    module = sqlite_module()
    version = tuple(int(part) for part in module.sqlite_version.split("."))
    safe = version >= SAFE_SQLITE[0] or any(version[:2] == good[:2] and version >= good for good in SAFE_SQLITE)
    used = "in use" if settings.database.startswith("sqlite") else "not in use"
    grade: Grade = "ok" if safe or used == "not in use" else "fail"
    return Finding(
        grade, "SQLite", f"{module.sqlite_version} from {module.__name__}, {used}" + ("" if safe else "; it has the WAL-reset bug")
    )


def _database(settings: Settings) -> Finding:
    try:
        migrate.check(settings)
    except HeardError as error:
        return Finding("fail", "database", error.message)
    return Finding("ok", "database", "reachable, writable, at this version's schema")


async def _people(settings: Settings) -> list[Finding]:
    """Where the rules or the accounts cannot be read, that is said already."""
    try:
        return await _read(settings, people(settings)) or []
    except HeardError:
        return []


def _model(settings: Settings) -> Finding:
    from bot.train import is_trained

    if is_trained(settings):
        return Finding("ok", "model", "fits the training data, and its hash is the one that training wrote")
    return Finding("warn", "model", "none for the present training data; run: heard train")


async def _bot(settings: Settings) -> Finding:
    from handoff.bot import RasaBot
    from handoff.secret import shared_secret

    bot = RasaBot(settings.bot, secret=shared_secret(settings), timeout=2)
    try:
        ready = await bot.ready()
    finally:
        await bot.close()
    return Finding("ok", "bot", f"answers at {settings.bot}") if ready else Finding("warn", "bot", f"does not answer at {settings.bot}")


async def _read(settings: Settings, query: Callable[[Connection], T]) -> T | None:
    """What the database says; None where it cannot be asked, which is said already."""
    try:
        migrate.check(settings)
    except HeardError:
        return None
    store = open_store(settings)
    try:
        return await store.read(query)
    finally:
        await store.close()


_HINDERED = {
    "account": ("fail", "the provider refuses our account; check HEARD_TWILIO_ACCOUNT_SID and HEARD_TWILIO_AUTH_TOKEN"),
    "sender_paused": ("warn", "our number has sent too much at once and pauses; it goes on by itself"),
    "daily_cap": ("warn", "the day's cap is reached (HEARD_TEXTS_PER_DAY); texts wait for tomorrow"),
    "operator": ("warn", "texts were filtered, or our number or a country is not registered; see the provider's error log"),
}


async def _texts(settings: Settings, now: datetime) -> list[Finding]:
    """What stands in the way of texts, as the database tells it."""
    asked = await _read(
        settings, lambda db: (text_health.notices(db, now), *text_health.doubts(db, now), text_health.spent_today(db, now, settings))
    )
    if asked is None:
        return []
    hindered, shown, stuck, spent = asked
    found = [Finding(*_HINDERED[name][:1], "texts", _HINDERED[name][1]) for name in hindered]  # type: ignore[arg-type]
    if stuck:
        found.append(Finding("fail", "texts", f"{stuck} in doubt for too long; is the service running?"))
    if shown:
        found.append(Finding("warn", "texts", f"{shown} of the last day may or may not have arrived; staff see which"))
    return found or [Finding("ok", "texts", f"nothing stands in their way; {spent} of {settings.texts_per_day} segments used today")]


def _telemetry() -> Finding:
    from bot.train import QUIET

    off = QUIET["RASA_TELEMETRY_ENABLED"] == "false"
    return Finding("ok" if off else "fail", "telemetry", "Rasa's is off" if off else "Rasa's is on")


def _address(settings: Settings) -> Finding:
    loopback = settings.host in ("127.0.0.1", "localhost", "::1")
    if not loopback and not settings.url.startswith("https://"):
        return Finding("fail", "address", "reachable from outside without https; set HEARD_PUBLIC_URL to the https:// address of the proxy")
    if not loopback and settings.demo:
        return Finding("warn", "address", "the demo page is on; set HEARD_DEMO=false on a real site")
    return Finding("ok", "address", f"{settings.url}, listening on {settings.host}")


def _clinic(settings: Settings) -> Finding:
    unset = [name for name in ("clinic_name", "clinic_phone", "time_zone") if name not in settings.model_fields_set]
    if unset:
        names = ", ".join(f"{PREFIX}{name.upper()}" for name in unset)
        return Finding("warn", "clinic", f"set {names}: it is what patients read of who we are, how to reach us, and when")
    return Finding("ok", "clinic", f"{settings.clinic_name}, {settings.clinic_phone}, {settings.time_zone}")


def _provider(settings: Settings) -> Finding:
    """Twilio signs what it sends for the public address, and texts about care need a contract (45 CFR 164.504(e))."""
    if not settings.has_twilio:
        simulated = settings.simulator or settings.demo
        return Finding("ok", "provider", "the phone on the screen, no provider" if simulated else "none: no provider; staff phone by hand")
    if not settings.url.startswith("https://"):
        return Finding("fail", "provider", "Twilio would send patients' words in the clear; HEARD_PUBLIC_URL must begin with https://")
    where = f"point the numbers' webhook to {settings.url}/twilio/sms"
    return Finding(
        "warn", "provider", f"Twilio, {len(settings.twilio_numbers)} numbers; {where}, and sign a BAA with Twilio before patients write"
    )


async def _on_call(settings: Settings) -> list[Finding]:
    """Can a safety matter reach somebody who is asleep? Where the rules cannot be read, that is said already."""
    try:
        steps = read_routing(settings).on_call
    except HeardError:
        return []
    phones = {phone for step in steps for phone in step.phones}
    path = settings.config_dir / "routing.yml"
    if not phones:
        return [
            Finding("warn", "on call", f"a safety matter at night reaches nobody who is not signed in; list phones in on_call of {path}")
        ]
    if not settings.has_twilio:
        return [Finding("warn", "on call", "phones are listed, but without a provider no text reaches a real one")]
    stopped = await _read(settings, lambda db: paged.stopped_among(db, phones)) or []
    sentence = "no page comes to the phone ending in {}: it has stopped our texts; START, sent from it, brings them back"
    found = [Finding("warn", "on call", sentence.format(end)) for end in stopped]
    return found or [Finding("ok", "on call", f"a safety matter that waits is texted to who is on call (phones: {len(phones)})")]


async def _redis(settings: Settings) -> Finding:
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client: Redis = Redis.from_url(settings.redis_url)
    try:
        await client.ping()
    except (RedisError, OSError):
        return Finding("fail", "Redis", "does not answer at HEARD_REDIS_URL")
    finally:
        await client.aclose()
    return Finding("ok", "Redis", "answers")
