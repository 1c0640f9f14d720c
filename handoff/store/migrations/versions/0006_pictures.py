"""The pictures that patients text, where the clinic wants them fetched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.store.tables import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("conversation", sa.Text(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("message", sa.Text(), sa.ForeignKey("message.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("data", sa.LargeBinary()),
        sa.Column("at", Moment(), nullable=False),
        sa.UniqueConstraint("message", "position"),
    )
    op.create_index("picture_by_conversation", "picture", ["conversation"])


def downgrade() -> None:
    op.drop_table("picture")
