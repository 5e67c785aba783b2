"""Guests on rosters: put there by an administrator alone, without "Fake" even before Slack has said so."""

import pytest

from bot.enforcement import people, roster
from bot.enforcement.access import Denied, Operation, Subject, may
from bot.enforcement.people import Profile
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.outbox import OutboxRow
from storage.records.roster import Person, Role, RoleGrant
from tests.enforcement.alliance import NOW, TEAM, Alliance, found, who


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return found(sqlite_store)


def joins(alliance: Alliance, name: str, by: str = "lena") -> str:
    user_id = f"U{name.upper()}"
    return str(alliance.do(roster.add_person, by, alliance.holders["nordlys"], user_id, Role.EXPERT))


def slack_says(alliance: Alliance, name: str, *, guest: bool) -> None:
    profile = Profile(team_id=TEAM, user_id=f"U{name.upper()}", restricted=guest)
    alliance.do(people.profile_changed, name, profile)


def can(alliance: Alliance, name: str, operation: Operation) -> bool:
    subject = Subject("case", holder_id=alliance.holders["nordlys"])
    return alliance.store.read_sync(may, who(name), operation, subject)


def holds(alliance: Alliance, person_id: str) -> bool:
    return any(grant.until is None for grant in alliance.all(RoleGrant, person_id=person_id))


@pytest.mark.parametrize("operation", [Operation.ANSWER_FAKE, Operation.CONFIRM_FAKE])
def test_nobody_says_fake_before_slack_has_said_whether_they_are_a_guest(
    alliance: Alliance, operation: Operation
) -> None:
    joins(alliance, "erik")
    assert can(alliance, "erik", Operation.ANSWER)
    assert not can(alliance, "erik", operation)
    slack_says(alliance, "erik", guest=False)
    assert can(alliance, "erik", operation)


def test_a_lead_cannot_put_a_known_guest_on_a_roster(alliance: Alliance) -> None:
    alliance.do(people.open_home, "gail")
    slack_says(alliance, "gail", guest=True)
    with pytest.raises(Refused, match=r"roster\.guest_by_administrator"):
        joins(alliance, "gail")
    assert not holds(alliance, alliance.person("gail"))


def test_whom_a_lead_enrolled_unknown_leaves_the_roster_when_they_turn_out_to_be_a_guest(
    alliance: Alliance,
) -> None:
    person_id = joins(alliance, "gail")
    slack_says(alliance, "gail", guest=True)
    assert not holds(alliance, person_id)
    assert not can(alliance, "gail", Operation.ANSWER)
    (told,) = [row.payload for row in alliance.all(OutboxRow, kind="whisper")]
    assert (told["user_id"], told["key"], told["values"]) == ("ULENA", "roster.guest_left", {"who": "UGAIL"})
    (entry,) = alliance.all(AuditEntry, operation="guest_left_roster")
    assert (entry.actor, entry.tenant) == ("bot", alliance.holders["nordlys"])


def test_whom_a_lead_enrolled_unknown_stays_when_they_are_no_guest(alliance: Alliance) -> None:
    person_id = joins(alliance, "erik")
    slack_says(alliance, "erik", guest=False)
    assert holds(alliance, person_id)


def test_an_administrator_puts_a_guest_on_a_roster_who_stays_and_answers(alliance: Alliance) -> None:
    alliance.do(people.open_home, "gail")
    slack_says(alliance, "gail", guest=True)
    alliance.do(roster.add_guest, "ada", alliance.holders["nordlys"], "UGAIL")
    slack_says(alliance, "gail", guest=True)
    assert can(alliance, "gail", Operation.ANSWER)
    assert not can(alliance, "gail", Operation.ANSWER_FAKE)


def test_an_administrator_enrols_an_unknown_guest_as_well(alliance: Alliance) -> None:
    person_id = alliance.do(roster.add_guest, "ada", alliance.holders["nordlys"], "UGAIL")
    slack_says(alliance, "gail", guest=True)
    assert holds(alliance, person_id)


def test_an_administrator_enrols_guests_alone(alliance: Alliance) -> None:
    alliance.do(people.open_home, "erik")
    slack_says(alliance, "erik", guest=False)
    with pytest.raises(Refused, match=r"roster\.not_a_guest"):
        alliance.do(roster.add_guest, "ada", alliance.holders["nordlys"], "UERIK")


@pytest.mark.parametrize("name", ["lena", "emil", "hugo", "pia", "olga"])
def test_nobody_else_enrols_a_guest(alliance: Alliance, name: str) -> None:
    with pytest.raises(Denied):
        alliance.do(roster.add_guest, name, alliance.holders["nordlys"], "UGAIL")
    assert alliance.all(Person, user_id="UGAIL") == []


def test_who_became_a_guest_later_leaves_the_roster_on_which_a_lead_put_them(alliance: Alliance) -> None:
    person_id = joins(alliance, "erik")
    slack_says(alliance, "erik", guest=False)
    slack_says(alliance, "erik", guest=True)
    assert not holds(alliance, person_id)
    assert alliance.one(Person, id=person_id).profile_at == NOW
