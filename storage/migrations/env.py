"""What Alembic runs. The connection is handed in by `upgrade.py` or `revise.py`, inside their transaction."""

from alembic import context
from sqlalchemy import Connection

from storage.migrations.schema import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata(),
    compare_type=True,
    # SQLite changes most of a table by making it anew.
    render_as_batch=connection.dialect.name == "sqlite",
    # Both databases can take back DDL; a killed migration leaves the old schema.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
