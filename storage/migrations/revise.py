"""Writes a migration from what the records say now: `python -m storage.migrations.revise "Add sellers"`.

Read what it wrote: a renamed column looks like one dropped and one added, and a new CHECK on an old table is
not seen. The drift test (`tests/storage/test_migrations.py`) tells what is missing.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import renderers
from alembic.operations.ops import CreateTableOp, MigrateOperation

from storage import sqlite
from storage.migrations.insert_only import INSERT_ONLY
from storage.migrations.schema import revisions
from storage.migrations.upgrade import config


class Protect(MigrateOperation):
    """The call of `insert_only.protect` in a migration."""

    def __init__(self, table: str) -> None:
        self.table = table


@renderers.dispatch_for(Protect)
def _render(_context: Any, protection: Protect) -> str:
    return f'protect("{protection.table}")'


def revise(message: str) -> None:
    """Upgrade an empty database to the last revision, compare it with the records, write the difference."""
    number = int(revisions()[-1]) + 1 if revisions() else 1
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite.open_engine(Path(folder) / "empty.db", foreign_keys=False)
        with engine.begin() as connection:
            settings = config(connection)
            if revisions():
                command.upgrade(settings, "head")
            command.revision(
                settings,
                message=message,
                autogenerate=True,
                rev_id=f"{number:04d}",
                process_revision_directives=_protect_new,
            )
        engine.dispose()


def _protect_new(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """After each new insert-only table, the call that protects it."""
    operations = directives[0].upgrade_ops.ops
    made = [operation.table_name for operation in operations if isinstance(operation, CreateTableOp)]
    operations.extend(Protect(table) for table in made if table in INSERT_ONLY)


if __name__ == "__main__":
    revise(sys.argv[1])
