"""Goods that may not be listed on a marketplace at all, such as parts of air-bags: the list is kept here."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.errors import violated
from storage.records.platform import PlatformClient
from storage.records.sellers import CategoryBan

LONGEST_GOODS, LONGEST_REASON = 120, 300


def add_ban(session: Session, actor: Actor, client_id: str, goods: str, reason: str, *, now: datetime) -> str:
    """Put goods on a marketplace's list; the ban's id."""
    subject = Subject("category_ban", client_id)
    grant = authorize(session, actor, Operation.KEEP_CATEGORY_BANS, subject)
    client = session.get(PlatformClient, client_id)
    if client is None:
        raise Denied(actor, Operation.KEEP_CATEGORY_BANS, subject)
    named = " ".join(goods.split())[:LONGEST_GOODS]
    if not named:
        raise Refused("sellers.goods_missing")
    ban = CategoryBan(
        marketplace=client.marketplace,
        goods=named,
        goods_key=named.casefold(),
        reason=reason.strip()[:LONGEST_REASON],
        since=now,
    )
    try:
        with session.begin_nested():
            session.add(ban)
    except IntegrityError as error:
        if violated(error) != "uq_category_ban_live":
            raise
        raise Refused("sellers.goods_banned_already", goods=named) from error
    note(session, actor, grant, Operation.KEEP_CATEGORY_BANS, subject, now, act="added", goods=named)
    return ban.id


def end_ban(session: Session, actor: Actor, ban_id: str, *, now: datetime) -> None:
    """Take goods off the list; what was on it stays written down."""
    subject = Subject("category_ban", ban_id)
    grant = authorize(session, actor, Operation.KEEP_CATEGORY_BANS, subject)
    ended = session.connection().execute(
        update(CategoryBan)
        .where(col(CategoryBan.id) == ban_id, col(CategoryBan.ended_at).is_(None))
        .values(ended_at=now)
        .returning(col(CategoryBan.goods))
    )
    goods = ended.scalar_one_or_none()
    if goods is None:
        raise Refused("sellers.ban_gone")
    note(session, actor, grant, Operation.KEEP_CATEGORY_BANS, subject, now, act="ended", goods=goods)


def bans(session: Session, actor: Actor, client_id: str) -> Sequence[CategoryBan]:
    """What may not be listed on a marketplace now, by name."""
    subject = Subject("category_ban", client_id)
    authorize(session, actor, Operation.KEEP_CATEGORY_BANS, subject)
    client = session.get(PlatformClient, client_id)
    if client is None:
        raise Denied(actor, Operation.KEEP_CATEGORY_BANS, subject)
    return session.exec(
        select(CategoryBan)
        .where(col(CategoryBan.marketplace) == client.marketplace, col(CategoryBan.ended_at).is_(None))
        .order_by(col(CategoryBan.goods_key))
    ).all()
