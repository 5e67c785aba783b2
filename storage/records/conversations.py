"""Conversations that somebody asked for: about what, why, who takes part, how it opened and how it ended."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from storage.columns import enum_column, new_id, partial_index, partial_unique
from storage.records import roster  # noqa: F401  # the tables that ours point to


class About(StrEnum):
    """What a conversation is about. `home`: no case; its subject is then the concern itself."""

    HOME = "home"
    REQUEST = "request"
    NOTICE = "notice"
    COUNTER_NOTICE = "counter_notice"
    CENSURE = "censure"
    STANDING = "standing"
    SELLER = "seller"


class Concern(StrEnum):
    """Why somebody wants to talk. What is paid is no concern of this product."""

    WRONG_DECISION = "wrong_decision"
    SLOW_ANSWER = "slow_answer"
    SELLER_NETWORK = "seller_network"
    SECURITY = "security"  # a ring of counterfeiters, or a danger: the platform's security team joins
    RIGHTS = "rights"
    STANDING = "standing"
    OTHER = "other"


class TalkState(StrEnum):
    """`waiting`: for the association's word. `opening`: decided, and Slack is asked."""

    WAITING = "waiting"
    DECLINED = "declined"
    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"


LIVE = frozenset({TalkState.WAITING, TalkState.OPENING, TalkState.OPEN})
_LIVE = "state IN ('waiting', 'opening', 'open')"


class TalkForm(StrEnum):
    """Where people talk: the first that the workspace allows. `direct`: nowhere, they write to each other.

    A thread is in the brand's own channel; `team`: in the platform team's, where no colleague reads it.
    """

    CHANNEL = "channel"
    GROUP = "group"
    THREAD = "thread"
    TEAM = "team"
    DIRECT = "direct"


THREADS = frozenset({TalkForm.THREAD, TalkForm.TEAM})


class Part(StrEnum):
    """Why somebody takes part."""

    ASKER = "asker"
    EXPERT = "expert"
    LEAD = "lead"
    ADVISOR = "advisor"
    MANAGER = "manager"
    DEPUTY = "deputy"
    SECURITY = "security"
    STAFF = "staff"
    JOINED = "joined"  # asked for the same conversation later


class TalkOutcome(StrEnum):
    """How a conversation ended. `gone`: somebody archived its channel or took the bot out of it."""

    SOLVED = "solved"
    EXPLAINED = "explained"
    HANDED_ON = "handed_on"
    TAKEN_BACK = "taken_back"
    GONE = "gone"


ENDINGS = (TalkOutcome.SOLVED, TalkOutcome.EXPLAINED, TalkOutcome.HANDED_ON, TalkOutcome.TAKEN_BACK)
LONGEST = 3000  # characters of what somebody writes: what Slack's fields take


class Conversation(SQLModel, table=True):
    """One conversation of one rights holder with the platform; at most one lives for each subject."""

    __table_args__ = (
        partial_unique("uq_conversation_live", "holder_id", "about", "subject_id", where=_LIVE),
        partial_index("ix_conversation_next", "next_at", where="next_at IS NOT NULL"),
        partial_index("ix_conversation_waiting", "association_id", where="state = 'waiting'"),
        Index("ix_conversation_holder", "holder_id", "state", "asked_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    holder_id: str = Field(foreign_key="rights_holder.id")
    brand_id: str | None = Field(default=None, foreign_key="brand.id")
    about: About = Field(sa_column=enum_column(About, "about"))
    subject_id: str
    concern: Concern = Field(sa_column=enum_column(Concern, "concern"))
    title: str  # what it is about, as it was called then; empty for none
    text: str
    asker_id: str = Field(foreign_key="person.id")
    role: str  # in which the asker asked
    asked_at: datetime
    state: TalkState = Field(sa_column=enum_column(TalkState, "state"))
    association_id: str | None = Field(default=None, foreign_key="rights_holder.id")  # whose word it needs
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    reason: str = ""  # of a no
    form: TalkForm | None = Field(default=None, sa_column=enum_column(TalkForm, "form", nullable=True))
    channel_id: str = ""  # Slack's, once there is one
    opened_at: datetime | None = None
    next_at: datetime | None = None  # when it is looked whether the platform has answered
    reminded: int = 0
    answered_at: datetime | None = None  # when an answer of the platform was seen
    outcome: TalkOutcome | None = Field(
        default=None, sa_column=enum_column(TalkOutcome, "outcome", nullable=True)
    )
    outcome_text: str = ""
    closed_by: str | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = None


class ConversationMember(SQLModel, table=True):
    """Somebody who takes part, and why; until they leave the roster that brought them here."""

    __tablename__ = "conversation_member"
    __table_args__ = (
        partial_unique("uq_conversation_member_live", "conversation_id", "person_id", where="until IS NULL"),
        partial_index("ix_conversation_member_person", "person_id", where="until IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    conversation_id: str = Field(foreign_key="conversation.id")
    person_id: str = Field(foreign_key="person.id")
    part: Part = Field(sa_column=enum_column(Part, "part"))
    since: datetime
    until: datetime | None = None


class SecurityContact(SQLModel, table=True):
    """Somebody of the platform's team whom security concerns are brought to."""

    __tablename__ = "security_contact"
    __table_args__ = (partial_unique("uq_security_contact_live", "person_id", where="until IS NULL"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    named_by: str  # the actor, as the audit writes it
    since: datetime
    until: datetime | None = None
