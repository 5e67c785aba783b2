"""What can be drawn: for each drawing the query and the builder. `bot/app.py` hands it to the messenger."""

from collections.abc import Mapping
from functools import partial

from bot.enforcement.outgoing import Drawing
from bot.enforcement.second_look import Limits
from bot.messenger import Draw
from bot.pictures import Paint
from handlers.drawn.authenticity import draw_request_card, draw_sample_todo, draw_unrouted_card
from handlers.drawn.digests import draw_digest, draw_digest_detail
from handlers.drawn.home import draw_home
from handlers.drawn.notices import draw_notice_card, draw_notice_event
from handlers.drawn.register import draw_approval, draw_channel_note

__all__ = ["DRAWINGS", "PICTURES", "draw_home", "drawings"]

DRAWINGS: Mapping[str, Draw] = {
    Drawing.REQUEST_CARD: draw_request_card,
    Drawing.UNROUTED_CARD: draw_unrouted_card,
    Drawing.SAMPLE_TODO: draw_sample_todo,
    Drawing.NOTICE_CARD: draw_notice_card,
    Drawing.NOTICE_EVENT: draw_notice_event,
    Drawing.DIGEST: draw_digest,
    Drawing.DIGEST_DETAIL: draw_digest_detail,
    Drawing.CHANNEL_NOTE: draw_channel_note,
    Drawing.APPROVAL_CARD: draw_approval,
}


def drawings(limits: Limits) -> Mapping[str, Draw]:
    """The same under these thresholds: a card says before the click when a second person will be asked."""
    return {**DRAWINGS, Drawing.REQUEST_CARD: partial(draw_request_card, limits=limits)}


PICTURES: Mapping[str, Paint] = {}
