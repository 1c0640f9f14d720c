"""Pages that go to the phones of whoever is on call: which text brings which page, and when a page has come to its end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.store.tables import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("page", sa.Column("ended_at", Moment()))
    op.add_column("outbound_text", sa.Column("page", sa.Text(), sa.ForeignKey("page.id")), inline_references=True)
    op.create_index("outbound_text_of_page", "outbound_text", ["page", "number"], unique=True)
    # Pages of what is not waited for now have ended; it was not written down when.
    op.execute("UPDATE page SET ended_at = at WHERE conversation NOT IN (SELECT id FROM conversation WHERE unsafe AND state = 'waiting')")


def downgrade() -> None:
    op.drop_index("outbound_text_of_page", "outbound_text")
    with op.batch_alter_table("outbound_text") as batch:
        batch.drop_column("page")
    op.drop_column("page", "ended_at")
