"""Alembic's entry: runs the scripts on the connection that ``kb.store.schema`` hands over."""

from __future__ import annotations

from alembic import context

from kb.store.schema import VERSION_TABLE
from kb.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    # SQLite rolls DDL back as long as we issue BEGIN ourselves, which kb.store.database does.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
