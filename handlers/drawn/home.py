"""App Home: the page that somebody chose, read in one transaction with a fixed number of queries."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Operation, tenants
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar
from bot.words.catalogue import Words, words_for
from handlers.blocks.home import EVERYTHING, SELECTABLE, Home, Page, home_view, portal_options
from handlers.blocks.home_now import HAPPENED, REQUESTS_PAGE, SHOWN, UNROUTED_PAGE, Now
from handlers.blocks.home_pages import DAYS, NOTICES_PAGE, GroupsPage, Notices
from handlers.blocks.parts import Block, option
from handlers.drawn.home_pages import company_page, figures_page
from handlers.drawn.home_reader import KEEPING, LEADING, ON_ROSTER, Reader
from handlers.guard import words_of
from handlers.ids import HomePage
from storage.queries import (
    account_managers,
    approvals,
    conversations,
    counter_notices,
    groups,
    home,
    home_cases,
    people,
    rights,
    roster,
)
from storage.records.account_managers import NOBODY
from storage.records.home import GroupLine, NoticeFilter, SilentChannel
from storage.records.roster import Person, RightsHolder, Role

LATELY = timedelta(days=7)
ENDS_SOON = timedelta(days=60)


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
    return home_view(_home(session, person, now, calendar), user_id, words, now)


def draw_own_home(
    session: Session, actor: Actor, now: datetime, *, calendar: Calendar = MONDAY_TO_FRIDAY
) -> Block:
    """The same for whoever pressed a button in it."""
    person = people.find(session, actor.team_id, actor.user_id)
    words = words_for(person.locale, person.zone) if person else words_for(None)
    return home_view(_home(session, person, now, calendar), actor.user_id, words, now)


def find_portals(session: Session, actor: Actor, typed: str) -> list[Block]:
    """Whose cases this person can choose to see alone, by what they typed of the name."""
    cases = tenants(session, actor, Operation.VIEW_OWN_CASES)
    wanted = typed.casefold().strip()
    found = [each for each in home.portals(session, cases) if wanted in each.name.casefold()]
    everything = [] if wanted else [option(words_of(session, actor).text("home.everything"), EVERYTHING)]
    return [*everything, *portal_options(found[:SELECTABLE])]


def _home(session: Session, person: Person | None, now: datetime, calendar: Calendar) -> Home:
    can_act = person is not None and not (person.is_deleted or person.is_bot)
    held = roster.held_by(session, person.id) if person and can_act else []
    if person is None or not held:
        administrators = people.holding(session, (Role.ADMINISTRATOR,))
        return Home(administrators=[each.user_id for each in administrators])
    if person.is_guest:
        return Home(guest=True)
    reader = Reader.of(session, person, held, now, calendar)
    tabs = _tabs(reader)
    chosen = HomePage(reader.choice.page) if reader.choice.page in set(tabs) else HomePage.NOW
    return Home(
        roles=held,
        tabs=tabs,
        chosen=chosen,
        page=_page(reader, chosen),
        portals=reader.portals,
        portal=reader.portal,
        files=bool(tenants(session, reader.actor, Operation.FILE_NOTICE)),
        answers=bool(tenants(session, reader.actor, Operation.WORK_QUEUE)),
        talks=bool(reader.portals) or Role.PLATFORM_STAFF in reader.roles,
    )


def _tabs(reader: Reader) -> list[HomePage]:
    cases, on_team = bool(reader.portals), Role.PLATFORM_STAFF in reader.roles
    offered = {
        HomePage.NOW: True,
        HomePage.NOTICES: cases,
        HomePage.FIGURES: cases or on_team or Role.ADMINISTRATOR in reader.roles,
        HomePage.COMPANY: cases or on_team,
        HomePage.GROUPS: cases or Role.GROUP_CHAIR in reader.roles,
        HomePage.HELP: True,
    }
    return [page for page, there in offered.items() if there]


def _page(reader: Reader, chosen: HomePage) -> Page | None:
    match chosen:
        case HomePage.NOW:
            return _now(reader)
        case HomePage.NOTICES:
            return _notices(reader)
        case HomePage.FIGURES:
            return figures_page(reader)
        case HomePage.COMPANY:
            return company_page(reader)
        case HomePage.GROUPS:
            return GroupsPage(_groups(reader), reader.page_of("groups"))
        case HomePage.HELP:
            return None


def _now(reader: Reader) -> Now:
    cases = _cases(reader) if reader.wanted.holder_ids else {}
    return Now(reader.person.team_id, reader.person.user_id, **cases, **_own(reader), **_offices(reader))


def _cases(reader: Reader) -> dict[str, Any]:
    """What waits in the cases of the rights holders shown, and what happened to them."""
    session, wanted, now, person = reader.session, reader.wanted, reader.now, reader.person
    leads = sorted(reader.scopes(LEADING) & set(wanted.holder_ids))
    page, own = reader.page_of("requests"), reader.own()
    happened = home_cases.happened(session, wanted, now - LATELY, limit=HAPPENED)
    skipped = page * REQUESTS_PAGE
    requests = home.open_requests(session, wanted, person.id, limit=REQUESTS_PAGE, offset=skipped)
    begins = bool(own) and not happened and not requests[0] and not rights.of_holders(session, own)
    only = wanted.holder_ids[0] if len(wanted.holder_ids) == 1 else ""
    return {
        "company": session.get(RightsHolder, only) if only else None,
        "pair": account_managers.of(session, only) if only else NOBODY,
        "requests_page": page,
        "requests": requests,
        "asked": home_cases.notices(session, wanted, NoticeFilter.ASKED, now, limit=SHOWN),
        "counters": counter_notices.open_of(session, wanted.holder_ids, limit=SHOWN),
        "seconds": home_cases.seconds(session, wanted, person.id, limit=SHOWN),
        "todos": home.todos(session, leads, wanted.brand_ids, limit=SHOWN) if leads else (),
        "expiring": home_cases.expiring(session, own, (now + ENDS_SOON).date(), limit=SHOWN),
        "registers": frozenset(tenants(session, reader.actor, Operation.REGISTER_RIGHT)),
        "begins": begins,
        "happened": happened,
    }


def _own(reader: Reader) -> dict[str, Any]:
    """What waits for this very person, whatever is shown."""
    session, person = reader.session, reader.person
    asked = tenants(session, reader.actor, Operation.APPROVE_TALK)
    return {
        "censures": home_cases.censures(session, person.id, sorted(reader.scopes(LEADING)), limit=SHOWN),
        "drafts": home.drafts(session, person.id, limit=SHOWN),
        "talks": conversations.open_count(session, person.id),
        "talks_waiting": len(conversations.waiting_for(session, asked)) if asked else 0,
    }


def _offices(reader: Reader) -> dict[str, Any]:
    """What waits for whoever chairs a group, keeps channels, administers or is of the platform's team."""
    session = reader.session
    chaired = reader.scopes({Role.GROUP_CHAIR})
    staff, administers = Role.PLATFORM_STAFF in reader.roles, Role.ADMINISTRATOR in reader.roles
    page = reader.page_of("unrouted")
    return {
        "silent": _silent(reader, everybody=staff or administers),
        "applications": home.applications(session, chaired) if chaired else (),
        "proposals": approvals.waiting(session) if administers else None,
        "rights_waiting": rights.waiting(session) if administers else (),
        "unrouted_page": page,
        "unrouted": home.unrouted(session, limit=UNROUTED_PAGE, offset=page * UNROUTED_PAGE)
        if staff
        else None,
    }


def _notices(reader: Reader) -> Notices:
    which = reader.choice.filter if reader.choice.filter in set(NoticeFilter) else NoticeFilter.OPEN
    page = reader.choice.list_page
    total, lines = home_cases.notices(
        reader.session,
        reader.wanted,
        NoticeFilter(which),
        reader.now - timedelta(days=DAYS),
        limit=NOTICES_PAGE,
        offset=page * NOTICES_PAGE,
    )
    return Notices(reader.person.team_id, NoticeFilter(which), page, total, lines)


def _silent(reader: Reader, *, everybody: bool) -> list[SilentChannel]:
    if everybody:
        return home.silent_channels(reader.session, None)
    keeps = reader.scopes(KEEPING)
    return home.silent_channels(reader.session, keeps) if keeps else []


def _groups(reader: Reader) -> list[GroupLine]:
    """The groups that the person chairs, and those in which a rights holder of theirs is a member."""
    own = set(groups.memberships_of(reader.session, reader.scopes(ON_ROSTER)))
    chaired = reader.scopes({Role.GROUP_CHAIR})
    return home.groups_of(reader.session, chaired | own) if chaired | own else []
