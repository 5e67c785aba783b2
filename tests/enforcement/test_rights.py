"""Rights: registered once, confirmed by an administrator, refused when they cannot be."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.refusals import Refused
from bot.enforcement.rights import REASONS, RightDetails, confirm_right, register_right
from storage.engine import Store
from storage.queries import rights
from storage.records.rights import Right, RightKind
from tests.enforcement.notice_world import NOW, World, found, who


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return sqlite_store.run_sync(found)


def details(**changes: Any) -> RightDetails:
    facts = {"kind": RightKind.DESIGN, "title": "Heel", "number": "D-1", "office": "EUIPO", "territory": "EU"}
    return RightDetails(**{**facts, **changes})


def test_a_right_can_be_used_once_it_was_confirmed(sqlite_store: Store, world: World) -> None:
    holder, brand = world.holders["nordlys"], world.brands["nordlys"]
    right = sqlite_store.run_sync(register_right, who("lead"), holder, details(), now=NOW)

    def usable(session: Session) -> bool:
        return right.id in {each.id for each in rights.usable(session, holder, brand, NOW.date())}

    def waiting(session: Session) -> list[str]:
        return [each.id for each in rights.waiting(session)]

    assert sqlite_store.read_sync(waiting) == [right.id]
    assert not sqlite_store.read_sync(usable)
    sqlite_store.run_sync(confirm_right, OPERATOR, right.id, now=NOW)
    sqlite_store.run_sync(confirm_right, OPERATOR, right.id, now=NOW)
    assert sqlite_store.read_sync(usable)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"number": ""}, "rights.number_missing"),
        ({"expires_on": date(2026, 11, 20)}, "rights.expired"),
        (
            {"kind": RightKind.TRADEMARK, "number": "trademark-1"},
            "rights.already_registered",
        ),
    ],
)
def test_a_right_that_cannot_be_kept_is_refused(
    sqlite_store: Store, world: World, changes: dict[str, Any], key: str
) -> None:
    with pytest.raises(Refused) as refused:
        sqlite_store.run_sync(
            register_right, who("lead"), world.holders["nordlys"], details(**changes), now=NOW
        )
    assert refused.value.key == key


def test_a_copyright_needs_no_number(sqlite_store: Store, world: World) -> None:
    work = details(kind=RightKind.COPYRIGHT, number="", office="", title="Spring photographs")
    right = sqlite_store.run_sync(register_right, who("lead"), world.holders["nordlys"], work, now=NOW)
    assert right.number == "Spring photographs"


@pytest.mark.parametrize("name", ["expert", "rival", "staff", "nobody"])
def test_only_those_in_charge_register_a_right(sqlite_store: Store, world: World, name: str) -> None:
    with pytest.raises(Denied):
        sqlite_store.run_sync(register_right, who(name), world.holders["nordlys"], details(), now=NOW)


def test_a_brand_of_another_company_is_as_missing_as_none(sqlite_store: Store, world: World) -> None:
    with pytest.raises(Denied):
        sqlite_store.run_sync(
            register_right,
            who("lead"),
            world.holders["nordlys"],
            details(brand_id=world.brands["halden"]),
            now=NOW,
        )


def test_nobody_confirms_their_own_right(sqlite_store: Store, world: World) -> None:
    right = sqlite_store.run_sync(register_right, who("lead"), world.holders["nordlys"], details(), now=NOW)
    with pytest.raises(Denied):
        sqlite_store.run_sync(confirm_right, who("lead"), right.id, now=NOW)
    kept = sqlite_store.read_sync(lambda session: session.get_one(Right, right.id))
    assert kept.confirmed_at is None


def test_every_kind_of_right_has_reasons() -> None:
    assert set(REASONS) == set(RightKind)
    assert all(REASONS.values())
