"""What can be drawn: for each drawing the query and the builder. `bot/app.py` hands it to the messenger.

Each is imported when it is first drawn, on the thread that reads for it.
"""

from collections.abc import Mapping
from functools import partial

from bot.enforcement.business_clock import Calendar
from bot.enforcement.limits import Limits
from bot.enforcement.outgoing import Drawing, Painting
from bot.lazy import Later
from bot.messenger import Draw
from bot.pictures import Paint


def _to(name: str) -> Later:
    """A function of `handlers.drawn`, by its module and its name."""
    return Later(f"handlers.drawn.{name}")


draw_home = _to("home.draw_home")

DRAWINGS: Mapping[str, Draw] = {
    Drawing.REQUEST_CARD: _to("authenticity.draw_request_card"),
    Drawing.UNROUTED_CARD: _to("authenticity.draw_unrouted_card"),
    Drawing.SAMPLE_TODO: _to("authenticity.draw_sample_todo"),
    Drawing.NOTICE_CARD: _to("notices.draw_notice_card"),
    Drawing.NOTICE_EVENT: _to("notices.draw_notice_event"),
    Drawing.COUNTER_NOTICE_CARD: _to("counter_notices.draw_counter_notice_card"),
    Drawing.COUNTER_NOTICE_STEP: _to("counter_notices.draw_counter_notice_step"),
    Drawing.DEADLINE_WARNING: _to("deadlines.draw_deadline_warning"),
    Drawing.DIGEST: _to("digests.draw_digest"),
    Drawing.DIGEST_DETAIL: _to("digests.draw_digest_detail"),
    Drawing.FINDING: _to("findings.draw_finding"),
    Drawing.FINDING_REQUEST: _to("findings.draw_finding_request"),
    Drawing.CHANNEL_NOTE: _to("register.draw_channel_note"),
    Drawing.GROUP_APPLICATION: _to("groups.draw_application"),
    Drawing.APPROVAL_CARD: _to("register.draw_approval"),
    Drawing.CENSURE: _to("misuse.draw_censure"),
    Drawing.CONVERSATION: _to("conversations.draw_conversation"),
    Drawing.CONVERSATION_END: _to("conversations.draw_conversation_end"),
    Drawing.CONVERSATION_MOVED: _to("conversations.draw_conversation_moved"),
    Drawing.CONVERSATION_NEWS: _to("conversations.draw_conversation_news"),
    Drawing.CONVERSATION_APPROVAL: _to("conversations.draw_conversation_approval"),
    Drawing.CONVERSATION_REMINDER: _to("conversations.draw_conversation_reminder"),
    Drawing.SANCTION_CARD: _to("sellers.draw_sanction_card"),
    Drawing.RIGHT_REMINDER: _to("rights.draw_right_reminder"),
    Drawing.EXPORT: _to("exports.draw_export"),
    Drawing.STANDING_NOTE: _to("standing.draw_standing_note"),
    Drawing.STANDING_RECOUNT: _to("standing.draw_standing_recount"),
}


def drawings(limits: Limits) -> Mapping[str, Draw]:
    """The same under these thresholds: a card says before the click when a second person will be asked."""
    return {
        **DRAWINGS,
        Drawing.REQUEST_CARD: partial(_to("authenticity.draw_request_card"), limits=limits),
        Drawing.DEADLINE_WARNING: partial(_to("deadlines.draw_deadline_warning"), limits=limits),
    }


def pictures(calendar: Calendar, percent: int) -> Mapping[str, Paint]:
    """Every picture; attainment is drawn by the platform's days and against the target."""
    paint = partial(_to("service_levels.paint_attainment"), zone=calendar.zone, target=percent)
    return {**PICTURES, Painting.ATTAINMENT: paint}


PICTURES: Mapping[str, Paint] = {
    Painting.DIGEST: _to("digest_charts.paint_digest"),
    Painting.GROWTH: _to("groups.paint_growth"),
    Painting.SELLER_NETWORK: _to("sellers.paint_network"),
}
