"""Every page of the register for every kind of reader: who may look at it, and that Slack would take it."""

import pytest

from bot.enforcement import approvals, channels, platform, register, rights, roster
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.approvals import ActName
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.register import BrandForm
from bot.enforcement.rights import RightDetails
from bot.sandbox.limits import check_view
from handlers.payloads import Malformed, Pointer
from handlers.slack.pages import PAGES, draw
from storage.engine import Store
from storage.records.approvals import Approval
from storage.records.channels import ChannelPurpose
from storage.records.platform import PlatformClient
from storage.records.rights import RightKind
from storage.records.roster import Role
from tests.enforcement.alliance import BOT, NOW, Alliance, found, who
from tests.office import texts, values

EVERYBODY = {"ada", "lena", "emil", "hugo", "tess", "olga", "pia", "nobody"}
READERS = {
    "menu": EVERYBODY,
    "holders": {"ada"},
    "holder:nordlys": {"ada"},
    "holder:glen": {"ada"},
    "holder_form": {"ada"},
    "holder_form:nordlys": {"ada"},
    "brand_form:nordlys": {"ada"},
    "rename_form:brand": {"ada"},
    "standing_form:nordlys": {"ada"},
    "standing:nordlys": {"ada", "pia", "lena", "emil"},
    "standing:tansy": {"ada", "pia", "tess", "olga"},
    "standings": {"ada", "pia"},
    "standing_rule_form": {"ada"},
    "lead_form:glen": {"ada"},
    "mandate_form:glen": {"ada"},
    "brand:brand": {"ada", "lena"},
    "brand:tansy_brand": {"ada", "olga"},
    "roster:nordlys": {"ada", "lena"},
    "roster:tansy": {"ada", "tess", "olga"},
    "person_form:nordlys": {"lena"},
    "person_form:tansy": {"tess"},
    "right_form:nordlys": {"lena"},
    "right_form:tansy": {"tess", "olga"},
    "rights": {"ada"},
    "groups": {"ada"},
    "group:shoes": {"ada", "hugo"},
    "group_form": {"ada"},
    "group_form:shoes": {"ada"},
    "member_form:shoes": {"ada"},
    "chair_form:shoes": {"ada"},
    "platform": {"ada"},
    "staff_form": {"ada"},
    "client_form": {"ada"},
    "client:client": {"ada"},
    "webhook_form:client": {"ada"},
    "approvals": {"ada"},
    "approval:approval": {"ada"},
    "channels": {"ada"},
    "channel_form:brand-brand": {"ada", "lena"},
    "channel_form:group-shoes": {"ada", "hugo"},
    "channel_form:association-glen": {"ada", "olga"},
    "channel_form:platform-": {"ada"},
}


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    """The alliance with something on every page."""
    alliance = found(sqlite_store)
    client = sqlite_store.run_sync(
        platform.create_client, OPERATOR, "Open Bazaar", "openbazaar", "https://market.example/h", now=NOW
    )
    sqlite_store.run_sync(platform.create_key, OPERATOR, client.id, now=NOW)
    alliance.do(approvals.ask, "ada", ActName.CREATE_KEY, {"client_id": client.id})
    alliance.do(
        channels.bind,
        "lena",
        Scope(ChannelPurpose.BRAND, alliance.brands["nordlys"]),
        Seen("C1", [BOT, "ULENA"]),
    )
    right = RightDetails(
        kind=RightKind.TRADEMARK, title="<NORDLYS>", number="1", office="EUIPO", territory="EU"
    )
    alliance.do(rights.register_right, "lena", alliance.holders["nordlys"], right)
    return alliance


def address(alliance: Alliance, page: str) -> Pointer:
    """A page's address with real ids in place of names."""
    ids = {
        **alliance.holders,
        **alliance.groups,
        "brand": alliance.brands["nordlys"],
        "tansy_brand": alliance.brands["tansy"],
        "client": alliance.one(PlatformClient).id,
        "approval": alliance.one(Approval).id,
    }
    name, _, detail = page.partition(":")
    head, dash, tail = detail.partition("-")
    return Pointer(name, f"{head}-{ids.get(tail, tail)}" if dash else ids.get(detail, detail))


def test_every_page_opens_to_its_readers_alone_and_keeps_to_slacks_limits(alliance: Alliance) -> None:
    wrong = []
    for page, readers in READERS.items():
        for name in sorted(EVERYBODY):
            try:
                view = alliance.store.read_sync(draw, who(name), address(alliance, page), NOW)
            except Denied:
                if name in readers:
                    wrong.append(f"{page} is denied to {name}")
                continue
            if name not in readers:
                wrong.append(f"{page} opens to {name}")
            check_view(view, ())
    assert wrong == []
    assert {page.partition(":")[0] for page in READERS} == set(PAGES)


@pytest.mark.parametrize("page", [page for page in READERS if ":" in page and not page.endswith("-")])
def test_what_does_not_exist_is_denied_like_what_is_foreign(alliance: Alliance, page: str) -> None:
    name, _, detail = page.partition(":")
    head, dash, _ = detail.partition("-")
    missing = Pointer(name, f"{head}-01MISSING" if dash else "01MISSING")
    for reader in ("ada", "lena", "nobody"):
        with pytest.raises(Denied):
            alliance.store.read_sync(draw, who(reader), missing, NOW)


def test_an_address_that_is_none_is_malformed(alliance: Alliance) -> None:
    for pointer in (Pointer("nothing"), Pointer("channel_form", "nonsense-1")):
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
        check_view(view, ())
        told += texts(view)
    assert all(f"<@UMANY{number}>" in told and f"*Brand {number}*" in told for number in range(45))
    first = alliance.store.read_sync(draw, who("ada"), Pointer("holder", holder), NOW)
    assert f"holder:{holder}-1" in values(first)
    assert "Page 1 of 3, 46 in all" in texts(first)
