"""Reading the register and the rosters: for App Home, for leads and for administrators."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.groups import WorkingGroup
from storage.records.register import BrandLine, Held, HolderLine, MandateLine, Member
from storage.records.roster import Brand, Mandate, Person, RightsHolder, Role, RoleGrant


def held_by(session: Session, person_id: str) -> list[Held]:
    """Every role that a person holds now, with the names of its scopes."""
    rows = session.exec(
        select(RoleGrant.role, RoleGrant.scope_id, RightsHolder.name, WorkingGroup.name)
        .join(RightsHolder, col(RightsHolder.id) == col(RoleGrant.scope_id), isouter=True)
        .join(WorkingGroup, col(WorkingGroup.id) == col(RoleGrant.scope_id), isouter=True)
        .where(col(RoleGrant.person_id) == person_id, col(RoleGrant.until).is_(None))
        .order_by(col(RoleGrant.since), col(RoleGrant.id))
    ).all()
    return [Held(Role(role), scope_id, holder or group or "") for role, scope_id, holder, group in rows]


def members(session: Session, scope_ids: Collection[str]) -> dict[str, list[Member]]:
    """Scope id -> the people with a role there now, by name; those whose account is closed are left out."""
    rows = session.exec(
        select(RoleGrant.scope_id, RoleGrant.role, Person)
        .join(Person, col(Person.id) == col(RoleGrant.person_id))
        .where(
            col(RoleGrant.scope_id).in_(scope_ids),
            col(RoleGrant.until).is_(None),
            col(Person.is_deleted).is_(False),
        )
        .order_by(func.lower(col(Person.name)), col(Person.id), col(RoleGrant.since))
    ).all()
    found: dict[str, dict[str, tuple[Person, list[Role]]]] = defaultdict(dict)
    for scope_id, role, person in rows:
        found[scope_id].setdefault(person.id, (person, []))[1].append(Role(role))
    return {
        scope_id: [Member(person, tuple(roles)) for person, roles in people.values()]
        for scope_id, people in found.items()
    }


def holders(session: Session) -> list[HolderLine]:
    """Every rights holder with the numbers of its brands and its people, by name."""
    brands = dict(session.exec(select(Brand.holder_id, func.count()).group_by(col(Brand.holder_id))).all())
    people = dict(
        session.exec(
            select(RoleGrant.scope_id, func.count(func.distinct(col(RoleGrant.person_id))))
            .where(col(RoleGrant.until).is_(None))
            .group_by(col(RoleGrant.scope_id))
        ).all()
    )
    found = session.exec(select(RightsHolder).order_by(col(RightsHolder.name_key))).all()
    return [HolderLine(holder, brands.get(holder.id, 0), people.get(holder.id, 0)) for holder in found]


def brands_of(session: Session, holder_ids: Collection[str]) -> list[BrandLine]:
    """The brands of some rights holders with their channels, by name."""
    rows = session.exec(
        select(Brand, ChannelBinding)
        .join(
            ChannelBinding,
            and_(
                col(ChannelBinding.scope_id) == col(Brand.id),
                col(ChannelBinding.purpose) == ChannelPurpose.BRAND,
                col(ChannelBinding.unbound_at).is_(None),
            ),
            isouter=True,
        )
        .where(col(Brand.holder_id).in_(holder_ids))
        .order_by(col(Brand.name_key))
    ).all()
    return [BrandLine(brand, channel) for brand, channel in rows]


def mandates_of(session: Session, holder_id: str) -> list[MandateLine]:
    """The mandates that a rights holder gave, or that it has as an association, by the other side's name."""
    rows: Sequence[Mandate] = session.exec(
        select(Mandate)
        .where(
            (col(Mandate.holder_id) == holder_id) | (col(Mandate.association_id) == holder_id),
            col(Mandate.until).is_(None),
        )
        .order_by(col(Mandate.since))
    ).all()
    ids = {each for row in rows for each in (row.association_id, row.holder_id)}
    found = session.exec(
        select(RightsHolder.id, RightsHolder.name).where(col(RightsHolder.id).in_(ids))
    ).all()
    names = dict(found)
    return [MandateLine(row, names[row.association_id], names[row.holder_id]) for row in rows]
