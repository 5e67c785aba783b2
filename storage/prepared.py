"""Statements of the hot path: built with SQLAlchemy, compiled once for each database, run by the driver.

Around a small statement SQLAlchemy takes several times as long as the database does for it, each time. What
it knows of the types is kept: values go in and come out through the same processors.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Dialect, Insert
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
        dialect, driver = session.info.get(DRIVER) or driver_of(session)
        if session.in_nested_transaction():
            driver_of(session)  # its SAVEPOINT is set when the connection is asked for
        return self._compiled(dialect)(driver, values)

    def first(self, session: Session, values: Mapping[str, Any]) -> Any:
        """As `rows`, the first of them or None."""
        return next(iter(self.rows(session, values)), None)

    def _compile(self, dialect: Dialect) -> Run:
        statement = self._build(dialect.name)
        # Names the columns of a plain INSERT; in a larger statement it would add some to its parts.
        keys = list(self._given) if isinstance(statement, Insert) else None
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only what can be compiled to SQL can be prepared")
        text, order = str(compiled), compiled.positiontup
        going_in = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for bind, name in compiled.bind_names.items()
        }
        constants = {name: value for name, value in compiled.params.items() if name not in self._given}
        steps = [(name, going_in[name]) for name in order or going_in]
        out = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in self._back]
        row_of: Any = namedtuple("Row", [column.key for column in self._back])  # type: ignore[misc]  # noqa: PYI024  # made at run time

        def run(driver: Any, values: Mapping[str, Any]) -> list[Any]:
            given = {**constants, **values} if constants else values
            bound = [given[name] if process is None else process(given[name]) for name, process in steps]
            rows = driver.execute(text, bound if order else dict(zip(going_in, bound, strict=True)))
            return [
                row_of(
                    *[
                        value if process is None else process(value)
                        for process, value in zip(out, row, strict=True)
                    ]
                )
                for row in rows.fetchall()
            ]

        return run


DRIVER = "driver"


def driver_of(session: Session) -> tuple[Dialect, Any]:
    """The database's dialect and the driver's connection, in the session's transaction.

    A store remembers it in `session.info[DRIVER]` for the unit: to ask the session costs as much as a
    statement.
    """
    connection = session.connection()
    return connection.dialect, connection.connection.driver_connection
