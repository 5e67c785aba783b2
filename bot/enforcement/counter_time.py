"""What time does to counter-notices: a warning while the brand can still answer, and the meaning of silence.

Each moment stands in its row (`next_at`), is found by one query and acted upon once: the row is locked,
judged again, and the step that it becomes is unique.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import regimes
from bot.enforcement.counter_notices import end, tell, tell_platform
from bot.enforcement.counter_removals import lock
from bot.enforcement.regimes import Silence
from storage.engine import Store
from storage.queries import audit, counter_notices
from storage.records.counter_notices import BRANDS_TURN, CounterState, DecidedBy, StepKind


async def counter_notice_tick(store: Store, clock: Clock) -> int:
    """Act on every moment that has come; on how many. Safe to run twice and at the same time.

    Raises, after all others, what went wrong with some: one that fails must not hold up the rest.
    """
    acted, before, wrong = 0, -1, []
    while acted > before:
        before = acted
        for counter_id in await store.read(counter_notices.due, clock()):
            try:
                acted += await store.run(time_passed, counter_id, now=clock())
            except Exception as error:  # noqa: BLE001  # whatever it was, it is raised below
                wrong.append(error)
    if wrong:
        raise ExceptionGroup("counter-notices whose time could not pass", wrong)
    return acted


def time_passed(session: Session, counter_id: str, *, now: datetime) -> bool:
    """Warn the brand, or take its silence for what it means; False where it answered meanwhile."""
    counter = lock(session, counter_id)
    if counter is None or counter.next_at is None or counter.next_at > now:
        return False
    if counter.state not in BRANDS_TURN:
        return False
    if now < counter.due_at:
        counter = counter_notices.change(session, counter, next_at=counter.due_at)
        _keep(session, counter, "warned", now)
        tell(session, counter, "warned", StepKind.WARNED, "", "bot", now)
        return True
    rule = regimes.rule(counter.regime, counter.regime_version)
    if rule.silence is Silence.REINSTATE:
        counter = end(session, counter, CounterState.UPHELD, DecidedBy.SILENCE, "", now)
    else:
        silent = CounterState.UNANSWERED
        counter = counter_notices.change(session, counter, state=silent, next_at=None, changed_at=now)
    _keep(session, counter, rule.silence.value, now)
    tell(session, counter, "lapsed", StepKind.LAPSED, "", "bot", now)
    tell_platform(session, counter, "counter_notice.lapsed", counter.id, now)
    return True


def _keep(session: Session, counter: Any, outcome: str, now: datetime) -> None:
    audit.record(
        session,
        at=now,
        actor="clock",
        role="",
        operation="counter_notice_time",
        subject_kind="counter_notice",
        subject_id=counter.id,
        tenant=counter.holder_id,
        outcome=outcome,
    )
