"""What can be drawn: for each drawing the query and the builder. `bot/app.py` hands it to the messenger."""

from collections.abc import Mapping

from bot.messenger import Draw

DRAWINGS: Mapping[str, Draw] = {}
