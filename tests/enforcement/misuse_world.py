"""Reporters whose Fakes and notices turn out right or wrong, and who warns and suspends them."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from bot.contract.takedowns import TakedownReport
from bot.enforcement import approvals, misuse, takedown_progress, takedowns
from bot.enforcement.approvals import ActName
from bot.enforcement.misuse import Dossier
from storage.engine import Store
from storage.records.roster import Person, Role, RoleGrant
from storage.records.takedowns import Takedown
from tests.enforcement.request_world import NOW, TEAM, World, build, who

TODAY = NOW.date()
WARN, SUSPEND = ActName.WARN_PERSON, ActName.SUSPEND_PERSON


def founded(store: Store) -> World:
    """The world of requests, with two administrators."""
    made = build(store)

    def administrators(session: Session) -> None:
        for name in ("ada", "alan"):
            person = Person(team_id=TEAM, user_id=f"U{name.upper()}", name=name, profile_at=NOW)
            session.add(person)
            session.flush()
            session.add(
                RoleGrant(person_id=person.id, role=Role.ADMINISTRATOR, since=NOW, granted_by="operator")
            )

    made.change(administrators)
    return made


def person(world: World, name: str) -> str:
    return str(world.one(Person, user_id=f"U{name.upper()}").id)


def fake(world: World, item: str, name: str = "ines") -> Takedown:
    """Somebody of Nordlys says Fake; the takedown that follows."""
    request_id = world.ask("Nordlys", item)
    world.answer(name, request_id)
    takedown: Takedown = world.one(Takedown, listing_id=world.request(request_id).listing_id)
    return takedown


def reported(world: World, takedown: Takedown, state: Any, at: Any = NOW) -> None:
    report = TakedownReport(event_id=f"{state}-{takedown.id}", state=state, reason="not fake")
    world.store.run_sync(takedown_progress.report_takedown, world.client, takedown.id, report, now=at)


def upheld(world: World, item: str, name: str = "ines", *, days: int = 3) -> None:
    """A Fake whose takedown was done, and undone by a counter-notice so many days later."""
    takedown = fake(world, item, name)
    reported(world, takedown, "removed")
    later = NOW + timedelta(days=days)
    holder = world.holders["Nordlys"]
    world.store.run_sync(takedowns.overrule, takedown.id, holder, "upheld", now=later)
    reported(world, takedown, "reinstated", later)


def dossier(world: World, name: str, later: timedelta) -> Dossier:
    """What an administrator reads of somebody of Nordlys, or of all of it, so much later."""
    person_id = person(world, name) if name else ""
    return world.store.read_sync(
        misuse.dossier, who("ada"), world.holders["Nordlys"], person_id, now=NOW + later
    )


def given(world: World, name: str = "ines", reason: str = "Ten wrong ones") -> dict[str, str]:
    user = world.one(Person, user_id=f"U{name.upper()}")
    return {
        "holder_id": world.holders["Nordlys"],
        "person_id": user.id,
        "user_id": user.user_id,
        "reason": reason,
    }


def propose(world: World, act: ActName, by: str = "ada", **more: Any) -> str:
    return world.store.run_sync(approvals.ask, who(by), act, given(world, **more), now=NOW)


def confirm(world: World, approval_id: str, by: str = "alan") -> None:
    world.store.run_sync(approvals.confirm, who(by), approval_id, now=NOW)


def suspend(world: World, name: str = "ines") -> None:
    for act in (WARN, SUSPEND):
        confirm(world, propose(world, act, name=name))
