"""At most one running job of a key, held by the database itself; indexes for what is looked up when a conversation is erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    op.create_index("job_running", "job", ["key"], unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING)
    op.create_index("answer_by_conversation", "answer", ["conversation"])
    op.create_index("consent_by_conversation", "consent", ["conversation"])


def downgrade() -> None:
    op.drop_index("consent_by_conversation", "consent")
    op.drop_index("answer_by_conversation", "answer")
    op.drop_index("job_running", "job")
