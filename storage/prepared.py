"""Statements of the hot paths: built with SQLAlchemy, compiled once for each database, run by the driver.

Around a small statement SQLAlchemy takes several times as long as the database does for it, each time. What
it knows of the types is kept: values go in and come out through the same processors.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    Column,
    ColumnElement,
    Dialect,
    Enum,
    Insert,
    Integer,
    Table,
    bindparam,
    literal_column,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import iterate
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.moments import utc_text

Values = Mapping[str, Any]
Known = tuple[Dialect, Any]  # the database's dialect, and the driver's connection
_INSERTS: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class _Built(NamedTuple):
    """A statement for one database, before the lengths of its lists are known."""

    compiled: SQLCompiler
    constants: Values
    lists: tuple[str, ...]


class _Ready(NamedTuple):
    """Its text for lists of such lengths; `bind` gives the values as the driver takes them."""

    text: str
    bind: Callable[[Values], Any]


class Prepared:
    """One statement. `build(name of the database)` builds it, `given` names its values, `back` its columns.

    Every value must be given. A list, for an expanding IN, must not be empty; there is a text for each power
    of two, and the last value stands in it as often as it takes.
    """

    def __init__(
        self, build: Callable[[str], ClauseElement], given: Sequence[str], back: Sequence[Any] = ()
    ) -> None:
        self._build = build
        self._given = tuple(given)
        self._back = tuple(back)
        self._built = cache(self._compile)
        self._texts = cache(self._text)
        self._reader = cache(self._read)

    def rows(self, session: Session, values: Values) -> list[Any]:
        """Run it in the session's transaction; the rows as named tuples."""
        dialect, driver = in_transaction(session)
        ready = self._ready(dialect, values)
        done = driver.execute(ready.text, ready.bind(values))
        return self._reader(dialect)(done.fetchall()) if self._back else []

    def first(self, session: Session, values: Values) -> Any:
        """As `rows`, the first of them or None."""
        return next(iter(self.rows(session, values)), None)

    def each(self, session: Session, many: Sequence[Values]) -> list[Any]:
        """As `rows` for each of many, which give no lists; one round trip on PostgreSQL."""
        if not many:
            return []
        dialect, driver = in_transaction(session)
        ready = self._ready(dialect, many[0])
        bound = [ready.bind(values) for values in many]
        if not self._back:
            driver.cursor().executemany(ready.text, bound)
            return []
        if dialect.name == "sqlite":
            found = [row for values in bound for row in driver.execute(ready.text, values).fetchall()]
        else:
            cursor = driver.cursor()
            cursor.executemany(ready.text, bound, returning=True)
            found = cursor.fetchall()
            while cursor.nextset():
                found += cursor.fetchall()
        return self._reader(dialect)(found)

    def _ready(self, dialect: Dialect, values: Values) -> _Ready:
        lists = self._built(dialect).lists
        lengths = tuple([1 << (len(values[name]) - 1).bit_length() for name in lists]) if lists else ()
        return self._texts(dialect, lengths)

    def _compile(self, dialect: Dialect) -> _Built:
        statement = self._build(dialect.name)
        # Names the columns of a plain INSERT; in a larger statement it would add some to its parts.
        keys = list(self._given) if isinstance(statement, Insert) else None
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only what can be compiled to SQL can be prepared")
        constants = {name: value for name, value in compiled.params.items() if name not in self._given}
        expanding = [name for bind, name in compiled.bind_names.items() if bind.expanding]
        return _Built(compiled, constants, tuple(name for name in expanding if name in self._given))

    def _text(self, dialect: Dialect, lengths: Sequence[int]) -> _Ready:
        compiled, constants, lists = self._built(dialect)
        sized = {name: [None] * length for name, length in zip(lists, lengths, strict=True)}
        state = compiled.construct_expanded_state({**compiled.params, **sized})
        places: dict[str, tuple[str, int | None]] = {name: (name, None) for name in state.parameters}
        for name, each in state.parameter_expansion.items():
            places |= {single: (name, number) for number, single in enumerate(each)}
        going_in = {name: _processor(bind.type, dialect) for bind, name in compiled.bind_names.items()}
        order = state.positiontup or list(places)
        names: list[str] = []
        fixed, processed, listed = {}, [], []
        for place, single in enumerate(order):
            name, number = places[single]
            process = going_in[name]
            if name in constants:
                value = constants[name] if number is None else constants[name][number]
                fixed[single] = value if process is None else process(value)
                names.append(single)
                continue
            names.append(name)
            if number is not None:
                listed.append((place, number))
            if process is not None:
                processed.append((place, process))

        def bind(values: Values) -> Any:
            known = {**fixed, **values} if fixed else values
            bound = list(map(known.__getitem__, names))
            for place, number in listed:
                many = bound[place]
                bound[place] = many[min(number, len(many) - 1)]
            for place, process in processed:
                bound[place] = process(bound[place])
            return bound if state.positiontup else dict(zip(order, bound, strict=True))

        return _Ready(state.statement, bind)

    def _read(self, dialect: Dialect) -> Callable[[Sequence[Any]], list[Any]]:
        out = [
            (place, process)
            for place, column in enumerate(self._back)
            if (process := _processor(column.type, dialect, coming_out=True))
        ]
        row_of = _row_of(self._back)

        def read(rows: Sequence[Any]) -> list[Any]:
            found = []
            for row in rows:
                values = list(row)
                for place, process in out:
                    if values[place] is not None:
                        values[place] = process(values[place])
                found.append(row_of._make(values))
            return found

        return read


def _processor(kind: Any, dialect: Dialect, *, coming_out: bool = False) -> Callable[[Any], Any] | None:
    """What SQLAlchemy does to a value on its way; what is read most, without its layers."""
    if isinstance(kind, Enum) and kind.enum_class:
        members = dict(zip(kind.enums, kind.enum_class, strict=True))
        values: dict[Any, Any] = {member: value for value, member in members.items()}
        return members.__getitem__ if coming_out else (values | {None: None}).__getitem__
    if dialect.name == "sqlite" and isinstance(kind, UTCDateTime):
        return _moment_out if coming_out else _moment_in
    kept = kind.dialect_impl(dialect)
    made: Callable[[Any], Any] | None = (
        kept.result_processor(dialect, None) if coming_out else kept.bind_processor(dialect)
    )
    return made


def _moment_in(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)


def _moment_out(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


def prepared(statement: Any) -> Prepared:
    """A statement that is the same on both databases: its values and its columns are read off it."""
    binds = [each for each in iterate(statement) if isinstance(each, BindParameter) and each.required]
    given = dict.fromkeys(bind.key for bind in binds)
    return Prepared(lambda _: statement, list(given), list(statement.exported_columns))


def at_most(most: int | str) -> ColumnElement[int]:
    """A LIMIT: a number, or the name of the value that gives it.

    SQLite compiles a statement anew each time whose LIMIT is a value and nothing else.
    """
    if isinstance(most, int):
        return literal_column(str(most), Integer)
    return bindparam(most, type_=Integer) + literal_column("0", Integer)


def inserting(table: Table, *unique: str, back: Sequence[Any] = ()) -> Prepared:
    """An INSERT of whole rows; of one that breaks that unique constraint nothing is kept or given back."""

    def build(database: str) -> ClauseElement:
        new: Any = _INSERTS[database](table).inline()
        once = new.on_conflict_do_nothing(index_elements=unique) if unique else new
        made: ClauseElement = once.returning(*back) if back else once
        return made

    return Prepared(build, [column.name for column in table.columns], back)


DRIVER = "driver"


def blank(record: type[SQLModel]) -> dict[str, Any]:
    """What a new row of a record holds where nothing is said."""
    fields = record.model_fields.items()
    return {
        name: each.default for name, each in fields if not each.is_required() and not each.default_factory
    }


@cache
def row_type(table: Table) -> Any:
    """A table's rows as named tuples, as a prepared `select(table)` gives them."""
    return _row_of(list(table.columns))


def _row_of(columns: Sequence[Any]) -> Any:
    return namedtuple("Row", [column.key for column in columns])  # noqa: PYI024  # made at run time


class Joined:
    """Rows of several tables side by side, and each again as its own row: whole, or some of its columns.

    Of some columns, the first must be one that no row is without.
    """

    def __init__(self, **parts: Table | Sequence[Column[Any]]) -> None:
        columns = {
            name: list(part.columns) if isinstance(part, Table) else part for name, part in parts.items()
        }
        self.columns = [
            column.label(f"{name}_{column.key}") for name, own in columns.items() for column in own
        ]
        self._all: Any = namedtuple("Joined", parts)  # type: ignore[misc]  # noqa: PYI024  # made at run time
        ends = list(accumulate(len(own) for own in columns.values()))
        types = [_row_of(own) for own in columns.values()]
        self._parts = list(zip(types, [0, *ends], ends, strict=False))

    def apart(self, row: Any) -> Any:
        """The tables' rows by name; None where an outer join found no row, which has no key."""
        return self._all(
            *[None if row[start] is None else make._make(row[start:end]) for make, start, end in self._parts]
        )


class Changing:
    """UPDATE of rows by their ids, of whichever columns: one statement for each set of them."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._statements = cache(self._build)

    def change(self, session: Session, row: Any, **values: Any) -> Any:
        """Write new values into a row that the caller has locked; the row as it is now."""
        self.change_all(session, [row.id], **values)
        return row._replace(**values)

    def change_all(self, session: Session, ids: Sequence[str], **values: Any) -> None:
        """As `change`, the same into all of these rows."""
        new = {f"new_{name}": value for name, value in values.items()}
        self._statements(frozenset(values)).rows(session, {**new, "these": list(ids)})

    def _build(self, names: frozenset[str]) -> Prepared:
        columns = self._table.c
        new = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in sorted(names)}
        return prepared(
            update(self._table).where(columns.id.in_(bindparam("these", expanding=True))).values(new)
        )


def in_transaction(session: Session) -> Known:
    """As `driver_of`, as far as it is remembered; with the SAVEPOINT that was asked for set."""
    known: Known = session.info.get(DRIVER) or driver_of(session)
    if session.in_nested_transaction():
        driver_of(session)  # its SAVEPOINT is set when the connection is asked for
    return known


def driver_of(session: Session) -> Known:
    """The database's dialect and the driver's connection, in the session's transaction.

    A store remembers it in `session.info[DRIVER]` for the unit: to ask the session costs as much as a
    statement.
    """
    connection = session.connection()
    # Each engine has a dialect of its own, and those of one kind compile alike: what one compiled serves all.
    dialect = _DIALECTS.setdefault(type(connection.dialect), connection.dialect)
    return dialect, connection.connection.driver_connection


_DIALECTS: dict[type[Dialect], Dialect] = {}
