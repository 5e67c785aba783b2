"""A rights holder's own cases as a file for spreadsheets, for those who stand for it.

What is asked for is a row; the file is made when it is sent, under the rights of that moment, of a rights
holder's own cases and nobody else's. How far it has come is told meanwhile where that takes long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, tenants
from bot.enforcement.outgoing import Drawing, Parcel
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from bot.words.catalogue import words_for
from storage.queries import exports, people, second_look
from storage.records.exports import Export, ExportFormat, ExportSubject
from storage.records.roster import Person, RightsHolder

LONGEST = timedelta(days=366)
MOST_WAITING = 5
MOST_ROWS = 50_000  # of one table: so many are read, written and sent well within one sending
_GIVEN_UP = timedelta(hours=1)


@dataclass(frozen=True)
class Wanted:
    """What a person wants to have. `last` is the last day that is in it."""

    subjects: Sequence[ExportSubject]
    format: ExportFormat
    first: date
    last: date


@dataclass(frozen=True)
class Plan:
    """An export as it is about to be made: of whom, from when to before when."""

    export: Export
    holder: str
    subjects: Sequence[ExportSubject]
    since: datetime
    until: datetime


def offered(session: Session, actor: Actor) -> Sequence[RightsHolder]:
    """The rights holders whose cases this person may export, by name."""
    ids = tenants(session, actor, Operation.EXPORT_CASES)
    found = session.exec(
        select(RightsHolder).where(col(RightsHolder.id).in_(ids)).order_by(col(RightsHolder.name_key))
    ).all()
    if not found:
        raise Denied(actor, Operation.EXPORT_CASES, Subject("rights_holder"))
    return found


def holder_of(session: Session, actor: Actor, holder_id: str) -> RightsHolder:
    """A rights holder whose cases this person may export."""
    subject = Subject("rights_holder", holder_id, holder_id=holder_id)
    authorize(session, actor, Operation.EXPORT_CASES, subject)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.EXPORT_CASES, subject)
    return holder


def ask(session: Session, actor: Actor, holder_id: str, wanted: Wanted, *, now: datetime) -> int:
    """Ask for files; how many will come: a workbook holds all tables, a CSV one.

    Refused: `exports.nothing`, `exports.wrong_days`, `exports.too_long`, `exports.still_making`.
    """
    holder = holder_of(session, actor, holder_id)
    subject = Subject("rights_holder", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.EXPORT_CASES, subject)
    if not wanted.subjects:
        raise Refused("exports.nothing")
    if wanted.last < wanted.first:
        raise Refused("exports.wrong_days")
    if wanted.last - wanted.first >= LONGEST:
        raise Refused("exports.too_long", most=LONGEST.days)
    chosen = [each.value for each in ExportSubject if each in wanted.subjects]
    files = [chosen] if wanted.format is ExportFormat.XLSX else [[each] for each in chosen]
    second_look.hold(session, grant.person_id)  # of two that count at once, the second counts the first
    if exports.unmade(session, grant.person_id, now - _GIVEN_UP) + len(files) > MOST_WAITING:
        raise Refused("exports.still_making")
    for each in files:
        export = Export(
            person_id=grant.person_id,
            holder_id=holder.id,
            subjects=each,
            format=wanted.format,
            first=wanted.first,
            last=wanted.last,
            at=now,
        )
        session.add(export)
        session.flush()
        outgoing.file(session, Parcel.EXPORT, export.id, actor.user_id, now)
    said = {"subjects": " ".join(chosen), "format": wanted.format.value}
    days = {"first": wanted.first.isoformat(), "last": wanted.last.isoformat()}
    note(session, actor, grant, Operation.EXPORT_CASES, subject, now, **said, **days)
    return len(files)


def plan(session: Session, export_id: str, user_id: str) -> Plan | None:
    """What is to be made for this person, who may have lost the right since it was asked for."""
    export = session.get(Export, export_id)
    person = session.get(Person, export.person_id) if export else None
    if export is None or person is None or person.user_id != user_id:
        return None
    try:
        holder = holder_of(session, Actor(team_id=person.team_id, user_id=user_id), export.holder_id)
    except Denied:
        return None
    zone = words_for(None, person.zone).zone
    since = datetime.combine(export.first, time(), zone)
    until = datetime.combine(export.last + timedelta(days=1), time(), zone)
    subjects = [ExportSubject(each) for each in export.subjects]
    return Plan(export, holder.name, subjects, since, until)


def come_so_far(session: Session, export_id: str, number: int, *, now: datetime) -> None:
    """So many rows are in it; the person who waits is told."""
    export = session.get_one(Export, export_id)
    export.number = number
    session.add(export)
    session.flush()
    person = session.get_one(Person, export.person_id)
    outgoing.draw(session, Drawing.EXPORT, export.id, person.user_id, now)


def made(session: Session, export_id: str, number: int, *, now: datetime) -> None:
    """It is made, with so many rows."""
    export = session.get_one(Export, export_id)
    told = export.number > 0
    export.number, export.made_at = number, now
    session.add(export)
    session.flush()
    if told:
        person = session.get_one(Person, export.person_id)
        outgoing.draw(session, Drawing.EXPORT, export.id, person.user_id, now)


def own(session: Session, export_id: str, user_id: str) -> Export | None:
    """An export, for who asked for it."""
    export = session.get(Export, export_id)
    person = people.by_user(session, user_id)
    return export if export and person and export.person_id == person.id else None
