"""The route from a web chat to texts, where there is one: its button, for whoever shows routes."""

from __future__ import annotations

from handoff.desk.thread import Thread

PREFIX = "text:"
BEGIN = f"{PREFIX}begin:"


def is_open(thread: Thread) -> bool:
    """Can texts be sent, and does the patient write on another channel now?"""
    return thread.work.house.account is not None and thread.abilities.buttons


def offer(thread: Thread) -> list[dict[str, str]]:
    """The button, as a list that is empty where there is no such route."""
    if not is_open(thread):
        return []
    return [{"title": thread.work.house.words.say(thread.locale, "moving.button"), "payload": BEGIN, "to": "service"}]
