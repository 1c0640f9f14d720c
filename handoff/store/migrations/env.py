"""Alembic's entry: runs migrations over the connection that handoff/store/migrate.py gives it."""

from __future__ import annotations

from alembic import context

from handoff.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
