"""The sandbox's clock: real time plus an offset, so that a deadline can pass without waiting for it."""

from datetime import UTC, datetime, timedelta

from bot.sandbox.records import Json


class OffsetClock:
    """Holds nothing but an offset; the system's clock is never touched."""

    def __init__(self) -> None:
        self.offset_seconds = 0.0

    def now(self) -> datetime:
        """The shown moment, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def shown(self) -> Json:
        """`{"offset_seconds", "now"}`, which the page draws and the bot reads."""
        return {"offset_seconds": self.offset_seconds, "now": self.now().isoformat()}
