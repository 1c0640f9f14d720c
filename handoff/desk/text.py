"""What a person typed, made fit to be stored; and refused where it cannot be taken."""

from __future__ import annotations

from handoff.errors import BadInput, EmptyMessage, TooLong

MAX_TEXT = 4000


def clean(text: object) -> str:
    """`text` as it is stored: no NUL, no half characters, no white space around it. Everything else stays as it was written.

    Raises `BadInput` for what is not a string, `TooLong` above 4,000 characters, `EmptyMessage` when nothing is left.
    """
    if not isinstance(text, str):
        raise BadInput("A message must be text.")
    if len(text) > MAX_TEXT:
        raise TooLong
    whole = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8").strip()
    if not whole:
        raise EmptyMessage
    return whole
