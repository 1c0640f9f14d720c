"""What the heads say of a sentence on this machine, as the service hears it from the bot; and one line that says who was asked."""

from __future__ import annotations

from handoff.understanding import Understanding, read_understanding

RULES_ONLY = "Decided by the rules alone."
NOT_INSTALLED = "Decided by the rules alone: the heads are not installed here (they come with the extra `bot`)."
WITH_HEADS = "Decided by the rules and the heads{how}; the bot's own intent is not asked here."


def ask_heads(text: str, question: str, encoder: str) -> tuple[Understanding | None, str]:
    """What they understood, None where they are not installed, and the line. Raises `BadSetting` where their files cannot be read."""
    try:
        from bot.encoder import load_encoder
        from bot.heads.model import Heads
        from bot.heads.wire import to_wire
    except ImportError:
        return None, NOT_INSTALLED
    heads = Heads(load_encoder(encoder))
    how = "" if heads.encoder else " (without the sentence encoder)"
    return read_understanding(to_wire(heads.read(text, question))), WITH_HEADS.format(how=how)
