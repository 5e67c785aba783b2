"""The raw history of a year: what people and marketplaces did and when, and nothing that follows from it.

Written down by the script as it goes, as a marketplace and its members could write it down themselves, and
read by the oracle alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Fact = dict[str, Any]


@dataclass
class History:
    """Facts in the order in which they happened. Each has its `kind` and its moment, `at`."""

    facts: list[Fact] = field(default_factory=list, repr=False)  # asyncio prints what its last task gave

    def add(self, kind: str, at: datetime, **told: Any) -> None:
        """Write one down."""
        self.facts.append({"kind": kind, "at": at, **told})

    def of(self, *kinds: str) -> Iterator[Fact]:
        """The facts of some kinds, in order."""
        return (fact for fact in self.facts if fact["kind"] in kinds)
