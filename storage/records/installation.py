"""The one Slack workspace that this installation belongs to, remembered so that a start needs no Slack."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Installation(SQLModel, table=True):
    """What `auth.test` said when it last answered. At most one row, `id` 1."""

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    team_id: str
    team_name: str
    enterprise_id: str = ""
    bot_user_id: str
    bot_id: str
    seen_at: datetime
