"""What people do about standing: look at its figures, and choose the rule by which it is judged."""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may
from bot.enforcement.refusals import Refused
from bot.enforcement.standing import InForce, figures_of, in_force
from bot.enforcement.standing_rules import PUBLISHED, outlook, window_start
from bot.enforcement.trail import note
from storage.queries import roster, standing
from storage.records.roster import RightsHolder
from storage.records.standing import StandingLine, StandingRuleChoice, StandingSheet

HISTORY = 10


def check_rule(session: Session, version: str, *, pilot_only: bool) -> None:
    """Whether that rule is another one than the one in force."""
    if version not in PUBLISHED:
        raise Refused("standing.unknown_rule")
    if in_force(session) == InForce(PUBLISHED[version], pilot_only):
        raise Refused("standing.same_rule")


def choose_rule(
    session: Session,
    actor: Actor,
    version: str,
    *,
    pilot_only: bool,
    now: datetime,
    proposed_by: str = "",
) -> None:
    """Judge by another published rule from now on; every standing is looked at by the next tick."""
    subject = Subject("standing_rule", version)
    grant = authorize(session, actor, Operation.CHOOSE_STANDING_RULE, subject)
    if grant.cell.second and proposed_by in ("", grant.person_id):
        raise Denied(actor, Operation.CHOOSE_STANDING_RULE, subject)
    check_rule(session, version, pilot_only=pilot_only)
    session.add(StandingRuleChoice(version=version, pilot_only=pilot_only, by=str(actor), at=now))
    session.flush()
    standing.look_at_all(session, now.date())
    note(session, actor, grant, Operation.CHOOSE_STANDING_RULE, subject, now, pilot_only=pilot_only)


def sheet(session: Session, actor: Actor, holder_id: str, now: datetime) -> StandingSheet:
    """One rights holder's standing with everything that it follows from, for those who may see it."""
    subject = Subject("standing", holder_id, holder_id=holder_id)
    authorize(session, actor, Operation.VIEW_STANDING, subject)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.VIEW_STANDING, subject)
    rule = in_force(session).rule
    figures = figures_of(session, holder_id, rule, now)
    return StandingSheet(
        holder,
        rule,
        figures,
        outlook(holder.standing, holder.standing_until, figures, rule, now.date()),
        standing.changes(session, holder_id, HISTORY),
        sets=may(session, actor, Operation.SET_STANDING, subject),
    )


def lines(session: Session, actor: Actor, now: datetime) -> tuple[InForce, list[StandingLine]]:
    """Every rights holder with its figures, by name; for the platform's team and administrators."""
    authorize(session, actor, Operation.VIEW_STANDING, Subject("standing"))
    force = in_force(session)
    holders = [line.holder for line in roster.holders(session)]
    since = window_start(now.date(), force.rule)
    found = standing.windows(session, [holder.id for holder in holders], since)
    return force, [StandingLine(holder, found[holder.id].total) for holder in holders]
