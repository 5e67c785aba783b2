"""Who answers for a rights holder now: only people who are of the platform's team and can act.

A manager who left or whose account is closed is passed over for the deputy; nobody has to notice first.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.records.account_managers import NOBODY, Absence, AccountManager, Managed, Pair, Term
from storage.records.roster import Person, RightsHolder, Role, RoleGrant

_MANAGER: Any = aliased(Person)
_DEPUTY: Any = aliased(Person)


def _acts(person: Any, wanted: Any) -> Any:
    """Whether a person is of the platform's team and can act."""
    on_team = exists().where(
        col(RoleGrant.person_id) == person.id,
        col(RoleGrant.role) == Role.PLATFORM_STAFF,
        col(RoleGrant.scope_id) == "",
        col(RoleGrant.until).is_(None),
    )
    return and_(person.id == wanted, person.is_deleted.is_(False), person.is_bot.is_(False), on_team)


# Built once: every tick of the deadlines asks.
_PAIRS: Any = (
    select(AccountManager.holder_id, _MANAGER, _DEPUTY)
    .select_from(AccountManager)
    .outerjoin(_MANAGER, _acts(_MANAGER, col(AccountManager.manager_id)))
    .outerjoin(_DEPUTY, _acts(_DEPUTY, col(AccountManager.deputy_id)))
    .where(
        col(AccountManager.holder_id).in_(bindparam("holders", expanding=True)),
        col(AccountManager.until).is_(None),
    )
)


def of(session: Session, holder_id: str) -> Pair:
    """The manager and the deputy of a rights holder."""
    return of_many(session, [holder_id]).get(holder_id, NOBODY)


def of_many(session: Session, holder_ids: Collection[str]) -> dict[str, Pair]:
    """The same for several, in two queries; those for whom nobody answers by name are left out."""
    rows = session.exec(_PAIRS, params={"holders": list(holder_ids)}).all()
    people = {person.id for row in rows for person in row[1:] if person is not None}
    absences = session.exec(select(Absence).where(col(Absence.person_id).in_(people))).all() if people else ()
    away = {absence.person_id: absence.until for absence in absences}
    found = {}
    for holder_id, *named in rows:
        acting = [person for person in named if person is not None]
        if acting:
            manager, deputy = acting[0], acting[1] if len(acting) > 1 else None
            found[holder_id] = Pair(
                manager, deputy, away.get(manager.id), away.get(deputy.id) if deputy else None
            )
    return found


def managed_by(session: Session, person_id: str, *, limit: int, offset: int) -> tuple[int, list[Managed]]:
    """For how many rights holders somebody is manager or deputy, and a page of them: their own first."""
    named = or_(col(AccountManager.manager_id) == person_id, col(AccountManager.deputy_id) == person_id)
    total = session.exec(
        select(func.count()).select_from(AccountManager).where(named, col(AccountManager.until).is_(None))
    ).one()
    rows = session.exec(
        select(RightsHolder, AccountManager.manager_id)
        .join(AccountManager, col(AccountManager.holder_id) == col(RightsHolder.id))
        .where(named, col(AccountManager.until).is_(None))
        .order_by(case((col(AccountManager.manager_id) == person_id, 0), else_=1), col(RightsHolder.name_key))
        .limit(limit)
        .offset(offset)
    ).all()
    pairs = of_many(session, [holder.id for holder, _ in rows])
    return total, [Managed(holder, pairs.get(holder.id, NOBODY)) for holder, _ in rows]


def live(session: Session, holder_id: str) -> AccountManager | None:
    """The row that holds now, whether or not its people can still act."""
    return session.exec(
        select(AccountManager).where(
            col(AccountManager.holder_id) == holder_id, col(AccountManager.until).is_(None)
        )
    ).first()


def naming(session: Session, person_id: str) -> Sequence[AccountManager]:
    """The rows that hold now and name this person."""
    return session.exec(
        select(AccountManager).where(
            col(AccountManager.until).is_(None),
            or_(col(AccountManager.manager_id) == person_id, col(AccountManager.deputy_id) == person_id),
        )
    ).all()


def history(session: Session, holder_id: str, *, limit: int) -> list[Term]:
    """Who answered for a rights holder, the newest first."""
    rows = session.exec(
        select(_MANAGER.user_id, _DEPUTY.user_id, AccountManager.since, AccountManager.until)
        .select_from(AccountManager)
        .join(_MANAGER, _MANAGER.id == col(AccountManager.manager_id))
        .outerjoin(_DEPUTY, _DEPUTY.id == col(AccountManager.deputy_id))
        .where(col(AccountManager.holder_id) == holder_id)
        .order_by(col(AccountManager.since).desc(), col(AccountManager.id).desc())
        .limit(limit)
    )
    return [Term(manager, deputy or "", since, until) for manager, deputy, since, until in rows]


def away_until(session: Session, person_id: str, now: datetime) -> datetime | None:
    """Until when somebody is away; None for those who are there."""
    found = session.get(Absence, person_id)
    return found.until if found and found.until > now else None
