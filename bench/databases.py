"""A PostgreSQL server for benchmarks, from wherever the tests get theirs."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from storage.columns import new_id
from tests.postgres import url_of, use_server


@contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    """A running server; calling what it gives makes an empty database and says its URL."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        sockets, held = use_server(Path(folder))

        def new_database() -> str:
            name = f"b_{new_id().lower()}"
            admin = url_of(sockets, "postgres").replace("postgresql://", "postgresql+psycopg://")
            engine = create_engine(admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f'CREATE DATABASE "{name}"'))
            return url_of(sockets, name)

        try:
            yield new_database
        finally:
            held.close()
