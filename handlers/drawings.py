"""What can be drawn: for each drawing the query and the builder. `bot/app.py` hands it to the messenger."""

from collections.abc import Mapping
from functools import partial

from bot.enforcement import digest_sending, directory, seller_view
from bot.enforcement.business_clock import Calendar
from bot.enforcement.outgoing import Drawing
from bot.enforcement.second_look import Limits
from bot.enforcement.service_levels import CHART
from bot.messenger import Draw
from bot.pictures import Paint
from handlers.drawn.authenticity import draw_request_card, draw_sample_todo, draw_unrouted_card
from handlers.drawn.conversations import (
    draw_conversation,
    draw_conversation_approval,
    draw_conversation_end,
    draw_conversation_moved,
    draw_conversation_news,
    draw_conversation_reminder,
)
from handlers.drawn.counter_notices import draw_counter_notice_card, draw_counter_notice_step
from handlers.drawn.deadlines import draw_deadline_warning
from handlers.drawn.digest_charts import paint_digest
from handlers.drawn.digests import draw_digest, draw_digest_detail
from handlers.drawn.exports import draw_export
from handlers.drawn.findings import draw_finding, draw_finding_request
from handlers.drawn.groups import draw_application, paint_growth
from handlers.drawn.home import draw_home
from handlers.drawn.misuse import draw_censure
from handlers.drawn.notices import draw_notice_card, draw_notice_event
from handlers.drawn.register import draw_approval, draw_channel_note
from handlers.drawn.rights import draw_right_reminder
from handlers.drawn.sellers import draw_sanction_card, paint_network
from handlers.drawn.service_levels import paint_attainment
from handlers.drawn.standing import draw_standing_note, draw_standing_recount

__all__ = ["DRAWINGS", "draw_home", "drawings", "pictures"]

DRAWINGS: Mapping[str, Draw] = {
    Drawing.REQUEST_CARD: draw_request_card,
    Drawing.UNROUTED_CARD: draw_unrouted_card,
    Drawing.SAMPLE_TODO: draw_sample_todo,
    Drawing.NOTICE_CARD: draw_notice_card,
    Drawing.NOTICE_EVENT: draw_notice_event,
    Drawing.COUNTER_NOTICE_CARD: draw_counter_notice_card,
    Drawing.COUNTER_NOTICE_STEP: draw_counter_notice_step,
    Drawing.DEADLINE_WARNING: draw_deadline_warning,
    Drawing.DIGEST: draw_digest,
    Drawing.DIGEST_DETAIL: draw_digest_detail,
    Drawing.FINDING: draw_finding,
    Drawing.FINDING_REQUEST: draw_finding_request,
    Drawing.CHANNEL_NOTE: draw_channel_note,
    Drawing.GROUP_APPLICATION: draw_application,
    Drawing.APPROVAL_CARD: draw_approval,
    Drawing.CENSURE: draw_censure,
    Drawing.CONVERSATION: draw_conversation,
    Drawing.CONVERSATION_END: draw_conversation_end,
    Drawing.CONVERSATION_MOVED: draw_conversation_moved,
    Drawing.CONVERSATION_NEWS: draw_conversation_news,
    Drawing.CONVERSATION_APPROVAL: draw_conversation_approval,
    Drawing.CONVERSATION_REMINDER: draw_conversation_reminder,
    Drawing.SANCTION_CARD: draw_sanction_card,
    Drawing.RIGHT_REMINDER: draw_right_reminder,
    Drawing.EXPORT: draw_export,
    Drawing.STANDING_NOTE: draw_standing_note,
    Drawing.STANDING_RECOUNT: draw_standing_recount,
}


def drawings(limits: Limits) -> Mapping[str, Draw]:
    """The same under these thresholds: a card says before the click when a second person will be asked."""
    return {
        **DRAWINGS,
        Drawing.REQUEST_CARD: partial(draw_request_card, limits=limits),
        Drawing.DEADLINE_WARNING: partial(draw_deadline_warning, limits=limits),
    }


def pictures(calendar: Calendar, percent: int) -> Mapping[str, Paint]:
    """Every picture; attainment is drawn by the platform's days and against the target."""
    paint = partial(paint_attainment, zone=calendar.zone, target=percent)
    return {**PICTURES, CHART: paint}


PICTURES: Mapping[str, Paint] = {
    digest_sending.CHART: paint_digest,
    directory.PICTURE: paint_growth,
    seller_view.PICTURE: paint_network,
}
