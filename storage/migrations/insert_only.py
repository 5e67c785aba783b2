"""Triggers by which the database itself refuses to change or remove what must stay, whoever asks."""

from collections.abc import Iterator

from alembic import op

INSERT_ONLY = (
    "audit",
    "verdict",
    "confirmation",
    "retraction",
    "standing_change",
    "standing_rule_choice",
    "standing_recount",
    "remembered_answer",
    "product_knowledge",
)
"""Tables whose rows never change; a migration that makes one calls `protect`."""

_REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'insert_only_%: rows of this table are never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'insert_only_' || TG_TABLE_NAME;
END $$
"""


def protect(table: str) -> None:
    """Make a table insert-only; `storage.errors.violated` then names `insert_only_<table>`."""
    for statement in statements(table, op.get_bind().dialect.name):
        op.execute(statement)


def statements(table: str, dialect: str) -> Iterator[str]:
    """The DDL of `protect`. On PostgreSQL TRUNCATE passes row triggers, so it has one of its own."""
    if dialect == "sqlite":
        for event in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_refuses_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'insert_only_{table}: rows of this table are never changed'); END"
            )
        return
    yield _REFUSE
    yield (
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    yield (
        f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
