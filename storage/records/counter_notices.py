"""Counter-notices: a seller's objection to a removal, its papers, the brand's one answer, and each step.

A counter-notice is addressed to one rights holder's cause of one takedown; another holder whose cause the
same takedown has is not touched by it. What the marketplace removed on a notice by its own decision has no
takedown: there it is addressed to the item of that notice.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, json_column, new_id, partial_index, partial_unique
from storage.records import notices, takedowns  # noqa: F401  # the tables that ours point to


class Regime(StrEnum):
    """Under which rules a seller objects; `bot/enforcement/regimes.py` holds them, with their versions."""

    CHINA_ECOMMERCE = "china_ecommerce"
    CHINA_COURT = "china_court"
    DMCA = "dmca"
    DSA = "dsa"
    MERCADO_LIBRE = "mercado_libre"
    TIKTOK_SHOP = "tiktok_shop"
    ALIBABA = "alibaba"


class CounterState(StrEnum):
    """`open`: the brand's turn. `contested` and `unanswered`: the platform's turn. The last three are ends.

    `upheld` means that the seller was right, or that the regime says so where the brand was silent.
    """

    OPEN = "open"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    CONTESTED = "contested"
    UNANSWERED = "unanswered"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


BRANDS_TURN = frozenset({CounterState.OPEN, CounterState.AWAITING_CONFIRMATION})
PLATFORMS_TURN = frozenset({CounterState.CONTESTED, CounterState.UNANSWERED})
LIVE = BRANDS_TURN | PLATFORMS_TURN
_LIVE = "state IN ('open', 'awaiting_confirmation', 'contested', 'unanswered')"


class DecidedBy(StrEnum):
    """Who ended it: the brand accepted, nobody answered, the marketplace decided, the seller took it back."""

    BRAND = "brand"
    SILENCE = "silence"
    PLATFORM = "platform"
    SELLER = "seller"


class SellerGround(StrEnum):
    """Why the seller objects (Lumen's reasons for counter-notices, and a plain mistake)."""

    OWNER = "owner"
    AUTHORIZED = "authorized"
    NO_RIGHT = "no_right"
    FAIR_USE = "fair_use"
    REMOVED = "removed"
    NOT_USED = "not_used"
    MISTAKE = "mistake"
    OTHER = "other"


class Position(StrEnum):
    """The brand's answer."""

    ACCEPT = "accept"
    CONTEST = "contest"


class ContestCode(StrEnum):
    """Why the brand contests. The first three are Mercado Libre's own, numbered 1 to 3 there."""

    NOT_THIS_PRODUCT = "not_this_product"
    ILLEGIBLE = "illegible"
    NOT_AUTHORISED = "not_authorised"
    FORGED = "forged"
    COURT_ACTION = "court_action"  # a suit or a complaint to an authority, which some statutes ask for
    OTHER = "other"


class StepKind(StrEnum):
    """What happened to a counter-notice, as its thread tells it."""

    WARNED = "warned"
    PROPOSED = "proposed"  # answered by somebody whose answer a second person has to confirm
    DECLINED = "declined"
    ACCEPTED = "accepted"
    CONTESTED = "contested"
    LAPSED = "lapsed"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REINSTATED = "reinstated"


class CounterNotice(SQLModel, table=True):
    """One objection to one removal, answered by one rights holder. `next_at` is when time moves it."""

    __tablename__ = "counter_notice"
    __table_args__ = (
        UniqueConstraint("client_id", "external_id", name="uq_counter_notice_external_id"),
        CheckConstraint("(takedown_id IS NULL) <> (notice_item_id IS NULL)", name="one_removal"),
        partial_unique("uq_counter_notice_live", "takedown_id", "holder_id", where=_LIVE),
        partial_unique("uq_counter_notice_live_item", "notice_item_id", where=_LIVE),
        partial_index("ix_counter_notice_next", "next_at", where="next_at IS NOT NULL"),
        Index("ix_counter_notice_holder", "holder_id", "state", "due_at"),
        Index("ix_counter_notice_seller", "seller_id"),
        Index("ix_counter_notice_takedown", "takedown_id", "received_at"),
        Index("ix_counter_notice_item", "notice_item_id", "received_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    client_id: str = Field(foreign_key="platform_client.id")
    external_id: str
    body_hash: str  # SHA-256 of what was relayed: the same id with another body is a conflict
    takedown_id: str | None = Field(default=None, foreign_key="takedown.id")
    notice_item_id: str | None = Field(default=None, foreign_key="notice_item.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    brand_id: str = Field(foreign_key="brand.id")
    seller_id: str | None = Field(default=None, foreign_key="seller.id")
    listing_id: str = Field(foreign_key="listing.id")
    reason_code: str  # the takedown's or the notice's, by which standing counts too
    regime: Regime = Field(sa_column=enum_column(Regime, "regime"))
    regime_version: int
    chance: int  # 1 for the first objection to this removal
    ground: SellerGround = Field(sa_column=enum_column(SellerGround, "ground"))
    statement: str
    particulars: dict[str, str] = Field(sa_column=json_column())  # what the regime asks the seller for
    state: CounterState = Field(sa_column=enum_column(CounterState, "state"))
    state_reason: str = ""
    decided_by: DecidedBy | None = Field(
        default=None, sa_column=enum_column(DecidedBy, "decided_by", nullable=True)
    )
    round: int = 1  # raised where a second person declines an answer
    filed_at: datetime  # by the seller, at the marketplace
    received_at: datetime
    due_at: datetime
    next_at: datetime | None
    decided_at: datetime | None = None
    reinstated_at: datetime | None = None
    changed_at: datetime


class CounterNoticePaper(SQLModel, table=True):
    """A document of the seller's, where it lies and the hash it must have."""

    __tablename__ = "counter_notice_paper"
    __table_args__ = (UniqueConstraint("counter_notice_id", "position", name="uq_counter_notice_paper"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    counter_notice_id: str = Field(foreign_key="counter_notice.id")
    position: int
    title: str
    url: str
    sha256: str  # hex
    media_type: str
    size: int  # bytes


class CounterNoticeAnswer(SQLModel, table=True):
    """The brand's answer: one in each round, and the round goes on only where a second person declined."""

    __tablename__ = "counter_notice_answer"
    __table_args__ = (UniqueConstraint("counter_notice_id", "round", name="uq_counter_notice_answer"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    counter_notice_id: str = Field(foreign_key="counter_notice.id")
    round: int
    position: Position = Field(sa_column=enum_column(Position, "position"))
    code: ContestCode | None = Field(default=None, sa_column=enum_column(ContestCode, "code", nullable=True))
    explanation: str
    reference: str = ""  # of a court or an authority
    evidence: list[dict[str, Any]] = Field(sa_column=json_column())  # what it points to, one object each
    person_id: str = Field(foreign_key="person.id")
    role: str
    at: datetime
    second_id: str | None = Field(default=None, foreign_key="person.id")
    second_agrees: bool | None = None
    second_at: datetime | None = None


class CounterNoticeStep(SQLModel, table=True):
    """One step, told in its thread. `step_key` keeps a repeated report or tick from counting twice."""

    __tablename__ = "counter_notice_step"
    __table_args__ = (
        UniqueConstraint("counter_notice_id", "step_key", name="uq_counter_notice_step"),
        Index("ix_counter_notice_step_at", "counter_notice_id", "at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    counter_notice_id: str = Field(foreign_key="counter_notice.id")
    step_key: str
    kind: StepKind = Field(sa_column=enum_column(StepKind, "kind"))
    reason: str = ""
    by: str  # member, platform, bot
    at: datetime
