"""The matrix, cell by cell: every operation for every role, own, foreign and without a tenant, for every kind
of account. What is expected is read out of the table alone; what is asked is the function that use cases ask.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlmodel import Session, col, select

from bot.enforcement.access import (
    MATRIX,
    OPERATOR,
    Actor,
    Cell,
    Column,
    Denied,
    Grant,
    Operation,
    Reach,
    Subject,
    Suspended,
    authorize,
    authorize_each,
    may,
    tenants,
)
from storage.engine import Store
from storage.records.groups import GroupKind, WorkingGroup
from storage.records.roster import (
    HolderKind,
    HolderSize,
    Mandate,
    Person,
    RightsHolder,
    Role,
    RoleGrant,
    Standing,
)
from tests.statements import everything_sent

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOME, ABROAD = "T1", "T2"
COLUMNS = {
    Role.EXPERT: Column.EXPERT,
    Role.LEAD: Column.LEAD,
    Role.SMALL_MEMBER: Column.SMALL_MEMBER,
    Role.ASSOCIATION_OFFICER: Column.ASSOCIATION_OFFICER,
    Role.PLATFORM_STAFF: Column.PLATFORM_STAFF,
    Role.GROUP_CHAIR: Column.GROUP_CHAIR,
    Role.ADMINISTRATOR: Column.ADMINISTRATOR,
}
# An administrator may put a guest onto a brand's roster; nothing else makes a guest anybody.
OF_GUESTS = {Role.EXPERT, Role.LEAD}
KINDS = ("member", "guest", "external", "deactivated", "bot")
RELATIONS = ("own", "foreign", "none")
CASES = [
    (operation, role, relation, kind)
    for operation, role, relation, kind in product(Operation, Role, RELATIONS, KINDS)
]


@dataclass
class World:
    """A member of an association, a stranger to it, two groups, and a person for each role and kind."""

    member: str = ""
    foreign: str = ""
    association: str = ""
    group: str = ""
    other_group: str = ""
    people: dict[tuple[Role, str], Person] = field(default_factory=dict)

    def subject(
        self, relation: str, owner: Person, *, age: timedelta = timedelta(hours=1), holder: str = ""
    ) -> Subject:
        """A thing of one's own (of this rights holder, else the member's), of somebody else, or of nobody."""
        if relation == "own":
            return Subject("thing", "1", holder or self.member, self.group, owner.id, age=age)
        if relation == "foreign":
            return Subject("thing", "1", self.foreign, self.other_group, "somebody else", age=age)
        return Subject("thing", "1")

    def scope(self, role: Role) -> str:
        """Where a role is held."""
        if role is Role.ASSOCIATION_OFFICER:
            return self.association
        if role is Role.GROUP_CHAIR:
            return self.group
        return "" if role in (Role.PLATFORM_STAFF, Role.ADMINISTRATOR) else self.member


def found(session: Session) -> World:
    """Everybody."""
    world = World()
    world.member = _holder(session, "member", HolderKind.COMPANY)
    world.foreign = _holder(session, "foreign", HolderKind.COMPANY)
    world.association = _holder(session, "association", HolderKind.ASSOCIATION)
    world.group, world.other_group = _group(session, "group"), _group(session, "other")
    session.add(
        Mandate(association_id=world.association, holder_id=world.member, document="letter", since=NOW)
    )
    for role, kind in product(Role, KINDS):
        person = Person(
            team_id=ABROAD if kind == "external" else HOME,
            user_id=f"U{role}{kind}".upper(),
            is_guest=kind in ("guest", "external"),
            is_deleted=kind == "deactivated",
            is_bot=kind == "bot",
            profile_at=NOW,
        )
        session.add(person)
        session.flush()
        _grant(session, person, role, world.scope(role))
        world.people[role, kind] = person
    return world


def _holder(session: Session, name: str, kind: HolderKind) -> str:
    holder = RightsHolder(
        name=name,
        name_key=name,
        kind=kind,
        size=HolderSize.SMALL,
        industry="any",
        country="NO",
        standing=Standing.GOOD_FAITH,
        standing_since=NOW,
        created_at=NOW,
    )
    session.add(holder)
    session.flush()
    return holder.id


def _group(session: Session, name: str) -> str:
    group = WorkingGroup(name=name, name_key=name, kind=GroupKind.INDUSTRY, created_at=NOW)
    session.add(group)
    session.flush()
    return group.id


def _grant(session: Session, person: Person, role: Role, scope_id: str) -> None:
    session.add(RoleGrant(person_id=person.id, role=role, scope_id=scope_id, since=NOW, granted_by="test"))
    session.flush()


def cell_for(operation: Operation, role: Role, kind: str) -> Cell | None:
    """The cell of the table that counts for such an account."""
    if kind in ("deactivated", "bot"):
        return None
    if kind in ("guest", "external"):
        return MATRIX[operation].get(Column.GUEST) if role in OF_GUESTS else None
    return MATRIX[operation].get(COLUMNS[role])


def reached(cell: Cell | None, relation: str) -> bool:
    """Whether a cell reaches a thing."""
    if cell is None or (cell.within is not None and relation == "none"):
        return False
    return cell.reach in (Reach.ALL, Reach.AGGREGATES) or relation == "own"


def own_of(world: World, role: Role, cell: Cell | None) -> str:
    """Whose things are a role's own: an officer's the association's, unless a mandate reaches further."""
    alone = cell is not None and cell.reach is Reach.OWN_TENANT
    return world.association if role is Role.ASSOCIATION_OFFICER and alone else world.member


def who(person: Person) -> Actor:
    return Actor(team_id=person.team_id, user_id=person.user_id)


@pytest.fixture
def world(store: Store) -> World:
    return store.run_sync(found)


def test_every_cell_of_the_matrix_says_what_the_table_says(store: Store, world: World) -> None:
    def mistakes(session: Session) -> list[str]:
        wrong = []
        for operation, role, relation, kind in CASES:
            person = world.people[role, kind]
            cell = cell_for(operation, role, kind)
            expected = reached(cell, relation)
            subject = world.subject(relation, person, holder=own_of(world, role, cell))
            try:
                grant = authorize(session, who(person), operation, subject)
            except Denied:
                if expected:
                    wrong.append(f"{operation} {role} {relation} {kind}: denied")
                continue
            if not expected or grant.cell != cell or grant.person_id != person.id:
                wrong.append(f"{operation} {role} {relation} {kind}: allowed as {grant}")
        return wrong

    assert len(CASES) == len(Operation) * 7 * 3 * 5
    assert store.read_sync(mistakes) == []


def test_many_are_asked_for_at_once_with_the_same_answers_in_two_statements(
    sqlite_store: Store,
) -> None:
    def compare(session: Session) -> tuple[list[str], set[int]]:
        world = found(session)
        asked = [
            (who(person), world.subject(relation, person))
            for person in world.people.values()
            for relation in RELATIONS
        ]
        asked.append((Actor(ABROAD, world.people[Role.LEAD, "member"].user_id), asked[0][1]))
        wrong, numbers = [], set()
        for operation in Operation:
            with everything_sent() as sent:
                answers = authorize_each(session, operation, asked)
            numbers.add(len(sent))
            alone: list[Grant | None] = []
            for actor, subject in asked:
                try:
                    alone.append(authorize(session, actor, operation, subject))
                except Denied:
                    alone.append(None)
            wrong += [operation.value] if alone != answers else []
        return wrong, numbers

    assert sqlite_store.run_sync(compare) == ([], {2})


def test_an_officer_s_own_things_are_the_association_s_and_no_member_s(store: Store, world: World) -> None:
    officer = world.people[Role.ASSOCIATION_OFFICER, "member"]

    def reached_by(session: Session, holder: str) -> bool:
        thing = world.subject("own", officer, holder=holder)
        return may(session, who(officer), Operation.CONFIGURE_DIGEST, thing)

    assert store.read_sync(reached_by, world.association)
    assert not store.read_sync(reached_by, world.member)


def test_nobody_without_a_role_may_do_anything(store: Store, world: World) -> None:
    def allowed(session: Session) -> list[Operation]:
        nobody = Actor(team_id=HOME, user_id="UNOBODY")
        person = world.people[Role.EXPERT, "member"]
        return [each for each in Operation if may(session, nobody, each, world.subject("own", person))]

    assert store.read_sync(allowed) == []


def test_the_same_user_id_in_another_workspace_is_another_person(store: Store, world: World) -> None:
    def allowed(session: Session) -> bool:
        lead = world.people[Role.LEAD, "member"]
        foreign = Actor(team_id=ABROAD, user_id=lead.user_id)
        return may(session, foreign, Operation.FILE_NOTICE, world.subject("own", lead))

    assert not store.read_sync(allowed)


def test_a_platform_client_reaches_its_own_cases_alone(store: Store) -> None:
    def mistakes(session: Session) -> list[str]:
        wrong = []
        for operation in Operation:
            cell = MATRIX[operation].get(Column.PLATFORM_CLIENT)
            for owner in ("C1", "C2"):
                expected = cell is not None and (cell.reach is Reach.ALL or owner == "C1")
                subject = Subject("thing", client_id=owner)
                if may(session, Actor(client_id="C1"), operation, subject) != expected:
                    wrong.append(f"{operation} {owner}")
        return wrong

    assert store.read_sync(mistakes) == []


def test_the_operator_of_the_host_may_do_everything(store: Store) -> None:
    def denied(session: Session) -> list[Operation]:
        return [each for each in Operation if not may(session, OPERATOR, each, Subject("thing"))]

    assert store.read_sync(denied) == []


def test_what_may_be_taken_back_within_a_day_may_not_be_after_it(store: Store, world: World) -> None:
    expert = world.people[Role.EXPERT, "member"]

    def allowed(session: Session, age: timedelta) -> bool:
        return may(session, who(expert), Operation.RETRACT_VERDICT, world.subject("own", expert, age=age))

    assert store.read_sync(allowed, timedelta(hours=24))
    assert not store.read_sync(allowed, timedelta(hours=24, seconds=1))


def test_of_several_roles_the_one_with_fewest_conditions_counts_and_is_named(
    store: Store, world: World
) -> None:
    small = world.people[Role.SMALL_MEMBER, "member"]
    store.run_sync(_grant, small, Role.LEAD, world.member)

    def used(session: Session) -> tuple[str, bool]:
        grant = authorize(session, who(small), Operation.FILE_NOTICE, world.subject("own", small))
        return grant.role, grant.cell.review

    assert store.read_sync(used) == (Column.LEAD.value, False)


def test_an_ended_role_and_an_ended_mandate_count_no_more(store: Store, world: World) -> None:
    lead, officer = world.people[Role.LEAD, "member"], world.people[Role.ASSOCIATION_OFFICER, "member"]

    def end(session: Session) -> None:
        for grant in session.exec(select(RoleGrant).where(col(RoleGrant.person_id) == lead.id)).all():
            grant.until = NOW
            session.add(grant)
        for mandate in session.exec(select(Mandate)).all():
            mandate.until = NOW
            session.add(mandate)

    def allowed(session: Session) -> list[bool]:
        return [
            may(session, who(person), Operation.FILE_NOTICE, world.subject("own", person))
            for person in (lead, officer)
        ]

    assert store.read_sync(allowed) == [True, True]
    store.run_sync(end)
    assert store.read_sync(allowed) == [False, False]


def test_missing_and_foreign_are_refused_alike(store: Store, world: World) -> None:
    expert = world.people[Role.EXPERT, "member"]

    def refusals(session: Session) -> set[str]:
        told = set()
        for subject in (Subject("case", "1", world.foreign), Subject("case", "2")):
            with pytest.raises(Denied) as denied:
                authorize(session, who(expert), Operation.VIEW_OWN_CASES, subject)
            told.add(str(denied.value))
        return told

    assert len(store.read_sync(refusals)) == 1


def test_the_tenants_offered_are_exactly_those_that_would_be_allowed(store: Store, world: World) -> None:
    def mistakes(session: Session) -> list[str]:
        wrong = []
        for operation, (role, kind) in product(Operation, world.people):
            person = world.people[role, kind]
            offered = tenants(session, who(person), operation)
            reach = {Reach.OWN_TENANT, Reach.MANDATED}
            cell = cell_for(operation, role, kind)
            if cell is None or cell.reach not in reach:
                expected: set[str] = set()
            else:
                expected = {own_of(world, role, cell)}
                if role is Role.ASSOCIATION_OFFICER:
                    expected.add(world.association)
            if offered != expected:
                wrong.append(f"{operation} {role} {kind}: {offered}")
        return wrong

    assert store.read_sync(mistakes) == []


def test_whoever_is_suspended_files_and_answers_nothing_and_is_told_why(store: Store, world: World) -> None:
    expert = world.people[Role.EXPERT, "member"]

    def suspend(session: Session) -> None:
        session.get_one(Person, expert.id).suspended_at = NOW

    def barred(session: Session) -> set[Operation]:
        found = set()
        for operation in Operation:
            try:
                authorize(session, who(expert), operation, world.subject("own", expert))
            except Suspended:
                found.add(operation)
            except Denied:
                continue
        return found

    assert store.read_sync(barred) == set()
    store.run_sync(suspend)
    barred_now = store.read_sync(barred)
    assert {
        Operation.FILE_NOTICE,
        Operation.ANSWER,
        Operation.ANSWER_FAKE,
        Operation.CONFIRM_FAKE,
    } <= barred_now
    assert not barred_now & {Operation.WITHDRAW_NOTICE, Operation.RETRACT_VERDICT, Operation.VIEW_OWN_CASES}
    assert store.read_sync(tenants, who(expert), Operation.FILE_NOTICE) == set()
