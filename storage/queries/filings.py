"""What a notice's form offers, and what a filing stands on: each read with as few statements as it has facts.

The statements are prepared, for every notice goes through all of them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, bindparam, literal_column
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel

from storage.prepared import Joined, prepared
from storage.queries.rights import SHOWN, USABLE
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.listings import Listing
from storage.records.notices import UNDECIDED, ItemState, Notice, NoticeItem
from storage.records.platform import PlatformClient
from storage.records.rights import Right
from storage.records.roster import Brand, RightsHolder
from storage.records.service_levels import FastLane, LaneMember


def _table(record: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(record.__tablename__)]


_NOTICE, _ITEM, _LISTING = _table(Notice), _table(NoticeItem), _table(Listing)
_HOLDER, _BRAND, _RIGHT = _table(RightsHolder), _table(Brand), _table(Right)
_LANE, _MEMBER = _table(FastLane), _table(LaneMember)
_CLIENT, _BINDING = _table(PlatformClient), _table(ChannelBinding)
_MANY: Any = bindparam("many", expanding=True)
_ANY_LANE = and_(_MEMBER.c.holder_id == _HOLDER.c.id, _MEMBER.c.until.is_(None))

# What a form shows of each, and what a notice takes from it.
_OF_HOLDER = [_HOLDER.c.id, _HOLDER.c.name, _HOLDER.c.standing, _HOLDER.c.pilot]
_OF_BRAND = [_BRAND.c.id, _BRAND.c.name]
_OFFERED = Joined(holder=_OF_HOLDER, lane=_LANE)
_HOLDERS = prepared(
    select_columns(*_OFFERED.columns)
    .select_from(
        _HOLDER.outerjoin(_MEMBER, _ANY_LANE).outerjoin(_LANE, _LANE.c.id == _MEMBER.c.lane_id),
    )
    .where(_HOLDER.c.id.in_(_MANY))
    .order_by(_HOLDER.c.name_key)
)
_BRANDS = prepared(
    select_columns(*_OF_BRAND).where(_BRAND.c.holder_id == bindparam("holder")).order_by(_BRAND.c.name_key)
)
_PICKED = Joined(holder=_OF_HOLDER, brand=_OF_BRAND, right=SHOWN, lane=_LANE)
# One row for each lane that the holder is in, and at least one.
_LOCK_PICKED = prepared(
    select_columns(*_PICKED.columns, _BINDING.c.channel_id)
    .select_from(
        _HOLDER.join(_BRAND, _BRAND.c.holder_id == _HOLDER.c.id)
        .join(_RIGHT, _RIGHT.c.holder_id == _HOLDER.c.id)
        .outerjoin(_MEMBER, _ANY_LANE)
        .outerjoin(_LANE, _LANE.c.id == _MEMBER.c.lane_id)
        .outerjoin(
            _BINDING,
            and_(
                _BINDING.c.purpose == literal_column(f"'{ChannelPurpose.BRAND.value}'"),
                _BINDING.c.scope_id == _BRAND.c.id,
                _BINDING.c.unbound_at.is_(None),
            ),
        )
    )
    .where(
        _HOLDER.c.id == bindparam("holder"),
        _BRAND.c.id == bindparam("brand"),
        _RIGHT.c.id == bindparam("right"),
        *USABLE,
    )
    .with_for_update(of=_HOLDER)
)
_CLIENTS = prepared(select_columns(_CLIENT).where(_CLIENT.c.marketplace.in_(_MANY)))
_NAMED = Joined(listing=_LISTING)
# One row for each open item of such a listing, and at least one; with the notice where it is the holder's.
_LISTINGS = prepared(
    select_columns(*_NAMED.columns, _NOTICE.c.reference, _NOTICE.c.submitted_at)
    .select_from(
        _LISTING.outerjoin(
            _ITEM, and_(_ITEM.c.listing_id == _LISTING.c.id, _ITEM.c.state == ItemState.OPEN)
        ).outerjoin(
            _NOTICE,
            and_(
                _NOTICE.c.id == _ITEM.c.notice_id,
                _NOTICE.c.holder_id == bindparam("holder"),
                _NOTICE.c.state.in_(UNDECIDED),
            ),
        )
    )
    .where(_LISTING.c.key.in_(_MANY))
    .order_by(_NOTICE.c.submitted_at.desc())
)


class Picked(NamedTuple):
    """What a notice is to be filed with, the lanes that the holder is in, the brand's own channel or None."""

    holder: Any
    brand: Any
    right: Any
    lanes: Sequence[Any]
    channel: str | None


class Known(NamedTuple):
    """A listing's row, and the notice in which it stands open already: (reference, since when) or None."""

    row: Any
    reported: tuple[str, datetime] | None


def holders(session: Session, ids: Collection[str]) -> list[tuple[Any, list[Any]]]:
    """Rights holders by id with the lanes that each is in, in the order of their names."""
    found: dict[str, tuple[Any, list[Any]]] = {}
    for row in _HOLDERS.rows(session, {"many": list(ids)}) if ids else ():
        holder, lane = _OFFERED.apart(row)
        _, lanes = found.setdefault(holder.id, (holder, []))
        if lane is not None:
            lanes.append(lane)
    return list(found.values())


def brands(session: Session, holder_id: str) -> Sequence[Any]:
    """A holder's brands, in the order of their names."""
    return _BRANDS.rows(session, {"holder": holder_id})


def lock_picked(session: Session, holder_id: str, brand_id: str, right_id: str, on: date) -> Picked | None:
    """What was picked, if a notice can stand on it that day; from now on nobody else files for the holder."""
    asked = {"holder": holder_id, "brand": brand_id, "right": right_id, "on": on}
    rows = _LOCK_PICKED.rows(session, asked)
    if not rows:
        return None
    first, *others = [_PICKED.apart(row) for row in rows]
    lanes = [each.lane for each in (first, *others) if each.lane is not None]
    return Picked(first.holder, first.brand, first.right, lanes, rows[0].channel_id)


def clients_of(session: Session, marketplaces: Collection[str]) -> dict[str, PlatformClient]:
    """The connected marketplaces among these, by name."""
    found = _CLIENTS.rows(session, {"many": list(marketplaces)}) if marketplaces else []
    return {client.marketplace: client for client in found}


def known_listings(session: Session, holder_id: str, keys: Collection[str]) -> Mapping[str, Known]:
    """Those of these listings that are known, by key, and which of them the holder has reported already."""
    found: dict[str, Known] = {}
    for row in _LISTINGS.rows(session, {"many": list(keys), "holder": holder_id}) if keys else ():
        (listing,) = _NAMED.apart(row)
        reported = (row.reference, row.submitted_at) if row.reference else None
        if reported or listing.key not in found:
            found[listing.key] = Known(listing, reported)
    return found
