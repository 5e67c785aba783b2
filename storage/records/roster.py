"""Who takes part: rights holders, their brands, people, the roles they hold, and written mandates."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, new_id, partial_index, partial_unique


class HolderKind(StrEnum):
    """A company, or a trade body that can itself own rights."""

    COMPANY = "company"
    ASSOCIATION = "association"


class HolderSize(StrEnum):
    """Size class, so that the service of small companies can be compared with that of large ones."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Standing(StrEnum):
    """Good-faith standing of a rights holder. Some let one click start a takedown: `standing_rules`."""

    APPLICANT = "applicant"
    PILOT = "pilot"
    GOOD_FAITH = "good_faith"
    WARNED = "warned"
    SUSPENDED = "suspended"
    EXCLUDED = "excluded"


class Role(StrEnum):
    """What a person may be asked to do. The authorisation matrix is in `bot/enforcement/matrix.py`."""

    EXPERT = "expert"
    LEAD = "lead"
    SMALL_MEMBER = "small_member"
    ASSOCIATION_OFFICER = "association_officer"
    PLATFORM_STAFF = "platform_staff"
    GROUP_CHAIR = "group_chair"
    ADMINISTRATOR = "administrator"


class RightsHolder(SQLModel, table=True):
    """A company or association that owns rights; it may hold several brands (the two-level model)."""

    __tablename__ = "rights_holder"
    __table_args__ = (
        UniqueConstraint("name_key", name="uq_rights_holder_name"),
        partial_index("ix_rights_holder_standing_due", "standing_due", where="standing_due IS NOT NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    name_key: str  # casefolded, so that two spellings of one name collide
    kind: HolderKind = Field(sa_column=enum_column(HolderKind, "kind"))
    size: HolderSize = Field(sa_column=enum_column(HolderSize, "size"))
    industry: str
    country: str  # ISO 3166-1 alpha-2
    standing: Standing = Field(sa_column=enum_column(Standing, "standing"))
    standing_since: datetime
    pilot: bool = False  # on the pilot list: no second person for anybody's first Fake
    standing_until: date | None = None  # up to that day figures change nothing: re-entry, or set by hand
    standing_due: date | None = None  # when time alone can change it
    created_at: datetime


class Brand(SQLModel, table=True):
    """A brand of one rights holder."""

    __table_args__ = (UniqueConstraint("name_key", name="uq_brand_name"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    holder_id: str = Field(foreign_key="rights_holder.id", index=True)
    name: str
    name_key: str
    created_at: datetime


class Person(SQLModel, table=True):
    """A Slack user whom the bot has met. Identity is (team, user); the rest is a cache of `users.info`."""

    __table_args__ = (UniqueConstraint("user_id", "team_id", name="uq_person_user"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    team_id: str
    user_id: str
    name: str = ""
    email: str = ""
    locale: str = "en-US"
    zone: str = "UTC"
    is_guest: bool = False  # restricted, ultra restricted, or of another workspace
    is_bot: bool = False
    is_deleted: bool = False
    profile_at: datetime | None = None  # when the cache was last filled; before that nothing of it is known
    suspended_at: datetime | None = None  # files and answers nothing until it is lifted
    home_opened_at: datetime | None = None


class RoleGrant(SQLModel, table=True):
    """One person's role in one scope: a holder's id, a group's id, or nothing (platform, administrators)."""

    __tablename__ = "role_grant"
    __table_args__ = (
        partial_unique("uq_role_grant_live", "person_id", "role", "scope_id", where="until IS NULL"),
        Index("ix_role_grant_scope", "scope_id", "role"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    role: Role = Field(sa_column=enum_column(Role, "role"))
    scope_id: str = ""
    since: datetime
    until: datetime | None = None
    granted_by: str  # the actor, as the audit writes it


class Mandate(SQLModel, table=True):
    """An association's written authority to file for a member."""

    __table_args__ = (
        partial_unique("uq_mandate_live", "association_id", "holder_id", where="until IS NULL"),
        Index("ix_mandate_holder", "holder_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    association_id: str = Field(foreign_key="rights_holder.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    document: str  # what the written mandate is and where it is kept
    since: datetime
    until: datetime | None = None
