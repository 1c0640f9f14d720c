"""How long one message takes through the encoder and all heads, on one core, and what they hold in memory. A process of its own.

`python -m tests.bench.heads` prints figures as JSON, then the megabytes of memory that encoder and heads added.
"""

from __future__ import annotations

import os
import time

import psutil

from bot.encoder import load_encoder
from bot.heads.data import own
from bot.heads.model import Heads
from tests.bench.figures import figures

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
    lengths = []
    started = time.perf_counter()
    for text in texts:
        began = time.perf_counter()
        heads.read(text, QUESTION)
        lengths.append(time.perf_counter() - began)
    print(figures(lengths, time.perf_counter() - started).to_json())
    print((process.memory_info().rss - before) / 1e6)


if __name__ == "__main__":
    main()
