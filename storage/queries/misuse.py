"""What of people's Fakes and notices turned out unfounded, and what was decided on them in all.

Only what failed is read, through indexes by what counts and when; the rest is counted for the people asked
about. What counts as failed is what counts so in standing (`bot/enforcement/standing.py`).
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, null, or_, select
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_records

from storage.records.authenticity import Verdict
from storage.records.listings import Listing
from storage.records.misuse import Censure, CensureKind, CensureSheet, CensureState, Ending, Unfounded
from storage.records.notices import Notice, NoticeItem
from storage.records.roster import Person, RightsHolder, RoleGrant
from storage.records.standing import Counted, StandingTally
from storage.records.takedowns import CauseKind, Takedown, TakedownCause, TakedownState

_TABLES = SQLModel.metadata.tables
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_CAUSE = _TABLES[str(TakedownCause.__tablename__)]
_PEOPLE: Any = bindparam("people", expanding=True)
_SINCE: Any = bindparam("since")

_FAILED = (Counted.REFUSED, Counted.RETRACTED)
_CAUSES = (
    _CAUSE.join(_TAKEDOWN, _TAKEDOWN.c.id == _CAUSE.c.takedown_id)
    .outerjoin(_VERDICT, and_(_CAUSE.c.kind == CauseKind.VERDICT.value, _VERDICT.c.id == _CAUSE.c.subject_id))
    .outerjoin(_ITEM, and_(_CAUSE.c.kind == CauseKind.NOTICE_ITEM.value, _ITEM.c.id == _CAUSE.c.subject_id))
    .outerjoin(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id)
)
_PERSON_OF_CAUSE = func.coalesce(_VERDICT.c.person_id, _NOTICE.c.submitter_id)


def _of_causes(on: Any, *failed: Any) -> Select[Any]:
    return (
        select(
            _PERSON_OF_CAUSE.label("person_id"),
            _CAUSE.c.holder_id,
            _CAUSE.c.counted,
            on.label("on"),
            _CAUSE.c.upheld_on,
            _TAKEDOWN.c.seller_id,
            _TAKEDOWN.c.state,
            _TAKEDOWN.c.removed_at,
            _TAKEDOWN.c.changed_at,
        )
        .select_from(_CAUSES)
        .where(*failed)
    )


_UPHELD = _of_causes(_CAUSE.c.upheld_on, _CAUSE.c.upheld_on.is_not(None), _CAUSE.c.upheld_on >= _SINCE)
_FAILED_TAKEDOWNS = _of_causes(
    _CAUSE.c.counted_on,
    _CAUSE.c.counted.in_(_FAILED),
    _CAUSE.c.counted_on >= _SINCE,
    _CAUSE.c.upheld_on.is_(None),
)


def _of_items(on: Any, *failed: Any) -> Select[Any]:
    return (
        select(
            _NOTICE.c.submitter_id.label("person_id"),
            _NOTICE.c.holder_id,
            _ITEM.c.counted,
            on.label("on"),
            _ITEM.c.upheld_on,
            _LISTING.c.seller_id,
            null().label("state"),
            null().label("removed_at"),
            null().label("changed_at"),
        )
        .select_from(
            _ITEM.join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id).join(
                _LISTING, _LISTING.c.id == _ITEM.c.listing_id
            )
        )
        .where(*failed)
    )


_UPHELD_ITEMS = _of_items(_ITEM.c.upheld_on, _ITEM.c.upheld_on.is_not(None), _ITEM.c.upheld_on >= _SINCE)
_FAILED_ITEMS = _of_items(
    _ITEM.c.counted_on,
    _ITEM.c.counted.in_(_FAILED),
    _ITEM.c.counted_on >= _SINCE,
    _ITEM.c.upheld_on.is_(None),
)
_DECIDED_FAKES = (
    select(_VERDICT.c.person_id, func.count())
    .join(_CAUSE, and_(_CAUSE.c.kind == CauseKind.VERDICT.value, _CAUSE.c.subject_id == _VERDICT.c.id))
    .where(_VERDICT.c.person_id.in_(_PEOPLE), _CAUSE.c.counted.is_not(None), _CAUSE.c.counted_on >= _SINCE)
    .group_by(_VERDICT.c.person_id)
)
_DECIDED_ITEMS = (
    select(_NOTICE.c.submitter_id, func.count())
    .select_from(
        _NOTICE.join(_ITEM, _ITEM.c.notice_id == _NOTICE.c.id).outerjoin(
            _CAUSE, and_(_CAUSE.c.kind == CauseKind.NOTICE_ITEM.value, _CAUSE.c.subject_id == _ITEM.c.id)
        )
    )
    .where(
        _NOTICE.c.submitter_id.in_(_PEOPLE),
        or_(
            and_(_ITEM.c.counted.is_not(None), _ITEM.c.counted_on >= _SINCE),
            and_(_CAUSE.c.counted.is_not(None), _CAUSE.c.counted_on >= _SINCE),
        ),
    )
    .group_by(_NOTICE.c.submitter_id)
)


def endings(session: Session, since: date, *, person_id: str = "", holder_id: str = "") -> list[Ending]:
    """Everything that turned out unfounded since a day: of everybody, of one person, of one rights holder."""
    found: list[Ending] = []
    for statement in (_UPHELD, _UPHELD_ITEMS, _FAILED_TAKEDOWNS, _FAILED_ITEMS):
        narrowed = statement
        if holder_id:
            narrowed = narrowed.where(statement.selected_columns.holder_id == holder_id)
        if person_id:
            narrowed = narrowed.where(statement.selected_columns.person_id == person_id)
        found += [_ending(row) for row in session.connection().execute(narrowed, {"since": since})]
    return found


def decided(
    session: Session, since: date, person_ids: Collection[str], holder_id: str = ""
) -> dict[str, int]:
    """How many Fakes and listings in notices of each of these people were decided since a day.

    With a rights holder, only what they did for that one.
    """
    counts: dict[str, int] = {}
    for statement, at in ((_DECIDED_FAKES, _VERDICT.c.holder_id), (_DECIDED_ITEMS, _NOTICE.c.holder_id)):
        given = {"people": list(person_ids), "since": since}
        narrowed = statement.where(at == holder_id) if holder_id else statement
        for person_id, number in session.connection().execute(narrowed, given):
            counts[person_id] = counts.get(person_id, 0) + number
    return counts


def decided_of_holder(session: Session, since: date, holder_id: str) -> int:
    """How many cases of a rights holder were decided since a day, as its standing counts them."""
    return (
        session.exec(
            select_records(func.sum(col(StandingTally.decided))).where(
                col(StandingTally.holder_id) == holder_id, col(StandingTally.day) >= since
            )
        ).one()
        or 0
    )


def people(session: Session, person_ids: Collection[str]) -> dict[str, Person]:
    """These people, by id."""
    found = session.exec(select_records(Person).where(col(Person.id).in_(person_ids)))
    return {person.id: person for person in found}


def homes(session: Session, person_ids: Collection[str]) -> dict[str, str]:
    """The rights holder or association at which each of these people holds, or held last, a role."""
    rows = session.exec(
        select_records(RoleGrant.person_id, RoleGrant.scope_id)
        .join(RightsHolder, col(RightsHolder.id) == col(RoleGrant.scope_id))
        .where(col(RoleGrant.person_id).in_(person_ids))
        .order_by(col(RoleGrant.until).is_(None), col(RoleGrant.since))
    )
    return dict(rows.all())


def holder_names(session: Session, holder_ids: Collection[str]) -> dict[str, str]:
    """The names of these rights holders, by id."""
    return dict(
        session.exec(
            select_records(RightsHolder.id, RightsHolder.name).where(col(RightsHolder.id).in_(holder_ids))
        ).all()
    )


def belongs(session: Session, person_id: str, holder_id: str, *, still: bool = False) -> bool:
    """Whether a person holds a role at a rights holder, or held one, unless they must `still` hold it."""
    found = select_records(RoleGrant.id).where(
        col(RoleGrant.person_id) == person_id, col(RoleGrant.scope_id) == holder_id
    )
    if still:
        found = found.where(col(RoleGrant.until).is_(None))
    return session.exec(found.limit(1)).first() is not None


def censures(session: Session, *, person_id: str | None = None, holder_id: str = "") -> Sequence[Censure]:
    """Warnings and suspensions, the newest first: of a person anywhere or at one rights holder, or of the
    rights holder as a whole where no person is named.
    """
    whose = [col(Censure.person_id) == person_id if person_id else col(Censure.person_id).is_(None)]
    if holder_id:
        whose.append(col(Censure.holder_id) == holder_id)
    return session.exec(
        select_records(Censure)
        .where(*whose)
        .order_by(col(Censure.proposed_at).desc(), col(Censure.id).desc())
    ).all()


def proposed(session: Session, kind: CensureKind, person_id: str | None, holder_id: str) -> Censure | None:
    """The censure of this kind that waits for a second person."""
    return next(
        (
            each
            for each in censures(session, person_id=person_id, holder_id=holder_id)
            if each.kind is kind and each.state is CensureState.PROPOSED
        ),
        None,
    )


def by_approvals(session: Session, approval_ids: Collection[str]) -> dict[str, CensureSheet]:
    """The censures that these proposals are about, by the proposal's id."""
    found = session.exec(select_records(Censure).where(col(Censure.approval_id).in_(approval_ids))).all()
    return {str(sheet.censure.approval_id): sheet for sheet in _sheets(session, found)}


def sheet(session: Session, censure_id: str) -> CensureSheet | None:
    """A censure with the names around it."""
    found = session.get(Censure, censure_id)
    return _sheets(session, [found])[0] if found else None


def _sheets(session: Session, found: Sequence[Censure]) -> list[CensureSheet]:
    ids = {each for row in found for each in (row.person_id, row.answered_by) if each}
    known = people(session, ids)
    names = holder_names(session, {row.holder_id for row in found})
    return [
        CensureSheet(
            row, known.get(row.person_id or ""), names[row.holder_id], known.get(row.answered_by or "")
        )
        for row in found
    ]


def _ending(row: Any) -> Ending:
    down = 0
    if row.removed_at and row.state == TakedownState.REINSTATED:
        down = int((row.changed_at - row.removed_at).total_seconds())
    kind = Unfounded.UPHELD if row.upheld_on else Unfounded(row.counted.value)
    return Ending(row.person_id, row.holder_id, kind, row.on, row.seller_id, down)
