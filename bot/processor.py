"""Rasa's processor and agent, without what hides failures and without what costs time for nothing.

Rasa logs an action's failure and goes on; here it is raised. Rasa checks each answer of the action server against a JSON schema, which
took 70 % of a turn; the two ends are ours and the connector checks what comes back. Rasa sends the whole domain and all events with a call;
the turn is in the newest message, so that is what is sent.
"""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import Action, RemoteAction
from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker


class LeanAction(RemoteAction):  # type: ignore[misc]
    """A custom action over one kept connection."""

    async def run(self, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Domain) -> list[Event]:
        """Raises `ClientResponseError` or aiohttp's errors when the action server fails, KeyError when it answers nonsense."""
        latest = tracker.latest_message
        call = {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "tracker": {
                "sender_id": tracker.sender_id,
                "slots": tracker.current_slot_values(),
                "latest_message": {
                    "intent": latest.intent,
                    "metadata": latest.metadata,
                    "message_id": latest.message_id,
                    "understanding": (latest.parse_data or {}).get("understanding"),
                },
                "events": [],
            },
            "domain": {},
        }
        answer = await self.action_endpoint.request(json=call)
        said = await self._utter_responses(answer["responses"], output_channel, nlg, tracker)
        return [*said, *deserialise_events(answer["events"])]


class StrictProcessor(MessageProcessor):  # type: ignore[misc]
    def predict_next_with_tracker_if_should(self, tracker: DialogueStateTracker) -> tuple[Action, Any]:
        action, prediction = super().predict_next_with_tracker_if_should(tracker)
        if type(action) is RemoteAction:
            action = LeanAction(action.name(), self.action_endpoint)
        return action, prediction

    async def _run_action(self, action: Action, tracker: DialogueStateTracker, output_channel: Any, nlg: Any, prediction: Any) -> bool:
        """As Rasa's, but whatever goes wrong is raised."""
        events = await action.run(output_channel, nlg, tracker, self.domain)
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self._send_bot_messages(events, tracker, output_channel)
        return bool(self.should_predict_another_action(action.name()))


class StrictAgent(Agent):  # type: ignore[misc]
    """Rasa's agent around that processor, with the tracker store as it is: no fail-safe wrapper."""

    def load_model(self, model_path: Any, fingerprint: str | None = None) -> None:
        self.processor = StrictProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        self.nlg.responses = self.domain.responses

    @staticmethod
    def _create_tracker_store(store: TrackerStore | None, domain: Domain) -> TrackerStore:
        if store is None:
            raise ValueError("The tracker store is missing from config/rasa/endpoints.yml.")
        store.domain = domain
        return store
