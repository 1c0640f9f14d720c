"""The windows for a call, in words and as buttons; and until when one that is late must wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from handoff.desk.work import House
from handoff.hours import Window
from handoff.quiet import quiet_until
from handoff.zones import zones_of


def titled(house: House, locale: str, window: Window, now: datetime, *, key: str = "windows.between") -> str:
    """`today between 14:00 and 16:00`, `tomorrow ...`, `on Monday 30 November ...`; with `windows.button`: `Today 14:00-16:00`."""
    begins, ends = (_time(house, at) for at in (window.begins, window.ends))
    text = house.words.say(locale, key, day=_day(house, locale, window.begins, now), begins=begins, ends=ends)
    return text[:1].upper() + text[1:] if key == "windows.button" else text


def promised(house: House, locale: str, window: Window, now: datetime, *, number: str) -> str:
    """The same for whoever has `number`: with our zone, `(EST)`, where their clock may show another time."""
    when, zone = titled(house, locale, window, now), house.hours.zone
    begins = window.begins.astimezone(zone)
    elsewhere = any(begins.astimezone(there).utcoffset() != begins.utcoffset() for there in zones_of(number, house.settings.zone))
    return f"{when} ({begins.tzname()})" if elsewhere else when


def moment(house: House, locale: str, at: datetime, now: datetime) -> str:
    """`today at 14:00`, `tomorrow at 08:00`, `on Monday 30 November at 08:00`."""
    return house.words.say(locale, "windows.at", day=_day(house, locale, at, now), time=_time(house, at))


def _day(house: House, locale: str, at: datetime, now: datetime) -> str:
    hours, words = house.hours, house.words
    day, today = hours.day(at), hours.day(now)
    if day == today:
        return words.say(locale, "windows.today")
    if day == today + timedelta(days=1):
        return words.say(locale, "windows.tomorrow")
    return words.say(locale, "windows.on", day=words.day(locale, day))


def _time(house: House, at: datetime) -> str:
    return at.astimezone(house.hours.zone).strftime("%H:%M")


def buttons(house: House, locale: str, now: datetime, *, prefix: str) -> list[dict[str, str]]:
    """One button for each window that can be kept; its payload is `<prefix><begins>-<ends>` in milliseconds."""
    return [
        {"title": titled(house, locale, window, now, key="windows.button"), "payload": f"{prefix}{written(window)}", "to": "service"}
        for window in house.hours.windows(now)
    ]


def written(window: Window) -> str:
    return f"{_ms(window.begins)}-{_ms(window.ends)}"


def read(house: House, text: str, now: datetime) -> Window | None:
    """The window of a payload, if it can still be kept for an hour; None when its time has passed."""
    begins, _, ends = text.partition("-")
    if not (begins.isascii() and begins.isdigit() and ends.isascii() and ends.isdigit()):
        return None
    window = Window(_moment(begins), _moment(ends))
    return window if is_kept(house, window, now) else None


def is_kept(house: House, window: Window, now: datetime) -> bool:
    """Does it lie in the future and in the clinic's hours?"""
    fits = window.begins < window.ends and window.ends >= now + timedelta(minutes=30)
    last = window.ends - timedelta(minutes=1)
    return fits and house.hours.is_open(window.begins) and house.hours.is_open(last) and window.ends - window.begins <= timedelta(hours=14)


def rests_until(house: House, callback: Mapping[Any, Any], now: datetime) -> datetime | None:
    """Until when a promised call must wait: at night, where the patient is, for the morning, unless they chose that time themselves."""
    asked_for = callback["window_from"] <= now <= callback["window_to"]
    return None if asked_for else quiet_until(now, zones_of(callback["number"], house.settings.zone))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _moment(ms: str) -> datetime:
    return datetime.fromtimestamp(int(ms[:14]) / 1000, UTC)
