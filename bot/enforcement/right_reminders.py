"""Rights that end soon: a company is told once, sixty days before, and once more fourteen days before."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import outgoing
from bot.enforcement.outgoing import Drawing
from storage.engine import Store
from storage.queries import deadlines, rights

STEPS = (60, 14)  # days before the last day


async def reminder_tick(store: Store, clock: Clock) -> int:
    """Tell of every right that has come to a step; the number of reminders."""
    return await store.run(remind, now=clock())


def remind(session: Session, *, now: datetime) -> int:
    """Remind of each right at the nearest of its steps, in its brand's channel, else its lead alone."""
    today = now.date()
    ending = rights.ending(session, today, today + timedelta(days=max(STEPS)))
    steps = {right.id: step_of(right.expires_on, today) for right in ending if right.expires_on}
    first = rights.remind(session, steps, now)
    told = [right for right in ending if right.id in first]
    if not told:
        return 0
    channels = rights.channels_of(session, {right.holder_id for right in told})
    leads = deadlines.leads(session, {right.holder_id for right in told})
    places: dict[str, list[str]] = defaultdict(list)
    for holder_id, brand_id, channel_id in channels:
        places[holder_id].append(channel_id)
        places[brand_id].append(channel_id)
    for right in told:
        where = places.get(right.brand_id or right.holder_id) or leads.get(right.holder_id, [])
        for place in where:
            subject = f"{right.id}-{steps[right.id]}"
            outgoing.draw(session, Drawing.RIGHT_REMINDER, subject, place, now)
    return len(told)


def step_of(ends: date, today: date) -> int:
    """The nearest step that a right has come to; none further than the first is asked for."""
    return min(step for step in STEPS if (ends - today).days <= step)
