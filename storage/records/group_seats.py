"""Seats and applications of working groups, and the Slack user group that mirrors one."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from storage.columns import enum_column, json_column, new_id, partial_index, partial_unique
from storage.records import groups  # noqa: F401  # the tables that ours point to


class Wish(StrEnum):
    """What a rights holder asks of a group."""

    JOIN = "join"
    LEAVE = "leave"


class Decision(StrEnum):
    """What became of it. `withdrawn`: it came true by other hands, or the group is no more."""

    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class GroupSeat(SQLModel, table=True):
    """What is said of a chair beyond their role, which carries the rights: a deputy's are the same."""

    __tablename__ = "group_seat"
    __table_args__ = (partial_index("ix_group_seat_ends", "ends_on", where="ends_on IS NOT NULL"),)

    grant_id: str = Field(primary_key=True, foreign_key="role_grant.id")
    deputy: bool
    ends_on: date | None = None  # the last day of the term


class GroupApplication(SQLModel, table=True):
    """A rights holder asks to join or to leave; the chair or an administrator answers."""

    __tablename__ = "group_application"
    __table_args__ = (
        partial_unique("uq_group_application_open", "group_id", "holder_id", where="decided_at IS NULL"),
        Index("ix_group_application_holder", "holder_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    group_id: str = Field(foreign_key="working_group.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    wish: Wish = Field(sa_column=enum_column(Wish, "wish"))
    words: str = ""
    asked_by: str = Field(foreign_key="person.id")
    asked_at: datetime
    decision: Decision | None = Field(
        default=None, sa_column=enum_column(Decision, "decision", nullable=True)
    )
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    answer: str = ""
    decided_at: datetime | None = None


class UserGroup(SQLModel, table=True):
    """A working group as a Slack user group. `put` are the Slack ids of those whom the bot put there."""

    __tablename__ = "user_group"

    group_id: str = Field(primary_key=True, foreign_key="working_group.id")
    usergroup_id: str = ""  # Slack's id; empty until it is made
    handle: str
    put: list[str] = Field(default_factory=list, sa_column=json_column())
    problem: str = ""  # Slack's word for why it is not in step
    asked_by: str
    asked_at: datetime
