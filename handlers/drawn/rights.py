"""Messages about rights: one that ends soon, for the company whose right it is."""

from datetime import datetime

from sqlmodel import Session

from bot.messenger import Drawn, Viewer
from handlers.blocks.rights import reminder, reminder_text
from storage.queries import people
from storage.records.channels import ChannelPurpose
from storage.records.rights import Right
from storage.records.roster import Brand, Role


def draw_right_reminder(session: Session, subject_id: str, viewer: Viewer, now: datetime) -> Drawn | None:
    """`right-days` before its end, in its brand's channel or for a lead alone; as it stands now."""
    right = session.get(Right, subject_id.partition("-")[0])
    if right is None or right.expires_on is None or not _its_own(session, right, viewer):
        return None
    text = reminder_text(viewer.words, right, now.date())
    return Drawn(text, reminder(viewer.words, right, now.date()))


def _its_own(session: Session, right: Right, viewer: Viewer) -> bool:
    if viewer.purpose is ChannelPurpose.BRAND:
        brand = session.get(Brand, viewer.scope_id)
        return brand is not None and brand.holder_id == right.holder_id
    leads = people.holding(session, (Role.LEAD, Role.SMALL_MEMBER), right.holder_id)
    return viewer.purpose is None and viewer.place in {person.user_id for person in leads}
