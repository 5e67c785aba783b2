"""Remembering which workspace the bot is installed in."""

from datetime import datetime

from sqlmodel import Session

from storage.records.installation import Installation


def current(session: Session) -> Installation | None:
    """What Slack said last, or None before it ever answered."""
    return session.get(Installation, 1)


def remember(
    session: Session,
    *,
    team_id: str,
    team_name: str,
    enterprise_id: str,
    bot_user_id: str,
    bot_id: str,
    now: datetime,
) -> None:
    """Keep what Slack says of the bot; there is one row."""
    session.merge(
        Installation(
            id=1,
            team_id=team_id,
            team_name=team_name,
            enterprise_id=enterprise_id,
            bot_user_id=bot_user_id,
            bot_id=bot_id,
            seen_at=now,
        )
    )
