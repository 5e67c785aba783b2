"""Statements of the hot path: built with SQLAlchemy, compiled once for each database, run by the driver.

Around a small statement SQLAlchemy takes several times as long as the database does for it, each time. What
it knows of the types is kept: values go in and come out through the same processors.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

Run = Callable[[Any, Mapping[str, Any]], list[Any]]


class Prepared:
    """One statement. `build(name of the database)` builds it, `given` names its values, `back` its columns.

    Every value must be given, and none may be a list: an IN with a varying length has no one text.
    """

    def __init__(
        self, build: Callable[[str], ClauseElement], given: Sequence[str], back: Sequence[Any]
    ) -> None:
        self._build = build
        self._given = tuple(given)
        self._back = tuple(back)
        self._compiled = cache(self._compile)

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[Any]:
        """Run it in the session's transaction; the rows as named tuples."""
        connection = session.connection()
        return self._compiled(connection.dialect)(connection.connection.driver_connection, values)

    def first(self, session: Session, values: Mapping[str, Any]) -> Any:
        """As `rows`, the first of them or None."""
        return next(iter(self.rows(session, values)), None)

    def _compile(self, dialect: Dialect) -> Run:
        compiled = self._build(dialect.name).compile(dialect=dialect, column_keys=list(self._given))
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only what can be compiled to SQL can be prepared")
        text, order = str(compiled), compiled.positiontup
        going_in = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        constants = {
            name: _through(going_in[name], value)
            for name, value in compiled.params.items()
            if name not in self._given
        }
        out = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in self._back]
        row_of: Any = namedtuple("Row", [column.key for column in self._back])  # type: ignore[misc]  # noqa: PYI024  # made at run time

        def run(driver: Any, values: Mapping[str, Any]) -> list[Any]:
            bound = constants | {name: _through(going_in[name], values[name]) for name in self._given}
            cursor = driver.execute(text, bound if order is None else [bound[name] for name in order])
            return [row_of(*map(_through, out, row)) for row in cursor.fetchall()]

        return run


def _through(process: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if process is None else process(value)
