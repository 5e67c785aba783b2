"""A small alliance for tests of the register and the rosters, founded by the use cases themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, SQLModel, select

from bot.enforcement import groups, register, roster
from bot.enforcement.access import OPERATOR, Actor
from bot.enforcement.groups import GroupForm
from bot.enforcement.register import BrandForm, HolderForm
from storage.engine import Store
from storage.queries import installation, people
from storage.records.groups import GroupKind
from storage.records.outbox import OutboxRow
from storage.records.roster import HolderKind, HolderSize, Role
from tests.enforcement.founding import founded

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TEAM, BOT = "T1", "UBOT"


@dataclass
class Alliance:
    """Ids by name, and hands to act."""

    store: Store
    holders: dict[str, str] = field(default_factory=dict)
    brands: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def do(self, use_case: Callable[..., Any], name: str, *args: Any, **more: Any) -> Any:
        """Let somebody do something now."""
        return self.store.run_sync(use_case, who(name), *args, **({"now": NOW} | more))

    def one(self, table: type[SQLModel], /, **where: Any) -> Any:
        """The only row like this."""
        (found,) = self.all(table, **where)
        return found

    def all(self, table: type[SQLModel], /, **where: Any) -> list[Any]:
        """Every row like this."""

        def read(session: Session) -> list[Any]:
            return list(session.exec(select(table).filter_by(**where)).all())

        return self.store.read_sync(read)

    def person(self, name: str) -> str:
        """Somebody's id with us."""
        found = self.store.read_sync(people.by_user, _user(name))
        assert found is not None
        return str(found.id)

    def drawn(self, drawing: str) -> set[tuple[str, str]]:
        """(subject, place) of everything of this kind that waits to be drawn."""
        rows = [row.payload for row in self.all(OutboxRow, kind="draw")]
        return {(row["subject_id"], row["place"]) for row in rows if row["drawing"] == drawing}


def who(name: str) -> Actor:
    """Somebody as Slack signs them; `operator` is the host."""
    return OPERATOR if name == "operator" else Actor(team_id=TEAM, user_id=_user(name))


def _user(name: str) -> str:
    return f"U{name.upper()}"


def found(store: Store) -> Alliance:
    """Nordlys with a lead and an expert, Halden with a lead, Tansy alone, an association, one group."""
    return founded(store, _found)


def _found(session: Session, store: Store) -> Alliance:
    installation.remember(
        session, team_id=TEAM, team_name="Test", enterprise_id="", bot_user_id=BOT, bot_id="B1", now=NOW
    )
    alliance = Alliance(store)
    for name in ("ada", "alan"):
        roster.add_administrator(session, OPERATOR, TEAM, _user(name), NOW)
    roster.add_platform_staff(session, OPERATOR, _user("pia"), now=NOW)
    for name, kind, size in (
        ("nordlys", HolderKind.COMPANY, HolderSize.LARGE),
        ("halden", HolderKind.COMPANY, HolderSize.LARGE),
        ("tansy", HolderKind.COMPANY, HolderSize.SMALL),
        ("glen", HolderKind.ASSOCIATION, HolderSize.SMALL),
    ):
        form = HolderForm(name=name.title(), kind=kind, size=size, industry="any", country="NO")
        holder_id = register.create_holder(session, OPERATOR, form, now=NOW)
        brand = BrandForm(name=f"{name.title()} brand")
        alliance.holders[name] = holder_id
        alliance.brands[name] = register.create_brand(session, OPERATOR, holder_id, brand, now=NOW)
    for name, holder, role in (
        ("lena", "nordlys", Role.LEAD),
        ("emil", "nordlys", Role.EXPERT),
        ("hugo", "halden", Role.LEAD),
        ("tess", "tansy", Role.SMALL_MEMBER),
        ("olga", "glen", Role.ASSOCIATION_OFFICER),
    ):
        roster.add_person(session, OPERATOR, alliance.holders[holder], _user(name), role, now=NOW)
    register.record_mandate(
        session, OPERATOR, alliance.holders["glen"], alliance.holders["tansy"], "letter", now=NOW
    )
    form_of_group = GroupForm(name="Shoes", kind=GroupKind.INDUSTRY)
    alliance.groups["shoes"] = groups.create_group(session, OPERATOR, form_of_group, now=NOW)
    for name in ("nordlys", "halden"):
        groups.add_member(session, OPERATOR, alliance.groups["shoes"], alliance.holders[name], now=NOW)
    groups.name_chair(session, OPERATOR, alliance.groups["shoes"], _user("hugo"), now=NOW)
    return alliance
