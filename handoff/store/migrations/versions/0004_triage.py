"""What was decided about each message, who was called for a safety matter, and how staff judged each arrival."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.store.tables import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation", sa.Text(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("message", sa.Text(), sa.ForeignKey("message.id"), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_index("assessment_by_conversation", "assessment", ["conversation", "at"])
    op.create_index("assessment_by_message", "assessment", ["message"])
    op.create_table(
        "page",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation", sa.Text(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_index("page_by_conversation", "page", ["conversation", "at"])
    op.create_table(
        "arrival_mark",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation", sa.Text(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("request", sa.Text(), sa.ForeignKey("handoff_request.id"), nullable=False, unique=True),
        sa.Column("staff", sa.Text(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_index("arrival_mark_by_conversation", "arrival_mark", ["conversation"])


def downgrade() -> None:
    for table in ("arrival_mark", "page", "assessment"):
        op.drop_table(table)
