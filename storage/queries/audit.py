"""Writing into the audit chain, and verifying it from its first row to its last."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row
from sqlmodel import Session, SQLModel

from storage.chain import GENESIS, Head, seal_of
from storage.ending import AUDIT, say
from storage.moments import moment_text
from storage.records.audit import AuditEntry

_TABLE = SQLModel.metadata.tables[str(AuditEntry.__tablename__)]
_HEAD = select(_TABLE.c.seq, _TABLE.c.hash).order_by(_TABLE.c.seq.desc()).limit(1)
_BATCH = select(_TABLE).where(_TABLE.c.seq > bindparam("after")).order_by(_TABLE.c.seq).limit(2_000)


@dataclass(frozen=True)
class Verification:
    """What a recomputation of the chain found; `first_bad` is a seq, `problem` says what is wrong there."""

    rows: int
    head: Head
    first_bad: int | None = None
    problem: str | None = None

    @property
    def intact(self) -> bool:
        return self.first_bad is None


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    role: str,
    operation: str,
    subject_kind: str,
    subject_id: str,
    outcome: str,
    tenant: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Keep one row, which the store seals into the chain right before the unit's commit.

    `tenant` is the rights holder whose affair this is, None for the platform's own. `details` is anything
    that JSON can carry; it must hold no secret, for no row can ever be removed.
    """
    row = {
        "at": moment_text(at),
        "actor": str(actor),
        "role": str(role),
        "operation": str(operation),
        "subject_kind": str(subject_kind),
        "subject_id": str(subject_id),
        "tenant": tenant,
        "outcome": str(outcome),
        "details": orjson.dumps(details or {}, option=orjson.OPT_SORT_KEYS).decode(),
    }
    say(session, AUDIT, row)


def verify(session: Session, witnessed: Head | None = None) -> Verification:
    """Recompute the whole chain in batches; `witnessed` is a head noted elsewhere, still to be in it."""
    link, rows = GENESIS, 0
    for row in _rows(session):
        problem = _problem(row, link, witnessed)
        if problem:
            return Verification(rows, link, row.seq, problem)
        link, rows = Head(row.seq, row.hash), rows + 1
    if witnessed and witnessed.seq > link.seq:
        return Verification(
            rows, link, link.seq + 1, f"the chain ends before row {witnessed.seq}, seen earlier"
        )
    return Verification(rows, link)


def head(session: Session) -> Head:
    """The last link, to be noted outside of the database and given to `verify` later."""
    row = session.connection().execute(_HEAD).first()
    return Head(row.seq, row.hash) if row else GENESIS


def _rows(session: Session) -> Iterator[Row[Any]]:
    after = 0
    while batch := session.connection().execute(_BATCH, {"after": after}).all():
        yield from batch
        after = batch[-1].seq


def _problem(row: Row[Any], link: Head, witnessed: Head | None) -> str | None:
    if row.seq != link.seq + 1:
        return f"row {link.seq + 1} is missing"
    if row.prev_hash != link.hash:
        return "the row does not follow the one before it"
    if row.hash != seal_of({**row._mapping, "at": moment_text(row.at)}):
        return "the row was changed"
    if witnessed and row.seq == witnessed.seq and row.hash != witnessed.hash:
        return "another row was seen here earlier: the chain was rewritten"
    return None
