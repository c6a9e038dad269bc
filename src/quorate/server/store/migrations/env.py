"""Alembic environment: the connection comes from quorate.server.store.engine.migrate."""

from alembic import context

from quorate.server.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
