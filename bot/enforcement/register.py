"""The register that administrators keep: rights holders, their brands, and written mandates.

Names are compared casefolded, so that two spellings of one name cannot stand side by side.
"""

from datetime import datetime

from babel import Locale
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.errors import violated
from storage.records.roster import Brand, HolderKind, HolderSize, Mandate, RightsHolder, Standing

_NAME = Field(min_length=1, max_length=80)
# Codes of two letters that CLDR names and that are no country: unions, test regions, the unknown.
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


class HolderForm(BaseModel):
    """A rights holder as an administrator writes it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    name: str = _NAME
    kind: HolderKind
    size: HolderSize
    industry: str = Field(min_length=1, max_length=60)
    country: str = Field(min_length=1, max_length=60)


class BrandForm(BaseModel):
    """A brand as an administrator writes it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    name: str = _NAME


def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    return " ".join(name.casefold().split())


def insert_named(session: Session, row: SQLModel, constraint: str, key: str, **values: str) -> None:
    """Write a row, or say by `key` that it broke this constraint."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        if violated(error) != constraint:
            raise
        raise Refused(key, **values) from error


def create_holder(session: Session, actor: Actor, form: HolderForm, *, now: datetime) -> str:
    """Put a rights holder into the register, an applicant at first; its id."""
    holder = RightsHolder(
        name=form.name,
        name_key=name_key(form.name),
        kind=form.kind,
        size=form.size,
        industry=form.industry,
        country=_country(form.country),
        standing=Standing.APPLICANT,
        standing_since=now,
        created_at=now,
    )
    subject = Subject("rights_holder", holder.id, holder_id=holder.id)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    insert_named(session, holder, "uq_rights_holder_name", "roster.holder_exists", name=form.name)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, created=form.name)
    return holder.id


def change_holder(session: Session, actor: Actor, holder_id: str, form: HolderForm, *, now: datetime) -> None:
    """Correct what the register says of a rights holder."""
    subject = Subject("rights_holder", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    holder.name, holder.name_key = form.name, name_key(form.name)
    holder.kind, holder.size = form.kind, form.size
    holder.industry, holder.country = form.industry, _country(form.country)
    insert_named(session, holder, "uq_rights_holder_name", "roster.holder_exists", name=form.name)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, changed=form.name)


def create_brand(session: Session, actor: Actor, holder_id: str, form: BrandForm, *, now: datetime) -> str:
    """Give a rights holder a brand; its id."""
    brand = Brand(holder_id=holder_id, name=form.name, name_key=name_key(form.name), created_at=now)
    subject = Subject("brand", brand.id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    if session.get(RightsHolder, holder_id) is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    insert_named(session, brand, "uq_brand_name", "roster.brand_exists", name=form.name)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, created=form.name)
    return brand.id


def rename_brand(session: Session, actor: Actor, brand_id: str, form: BrandForm, *, now: datetime) -> None:
    """Correct a brand's name."""
    brand = session.get(Brand, brand_id)
    subject = Subject("brand", brand_id, holder_id=brand.holder_id if brand else None)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    if brand is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    brand.name, brand.name_key = form.name, name_key(form.name)
    insert_named(session, brand, "uq_brand_name", "roster.brand_exists", name=form.name)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, changed=form.name)


def record_mandate(
    session: Session, actor: Actor, association_id: str, holder_id: str, document: str, *, now: datetime
) -> str:
    """Note that an association may file for a member, and which document says so; the mandate's id."""
    subject = Subject("mandate", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    association, member = session.get(RightsHolder, association_id), session.get(RightsHolder, holder_id)
    if association is None or member is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    if association.kind is not HolderKind.ASSOCIATION or association.id == member.id:
        raise Refused("roster.no_association")
    mandate = Mandate(association_id=association_id, holder_id=holder_id, document=document, since=now)
    insert_named(session, mandate, "uq_mandate_live", "roster.mandate_exists", name=member.name)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, mandate=association_id)
    return mandate.id


def end_mandate(session: Session, actor: Actor, mandate_id: str, *, now: datetime) -> None:
    """The association may no longer file for that member."""
    mandate = session.exec(
        select(Mandate).where(col(Mandate.id) == mandate_id, col(Mandate.until).is_(None))
    ).first()
    subject = Subject("mandate", mandate_id, holder_id=mandate.holder_id if mandate else None)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    if mandate is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    mandate.until = now
    session.add(mandate)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, ended=mandate.association_id)


def _country(code: str) -> str:
    """An ISO 3166-1 alpha-2 code in capitals; raises `Refused` for anything else."""
    capitals = code.upper()
    if len(code) != 2 or capitals in _NO_COUNTRY or capitals not in Locale("en").territories:
        raise Refused("roster.bad_country")
    return capitals
