"""What a message may cost: one thread, and no more word pieces than of the longest text, however much of it sounds like danger."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_info

from bot.encoder import FROM_END, FROM_START, LONG_END, LONG_START, Encoder, load_encoder
from bot.heads.loudest import TOGETHER
from bot.heads.model import Heads

DANGER = "I want to end my life tonight and nobody here would even notice."
PLAIN = "The waiting room was cold and the car park was full."
TEXTS = {
    "one sentence": (DANGER, 1),
    "two, and both are read": (f"{DANGER} Thank you all.", 2),
    "a few, and only all of it is read": (f"{PLAIN} {DANGER} {PLAIN} {PLAIN}", 1),
    "many, of which the ends are read": (f"{PLAIN} {DANGER} " + f"{PLAIN} " * 9, 1),
    "the longest": (f"{PLAIN} " * 70 + f"{DANGER} {PLAIN} {PLAIN}", 1),
}


@pytest.fixture(scope="module")
def minilm() -> Encoder:
    found = load_encoder("minilm")
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "times"), TEXTS.values(), ids=TEXTS)
def test_the_encoder_reads_only_so_many_pieces_of_a_message(
    minilm: Encoder, monkeypatch: pytest.MonkeyPatch, text: str, times: int
) -> None:
    read: list[int] = []

    def states(self: Encoder, some: str, states: object = Encoder.states) -> object:
        found = states(self, some)  # type: ignore[operator]
        read.append(len(found))
        return found

    heads = Heads(minilm)
    monkeypatch.setattr(Encoder, "states", states)
    assert heads.read(text).own["self_harm"] > 0.5
    assert len(read) == times
    assert sum(read) <= (LONG_START + LONG_END if len(text) > 1000 else TOGETHER) <= FROM_START + FROM_END


def test_the_heads_do_their_sums_in_one_thread() -> None:
    Heads(None)
    blas = [one for one in threadpool_info() if one["user_api"] == "blas"]
    assert blas
    assert {one["num_threads"] for one in blas} == {1}
