from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    SCHEDULED = "scheduled"
    CLAIMED = "claimed"
    DIALLING = "dialling"
    CONNECTED = "connected"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ESCALATED = "escalated"


class Event(StrEnum):
    CLAIM = "claim"
    DIAL = "dial"
    STAFF_MISSED = "staff_missed"
    CONNECTED = "connected"
    IN_VAIN = "in_vain"
    CANCEL = "cancel"
    DONE = "done"
