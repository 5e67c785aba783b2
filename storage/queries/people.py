"""Finding the people that the bot knows."""

from sqlmodel import Session, col, select

from storage.records.roster import Person


def find(session: Session, team_id: str, user_id: str) -> Person | None:
    """A person by the identity that Slack signs: workspace and user."""
    return session.exec(
        select(Person).where(col(Person.team_id) == team_id, col(Person.user_id) == user_id)
    ).first()


def by_user(session: Session, user_id: str) -> Person | None:
    """A person of the home workspace by user id alone, for what the bot itself sends."""
    return session.exec(select(Person).where(col(Person.user_id) == user_id)).first()
