"""What the clients of a fault run were told: only this may be held against the database afterwards."""

from dataclasses import dataclass, field

import aiohttp


@dataclass(frozen=True)
class Click:
    """An answer that was acknowledged."""

    request_id: str
    user_id: str


@dataclass
class History:
    """Acknowledged operations. What was cut off in the middle is in none of these: it may stand or not."""

    asked: dict[str, str] = field(default_factory=dict)  # external id -> our id
    answered: dict[str, Click] = field(default_factory=dict)  # by the inbox key of the click
    confirmed: set[str] = field(default_factory=set)  # request ids
    withdrawn: set[str] = field(default_factory=set)  # request ids, answered with 200
    retracted: set[str] = field(default_factory=set)  # request ids
    filed: set[str] = field(default_factory=set)  # words that only this notice's explanation holds
    contradictions: list[str] = field(default_factory=list)  # two answers that cannot both be true
    cut_off: int = 0  # operations that ended without an answer

    def heard_of(self, external_id: str, request_id: str) -> None:
        """The bot said that it has this question under that id."""
        known = self.asked.setdefault(external_id, request_id)
        if known != request_id:
            self.contradictions.append(f"{external_id} is {known} and {request_id}")

    @property
    def counts(self) -> dict[str, int]:
        """How many operations were acknowledged, by kind; repeated ones count once."""
        return {
            "asked": len(self.asked),
            "answered": len({click.request_id for click in self.answered.values()}),
            "confirmed": len(self.confirmed),
            "withdrawn": len(self.withdrawn),
            "retracted": len(self.retracted),
            "filed": len(self.filed),
        }

    @property
    def acknowledged(self) -> int:
        """How many operations of all kinds were acknowledged."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """How many questions wait for an answer."""
        return len(self.asked.keys()) - self.counts["answered"] - self.counts["withdrawn"]

    def lost(self, error: BaseException) -> None:
        """An operation ended without an answer; where there was no connection it never began."""
        if not isinstance(error, aiohttp.ClientConnectorError):
            self.cut_off += 1
