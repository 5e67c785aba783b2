"""What a suspended reporter left open is taken back at once: Fakes not carried out, notices not decided.

Two people decide it, as on the suspension itself. A Fake that waits for its second person or whose takedown
is still open is retracted in the name of the one who decides; an undecided notice is withdrawn. Takedowns
that somebody else asked for as well go on. What is decided already stays, and can be taken back one by one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import notices
from bot.enforcement.access import Grant
from bot.enforcement.platform_view import tell_retraction
from bot.enforcement.routing import redraw
from bot.enforcement.takedowns import withdraw_causes
from storage.columns import new_id
from storage.queries import invalidation as kept
from storage.records.takedowns import CauseKind


def invalidate_open(
    session: Session, grant: Grant, given: Mapping[str, str], now: datetime
) -> tuple[int, int]:
    """Take back everything open of one person; how many Fakes and notices that were."""
    reason = given["reason"]
    fakes = kept.open_fakes(session, given["person_id"])
    filed = kept.open_notices(session, given["person_id"])
    _retract(session, grant, fakes, reason, now)
    # Takedowns before their notices, as where one is reported: two units never wait for each other.
    items = kept.items_of(session, [notice.id for notice in filed if notice.immediate])
    if items:
        withdraw_causes(session, CauseKind.NOTICE_ITEM, items, reason, now=now)
    for notice in filed:
        notices.take_back(session, notice, reason, "bot", now)
    return len(fakes), len(filed)


def _retract(session: Session, grant: Grant, fakes: Sequence[Any], reason: str, now: datetime) -> None:
    if not fakes:
        return
    kept.retract(
        session,
        [
            {
                "id": new_id(),
                "verdict_id": fake.verdict_id,
                "person_id": grant.person_id,
                "role": grant.role,
                "reason": reason,
                "at": now,
            }
            for fake in fakes
        ],
    )
    kept.close(session, [fake.request_id for fake in fakes], now)
    withdraw_causes(session, CauseKind.VERDICT, [fake.verdict_id for fake in fakes], reason, now=now)
    for case in kept.cases(session, [fake.request_id for fake in fakes]):
        tell_retraction(session, case, reason, now)
        redraw(session, case, now)
