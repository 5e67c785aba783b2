"""Writing the audit chain as the last step of a unit, and verifying it from its first row to its last."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, insert, select
from sqlalchemy.engine import Row
from sqlmodel import Session, SQLModel

from storage.records.audit import AuditEntry

_TABLE = SQLModel.metadata.tables["audit"]
_INSERT = insert(_TABLE).inline()
_HEAD = select(_TABLE.c.seq, _TABLE.c.hash).order_by(_TABLE.c.seq.desc()).limit(1)
_BATCH = select(_TABLE).where(_TABLE.c.seq > bindparam("after")).order_by(_TABLE.c.seq).limit(2_000)
# One round trip, and two statements, because a snapshot taken before the lock would show an old head.
_LOCK_AND_HEAD = "SELECT pg_advisory_xact_lock(7305); SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"

_QUEUED = "audit"
_FORMAT = 1


class Head(NamedTuple):
    """The last link of the chain; `GENESIS` before the first row."""

    seq: int
    hash: str


GENESIS = Head(0, "0" * 64)


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
    """Queue one row; the store seals it into the chain right before the unit's commit.

    `tenant` is the rights holder whose affair this is, None for the platform's own. `details` is anything
    that JSON can carry; it must hold no secret, for no row can ever be removed.
    """
    if at.tzinfo is None:
        raise ValueError("an audit row needs an aware moment")
    session.info.setdefault(_QUEUED, []).append(
        {
            "at": at.astimezone(UTC),
            "actor": str(actor),
            "role": str(role),
            "operation": str(operation),
            "subject_kind": str(subject_kind),
            "subject_id": str(subject_id),
            "tenant": tenant,
            "outcome": str(outcome),
            "details": orjson.dumps(details or {}, option=orjson.OPT_SORT_KEYS).decode(),
        }
    )


def seal(session: Session, head: Head | None) -> Head | None:
    """Append what the unit queued after `head`, and give the new head; None means: not known, read it."""
    queued: list[dict[str, Any]] | None = session.info.pop(_QUEUED, None)
    if not queued:
        return head
    link = head or _head(session)
    for row in queued:
        row["seq"] = link.seq + 1
        row["prev_hash"] = link.hash
        row["hash"] = _hash(row)
        link = Head(row["seq"], row["hash"])
    session.connection().execute(_INSERT, queued if len(queued) > 1 else queued[0])
    return link


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


def _head(session: Session) -> Head:
    if session.get_bind().dialect.name != "postgresql":
        return head(session)
    result = session.connection().exec_driver_sql(_LOCK_AND_HEAD)
    result.cursor.nextset()
    row = result.cursor.fetchone()
    result.close()
    return Head(*row) if row else GENESIS


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
    if row.hash != _hash(row._mapping):
        return "the row was changed"
    if witnessed and row.seq == witnessed.seq and row.hash != witnessed.hash:
        return "another row was seen here earlier: the chain was rewritten"
    return None


def _hash(row: Any) -> str:
    """SHA-256 over a JSON array, so that no two different rows have the same bytes."""
    sealed = [
        _FORMAT,
        row["seq"],
        row["at"].isoformat(timespec="microseconds"),
        *(row[name] for name in _COVERED),
        row["prev_hash"],
    ]
    return hashlib.sha256(orjson.dumps(sealed)).hexdigest()


_COVERED = ("actor", "role", "operation", "subject_kind", "subject_id", "tenant", "outcome", "details")
assert set(_COVERED) | {"seq", "at", "prev_hash", "hash"} == set(AuditEntry.model_fields)  # noqa: S101  # at import
