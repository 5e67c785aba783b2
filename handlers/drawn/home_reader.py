"""Who looks at App Home, and whose cases they see there: read once, for whichever page they chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.enforcement.access import Actor, Operation, tenants
from bot.enforcement.business_clock import Calendar
from bot.enforcement.home import choice_of
from storage.queries import home
from storage.records.home import HomeChoice, Portal, Wanted
from storage.records.register import Held
from storage.records.roster import Person, Role

LEADING = {Role.LEAD, Role.SMALL_MEMBER}
KEEPING = {*LEADING, Role.ASSOCIATION_OFFICER}
ON_ROSTER = {*KEEPING, Role.EXPERT}


@dataclass(frozen=True)
class Reader:
    """Somebody with roles, what they chose to look at, and whose cases that is."""

    session: Session
    person: Person
    actor: Actor
    held: Sequence[Held]
    now: datetime
    calendar: Calendar
    choice: HomeChoice
    portals: Sequence[Portal]
    portal: Portal | None
    wanted: Wanted

    @classmethod
    def of(
        cls, session: Session, person: Person, held: Sequence[Held], now: datetime, calendar: Calendar
    ) -> "Reader":
        """Read what every page needs. A choice of what is no longer theirs counts as none."""
        actor = Actor(person.team_id, person.user_id)
        cases = tenants(session, actor, Operation.VIEW_OWN_CASES)
        portals = home.portals(session, cases) if cases else []
        choice = choice_of(session, person) or HomeChoice(person_id=person.id, at=now)
        portal = _chosen(portals, choice.scope_id)
        wanted = _wanted(portals, portal)
        return cls(session, person, actor, held, now, calendar, choice, portals, portal, wanted)

    @property
    def roles(self) -> set[Role]:
        """Every role that they hold."""
        return {each.role for each in self.held}

    def among(self, operation: Operation) -> set[str]:
        """Those of the rights holders shown for whom they may do this."""
        return tenants(self.session, self.actor, operation) & set(self.wanted.holder_ids)

    def scopes(self, roles: set[Role]) -> set[str]:
        """Where they hold one of these roles."""
        return {each.scope_id for each in self.held if each.role in roles}

    def page_of(self, list_name: str) -> int:
        """The page of a list that they turned to; of the page's other lists it is the first."""
        return self.choice.list_page if self.choice.filter == list_name else 0

    def own(self) -> list[str]:
        """Those of the rights holders shown on whose roster they are; a mandate is no place there."""
        rosters = self.scopes(ON_ROSTER)
        return [each for each in self.wanted.holder_ids if each in rosters]


def _chosen(portals: Sequence[Portal], scope_id: str) -> Portal | None:
    """What an id chooses: a rights holder or brand of the list, or the only brand of one."""
    exact = [each for each in portals if each.id == scope_id]
    return next((each for each in [*exact, *portals] if scope_id in (each.id, *each.brand_ids)), None)


def _wanted(portals: Sequence[Portal], portal: Portal | None) -> Wanted:
    if portal is not None:
        return Wanted([portal.holder_id], portal.brand_ids, one_brand=portal.is_brand)
    holders = [each for each in portals if not each.is_brand]
    return Wanted(
        [each.holder_id for each in holders], [brand_id for each in holders for brand_id in each.brand_ids]
    )
