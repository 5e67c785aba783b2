"""A brand's week on one page, for people outside Slack: when asked for, or on the first day of each week.

The page is sent to the person who asked, and passed on by them. It holds the brand's own figures alone. A
week is from Monday to Sunday in that person's zone; its report comes on the Monday after, at eight.
"""

from datetime import date, datetime, time, timedelta, tzinfo

from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import outgoing
from bot.enforcement.access import (
    Actor,
    Denied,
    Grant,
    Operation,
    Subject,
    authorize,
    authorize_each,
    may,
)
from bot.enforcement.outgoing import Parcel
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from bot.words.catalogue import words_for
from storage.engine import Store
from storage.queries import audit, reports
from storage.records.exports import BrandReport, BrandWeek, ReportSubscription
from storage.records.roster import Brand, Person

HOUR = 8
_WEEK = timedelta(days=7)
_AT_ONCE = 50
_GIVEN_UP = timedelta(hours=1)


def ask(session: Session, actor: Actor, brand_id: str, *, now: datetime) -> None:
    """Send the report of the last whole week at once. Refused while the last one asked for is being made."""
    brand, grant = _granted(session, actor, brand_id)
    person = session.get_one(Person, grant.person_id)
    week = last_week(now, _zone(person))
    report = BrandReport(person_id=person.id, brand_id=brand.id, week=week, weekly=False, at=now)
    if not reports.claim(session, [report]):
        report = _given_up(session, report)
    outgoing.file(session, Parcel.REPORT, report.id, person.user_id, now)
    note(session, actor, grant, Operation.EXPORT_CASES, _subject(brand), now, report=week.isoformat())


def subscribe(session: Session, actor: Actor, brand_id: str, *, now: datetime) -> None:
    """Send it every week from the next one on."""
    brand, grant = _granted(session, actor, brand_id)
    person = session.get_one(Person, grant.person_id, with_for_update=True)
    if reports.subscription(session, person.id, brand.id) is not None:
        return
    at = next_monday(now, _zone(person))
    session.add(ReportSubscription(person_id=person.id, brand_id=brand.id, next_at=at, since=now))
    session.flush()
    note(session, actor, grant, Operation.EXPORT_CASES, _subject(brand), now, weekly=True)


def unsubscribe(session: Session, actor: Actor, brand_id: str, *, now: datetime) -> None:
    """Send it no longer."""
    brand, grant = _granted(session, actor, brand_id)
    kept = reports.subscription(session, grant.person_id, brand.id)
    if kept is not None:
        kept.until = now
        session.add(kept)
        session.flush()
        note(session, actor, grant, Operation.EXPORT_CASES, _subject(brand), now, weekly=False)


async def report_tick(store: Store, clock: Clock) -> int:
    """Send what the week has brought; how many. Safe to run twice and at the same time."""
    sent, before = 0, -1
    while sent > before:
        before = sent
        sent += await store.run(send_due, now=clock())
    return sent


def send_due(session: Session, *, now: datetime) -> int:
    """The next reports that are due, each once for its week; how many subscriptions were looked after.

    A subscription whose owner may not have it any more ends. After a long stop only the last week comes.
    """
    found = reports.due(session, now, _AT_ONCE)
    asked = [(_actor(person), _subject(brand)) for _, person, brand in found]
    granted = authorize_each(session, Operation.EXPORT_CASES, asked)
    wanted: list[tuple[BrandReport, Person, Brand]] = []
    for (kept, person, brand), grant in zip(found, granted, strict=True):
        if grant is None:
            kept.until = now
            _audited(session, brand, "ended", now)
            continue
        zone = _zone(person)
        kept.next_at = next_monday(now, zone)
        report = BrandReport(
            person_id=person.id, brand_id=brand.id, week=last_week(now, zone), weekly=True, at=now
        )
        wanted.append((report, person, brand))
    new = reports.claim(session, [report for report, _, _ in wanted])
    for report, person, brand in wanted:
        if report.id in new:
            outgoing.file(session, Parcel.REPORT, report.id, person.user_id, now)
            _audited(session, brand, "sent", now)
    session.flush()
    return len(found)


def made(session: Session, report_id: str, *, now: datetime) -> None:
    """Its page is drawn: the next one may be asked for."""
    report = session.get_one(BrandReport, report_id)
    report.made_at = now
    session.add(report)


def week_of(session: Session, report_id: str, user_id: str) -> BrandWeek | None:
    """The figures of a report for the person who gets it, if they still may."""
    report = session.get(BrandReport, report_id)
    person = session.get(Person, report.person_id) if report else None
    named = reports.named(session, report.brand_id) if report else None
    if report is None or person is None or named is None or person.user_id != user_id:
        return None
    brand, holder = named
    if not may(session, _actor(person), Operation.EXPORT_CASES, _subject(brand)):
        return None
    zone = _zone(person)
    before, start, end = (_midnight(report.week + step * _WEEK, zone) for step in (-1, 0, 1))
    return BrandWeek(
        brand=brand.name,
        holder=holder.name,
        week=report.week,
        now=reports.figures(session, brand, start, end),
        before=reports.figures(session, brand, before, start),
        days=reports.removals_by_day(session, brand, start, end, zone),
    )


def last_week(now: datetime, zone: tzinfo) -> date:
    """The Monday of the last whole week."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=today.weekday()) - _WEEK


def next_monday(now: datetime, zone: tzinfo) -> datetime:
    """The next moment at which a week's report is due: a Monday at eight in that zone, after now."""
    monday = last_week(now, zone) + _WEEK
    at = datetime.combine(monday, time(HOUR), zone)
    return at if at > now else datetime.combine(monday + _WEEK, time(HOUR), zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _zone(person: Person) -> tzinfo:
    return words_for(None, person.zone).zone


def _subject(brand: Brand) -> Subject:
    return Subject("brand", brand.id, holder_id=brand.holder_id)


def _granted(session: Session, actor: Actor, brand_id: str) -> tuple[Brand, Grant]:
    brand = session.get(Brand, brand_id)
    subject = _subject(brand) if brand else Subject("brand", brand_id)
    grant = authorize(session, actor, Operation.EXPORT_CASES, subject)
    if brand is None:
        raise Denied(actor, Operation.EXPORT_CASES, subject)
    return brand, grant


def _given_up(session: Session, report: BrandReport) -> BrandReport:
    """The one that is being made, asked for again where that has taken too long to come to anything."""
    waiting = reports.waiting(session, report.person_id, report.brand_id)
    if waiting is None or report.at - waiting.at < _GIVEN_UP:
        raise Refused("exports.report_waits")
    waiting.week, waiting.at = report.week, report.at
    session.add(waiting)
    return waiting


def _actor(person: Person) -> Actor:
    return Actor(team_id=person.team_id, user_id=person.user_id)


def _audited(session: Session, brand: Brand, outcome: str, now: datetime) -> None:
    audit.record(
        session,
        at=now,
        actor="clock",
        role="",
        operation="weekly_report",
        subject_kind="brand",
        subject_id=brand.id,
        tenant=brand.holder_id,
        outcome=outcome,
    )
