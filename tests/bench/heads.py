"""How long one message takes through the encoder and all heads, on one core, and what they hold in memory. A process of its own.

`python -m tests.bench.heads` prints figures as JSON, of our own messages and of the longest that the website takes, then the megabytes of
memory that encoder and heads added.
"""

from __future__ import annotations

import os
import time

import psutil

from bot.encoder import load_encoder
from bot.heads.data import own
from bot.heads.model import Heads
from handoff.channels import CHANNELS
from tests.bench.figures import Figures, figures

LONGEST = CHANNELS["web"].max_length  # characters
QUESTION = "Please can you tell us why you gave your answer?"


def main() -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    heads = Heads(load_encoder("minilm"))
    texts = [one.text for one in own()]
    for text in texts[:20]:
        heads.read(text, QUESTION)
    print(measured(heads, texts).to_json())
    together = " ".join(texts)
    starts = range(0, len(together) - LONGEST, LONGEST // 20)
    print(measured(heads, [together[at : at + LONGEST] for at in starts]).to_json())
    print((process.memory_info().rss - before) / 1e6)


def measured(heads: Heads, texts: list[str]) -> Figures:
    lengths = []
    started = time.perf_counter()
    for text in texts:
        began = time.perf_counter()
        heads.read(text, QUESTION)
        lengths.append(time.perf_counter() - began)
    return figures(lengths, time.perf_counter() - started)


if __name__ == "__main__":
    main()
