"""Findings as they are drawn: in the channel of a group, and on the card for its chair.

Neither says who shared an anonymous one: not in words, not in an id, not to the chair.
"""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement.access import Actor, Operation, Subject, may
from bot.messenger import Drawn, Viewer
from handlers.blocks import findings as blocks
from storage.queries import people
from storage.records.channels import ChannelPurpose
from storage.records.findings import Finding, FindingSharing, SharingState
from storage.records.groups import WorkingGroup
from storage.records.roster import Person, RightsHolder


def draw_finding(session: Session, sharing_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The message in the channel of the group that it is shared with."""
    sharing = session.get(FindingSharing, sharing_id)
    if sharing is None or viewer.purpose is not ChannelPurpose.GROUP or viewer.scope_id != sharing.group_id:
        return None
    if sharing.state is SharingState.WITHDRAWN:
        return Drawn(*blocks.withdrawn(viewer.words))
    if sharing.state is not SharingState.POSTED:
        return None
    finding = session.get_one(Finding, sharing.finding_id)
    return Drawn(*blocks.posted(viewer.words, finding, _named(session, finding)))


def draw_finding_request(session: Session, sharing_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The card in the direct messages of whoever may answer, and of whoever asked."""
    sharing = session.get(FindingSharing, sharing_id)
    person = people.by_user(session, viewer.place) if viewer.purpose is None else None
    if sharing is None or person is None:
        return None
    finding = session.get_one(Finding, sharing.finding_id)
    own = finding.author_id == person.id
    subject = Subject("finding", sharing_id, group_id=sharing.group_id)
    actor = Actor(person.team_id, person.user_id)
    answers = not own and may(session, actor, Operation.DECIDE_SHARING, subject)
    if not own and not answers:
        return None
    decider = session.get(Person, sharing.decided_by) if sharing.decided_by else None
    # Who took an anonymous finding back is who shared it, or their lead.
    hidden = finding.is_anonymous and sharing.state is SharingState.WITHDRAWN and not own
    text, drawn = blocks.request(
        viewer.words,
        finding,
        _named(session, finding),
        sharing,
        session.get_one(WorkingGroup, sharing.group_id),
        answers=answers,
        decided_by=decider.user_id if decider and not hidden else "",
    )
    return Drawn(text, drawn)


def _named(session: Session, finding: Finding) -> str:
    """The company that shares it; nothing where it wants to stay unnamed, or where it is the platform."""
    if finding.is_anonymous or finding.holder_id is None:
        return ""
    return session.get_one(RightsHolder, finding.holder_id).name
