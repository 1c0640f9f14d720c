"""The graph components by themselves: dense features of one size with an encoder or without, and an understanding beside the intent."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Rasa and TensorFlow say while they are imported is not ours
    from rasa.shared.nlu.constants import TEXT
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.components.sentence import STATES, SentenceEncoder
    from bot.components.signals import UNDERSTANDING, SignalHeads
    from bot.encoder import SIZE, load_encoder
    from bot.heads.model import Heads
    from handoff.settings import load
    from handoff.surveys import load_surveys

TURN = {"survey": {"id": "fft", "asked": "why"}}


@pytest.fixture(scope="module", params=["minilm", "none"])
def pipeline(request: pytest.FixtureRequest) -> tuple[SentenceEncoder, SignalHeads]:
    encoder = load_encoder(request.param)
    surveys = load_surveys(load().config_dir / "surveys")
    return SentenceEncoder(SentenceEncoder.get_default_config(), "encoder", encoder), SignalHeads(Heads(encoder), surveys)


def understood(pipeline: tuple[SentenceEncoder, SignalHeads], text: str, metadata: Any) -> Message:
    message = Message({TEXT: text, "metadata": metadata})
    for one in pipeline:
        one.process([message])
    return message


@pytest.mark.parametrize("text", ["the nurse was kind", "", "👍", "so " * 3000])
def test_a_message_has_features_of_one_size(pipeline: tuple[SentenceEncoder, SignalHeads], text: str) -> None:
    features = understood(pipeline, text, TURN).get_dense_features(TEXT)[1]
    assert features is not None
    assert features.features.shape == (1, SIZE)
    assert np.isfinite(features.features).all()


@pytest.mark.parametrize(
    "metadata", [TURN, None, {}, {"survey": {"id": "nobody", "asked": "why"}}, {"survey": {"id": "fft", "asked": None}}]
)
def test_a_message_has_an_understanding(pipeline: tuple[SentenceEncoder, SignalHeads], metadata: Any) -> None:
    message = understood(pipeline, "the nurse was kind", metadata)
    assert message.get(UNDERSTANDING)["theme"] == "Staff"
    assert UNDERSTANDING in message.as_dict(only_output_properties=True)
    assert message.get(STATES) is None


def test_training_sentences_get_features_and_keep_no_states(pipeline: tuple[SentenceEncoder, SignalHeads]) -> None:
    found = TrainingData([Message({TEXT: "hello", "intent": "greet"}), Message({"action_name": "x"})])
    for one in pipeline:
        found = one.process_training_data(found)
    assert found.training_examples[0].get_dense_features(TEXT)[1] is not None
    assert found.training_examples[0].get(STATES) is None
