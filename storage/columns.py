"""The column types and names that every record shares, so that SQLite and PostgreSQL mean the same by them.

Import this module before defining a table: the naming convention must stand before the first one.
"""

from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import JSON, Column, Enum, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime
from ulid import ULID

# Rows are never validated: what strangers send goes through models of its own. What would do it is not built.
SQLModel.model_config["defer_build"] = True
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

ID_LENGTH = 26
ENUM_LENGTH = 40


def new_id() -> str:
    """A random public id: a ULID of 26 characters that sorts by the millisecond it was made in.

    Within one, by the order in which this process made them: rows of one unit share their moment.
    """
    return str(ULID())


def json_text(value: Any) -> str:
    """JSON as the database drivers want it."""
    return orjson.dumps(value).decode()


def json_value(text: str | bytes) -> Any:
    """What `json_text` wrote."""
    return orjson.loads(text)


def enum_column(
    kind: type[StrEnum], name: str, *, nullable: bool = False, index: bool = False, primary_key: bool = False
) -> Column[Any]:
    """Text holding the enum's value, with CHECK `ck_<table>_<name>` behind it; `name` is the column's name.

    No native enum: adding a member there needs `ALTER TYPE` outside a transaction.
    """
    kept = Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=ENUM_LENGTH,
        name=name,
    )
    return Column(name, kept, nullable=nullable, index=index, primary_key=primary_key)


def json_column(name: str | None = None, *, nullable: bool = False) -> Column[Any]:
    """JSON, binary on PostgreSQL. Assign a new value to change it: changes inside it are not seen."""
    kept = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    return Column(name, kept, nullable=nullable) if name else Column(kept, nullable=nullable)


def time_column(name: str | None = None, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    """A moment: aware values in, UTC out; a naive one raises `StatementError`.

    SQLModel gives the same type to a plain `datetime` field; this is for those that need `sa_column`.
    """
    return (
        Column(name, UTCDateTime(), nullable=nullable, index=index)
        if name
        else Column(UTCDateTime(), nullable=nullable, index=index)
    )


def partial_unique(name: str, *columns: str, where: str) -> Index:
    """A unique index over the rows for which `where` holds, on both databases; for `__table_args__`."""
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


def partial_index(name: str, *columns: str, where: str) -> Index:
    """A plain index over the rows for which `where` holds, on both databases; for `__table_args__`."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
