"""Finding the people that the bot knows, and who holds which role."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.prepared import Prepared
from storage.records.roster import Person, Role, RoleGrant

_WATCHING = (
    select(Person.user_id)
    .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
    .where(
        col(RoleGrant.scope_id) == bindparam("scope"),
        col(RoleGrant.until).is_(None),
        col(Person.home_opened_at) >= bindparam("since"),
    )
)
_WATCHERS = Prepared(lambda _: _WATCHING, ("scope", "since"), list(_WATCHING.selected_columns))
_FOUND = select(Person).where(
    col(Person.team_id) == bindparam("team"), col(Person.user_id) == bindparam("user")
)


def find(session: Session, team_id: str, user_id: str) -> Person | None:
    """A person by the identity that Slack signs: workspace and user."""
    return session.exec(_FOUND, params={"team": team_id, "user": user_id}).first()


def by_user(session: Session, user_id: str) -> Person | None:
    """A person of the home workspace by user id alone, for what the bot itself sends."""
    return session.exec(select(Person).where(col(Person.user_id) == user_id)).first()


def holding(session: Session, roles: Sequence[Role], scope_id: str = "") -> list[Person]:
    """Everybody who holds one of these roles in a scope now and can act: oldest first, each once."""
    found = session.exec(
        select(Person)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(RoleGrant.scope_id) == scope_id,
            col(RoleGrant.role).in_(roles),
            col(RoleGrant.until).is_(None),
            col(Person.is_deleted).is_(False),
            col(Person.is_bot).is_(False),
        )
        .order_by(col(RoleGrant.since), col(RoleGrant.id))
    ).all()
    return list({person.id: person for person in found}.values())


def watchers(session: Session, scope_id: str, since: datetime) -> Sequence[str]:
    """The Slack ids of those with a role in a scope who have opened App Home since."""
    found = _WATCHERS.rows(session, {"scope": scope_id, "since": since})
    # Not DISTINCT: for a handful of rows SQLite would open a table of its own.
    return list(dict.fromkeys(row.user_id for row in found))


def watchers_of(session: Session, scope_ids: Collection[str], since: datetime) -> Sequence[str]:
    """The same for several scopes, each person once."""
    return session.exec(
        select(Person.user_id)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(RoleGrant.scope_id).in_(scope_ids),
            col(RoleGrant.until).is_(None),
            col(Person.home_opened_at) >= since,
        )
        .distinct()
    ).all()
