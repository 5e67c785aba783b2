"""Digests as people ask for them: whose a person may read or set, a look at the days so far, the settings.

`digest_sending.py` makes them, `digest_kinds.py` knows what each kind says.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from bot.enforcement import digest_kinds, home, outgoing
from bot.enforcement.access import (
    Actor,
    Denied,
    Grant,
    Operation,
    Subject,
    authorize,
    authorize_each,
    may,
    tenants,
)
from bot.enforcement.business_clock import Calendar
from bot.enforcement.channels import Scope, subject_of
from bot.enforcement.digest_calendar import DAY, Times, day_bounds, local_day, next_due, so_far
from bot.enforcement.digest_kinds import SECTIONS, Asked
from bot.enforcement.digest_ledger import Ledger
from bot.enforcement.refusals import Refused
from bot.enforcement.suppression import too_small
from bot.enforcement.trail import note
from bot.words.catalogue import languages
from storage.queries import channels, digest_subscriptions, groups
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import Section
from storage.records.digests import DigestPreview, DigestSubscription, Place
from storage.records.roster import Brand, HolderKind, RightsHolder

READS = {
    ChannelPurpose.GROUP: Operation.PREVIEW_DIGEST,
    ChannelPurpose.BRAND: Operation.READ_BRAND_DIGEST,
    ChannelPurpose.ASSOCIATION: Operation.READ_ASSOCIATION_DIGEST,
    ChannelPurpose.PLATFORM: Operation.READ_PLATFORM_DIGEST,
}
SETS = {
    ChannelPurpose.GROUP: Operation.CONFIGURE_DIGEST,
    ChannelPurpose.BRAND: Operation.CONFIGURE_DIGEST,
    ChannelPurpose.ASSOCIATION: Operation.CONFIGURE_DIGEST,
    ChannelPurpose.PLATFORM: Operation.CONFIGURE_PLATFORM_DIGEST,
}
# Of whom there are files of figures, and by which right. Of an association they are exact, as in its digest.
FILES = {
    ChannelPurpose.GROUP: Operation.EXPORT_AGGREGATES,
    ChannelPurpose.ASSOCIATION: Operation.READ_ASSOCIATION_DIGEST,
}


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("not a time zone")
    return zone


def _known_language(language: str) -> str:
    if language and language not in languages():
        raise ValueError("not a language of the bot")
    return language


class Schedule(BaseModel):
    """When a digest comes and what it says: a local time on the hour or half past, and an IANA zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hour: int = Field(ge=0, le=23)
    minute: Literal[0, 30] = 0
    zone: Annotated[str, AfterValidator(_known_zone)]
    weekday: int = Field(default=0, ge=0, le=6)  # of a weekly digest; 0 is Monday
    language: Annotated[str, AfterValidator(_known_language)] = ""  # empty: the channel's
    sections: tuple[Section, ...] = ()  # empty: all
    tell_empty: bool = False
    resumes_on: date | None = None  # no digest for the local dates before it


def places(session: Session, actor: Actor, named: str = "") -> list[Place]:
    """Whose digests a person may look at or set, by name; only those with `named` in their names."""
    found = _groups(session, actor, Operation.PREVIEW_DIGEST, Operation.CONFIGURE_DIGEST)
    own = tenants(session, actor, Operation.READ_BRAND_DIGEST)
    everybody = may(session, actor, Operation.CONFIGURE_DIGEST, Subject("digest"))
    brands = select(Brand).order_by(col(Brand.name_key))
    if not everybody:
        brands = brands.where(col(Brand.holder_id).in_(own))
    found += [Place(ChannelPurpose.BRAND, brand.id, brand.name) for brand in session.exec(brands)]
    associations = select(RightsHolder).where(col(RightsHolder.kind) == HolderKind.ASSOCIATION)
    if not everybody:
        officers = tenants(session, actor, Operation.READ_ASSOCIATION_DIGEST)
        associations = associations.where(col(RightsHolder.id).in_(officers))
    found += [Place(ChannelPurpose.ASSOCIATION, each.id, each.name) for each in session.exec(associations)]
    if _looks(session, actor, Scope(ChannelPurpose.PLATFORM)):
        found.append(Place(ChannelPurpose.PLATFORM, "", ""))
    return [each for each in found if named.casefold() in each.name.casefold()]


def filed(session: Session, actor: Actor) -> list[Place]:
    """The groups and the associations whose figures a person may have as a file."""
    found = _groups(session, actor, FILES[ChannelPurpose.GROUP])
    own = tenants(session, actor, FILES[ChannelPurpose.ASSOCIATION])
    associations = (
        select(RightsHolder)
        .where(col(RightsHolder.kind) == HolderKind.ASSOCIATION, col(RightsHolder.id).in_(own))
        .order_by(col(RightsHolder.name_key))
    )
    return found + [
        Place(ChannelPurpose.ASSOCIATION, each.id, each.name) for each in session.exec(associations)
    ]


def _groups(
    session: Session, actor: Actor, reading: Operation, setting: Operation | None = None
) -> list[Place]:
    """The groups of which a person may do one of these, all asked for at once."""
    every = groups.all_groups(session)
    inside = groups.memberships_of(session, tenants(session, actor, reading))
    reads = [
        (actor, Subject("digest", each.id, min(inside.get(each.id, ()), default=None), each.id))
        for each in every
    ]
    granted = [authorize_each(session, reading, reads)]
    if setting is not None:
        sets = [(actor, Subject("digest", each.id, group_id=each.id)) for each in every]
        granted.append(authorize_each(session, setting, sets))
    return [
        Place(ChannelPurpose.GROUP, group.id, group.name)
        for group, *grants in zip(every, *granted, strict=True)
        if any(grants)
    ]


def place_here(session: Session, actor: Actor, channel_id: str) -> Scope | None:
    """What the digests of this channel are about, where the person may look at them or set them."""
    found = digest_subscriptions.place_of(session, channel_id)
    if found is None or not _looks(session, actor, Scope(*found)):
        return None
    return Scope(*found)


def preview(
    session: Session, actor: Actor, scope: Scope, span: Span, *, now: datetime, calendar: Calendar, zone: str
) -> DigestPreview:
    """The days so far as the next digest would tell them; `zone` is the viewer's, used where none is set.

    A group's are the newest that are over in the platform's zone: whoever asks again and again, or from
    elsewhere, must not see single cases come in.
    """
    may_read = reads(session, actor, scope)
    may_set = _may_set(session, actor, scope)
    if not (may_read or may_set):
        raise Denied(actor, READS[scope.purpose], Subject("digest", scope.id))
    channel = channels.channel_of(session, scope.purpose, scope.id)
    kept = digest_subscriptions.of_channel(session, channel.channel_id, span) if channel else None
    group = scope.purpose is ChannelPurpose.GROUP
    local = kept.zone if kept else calendar.zone if group else zone
    today = local_day(now, local)
    days = so_far(Times(0, 0, local, span, kept.weekday if kept else 0), today)
    until = day_bounds(today, local)[0] if group else now
    asked = Asked(scope, span, days, local, until)
    return DigestPreview(
        place=place(session, scope),
        span=span,
        too_small=group and too_small(len(groups.members(session, scope.id))),
        channel_id=channel.channel_id if channel else "",
        subscription=kept,
        may_configure=may_set,
        until=until,
        figures=digest_kinds.told(session, asked, Ledger(calendar, now)) if may_read else None,
        exports=exports(session, actor, scope),
    )


def configure(
    session: Session, actor: Actor, scope: Scope, span: Span, schedule: Schedule | None, *, now: datetime
) -> DigestSubscription | None:
    """Let a channel have its digests at this time from now on, or no more (None)."""
    operation, subject = SETS[scope.purpose], _subject(session, scope)
    grant = authorize(session, actor, operation, subject or Subject("digest", scope.id))
    if subject is None:
        raise Denied(actor, operation, Subject("digest", scope.id))
    channel = channels.channel_of(session, scope.purpose, scope.id)
    if channel is None:
        raise Refused("digests.no_channel")
    if schedule is None:
        kept = digest_subscriptions.of_channel(session, channel.channel_id, span)
        if kept is not None:
            session.delete(kept)
        note(session, actor, grant, operation, subject, now, stopped=channel.channel_id, span=span)
        return None
    offered = SECTIONS[scope.purpose]
    if not set(schedule.sections) <= set(offered):
        raise Refused("digests.no_such_section")
    kept = DigestSubscription(
        channel_id=channel.channel_id,
        span=span,
        purpose=scope.purpose,
        scope_id=scope.id,
        **schedule.model_dump(mode="python", exclude={"sections"}),
        # Whoever wants all of them wants those that are still to come as well.
        sections=[section.value for section in schedule.sections if len(schedule.sections) < len(offered)],
        next_due_at=_first_due(
            schedule, span, digest_subscriptions.newest(session, channel.channel_id, span), now
        ),
        changed_by=str(actor),
        changed_at=now,
    )
    digest_subscriptions.subscribe(session, kept)
    note(
        session,
        actor,
        grant,
        operation,
        subject,
        now,
        channel=channel.channel_id,
        span=span,
        comes=f"{schedule.hour:02}:{schedule.minute:02} {schedule.zone}",
        resumes_on=schedule.resumes_on.isoformat() if schedule.resumes_on else "",
    )
    return kept


def open_home(
    session: Session, actor: Actor, channel_id: str, page: str, address: str, *, now: datetime
) -> None:
    """Open a page of a reader's App Home at what this channel's digest is about, and tell them the way.

    Only what is theirs to see opens there.
    """
    found = digest_subscriptions.place_of(session, channel_id)
    if found is None or not reads(session, actor, Scope(*found)):
        raise Denied(actor, Operation.PREVIEW_DIGEST, Subject("digest"))
    purpose, scope_id = found
    own = purpose in (ChannelPurpose.BRAND, ChannelPurpose.ASSOCIATION)
    home.open_at(session, actor, page, scope_id if own else "", now=now)
    outgoing.whisper(session, actor.user_id, channel_id, "digests.way_home", now, address=address)


def _first_due(schedule: Schedule, span: Span, had: date | None, now: datetime) -> datetime:
    """The first digest after now and after the local date that the channel has had, not in a pause."""
    times = Times(schedule.hour, schedule.minute, schedule.zone, span, schedule.weekday)
    first = max(schedule.resumes_on or date.min, had + DAY if had else date.min)
    found = next_due(now, times)
    while found.local_date < first:
        found = next_due(found.at, times)
    return found.at


def _subject(session: Session, scope: Scope) -> Subject | None:
    """Whose digest it is; None where there is no such thing."""
    found = subject_of(session, scope)
    return Subject("digest", scope.id, found.holder_id, found.group_id) if found else None


def _looks(session: Session, actor: Actor, scope: Scope) -> bool:
    return reads(session, actor, scope) or _may_set(session, actor, scope)


def reads(session: Session, actor: Actor, scope: Scope) -> bool:
    """Whether a person may read a digest: a group's through a rights holder by which they belong to it."""
    return _may_as(session, actor, scope, READS)


def exports(session: Session, actor: Actor, scope: Scope) -> bool:
    """Whether `export_grant` would say yes: for drawing a button only where it would work."""
    return _may_as(session, actor, scope, FILES)


def export_grant(session: Session, actor: Actor, scope: Scope) -> Grant:
    """The one role by which a person may have these figures as a file. Raises `Denied`."""
    operation = FILES.get(scope.purpose, Operation.EXPORT_AGGREGATES)
    subject = _subject_as(session, actor, scope, operation) if scope.purpose in FILES else None
    if subject is None:
        raise Denied(actor, operation, Subject("digest", scope.id))
    return authorize(session, actor, operation, subject)


def _may_as(session: Session, actor: Actor, scope: Scope, rights: Mapping[ChannelPurpose, Operation]) -> bool:
    operation = rights.get(scope.purpose)
    subject = _subject_as(session, actor, scope, operation) if operation else None
    return operation is not None and subject is not None and may(session, actor, operation, subject)


def _subject_as(session: Session, actor: Actor, scope: Scope, operation: Operation) -> Subject | None:
    """Whose digest it is: of a group with the member for which the person may act."""
    subject = _subject(session, scope)
    if subject is None or scope.purpose is not ChannelPurpose.GROUP:
        return subject
    own = tenants(session, actor, operation)
    members = (holder.id for holder in groups.members(session, scope.id))
    return replace(subject, holder_id=next((each for each in members if each in own), None))


def _may_set(session: Session, actor: Actor, scope: Scope) -> bool:
    subject = _subject(session, scope)
    return subject is not None and may(session, actor, SETS[scope.purpose], subject)


def place(session: Session, scope: Scope) -> Place:
    """Whose digest it is, by name."""
    return Place(scope.purpose, scope.id, channels.names(session, [scope.id]).get(scope.id, ""))
