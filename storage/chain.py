"""The arithmetic of the audit chain: each row is sealed with the hash of the one before it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

_FORMAT = 1
_COVERED = ("actor", "role", "operation", "subject_kind", "subject_id", "tenant", "outcome", "details")


class Head(NamedTuple):
    """The last link of the chain; `GENESIS` before the first row."""

    seq: int
    hash: str


GENESIS = Head(0, "0" * 64)


def chained(entries: Iterable[dict[str, Any]], link: Head) -> Iterator[tuple[dict[str, Any], Head]]:
    """Each entry with its `seq`, `prev_hash` and `hash`, and the head of the chain after it."""
    for entry in entries:
        row = {**entry, "seq": link.seq + 1, "prev_hash": link.hash}
        row["hash"] = seal_of(row)
        link = Head(row["seq"], row["hash"])
        yield row, link


def seal_of(row: Mapping[str, Any]) -> str:
    """SHA-256 in hex over a JSON array, so that no two different rows give the same bytes. `at` is text."""
    sealed = [_FORMAT, row["seq"], row["at"], *(row[name] for name in _COVERED), row["prev_hash"]]
    return hashlib.sha256(orjson.dumps(sealed)).hexdigest()
