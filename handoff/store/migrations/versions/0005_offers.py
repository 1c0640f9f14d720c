"""Offers: who is asked to take which handoff request or promised call, and what the request is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.store.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("request", sa.Text(), sa.ForeignKey("handoff_request.id")),
        sa.Column("callback", sa.Text(), sa.ForeignKey("callback.id")),
        sa.Column("conversation", sa.Text(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("staff", sa.Text(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("circle", sa.Integer(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("ended_at", Moment()),
        sa.CheckConstraint("(request IS NULL) <> (callback IS NULL)", name="offer_of_one"),
    )
    op.create_index("offer_by_request", "offer", ["request"])
    op.create_index("offer_by_callback", "offer", ["callback"])
    op.create_index("offer_by_conversation", "offer", ["conversation"])
    op.create_index("offer_pending", "offer", ["staff"], unique=True, sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("offer_of_request", "offer", ["request"], unique=True, sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("offer_of_callback", "offer", ["callback"], unique=True, sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("move_by_event", "move", ["event", "at"])
    op.add_column("handoff_request", sa.Column("topic", sa.Text()))
    op.add_column("handoff_request", sa.Column("team", sa.Text()))
    op.add_column("handoff_request", sa.Column("person", sa.Text()))
    op.add_column("handoff_request", sa.Column("aimed_at", Moment()))
    op.add_column("staff", sa.Column("missed", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("staff", sa.Column("idle_since", Moment()))


def downgrade() -> None:
    for column in ("idle_since", "missed"):
        op.drop_column("staff", column)
    for column in ("aimed_at", "person", "team", "topic"):
        op.drop_column("handoff_request", column)
    op.drop_index("move_by_event", table_name="move")
    op.drop_table("offer")
