"""Faults that a test orders: what a Web API method does instead of, or after, its work."""

from dataclasses import asdict, dataclass, field
from typing import Literal

from bot.sandbox.records import Json

FaultKind = Literal["429", "500", "timeout", "lost_after_effect", "ok_false"]
KINDS: frozenset[str] = frozenset({"429", "500", "timeout", "lost_after_effect", "ok_false"})


@dataclass
class Fault:
    """`method` is a Web API method or "*"; `times` None means until the order is cleared."""

    method: str
    kind: FaultKind
    times: int | None = 1
    retry_after: int = 1
    error: str = "internal_error"


@dataclass
class Faults:
    """The orders in force, the oldest first."""

    orders: list[Fault] = field(default_factory=list)

    def order(self, fault: Fault) -> None:
        """Add one order behind the others."""
        self.orders.append(fault)

    def clear(self) -> None:
        """Back to a Slack that works."""
        self.orders.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that this call meets, if any; a counted order is used up by one."""
        for fault in self.orders:
            if fault.method in (method, "*"):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.orders.remove(fault)
                return fault
        return None

    def shown(self) -> list[Json]:
        """The orders as JSON."""
        return [asdict(fault) for fault in self.orders]
