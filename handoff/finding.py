"""One line of what `heard doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grade = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    grade: Grade
    subject: str
    sentence: str
