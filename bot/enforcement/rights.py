"""Rights that notices rely on: registered once per holder, confirmed by an administrator, reused by everyone.

Which reason fits which kind of right follows the reasons that marketplaces themselves distinguish.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.errors import violated
from storage.records.notices import ReasonCode
from storage.records.rights import Right, RightKind
from storage.records.roster import Brand

REASONS: Mapping[RightKind, tuple[ReasonCode, ...]] = {
    RightKind.TRADEMARK: (
        ReasonCode.COUNTERFEIT_NO_TEST_BUY,
        ReasonCode.COUNTERFEIT_TEST_BUY,
        ReasonCode.TRADEMARK_IN_LISTING,
        ReasonCode.STORE_FRONT,
        ReasonCode.UNLAWFUL_IMPORT,
        ReasonCode.NOT_FOR_SALE,
        ReasonCode.OTHER,
    ),
    RightKind.COPYRIGHT: (ReasonCode.COPYRIGHT_IMAGES, ReasonCode.NOT_FOR_SALE, ReasonCode.OTHER),
    RightKind.DESIGN: (ReasonCode.DESIGN, ReasonCode.OTHER),
    RightKind.PATENT: (ReasonCode.PATENT, ReasonCode.OTHER),
    RightKind.GEOGRAPHICAL_INDICATION: (ReasonCode.GEOGRAPHICAL_INDICATION, ReasonCode.OTHER),
}

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
WebAddress = Annotated[str, StringConstraints(max_length=2000, pattern=r"^(https?://\S+)?$")]


class RightDetails(BaseModel):
    """What a person says of a right. A copyright without a registration goes under the title of the work."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: RightKind
    title: Named
    number: Short = ""
    office: Short = ""
    territory: Named
    classes: Short = ""
    brand_id: str | None = None
    expires_on: date | None = None
    certificate_url: WebAddress = ""


def register_right(
    session: Session, actor: Actor, holder_id: str, details: RightDetails, *, now: datetime
) -> Right:
    """Keep a right; notices may rely on it once an administrator has confirmed it.

    Refused where the number is missing, the day has passed, or the same right is kept already.
    """
    subject = Subject("right", holder_id=holder_id)
    grant = authorize(session, actor, Operation.REGISTER_RIGHT, subject)
    brand = session.get(Brand, details.brand_id) if details.brand_id else None
    if details.brand_id and (brand is None or brand.holder_id != holder_id):
        raise Denied(actor, Operation.REGISTER_RIGHT, subject)
    if not details.number and details.kind is not RightKind.COPYRIGHT:
        raise Refused("rights.number_missing")
    if details.expires_on is not None and details.expires_on < now.date():
        raise Refused("rights.expired")
    right = Right(
        **details.model_dump(exclude={"number"}),
        number=details.number or details.title,
        holder_id=holder_id,
        registered_by=str(actor),
        registered_at=now,
    )
    try:
        with session.begin_nested():
            session.add(right)
    except IntegrityError as error:
        if violated(error) == "uq_right_number":
            raise Refused("rights.already_registered", number=right.number) from error
        raise
    _note(session, actor, grant, Operation.REGISTER_RIGHT, right, now)
    outgoing.refresh_homes(session, holder_id, now)
    return right


def confirm_right(session: Session, actor: Actor, right_id: str, *, now: datetime) -> Right:
    """An administrator has seen the certificate. Confirming twice changes nothing."""
    right = session.get(Right, right_id, with_for_update=True)
    subject = Subject("right", right_id, holder_id=right.holder_id if right else None)
    grant = authorize(session, actor, Operation.CONFIRM_RIGHT, subject)
    if right is None:
        raise Denied(actor, Operation.CONFIRM_RIGHT, subject)
    if right.confirmed_at is None:
        right.confirmed_at = now
        right.confirmed_by = str(actor)
        session.add(right)
        _note(session, actor, grant, Operation.CONFIRM_RIGHT, right, now)
        outgoing.refresh_homes(session, right.holder_id, now)
    return right


def _note(
    session: Session, actor: Actor, grant: Grant, operation: Operation, right: Right, now: datetime
) -> None:
    subject = Subject("right", right.id, holder_id=right.holder_id)
    facts = {"right": right.kind.value, "number": right.number, "office": right.office}
    note(session, actor, grant, operation, subject, now, **facts)
