"""Every table, in the words of the glossary. Moments are stored as whole milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData()


_BEGAN, _UNIT = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as milliseconds: the same on SQLite and PostgreSQL, and sortable on both.

    Cut off and not rounded, so that nothing that has happened is stored as of later than now.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _BEGAN) // _UNIT

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


conversation = Table(
    "conversation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),  # bot | queue | staff:<id> | nobody
    Column("epoch", Integer, nullable=False),  # rises with every change of owner
    Column("last_seq", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # rises with every change a screen might show
    Column("episode", Integer, nullable=False),
    Column("locale", Text, nullable=False),
    Column("survey", Text, nullable=False),
    Column("unsafe", Boolean, nullable=False),  # a safety matter is open
    Column("asking", JSON(none_as_null=True)),  # how far a call is being asked for: step, number, window
    Column("moving", JSON(none_as_null=True)),  # how far going on by text is: step, number, wording, at
    Column("meanwhile", JSON, nullable=False),  # what happened since the bot's last turn, e.g. ["person_helped"]
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("last_patient_at", Moment),
    Index("conversation_by_state", "state"),
)

message = Table(
    "message",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("author", Text, nullable=False),  # patient | bot | staff | service
    Column("staff", Text),
    Column("staff_name", Text),
    Column("client_id", Text),
    Column("text", Text, nullable=False),
    Column("buttons", JSON, nullable=False),  # [{"title", "payload", "to": "bot" | "service"}]
    Column("pressed", Text),  # the id of the button this message pressed, as it was shown
    Column("pressed_payload", Text),  # what the button means to whoever issued it
    Column("pressed_to", Text),  # bot | service
    Column("epoch", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("conversation", "seq"),
    UniqueConstraint("conversation", "client_id"),
)

move = Table(
    "move",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),  # patient | bot | timer | on_call | staff:<id>
    Column("event", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("from_owner", Text, nullable=False),
    Column("to_owner", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Index("move_by_conversation", "conversation", "at"),
    Index("move_by_event", "event", "at"),
)

handoff_request = Table(
    "handoff_request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("state", Text, nullable=False),  # created | queued | assigned | completed | cancelled
    Column("priority", Integer, nullable=False),  # 0 safety, 1 asked or failed, 2 the rest: lower is sooner
    Column("queue_age_from", Moment, nullable=False),
    Column("language", Text, nullable=False),
    Column("topic", Text),  # of config/routing.yml
    Column("team", Text),  # that it goes to; none before it is in line
    Column("person", Text),  # the member of staff that it was passed on to
    Column("aimed_at", Moment),  # when it was passed on
    Column("reasons", JSON, nullable=False),  # [{"reason", "rule", "message", "words", "version", "evidence"}]
    Column("outcome", Text),
    Column("note", Text),  # for colleagues
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Index("handoff_request_by_state", "state", "priority", "queue_age_from"),
    Index("handoff_request_by_conversation", "conversation"),
)

offer = Table(
    "offer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("request", ForeignKey("handoff_request.id")),  # what is offered: this,
    Column("callback", ForeignKey("callback.id")),  # or this
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("state", Text, nullable=False),  # pending | accepted | rejected | timed_out | rescinded | cancelled
    Column("reason", Text),  # why it was rejected: busy | wrong_team | language | on_break
    Column("circle", Integer, nullable=False),  # how far it was looked: 0 its team, 1 every team, 2 everybody
    Column("made_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("ended_at", Moment),
    CheckConstraint("(request IS NULL) <> (callback IS NULL)", name="offer_of_one"),
    Index("offer_by_request", "request"),
    Index("offer_by_callback", "callback"),
    Index("offer_by_conversation", "conversation"),
    Index("offer_pending", "staff", unique=True, sqlite_where=text("state = 'pending'"), postgresql_where=text("state = 'pending'")),
    Index("offer_of_request", "request", unique=True, sqlite_where=text("state = 'pending'"), postgresql_where=text("state = 'pending'")),
    Index("offer_of_callback", "callback", unique=True, sqlite_where=text("state = 'pending'"), postgresql_where=text("state = 'pending'")),
)

assessment = Table(
    "assessment",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("level", Text, nullable=False),  # unsafe | asked | offer | watch | calm
    Column("priority", Integer, nullable=False),  # 0 safety, 1 asked, 2 offered, 3 the rest
    Column("reasons", JSON, nullable=False),  # [{"reason", "message", "rule", "source", "words", "score", "points"}]
    Column("topic", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("version", Text, nullable=False),  # of config/routing.yml
    Column("given", JSON, nullable=False),  # {"understanding", "history"}: numbers and names that the words were judged with
    Column("at", Moment, nullable=False),
    Index("assessment_by_conversation", "conversation", "at"),
    Index("assessment_by_message", "message"),
)

page = Table(
    "page",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("step", Integer, nullable=False),  # of `on_call` in config/routing.yml, from 0
    Column("who", Text, nullable=False),  # everybody | supervisor | admin
    Column("at", Moment, nullable=False),
    Column("ended_at", Moment),  # nobody need come any more: somebody has
    Index("page_by_conversation", "conversation", "at"),
)

arrival_mark = Table(
    "arrival_mark",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("request", ForeignKey("handoff_request.id"), nullable=False, unique=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("mark", Text, nullable=False),  # right | too_early | too_late | wrong_team
    Column("at", Moment, nullable=False),
    Index("arrival_mark_by_conversation", "conversation"),
)

response = Table(
    "response",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("survey", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("asked", Text),  # the question now before the patient
    Column("attempt", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Index("response_by_conversation", "conversation"),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("response", ForeignKey("response.id"), nullable=False),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("question", Text, nullable=False),
    Column("state", Text, nullable=False),  # answered | skipped | dont_know
    Column("value", Text),
    Column("label", Text),
    Column("message", Text),  # the patient's message it was read from
    Column("at", Moment, nullable=False),
    UniqueConstraint("response", "question"),
    Index("answer_by_conversation", "conversation"),
)

case = Table(
    "case",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("kind", Text, nullable=False),  # praise | suggestion | concern | complaint | grievance | safety
    Column("state", Text, nullable=False),  # open | acknowledged | ... | closed
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Index("case_by_conversation", "conversation"),
)

promise = Table(
    "promise",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("kind", Text, nullable=False),  # answer_here | person_joins | callback
    Column("state", Text, nullable=False),  # open | kept | broken | withdrawn
    Column("owner", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Index("promise_by_conversation", "conversation"),
)

consent = Table(
    "consent",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("wording", Text, nullable=False),  # version of the words that were shown
    Column("how", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("consent_by_conversation", "conversation"),
)

# Texts and calls. A number stands in E.164 (`+15550100123`), ours and the patients' alike.

phone_number = Table(
    "phone_number",
    metadata,
    Column("number", Text, primary_key=True),  # one number is one thread: the conversation it writes to now
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("ours", Text, nullable=False),  # the number of ours that it writes to
    Column("state", Text, nullable=False),  # good | landline | bad
    Column("linked_at", Moment, nullable=False),
    Index("phone_number_by_conversation", "conversation"),
)

opt_out = Table(
    "opt_out",
    metadata,
    Column("number", Text, primary_key=True),  # outlives an erased conversation: the law asks us to go on honouring it
    Column("at", Moment, nullable=False),
    Column("how", Text, nullable=False),  # keyword | sentence | provider | staff
)

left_number = Table(
    "left_number",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),  # what the number wrote to before
    Column("number", Text, nullable=False),  # answers that are still owed there go to it
    Column("ours", Text, nullable=False),
    Column("successor", Text, nullable=False),  # the conversation it writes to since; no foreign key: that may be erased first
    Column("at", Moment, nullable=False),
    Index("left_number_by_conversation", "conversation", "at"),
)

inbound_text = Table(
    "inbound_text",
    metadata,
    Column("sid", Text, primary_key=True),  # Twilio's MessageSid: the same one again is the same text
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("message", ForeignKey("message.id")),  # none for a word that carriers own, or of whoever is on call
    Column("ours", Text, nullable=False),
    Column("media", JSON, nullable=False),  # [{"type", "url"}]; never fetched unless switched on
    Column("provider_at", Moment),
    Column("at", Moment, nullable=False),
    Index("inbound_text_by_conversation", "conversation"),
    Index("inbound_text_by_at", "at"),
)

picture = Table(
    "picture",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("position", Integer, nullable=False),  # in the `media` of its text, from 0
    Column("state", Text, nullable=False),  # waiting | kept | failed
    Column("reason", Text),  # why it failed: a name of the list in handoff/picture.py
    Column("kind", Text),  # image/jpeg | image/png | image/gif | image/webp, by its first bytes
    Column("data", LargeBinary),
    Column("at", Moment, nullable=False),
    UniqueConstraint("message", "position"),
    Index("picture_by_conversation", "conversation"),
)

forgotten_text = Table(
    "forgotten_text",
    metadata,
    Column("sid", Text, primary_key=True),  # of an erased conversation: said again by Twilio, it stays forgotten
    Column("at", Moment, nullable=False),
)

outbound_text = Table(
    "outbound_text",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("message", ForeignKey("message.id")),  # the message it carries; none for a code, a notice, a page or its answer
    Column("page", ForeignKey("page.id")),  # the page it brings to a phone of whoever is on call
    Column("part", Integer, nullable=False),  # of that message, from 0
    Column("number", Text, nullable=False),
    Column("ours", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("segments", Integer, nullable=False),
    Column("purpose", Text, nullable=False),  # reply | staff | safety | callback | code | notice | page | on_call
    Column(
        "state", Text, nullable=False
    ),  # queued | attempting | maybe_sent | accepted | sent | delivered | undelivered | failed | blocked
    Column("attempts", Integer, nullable=False),
    Column("sid", Text, unique=True),
    Column("error", Integer),  # Twilio's code
    Column("reason", Text),  # why it is blocked, failed or uncertain: a name of the closed list in handoff/text_errors.py
    Column("created_at", Moment, nullable=False),
    Column("attempting_at", Moment),
    Column("provider_at", Moment),  # of the state it is in
    Column("expires_at", Moment),  # of no use to the patient after this
    Column("due_at", Moment, nullable=False),  # not to be dealt with before
    Column("changed_at", Moment, nullable=False),
    Index("outbound_text_by_conversation", "conversation"),
    Index("outbound_text_by_message", "message"),
    Index("outbound_text_by_number", "number", "created_at"),
    Index("outbound_text_by_state", "state", "due_at"),
    Index("outbound_text_by_attempting_at", "attempting_at"),
    Index("outbound_text_of_page", "page", "number", unique=True),
)

text_code = Table(
    "text_code",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("outbound_text", ForeignKey("outbound_text.id"), nullable=False),  # the text that brings it
    Column("number", Text, nullable=False),
    Column("hash", Text, nullable=False),  # SHA-256 of its id and the six digits
    Column("tries", Integer, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("ended_at", Moment),  # used, or another one took its place
    Index("text_code_by_conversation", "conversation", "sent_at"),
    Index("text_code_by_number", "number", "sent_at"),
)

text_event = Table(
    "text_event",
    metadata,
    Column("id", Text, primary_key=True),
    Column("outbound_text", ForeignKey("outbound_text.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),  # created | status | list | timer | us
    Column("error", Integer),
    Column("provider_at", Moment),
    Column("at", Moment, nullable=False),
    Index("text_event_by_outbound_text", "outbound_text", "at"),
)

callback = Table(
    "callback",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("handoff_request", ForeignKey("handoff_request.id")),
    Column("promise", ForeignKey("promise.id")),
    Column("state", Text, nullable=False),  # the states of handoff/callback.py
    Column("version", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("about", Text, nullable=False),  # what it is about, for staff only
    Column("asked_by", Text, nullable=False),  # patient | staff:<id>
    Column("window_from", Moment, nullable=False),
    Column("window_to", Moment, nullable=False),
    Column("queue_age_from", Moment, nullable=False),  # of the original wait
    Column("staff", ForeignKey("staff.id")),  # who took it
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment),  # not before, after an attempt in vain
    Column("outcome", Text),
    Column("note", Text),  # for colleagues
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Index("callback_by_state", "state", "window_from"),
    Index("callback_by_conversation", "conversation"),
    Index(
        "callback_open",
        "conversation",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

call = Table(
    "call",
    metadata,
    Column("id", Text, primary_key=True),
    Column("callback", ForeignKey("callback.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("leg", Text, nullable=False),  # staff | patient
    Column("staff", ForeignKey("staff.id")),
    Column("number", Text, nullable=False),
    Column(
        "state", Text, nullable=False
    ),  # attempting | maybe_placed | queued | ringing | in_progress | completed | busy | no_answer | failed | canceled | logged
    Column("sid", Text, unique=True),
    Column("answered_by", Text),  # human | machine | fax | unknown
    Column("error", Integer),
    Column("outcome", Text),
    Column("note", Text),
    Column("placed_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("call_by_callback", "callback", "attempt"),
    Index("call_by_state", "state", "changed_at"),
)

call_event = Table(
    "call_event",
    metadata,
    Column("key", Text, primary_key=True),  # CallSid, event and sequence: the same one again is the same event
    Column("call", ForeignKey("call.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("call_event_by_call", "call"),
)

patient_session = Table(
    "patient_session",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("site", Text, nullable=False),  # the origin it was opened from; a secret works there only
    Column("protocol", Text, nullable=False),  # widget | rasa
    Column("shown_seq", Integer, nullable=False),  # rasa: the last message a Rasa client is known to have drawn
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Index("patient_session_by_conversation", "conversation"),
)

session_secret = Table(
    "session_secret",
    metadata,
    Column("hash", Text, primary_key=True),  # SHA-256 of the secret
    Column("session", ForeignKey("patient_session.id"), nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("superseded_at", Moment),
    Index("session_secret_by_session", "session"),
)

ticket = Table(
    "ticket",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # patient | staff
    Column("session", Text, nullable=False),  # patient_session.id or staff_session.id
    Column("expires_at", Moment, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),  # member | supervisor | admin
    Column("password_hash", Text),
    Column("available", Boolean, nullable=False),
    Column("phone", Text),  # E.164; rung first when they phone a patient
    Column("missed", Integer, nullable=False, server_default=text("0")),  # offers in a row that they did not answer
    Column("idle_since", Moment),  # when they last took or finished a conversation
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)

sign_in_code = Table(
    "sign_in_code",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),  # SHA-256 of the address tried or of the peer
    Column("at", Moment, nullable=False),
    Index("sign_in_failure_by_key", "key", "at"),
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("by_code", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

presence = Table(
    "presence",
    metadata,
    Column("socket", Text, primary_key=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("node", Text, nullable=False),
    Column("lease_until", Moment, nullable=False),
    Index("presence_by_staff", "staff", "lease_until"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("conversation", Text),  # no foreign key: it outlives an erased conversation
    Column("detail", JSON, nullable=False),  # ids, states and numbers only
    Index("audit_by_conversation", "conversation"),
    Index("audit_by_at", "at"),
)

job = Table(
    "job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),  # at most one job of a key runs at a time, in the order of `id`
    Column("dedupe", Text, unique=True),  # at most one unfinished job by that name
    Column("payload", JSON, nullable=False),  # ids and numbers only
    Column("run_at", Moment, nullable=False),
    Column("state", Text, nullable=False),  # ready | running | done | dead | cancelled
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("lease_epoch", Integer, nullable=False),
    Column("last_error", Text),  # a code of the closed list, never a text from outside
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Index("job_due", "run_at", sqlite_where=text("state in ('ready', 'running')"), postgresql_where=text("state in ('ready', 'running')")),
    Index("job_by_key", "key", "state"),
    Index("job_running", "key", unique=True, sqlite_where=text("state = 'running'"), postgresql_where=text("state = 'running'")),
)
