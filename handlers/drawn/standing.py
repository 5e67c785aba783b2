"""Standing as it is read and drawn: in the brand's channels, for its leads, in the register's modal."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.enforcement import standing_office
from bot.enforcement.access import Actor, Operation, Subject, authorize, may
from bot.enforcement.standing import in_force
from bot.enforcement.standing_rules import PUBLISHED, outlook
from bot.messenger import Drawn, Viewer
from bot.words.catalogue import Words
from handlers.blocks import standing as blocks
from handlers.blocks.parts import Block
from handlers.drawn.conversations import talkable
from storage.queries import people
from storage.records.channels import ChannelPurpose
from storage.records.conversations import About
from storage.records.roster import Brand, RightsHolder, Role
from storage.records.standing import Figures, StandingChange, StandingRecount

_LEADS = (Role.LEAD, Role.SMALL_MEMBER)


def draw_standing_note(session: Session, change_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """What a rights holder is told of a change, in the channels of its brands or to its leads alone."""
    change = session.get(StandingChange, change_id)
    if change is None or not _its_own(session, change.holder_id, viewer):
        return None
    holder = session.get_one(RightsHolder, change.holder_id)
    rule, figures = PUBLISHED[change.rule], Figures.of(change.figures)
    coming = outlook(change.after, change.until, figures, rule, change.at.date())
    drawn = blocks.note_blocks(viewer.words, holder, change, figures, rule, coming)
    return Drawn(
        blocks.note_text(viewer.words, holder, change),
        talkable(viewer, drawn, About.STANDING, change_id),
    )


def draw_standing_recount(session: Session, recount_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """A recount that found wrong tallies, for the platform's team."""
    recount = session.get(StandingRecount, recount_id)
    if recount is None or viewer.purpose is not ChannelPurpose.PLATFORM:
        return None
    ids = {each["holder_id"] for each in recount.details}
    found = session.exec(select(RightsHolder.id, RightsHolder.name).where(col(RightsHolder.id).in_(ids)))
    return Drawn(
        blocks.recount_text(viewer.words, recount),
        blocks.recount_blocks(viewer.words, recount, dict(found.all())),
    )


def standing_page(session: Session, actor: Actor, holder_id: str, words: Words, now: datetime) -> Block:
    """The page of one rights holder's standing."""
    sheet = standing_office.sheet(session, actor, holder_id, now)
    everybody = may(session, actor, Operation.VIEW_STANDING, Subject("standing"))
    return blocks.standing_page(words, sheet, back="standings" if everybody else "menu")


def standings_page(session: Session, actor: Actor, number: str, words: Words, now: datetime) -> Block:
    """The page of all standings."""
    force, lines = standing_office.lines(session, actor, now)
    chooses = may(session, actor, Operation.CHOOSE_STANDING_RULE, Subject("standing_rule"))
    shown = int(number) if number.isdecimal() and len(number) < 5 else 0
    return blocks.standings_page(
        words, force.rule, lines, shown, pilot_only=force.pilot_only, chooses=chooses
    )


def rule_form(session: Session, actor: Actor, _id: str, words: Words, _now: datetime) -> Block:
    """The form that proposes another rule."""
    authorize(session, actor, Operation.CHOOSE_STANDING_RULE, Subject("standing_rule"))
    force = in_force(session)
    return blocks.rule_form(words, list(PUBLISHED.values()), force.rule, pilot_only=force.pilot_only)


def _its_own(session: Session, holder_id: str, viewer: Viewer) -> bool:
    if viewer.purpose is ChannelPurpose.BRAND:
        brand = session.get(Brand, viewer.scope_id)
        return brand is not None and brand.holder_id == holder_id
    leads = people.holding(session, _LEADS, holder_id)
    return viewer.purpose is None and viewer.place in {person.user_id for person in leads}
