"""Figures of a group or an association as a file: who may, and nothing that its digests did not tell."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.enforcement import aggregates, digests
from bot.enforcement.access import Denied
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.channels import Scope
from bot.enforcement.digest_figures import GroupDays
from bot.enforcement.digest_ledger import Ledger
from bot.enforcement.refusals import Refused
from bot.sheets import Cell
from bot.words.catalogue import words_for
from handlers.drawn.aggregates import rows_of
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.calendars import Span, Window
from storage.records.channels import ChannelPurpose
from storage.records.exports import AggregateExport, ExportFormat
from storage.records.groups import GroupKind, GroupMember, WorkingGroup
from storage.records.roster import Person, Role, RoleGrant
from tests.enforcement.digest_world import MORNING, NAMES, NOON, World, found, who
from tests.enforcement.test_digest_kinds import Houses, founded

WORDS = words_for("en-GB", "Europe/London")
ZONE = MONDAY_TO_FRIDAY.zone
WEDNESDAY = Window(NOON.date(), NOON.date())
HOUR = timedelta(hours=1)


def ask(
    store: Store,
    scope: Scope,
    name: str,
    spans: tuple[Span, ...] = tuple(Span),
    later: timedelta = timedelta(),
) -> None:
    store.run_sync(aggregates.ask, who(name), scope, spans, ExportFormat.CSV, now=MORNING + later)


def group(world: World) -> Scope:
    return Scope(ChannelPurpose.GROUP, world.group)


def rows(store: Store, scope: Scope, span: Span, days: Window) -> list[list[Cell]]:
    ledger = Ledger(MONDAY_TO_FRIDAY, MORNING)
    figures = store.read_sync(aggregates.figures, scope, span, days, ledger)
    return list(rows_of(WORDS, span, figures, too_few=scope.purpose is ChannelPurpose.GROUP))


def values(found_: list[list[Cell]]) -> dict[Cell, Cell]:
    return {row[3]: row[4] for row in found_}


def test_chairs_officers_staff_and_administrators_ask_for_what_they_may_read(store: Store) -> None:
    houses = store.run_sync(Houses)
    scope = group(houses.world)
    for name in (
        "chair",
        "admin",
        "staff",
        "officer",
    ):  # two members gave the officer's association a mandate
        ask(store, scope, name)
    ask(store, houses.union, "officer")
    for name, place in (
        *((name, scope) for name in ("expert", "lead", "outsider", "nobody")),
        *((name, houses.union) for name in ("chair", "admin", "staff", "expert")),
        ("admin", houses.brand),
        ("admin", houses.platform),
        ("admin", Scope(ChannelPurpose.GROUP, "another")),
    ):
        with pytest.raises(Denied):
            ask(store, place, name)


def test_roles_do_not_add_up_and_the_audit_names_the_one_that_was_used(store: Store) -> None:
    def do(session: Session) -> tuple[Scope, Houses]:
        """A second group, of berg, whose expert chairs the first one; the officer is of the staff as well."""
        houses = Houses(session)
        second = WorkingGroup(name="Two", name_key="two", kind=GroupKind.INDUSTRY, created_at=NOON)
        session.add(second)
        session.flush()
        berg = houses.world.holders["berg"]
        session.add(GroupMember(group_id=second.id, holder_id=berg, since=NOON))
        people = {person.user_id: person.id for person in session.exec(select(Person))}
        for person, role, scope_id in (
            ("UCHAIR", Role.EXPERT, berg),
            ("UOFFICER", Role.PLATFORM_STAFF, ""),
        ):
            session.add(
                RoleGrant(
                    person_id=people[person], role=role, scope_id=scope_id, since=NOON, granted_by="operator"
                )
            )
        return Scope(ChannelPurpose.GROUP, second.id), houses

    second, houses = store.run_sync(do)
    first = group(houses.world)
    assert [each.scope_id for each in store.read_sync(aggregates.offered, who("chair"))] == [first.id]
    assert not store.read_sync(digests.exports, who("chair"), second)
    with pytest.raises(Denied):
        ask(store, second, "chair")
    with pytest.raises(Denied):
        store.read_sync(aggregates.offered, who("expert"))
    ask(store, first, "chair")
    ask(store, houses.union, "officer")

    def roles(session: Session) -> dict[str, str]:
        rows = session.exec(select(AuditEntry).where(col(AuditEntry.operation) == "export_aggregates"))
        return {row.subject_id: row.role for row in rows}

    assert store.read_sync(roles) == {first.id: "WC", houses.union.id: "AS"}


def test_one_file_of_the_same_is_made_at_a_time_and_only_for_who_still_may(store: Store) -> None:
    world = store.run_sync(found)

    def kept(session: Session) -> list[AggregateExport]:
        return list(session.exec(select(AggregateExport).order_by(col(AggregateExport.at))))

    with pytest.raises(Refused, match="nothing"):
        ask(store, group(world), "chair", ())
    ask(store, group(world), "chair")
    with pytest.raises(Refused, match="still_making"):
        ask(store, group(world), "chair", later=HOUR)
    ask(store, group(world), "chair", later=HOUR + timedelta(seconds=1))  # the first came to nothing
    (export,) = store.read_sync(kept)
    store.run_sync(aggregates.made, export.id, now=MORNING)
    ask(store, group(world), "chair", later=2 * HOUR)
    waits = store.read_sync(kept)[-1]
    assert store.read_sync(aggregates.plan, waits.id, "UCHAIR") is not None
    assert store.read_sync(aggregates.plan, waits.id, "UADMIN") is None

    def leave(session: Session) -> None:
        for grant in session.exec(select(RoleGrant).where(col(RoleGrant.scope_id) == world.group)):
            grant.until = MORNING

    store.run_sync(leave)
    assert store.read_sync(aggregates.plan, waits.id, "UCHAIR") is None


def test_a_group_too_small_for_figures_has_no_file(sqlite_store: Store) -> None:
    def shrink(session: Session) -> World:
        world = found(session)
        for member in list(session.exec(select(GroupMember)))[:3]:
            member.until = NOON
        return world

    with pytest.raises(Refused, match="too_small"):
        ask(sqlite_store, group(sqlite_store.run_sync(shrink)), "chair")


def test_a_groups_file_holds_what_its_digests_told_and_no_thinner_cell(store: Store) -> None:
    def fill(session: Session) -> World:
        world = found(session)
        world.busy(session)
        for name in NAMES[:4]:
            world.request(session, name)
        return world

    world = store.run_sync(fill)
    told = values(rows(store, group(world), Span.DAY, WEDNESDAY))
    assert told["New notices"] == 15
    assert {told["Requests"], told["Removed listings"], told["Verdicts: fake"]} == {"too few to show"}
    for span in Span:
        for days in aggregates.stretches(ChannelPurpose.GROUP, span, MORNING, ZONE)[:2]:

            def digest(session: Session, span: Span = span, days: Window = days) -> GroupDays:
                return GroupDays(session, world.group, span, days.last, ZONE, MONDAY_TO_FRIDAY)

            figures = store.read_sync(lambda session, digest=digest: digest(session).counted())
            in_file = values(rows(store, group(world), span, days))["New notices"]
            own = figures.notices and not figures.notices.until
            assert in_file == (figures.notices.cases if figures.notices and own else "too few to show")


def test_a_file_names_sellers_by_month_alone_for_a_digest_does_not_say_of_which_stretch_they_are(
    sqlite_store: Store,
) -> None:
    month = Window(date(2026, 9, 28), date(2026, 10, 25))

    def fill(session: Session) -> World:
        world = found(session)
        seller = world.seller(session, "Cheap & co")
        for name in NAMES:
            for at in (NOON, NOON - timedelta(days=28)):
                for _ in range(2):
                    world.takedown(session, name, at, seller=seller)
        return world

    scope, ledger = group(sqlite_store.run_sync(fill)), Ledger(MONDAY_TO_FRIDAY, MORNING)
    by_day = sqlite_store.read_sync(aggregates.figures, scope, Span.DAY, WEDNESDAY, ledger)
    by_month = sqlite_store.read_sync(aggregates.figures, scope, Span.MONTH, month, ledger)
    assert by_day.takedowns is not None
    assert (by_day.takedowns.total, by_day.sellers) == (15, ())
    assert [seller.name for seller in by_month.sellers] == ["Cheap & co"]


def test_an_associations_file_counts_its_members_exactly(sqlite_store: Store) -> None:
    houses = founded(sqlite_store)
    told = values(rows(sqlite_store, houses.union, Span.DAY, WEDNESDAY))
    assert (
        told["New notices"],
        told["Verdicts: fake"],
        told["Processed in time, percent (of a group: at least)"],
    ) == (1, 1, None)


@pytest.mark.parametrize(
    ("purpose", "span", "first", "number"),
    [
        (ChannelPurpose.GROUP, Span.DAY, Window(date(2026, 11, 18), date(2026, 11, 18)), 28),
        (ChannelPurpose.GROUP, Span.WEEK, Window(date(2026, 11, 9), date(2026, 11, 15)), 13),
        (ChannelPurpose.GROUP, Span.MONTH, Window(date(2026, 9, 28), date(2026, 10, 25)), 12),
        (ChannelPurpose.ASSOCIATION, Span.DAY, Window(date(2026, 11, 18), date(2026, 11, 18)), 28),
        (ChannelPurpose.ASSOCIATION, Span.WEEK, Window(date(2026, 11, 9), date(2026, 11, 15)), 13),
        (ChannelPurpose.ASSOCIATION, Span.MONTH, Window(date(2026, 10, 1), date(2026, 10, 31)), 12),
    ],
)
def test_a_file_holds_stretches_that_are_over(
    purpose: ChannelPurpose, span: Span, first: Window, number: int
) -> None:
    stretches = aggregates.stretches(purpose, span, MORNING, ZONE)
    assert (stretches[0], len(stretches)) == (first, number)
    assert stretches == sorted(stretches, key=lambda days: days.first, reverse=True)
