"""Where the drawings are: which Slack message shows which row, so that it can be drawn again."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import new_id


class DrawnMessage(SQLModel, table=True):
    """A Slack message that is a drawing of one row in one place (a channel or a person's direct messages)."""

    __tablename__ = "drawn_message"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "place", name="uq_drawn_message_place"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: str
    subject_id: str
    place: str  # Slack's channel id, or the user id for a direct message
    channel_id: str  # where it was really posted
    ts: str
    thread_ts: str | None = None
    follows: bool = False  # stands in a conversation: drawn again whenever it is drawn elsewhere
    drawn_at: datetime
