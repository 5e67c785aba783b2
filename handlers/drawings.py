"""What can be drawn: for each drawing the query and the builder. `bot/app.py` hands it to the messenger."""

from collections.abc import Mapping

from bot.enforcement.outgoing import Drawing
from bot.messenger import Draw
from handlers.drawn.notices import draw_notice_card, draw_notice_event

DRAWINGS: Mapping[str, Draw] = {
    Drawing.NOTICE_CARD: draw_notice_card,
    Drawing.NOTICE_EVENT: draw_notice_event,
}
