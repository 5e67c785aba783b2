"""Whose digests people may read and set, and what a look at one shows before it comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Session, select

from bot.enforcement import digests
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar
from bot.enforcement.channels import Scope
from bot.enforcement.digest_calendar import WEEK
from bot.enforcement.digests import Schedule
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.queries import channels
from storage.records.audit import AuditEntry
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digests import DigestSubscription
from storage.records.groups import GroupKind, WorkingGroup
from storage.records.home import HomeChoice
from storage.records.outbox import OutboxRow
from storage.records.roster import Person, Role, RoleGrant
from tests.enforcement.digest_world import CHANNEL, MORNING, NOON, ZONE, World, found, who
from tests.statements import everything_sent

NINE = Schedule(hour=9, zone=ZONE)
SHANGHAI = Calendar("", "Asia/Shanghai")
NO_GROUP = Scope(ChannelPurpose.GROUP, "another group")


def group(world: World) -> Scope:
    return Scope(ChannelPurpose.GROUP, world.group)


def subscription(store: Store) -> DigestSubscription:
    def read(session: Session) -> DigestSubscription:
        return session.get_one(DigestSubscription, (CHANNEL, Span.DAY))

    return store.read_sync(read)


@pytest.mark.parametrize("name", ["chair", "admin"])
def test_chairs_and_administrators_set_the_hour(store: Store, name: str) -> None:
    world = store.run_sync(found)
    kept = store.run_sync(digests.configure, who(name), group(world), Span.DAY, NINE, now=NOON)
    assert kept is not None
    assert (subscription(store).hour, subscription(store).next_due_at) == (9, MORNING)
    half_past = Schedule(hour=7, minute=30, zone="Asia/Kathmandu")
    store.run_sync(digests.configure, who(name), group(world), Span.DAY, half_past, now=NOON)
    assert subscription(store).next_due_at == datetime(2026, 11, 19, 1, 45, tzinfo=UTC)
    entries = store.read_sync(lambda session: list(session.exec(select(AuditEntry))))
    assert [entry.operation for entry in entries] == ["configure_digest"] * 2
    assert "07:30 Asia/Kathmandu" in entries[-1].details


@pytest.mark.parametrize("name", ["expert", "outsider", "staff", "nobody"])
def test_nobody_else_sets_the_hour(store: Store, name: str) -> None:
    world = store.run_sync(found)
    for schedule in (NINE, None):
        with pytest.raises(Denied):
            store.run_sync(digests.configure, who(name), group(world), Span.DAY, schedule, now=NOON)
    with pytest.raises(Denied):
        store.run_sync(digests.configure, who("chair"), NO_GROUP, Span.DAY, NINE, now=NOON)


def test_a_group_that_does_not_exist_is_denied_and_one_without_a_channel_says_so(sqlite_store: Store) -> None:
    def unbind(session: Session) -> None:
        binding = channels.bound(session, CHANNEL)
        assert binding is not None
        binding.unbound_at = NOON

    world = sqlite_store.run_sync(found)
    with pytest.raises(Denied):
        sqlite_store.run_sync(digests.configure, OPERATOR, NO_GROUP, Span.DAY, NINE, now=NOON)
    sqlite_store.run_sync(unbind)
    with pytest.raises(Refused) as refused:
        sqlite_store.run_sync(digests.configure, who("chair"), group(world), Span.DAY, NINE, now=NOON)
    assert refused.value.key == "digests.no_channel"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hour": 24, "zone": ZONE},
        {"hour": 9, "minute": 15, "zone": ZONE},
        {"hour": 9, "zone": "Europe/Nowhere"},
        {"hour": 9, "zone": ZONE, "group_id": "other"},
    ],
)
def test_a_schedule_is_a_half_hour_in_a_known_zone(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Schedule.model_validate(wrong)


@pytest.mark.parametrize(
    ("name", "sees", "sets"),
    [
        ("expert", True, False),
        ("chair", True, True),
        ("admin", True, True),
        ("staff", True, False),
        ("outsider", False, False),
        ("nobody", False, False),
    ],
)
def test_a_preview_is_for_the_group_and_those_who_serve_it(
    store: Store, name: str, *, sees: bool, sets: bool
) -> None:
    world = store.run_sync(found)
    shown = store.read_sync(digests.places, who(name))
    assert (world.group in [place.scope_id for place in shown]) is sees
    assert (store.read_sync(digests.place_here, who(name), CHANNEL) == group(world)) is sees
    if sees:
        assert look(store, world, name).may_configure is sets
    else:
        with pytest.raises(Denied):
            look(store, world, name)


def look(store: Store, world: World, name: str = "expert", now: datetime = NOON) -> Any:
    return store.read_sync(
        digests.preview, who(name), group(world), Span.DAY, now=now, calendar=MONDAY_TO_FRIDAY, zone=ZONE
    )


def test_a_preview_of_a_group_tells_of_the_days_that_were_over(store: Store) -> None:
    world = store.run_sync(found)
    store.run_sync(lambda session: world.busy(session))
    assert look(store, world, now=NOON + timedelta(hours=1)).figures.notices is None
    tomorrow = look(store, world, now=MORNING)
    assert (tomorrow.figures.last, tomorrow.figures.notices.cases) == (NOON.date(), 15)


@pytest.mark.parametrize("span", Span)
def test_a_preview_counts_up_to_the_moment_that_it_names_though_the_platform_s_next_day_has_begun(
    store: Store, span: Span
) -> None:
    """From 16:00 in London it is tomorrow in Shanghai; what fell due since then is told nevertheless."""
    now = datetime(2026, 11, 18, 16, 31, tzinfo=UTC)
    just_now = now - timedelta(minutes=15)

    def fill(session: Session) -> Scope:
        world = found(session)
        lead = Person(team_id="T1", user_id="ULEAD")
        session.add(lead)
        session.flush()
        anker = world.holders["anker"]
        session.add(
            RoleGrant(person_id=lead.id, role=Role.LEAD, scope_id=anker, since=NOON, granted_by="operator")
        )
        for at, due in ((NOON, NOON + timedelta(hours=1)), (just_now, just_now), (just_now, now + WEEK)):
            world.notice(session, "anker", at, after=timedelta(0), due=due)
        world.takedown(session, "anker", just_now)
        return Scope(ChannelPurpose.BRAND, world.brands["anker"])

    brand = store.run_sync(fill)
    for name, scope in (("lead", brand), ("staff", Scope(ChannelPurpose.PLATFORM))):
        shown = store.read_sync(
            digests.preview, who(name), scope, span, now=now, calendar=SHANGHAI, zone="Europe/London"
        )
        figures = shown.figures
        assert figures is not None
        assert (shown.until, figures.last) == (now, NOON.date())
        assert figures.attainment is not None
        assert (figures.attainment.percent, figures.attainment.of) == (100, 2)
        assert figures.notices is not None
        assert figures.takedowns is not None
        assert (figures.notices.cases, figures.takedowns.total) == (3, 1)
        assert [line.due for line in figures.lines] == ([2] if name == "staff" else [])


def test_a_number_of_a_digest_opens_its_page_at_home_for_its_readers_only(store: Store) -> None:
    store.run_sync(found)
    address = "slack://app?team=T1&amp;id=A1&amp;tab=home"
    store.run_sync(digests.open_home, who("expert"), CHANNEL, "notices", address, now=NOON)
    rows = store.read_sync(lambda session: list(session.exec(select(OutboxRow))))
    (row,) = [row for row in rows if row.kind == "whisper"]
    assert (row.payload["user_id"], row.payload["values"]) == ("UEXPERT", {"address": address})
    assert store.read_sync(lambda session: session.exec(select(HomeChoice)).one().page) == "notices"
    for name, channel in (("outsider", CHANNEL), ("expert", "C0OTHER")):
        with pytest.raises(Denied):
            store.run_sync(digests.open_home, who(name), channel, "notices", address, now=NOON)


def test_whose_digests_one_may_read_is_asked_for_all_groups_at_once(sqlite_store: Store) -> None:
    def places(session: Session, name: str) -> tuple[list[str], int]:
        with everything_sent() as sent:
            seen = digests.places(session, who(name))
        return [place.name for place in seen if place.purpose is ChannelPurpose.GROUP], len(sent)

    sqlite_store.run_sync(found)
    before = {name: sqlite_store.read_sync(places, name) for name in ("expert", "chair", "admin", "outsider")}

    def more(session: Session) -> None:
        for number in range(5):
            name = f"more {number}"
            session.add(WorkingGroup(name=name, name_key=name, kind=GroupKind.INDUSTRY, created_at=NOON))

    sqlite_store.run_sync(more)
    after = {name: sqlite_store.read_sync(places, name) for name in before}
    assert [name for name, (seen, _) in before.items() if seen] == ["expert", "chair", "admin"]
    assert len(after["admin"][0]) == 6
    assert {name: asked for name, (_, asked) in after.items()} == {
        name: asked for name, (_, asked) in before.items()
    }
