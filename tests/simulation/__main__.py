"""`python -m tests.simulation --seeds 5000 --operations 500`: many histories on all cores; `--seed N`: one of them."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.run import story


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=5000)
    parser.add_argument("--operations", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    if given.seed is not None:
        found = story(given.seed, given.operations)
        print(found or "All is well.")
        return found is not None
    began, broken = time.monotonic(), 0
    seeds = range(given.first, given.first + given.seeds)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(partial(story, number=given.operations), seeds, chunksize=5):
            if found is not None:
                broken += 1
                print(found, flush=True)
    print(f"{given.seeds} seeds of {given.operations} operations in {time.monotonic() - began:.0f} s: {broken} broken.")
    return broken > 0


if __name__ == "__main__":
    sys.exit(main())
