"""What a brand's weekly report counts, who gets one, and when the next is due."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as rows_of

from storage.records.authenticity import Answer, AuthenticityRequest, Verdict
from storage.records.counter_notices import CounterNotice, CounterState
from storage.records.exports import BrandReport, ReportSubscription, WeekFigures
from storage.records.notices import ItemState, Notice, NoticeItem
from storage.records.roster import Brand, Person, RightsHolder
from storage.records.takedowns import Takedown

_TABLES = SQLModel.metadata.tables
_COUNTER = _TABLES[str(CounterNotice.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_REPORT = _TABLES[str(BrandReport.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]


def figures(session: Session, brand: Brand, since: datetime, until: datetime) -> WeekFigures:
    """What happened to a brand's own cases from `since` on, before `until`."""
    one = session.connection().execute

    def in_days(column: Any) -> Any:
        return and_(column >= since, column < until)

    ours = and_(_NOTICE.c.brand_id == brand.id, _NOTICE.c.holder_id == brand.holder_id)
    notices = one(select(func.count()).select_from(_NOTICE).where(ours, in_days(_NOTICE.c.submitted_at)))
    in_time = case((_NOTICE.c.decided_at <= _NOTICE.c.due_at, 1), else_=0)
    decided = one(
        select(func.count(), func.coalesce(func.sum(in_time), 0))
        .select_from(_NOTICE)
        .where(ours, in_days(_NOTICE.c.decided_at))
    ).one()
    listings = one(
        select(func.count())
        .select_from(_ITEM.join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id))
        .where(ours, in_days(_NOTICE.c.decided_at), _ITEM.c.state == ItemState.REMOVED)
    )
    asked = and_(_REQUEST.c.brand_id == brand.id, _REQUEST.c.holder_id == brand.holder_id)
    requests = one(select(func.count()).select_from(_REQUEST).where(asked, in_days(_REQUEST.c.created_at)))
    answered = one(
        select(_VERDICT.c.answer, func.count())
        .join(_REQUEST, _REQUEST.c.id == _VERDICT.c.request_id)
        .where(_VERDICT.c.holder_id == brand.holder_id, asked, in_days(_VERDICT.c.at))
        .group_by(_VERDICT.c.answer)
    )
    answers: Counter[Answer] = Counter({row[0]: row[1] for row in answered})
    taken = and_(_TAKEDOWN.c.brand_id == brand.id, _TAKEDOWN.c.holder_id == brand.holder_id)
    takedowns = one(select(func.count()).select_from(_TAKEDOWN).where(taken, in_days(_TAKEDOWN.c.created_at)))
    removed = one(select(func.count()).select_from(_TAKEDOWN).where(taken, in_days(_TAKEDOWN.c.removed_at)))
    against = and_(_COUNTER.c.brand_id == brand.id, _COUNTER.c.holder_id == brand.holder_id)
    objections = one(
        select(func.count()).select_from(_COUNTER).where(against, in_days(_COUNTER.c.received_at))
    )
    upheld = one(
        select(func.count())
        .select_from(_COUNTER)
        .where(against, in_days(_COUNTER.c.decided_at), _COUNTER.c.state == CounterState.UPHELD)
    )
    return WeekFigures(
        notices=notices.scalar_one(),
        notices_decided=decided[0],
        notices_in_time=decided[1],
        listings_removed=listings.scalar_one(),
        requests=requests.scalar_one(),
        fakes=answers[Answer.FAKE],
        genuine=answers[Answer.GENUINE],
        takedowns=takedowns.scalar_one(),
        removed=removed.scalar_one(),
        counter_notices=objections.scalar_one(),
        upheld=upheld.scalar_one(),
    )


def removals_by_day(
    session: Session, brand: Brand, since: datetime, until: datetime, zone: tzinfo
) -> list[int]:
    """How many of a brand's takedowns removed a listing, for each day from `since` on."""
    moments = session.exec(
        rows_of(Takedown.removed_at).where(
            col(Takedown.brand_id) == brand.id,
            col(Takedown.holder_id) == brand.holder_id,
            col(Takedown.removed_at) >= since,
            col(Takedown.removed_at) < until,
        )
    )
    first = since.astimezone(zone).date()
    days = [0] * (until.astimezone(zone).date() - first).days
    for moment in moments:
        if moment is not None:
            days[(moment.astimezone(zone).date() - first).days] += 1
    return days


def of_holder(session: Session, person_id: str, holder_id: str) -> list[tuple[Brand, bool]]:
    """A rights holder's brands by name, each with whether this person gets its report every week."""
    live = and_(
        col(ReportSubscription.brand_id) == col(Brand.id),
        col(ReportSubscription.person_id) == person_id,
        col(ReportSubscription.until).is_(None),
    )
    found = session.exec(
        rows_of(Brand, ReportSubscription.id)
        .outerjoin(ReportSubscription, live)
        .where(col(Brand.holder_id) == holder_id)
        .order_by(col(Brand.name_key), col(Brand.id))
    )
    return [(brand, subscribed is not None) for brand, subscribed in found]


def subscription(session: Session, person_id: str, brand_id: str) -> ReportSubscription | None:
    """A person's subscription that has not ended."""
    return session.exec(
        rows_of(ReportSubscription).where(
            col(ReportSubscription.person_id) == person_id,
            col(ReportSubscription.brand_id) == brand_id,
            col(ReportSubscription.until).is_(None),
        )
    ).first()


def due(session: Session, now: datetime, limit: int) -> Sequence[tuple[ReportSubscription, Person, Brand]]:
    """Subscriptions whose week has come, locked against every other replica, with who gets what."""
    return session.exec(
        rows_of(ReportSubscription, Person, Brand)
        .join(Person, col(Person.id) == col(ReportSubscription.person_id))
        .join(Brand, col(Brand.id) == col(ReportSubscription.brand_id))
        .where(col(ReportSubscription.until).is_(None), col(ReportSubscription.next_at) <= now)
        .order_by(col(ReportSubscription.next_at), col(ReportSubscription.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=ReportSubscription)
    ).all()


def claim(session: Session, reports: Sequence[BrandReport]) -> set[str]:
    """Keep that these are to be sent; the ids of those that are new.

    Not new is a week's report that was sent before, and one asked for while the last one is being made.
    """
    if not reports:
        return set()
    connection = session.connection()
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    rows = [report.model_dump() for report in reports]
    made = dialect.insert(_REPORT).values(rows).on_conflict_do_nothing().returning(_REPORT.c.id)
    return set(connection.execute(made).scalars())


def waiting(session: Session, person_id: str, brand_id: str) -> BrandReport | None:
    """The report that a person asked for and that is not made yet, locked."""
    return session.exec(
        rows_of(BrandReport)
        .where(
            col(BrandReport.person_id) == person_id,
            col(BrandReport.brand_id) == brand_id,
            col(BrandReport.made_at).is_(None),
            col(BrandReport.weekly).is_(False),
        )
        .with_for_update()
    ).first()


def named(session: Session, brand_id: str) -> tuple[Brand, RightsHolder] | None:
    """A brand with its rights holder."""
    return session.exec(
        rows_of(Brand, RightsHolder)
        .join(RightsHolder, col(RightsHolder.id) == col(Brand.holder_id))
        .where(col(Brand.id) == brand_id)
    ).first()
