"""Warnings and suspensions: proposed by one, answered by whoever is concerned, decided by another.

A lead may propose them for the people of the own rights holder, the platform's staff and administrators for
everybody; an administrator other than the proposer decides (`approvals.py`). Whoever is concerned is told
when it is proposed, with the figures, and may answer then and later; those who decide see the answer.

A suspension needs a warning of the last year, at the same rights holder. A suspended person files and answers
nothing until it is lifted; a suspended rights holder has the standing "suspended", which is lifted as a
standing is.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import misuse, outgoing, roster
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.queries import misuse as kept
from storage.queries import people
from storage.records.approvals import Approval
from storage.records.misuse import Censure, CensureKind, CensureState
from storage.records.roster import Person, RightsHolder, Role, Standing

Arguments = Mapping[str, str]
LONGEST = 1000
_LEADING = (Role.LEAD, Role.SMALL_MEMBER)


def check_warning(session: Session, actor: Actor, given: Arguments) -> None:
    """Whether a person, or a holder, can be warned now."""
    _concerned(session, actor, given, still=True)
    _nothing_waits(session, given, CensureKind.WARNING)


def check_suspension(session: Session, actor: Actor, given: Arguments) -> None:
    """Whether a person, or a holder, is not suspended yet; `begin_suspension` looks for the warning."""
    holder, person = _concerned(session, actor, given, still=True)
    _nothing_waits(session, given, CensureKind.SUSPENSION)
    suspended = person.suspended_at if person else holder.standing is Standing.SUSPENDED
    if suspended:
        raise Refused("misuse.suspended_already")


def check_lifting(session: Session, actor: Actor, given: Arguments) -> None:
    """Whether there is a suspension of this person to lift."""
    _, person = _concerned(session, actor, given)
    if person is None or person.suspended_at is None:
        raise Refused("misuse.not_suspended")


def begin(session: Session, approval: Approval, kind: CensureKind, now: datetime) -> None:
    """A censure was proposed: keep it with its figures, and tell whom it concerns."""
    given = approval.arguments
    holder = session.get_one(RightsHolder, given["holder_id"])
    person = session.get_one(Person, given["person_id"]) if "person_id" in given else None
    figures = misuse.read_dossier(session, holder, person, now).figures
    censure = Censure(
        kind=kind,
        state=CensureState.PROPOSED,
        person_id=person.id if person else None,
        holder_id=holder.id,
        approval_id=approval.id,
        reason=given["reason"],
        figures=figures.kept(),
        proposed_at=now,
    )
    session.add(censure)
    session.flush()
    _tell(session, censure, now)


def begin_warning(session: Session, approval: Approval, now: datetime) -> None:
    """A warning was proposed."""
    begin(session, approval, CensureKind.WARNING, now)


def begin_suspension(session: Session, approval: Approval, now: datetime) -> None:
    """A suspension was proposed. Refused where no warning of the last year is in force."""
    given = approval.arguments
    history = kept.censures(session, person_id=given.get("person_id"), holder_id=given["holder_id"])
    if misuse.warned_on(history, now.date()) is None:
        raise Refused("misuse.warn_first")
    begin(session, approval, CensureKind.SUSPENSION, now)


def decline(session: Session, approval: Approval, now: datetime) -> None:
    """A second person said no, or the first took it back."""
    for sheet in kept.by_approvals(session, [approval.id]).values():
        sheet.censure.state, sheet.censure.decided_at = CensureState.DECLINED, now
        session.add(sheet.censure)
        _tell(session, sheet.censure, now)


def warn(session: Session, given: Arguments, now: datetime) -> None:
    """The warning is in force."""
    _enforce(session, given, CensureKind.WARNING, now)


def suspend(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> None:
    """The suspension is in force from the next click on."""
    person_id = given.get("person_id")
    person = session.get_one(Person, person_id, with_for_update=True) if person_id else None
    _enforce(session, given, CensureKind.SUSPENSION, now)
    if person is not None:
        person.suspended_at = now
        session.add(person)
        outgoing.refresh_home(session, person.user_id, now)
        return
    roster.set_standing(
        session,
        actor,
        given["holder_id"],
        Standing.SUSPENDED,
        now=now,
        reason=given["reason"],
        proposed_by=proposed_by,
    )


def lift(session: Session, given: Arguments, now: datetime) -> None:
    """The person may file and answer again."""
    person = session.get_one(Person, given["person_id"], with_for_update=True)
    person.suspended_at = None
    session.add(person)
    for censure in kept.censures(session, person_id=person.id):
        if censure.kind is CensureKind.SUSPENSION and censure.state is CensureState.IN_FORCE:
            censure.state, censure.lifted_at = CensureState.LIFTED, now
            session.add(censure)
            session.flush()
            _tell(session, censure, now)
    outgoing.refresh_home(session, person.user_id, now)


def to_answer(session: Session, actor: Actor, censure_id: str) -> Censure:
    """A censure that concerns this person, or the holder that they lead."""
    return _own(session, actor, censure_id)[0]


def answer(session: Session, actor: Actor, censure_id: str, text: str, *, now: datetime) -> None:
    """Whoever is concerned answers, or answers again; those who decide see what was said last."""
    censure, grant, subject = _own(session, actor, censure_id)
    if censure.state in (CensureState.DECLINED, CensureState.LIFTED):
        raise Refused("misuse.nothing_to_answer")
    censure.answer, censure.answered_by, censure.answered_at = text.strip()[:LONGEST], grant.person_id, now
    session.add(censure)
    session.flush()
    _tell(session, censure, now)
    if censure.state is CensureState.PROPOSED and censure.approval_id:
        for administrator in people.holding(session, (Role.ADMINISTRATOR,)):
            outgoing.draw(session, Drawing.APPROVAL_CARD, censure.approval_id, administrator.user_id, now)
    note(session, actor, grant, Operation.ANSWER_CENSURE, subject, now, kind=censure.kind.value)


def recipients(session: Session, censure: Censure) -> list[Person]:
    """Who is told of a censure: the person, or the leads of the holder."""
    if censure.person_id:
        return [session.get_one(Person, censure.person_id)]
    return people.holding(session, _LEADING, censure.holder_id)


def _own(session: Session, actor: Actor, censure_id: str) -> tuple[Censure, Grant, Subject]:
    censure = session.get(Censure, censure_id, with_for_update=True)
    operation = Operation.ANSWER_CENSURE
    if censure is not None and censure.person_id is None:
        operation = Operation.ANSWER_HOLDER_CENSURE
    subject = Subject(
        "censure",
        censure_id,
        holder_id=censure.holder_id if censure else None,
        owner_id=censure.person_id if censure else None,
    )
    grant = authorize(session, actor, operation, subject)
    if censure is None:
        raise Denied(actor, operation, subject)
    return censure, grant, subject


def _concerned(
    session: Session, actor: Actor, given: Arguments, *, still: bool = False
) -> tuple[RightsHolder, Person | None]:
    """The rights holder, and the person who has a role there, or had one unless they must `still` have it."""
    holder = session.get(RightsHolder, given["holder_id"])
    person_id = given.get("person_id", "")
    person = session.get(Person, person_id) if person_id else None
    if holder is None or (
        person_id and (person is None or not kept.belongs(session, person_id, holder.id, still=still))
    ):
        raise Denied(actor, Operation.PROPOSE_CENSURE, Subject("misuse", person_id, given["holder_id"]))
    return holder, person


def _nothing_waits(session: Session, given: Arguments, kind: CensureKind) -> None:
    if kept.proposed(session, kind, given.get("person_id"), given["holder_id"]):
        raise Refused("approvals.asked_already")


def _enforce(session: Session, given: Arguments, kind: CensureKind, now: datetime) -> None:
    censure = kept.proposed(session, kind, given.get("person_id"), given["holder_id"])
    if censure is None:
        raise Refused("approvals.decided")
    censure.state, censure.decided_at = CensureState.IN_FORCE, now
    session.add(censure)
    session.flush()
    _tell(session, censure, now)


def _tell(session: Session, censure: Censure, now: datetime) -> None:
    for person in recipients(session, censure):
        outgoing.draw(session, Drawing.CENSURE, censure.id, person.user_id, now)
