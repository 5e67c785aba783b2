"""Who may do what: the authorisation matrix as one table, and the one function that every use case asks.

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

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from storage.prepared import Prepared
from storage.records.roster import Mandate, Person, Role, RoleGrant


class Operation(StrEnum):
    """Everything that an actor can ask for. One row of the matrix each."""

    FILE_NOTICE = "file_notice"
    WITHDRAW_NOTICE = "withdraw_notice"
    MOVE_NOTICE = "move_notice"
    VIEW_OWN_CASES = "view_own_cases"
    VIEW_PLATFORM_CASE = "view_platform_case"
    OPEN_HOME = "open_home"
    ANSWER = "answer"
    ANSWER_FAKE = "answer_fake"
    CONFIRM_FAKE = "confirm_fake"
    RETRACT_VERDICT = "retract_verdict"
    CREATE_REQUEST = "create_request"
    WITHDRAW_REQUEST = "withdraw_request"
    ASSIGN_REQUEST = "assign_request"
    READ_REQUEST = "read_request"
    REPORT_TAKEDOWN = "report_takedown"
    SUBMIT_COUNTER_NOTICE = "submit_counter_notice"
    DECIDE_COUNTER_NOTICE = "decide_counter_notice"
    ANSWER_COUNTER_NOTICE = "answer_counter_notice"
    CONFIRM_COUNTER_ANSWER = "confirm_counter_answer"
    CONFIGURE_DIGEST = "configure_digest"
    PREVIEW_DIGEST = "preview_digest"
    READ_GROUP_DIGEST = "read_group_digest"
    MANAGE_ROSTER = "manage_roster"
    ENROL_GUEST = "enrol_guest"
    NAME_FIRST_LEAD = "name_first_lead"
    CHANGE_REGISTER = "change_register"
    NAME_ACCOUNT_MANAGER = "name_account_manager"
    SAY_AWAY = "say_away"
    BIND_CHANNEL = "bind_channel"
    MANAGE_CLIENTS = "manage_clients"
    SET_STANDING = "set_standing"
    VIEW_MISUSE = "view_misuse"
    PROPOSE_CENSURE = "propose_censure"
    DECIDE_CENSURE = "decide_censure"
    ANSWER_CENSURE = "answer_censure"
    ANSWER_HOLDER_CENSURE = "answer_holder_censure"
    VIEW_STANDING = "view_standing"
    CHOOSE_STANDING_RULE = "choose_standing_rule"
    REGISTER_RIGHT = "register_right"
    CONFIRM_RIGHT = "confirm_right"
    VIEW_SELLER = "view_seller"
    NOTE_SELLER_FACT = "note_seller_fact"
    REPORT_SANCTION = "report_sanction"
    READ_STRIKE_POLICY = "read_strike_policy"
    SWITCH_STRIKE_POLICY = "switch_strike_policy"
    KEEP_CATEGORY_BANS = "keep_category_bans"
    VIEW_SERVICE = "view_service_levels"
    PROPOSE_LANE = "propose_fast_lane"
    SET_LANE = "set_fast_lane"
    VERIFY_AUDIT = "verify_audit"


class Column(StrEnum):
    """The matrix's columns: roles, guests, and the two that are not people in Slack."""

    EXPERT = "BM"
    LEAD = "BL"
    SMALL_MEMBER = "SM"
    ASSOCIATION_OFFICER = "AS"
    PLATFORM_STAFF = "PS"
    GROUP_CHAIR = "WC"
    ADMINISTRATOR = "AA"
    GUEST = "GX"
    PLATFORM_CLIENT = "PC"


class Reach(StrEnum):
    """Whose things a cell reaches."""

    ALL = "Y"
    OWN_TENANT = "O"
    MANDATED = "M"
    OWN_OBJECT = "S"
    OWN_GROUP = "G"
    AGGREGATES = "A"


@dataclass(frozen=True)
class Cell:
    """What a role may do: how far it reaches, whether a second person or a review follows, how long."""

    reach: Reach
    second: bool = False
    review: bool = False
    within: timedelta | None = None

    def __str__(self) -> str:
        """As the printed matrix writes it: `O`, `M, 2`, `S in 24 h`."""
        parts = [self.reach.value]
        if self.second:
            parts.append("2")
        if self.review:
            parts.append("R")
        text = ", ".join(parts)
        return f"{text} in {int(self.within.total_seconds() // 3600)} h" if self.within else text


_COLUMNS = (
    Column.EXPERT, Column.LEAD, Column.SMALL_MEMBER, Column.ASSOCIATION_OFFICER, Column.PLATFORM_STAFF,
    Column.GROUP_CHAIR, Column.ADMINISTRATOR, Column.GUEST, Column.PLATFORM_CLIENT,
)  # fmt: skip

_DAY = timedelta(hours=24)
_CELLS: dict[str, Cell | None] = {
    "-": None,
    "Y": Cell(Reach.ALL),
    "O": Cell(Reach.OWN_TENANT),
    "M": Cell(Reach.MANDATED),
    "S": Cell(Reach.OWN_OBJECT),
    "G": Cell(Reach.OWN_GROUP),
    "A": Cell(Reach.AGGREGATES),
    "2": Cell(Reach.ALL, second=True),
    "O2": Cell(Reach.OWN_TENANT, second=True),
    "M2": Cell(Reach.MANDATED, second=True),
    "R": Cell(Reach.OWN_TENANT, review=True),
    "S24": Cell(Reach.OWN_OBJECT, within=_DAY),
}


def _row(cells: str) -> dict[Column, Cell]:
    found = {column: _CELLS[mark] for column, mark in zip(_COLUMNS, cells.split(), strict=True)}
    return {column: cell for column, cell in found.items() if cell is not None}


MATRIX: dict[Operation, dict[Column, Cell]] = {
    #                                BM  BL  SM  AS  PS  WC  AA  GX  PC
    Operation.FILE_NOTICE: _row("    O   O   R   M   -   -   -   -   -"),
    Operation.WITHDRAW_NOTICE: _row("S   O   S   M   -   -   -   -   -"),
    Operation.MOVE_NOTICE: _row("    -   -   -   -   Y   -   -   -   S"),
    Operation.VIEW_OWN_CASES: _row(" O   O   O   M   -   -   -   O   -"),
    Operation.VIEW_PLATFORM_CASE: _row("-  - -   -   Y   -   -   -   S"),
    Operation.OPEN_HOME: _row("      O   O   O   M   Y   G   Y   -   -"),
    Operation.ANSWER: _row("         O   O   O   -   -   -   -   O   -"),
    Operation.ANSWER_FAKE: _row("    O   O   O2  -   -   -   -   -   -"),
    Operation.CONFIRM_FAKE: _row("   O   O   O   -   -   -   -   -   -"),
    Operation.RETRACT_VERDICT: _row("S24 O   S24 -   -   -   -   -   -"),
    Operation.CREATE_REQUEST: _row(" -   -   -   -   Y   -   -   -   S"),
    Operation.WITHDRAW_REQUEST: _row("-  -   -   -   Y   -   -   -   S"),
    Operation.ASSIGN_REQUEST: _row(" -   -   -   -   Y   -   -   -   -"),
    Operation.READ_REQUEST: _row("   O   O   O   M   Y   -   -   -   S"),
    Operation.REPORT_TAKEDOWN: _row("-   -   -   -   Y   -   -   -   S"),
    Operation.SUBMIT_COUNTER_NOTICE: _row("- - - -  Y   -   -   -   S"),
    Operation.DECIDE_COUNTER_NOTICE: _row("- - - -  Y   -   -   -   S"),
    Operation.ANSWER_COUNTER_NOTICE: _row("- O O2 M -   -   -   -   -"),
    Operation.CONFIRM_COUNTER_ANSWER: _row("O O O M - - -   -   -"),
    Operation.CONFIGURE_DIGEST: _row("-  -   -   -   -   G   Y   -   -"),
    Operation.PREVIEW_DIGEST: _row(" O   O   O   M   Y   G   A   -   -"),
    Operation.READ_GROUP_DIGEST: _row("A A   A   A   A   A   A   -   -"),
    Operation.MANAGE_ROSTER: _row("  -   O   O   -   -   -   -   -   -"),
    Operation.ENROL_GUEST: _row("    -   -   -   -   -   -   Y   -   -"),
    Operation.NAME_FIRST_LEAD: _row("-   -   -   -   -   -   2   -   -"),
    Operation.CHANGE_REGISTER: _row("-   -   -   -   -   -   Y   -   -"),
    Operation.NAME_ACCOUNT_MANAGER: _row("-  - -   -   -   -   Y   -   -"),
    Operation.SAY_AWAY: _row("       -   -   -   -   Y   -   -   -   -"),
    Operation.BIND_CHANNEL: _row("   -   O   -   M   -   G   Y   -   -"),
    Operation.MANAGE_CLIENTS: _row(" -   -   -   -   -   -   2   -   -"),
    Operation.SET_STANDING: _row("   -   -   -   -   -   -   2   -   -"),
    Operation.VIEW_STANDING: _row("  O   O   O   M   Y   -   Y   -   -"),
    Operation.CHOOSE_STANDING_RULE: _row("-  - -   -   -   -   2   -   -"),
    Operation.VIEW_MISUSE: _row("    -   O   O   -   Y   -   Y   -   -"),
    Operation.PROPOSE_CENSURE: _row("-   O   -   -   Y   -   Y   -   -"),
    Operation.DECIDE_CENSURE: _row(" -   -   -   -   -   -   2   -   -"),
    Operation.ANSWER_CENSURE: _row(" S   S   S   M   -   -   -   S   -"),
    Operation.ANSWER_HOLDER_CENSURE: _row("- O  O   -   -   -   -   -   -"),
    Operation.REGISTER_RIGHT: _row(" -   O2  O2  M2  -   -   -   -   -"),
    Operation.CONFIRM_RIGHT: _row("  -   -   -   -   -   -   Y   -   -"),
    Operation.VIEW_SELLER: _row("    O   O   O   M   Y   -   -   -   -"),
    Operation.NOTE_SELLER_FACT: _row("-  -   -   -   Y   -   -   -   -"),
    Operation.REPORT_SANCTION: _row("-   -   -   -   Y   -   -   -   S"),
    Operation.READ_STRIKE_POLICY: _row("- - -   -   Y   -   Y   -   -"),
    Operation.SWITCH_STRIKE_POLICY: _row("- - - -   -   -   2   -   -"),
    Operation.KEEP_CATEGORY_BANS: _row("- - -   -   Y   -   Y   -   -"),
    Operation.VIEW_SERVICE: _row("   O   O   O   M   Y   -   Y   -   -"),
    Operation.PROPOSE_LANE: _row("   -   -   -   -   Y   -   Y   -   -"),
    Operation.SET_LANE: _row("       -   -   -   -   -   -   2   -   -"),
    Operation.VERIFY_AUDIT: _row("   Y   Y   Y   Y   Y   Y   Y   -   Y"),
}  # fmt: skip

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
    """The actor may not do this, or it does not exist: one answer for both. `key` is what one reads."""

    key = "common.not_found"

    def __init__(self, actor: Actor, operation: Operation, subject: Subject) -> None:
        super().__init__(f"{actor} may not {operation.value} {subject.kind}")
        self.actor = actor
        self.operation = operation
        self.subject = subject


class Suspended(Denied):
    """The actor could do this, were they not suspended."""

    key = "misuse.you_are_suspended"


_FAKE = frozenset({Operation.ANSWER_FAKE, Operation.CONFIRM_FAKE})
_FILES_OR_ANSWERS = _FAKE | {
    Operation.FILE_NOTICE,
    Operation.ANSWER,
    Operation.ANSWER_COUNTER_NOTICE,
    Operation.CONFIRM_COUNTER_ANSWER,
}
_GRANTED = (
    select_columns(
        col(Person.id),
        col(Person.is_guest),
        col(Person.profile_at),
        col(Person.suspended_at),
        col(RoleGrant.role),
        col(RoleGrant.scope_id),
    )
    .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
    .where(
        col(Person.team_id) == bindparam("team"),
        col(Person.user_id) == bindparam("user"),
        col(Person.is_deleted).is_(False),
        col(Person.is_bot).is_(False),
        col(RoleGrant.until).is_(None),
    )
)
_KNOWN = Prepared(lambda _: _GRANTED, ("team", "user"), list(_GRANTED.selected_columns))
_MANDATES = select(Mandate.association_id).where(
    col(Mandate.holder_id) == bindparam("holder"), col(Mandate.until).is_(None)
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
    fitting = [
        Grant(cell, column, person_id)
        for person_id, column, scope_id in _held(session, actor, operation, subject)
        if (cell := MATRIX[operation].get(column)) is not None
        and _reaches(session, cell, scope_id, subject, person_id)
    ]
    if not fitting:
        raise Denied(actor, operation, subject)
    return min(fitting, key=lambda grant: (grant.cell.second, grant.cell.review))


def may(session: Session, actor: Actor, operation: Operation, subject: Subject) -> bool:
    """Whether `authorize` would say yes: for drawing a button only where it would work."""
    try:
        authorize(session, actor, operation, subject)
    except Denied:
        return False
    return True


def tenants(session: Session, actor: Actor, operation: Operation) -> set[str]:
    """The rights holders for which the table lets this person act: for offering a choice, not for judging."""
    scopes: dict[Reach, set[str]] = {Reach.OWN_TENANT: set(), Reach.MANDATED: set()}
    try:
        held = _held(session, actor, operation, Subject("tenant"))
    except Suspended:
        return set()
    for _, column, scope_id in held:
        cell = MATRIX[operation].get(column)
        if cell is not None and cell.reach in scopes and scope_id:
            scopes[cell.reach].add(scope_id)
    associations = scopes[Reach.MANDATED]
    if not associations:
        return scopes[Reach.OWN_TENANT]
    members = session.exec(
        select(Mandate.holder_id).where(
            col(Mandate.association_id).in_(associations), col(Mandate.until).is_(None)
        )
    )
    return scopes[Reach.OWN_TENANT] | associations | set(members)


def _held(
    session: Session, actor: Actor, operation: Operation, subject: Subject
) -> list[tuple[str, Column, str]]:
    """(person, column, scope) for every role that the actor holds now and that counts for this operation."""
    rows = _KNOWN.rows(session, {"team": actor.team_id, "user": actor.user_id})
    if operation in _FILES_OR_ANSWERS and any(row.suspended_at for row in rows):
        raise Suspended(actor, operation, subject)
    held = []
    for row in rows:
        is_guest = row.is_guest or (row.profile_at is None and operation in _FAKE)
        if not is_guest or row.role in (Role.EXPERT, Role.LEAD):
            held.append((row.id, Column.GUEST if is_guest else _COLUMN_OF[row.role], row.scope_id))
    return held


def _reaches(session: Session, cell: Cell, scope_id: str, subject: Subject, person_id: str) -> bool:
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
            return _mandated(session, scope_id, subject.holder_id)


def _mandated(session: Session, association_id: str, holder_id: str | None) -> bool:
    if not association_id or holder_id is None:
        return False
    if association_id == holder_id:
        return True  # an association is the rights holder of its own marks
    found = session.connection().execute(_MANDATES, {"holder": holder_id}).scalars()
    return association_id in found.all()
