"""The heads in Rasa's pipeline: what a message shows, put beside its intent as `understanding`."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.sentence import STATES, shared_encoder
from bot.heads.model import Heads
from bot.heads.wire import to_wire
from handoff.settings import load
from handoff.survey import Survey
from handoff.surveys import load_surveys

UNDERSTANDING = "understanding"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SignalHeads(GraphComponent):  # type: ignore[misc]
    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SignalHeads:
        settings = load()
        return cls(Heads(shared_encoder(settings.encoder)), load_surveys(settings.config_dir / "surveys"))

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **_: Any
    ) -> SignalHeads:
        return cls.create(config, model_storage, resource, execution_context)

    def __init__(self, heads: Heads, surveys: dict[str, Survey]) -> None:
        self._heads = heads
        self._surveys = surveys

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            states = message.get(STATES)
            reading = self._heads.read(message.get(TEXT) or "", self._question(message.get("metadata") or {}), states)
            message.data.pop(STATES, None)
            message.set(UNDERSTANDING, to_wire(reading), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing: the heads are trained by `heard train heads`, and give the intents no features."""
        return training_data

    def _question(self, metadata: dict[str, Any]) -> str:
        """The words of the question that was put to the patient, in English; empty where none was."""
        told = metadata.get("survey") or {}
        survey = self._surveys.get(told.get("id", ""))
        asked = next((one for one in survey.questions if one.id == told.get("asked")), None) if survey is not None else None
        return asked.text.get("en", "") if asked is not None else ""
