"""Counterfeit notices that ask for a second person: what the filer sees first, and who may start them."""

from typing import Any

import pytest
from sqlmodel import Session, select

from bot.enforcement.access import Denied
from bot.enforcement.limits import Limits
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import Filed, Review, file_notice
from bot.enforcement.notice_seconds import start_takedowns
from bot.enforcement.notices import Move, move_notice
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.records.listings import Listing, Seller
from storage.records.notices import Notice, NoticeState, ReasonCode
from storage.records.roster import Person, RightsHolder, Standing
from storage.records.second_look import Ground
from storage.records.takedowns import Takedown
from tests.enforcement.notice_world import NOW, OWN, World, found, item, who

COUNTERFEIT = ReasonCode.COUNTERFEIT_NO_TEST_BUY.value
FIRST = Limits(first=True)


@pytest.fixture
def world(store: Store) -> World:
    def known(session: Session) -> World:
        made = found(session)
        for person in session.exec(select(Person)):
            person.profile_at = NOW
        return made

    return store.run_sync(known)


def file(store: Store, world: World, limits: Limits, *links: str, name: str = "expert", **more: Any) -> Any:
    """Somebody files counterfeits, and files all the same when shown what it leads to."""
    draft_id = store.run_sync(open_draft, who(name), (), "", now=NOW).draft_id
    typed = world.typed(*(links or (item(1), item(2))), reason=COUNTERFEIT)
    first = store.run_sync(file_notice, who(name), draft_id, typed, OWN, limits=limits, now=NOW)
    if isinstance(first, Filed):
        return None
    assert isinstance(first, Review)
    done = store.run_sync(file_notice, who(name), draft_id, {}, OWN, reviewed=True, limits=limits, now=NOW)
    assert isinstance(done, Filed)
    return first.sheet.second_ground


def the(store: Store, table: Any) -> list[Any]:
    return store.read_sync(lambda session: list(session.exec(select(table)).all()))


def second(store: Store, name: str) -> None:
    (notice,) = the(store, Notice)
    store.run_sync(start_takedowns, who(name), notice.id, now=NOW)


def test_a_first_counterfeit_notice_is_shown_to_its_filer_and_reviewed_until_a_second_agrees(
    store: Store, world: World
) -> None:
    assert file(store, world, FIRST) is Ground.FIRST
    (notice,) = the(store, Notice)
    assert (notice.immediate, notice.second_ground) == (False, Ground.FIRST)
    assert the(store, Takedown) == []
    second(store, "lead")
    (notice,) = the(store, Notice)
    assert (notice.immediate, notice.seconded_at) == (True, NOW)
    assert len(the(store, Takedown)) == 2
    with pytest.raises(Refused, match="nothing_to_start"):
        second(store, "other_expert")


@pytest.mark.parametrize("name", ["rival", "staff", "officer", "nobody"])
def test_nobody_else_starts_the_takedowns(store: Store, world: World, name: str) -> None:
    file(store, world, FIRST)
    with pytest.raises(Denied):
        second(store, name)
    assert the(store, Takedown) == []


def test_nobody_agrees_with_a_notice_of_their_own(store: Store, world: World) -> None:
    file(store, world, FIRST)
    with pytest.raises(Refused, match="not_your_own"):
        second(store, "expert")


def test_a_decided_notice_and_one_whose_holder_lost_its_standing_start_nothing(
    store: Store, world: World
) -> None:
    file(store, world, FIRST)

    def stand(session: Session, standing: Standing) -> None:
        session.get_one(RightsHolder, world.holders["nordlys"]).standing = standing

    store.run_sync(stand, Standing.EXCLUDED)
    with pytest.raises(Refused, match="standing_lost"):
        second(store, "lead")
    store.run_sync(stand, Standing.GOOD_FAITH)
    (notice,) = the(store, Notice)
    store.run_sync(move_notice, who("staff"), notice.id, Move("e1", NoticeState.REJECTED), now=NOW)
    with pytest.raises(Refused, match="nothing_to_start"):
        second(store, "lead")


@pytest.mark.parametrize(("links", "ground"), [(3, None), (4, Ground.VOLUME)])
def test_what_one_notice_names_counts_as_volume(
    store: Store, world: World, links: int, ground: Ground | None
) -> None:
    named = [item(number) for number in range(links)]
    assert file(store, world, Limits(fakes_an_hour=3), *named) is ground
    (notice,) = the(store, Notice)
    assert notice.immediate is (ground is None)


def test_a_second_notice_counts_with_the_first(store: Store, world: World) -> None:
    limits = Limits(fakes_a_day=2)
    assert file(store, world, limits, item(1)) is None
    assert file(store, world, limits, item(2)) is None
    assert file(store, world, limits, item(3)) is Ground.VOLUME


def test_a_large_seller_among_the_listings_asks_for_a_second_person(store: Store, world: World) -> None:
    def known(session: Session) -> None:
        seller = Seller(marketplace="openbazaar", external_id="s", name="s", first_seen_at=NOW)
        session.add(seller)
        session.flush()
        for number in range(2):
            session.add(
                Listing(
                    key=f"openbazaar:{number}",
                    key_version=1,
                    marketplace="openbazaar",
                    url=item(number),
                    seller_id=seller.id,
                    first_seen_at=NOW,
                )
            )

    store.run_sync(known)
    assert file(store, world, Limits(seller_listings=3), item(1)) is None
    assert file(store, world, Limits(seller_listings=2), item(0)) is Ground.LARGE_SELLER


def test_the_filer_whose_notice_was_acted_on_is_no_first_one(store: Store, world: World) -> None:
    file(store, world, FIRST, item(1))
    (notice,) = the(store, Notice)
    store.run_sync(move_notice, who("staff"), notice.id, Move("e1", NoticeState.ACTIONED), now=NOW)
    assert file(store, world, FIRST, item(2)) is None
