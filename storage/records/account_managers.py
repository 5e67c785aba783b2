"""Account managers: who at the platform answers for a rights holder, their deputy, and who is away."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from storage.columns import new_id, partial_index, partial_unique
from storage.records.roster import Person, RightsHolder


class AccountManager(SQLModel, table=True):
    """A rights holder's manager and deputy at the platform. A change ends the row and begins another."""

    __tablename__ = "account_manager"
    __table_args__ = (
        partial_unique("uq_account_manager_live", "holder_id", where="until IS NULL"),
        Index("ix_account_manager_holder", "holder_id", "since"),
        partial_index("ix_account_manager_manager", "manager_id", where="until IS NULL"),
        partial_index("ix_account_manager_deputy", "deputy_id", where="until IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    holder_id: str = Field(foreign_key="rights_holder.id")
    manager_id: str = Field(foreign_key="person.id")
    deputy_id: str | None = Field(default=None, foreign_key="person.id")
    since: datetime
    until: datetime | None = None
    named_by: str  # the actor, as the audit writes it


class Absence(SQLModel, table=True):
    """Until when somebody of the platform's team is away; their deputies stand in."""

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    until: datetime


@dataclass(frozen=True)
class Pair:
    """Those who answer for a rights holder and can act. Without a manager the whole team does."""

    manager: Person | None = None
    deputy: Person | None = None
    away_until: datetime | None = None  # the manager is not there before that
    deputy_away_until: datetime | None = None

    def acting(self, now: datetime) -> Person | None:
        """Whom to turn to: the deputy while the manager is away, nobody while both are."""
        for person, away_until in (
            (self.manager, self.away_until),
            (self.deputy, self.deputy_away_until),
        ):
            if person is not None and (away_until is None or away_until <= now):
                return person
        return None


NOBODY = Pair()


@dataclass(frozen=True)
class Managed:
    """A rights holder in the list of somebody who answers for it."""

    holder: RightsHolder
    pair: Pair


@dataclass(frozen=True)
class Term:
    """For how long two people were manager and deputy, by user id; an empty one is nobody."""

    manager: str
    deputy: str
    since: datetime
    until: datetime | None
