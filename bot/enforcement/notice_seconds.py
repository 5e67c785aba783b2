"""The second person's word on a counterfeit notice that could not start its takedowns by itself.

The marketplace works the notice like any other meanwhile; when somebody else of the rights holder agrees,
the takedowns of what is not decided yet start at once. The grounds are those of `second_look.py`.
"""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement import notice_sending
from bot.enforcement import notices as lifecycle
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.standing_rules import has_good_standing
from bot.enforcement.trail import note
from storage.queries import notices as kept
from storage.records.notices import UNDECIDED


def start_takedowns(session: Session, actor: Actor, notice_id: str, *, now: datetime) -> None:
    """A second person of the holder agrees with a counterfeit notice: its takedowns start."""
    notice = kept.find(session, notice_id, lock=True)
    subject = Subject("notice", notice_id, holder_id=notice.holder_id if notice else None)
    grant = authorize(session, actor, Operation.CONFIRM_FAKE, subject)
    if notice is None:
        raise Denied(actor, Operation.CONFIRM_FAKE, subject)
    if notice.second_ground is None or notice.immediate or notice.state not in UNDECIDED:
        raise Refused("second_look.nothing_to_start")
    if notice.submitter_id == grant.person_id:
        raise Refused("second_look.not_your_own")
    sheet = kept.sheet(session, notice_id)
    if sheet is None or not has_good_standing(sheet.holder.standing):
        raise Refused("second_look.standing_lost")
    notice = kept.change(session, notice, immediate=True, seconded_by=grant.person_id, seconded_at=now)
    notice_sending.start_takedowns(session, sheet, now)
    lifecycle.redraw(session, notice, now)
    note(session, actor, grant, Operation.CONFIRM_FAKE, subject, now, ground=notice.second_ground.value)
