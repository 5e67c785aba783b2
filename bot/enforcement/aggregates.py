"""The figures of a working group or an association as a file, day by day, week by week, month by month.

Of a group it holds what may be told of each day, week and month alone, by the rule and the rounding of its
digests, which tell the shortest of the three that they may; and sellers by month. Each stretch is judged with
the groups that lay within this one at its end, a digest with those of the day before it came: one may say a
figure that the other does not, neither says one against the rule. An association's are those of its own
digest. What is asked for is a row; the file is made when it is sent, under the rights of that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.enforcement import digest_kinds, digests, outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.channels import Scope
from bot.enforcement.digest_calendar import DAY, before, local_day, told_of
from bot.enforcement.digest_figures import GroupDays
from bot.enforcement.digest_kinds import Asked
from bot.enforcement.digest_ledger import Ledger
from bot.enforcement.nested_days import newest
from bot.enforcement.outgoing import Parcel
from bot.enforcement.refusals import Refused
from bot.enforcement.suppression import too_small
from bot.enforcement.trail import note
from storage.queries import exports, groups
from storage.records.calendars import Span, Window
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import DigestFigures
from storage.records.digests import Place
from storage.records.exports import AggregateExport, ExportFormat
from storage.records.roster import Person

STRETCHES = {Span.DAY: 28, Span.WEEK: 13, Span.MONTH: 12}  # how many of each are in a file
_GIVEN_UP = timedelta(hours=1)


@dataclass(frozen=True)
class AggregatePlan:
    """A file as it is about to be made."""

    export: AggregateExport
    place: Place

    @property
    def scope(self) -> Scope:
        """Whose figures."""
        return Scope(self.place.purpose, self.place.scope_id)

    @property
    def spans(self) -> Sequence[Span]:
        """Of which stretches, the longest first."""
        return [span for span in reversed(STRETCHES) if span.value in self.export.spans]


def offered(session: Session, actor: Actor) -> list[Place]:
    """The groups and associations whose figures this person may have as a file."""
    found = digests.filed(session, actor)
    if not found:
        authorize(session, actor, Operation.EXPORT_AGGREGATES, Subject("digest"))
    return found


def place_of(session: Session, actor: Actor, scope: Scope) -> Place:
    """A group or an association whose figures this person may have."""
    digests.export_grant(session, actor, scope)
    return digests.place(session, scope)


def ask(
    session: Session,
    actor: Actor,
    scope: Scope,
    spans: Sequence[Span],
    format_: ExportFormat,
    *,
    now: datetime,
) -> None:
    """Ask for the file. Refused: `exports.nothing`, `exports.still_making`, `digests.too_small`."""
    grant = digests.export_grant(session, actor, scope)
    if not spans:
        raise Refused("exports.nothing")
    if scope.purpose is ChannelPurpose.GROUP and too_small(len(groups.members(session, scope.id))):
        raise Refused("digests.too_small")
    wanted = AggregateExport(
        person_id=grant.person_id,
        purpose=scope.purpose,
        scope_id=scope.id,
        spans=[span.value for span in spans],
        format=format_,
        at=now,
    )
    if not exports.claim_aggregates(session, wanted, given_up=now - _GIVEN_UP):
        raise Refused("exports.still_making")
    outgoing.file(session, Parcel.AGGREGATES, wanted.id, actor.user_id, now)
    subject = Subject("digest", scope.id)
    told = {"spans": " ".join(wanted.spans), "format": format_.value}
    note(session, actor, grant, Operation.EXPORT_AGGREGATES, subject, now, **told)


def plan(session: Session, export_id: str, user_id: str) -> AggregatePlan | None:
    """What is to be made for this person, who may have lost the right since it was asked for."""
    export = session.get(AggregateExport, export_id)
    person = session.get(Person, export.person_id) if export else None
    if export is None or person is None or person.user_id != user_id:
        return None
    try:
        place = place_of(session, Actor(person.team_id, user_id), Scope(export.purpose, export.scope_id))
    except Denied:
        return None
    return AggregatePlan(export, place)


def stretches(purpose: ChannelPurpose, span: Span, now: datetime, zone: str) -> list[Window]:
    """The days of each stretch, the newest first; none that is not over in the platform's zone."""
    today = local_day(now, zone)
    if purpose is ChannelPurpose.GROUP:
        block = newest(span, today - DAY)
        found = []
        for _ in range(STRETCHES[span]):
            found.append(Window(block.first, block.last))
            block = block.earlier
        return found
    starts = {Span.DAY: today, Span.WEEK: today - today.weekday() * DAY, Span.MONTH: today.replace(day=1)}
    days = told_of(span, starts[span], zone)
    found = [days]
    while len(found) < STRETCHES[span]:
        days = before(span, days)
        found.append(days)
    return found


def figures(session: Session, scope: Scope, span: Span, days: Window, ledger: Ledger) -> DigestFigures:
    """What may be told of one stretch alone; sellers of a group only of a month."""
    zone = ledger.calendar.zone
    if scope.purpose is ChannelPurpose.GROUP:
        alone = GroupDays(session, scope.id, span, days.last, zone, ledger.calendar, falls_back=False)
        return alone.counted()
    return digest_kinds.told(session, Asked(scope, span, days, zone), ledger)


def made(session: Session, export_id: str, *, now: datetime) -> None:
    """It is made: the next one may be asked for."""
    export = session.get_one(AggregateExport, export_id)
    export.made_at = now
    session.add(export)
