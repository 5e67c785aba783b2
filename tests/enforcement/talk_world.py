"""A small alliance whose people ask for conversations, and the places that Slack makes for them."""

from typing import Any

from sqlmodel import Session

from bot.enforcement import (
    account_managers,
    conversation_time,
    conversations,
    roster,
    security_team,
)
from bot.enforcement.access import OPERATOR
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from storage.engine import Store
from storage.queries import conversations as kept
from storage.records.conversation_sheets import Pointed, TalkSheet
from storage.records.conversations import (
    About,
    Concern,
    Conversation,
    Part,
    TalkForm,
)
from storage.records.outbox import OutboxRow
from storage.records.roster import Standing
from storage.records.standing import StandingCause, StandingChange
from tests.enforcement.alliance import BOT, NOW, Alliance, found

HOME = Pointed(About.HOME)
CHANNEL = "C0TALK"


def with_team(store: Store) -> Alliance:
    """The alliance with Pia, who answers for Nordlys, Wei, who stands in, and Sol, who is of the security."""
    alliance = found(store)
    for user_id in ("UWEI", "USOL"):
        store.run_sync(roster.add_platform_staff, OPERATOR, user_id, now=NOW)
    alliance.do(account_managers.name, "ada", alliance.holders["nordlys"], "UPIA", "UWEI")
    alliance.do(security_team.add, "ada", alliance.person("sol"))
    return alliance


def ask(
    alliance: Alliance, by: str, concern: Concern = Concern.OTHER, pointed: Pointed = HOME, **more: Any
) -> TalkSheet:
    sheet: TalkSheet = alliance.do(conversations.start, by, pointed, concern, "Please call us.", **more)
    return sheet


def parts(alliance: Alliance, talk_id: str) -> dict[str, Part]:
    """User id -> why they take part."""
    members = alliance.store.read_sync(kept.members, talk_id)
    return {each.person.user_id: each.part for each in members}


def open_in(
    alliance: Alliance, talk_id: str, *present: str, form: TalkForm = TalkForm.CHANNEL, place: str = CHANNEL
) -> bool:
    """Slack made a place for it with these people."""
    opened: bool = alliance.store.run_sync(
        conversation_time.opened,
        talk_id,
        form,
        place,
        [*present, BOT],
        calendar=MONDAY_TO_FRIDAY,
        now=NOW,
    )
    return opened


def talk(alliance: Alliance, talk_id: str) -> Conversation:
    one: Conversation = alliance.one(Conversation, id=talk_id)
    return one


def steps(alliance: Alliance) -> list[tuple[str, str]]:
    """What Slack is to be asked for, in order."""
    return [
        (row.payload["step"], row.payload["user_id"])
        for row in sorted(alliance.all(OutboxRow, kind="conversation"), key=lambda row: row.id)
    ]


def standing_change(alliance: Alliance) -> Pointed:
    """A case of Nordlys alone."""

    def change(session: Session) -> str:
        row = StandingChange(
            holder_id=alliance.holders["nordlys"],
            before=Standing.APPLICANT,
            after=Standing.GOOD_FAITH,
            cause=StandingCause.EARNED,
            rule="v1",
            figures={},
            by="bot",
            at=NOW,
        )
        session.add(row)
        session.flush()
        return row.id

    return Pointed(About.STANDING, alliance.store.run_sync(change))
