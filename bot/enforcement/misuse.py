"""Misuse of notices and of Fake, weighed as DSA Article 23(3) asks: number, share, gravity, intention.

Over one year, for each person and for each rights holder:

- number: what turned out unfounded. The marketplace refused it or kept the listing, the holder took it back
  after the marketplace had its word, or a counter-notice against it was upheld;
- share: of everything of theirs that was decided;
- gravity: how much of it was upheld against them, and for how many days in all listings were down for it;
- intention: what only people can judge. Shown are how much came after a warning, and how much hit one seller.

Nothing follows from a figure by itself. A warning, then a suspension, are proposed by one person and decided
by another (`censures.py`), after whoever is concerned could answer.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.enforcement.access import Actor, Denied, Operation, Reach, Subject, authorize
from storage.queries import misuse
from storage.records.misuse import (
    Censure,
    CensureKind,
    CensureState,
    Concentration,
    Ending,
    Figures,
    Reporter,
    Unfounded,
)
from storage.records.roster import HolderKind, Person, RightsHolder

YEAR = timedelta(days=365)
MOST_REPORTERS = 20
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Dossier:
    """What is known of one reporter, or of a rights holder as a whole where `person` is None."""

    person: Person | None
    holder: RightsHolder
    figures: Figures
    censures: Sequence[Censure]

    @property
    def warned(self) -> bool:
        """Whether a warning is in force here; a suspension needs one of the last year."""
        return any(
            each.kind is CensureKind.WARNING
            and each.state is CensureState.IN_FORCE
            and each.holder_id == self.holder.id
            for each in self.censures
        )


def weigh(endings: Sequence[Ending], acts: int, warned_on: date | None = None) -> Figures:
    """The figures of one reporter, of whom so many acts were decided; a warning since when they go on."""
    kinds = Counter(each.kind for each in endings)
    sellers = Counter(each.seller_id for each in endings if each.seller_id)
    return Figures(
        acts=max(acts, len(endings)),
        retracted=kinds[Unfounded.RETRACTED],
        refused=kinds[Unfounded.REFUSED],
        upheld=kinds[Unfounded.UPHELD],
        days_down=sum(each.seconds_down for each in endings) // _DAY_SECONDS,
        after_warning=sum(1 for each in endings if warned_on and each.on > warned_on),
        same_seller=max(sellers.values(), default=0),
    )


def warned_on(censures: Iterable[Censure], today: date) -> date | None:
    """The day of the newest warning in force that is not older than a year."""
    days = [
        each.decided_at.date()
        for each in censures
        if each.kind is CensureKind.WARNING and each.state is CensureState.IN_FORCE and each.decided_at
    ]
    newest = max(days, default=None)
    return newest if newest is not None and newest > today - YEAR else None


def concentration(session: Session, actor: Actor, *, now: datetime, holder_id: str = "") -> Concentration:
    """Who causes what is upheld: everybody's reporters, or those of one rights holder."""
    subject = Subject("misuse", holder_id, holder_id=holder_id or None)
    authorize(session, actor, Operation.VIEW_MISUSE, subject)
    if holder_id and session.get(RightsHolder, holder_id) is None:
        raise Denied(actor, Operation.VIEW_MISUSE, subject)
    since = now.date() - YEAR
    by_person: dict[str, list[Ending]] = defaultdict(list)
    for each in misuse.endings(session, since, holder_id=holder_id):
        by_person[each.person_id].append(each)
    homes = misuse.homes(session, by_person)
    ranked = sorted(by_person, key=lambda person_id: (*_rank(by_person[person_id]), person_id), reverse=True)
    shown = [each for each in ranked if each in homes and holder_id in ("", homes[each])][:MOST_REPORTERS]
    acts = misuse.decided(session, since, shown, holder_id)
    people = misuse.people(session, shown)
    names = misuse.holder_names(session, {homes[each] for each in shown})
    reporters = [
        Reporter(people[each], homes[each], names[homes[each]], weigh(by_person[each], acts.get(each, 0)))
        for each in shown
    ]
    every = [ending for found in by_person.values() for ending in found]
    upheld = sum(1 for each in every if each.kind is Unfounded.UPHELD)
    return Concentration(reporters, upheld, len(every), len(by_person))


def dossier(session: Session, actor: Actor, holder_id: str, person_id: str, *, now: datetime) -> Dossier:
    """The figures and the history of one reporter at a rights holder, or of the holder if none is named.

    Who reads for one company sees nothing of what its people did, or were told, at another one.
    """
    subject = Subject("misuse", person_id or holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.VIEW_MISUSE, subject)
    holder = session.get(RightsHolder, holder_id)
    person = session.get(Person, person_id) if person_id else None
    if holder is None or (
        person_id and (person is None or not misuse.belongs(session, person_id, holder_id))
    ):
        raise Denied(actor, Operation.VIEW_MISUSE, subject)
    return read_dossier(session, holder, person, now, everywhere=grant.cell.reach is Reach.ALL)


def read_dossier(
    session: Session, holder: RightsHolder, person: Person | None, now: datetime, *, everywhere: bool = False
) -> Dossier:
    """The same for a caller who has authorized; a person's acts here, or `everywhere`."""
    since = now.date() - YEAR
    person_id = person.id if person else ""
    # An association's officers act for its members: what is theirs is kept under the members.
    anywhere = person is not None and (everywhere or holder.kind is HolderKind.ASSOCIATION)
    here = "" if anywhere else holder.id
    found = misuse.endings(session, since, person_id=person_id, holder_id=here)
    if person:
        acts = misuse.decided(session, since, [person_id], here).get(person_id, 0)
    else:
        acts = misuse.decided_of_holder(session, since, holder.id)
    told_here = "" if person and everywhere else holder.id
    history = misuse.censures(session, person_id=person_id or None, holder_id=told_here)
    figures = weigh(found, acts, warned_on(history, now.date()))
    return Dossier(person, holder, figures, history)


def _rank(endings: Sequence[Ending]) -> tuple[int, int]:
    upheld = sum(1 for each in endings if each.kind is Unfounded.UPHELD)
    return upheld, len(endings)
