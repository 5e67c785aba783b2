"""Why a second person was asked although the rights holder is in good standing."""

from enum import StrEnum


class Ground(StrEnum):
    """The grounds, as `bot/enforcement/second_look.py` explains them."""

    FIRST = "first"
    SPEED = "speed"
    VOLUME = "volume"
    LARGE_SELLER = "large_seller"
