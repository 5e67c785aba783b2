"""A brand's product lines and who knows them: kept by its leads, used to ask those first whom it concerns."""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.register import insert_named, name_key
from bot.enforcement.trail import note
from storage.queries import product_lines
from storage.records.product_lines import LineExpert, ProductLine
from storage.records.roster import Brand, RightsHolder, RoleGrant

MOST_LINES = 100  # of a rights holder: as many as a select offers


class LineForm(BaseModel):
    """A product line as a lead writes it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    brand_id: str
    name: str = Field(min_length=1, max_length=60)


def add_line(session: Session, actor: Actor, form: LineForm, *, now: datetime) -> str:
    """Give a brand a product line; its id."""
    brand = session.get(Brand, form.brand_id)
    subject = Subject("product_line", form.brand_id, holder_id=brand.holder_id if brand else None)
    grant = authorize(session, actor, Operation.MANAGE_ROSTER, subject)
    if brand is None:
        raise Denied(actor, Operation.MANAGE_ROSTER, subject)
    session.get_one(RightsHolder, brand.holder_id, with_for_update=True)  # the number of lines is bounded
    if len(product_lines.of_holder(session, brand.holder_id)) >= MOST_LINES:
        raise Refused("lines.too_many", most=MOST_LINES)
    line = ProductLine(brand_id=brand.id, name=form.name, name_key=name_key(form.name))
    insert_named(session, line, "uq_product_line_live", "lines.exists", name=form.name)
    note(session, actor, grant, Operation.MANAGE_ROSTER, subject, now, line=form.name)
    return line.id


def end_line(session: Session, actor: Actor, line_id: str, *, now: datetime) -> None:
    """The brand has the line no more; nobody is asked about it first any longer."""
    line = session.get(ProductLine, line_id)
    brand = session.get(Brand, line.brand_id) if line else None
    subject = Subject("product_line", line_id, holder_id=brand.holder_id if brand else None)
    grant = authorize(session, actor, Operation.MANAGE_ROSTER, subject)
    if line is None or line.ended_at is not None:
        raise Denied(actor, Operation.MANAGE_ROSTER, subject)
    line.ended_at = now
    session.add(line)
    _end(session, now, col(LineExpert.line_id) == line_id)
    note(session, actor, grant, Operation.MANAGE_ROSTER, subject, now, ended=line.name)


def set_lines(
    session: Session,
    actor: Actor,
    holder_id: str,
    person_id: str,
    line_ids: Collection[str],
    *,
    now: datetime,
) -> None:
    """Say which product lines of their rights holder a person on its roster knows: exactly these."""
    subject = Subject("roster", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.MANAGE_ROSTER, subject)
    session.get_one(RightsHolder, holder_id, with_for_update=True)
    theirs = {line.id for line in product_lines.of_holder(session, holder_id)}
    if not set(line_ids) <= theirs or not _on_roster(session, holder_id, person_id):
        raise Denied(actor, Operation.MANAGE_ROSTER, subject)
    known = set(product_lines.known_to(session, holder_id, [person_id]).get(person_id, ()))
    ended, added = known - set(line_ids), set(line_ids) - known
    if not ended and not added:
        return
    _end(session, now, col(LineExpert.person_id) == person_id, col(LineExpert.line_id).in_(ended))
    session.add_all(LineExpert(line_id=line, person_id=person_id, since=now) for line in sorted(added))
    operation, lines = Operation.MANAGE_ROSTER, sorted(line_ids)
    note(session, actor, grant, operation, subject, now, person=person_id, lines=lines)


def forget(session: Session, holder_id: str, person_id: str, now: datetime) -> None:
    """Somebody left a roster: they know its product lines no more. The caller has authorized and audits."""
    theirs = [line.id for line in product_lines.of_holder(session, holder_id)]
    _end(session, now, col(LineExpert.person_id) == person_id, col(LineExpert.line_id).in_(theirs))


def forget_everywhere(session: Session, person_id: str, now: datetime) -> None:
    """Somebody left every roster."""
    _end(session, now, col(LineExpert.person_id) == person_id)


def _on_roster(session: Session, holder_id: str, person_id: str) -> bool:
    held = session.exec(
        select(RoleGrant.id).where(
            col(RoleGrant.person_id) == person_id,
            col(RoleGrant.scope_id) == holder_id,
            col(RoleGrant.until).is_(None),
        )
    )
    return held.first() is not None


def _end(session: Session, now: datetime, *which: ColumnElement[bool]) -> None:
    session.flush()
    live = update(LineExpert).where(col(LineExpert.until).is_(None), *which)
    session.connection().execute(live.values(until=now))
