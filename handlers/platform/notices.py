"""The platform API's part about notices: read one, report what became of it."""

from aiohttp import web

from bot.contract.fields import stamp
from bot.contract.notices import NoticeStatus, ReadItem, ReadNotice
from bot.contract.takedowns import ShownListing
from bot.enforcement import notices
from bot.enforcement.notices import ItemMove, Move, UnknownItem, WrongMove
from handlers.platform.door import ApiRefusal, Ask, Conflict, said
from storage.records.notice_sheets import ToldNotice
from storage.records.notices import ItemState, NoticeState


async def handle_read_notice(ask: Ask) -> web.Response:
    """`GET /notices/{id}`."""
    return _shown(await ask.read(notices.read_notice, ask.id))


async def handle_notice_status(ask: Ask) -> web.Response:
    """`POST /notices/{id}/status`."""
    told = await ask.body(NoticeStatus)
    move = Move(
        event_id=told.event_id,
        state=NoticeState(told.state),
        reason=told.reason,
        complaint_number=told.complaint_number,
        complaint_url=told.complaint_url,
        items=[ItemMove(item.id, ItemState(item.state), item.reason) for item in told.items],
    )
    try:
        moved = await ask.act(notices.move_notice, ask.id, move)
    except WrongMove as wrong:
        raise Conflict("A notice that is {state} cannot become {wanted}.".format_map(wrong.values)) from wrong
    except UnknownItem as unknown:
        raise ApiRefusal(422, "invalid", "The notice has no such item.", "items") from unknown
    return _shown(moved)


def _shown(told: ToldNotice) -> web.Response:
    notice = told.notice
    read = ReadNotice(
        id=notice.id,
        reference=notice.reference,
        state=notice.state.value,
        reason=notice.state_reason,
        brand=told.brand,
        reason_code=notice.reason_code.value,
        complaint_number=notice.complaint_number,
        complaint_url=notice.complaint_url,
        origin=notice.origin.value,
        immediate=notice.immediate,
        submitted_at=stamp(notice.submitted_at),
        items=[
            ReadItem(
                id=item.id,
                state=item.state.value,
                reason=item.reason,
                listing=ShownListing(
                    marketplace=item.marketplace,
                    url=item.url,
                    item_id=item.shown_id,
                    title=item.title,
                ),
            )
            for item in told.items
        ],
    )
    return said(200, read)
