"""Going on by text: how far a web chat is on its way, the codes that prove a number, and where a number wrote before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.store.tables import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("moving", sa.JSON(none_as_null=True)))
    op.create_table(
        "left_number",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation", sa.Text(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_index("left_number_by_conversation", "left_number", ["conversation", "at"])
    op.create_table(
        "text_code",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation", sa.Text(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("outbound_text", sa.Text(), sa.ForeignKey("outbound_text.id"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment()),
    )
    op.create_index("text_code_by_conversation", "text_code", ["conversation", "sent_at"])
    op.create_index("text_code_by_number", "text_code", ["number", "sent_at"])


def downgrade() -> None:
    for table in ("text_code", "left_number"):
        op.drop_table(table)
    op.drop_column("conversation", "moving")
