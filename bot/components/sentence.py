"""The sentence encoder in Rasa's pipeline: dense features for the intents, and the states that the heads read.

Without an encoder the features are zeros of the same size, so that a model loads either way; bot/train.py trains one for each case.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.encoder import WIDE, Encoder, load_encoder, sentence
from handoff.settings import load

shared_encoder = cache(load_encoder)  # the featurizer and the heads use one, and say once that there is none
STATES = "sentence_states"  # in the message, for the heads; never in what Rasa puts out


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):  # type: ignore[misc]
    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`scale`: how long the vector is made, beside word counts of 1 and more."""
        return {**DenseFeaturizer.get_default_config(), "scale": 4.0}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SentenceEncoder:
        return cls(config, execution_context.node_name, shared_encoder(load().encoder))

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **_: Any
    ) -> SentenceEncoder:
        return cls.create(config, model_storage, resource, execution_context)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        return None

    def __init__(self, config: dict[str, Any], name: str, encoder: Encoder | None) -> None:
        super().__init__(name, config)
        self._encoder = encoder

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            states = self._encoder.states(text) if self._encoder is not None else np.zeros((0, WIDE), dtype=np.float32)
            message.set(STATES, states)
            row = self._config["scale"] * sentence(states)[None]
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._config[FEATURIZER_CLASS_ALIAS]))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        for message in training_data.training_examples:
            if message.get(TEXT):
                self.process([message])
                message.data.pop(STATES)  # hundreds of them would be kept for nothing
        return training_data
