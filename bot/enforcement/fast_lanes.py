"""What is promised for a notice when it goes to its marketplace: its lane, its hours, the moment it is due.

A promise stays as it was made: another lane, calendar or target counts for what is filed later.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.business_clock import Calendar, due
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.queries import service_levels
from storage.records.notices import Notice
from storage.records.rights import Right
from storage.records.roster import RightsHolder
from storage.records.service_levels import FastLane, LaneMember

ORDINARY_HOURS = 24
MOST_HOURS = 240


def promise(lane: FastLane | None, calendar: Calendar, now: datetime) -> dict[str, Any]:
    """What is promised for a notice: its lane, and to be decided within that lane's hours from now on."""
    hours = lane.target_hours if lane else ORDINARY_HOURS
    due_at = due(now, timedelta(hours=hours), calendar)
    return {"lane": lane.id if lane else "", "target_hours": hours, "due_at": due_at}


def shown(lane: FastLane) -> dict[str, Any]:
    """A lane as marketplaces are told it."""
    return {"name": lane.name, "target_hours": lane.target_hours, "reduced_proof": lane.reduced_proof}


def released(notice: Notice, now: datetime) -> dict[str, Any]:
    """What changes where a notice is taken back: undecided and in time, it owes no decision any more."""
    in_time = notice.decided_at is None and notice.due_at is not None and now <= notice.due_at
    return {"due_at": None} if in_time else {}


def check_membership(session: Session, actor: Actor, lane_id: str, holder_id: str, *, joins: bool) -> None:
    """Refused where the rights holder is in the lane already, or is not."""
    subject = Subject("fast_lane", lane_id, holder_id=holder_id)
    if session.get(FastLane, lane_id) is None or session.get(RightsHolder, holder_id) is None:
        raise Denied(actor, Operation.PROPOSE_LANE, subject)
    member = service_levels.lane_member(session, lane_id, holder_id) is not None
    if member == joins:
        raise Refused("service.lane_member" if joins else "service.lane_stranger")


def set_membership(
    session: Session,
    actor: Actor,
    lane_id: str,
    holder_id: str,
    *,
    joins: bool,
    now: datetime,
    proposed_by: str,
) -> None:
    """Two administrators put a rights holder into a lane, or take it out. What was filed stays there."""
    subject = Subject("fast_lane", lane_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.SET_LANE, subject)
    check_membership(session, actor, lane_id, holder_id, joins=joins)
    if joins:
        session.add(LaneMember(lane_id=lane_id, holder_id=holder_id, since=now, granted_by=str(actor)))
    elif (member := service_levels.lane_member(session, lane_id, holder_id)) is not None:
        member.until = now
        session.add(member)
    session.flush()
    note(session, actor, grant, Operation.SET_LANE, subject, now, joins=joins, proposed_by=proposed_by)


def check_terms(session: Session, actor: Actor, given: Mapping[str, str]) -> tuple[FastLane, int, int]:
    """The lane whose promise is to change, its hours and percent; Refused where they cannot be."""
    lane = session.get(FastLane, given["lane"])
    if lane is None:
        raise Denied(actor, Operation.PROPOSE_LANE, Subject("fast_lane", given["lane"]))
    hours, percent = _whole(given["hours"]), _whole(given["percent"])
    if not 1 <= hours <= MOST_HOURS:
        raise Refused("service.lane_bad_hours", most=MOST_HOURS)
    if not 1 <= percent <= 100:
        raise Refused("service.lane_bad_percent")
    if (lane.target_hours, lane.target_percent) == (hours, percent):
        raise Refused("service.lane_same")
    return lane, hours, percent


def set_terms(
    session: Session, actor: Actor, given: Mapping[str, str], *, now: datetime, proposed_by: str
) -> None:
    """Two administrators change what a lane promises. What was filed keeps what it was promised."""
    subject = Subject("fast_lane", given["lane"])
    grant = authorize(session, actor, Operation.SET_LANE, subject)
    lane, hours, percent = check_terms(session, actor, given)
    before = f"{lane.target_hours} h, {lane.target_percent} %"
    lane.target_hours, lane.target_percent = hours, percent
    session.add(lane)
    session.flush()
    told = {"before": before, "after": f"{hours} h, {percent} %", "proposed_by": proposed_by}
    note(session, actor, grant, Operation.SET_LANE, subject, now, **told)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def lane_for(session: Session, holder_id: str, right: Right | None) -> FastLane | None:
    """The lane in which a rights holder's notice about such a right goes out; None is the ordinary one."""
    return fitting(service_levels.lanes_of(session, holder_id), right)


def fitting(lanes: Sequence[FastLane], right: Right | None) -> FastLane | None:
    """Of the lanes that a rights holder is in, the one with the fewest hours that takes such a right."""
    kind = right.kind if right else None
    takes = [lane for lane in lanes if lane.right_kind is None or lane.right_kind is kind]
    return min(takes, key=lambda lane: lane.target_hours, default=None)
