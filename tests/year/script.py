"""The simulated year: its clock, its slots of time, and its nights."""

import gc
from collections.abc import Callable
from datetime import datetime

from tests.year.agenda import Agenda, Size
from tests.year.hands import Hands
from tests.year.history import History
from tests.year.marketplaces import Marketplaces
from tests.year.members import Members
from tests.year.world import BEGIN, END, World


async def live_through(
    world: World, hands: Hands, size: Size, day_over: Callable[[int], None] = lambda _: None
) -> History:
    """A whole year, from its first moment to its last; what happened in it.

    `day_over` is told after each day how many there were.
    """
    agenda = Agenda(world, hands, size)
    members = Members(agenda)
    marketplaces = Marketplaces(agenda, members)
    members.plan_notices()
    members.plan_requests()
    now = BEGIN
    while now < END:
        await _pass_time(agenda, now)
        day = (now - BEGIN).days
        if now.hour == 0:
            day_over(day)
            gc.freeze()  # what is planned and what has happened is no garbage, and grows all year
        if now.hour == 0 and day and day % size.nights == 0:
            await hands.pass_night(now)
        await agenda.slot(now)
        now = agenda.slot_end
        await marketplaces.hear(now)
    await _pass_time(agenda, END)
    await hands.pass_night(END)
    return agenda.history


async def _pass_time(agenda: Agenda, now: datetime) -> None:
    await agenda.hands.pass_time(now)
    agenda.history.add("tick", now)
