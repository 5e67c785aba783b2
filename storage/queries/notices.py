"""Notices and their drafts: what a card shows, and how they are kept.

The statements of filing and deciding are prepared, for every notice goes through all of them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, delete, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from storage.columns import new_id
from storage.prepared import Changing, Joined, at_most, blank, inserting, prepared, row_type
from storage.records.listings import Listing
from storage.records.notice_sheets import NoticeSheet
from storage.records.notices import (
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


def _table(record: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(record.__tablename__)]


_NOTICE, _ITEM, _EVENT, _DRAFT = _table(Notice), _table(NoticeItem), _table(NoticeEvent), _table(NoticeDraft)
_LISTING, _BRAND, _HOLDER, _PERSON = _table(Listing), _table(Brand), _table(RightsHolder), _table(Person)
_RIGHT, _CLIENT, _LANE = _table(Right), _table(PlatformClient), _table(FastLane)
_MANY: Any = bindparam("many", expanding=True)
_THIS: Any = bindparam("notice")

# Drafts.
_DRAFTED = Joined(
    draft=[_DRAFT.c.id, _DRAFT.c.body],
    person=[_PERSON.c.id, _PERSON.c.user_id, _PERSON.c.name, _PERSON.c.home_opened_at],
)
_OWN = (
    select_columns(*_DRAFTED.columns)
    .join(_PERSON, _PERSON.c.id == _DRAFT.c.person_id)
    .where(
        _DRAFT.c.id == bindparam("draft"),
        _PERSON.c.team_id == bindparam("team"),
        _PERSON.c.user_id == bindparam("user"),
    )
)
_OWN_DRAFT, _LOCK_OWN_DRAFT = prepared(_OWN), prepared(_OWN.with_for_update(of=_DRAFT))
_NEW_DRAFT = inserting(_DRAFT)
_KEEP_DRAFT = Changing(_DRAFT)
_FORGET_DRAFT = prepared(delete(_DRAFT).where(_DRAFT.c.id == bindparam("draft")))

# Notices, and what is known around them.
_AROUND = Joined(
    notice=_NOTICE,
    brand=_BRAND,
    holder=_HOLDER,
    submitter=_PERSON,
    right=_RIGHT,
    client=_CLIENT,
    lane=_LANE,
)
_SHEET = prepared(
    select_columns(*_AROUND.columns)
    .select_from(
        _NOTICE.join(_BRAND, _BRAND.c.id == _NOTICE.c.brand_id)
        .join(_HOLDER, _HOLDER.c.id == _NOTICE.c.holder_id)
        .join(_PERSON, _PERSON.c.id == _NOTICE.c.submitter_id)
        .outerjoin(_RIGHT, _RIGHT.c.id == _NOTICE.c.right_id)
        .outerjoin(_CLIENT, _CLIENT.c.id == _NOTICE.c.client_id)
        .outerjoin(_LANE, _LANE.c.id == _NOTICE.c.lane)
    )
    .where(_NOTICE.c.id == _THIS)
)
_LISTED = Joined(item=_ITEM, listing=_LISTING)
_ITEMS = (
    select_columns(*_LISTED.columns)
    .join(_LISTING, _LISTING.c.id == _ITEM.c.listing_id)
    .where(_ITEM.c.notice_id == _THIS)
    .order_by(_ITEM.c.position)
)
_ALL_ITEMS, _FIRST_ITEMS = prepared(_ITEMS), prepared(_ITEMS.limit(at_most("most")))
_COUNTS = prepared(
    select_columns(_ITEM.c.state, func.count().label("number"))
    .where(_ITEM.c.notice_id == _THIS)
    .group_by(_ITEM.c.state)
)
_LOCK = prepared(select_columns(_NOTICE).where(_NOTICE.c.id == _THIS).with_for_update())
_READ = prepared(select_columns(_NOTICE).where(_NOTICE.c.id == _THIS))
_HAPPENED = prepared(
    select_columns(_EVENT.c.id).where(_EVENT.c.notice_id == _THIS, _EVENT.c.event_key == bindparam("key"))
)

# Keeping them.
_UNSAID, _UNSAID_OF_ITEM = blank(Notice), blank(NoticeItem)
_NEW, _NEW_ITEM = inserting(_NOTICE), inserting(_ITEM)
_NEW_EVENT = inserting(_EVENT, "notice_id", "event_key", back=[_EVENT.c.id])
_CHANGE = Changing(_NOTICE)


def drafts(session: Session, person_id: str) -> Sequence[NoticeDraft]:
    """What a person has typed and not filed, the newest first."""
    return session.exec(
        select(NoticeDraft)
        .where(col(NoticeDraft.person_id) == person_id)
        .order_by(col(NoticeDraft.changed_at).desc())
    ).all()


def own_draft(session: Session, draft_id: str, team_id: str, user_id: str, *, lock: bool = False) -> Any:
    """A person's own draft as (draft, person), or None; locked until the end of the unit where asked."""
    asked = {"draft": draft_id, "team": team_id, "user": user_id}
    row = (_LOCK_OWN_DRAFT if lock else _OWN_DRAFT).first(session, asked)
    return _DRAFTED.apart(row) if row else None


def new_draft(session: Session, person_id: str, body: Mapping[str, Any], now: datetime) -> str:
    """Keep a new draft; its id."""
    row = {"id": new_id(), "person_id": person_id, "body": body, "created_at": now, "changed_at": now}
    _NEW_DRAFT.rows(session, row)
    return str(row["id"])


def keep_draft(session: Session, draft_id: str, body: Mapping[str, Any], now: datetime) -> None:
    """Keep what a draft holds now."""
    _KEEP_DRAFT.change_all(session, [draft_id], body=body, changed_at=now)


def forget_draft(session: Session, draft_id: str) -> None:
    """It was filed, or thrown away."""
    _FORGET_DRAFT.rows(session, {"draft": draft_id})


def filed_from(session: Session, draft_id: str, person_id: str) -> Sequence[Notice]:
    """The notices that one draft became, if this person filed it."""
    return session.exec(
        select(Notice).where(col(Notice.draft_id) == draft_id, col(Notice.submitter_id) == person_id)
    ).all()


def unsent(session: Session, marketplace: str) -> Sequence[str]:
    """The notices for a marketplace that had no line to us when they were filed, the oldest first."""
    return session.exec(
        select(Notice.id)
        .where(
            col(Notice.marketplace) == marketplace,
            col(Notice.client_id).is_(None),
            col(Notice.state) == NoticeState.SUBMITTED,
        )
        .order_by(col(Notice.submitted_at))
    ).all()


def find(session: Session, notice_id: str, *, lock: bool = False) -> Any:
    """A notice by id, or None; locked until the end of the unit where asked."""
    return (_LOCK if lock else _READ).first(session, {"notice": notice_id})


def sheet(session: Session, notice_id: str, most_items: int | None = None) -> NoticeSheet | None:
    """A notice with the names around it and at most `most_items` of its items."""
    row = _SHEET.first(session, {"notice": notice_id})
    if row is None:
        return None
    if most_items is None:
        listed = [_LISTED.apart(each) for each in _ALL_ITEMS.rows(session, {"notice": notice_id})]
        by_state: Mapping[ItemState, int] = Counter(each.item.state for each in listed)
    else:
        found = _FIRST_ITEMS.rows(session, {"notice": notice_id, "most": most_items})
        listed, by_state = [_LISTED.apart(each) for each in found], counts(session, notice_id)
    return NoticeSheet(**_AROUND.apart(row)._asdict(), items=listed, by_state=by_state)


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


def happened(session: Session, notice_id: str, event_key: str) -> bool:
    """Whether a report with this key became an event."""
    return _HAPPENED.first(session, {"notice": notice_id, "key": event_key}) is not None


def delivery(session: Session, key: str) -> OutboxRow | None:
    """The outbox row of a webhook, by its id at the receiver."""
    return session.exec(select(OutboxRow).where(col(OutboxRow.key) == f"webhook:{key}")).first()


def insert(session: Session, **said: Any) -> Any:
    """Keep a new notice; its row. What is not said is as its record has it."""
    values = {**_UNSAID, "id": new_id(), **said}
    _NEW.rows(session, values)
    return row_type(_NOTICE)(**values)


def insert_items(session: Session, notice_id: str, listing_ids: Sequence[str]) -> list[Any]:
    """Keep a new notice's items, all of them open; their rows."""
    new = {**_UNSAID_OF_ITEM, "notice_id": notice_id, "state": ItemState.OPEN}
    rows = [
        {**new, "id": new_id(), "listing_id": listing_id, "position": position}
        for position, listing_id in enumerate(listing_ids)
    ]
    _NEW_ITEM.each(session, rows)
    return [row_type(_ITEM)(**row) for row in rows]


def insert_event(
    session: Session, notice_id: str, key: str, state: NoticeState, by: str, now: datetime, reason: str = ""
) -> str | None:
    """Keep one step of a notice; its id, or None where one with that key was kept before."""
    row = {"id": new_id(), "notice_id": notice_id, "event_key": key, "state": state, "reason": reason}
    kept = _NEW_EVENT.first(session, {**row, "by": by, "at": now})
    return kept.id if kept else None


def change(session: Session, notice: Any, **values: Any) -> Any:
    """Write new values into a notice that the caller has locked; its row as it is now."""
    return _CHANGE.change(session, notice, **values)
