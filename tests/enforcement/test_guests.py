"""Guests on rosters: put there by an administrator alone, without "Fake" even before Slack has said so."""

from typing import Any

import pytest

from bot.enforcement import channels, people, product_lines, roster
from bot.enforcement.access import Actor, Denied, Operation, Subject, may
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.people import Profile
from bot.enforcement.product_lines import LineForm
from bot.enforcement.refusals import Refused
from bot.profiles import profile_of
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.outbox import OutboxRow
from storage.records.product_lines import LineExpert
from storage.records.roster import Person, Role, RoleGrant
from tests.enforcement.alliance import BOT, NOW, TEAM, Alliance, found, who


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return found(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Alliance:
    """The same on each database, where a constraint, a lock or a race decides."""
    return found(store)


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


def closes(alliance: Alliance, name: str, *, closed: bool = True) -> None:
    profile = Profile(team_id=TEAM, user_id=f"U{name.upper()}", deleted=closed)
    alliance.do(people.profile_changed, name, profile)


def test_a_closed_account_loses_every_role_and_gets_none_back_when_it_is_opened_again(
    on_each: Alliance,
) -> None:
    seen = Seen("C1", ["ULENA", "UEMIL", BOT])
    brand = Scope(ChannelPurpose.BRAND, on_each.brands["nordlys"])
    on_each.do(channels.bind, "lena", brand, seen)
    line = LineForm(brand_id=on_each.brands["nordlys"], name="Running shoes")
    lines = [on_each.do(product_lines.add_line, "lena", line)]
    emil = on_each.person("emil")
    on_each.do(product_lines.set_lines, "lena", on_each.holders["nordlys"], emil, lines)
    slack_says(on_each, "emil", guest=False)
    assert can(on_each, "emil", Operation.ANSWER_FAKE)

    closes(on_each, "emil")
    assert not holds(on_each, emil)
    assert on_each.one(LineExpert).until == NOW
    assert on_each.one(ChannelBinding).state is ChannelState.BOUND  # who reads nothing is no stranger
    told = [row.payload for row in on_each.all(OutboxRow, kind="whisper")]
    assert [(each["user_id"], each["key"]) for each in told] == [("ULENA", "roster.account_closed")]

    closes(on_each, "emil", closed=False)
    assert not can(on_each, "emil", Operation.ANSWER)
    assert on_each.one(ChannelBinding).state is ChannelState.PAUSED


@pytest.mark.parametrize(
    ("said", "restricted", "bot"),
    [
        ({}, False, False),
        ({"is_restricted": True}, True, False),
        ({"is_ultra_restricted": True}, True, False),
        ({"is_stranger": True}, True, False),
        ({"is_bot": True}, False, True),
        ({"is_app_user": True}, False, True),
        ({"id": "USLACKBOT"}, False, True),
    ],
)
def test_what_slack_says_of_an_account_decides_what_it_is(
    said: dict[str, Any], *, restricted: bool, bot: bool
) -> None:
    profile = profile_of({"id": "U1", "team_id": TEAM, **said})
    assert (profile.restricted, profile.bot) == (restricted, bot)


def test_somebody_of_another_workspace_counts_as_a_guest_and_a_bot_is_put_nowhere(alliance: Alliance) -> None:
    alliance.do(people.open_home, "robo")
    alliance.do(people.profile_changed, "robo", Profile(team_id=TEAM, user_id="UROBO", bot=True))
    with pytest.raises(Refused, match=r"roster\.cannot_act"):
        joins(alliance, "robo")
    joins(alliance, "erik", by="operator")
    person = alliance.one(Person, user_id="UERIK")
    partner = Profile(team_id="TPARTNER", user_id="UERIK")
    alliance.store.run_sync(people.note_profile, person.id, partner, now=NOW)
    assert alliance.one(Person, user_id="UERIK").is_guest
    subject = Subject("case", holder_id=alliance.holders["nordlys"])
    stranger = Actor(team_id="TPARTNER", user_id="UERIK")
    assert alliance.store.read_sync(may, stranger, Operation.ANSWER, subject)  # whom the host put there
    assert not alliance.store.read_sync(may, stranger, Operation.ANSWER_FAKE, subject)
    assert not alliance.store.read_sync(may, who("erik"), Operation.ANSWER, subject)
