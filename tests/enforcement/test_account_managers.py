"""Account managers: who is named, who stands in, who follows, and whom a deadline reaches."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot.enforcement import account_managers, roster
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.queries import account_managers as queries
from storage.records.account_managers import AccountManager, Pair
from storage.records.roster import Person
from tests.enforcement.alliance import NOW, Alliance, found

DAY = timedelta(days=1)


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return with_team(sqlite_store)


def with_team(store: Store) -> Alliance:
    """The alliance with three people at the platform; Pia answers for Nordlys, and Wei stands in."""
    alliance = found(store)
    for user_id in ("UWEI", "UNOA"):
        store.run_sync(roster.add_platform_staff, OPERATOR, user_id, now=NOW)
    alliance.do(account_managers.name, "ada", alliance.holders["nordlys"], "UPIA", "UWEI")
    return alliance


def of(alliance: Alliance, holder: str = "nordlys") -> tuple[str, str]:
    """User ids of the manager and the deputy, as everybody sees them."""
    pair = alliance.store.read_sync(queries.of, alliance.holders[holder])
    return _user(pair.manager), _user(pair.deputy)


def acting(alliance: Alliance, days: int = 0) -> str:
    pair: Pair = alliance.store.read_sync(queries.of, alliance.holders["nordlys"])
    return _user(pair.acting(NOW + days * DAY))


def _user(person: Person | None) -> str:
    return person.user_id if person else ""


def test_a_change_ends_a_row_and_begins_another(store: Store) -> None:
    alliance = with_team(store)
    later = NOW + DAY
    alliance.do(account_managers.name, "ada", alliance.holders["nordlys"], "UWEI", now=later)
    alliance.do(account_managers.name, "ada", alliance.holders["nordlys"], "UWEI", now=later + DAY)
    terms = store.read_sync(queries.history, alliance.holders["nordlys"], limit=9)
    assert [(term.manager, term.deputy, term.until) for term in terms] == [
        ("UWEI", "", None),
        ("UPIA", "UWEI", later),
    ]
    assert of(alliance) == ("UWEI", "")
    assert of(alliance, "halden") == ("", "")


@pytest.mark.parametrize(
    ("manager", "deputy", "refusal"),
    [
        ("ULENA", "", "managers.not_of_team"),
        ("UPIA", "ULENA", "managers.deputy_not_of_team"),
        ("UPIA", "UPIA", "managers.same_person"),
    ],
)
def test_only_two_people_of_the_team_are_named(
    alliance: Alliance, manager: str, deputy: str, refusal: str
) -> None:
    with pytest.raises(Refused, match=refusal):
        alliance.do(account_managers.name, "ada", alliance.holders["halden"], manager, deputy)


@pytest.mark.parametrize("name", ["lena", "pia", "nobody"])
def test_nobody_but_an_administrator_names_them(alliance: Alliance, name: str) -> None:
    with pytest.raises(Denied):
        alliance.do(account_managers.name, name, alliance.holders["nordlys"], "UWEI")


def test_a_holder_who_is_not_there_is_denied_like_a_foreign_one(alliance: Alliance) -> None:
    with pytest.raises(Denied):
        alliance.do(account_managers.name, "ada", "01MISSING", "UWEI")


def leave(name: str) -> Callable[[Alliance], Any]:
    return lambda alliance: alliance.do(roster.remove_platform_staff, "ada", alliance.person(name))


def close_account(name: str) -> Callable[[Alliance], Any]:
    def close(alliance: Alliance) -> None:
        def do(session: Session) -> None:
            person = session.get_one(Person, alliance.person(name))
            person.is_deleted = True
            session.add(person)

        alliance.store.run_sync(do)

    return close


@pytest.mark.parametrize(
    ("happens", "then"),
    [
        ([leave("pia")], ("UWEI", "")),
        ([leave("wei")], ("UPIA", "")),
        ([leave("pia"), leave("wei")], ("", "")),
        ([leave("wei"), leave("pia")], ("", "")),
        ([close_account("pia")], ("UWEI", "")),
        ([close_account("wei")], ("UPIA", "")),
        ([close_account("pia"), leave("wei")], ("", "")),
    ],
)
def test_the_deputy_follows_who_leaves_then_the_team(
    alliance: Alliance, happens: list[Callable[[Alliance], Any]], then: tuple[str, str]
) -> None:
    for event in happens:
        event(alliance)
    assert of(alliance) == then
    live = [row for row in alliance.all(AccountManager) if row.until is None]
    assert len(live) <= 1


def test_somebody_away_is_stood_in_for_until_the_end_of_their_day(alliance: Alliance) -> None:
    alliance.do(account_managers.go_away, "pia", date(2026, 11, 23))
    assert [acting(alliance, days) for days in (0, 1, 2, 3)] == ["UWEI", "UWEI", "UWEI", "UPIA"]
    alliance.do(account_managers.go_away, "wei", date(2026, 11, 22))
    assert [acting(alliance, days) for days in (0, 1, 2)] == ["", "", "UWEI"]
    alliance.do(account_managers.come_back, "pia")
    assert acting(alliance) == "UPIA"


def test_nobody_is_away_until_yesterday_and_nobody_outside_the_team_is_away(alliance: Alliance) -> None:
    with pytest.raises(Refused, match="day_is_over"):
        alliance.do(account_managers.go_away, "pia", date(2026, 11, 20))
    with pytest.raises(Denied):
        alliance.do(account_managers.go_away, "lena", date(2026, 11, 30))
