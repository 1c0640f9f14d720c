"""Texts and calls: numbers, what came by text, what went out with its ledger, callbacks and calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forgotten_text",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sid"),
    )
    op.create_table(
        "opt_out",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "phone_number",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversation.id"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("phone_number_by_conversation", "phone_number", ["conversation"], unique=False)
    op.create_table(
        "callback",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("handoff_request", sa.Text(), nullable=True),
        sa.Column("promise", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("window_from", sa.BigInteger(), nullable=False),
        sa.Column("window_to", sa.BigInteger(), nullable=False),
        sa.Column("queue_age_from", sa.BigInteger(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["handoff_request"],
            ["handoff_request.id"],
        ),
        sa.ForeignKeyConstraint(
            ["promise"],
            ["promise.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("callback_by_conversation", "callback", ["conversation"], unique=False)
    op.create_index("callback_by_state", "callback", ["state", "window_from"], unique=False)
    op.create_index(
        "callback_open",
        "callback",
        ["conversation"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "inbound_text",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("provider_at", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["message"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("sid"),
    )
    op.create_index("inbound_text_by_at", "inbound_text", ["at"], unique=False)
    op.create_index("inbound_text_by_conversation", "inbound_text", ["conversation"], unique=False)
    op.create_table(
        "outbound_text",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("error", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("attempting_at", sa.BigInteger(), nullable=True),
        sa.Column("provider_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["message"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sid"),
    )
    op.create_index("outbound_text_by_conversation", "outbound_text", ["conversation"], unique=False)
    op.create_index("outbound_text_by_message", "outbound_text", ["message"], unique=False)
    op.create_index("outbound_text_by_number", "outbound_text", ["number", "created_at"], unique=False)
    op.create_index("outbound_text_by_attempting_at", "outbound_text", ["attempting_at"], unique=False)
    op.create_index("outbound_text_by_state", "outbound_text", ["state", "due_at"], unique=False)
    op.create_table(
        "call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("error", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback"],
            ["callback.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sid"),
    )
    op.create_index("call_by_callback", "call", ["callback", "attempt"], unique=False)
    op.create_index("call_by_state", "call", ["state", "changed_at"], unique=False)
    op.create_table(
        "text_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("outbound_text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("error", sa.Integer(), nullable=True),
        sa.Column("provider_at", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbound_text"],
            ["outbound_text.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("text_event_by_outbound_text", "text_event", ["outbound_text", "at"], unique=False)
    op.create_table(
        "call_event",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call"],
            ["call.id"],
        ),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("call_event_by_call", "call_event", ["call"], unique=False)
    op.add_column("conversation", sa.Column("asking", sa.JSON(), nullable=True))
    op.add_column("staff", sa.Column("phone", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "phone")
    op.drop_column("conversation", "asking")
    op.drop_index("call_event_by_call", table_name="call_event")
    op.drop_table("call_event")
    op.drop_index("text_event_by_outbound_text", table_name="text_event")
    op.drop_table("text_event")
    op.drop_index("call_by_state", table_name="call")
    op.drop_index("call_by_callback", table_name="call")
    op.drop_table("call")
    op.drop_index("outbound_text_by_attempting_at", table_name="outbound_text")
    op.drop_index("outbound_text_by_state", table_name="outbound_text")
    op.drop_index("outbound_text_by_number", table_name="outbound_text")
    op.drop_index("outbound_text_by_message", table_name="outbound_text")
    op.drop_index("outbound_text_by_conversation", table_name="outbound_text")
    op.drop_table("outbound_text")
    op.drop_index("inbound_text_by_conversation", table_name="inbound_text")
    op.drop_index("inbound_text_by_at", table_name="inbound_text")
    op.drop_table("inbound_text")
    op.drop_index(
        "callback_open", table_name="callback", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index("callback_by_state", table_name="callback")
    op.drop_index("callback_by_conversation", table_name="callback")
    op.drop_table("callback")
    op.drop_index("phone_number_by_conversation", table_name="phone_number")
    op.drop_table("phone_number")
    op.drop_table("opt_out")
    op.drop_table("forgotten_text")
