"""Daily digests of working groups: who may see and set them, and the tick that makes each exactly once.

A digest is claimed by its unique row (channel, local date) in the transaction that decides to post it. What
it says is counted once, before, and kept. A day with too little to show is quiet: claimed, and nothing said.
"""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may, tenants
from bot.enforcement.business_clock import Calendar
from bot.enforcement.digest_calendar import DAY, Due, day_bounds, local_day, next_due
from bot.enforcement.digest_figures import GroupDays
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.suppression import FEWEST_HOLDERS
from bot.enforcement.trail import note
from storage.engine import Store
from storage.queries import channels, digests, groups
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import DigestPreview
from storage.records.groups import Digest, DigestSubscription, WorkingGroup
from storage.records.service_figures import Span, Window


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("not a time zone")
    return zone


class Schedule(BaseModel):
    """When a digest comes: a local time on the hour or half past, and an IANA zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hour: int = Field(ge=0, le=23)
    minute: Literal[0, 30] = 0
    zone: Annotated[str, AfterValidator(_known_zone)]


def groups_to_preview(session: Session, actor: Actor) -> list[WorkingGroup]:
    """The groups whose digest a person may look at, by name."""
    own = digests.groups_with(session, tenants(session, actor, Operation.PREVIEW_DIGEST))
    return [
        group
        for group in groups.all_groups(session)
        if group.id in own or may(session, actor, Operation.PREVIEW_DIGEST, _subject(group.id))
    ]


def group_here(session: Session, actor: Actor, channel_id: str) -> str | None:
    """The group whose channel this is, where the person may look at its digest."""
    group_id = digests.group_of(session, channel_id)
    if group_id is None or not may(session, actor, Operation.PREVIEW_DIGEST, _seen(session, actor, group_id)):
        return None
    return group_id


def preview(
    session: Session, actor: Actor, group_id: str, *, now: datetime, calendar: Calendar, zone: str
) -> DigestPreview:
    """A group's digest of the day so far; `zone` is the viewer's, used where no digest is subscribed.

    It is counted up to the last full hour: whoever asks again and again must not see single cases come in.
    """
    subject = _seen(session, actor, group_id)
    authorize(session, actor, Operation.PREVIEW_DIGEST, subject)
    group = session.get(WorkingGroup, group_id)
    if group is None:
        raise Denied(actor, Operation.PREVIEW_DIGEST, subject)
    channel = channels.channel_of(session, ChannelPurpose.GROUP, group_id)
    subscription = session.get(DigestSubscription, channel.channel_id) if channel else None
    holder_ids = [holder.id for holder in groups.members(session, group_id)]
    local = subscription.zone if subscription else zone
    today = local_day(now, local)
    until = max(now.replace(minute=0, second=0, microsecond=0), day_bounds(today, local)[0])
    return DigestPreview(
        group=group,
        too_small=len(holder_ids) <= FEWEST_HOLDERS,
        channel_id=channel.channel_id if channel else "",
        subscription=subscription,
        may_configure=may(session, actor, Operation.CONFIGURE_DIGEST, _subject(group_id)),
        until=until,
        figures=GroupDays(
            session, holder_ids, Span.DAY, Window(today, today), local, calendar, until
        ).figures(),
    )


def configure(
    session: Session, actor: Actor, group_id: str, schedule: Schedule | None, *, now: datetime
) -> DigestSubscription | None:
    """Let a group's channel have its digest at this time from now on, or no more (None)."""
    subject = _subject(group_id)
    grant = authorize(session, actor, Operation.CONFIGURE_DIGEST, subject)
    if session.get(WorkingGroup, group_id) is None:
        raise Denied(actor, Operation.CONFIGURE_DIGEST, subject)
    channel = channels.channel_of(session, ChannelPurpose.GROUP, group_id)
    if channel is None:
        raise Refused("digests.no_channel")
    if schedule is None:
        subscription = session.get(DigestSubscription, channel.channel_id)
        if subscription is not None:
            session.delete(subscription)
        note(session, actor, grant, Operation.CONFIGURE_DIGEST, subject, now, stopped=channel.channel_id)
        return None
    subscription = DigestSubscription(
        channel_id=channel.channel_id,
        group_id=group_id,
        **schedule.model_dump(),
        next_due_at=next_due(now, schedule.hour, schedule.minute, schedule.zone).at,
        changed_by=str(actor),
        changed_at=now,
    )
    digests.subscribe(session, subscription)
    told = f"{schedule.hour:02}:{schedule.minute:02} {schedule.zone}"
    note(
        session,
        actor,
        grant,
        Operation.CONFIGURE_DIGEST,
        subject,
        now,
        channel=channel.channel_id,
        comes=told,
    )
    return subscription


def own_figures(session: Session, actor: Actor, channel_id: str, address: str, *, now: datetime) -> None:
    """Tell a reader of a digest where their own figures are: App Home, which only they see."""
    group_id = digests.group_of(session, channel_id) or ""
    authorize(session, actor, Operation.PREVIEW_DIGEST, _seen(session, actor, group_id))
    outgoing.whisper(session, actor.user_id, channel_id, "digests.own_figures", now, address=address)


async def digest_tick(store: Store, clock: Clock, calendar: Calendar) -> int:
    """Make every digest that is due, once; how many were posted. Safe to run twice and at the same time."""
    now = clock()
    posted = 0
    for subscription in await store.read(digests.due, now):
        newest = _newest(subscription, now)
        figures = await store.read(_figures, subscription, newest, calendar)
        posted += await store.run(_claim, subscription, newest, figures, now=now)
    return posted


def _figures(
    session: Session, subscription: DigestSubscription, newest: Due, calendar: Calendar
) -> dict[str, Any]:
    """What the digest says; nothing where it stays quiet.

    A day with enough cases is told every day. Where only 7 or 28 days have enough, that is told when as many
    days have passed without a digest. So neither a message nor its absence tells of a single case.
    """
    day = _day_before(newest.local_date, subscription.zone)
    holder_ids = [holder.id for holder in groups.members(session, subscription.group_id)]
    told = GroupDays(session, holder_ids, Span.DAY, Window(day, day), subscription.zone, calendar)
    window = told.telling_window()
    if window is None:
        return {}
    since = newest.local_date - timedelta(days=window - 1)
    if digests.last_told(session, subscription.channel_id, since) is not None:
        return {}
    return told.figures().model_dump(mode="json")


def _claim(
    session: Session, seen: DigestSubscription, newest: Due, figures: dict[str, Any], *, now: datetime
) -> bool:
    """Take the digest and the next date; False where another replica, or a change of hours, was first."""
    coming = next_due(now, seen.hour, seen.minute, seen.zone).at
    if not digests.advance(session, seen, coming):
        return False
    digest = Digest(
        channel_id=seen.channel_id,
        group_id=seen.group_id,
        local_date=newest.local_date,
        due_at=newest.at,
        made_at=now,
        figures=figures,
    )
    if not digests.claim(session, digest) or not figures:
        return False
    outgoing.draw(session, Drawing.DIGEST, digest.id, seen.channel_id, now)
    outgoing.draw(session, Drawing.DIGEST_DETAIL, digest.id, seen.channel_id, now)
    return True


def _newest(subscription: DigestSubscription, now: datetime) -> Due:
    """The last digest that was due by now: after a longer down-time the earlier ones are not sent."""
    wall = subscription.hour, subscription.minute, subscription.zone
    # Not by the date on the wall: a gap can push a digest past midnight, and it stays the one of its date.
    found = next_due(subscription.next_due_at - timedelta.resolution, *wall)
    while (later := next_due(found.at, *wall)).at <= now:
        found = later
    return found


def _day_before(local_date: date, zone: str) -> date:
    """The last local day that was over; a zone may have left out a whole date."""
    day = local_date - DAY
    while day_bounds(day, zone)[0] == day_bounds(day, zone)[1]:
        day -= DAY
    return day


def _subject(group_id: str) -> Subject:
    return Subject("digest", group_id, group_id=group_id)


def _seen(session: Session, actor: Actor, group_id: str) -> Subject:
    """A group's digest as this person sees it: through the rights holder by which they belong to it."""
    own = tenants(session, actor, Operation.PREVIEW_DIGEST)
    member = (holder.id for holder in groups.members(session, group_id) if holder.id in own)
    return Subject("digest", group_id, holder_id=next(member, None), group_id=group_id)
