"""App Home: which sections are this person's, read in one transaction with a fixed number of queries."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from bot.enforcement.access import Actor, Operation, tenants
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar
from bot.enforcement.service_levels import own_month
from bot.enforcement.standing import in_force
from bot.enforcement.standing_rules import outlook, window_start
from bot.words.catalogue import Words, words_for
from handlers.blocks.home import (
    COUNTERS,
    DRAFTS,
    FIGURE_DAYS,
    LATEST,
    REQUESTS_PAGE,
    TODOS,
    UNROUTED_PAGE,
    HolderPart,
    Home,
    home_view,
)
from handlers.blocks.parts import Block
from storage.queries import (
    approvals,
    counter_notices,
    digests,
    home,
    installation,
    people,
    rights,
    roster,
    standing,
)
from storage.records.home import GroupLine, SilentChannel
from storage.records.register import Held
from storage.records.roster import Person, RightsHolder, Role

_LEADING = {Role.LEAD, Role.SMALL_MEMBER}
_KEEPING = {*_LEADING, Role.ASSOCIATION_OFFICER}
_ON_ROSTER = {*_KEEPING, Role.EXPERT}


def draw_home(
    session: Session,
    user_id: str,
    words: Words,
    now: datetime,
    *,
    calendar: Calendar = MONDAY_TO_FRIDAY,
) -> Block:
    """The App Home of a user of the home workspace, as it is now, by the platform's calendar."""
    person = people.by_user(session, user_id)
    if person is None:
        return home_view(_stranger(session), user_id, words, now)
    return home_view(_home(session, person, {}, now, calendar), user_id, words, now)


def draw_home_page(
    session: Session,
    actor: Actor,
    pages: Mapping[str, int],
    now: datetime,
    *,
    calendar: Calendar = MONDAY_TO_FRIDAY,
) -> Block:
    """The same with some lists turned to another page."""
    person = people.find(session, actor.team_id, actor.user_id)
    if person is None:
        return home_view(_stranger(session), actor.user_id, words_for(None), now)
    words = words_for(person.locale, person.zone)
    return home_view(_home(session, person, pages, now, calendar), actor.user_id, words, now)


def _stranger(session: Session) -> Home:
    known = installation.current(session)
    administrators = people.holding(session, (Role.ADMINISTRATOR,))
    return Home(known.team_id if known else "", administrators=[each.user_id for each in administrators])


def _home(
    session: Session, person: Person, pages: Mapping[str, int], now: datetime, calendar: Calendar
) -> Home:
    held = [] if person.is_deleted or person.is_bot else roster.held_by(session, person.id)
    if not held:
        return _stranger(session)
    if person.is_guest:
        return Home(person.team_id, guest=True)
    actor = Actor(person.team_id, person.user_id)
    roles = {each.role for each in held}
    cases = tenants(session, actor, Operation.VIEW_OWN_CASES)
    leads = {each.scope_id for each in held if each.role in _LEADING}
    staff, administers = Role.PLATFORM_STAFF in roles, Role.ADMINISTRATOR in roles
    requests, unrouted = pages.get("requests", 0), pages.get("unrouted", 0)
    return Home(
        team_id=person.team_id,
        roles=held,
        files=bool(tenants(session, actor, Operation.FILE_NOTICE)),
        requests=home.open_requests(
            session, cases, person.id, limit=REQUESTS_PAGE, offset=requests * REQUESTS_PAGE
        )
        if cases
        else None,
        counters=counter_notices.open_of(session, cases, limit=COUNTERS) if cases else (),
        todos=home.todos(session, leads, limit=TODOS) if leads else (),
        drafts=home.drafts(session, person.id, limit=DRAFTS),
        silent=_silent(session, held, everybody=staff or administers),
        notices=home.notice_counts(session, cases) if cases else None,
        latest=home.latest_notices(session, cases, limit=LATEST) if cases else (),
        service=own_month(session, cases, now, calendar) if cases else None,
        figures=[home.figures(session, cases, now, days) for days in FIGURE_DAYS] if cases else (),
        groups=_groups(session, held),
        holders=_holders(session, actor, held, now),
        proposals=approvals.waiting(session) if administers else None,
        rights_waiting=rights.waiting(session) if administers else (),
        unrouted=home.unrouted(session, limit=UNROUTED_PAGE, offset=unrouted * UNROUTED_PAGE)
        if staff
        else None,
        pages=pages,
    )


def _silent(session: Session, held: Collection[Held], *, everybody: bool) -> list[SilentChannel]:
    if everybody:
        return home.silent_channels(session, None)
    keeps = {each.scope_id for each in held if each.role in _KEEPING}
    return home.silent_channels(session, keeps) if keeps else []


def _groups(session: Session, held: Collection[Held]) -> list[GroupLine]:
    """The groups that the person chairs, and those in which a rights holder of theirs is a member."""
    chaired = {each.scope_id for each in held if each.role is Role.GROUP_CHAIR}
    own = digests.groups_with(session, {each.scope_id for each in held if each.role in _ON_ROSTER})
    return home.groups_of(session, chaired | own) if chaired | own else []


def _holders(session: Session, actor: Actor, held: Collection[Held], now: datetime) -> list[HolderPart]:
    """The rights holders on whose roster the person is; a mandate alone opens nobody's roster."""
    own = {each.scope_id for each in held if each.role in _ON_ROSTER}
    if not own:
        return []
    members = roster.members(session, own)
    owned = rights.of_holders(session, own)
    managed = tenants(session, actor, Operation.MANAGE_ROSTER)
    registered = tenants(session, actor, Operation.REGISTER_RIGHT)
    rule = in_force(session).rule
    figures = standing.windows(session, own, window_start(now.date(), rule))
    found = session.exec(
        select(RightsHolder).where(col(RightsHolder.id).in_(own)).order_by(col(RightsHolder.name_key))
    ).all()
    return [
        HolderPart(
            holder,
            members.get(holder.id, []),
            [right for right in owned if right.holder_id == holder.id],
            manages=holder.id in managed,
            registers=holder.id in registered,
            figures=figures[holder.id],
            rule=rule,
            outlook=outlook(holder.standing, figures[holder.id], rule),
        )
        for holder in found
    ]
