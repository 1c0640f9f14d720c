"""`python -m bot`: train the model if need be. Run as a process of its own, since Rasa and its warnings are best kept apart."""

from __future__ import annotations

import sys

from bot.train import train
from handoff.settings import load

if __name__ == "__main__":
    train(load(), force="--force" in sys.argv)
