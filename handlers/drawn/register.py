"""Messages about the register: what waits for a second administrator, channels that need their keepers."""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement import channels
from bot.enforcement.access import Actor, Operation, may
from bot.enforcement.approvals import is_shown
from bot.enforcement.channels import Scope
from bot.messenger import Drawn, Viewer
from handlers.blocks.approvals import proposal_blocks, proposal_text
from handlers.blocks.channels import broken_note, stranger_note
from storage.queries import approvals, people
from storage.queries import channels as bindings
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose


def draw_approval(session: Session, approval_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """A proposal for one administrator, or for who made it; nobody else sees any."""
    proposal = approvals.proposal(session, approval_id)
    if proposal is None or not is_shown(session, viewer.place, proposal.approval):
        return None
    return Drawn(proposal_text(proposal, viewer.words), proposal_blocks(proposal, viewer.place, viewer.words))


def draw_channel_note(session: Session, subject_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """A stay in a bound channel, or a channel that is broken; for its keepers and the platform's team."""
    member = session.get(ChannelMember, subject_id)
    binding = session.get(ChannelBinding, member.binding_id if member else subject_id)
    if binding is None or not _may_see(session, binding, viewer):
        return None
    if member is None:
        text, blocks = broken_note(viewer.words, binding)
        return Drawn(text, blocks)
    strangers = {each.id for each in bindings.strangers(session, binding)}
    text, blocks = stranger_note(
        viewer.words,
        binding,
        member,
        stranger=member.id in strangers,
        may_let_in=_may_bind(session, binding, viewer),
    )
    return Drawn(text, blocks)


def _may_see(session: Session, binding: ChannelBinding, viewer: Viewer) -> bool:
    if viewer.purpose is not None:
        return viewer.purpose is ChannelPurpose.PLATFORM
    return viewer.place in channels.keepers_of(session, binding)


def _may_bind(session: Session, binding: ChannelBinding, viewer: Viewer) -> bool:
    """Whether the reader of a direct message may say who sees what; in a channel nobody is asked."""
    person = people.by_user(session, viewer.place) if viewer.purpose is None else None
    subject = channels.subject_of(session, Scope(binding.purpose, binding.scope_id))
    if person is None or subject is None:
        return False
    actor = Actor(person.team_id, person.user_id)
    return may(session, actor, Operation.BIND_CHANNEL, subject)
