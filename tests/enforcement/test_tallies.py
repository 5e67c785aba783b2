"""A long history is read in part and leads to the measure to which reading all of it leads."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from bot.enforcement import tallies
from bot.enforcement.strikes import POLICIES, Offence, Terms, judge, terms_of
from bot.enforcement.tallies import Tallies
from storage.columns import new_id
from storage.engine import Store
from storage.records.listings import Listing, Seller
from storage.records.sellers import PolicyName, Severity, Strike
from tests.enforcement.request_world import NOW, World, build
from tests.statements import prepared_asked

TERMS = [*POLICIES.values(), terms_of(PolicyName.POINTS, 20, 2), terms_of(PolicyName.THREE_STRIKES, 9, 4)]


@pytest.fixture
def world(store: Store) -> World:
    made = build(store)
    made.ask(item="1")
    return made


def strike(world: World, told: list[tuple[datetime, Severity]]) -> list[Offence[str]]:
    """These strikes stand against the one seller."""
    seller, listing = world.one(Seller), world.one(Listing)
    rows = [
        {
            "id": new_id(),
            "removal_id": new_id(),
            "seller_id": seller.id,
            "marketplace": "openbazaar",
            "listing_id": listing.id,
            "holder_id": world.holders["Nordlys"],
            "reason_code": "other",
            "severity": severity,
            "at": at,
            "taken_back_at": None,
        }
        for at, severity in told
    ]
    world.store.run_sync(lambda session: session.connection().execute(insert(Strike).inline(), rows))
    return [Offence(row["id"], row["at"], row["severity"]) for row in rows]


@pytest.mark.parametrize("seed", range(3))
def test_the_walk_agrees_with_the_whole(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    days = chance.choice((2, 12, 60))
    told = [
        (
            NOW - timedelta(minutes=chance.randrange(days * 1440)),
            Severity.SERIOUS if chance.random() < 0.2 else Severity.GENERAL,
        )
        for _ in range(120)
    ]
    offences = strike(world, told)
    seller_id = world.one(Seller).id
    newest = {each.key for each in sorted(offences, key=lambda each: each.at)[-7:]}
    monkeypatch.setattr(tallies, "MOST_READ", 5)

    def both(session: Session, terms: Terms) -> tuple[Any, Any]:
        walked = Tallies(session, terms, [seller_id], NOW)
        return walked.of(seller_id).measure, walked.of(seller_id, without=newest).measure

    for terms in TERMS:
        less = [each for each in offences if each.key not in newest]
        wanted = judge(terms, offences, NOW).measure, judge(terms, less, NOW).measure
        assert world.store.read_sync(both, terms) == wanted


def test_of_a_long_history_few_strikes_are_read(world: World) -> None:
    strike(world, [(NOW - timedelta(minutes=number), Severity.GENERAL) for number in range(3000)])
    seller_id = world.one(Seller).id
    terms = POLICIES[PolicyName.POINTS]
    with prepared_asked() as asked:
        tally = world.store.read_sync(lambda session: Tallies(session, terms, [seller_id], NOW).of(seller_id))
    assert tally.total == 18  # three dates
    assert 0 < len(asked) < 15
