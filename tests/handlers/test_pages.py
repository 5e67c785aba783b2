"""Every page of the register for every kind of reader: who may look at it, and that Slack would take it."""

from collections.abc import Mapping
from contextlib import suppress

import pytest

from bot.enforcement import (
    register,
    roster,
)
from bot.enforcement.access import Denied
from bot.enforcement.register import BrandForm
from bot.sandbox.limits import check_view
from handlers.payloads import Malformed, Pointer
from handlers.slack.pages import PAGES, draw
from storage.engine import Store
from storage.records.roster import Role
from tests.enforcement.alliance import NOW, Alliance, who
from tests.handlers.pages_world import ids_of, with_every_page
from tests.office import texts, values

EVERYBODY = {"ada", "lena", "emil", "hugo", "tess", "olga", "pia", "nobody"}
ON_A_ROSTER = EVERYBODY - {"ada", "pia", "nobody"}
# By the table of rights in bot/enforcement/access.py. Emil was warned, Fred of Nordlys is suspended.
READERS = {
    "menu": EVERYBODY,
    "aggregates": {"ada", "hugo", "pia", "olga"},
    "aggregate_form:group-shoes": {"ada", "hugo", "pia"},
    "aggregate_form:association-glen": {"olga"},
    "aggregate_form:brand-nordlys_brand": set(),
    "exports": {"lena", "hugo", "tess", "olga"},
    "export:nordlys": {"lena"},
    "export:tansy": {"tess", "olga"},
    "export_form:nordlys": {"lena"},
    "export_form:tansy": {"tess", "olga"},
    "holders": {"ada"},
    "holder:nordlys": {"ada"},
    "holder:glen": {"ada"},
    "holder_form": {"ada"},
    "holder_form:nordlys": {"ada"},
    "manager_form:nordlys": {"ada"},
    "brand_form:nordlys": {"ada"},
    "rename_form:nordlys_brand": {"ada"},
    "standing_form:nordlys": {"ada"},
    "standing:nordlys": {"ada", "pia", "lena", "emil"},
    "standing:tansy": {"ada", "pia", "tess", "olga"},
    "standings": {"ada", "pia"},
    "standing_rule_form": {"ada"},
    "lead_form:glen": {"ada"},
    "guest_form:glen": {"ada"},
    "mandate_form:glen": {"ada"},
    "brand:nordlys_brand": {"ada", "lena"},
    "brand:tansy_brand": {"ada", "olga"},
    "roster:nordlys": {"ada", "lena"},
    "roster:tansy": {"ada", "tess", "olga"},
    "person_form:nordlys": {"lena"},
    "colleague:nordlys-emil": {"lena"},
    "colleague:tansy-tess": {"tess"},
    "colleague:nordlys-tess": set(),
    "lines:nordlys": {"lena"},
    "lines:tansy": {"tess"},
    "line_form:nordlys": {"lena"},
    "person_form:tansy": {"tess"},
    "right_form:nordlys": {"lena"},
    "right_form:tansy": {"tess", "olga"},
    "rights": {"ada"},
    "groups": EVERYBODY - {"nobody"},
    "group:shoes": EVERYBODY - {"nobody"},
    "apply_form:shoes-join": {"tess", "olga"},
    "apply_form:shoes-leave": {"lena"},
    "application:asked": {"ada", "hugo"},
    "findings": EVERYBODY - {"nobody"},
    "finding:finding": {"ada", "pia", "lena", "emil", "hugo"},
    "finding_form": EVERYBODY - {"nobody"},
    "directory": EVERYBODY - {"nobody"},
    "companies": EVERYBODY - {"nobody"},
    "group_form": {"ada"},
    "group_form:shoes": {"ada"},
    "member_form:shoes": {"ada"},
    "chair_form:shoes": {"ada"},
    "platform": {"ada"},
    "staff_form": {"ada"},
    "security": {"ada"},
    "talks": EVERYBODY - {"nobody"},
    "client_form": {"ada"},
    "client:client": {"ada"},
    "webhook_form:client": {"ada"},
    "calendar_form:client": {"ada"},
    "approvals": {"ada"},
    "approval:approval": {"ada"},
    "channels": {"ada"},
    "channel_form:brand-nordlys_brand": {"ada", "lena"},
    "channel_form:group-shoes": {"ada", "hugo"},
    "channel_form:association-glen": {"ada", "olga"},
    "channel_form:platform-": {"ada"},
    "sellers": {"pia", *ON_A_ROSTER},
    "seller:corner": {"pia", "lena", "emil"},
    "seller:stall": {"pia", "tess", "olga"},
    "notice_sellers:notice": {"pia", "lena", "emil"},
    "network:corner": {"pia"},
    "fact_form:corner": {"pia"},
    "decline_form:sanction": {"pia"},
    "policies": {"ada", "pia"},
    "policy:client": {"ada", "pia"},
    "policy_form:client": {"ada"},
    "policy_trial:client-points-365-3": {"ada"},
    "policy_trial:client-off-365-0": {"ada"},
    "bans:client": {"ada", "pia"},
    "ban_form:client": {"ada", "pia"},
    "misuse": {"ada", "pia"},
    "misuse:nordlys": {"ada", "pia", "lena"},
    "misuse:tansy": {"ada", "pia", "tess"},
    "misuse:glen": {"ada", "pia"},
    "reporter:nordlys": {"ada", "pia", "lena"},
    "reporter:nordlys-emil": {"ada", "pia", "lena"},
    "reporter:nordlys-fred": {"ada", "pia", "lena"},
    "reporter:tansy-tess": {"ada", "pia", "tess"},
    "reporter:nordlys-tess": set(),
    "warn_person:nordlys-emil": {"ada", "pia", "lena"},
    "warn_person:tansy-tess": {"ada", "pia"},
    "warn_person:nordlys-fred": set(),
    "suspend_person:nordlys-emil": {"ada", "pia", "lena"},
    "suspend_person:tansy-tess": set(),
    "lift_suspension:nordlys-fred": {"ada", "pia", "lena"},
    "lift_suspension:nordlys-emil": set(),
    "invalidate_open:nordlys-fred": {"ada", "pia", "lena"},
    "invalidate_open:nordlys-emil": set(),
    "warn_holder:tansy": {"ada", "pia"},
    "suspend_holder:nordlys": {"ada", "pia", "lena"},
    "suspend_holder:tansy": set(),
    "knowledge_lines:nordlys": {"lena", "emil"},
    "knowledge_lines:tansy": {"tess"},
    "knowledge_all": {"pia"},
    "knowledge:shoe_line": {"pia", "lena", "emil"},
    "knowledge_history:shoe_line": {"lena", "emil"},
    "knowledge_form:shoe_line": {"lena", "emil"},
    "knowledge_end:shoe_line": {"lena"},
    "request_line:request": {"lena", "emil"},
}
MISSING = "01MISSING"


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return with_every_page(sqlite_store)


def address(page: str, ids: Mapping[str, str]) -> Pointer:
    """A page's address with real ids in place of names."""
    name, _, detail = page.partition(":")
    return Pointer(name, "-".join(ids.get(part, part) for part in detail.split("-")))


def test_every_page_opens_to_its_readers_alone_and_keeps_to_slacks_limits(alliance: Alliance) -> None:
    wrong, ids = [], ids_of(alliance)
    for page, readers in READERS.items():
        for name in sorted(EVERYBODY):
            try:
                view = alliance.store.read_sync(draw, who(name), address(page, ids), NOW)
            except Denied:
                if name in readers:
                    wrong.append(f"{page} is denied to {name}")
                continue
            if name not in readers:
                wrong.append(f"{page} opens to {name}")
            check_view(view)
    assert wrong == []
    assert {page.partition(":")[0] for page in READERS} == set(PAGES)


def test_what_does_not_exist_is_denied_like_what_is_foreign(alliance: Alliance) -> None:
    wrong, ids = [], ids_of(alliance)
    for page in READERS:
        for part in set(page.partition(":")[2].split("-")) & set(ids):
            missing = address(page, ids | {part: MISSING})
            for name in sorted(EVERYBODY):
                with suppress(Denied):
                    alliance.store.read_sync(draw, who(name), missing, NOW)
                    wrong.append(f"{page} without {part} opens to {name}")
    assert wrong == []


def test_an_address_that_is_none_is_malformed(alliance: Alliance) -> None:
    for pointer in (Pointer("nothing"), Pointer("channel_form", "nonsense-1"), Pointer("policy_trial", "1")):
        with pytest.raises(Malformed):
            alliance.store.read_sync(draw, who("ada"), pointer, NOW)


def test_long_lists_have_pages_that_slack_takes_and_that_leave_nobody_out(alliance: Alliance) -> None:
    holder = alliance.holders["glen"]
    for number in range(45):
        alliance.do(roster.add_person, "operator", holder, f"UMANY{number}", Role.EXPERT)
        alliance.do(register.create_brand, "ada", holder, BrandForm(name=f"Brand {number}"))
    told = ""
    for number in range(3):
        view = alliance.store.read_sync(draw, who("ada"), Pointer("holder", f"{holder}-{number}"), NOW)
        check_view(view)
        told += texts(view)
    assert all(f"<@UMANY{number}>" in told and f"*Brand {number}*" in told for number in range(45))
    first = alliance.store.read_sync(draw, who("ada"), Pointer("holder", holder), NOW)
    assert f"holder:{holder}-1" in values(first)
    assert "Page 1 of 3, 46 in all" in texts(first)
