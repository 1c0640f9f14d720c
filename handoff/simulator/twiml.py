"""TwiML as a list of verbs. Source: Twilio, "TwiML for Programmable Voice"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

KNOWN = {"Say", "Pause", "Gather", "Dial", "Number", "Conference", "Hangup", "Redirect", "Reject"}


class BadTwiml(Exception):
    """Not XML, not a Response, or a verb that the look-alike does not know (Twilio's errors 12100 and 12200)."""


@dataclass(frozen=True)
class Verb:
    name: str
    given: Mapping[str, str]
    text: str
    inner: tuple[Verb, ...]


def parse(document: str) -> tuple[Verb, ...]:
    """The verbs of a document. Raises `BadTwiml`."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise BadTwiml(str(error)) from None
    if root.tag != "Response":
        raise BadTwiml(f"<{root.tag}> is no <Response>")
    return tuple(_verb(element) for element in root)


def _verb(element: ElementTree.Element) -> Verb:
    if element.tag not in KNOWN:
        raise BadTwiml(f"<{element.tag}> is not known")
    return Verb(element.tag, dict(element.attrib), (element.text or "").strip(), tuple(_verb(one) for one in element))
