"""Reading notices: what a form offers, what is reported already, what a card shows."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from storage.prepared import Prepared
from storage.records.listings import Listing
from storage.records.messages import DrawnMessage
from storage.records.notice_sheets import NoticeSheet
from storage.records.notices import (
    UNDECIDED,
    ItemState,
    Notice,
    NoticeDraft,
    NoticeEvent,
    NoticeItem,
    NoticeState,
)
from storage.records.outbox import OutboxRow
from storage.records.platform import PlatformClient
from storage.records.rights import Right
from storage.records.roster import Brand, Person, RightsHolder
from storage.records.service_levels import FastLane

_COUNTED = (
    select(col(NoticeItem.state), func.count().label("number"))
    .where(col(NoticeItem.notice_id) == bindparam("notice"))
    .group_by(col(NoticeItem.state))
)
_COUNTS = Prepared(lambda _: _COUNTED, ("notice",), list(_COUNTED.selected_columns))
_DRAWN = select(DrawnMessage.place).where(
    col(DrawnMessage.kind) == bindparam("drawing"), col(DrawnMessage.subject_id) == bindparam("subject")
)
_PLACES = Prepared(lambda _: _DRAWN, ("drawing", "subject"), list(_DRAWN.selected_columns))


# Built once, for they run with everything that is filed or decided.
_WITH_NAMES = (
    select(Notice, Brand, RightsHolder, Person)
    .join(Brand, col(Brand.id) == col(Notice.brand_id))
    .join(RightsHolder, col(RightsHolder.id) == col(Notice.holder_id))
    .join(Person, col(Person.id) == col(Notice.submitter_id))
    .where(col(Notice.id) == bindparam("notice"))
)
_WITH_LISTINGS = (
    select(NoticeItem, Listing)
    .join(Listing, col(Listing.id) == col(NoticeItem.listing_id))
    .where(col(NoticeItem.notice_id) == bindparam("notice"))
    .order_by(col(NoticeItem.position))
)
_REPORTED = (
    select(Listing.key, Notice.reference, Notice.submitted_at)
    .join(NoticeItem, col(NoticeItem.listing_id) == col(Listing.id))
    .join(Notice, col(Notice.id) == col(NoticeItem.notice_id))
    .where(
        col(Listing.key).in_(bindparam("keys", expanding=True)),
        col(NoticeItem.state) == ItemState.OPEN,
        col(Notice.holder_id) == bindparam("holder"),
        col(Notice.state).in_(UNDECIDED),
    )
    .order_by(col(Notice.submitted_at).desc())
)
_CLIENTS = select(PlatformClient).where(
    col(PlatformClient.marketplace).in_(bindparam("marketplaces", expanding=True))
)
_HOLDERS = (
    select(RightsHolder)
    .where(col(RightsHolder.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(RightsHolder.name_key))
)
_BRANDS = select(Brand).where(col(Brand.holder_id) == bindparam("holder")).order_by(col(Brand.name_key))
_EVENT = select(NoticeEvent).where(
    col(NoticeEvent.notice_id) == bindparam("notice"), col(NoticeEvent.event_key) == bindparam("key")
)


def holders(session: Session, ids: Collection[str]) -> Sequence[RightsHolder]:
    """Rights holders by id, in the order of their names."""
    return session.exec(_HOLDERS, params={"ids": list(ids)}).all()


def brands(session: Session, holder_id: str) -> Sequence[Brand]:
    """A holder's brands, in the order of their names."""
    return session.exec(_BRANDS, params={"holder": holder_id}).all()


def drafts(session: Session, person_id: str) -> Sequence[NoticeDraft]:
    """What a person has typed and not filed, the newest first."""
    return session.exec(
        select(NoticeDraft)
        .where(col(NoticeDraft.person_id) == person_id)
        .order_by(col(NoticeDraft.changed_at).desc())
    ).all()


def filed_from(session: Session, draft_id: str, person_id: str) -> Sequence[Notice]:
    """The notices that one draft became, if this person filed it."""
    return session.exec(
        select(Notice).where(col(Notice.draft_id) == draft_id, col(Notice.submitter_id) == person_id)
    ).all()


def reported(session: Session, holder_id: str, keys: Collection[str]) -> dict[str, tuple[str, datetime]]:
    """Which of these listings stand in an open notice of the holder: (reference, since when) by key."""
    rows = session.exec(_REPORTED, params={"keys": list(keys), "holder": holder_id})
    return {key: (reference, since) for key, reference, since in rows}


def clients_of(session: Session, marketplaces: Collection[str]) -> dict[str, PlatformClient]:
    """The connected marketplaces among these, by name."""
    found = session.exec(_CLIENTS, params={"marketplaces": list(marketplaces)})
    return {client.marketplace: client for client in found}


def unsent(session: Session, marketplace: str) -> Sequence[Notice]:
    """The notices for a marketplace that had no line to us when they were filed, the oldest first."""
    return session.exec(
        select(Notice)
        .where(
            col(Notice.marketplace) == marketplace,
            col(Notice.client_id).is_(None),
            col(Notice.state) == NoticeState.SUBMITTED,
        )
        .order_by(col(Notice.submitted_at))
    ).all()


def sheet(session: Session, notice_id: str, most_items: int | None = None) -> NoticeSheet | None:
    """A notice with the names around it and at most `most_items` of its items."""
    row = session.exec(_WITH_NAMES, params={"notice": notice_id}).first()
    if row is None:
        return None
    notice, brand, holder, submitter = row
    right = session.get(Right, notice.right_id) if notice.right_id else None
    client = session.get(PlatformClient, notice.client_id) if notice.client_id else None
    items = _WITH_LISTINGS if most_items is None else _WITH_LISTINGS.limit(most_items)
    listed = session.exec(items, params={"notice": notice_id}).all()
    lane = session.get(FastLane, notice.lane) if notice.lane else None
    by_state = counts(session, notice_id)
    return NoticeSheet(notice, brand, holder, right, client, submitter, listed, by_state, lane)


def counts(session: Session, notice_id: str) -> dict[ItemState, int]:
    """How many items of a notice are in each state."""
    return {row.state: row.number for row in _COUNTS.rows(session, {"notice": notice_id})}


def item_counts(session: Session, notice_ids: Collection[str]) -> dict[str, int]:
    """How many items each of these notices has."""
    rows = session.exec(
        select(NoticeItem.notice_id, func.count())
        .where(col(NoticeItem.notice_id).in_(notice_ids))
        .group_by(col(NoticeItem.notice_id))
    )
    return dict(rows.all())


def item_ids(session: Session, notice_id: str) -> Sequence[str]:
    """The ids of a notice's items."""
    return session.exec(select(NoticeItem.id).where(col(NoticeItem.notice_id) == notice_id)).all()


def event(session: Session, notice_id: str, event_key: str) -> NoticeEvent | None:
    """The event that a report with this key became."""
    return session.exec(_EVENT, params={"notice": notice_id, "key": event_key}).first()


def places(session: Session, drawing: str, notice_id: str) -> Sequence[str]:
    """Where a notice has been drawn."""
    return [row.place for row in _PLACES.rows(session, {"drawing": drawing, "subject": notice_id})]


def delivery(session: Session, key: str) -> OutboxRow | None:
    """The outbox row of a webhook, by its id at the receiver."""
    return session.exec(select(OutboxRow).where(col(OutboxRow.key) == f"webhook:{key}")).first()
