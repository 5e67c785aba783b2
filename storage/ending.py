"""The last thing before a commit: what its units decided to say is written, and their audit rows are sealed.

Such rows come with every decision, and nobody reads them in the unit that wrote them. So they wait in the
session and go to the driver together: SQLAlchemy would cost ten times the statement itself, and PostgreSQL a
round trip for each. Last also means that the chain's lock covers one statement and the commit.
"""

from typing import Any

import orjson
from sqlalchemy.exc import PendingRollbackError
from sqlmodel import Session

from storage.chain import GENESIS, Head, chained
from storage.moments import ZONE
from storage.prepared import in_transaction

OUTBOX = "outbox"
AUDIT = "audit"

# fmt: off
_DELIVERY = (
    "kind", "subject_id", "key", "lane", "payload", "urgent", "coalesces",
    "next_try", "expires_at", "created_at",
)
_ENTRY = (
    "seq", "at", "actor", "role", "operation", "subject_kind", "subject_id",
    "tenant", "outcome", "details", "prev_hash", "hash",
)
# fmt: on

_ONCE = "ON CONFLICT (key) DO NOTHING"
_COALESCE = (
    "ON CONFLICT (kind, subject_id, lane) WHERE state = 'ready' AND coalesces DO UPDATE SET"
    " payload = excluded.payload, urgent = outbox.urgent OR excluded.urgent, next_try = CASE"
    " WHEN outbox.attempt = 0 AND excluded.next_try < outbox.next_try THEN excluded.next_try"
    " ELSE outbox.next_try END"
)
_INTO_OUTBOX = f"INSERT INTO outbox ({', '.join(_DELIVERY)}, state, attempt)"
_INTO_AUDIT = f"INSERT INTO audit ({', '.join(_ENTRY)})"

_SQLITE_DELIVERY = f"{_INTO_OUTBOX} VALUES (:{', :'.join(_DELIVERY)}, 'ready', 0)"
_SQLITE_ONCE = f"{_SQLITE_DELIVERY} {_ONCE}"
_SQLITE_COALESCE = f"{_SQLITE_DELIVERY} {_COALESCE}"
_SQLITE_AUDIT = f"{_INTO_AUDIT} VALUES (:{', :'.join(_ENTRY)})"
_SQLITE_HEAD = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"

# Two statements in one round trip: a snapshot that is older than the lock would show an old head.
_POSTGRES_HEAD = f"SELECT pg_advisory_xact_lock(7305); {_SQLITE_HEAD}"
_POSTGRES_COMING = (
    "WITH coming AS (SELECT * FROM jsonb_to_recordset(CAST(%(outbox)s AS jsonb)) AS said(kind text,"
    " subject_id text, key text, lane text, payload jsonb, urgent boolean, coalesces boolean,"
    " next_try timestamptz, expires_at timestamptz, created_at timestamptz))"
)
_POSTGRES_DELIVERY = f"{_INTO_OUTBOX} SELECT {', '.join(_DELIVERY)}, 'ready', 0 FROM coming WHERE"  # noqa: S608  # constants
_POSTGRES_DRAWN = f"{_POSTGRES_DELIVERY} coalesces {_COALESCE}"
_POSTGRES_SENT = f"{_POSTGRES_DELIVERY} NOT coalesces {_ONCE}"
_POSTGRES_SEALED = (
    f"{_INTO_AUDIT} SELECT {', '.join(_ENTRY)} FROM jsonb_to_recordset(CAST(%(audit)s AS jsonb))"  # noqa: S608  # constants
    " AS said(seq bigint, at timestamptz, actor text, role text, operation text, subject_kind text,"
    " subject_id text, tenant text, outcome text, details text, prev_hash text, hash text)"
)
_POSTGRES_OUTBOX = f"{_POSTGRES_COMING}, drawn AS ({_POSTGRES_DRAWN}) {_POSTGRES_SENT}"
_POSTGRES_BOTH = (
    f"{_POSTGRES_COMING}, drawn AS ({_POSTGRES_DRAWN}), sent AS ({_POSTGRES_SENT}) {_POSTGRES_SEALED}"
)


def complete(session: Session, *, aborted: bool = False) -> None:
    """Write what the session still holds; refuse a unit that went on after a broken constraint.

    `aborted`: whether the server takes nothing more in this transaction but its end.
    """
    session.flush()
    if aborted or not session.is_active:
        raise PendingRollbackError("the unit went on after a broken constraint")


def say(session: Session, queue: str, row: dict[str, Any]) -> None:
    """Keep a row for the end of the transaction; `OUTBOX` or `AUDIT`."""
    if session.in_nested_transaction():
        # It would outlive that block's rollback.
        raise RuntimeError("decide inside begin_nested, and say what was decided after it")
    session.info.setdefault(queue, []).append(row)


def end(session: Session, head: Head | None) -> Head | None:
    """Write what was kept, the audit rows after `head`; give the new head. None means: not known, read it."""
    said: list[dict[str, Any]] = session.info.pop(OUTBOX, [])
    entries: list[dict[str, Any]] = session.info.pop(AUDIT, [])
    if not said and not entries:
        return head
    dialect, raw = in_transaction(session)
    if dialect.name == "postgresql":
        _end_on_postgresql(raw, said, entries)
        return None
    return _end_on_sqlite(raw, said, entries, head)


def write_outbox(session: Session) -> None:
    """Write the outbox rows that were kept so far, for a unit that is about to look at them."""
    entries = session.info.pop(AUDIT, [])
    end(session, None)
    session.info[AUDIT] = entries


def _end_on_sqlite(
    raw: Any, said: list[dict[str, Any]], entries: list[dict[str, Any]], head: Head | None
) -> Head | None:
    rows = _last_drawings(said)
    raw.executemany(_SQLITE_COALESCE, [row for row in rows if row["coalesces"]])
    raw.executemany(_SQLITE_ONCE, [row for row in rows if not row["coalesces"]])
    if not entries:
        return head
    known = head or Head(*(raw.execute(_SQLITE_HEAD).fetchone() or GENESIS))
    sealed = list(chained(entries, known))
    raw.executemany(_SQLITE_AUDIT, [row | {"at": row["at"].removesuffix(ZONE)} for row, _ in sealed])
    return sealed[-1][1]


def _end_on_postgresql(raw: Any, said: list[dict[str, Any]], entries: list[dict[str, Any]]) -> None:
    rows = [_for_postgresql(row) for row in _last_drawings(said)]
    values = {"outbox": orjson.dumps(rows).decode()}
    if not entries:
        raw.execute(_POSTGRES_OUTBOX, values)
        return
    heads = raw.execute(_POSTGRES_HEAD)
    heads.nextset()
    found = heads.fetchone()
    sealed = [row for row, _ in chained(entries, Head(*found) if found else GENESIS)]
    values["audit"] = orjson.dumps(sealed).decode()
    raw.execute(_POSTGRES_BOTH if said else _POSTGRES_SEALED, values)


def _for_postgresql(row: dict[str, Any]) -> dict[str, Any]:
    # With their zone: what a session takes a moment without one for is a setting of the server's.
    moments = {name: row[name] + ZONE for name in ("next_try", "expires_at", "created_at") if row[name]}
    return row | moments | {"payload": orjson.Fragment(row["payload"])}


def _last_drawings(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One statement cannot coalesce two rows of its own: of equal drawings the last one goes."""
    kept: dict[Any, dict[str, Any]] = {}
    for number, row in enumerate(said):
        same = (row["kind"], row["subject_id"], row["lane"]) if row["coalesces"] else number
        if earlier := kept.get(same):
            urgent = row["urgent"] or earlier["urgent"]
            soonest = min(row["next_try"], earlier["next_try"])
            kept[same] = row | {"urgent": urgent, "next_try": soonest}
        else:
            kept[same] = row
    return list(kept.values())
