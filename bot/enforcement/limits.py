"""The thresholds of `second_look.py`. Without tables, for settings name them, and small commands must start
at once.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The thresholds; 0 and False are off."""

    first: bool = False
    answers_a_minute: int = 0
    fakes_an_hour: int = 0
    fakes_a_day: int = 0
    seller_listings: int = 0

    @property
    def of_persons(self) -> bool:
        """Whether any ground depends on who acts; a card cannot know that before the click."""
        return self.first or self.many

    @property
    def many(self) -> bool:
        """Whether speed or volume is looked at."""
        return bool(self.answers_a_minute or self.fakes_an_hour or self.fakes_a_day)


NO_LIMITS = Limits()
