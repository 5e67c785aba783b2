"""Sending: a marketplace that has a line to us gets a notice, and is asked for its takedowns."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import deadlines, fast_lanes, outgoing, takedowns
from bot.enforcement import notices as lifecycle
from bot.enforcement.business_clock import Calendar
from bot.enforcement.calendars import of_client
from storage.queries import notices
from storage.records.listings import Listing
from storage.records.notice_sheets import NoticeSheet
from storage.records.notices import ItemState, NoticeItem
from storage.records.platform import PlatformClient
from storage.records.takedowns import CauseKind


def send(session: Session, notice_id: str, now: datetime) -> None:
    """Promise when a notice is due at its marketplace, and send it there."""
    sheet = notices.sheet(session, notice_id)
    if sheet is None or sheet.client is None:
        return
    calendar = of_client(sheet.client)
    lane = fast_lanes.lane_for(session, sheet.notice.holder_id, sheet.right)
    notice = notices.change(session, sheet.notice, **fast_lanes.promise(lane, calendar, now))
    hand_over(session, replace(sheet, notice=notice, lane=lane), calendar, now)


def hand_over(session: Session, sheet: NoticeSheet, calendar: Calendar, now: datetime) -> None:
    """The marketplace gets a notice, and its takedowns where it starts them at once."""
    if sheet.client is None:
        return
    notice, right = sheet.notice, sheet.right
    deadlines.watch_notice(session, notice, calendar, now)
    data = {
        "notice_id": notice.id,
        "reference": notice.reference,
        "brand": sheet.brand.name,
        "rights_holder": sheet.holder.name,
        "reason_code": notice.reason_code.value,
        "right": {
            "kind": right.kind.value,
            "number": right.number,
            "office": right.office,
            "territory": right.territory,
            "title": right.title,
        }
        if right
        else None,
        "explanation": notice.explanation,
        "particulars": notice.particulars or {},
        "statements": notice.statements,
        "submitter": {"name": notice.submitter_name, "email": notice.submitter_email},
        "items": [
            {"id": item.id, "listing": takedowns.shown_listing(listing)} for item, listing in sheet.items
        ],
        "immediate": notice.immediate,
        "origin": notice.origin.value,
        "due_at": notice.due_at.isoformat() if notice.due_at else None,
        "lane": fast_lanes.shown(sheet.lane) if sheet.lane else None,
    }
    key = takedowns.key_of("notice", notice.id)
    outgoing.webhook(session, sheet.client.id, "notice.submitted", key, data, now, case=notice.id)
    if notice.immediate:
        start_takedowns(session, sheet, now)


def start_takedowns(session: Session, sheet: NoticeSheet, now: datetime) -> None:
    """Ask for the takedowns of a notice's listings that nobody has decided yet."""
    if sheet.client is None:
        return  # they are asked for when its marketplace gets a line to us
    client_id = sheet.client.id
    undecided = [(item, listing) for item, listing in sheet.items if item.state is ItemState.OPEN]
    grounds = [_grounds(sheet, client_id, item, listing) for item, listing in undecided]
    takedowns.request_takedowns(session, client_id, grounds, now=now)


def _grounds(sheet: NoticeSheet, client_id: str, item: NoticeItem, listing: Listing) -> takedowns.Grounds:
    """One listing of a notice as the cause of a takedown."""
    notice = sheet.notice
    return takedowns.Grounds(
        kind=CauseKind.NOTICE_ITEM,
        subject_id=item.id,
        case_id=notice.id,
        external_id=None,
        client_id=client_id,
        listing_id=listing.id,
        seller_id=listing.seller_id,
        holder_id=notice.holder_id,
        brand_id=notice.brand_id,
        brand=sheet.brand.name,
        reason_code=notice.reason_code.value,
        listing=takedowns.shown_listing(listing),
    )


def send_waiting(session: Session, client: PlatformClient, now: datetime) -> int:
    """A marketplace got its line to us: what was filed for it meanwhile goes out. Gives the number."""
    waiting = notices.unsent(session, client.marketplace)
    for notice_id in waiting:
        notice = notices.change(session, notices.find(session, notice_id, lock=True), client_id=client.id)
        send(session, notice_id, now)
        lifecycle.redraw(session, notice, now)
    return len(waiting)
