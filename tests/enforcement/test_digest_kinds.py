"""What a brand, an association and the platform are told: their own, exactly, and nobody else's."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.enforcement import digest_kinds, digests
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.channels import Scope
from bot.enforcement.digest_kinds import Asked
from bot.enforcement.digest_ledger import Ledger
from bot.enforcement.digest_sending import digest_tick
from bot.enforcement.digests import Schedule
from bot.enforcement.refusals import Refused
from bot.enforcement.service_closing import closing_tick
from storage.engine import Store
from storage.queries import digest_days
from storage.records.authenticity import Answer
from storage.records.calendars import Span, Window
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.digest_figures import DigestFigures, ItemKind, Section
from storage.records.digests import Digest, DigestDay, DigestMonth, DigestSubscription
from storage.records.notices import Notice, NoticeState
from storage.records.roster import HolderKind, Mandate, Person, RightsHolder, Role, RoleGrant
from tests.enforcement.digest_world import MORNING, NOON, TEAM, ZONE, found, who

DAY = Window(NOON.date(), NOON.date())
YESTERDAY = NOON - timedelta(days=1)
ASSOCIATION_CHANNEL, PLATFORM_CHANNEL = "C0ASSOC", "C0TEAM"
BRAND_CHANNEL = "C0ANKER"


class Houses:
    """The world of digests with a brand's, an association's and the platform's channel.

    Anker is a brand of its own, berg and celli are members of an association with an officer.
    """

    def __init__(self, session: Session) -> None:
        self.world = world = found(session)
        holder = session.get_one(RightsHolder, world.holders["anker"])
        association = RightsHolder(
            **holder.model_dump(exclude={"id", "name", "name_key", "kind"}),
            name="Union",
            name_key="union",
            kind=HolderKind.ASSOCIATION,
        )
        officer, lead = Person(team_id=TEAM, user_id="UOFFICER"), Person(team_id=TEAM, user_id="ULEAD")
        session.add_all([association, officer, lead])
        session.flush()
        self.association, self.anker = association.id, world.brands["anker"]
        for person, role, scope in (
            (officer, Role.ASSOCIATION_OFFICER, association.id),
            (lead, Role.LEAD, world.holders["anker"]),
        ):
            session.add(
                RoleGrant(person_id=person.id, role=role, scope_id=scope, since=NOON, granted_by="operator")
            )
        for name in ("berg", "celli"):
            session.add(
                Mandate(
                    association_id=association.id,
                    holder_id=world.holders[name],
                    document="letter",
                    since=NOON,
                )
            )
        for channel, scope_ in (
            (BRAND_CHANNEL, self.brand),
            (ASSOCIATION_CHANNEL, self.union),
            (PLATFORM_CHANNEL, self.platform),
        ):
            session.add(
                ChannelBinding(
                    channel_id=channel,
                    purpose=scope_.purpose,
                    scope_id=scope_.id,
                    state=ChannelState.BOUND,
                    bound_by="operator",
                    bound_at=NOON,
                )
            )

    @property
    def brand(self) -> Scope:
        return Scope(ChannelPurpose.BRAND, self.anker)

    @property
    def union(self) -> Scope:
        return Scope(ChannelPurpose.ASSOCIATION, self.association)

    @property
    def platform(self) -> Scope:
        return Scope(ChannelPurpose.PLATFORM)

    def cases(self, session: Session) -> None:
        """Anker: 3 notices (one the day before, 2 due, one late), 2 answers, 2 takedowns of one seller, one
        removed. Berg: a notice that needs clarification. Dorn, who is in no association: a notice.
        """
        world = self.world
        world.notice(session, "anker", after=timedelta(hours=1), due=NOON + timedelta(hours=2))
        world.notice(session, "anker", due=NOON + timedelta(hours=3))
        world.notice(session, "anker", YESTERDAY)
        world.notice(session, "berg", state=NoticeState.CLARIFICATION_REQUIRED)
        world.notice(session, "dorn")
        for holder, answer in (("anker", Answer.FAKE), ("anker", Answer.GENUINE), ("celli", Answer.FAKE)):
            world.verdict(session, holder, answer=answer)
        seller = world.seller(session, "Cheap & co")
        for at in (YESTERDAY, NOON):
            world.takedown(session, "anker", at, seller=seller)
        world.request(session, "anker", deadline=MORNING)


def told(store: Store, scope: Scope, span: Span = Span.DAY, days: Window = DAY) -> DigestFigures:
    asked = Asked(scope, span, days, "UTC")
    return store.read_sync(digest_kinds.told, asked, Ledger(MONDAY_TO_FRIDAY, MORNING))


def founded(store: Store) -> Houses:
    """Everybody, with their cases."""

    def do(session: Session) -> Houses:
        houses = Houses(session)
        session.flush()
        houses.cases(session)
        return houses

    return store.run_sync(do)


def test_a_brand_is_told_its_own_cases_and_what_waits_for_it(store: Store) -> None:
    figures = told(store, founded(store).brand)
    assert figures.notices is not None
    assert (figures.notices.cases, figures.notices.before) == (2, 1)
    assert figures.requests is not None
    assert figures.requests.cases == 1
    assert figures.verdicts is not None
    assert (figures.verdicts.rows, figures.verdicts.total) == ({"fake": 1, "genuine": 1, "other": 0}, 2)
    assert figures.takedowns is not None
    assert (figures.takedowns.rows, figures.takedowns.total, figures.takedowns.before) == (
        {"started": 1},
        1,
        1,
    )
    assert figures.attainment is not None
    assert (figures.attainment.percent, figures.attainment.of) == (50, 2)
    assert [(seller.name, seller.cases) for seller in figures.sellers] == [("Cheap & co", 2)]
    assert figures.responses is not None
    assert figures.waiting is not None
    assert (figures.waiting.requests, figures.waiting.clarifications) == (3, 0)
    assert figures.waiting.items[0].due_at == MORNING
    assert [each.holder for each in figures.standing] == ["anker"]
    assert figures.lines == ()


@pytest.mark.parametrize(
    ("now", "before", "told_of"),
    [
        (4, 0, []),  # too few
        (5, 0, [("store_front", 5)]),
        (6, 56, [("store_front", 6)]),  # two a day before
        (5, 56, []),
    ],
)
def test_a_reason_that_comes_up_far_more_often_is_a_new_pattern_to_its_brand_alone(
    sqlite_store: Store, now: int, before: int, told_of: list[tuple[str, int]]
) -> None:
    def build(session: Session) -> Houses:
        houses = Houses(session)
        for number in range(before):
            at = NOON - timedelta(days=1 + number % 28)
            houses.world.takedown(session, "anker", at, reason="store_front")
        for _ in range(now):
            houses.world.takedown(session, "anker", reason="store_front")
        for _ in range(9):
            houses.world.takedown(session, "dorn", reason="copyright_images")
        return houses

    houses = sqlite_store.run_sync(build)
    patterns = told(sqlite_store, houses.brand).patterns
    assert [(each.name, each.cases) for each in patterns] == told_of


def test_an_association_is_told_its_members_by_name_and_nobody_else(store: Store) -> None:
    figures = told(store, founded(store).union)
    assert [line.name for line in figures.lines] == ["berg", "celli"]
    assert figures.notices is not None
    assert figures.notices.cases == 1
    assert figures.waiting is not None
    assert [item.kind for item in figures.waiting.items if item.brand == "berg"] == [ItemKind.NOTICE]
    assert {item.brand for item in figures.waiting.items} == {"berg", "celli"}


def test_a_member_whose_mandate_has_ended_is_told_no_more(sqlite_store: Store) -> None:
    houses = founded(sqlite_store)

    def end(session: Session) -> None:
        for mandate in session.exec(select(Mandate)):
            if mandate.holder_id == houses.world.holders["berg"]:
                mandate.until = NOON

    sqlite_store.run_sync(end)
    figures = told(sqlite_store, houses.union)
    assert [line.name for line in figures.lines] == ["celli"]
    assert figures.notices is not None
    assert figures.notices.cases == 0


def test_the_platform_is_told_all_by_brand(store: Store) -> None:
    figures = told(store, founded(store).platform)
    assert [(line.name, line.notices, line.due, line.in_time) for line in figures.lines] == [
        ("anker", 2, 2, 1),
        ("berg", 1, 0, 0),
        ("celli", 0, 0, 0),
        ("dorn", 1, 0, 0),
    ]
    assert figures.waiting is not None
    assert figures.waiting.clarifications == 1
    assert figures.waiting.items == ()


def close_all(store: Store, now: datetime) -> tuple[date, ...]:
    """Close every day that is over; the days of which a recount differed."""
    differed: tuple[date, ...] = ()
    while (report := asyncio.run(closing_tick(store, lambda: now, "UTC"))).closed:
        differed += report.differed
    return differed


def test_closed_days_and_months_tell_the_same_as_the_cases_themselves(store: Store) -> None:
    houses = founded(store)
    month = Window(date(2026, 11, 1), date(2026, 11, 30))
    later = datetime(2026, 12, 2, 9, tzinfo=UTC)

    def month_told() -> DigestFigures:
        asked = Asked(houses.platform, Span.MONTH, month, "UTC")
        return store.read_sync(digest_kinds.told, asked, Ledger(MONDAY_TO_FRIDAY, later))

    counted = month_told()
    assert close_all(store, later) == ()
    assert len(store.read_sync(lambda session: session.exec(select(DigestMonth)).all())) > 0
    kept = month_told()
    assert kept == counted
    assert kept.this_year is not None
    assert kept.this_year.notices == 5


def test_the_recount_puts_right_what_differs_and_what_only_moved(sqlite_store: Store) -> None:
    founded(sqlite_store)
    november = datetime(2026, 12, 1, 9, tzinfo=UTC)
    close_all(sqlite_store, november)

    def spoil(session: Session) -> None:
        row = session.exec(select(DigestDay).where(col(DigestDay.notices) == 2)).one()
        row.notices = 7
        session.add(row)

    def move(session: Session) -> None:
        notice = session.exec(select(Notice).where(col(Notice.submitted_at) == YESTERDAY)).one()
        notice.brand_id = session.exec(select(Notice.brand_id).where(col(Notice.due_at).is_(None))).all()[1]
        session.add(notice)

    sqlite_store.run_sync(spoil)
    sqlite_store.run_sync(move)
    assert close_all(sqlite_store, november + timedelta(days=7)) == (NOON.date(),)
    days, month = sqlite_store.read_sync(
        lambda session: (
            digest_days.days(session, date(2026, 11, 1), date(2026, 11, 30)),
            digest_days.months(session, date(2026, 11, 1), date(2026, 11, 30)),
        )
    )
    assert days == month
    assert digest_days.added(list(month.values())).notices == 5


def tick(store: Store, now: datetime = MORNING) -> int:
    return asyncio.run(digest_tick(store, lambda: now, MONDAY_TO_FRIDAY))


def test_each_channel_gets_its_own_kind_and_an_empty_day_is_quiet_unless_it_asks(
    store: Store,
) -> None:
    houses = store.run_sync(Houses)
    plain, curious = Schedule(hour=9, zone=ZONE), Schedule(hour=9, zone=ZONE, tell_empty=True)
    for scope, schedule in ((houses.brand, plain), (houses.union, curious), (houses.platform, plain)):
        store.run_sync(digests.configure, OPERATOR, scope, Span.DAY, schedule, now=NOON)
    assert tick(store) == 1
    store.run_sync(houses.cases)
    assert tick(store, MORNING + timedelta(days=1)) == 3
    assert tick(store, MORNING + timedelta(days=1, minutes=1)) == 0
    told_ = store.read_sync(
        lambda session: [
            (digest.channel_id, bool(digest.figures))
            for digest in session.exec(
                select(Digest).order_by(col(Digest.local_date), col(Digest.channel_id))
            )
        ]
    )
    channels = sorted([BRAND_CHANNEL, ASSOCIATION_CHANNEL, PLATFORM_CHANNEL])
    assert told_ == [(each, each == ASSOCIATION_CHANNEL) for each in channels] + [
        (each, True) for each in channels
    ]


def test_a_digest_that_cannot_be_made_holds_up_no_other(sqlite_store: Store) -> None:
    houses = founded(sqlite_store)
    for scope in (houses.brand, houses.platform):
        schedule = Schedule(hour=9, zone=ZONE)
        sqlite_store.run_sync(digests.configure, OPERATOR, scope, Span.DAY, schedule, now=NOON)

    def lose_zone(session: Session) -> None:
        session.get_one(DigestSubscription, (BRAND_CHANNEL, Span.DAY)).zone = "Europe/Nowhere"

    sqlite_store.run_sync(lose_zone)
    with pytest.raises(ExceptionGroup):
        tick(sqlite_store)
    told_ = sqlite_store.read_sync(lambda session: session.exec(select(Digest.channel_id)).all())
    assert told_ == [PLATFORM_CHANNEL]


def test_days_weeks_and_months_are_subscribed_apart(sqlite_store: Store) -> None:
    houses = sqlite_store.run_sync(Houses)
    sunday = Schedule(hour=9, zone="UTC", weekday=6, sections=(Section.NOTICES,), language="zh_Hans")
    for span in Span:
        sqlite_store.run_sync(digests.configure, who("lead"), houses.brand, span, sunday, now=NOON)
    kept = sqlite_store.read_sync(
        lambda session: {each.span: each for each in session.exec(select(DigestSubscription))}
    )
    assert {span: each.next_due_at.date() for span, each in kept.items()} == {
        Span.DAY: date(2026, 11, 19),
        Span.WEEK: date(2026, 11, 22),
        Span.MONTH: date(2026, 12, 1),
    }
    assert kept[Span.WEEK].sections == ["notices"]


def test_a_pause_lets_dates_pass_without_missing_them(sqlite_store: Store) -> None:
    houses = founded(sqlite_store)
    paused = Schedule(hour=9, zone="UTC", resumes_on=date(2026, 11, 25))
    sqlite_store.run_sync(digests.configure, who("lead"), houses.brand, Span.DAY, paused, now=NOON)
    assert tick(sqlite_store, datetime(2026, 11, 24, 12, tzinfo=UTC)) == 0
    assert tick(sqlite_store, datetime(2026, 11, 25, 9, tzinfo=UTC)) == 1
    (digest,) = sqlite_store.read_sync(lambda session: session.exec(select(Digest)).all())
    assert (digest.local_date, digest.missed_since) == (date(2026, 11, 25), None)


@pytest.mark.parametrize(
    ("name", "reads", "sets"),
    [
        ("lead", {"brand", "group"}, {"brand"}),
        ("expert", {"brand", "group"}, set()),
        ("officer", {"union", "group"}, {"union"}),
        ("staff", {"platform", "group"}, {"platform"}),
        ("admin", {"group"}, {"brand", "union", "platform", "group"}),
        ("chair", {"group"}, {"group"}),
        ("outsider", set(), set()),
    ],
)
def test_who_reads_and_who_sets_which_digest(
    sqlite_store: Store, name: str, reads: set[str], sets: set[str]
) -> None:
    houses = sqlite_store.run_sync(Houses)
    scopes = {
        "brand": houses.brand,
        "union": houses.union,
        "platform": houses.platform,
        "group": Scope(ChannelPurpose.GROUP, houses.world.group),
    }
    schedule = Schedule(hour=9, zone=ZONE)
    for kind, scope in scopes.items():
        try:
            shown = sqlite_store.read_sync(
                digests.preview,
                who(name),
                scope,
                Span.DAY,
                now=NOON,
                calendar=MONDAY_TO_FRIDAY,
                zone=ZONE,
            )
        except Denied:
            assert kind not in reads | sets
            with pytest.raises(Denied):
                sqlite_store.run_sync(digests.configure, who(name), scope, Span.DAY, schedule, now=NOON)
            continue
        assert (shown.figures is not None, shown.may_configure) == (kind in reads, kind in sets)
    found_ = {(place.purpose, place.scope_id) for place in sqlite_store.read_sync(digests.places, who(name))}
    expected = {(scope.purpose, scope.id) for kind, scope in scopes.items() if kind in reads | sets}
    assert expected <= found_


def test_a_section_that_a_kind_does_not_have_is_refused(sqlite_store: Store) -> None:
    houses = sqlite_store.run_sync(Houses)
    lines = Schedule(hour=9, zone=ZONE, sections=(Section.LINES,))
    with pytest.raises(Refused) as refused:
        sqlite_store.run_sync(digests.configure, who("lead"), houses.brand, Span.DAY, lines, now=NOON)
    assert refused.value.key == "digests.no_such_section"
