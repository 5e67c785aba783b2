"""Small parts of the register's pages: roles as titles, a question before somebody is taken off a team."""

from datetime import UTC, datetime

from bot.words.catalogue import words_for
from handlers.blocks.conversation_pages import security_page
from handlers.blocks.register import role_option
from storage.records.roster import Person, Role

WORDS = words_for("en-GB", "Europe/London")
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_a_role_to_choose_begins_with_a_capital() -> None:
    assert all(role_option(WORDS, role)["text"]["text"][0].isupper() for role in Role)


def test_somebody_is_asked_about_before_they_leave_the_security_team() -> None:
    staff = [Person(team_id="T1", user_id=user_id, profile_at=NOW) for user_id in ("UIN", "UOUT")]
    page = security_page(WORDS, staff, {staff[0].id}, 0)
    buttons = [block["accessory"] for block in page["blocks"] if "accessory" in block]
    assert ["confirm" in button for button in buttons] == [True, False]
