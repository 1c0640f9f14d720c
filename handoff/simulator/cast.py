"""The two phones on the screen: numbers of the ranges that are kept free for fiction (NANPA 555-01XX, Ofcom's drama numbers)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cast:
    patient: str
    staff: str


CAST = {
    "US": Cast("+12025550143", "+12025550187"),
    "GB": Cast("+447700900143", "+447700900187"),
    "IE": Cast("+353850000143", "+353850000187"),
    "ES": Cast("+34600000143", "+34600000187"),
}
