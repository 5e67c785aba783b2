"""The tick that makes each digest exactly once, and what becomes of those that come too late.

A digest is claimed by its unique row (channel, span, local date) in the transaction that decides to post it.
What it says is counted once, before, and kept. A day with nothing to tell is quiet: claimed, no more.
After a stop the newest is made up for until its cut-off; what was missed before is said in the next one.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import digest_kinds, outgoing
from bot.enforcement.business_clock import Calendar
from bot.enforcement.channels import Scope
from bot.enforcement.digest_calendar import DAY, Pending, Times, pending, told_of
from bot.enforcement.digest_figures import told_until
from bot.enforcement.digest_kinds import Asked
from bot.enforcement.digest_ledger import Ledger
from bot.enforcement.outgoing import Drawing
from storage.engine import Store
from storage.queries import digest_subscriptions
from storage.records.channels import ChannelPurpose
from storage.records.digests import Digest, DigestSubscription, Lateness

CUT_OFF = timedelta(hours=18)  # for a daily digest; see `digest_calendar.PATIENCE` for the others
# A digest that comes so much later than it was due says so, and why.
LATE = timedelta(minutes=30)


async def digest_tick(store: Store, clock: Clock, calendar: Calendar, cut_off: timedelta = CUT_OFF) -> int:
    """Make every digest that is due, once; how many were posted. Safe to run twice and at the same time.

    One that cannot be made holds up no other: what went wrong is raised in the end, as an `ExceptionGroup`.
    """
    now = clock()
    posted, failed = 0, []
    ledger = Ledger(calendar, now)
    for subscription in await store.read(digest_subscriptions.due, now):
        try:
            found = pending(subscription.next_due_at, now, times_of(subscription), cut_off)
            figures = {} if found.expired else await store.read(_figures, subscription, found, ledger)
            posted += await store.run(_claim, subscription, found, figures, now=now)
        except Exception as error:  # noqa: BLE001  # the others are due as well; it is raised below
            failed.append(error)
    if await store.read(digest_subscriptions.held, now):
        await store.run(digest_subscriptions.hold, now)
    if failed:
        raise ExceptionGroup("some digests could not be made", failed)
    return posted


def times_of(subscription: DigestSubscription) -> Times:
    """When a channel's digests come."""
    return Times(
        subscription.hour, subscription.minute, subscription.zone, subscription.span, subscription.weekday
    )


def _figures(
    session: Session, subscription: DigestSubscription, found: Pending, ledger: Ledger
) -> dict[str, Any]:
    """What the digest says; nothing where it stays quiet."""
    days = told_of(subscription.span, found.newest.local_date, subscription.zone)
    scope = Scope(subscription.purpose, subscription.scope_id)
    asked = Asked(scope, subscription.span, days, subscription.zone)
    if scope.purpose is ChannelPurpose.GROUP:
        return _of_group(session, subscription, asked, ledger)
    figures = digest_kinds.told(session, asked, ledger)
    quiet = digest_kinds.is_empty(figures) and not subscription.tell_empty
    return {} if quiet else figures.model_dump(mode="json")


def _of_group(
    session: Session, subscription: DigestSubscription, asked: Asked, ledger: Ledger
) -> dict[str, Any]:
    """A group hears of days that are new to it: of each that has enough cases, else of its week, once."""
    figures = digest_kinds.told(session, asked, ledger)
    until = told_until(figures)
    if until is not None and not digest_subscriptions.last_told(
        session, subscription.channel_id, subscription.span, until + DAY
    ):
        return figures.model_dump(mode="json")
    return digest_kinds.nothing_told(asked).model_dump(mode="json") if subscription.tell_empty else {}


def _claim(
    session: Session, seen: DigestSubscription, found: Pending, figures: dict[str, Any], *, now: datetime
) -> bool:
    """Take the digest and the next date; False where another replica, or a change of hours, was first."""
    missed = seen.missed_since or found.missed_since
    tells = bool(figures) and not found.expired
    if not digest_subscriptions.advance(session, seen, found.coming, None if tells else missed):
        return False
    digest = Digest(
        channel_id=seen.channel_id,
        span=seen.span,
        purpose=seen.purpose,
        scope_id=seen.scope_id,
        local_date=found.newest.local_date,
        due_at=found.newest.at,
        made_at=now,
        late=_late(seen, found, now),
        missed_since=missed,
        language=seen.language,
        sections=seen.sections,
        figures=figures,
    )
    if not digest_subscriptions.claim(session, digest) or not tells:
        return False
    outgoing.draw(session, Drawing.DIGEST, digest.id, seen.channel_id, now)
    outgoing.draw(session, Drawing.DIGEST_DETAIL, digest.id, seen.channel_id, now)
    if any(bar[name] is not None for bar in figures["course"] for name in ("notices", "requests", "removed")):
        outgoing.picture(session, outgoing.Painting.DIGEST, digest.id, seen.channel_id, now)
    return True


def _late(seen: DigestSubscription, found: Pending, now: datetime) -> Lateness | None:
    if now - found.newest.at <= LATE:
        return None
    return Lateness.CHANNEL if seen.held_since else Lateness.DOWN
