"""Who may do what: the one function that every use case asks. The table is in `matrix.py`.

Rules (security notes, section 3):
- Anything that the table does not allow is denied; an empty roster means nobody.
- The actor comes from the signed request; ids in buttons, forms and links are pointers without authority.
- Rights are read in the transaction of the act itself, so a change of the roster counts at once.
- Guests, other workspaces, bots and deactivated accounts are denied; a guest whom an administrator put
  on a roster by id acts as an expert without "Fake".
- A person of whom Slack has said nothing yet counts as a guest for "Fake": whether they are one is not known.
- Whoever is suspended files and answers nothing until that is lifted (`misuse.py`), and is told so.
- "Missing" and "not yours" are the same answer.
- The operation chooses the role: of several that would do, the one with fewest conditions. It is recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.enforcement.matrix import MATRIX, Cell, Column, Operation, Reach
from storage.prepared import Prepared
from storage.records.roster import Mandate, Person, Role, RoleGrant

__all__ = [
    "MATRIX",
    "OPERATOR",
    "Actor",
    "Cell",
    "Column",
    "Denied",
    "Grant",
    "Operation",
    "Reach",
    "Subject",
    "Suspended",
    "authorize",
    "authorize_each",
    "grants",
    "may",
    "person_with_grants",
    "tenants",
]

_COLUMN_OF = {
    Role.EXPERT: Column.EXPERT,
    Role.LEAD: Column.LEAD,
    Role.SMALL_MEMBER: Column.SMALL_MEMBER,
    Role.ASSOCIATION_OFFICER: Column.ASSOCIATION_OFFICER,
    Role.PLATFORM_STAFF: Column.PLATFORM_STAFF,
    Role.GROUP_CHAIR: Column.GROUP_CHAIR,
    Role.ADMINISTRATOR: Column.ADMINISTRATOR,
}


@dataclass(frozen=True)
class Actor:
    """Who asks: a Slack user by (team, user) of the signed payload, a platform client, or the operator."""

    team_id: str = ""
    user_id: str = ""
    client_id: str = ""
    operator: bool = False

    def __str__(self) -> str:
        """As the audit writes it."""
        if self.operator:
            return "operator"
        return f"client:{self.client_id}" if self.client_id else f"slack:{self.team_id}:{self.user_id}"


ActsFor = Callable[[str, str], bool]  # whether an association has a mandate of a rights holder

OPERATOR = Actor(operator=True)


@dataclass(frozen=True)
class Subject:
    """What the act is about: whose it is. `owner_id` is the person who made it, `age` how long ago."""

    kind: str
    id: str = ""
    holder_id: str | None = None
    group_id: str | None = None
    owner_id: str | None = None
    client_id: str | None = None
    age: timedelta | None = None


@dataclass(frozen=True)
class Grant:
    """A yes, and its conditions: `second` a second person must confirm, `review` the filing enters review."""

    cell: Cell
    column: Column | None = None
    person_id: str = ""  # empty where a client or the operator acts

    @property
    def role(self) -> str:
        """The role used, as the audit and the records keep it."""
        return self.column.value if self.column else "operator"


class Denied(Exception):
    """The actor may not do this, or it does not exist: one answer for both.

    `key` names what one reads, `values` fill it.
    """

    key = "common.not_found"

    def __init__(self, actor: Actor, operation: Operation, subject: Subject) -> None:
        super().__init__(f"{actor} may not {operation.value} {subject.kind}")
        self.actor = actor
        self.operation = operation
        self.subject = subject
        self.values: dict[str, str | int] = {}


class Suspended(Denied):
    """The actor could do this, were they not suspended."""

    key = "misuse.you_are_suspended"


_FAKE = frozenset({Operation.ANSWER_FAKE, Operation.CONFIRM_FAKE})
_FILES_OR_ANSWERS = _FAKE | {
    Operation.FILE_NOTICE,
    Operation.ANSWER,
    Operation.WORK_QUEUE,
    Operation.ANSWER_COUNTER_NOTICE,
    Operation.CONFIRM_COUNTER_ANSWER,
}
_HELD = (
    select_columns(
        col(Person.id),
        col(Person.is_guest),
        col(Person.profile_at),
        col(Person.suspended_at),
        col(RoleGrant.role),
        col(RoleGrant.scope_id),
    )
    .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
    .where(col(Person.is_deleted).is_(False), col(Person.is_bot).is_(False), col(RoleGrant.until).is_(None))
)
_GRANTED = _HELD.where(col(Person.team_id) == bindparam("team"), col(Person.user_id) == bindparam("user"))
_KNOWN = Prepared(lambda _: _GRANTED, ("team", "user"), list(_GRANTED.selected_columns))
_WITH_PERSON = _GRANTED.add_columns(col(Person.user_id), col(Person.email), col(Person.home_opened_at))
_KNOWN_PERSON = Prepared(lambda _: _WITH_PERSON, ("team", "user"), list(_WITH_PERSON.selected_columns))
_KNOWN_EACH = _HELD.add_columns(col(Person.team_id), col(Person.user_id)).where(
    col(Person.user_id).in_(bindparam("users", expanding=True))
)
_MANDATES = select(Mandate.association_id).where(
    col(Mandate.holder_id) == bindparam("holder"), col(Mandate.until).is_(None)
)
_MANDATES_EACH = select_columns(col(Mandate.association_id), col(Mandate.holder_id)).where(
    col(Mandate.holder_id).in_(bindparam("holders", expanding=True)), col(Mandate.until).is_(None)
)


def authorize(session: Session, actor: Actor, operation: Operation, subject: Subject) -> Grant:
    """Say yes with conditions, or raise `Denied`. Call it inside the transaction that acts."""
    if actor.operator:
        return Grant(Cell(Reach.ALL))
    if actor.client_id:
        cell = MATRIX[operation].get(Column.PLATFORM_CLIENT)
        if cell is None or (cell.reach is not Reach.ALL and subject.client_id != actor.client_id):
            raise Denied(actor, operation, subject)
        return Grant(cell, Column.PLATFORM_CLIENT)
    rows = _KNOWN.rows(session, _named(actor))
    held = _held(rows, actor, operation, subject)
    grant = _best(held, operation, subject, partial(_mandated, session))
    if grant is None:
        raise Denied(actor, operation, subject)
    return grant


def authorize_each(
    session: Session, operation: Operation, asked: Sequence[tuple[Actor, Subject]]
) -> list[Grant | None]:
    """`authorize` for people, many of them or many subjects at once, in two statements; None is a no."""
    rows: dict[tuple[str, str], list[Any]] = {}
    users = sorted({actor.user_id for actor, _ in asked})
    for row in session.connection().execute(_KNOWN_EACH, {"users": users}):
        rows.setdefault((row.team_id, row.user_id), []).append(row)
    holders = {subject.holder_id for _, subject in asked if subject.holder_id}
    given = session.connection().execute(_MANDATES_EACH, {"holders": sorted(holders)})
    mandates = {(row.association_id, row.holder_id) for row in given}

    def acts_for(association_id: str, holder_id: str) -> bool:
        return (association_id, holder_id) in mandates

    found: list[Grant | None] = []
    for actor, subject in asked:
        try:
            held = _held(rows.get((actor.team_id, actor.user_id), []), actor, operation, subject)
        except Suspended:
            held = []
        found.append(_best(held, operation, subject, acts_for))
    return found


def may(session: Session, actor: Actor, operation: Operation, subject: Subject) -> bool:
    """Whether `authorize` would say yes: for drawing a button only where it would work."""
    try:
        authorize(session, actor, operation, subject)
    except Denied:
        return False
    return True


def tenants(session: Session, actor: Actor, operation: Operation) -> set[str]:
    """The rights holders for which the table lets this person act: for offering a choice, not for judging."""
    return set(grants(session, actor, operation))


def grants(session: Session, actor: Actor, operation: Operation) -> dict[str, Grant]:
    """As `tenants`, each with what `authorize` would say of it."""
    return _granted(session, _KNOWN.rows(session, _named(actor)), actor, operation)


def person_with_grants(
    session: Session, actor: Actor, operation: Operation
) -> tuple[Any | None, dict[str, Grant]]:
    """As `grants`, with the person (id, user_id, email, home_opened_at); None who holds no role."""
    rows = _KNOWN_PERSON.rows(session, _named(actor))
    return next(iter(rows), None), _granted(session, rows, actor, operation)


def _named(actor: Actor) -> dict[str, str]:
    return {"team": actor.team_id, "user": actor.user_id}


def _granted(session: Session, rows: Sequence[Any], actor: Actor, operation: Operation) -> dict[str, Grant]:
    try:
        held = _held(rows, actor, operation, Subject("tenant"))
    except Suspended:
        return {}
    fitting: dict[str, list[Grant]] = {}
    for person_id, column, scope_id in held:
        cell = MATRIX[operation].get(column)
        if cell is None or not scope_id or cell.reach not in (Reach.OWN_TENANT, Reach.MANDATED):
            continue
        for holder_id in _members(session, scope_id) if cell.reach is Reach.MANDATED else (scope_id,):
            fitting.setdefault(holder_id, []).append(Grant(cell, column, person_id))
    return {holder_id: min(found, key=_conditions) for holder_id, found in fitting.items()}


def _members(session: Session, association_id: str) -> list[str]:
    """An association, which is the rights holder of its own marks, and all that gave it a mandate."""
    members = session.exec(
        select(Mandate.holder_id).where(
            col(Mandate.association_id) == association_id, col(Mandate.until).is_(None)
        )
    )
    return [association_id, *members]


def _held(
    rows: Sequence[Any], actor: Actor, operation: Operation, subject: Subject
) -> list[tuple[str, Column, str]]:
    """(person, column, scope) for every role that the actor holds now and that counts for this operation."""
    if operation in _FILES_OR_ANSWERS and any(row.suspended_at for row in rows):
        raise Suspended(actor, operation, subject)
    held = []
    for row in rows:
        is_guest = row.is_guest or (row.profile_at is None and operation in _FAKE)
        if not is_guest or row.role in (Role.EXPERT, Role.LEAD):
            held.append((row.id, Column.GUEST if is_guest else _COLUMN_OF[row.role], row.scope_id))
    return held


def _best(
    held: Sequence[tuple[str, Column, str]], operation: Operation, subject: Subject, acts_for: ActsFor
) -> Grant | None:
    """The role with the fewest conditions of those that would do."""
    fitting = [
        Grant(cell, column, person_id)
        for person_id, column, scope_id in held
        if (cell := MATRIX[operation].get(column)) is not None
        and _reaches(cell, scope_id, subject, person_id, acts_for)
    ]
    return min(fitting, key=_conditions, default=None)


def _conditions(grant: Grant) -> tuple[bool, bool]:
    return grant.cell.second, grant.cell.review


def _reaches(cell: Cell, scope_id: str, subject: Subject, person_id: str, acts_for: ActsFor) -> bool:
    if cell.within is not None and (subject.age is None or subject.age > cell.within):
        return False
    match cell.reach:
        case Reach.ALL | Reach.AGGREGATES:
            return True
        case Reach.OWN_TENANT:
            return bool(scope_id) and subject.holder_id == scope_id
        case Reach.OWN_OBJECT:
            return bool(scope_id) and subject.holder_id == scope_id and subject.owner_id == person_id
        case Reach.OWN_GROUP:
            return bool(scope_id) and subject.group_id == scope_id
        case Reach.MANDATED:
            if not scope_id or subject.holder_id is None:
                return False
            # An association is the rights holder of its own marks.
            return scope_id == subject.holder_id or acts_for(scope_id, subject.holder_id)


def _mandated(session: Session, association_id: str, holder_id: str) -> bool:
    found = session.connection().execute(_MANDATES, {"holder": holder_id}).scalars()
    return association_id in found.all()
