"""Groups and their terms: asking and answering, and that whoever leaves loses everything at once."""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from bot.enforcement import channels, group_applications, groups, people
from bot.enforcement.access import Denied
from bot.enforcement.groups import GroupForm
from bot.enforcement.outgoing import Drawing
from bot.enforcement.people import Profile
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.group_seats import Decision, GroupApplication, GroupSeat, Wish
from storage.records.groups import GroupKind, GroupMember, Industry, Region, WorkingGroup
from storage.records.roster import Role, RoleGrant
from tests.enforcement.alliance import BOT, NOW, TEAM, Alliance, found

LATER = NOW + timedelta(days=40)


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return found(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Alliance:
    """The same on each database, where a constraint, a lock or a race decides."""
    return found(store)


def ask(alliance: Alliance, by: str, holder: str, wish: Wish = Wish.JOIN, group: str = "shoes") -> str:
    asked: str = alliance.do(
        group_applications.apply, by, alliance.groups[group], alliance.holders[holder], wish, "Please"
    )
    return asked


def members(alliance: Alliance, group: str = "shoes") -> set[str]:
    names = {holder_id: name for name, holder_id in alliance.holders.items()}
    rows = alliance.all(GroupMember, group_id=alliance.groups[group], until=None)
    return {names[row.holder_id] for row in rows}


@pytest.mark.parametrize(
    ("by", "holder", "allowed"),
    [
        ("tess", "tansy", True),
        ("olga", "tansy", True),
        ("olga", "glen", True),
        ("lena", "tansy", False),
        ("ada", "tansy", False),
        ("pia", "tansy", False),
        ("hugo", "tansy", False),
        ("nobody", "tansy", False),
    ],
)
def test_a_lead_or_an_association_with_a_mandate_asks_for_a_company(
    alliance: Alliance, by: str, holder: str, *, allowed: bool
) -> None:
    if allowed:
        ask(alliance, by, holder)
        assert len(alliance.all(GroupApplication)) == 1
    else:
        with pytest.raises(Denied):
            ask(alliance, by, holder)
        assert alliance.all(GroupApplication) == []


def test_an_answer_counts_at_once_and_reaches_whoever_asked(on_each: Alliance) -> None:
    asked = ask(on_each, "tess", "tansy")
    assert on_each.drawn(Drawing.GROUP_APPLICATION) == {(asked, "UHUGO"), (asked, "UTESS")}
    with pytest.raises(Refused, match=r"groups\.asked_already"):
        ask(on_each, "olga", "tansy")
    with pytest.raises(Refused, match=r"groups\.reason_missing"):
        on_each.do(group_applications.decide, "hugo", asked, approve=False)
    on_each.do(group_applications.decide, "hugo", asked, approve=True)
    assert members(on_each) == {"nordlys", "halden", "tansy"}
    with pytest.raises(Refused, match=r"groups\.decided_already"):
        on_each.do(group_applications.decide, "ada", asked, approve=False, answer="no")
    on_each.do(group_applications.decide, "hugo", ask(on_each, "tess", "tansy", Wish.LEAVE), approve=True)
    assert members(on_each) == {"nordlys", "halden"}


@pytest.mark.parametrize(("by", "allowed"), [("hugo", True), ("ada", True), ("lena", False), ("pia", False)])
def test_chair_and_administrators_answer_and_nobody_else(
    alliance: Alliance, by: str, *, allowed: bool
) -> None:
    asked = ask(alliance, "tess", "tansy")
    if allowed:
        alliance.do(group_applications.decide, by, asked, approve=False, answer="Not yet")
        assert alliance.one(GroupApplication).decision is Decision.DECLINED
    else:
        with pytest.raises(Denied):
            alliance.do(group_applications.decide, by, asked, approve=True)
    assert members(alliance) == {"nordlys", "halden"}


def test_nobody_answers_their_own_wish_and_administrators_are_asked_where_no_other_chair_is(
    alliance: Alliance,
) -> None:
    asked = ask(alliance, "hugo", "halden", Wish.LEAVE)
    assert {place for _, place in alliance.drawn(Drawing.GROUP_APPLICATION)} == {"UADA", "UALAN", "UHUGO"}
    with pytest.raises(Refused, match=r"groups\.own_application"):
        alliance.do(group_applications.decide, "hugo", asked, approve=True)
    alliance.do(group_applications.decide, "alan", asked, approve=True)
    assert members(alliance) == {"nordlys"}


def test_what_an_administrator_does_by_hand_ends_the_question(alliance: Alliance) -> None:
    asked = ask(alliance, "tess", "tansy")
    alliance.do(groups.add_member, "ada", alliance.groups["shoes"], alliance.holders["tansy"])
    assert alliance.one(GroupApplication).decision is Decision.WITHDRAWN
    with pytest.raises(Refused, match=r"groups\.decided_already"):
        alliance.do(group_applications.decide, "hugo", asked, approve=True)


def test_whoever_leaves_is_a_stranger_in_the_groups_channel_at_once(on_each: Alliance) -> None:
    scope = channels.Scope(ChannelPurpose.GROUP, on_each.groups["shoes"])
    on_each.do(channels.bind, "hugo", scope, channels.Seen("C1", ["UHUGO", "ULENA", BOT]))
    on_each.do(group_applications.decide, "hugo", ask(on_each, "lena", "nordlys", Wish.LEAVE), approve=True)
    assert on_each.one(ChannelBinding).state is ChannelState.PAUSED


def test_each_of_the_twelve_and_each_region_has_one_group(on_each: Alliance) -> None:
    industries, regions = on_each.store.read_sync(groups.missing)
    assert (len(industries), len(regions)) == (12, len(Region))
    toys = GroupForm(name="Toys", kind=GroupKind.INDUSTRY, industry=Industry.TOYS)
    on_each.do(groups.create_group, "ada", toys)
    with pytest.raises(Refused, match=r"groups\.industry_taken"):
        on_each.do(groups.create_group, "ada", toys.model_copy(update={"name": "Games"}))
    europe = GroupForm(
        name="Small, Europe", kind=GroupKind.COMMITTEE, region=Region.EUROPE, industry=Industry.HOME
    )
    on_each.do(groups.create_group, "ada", europe)
    assert on_each.one(WorkingGroup, region=Region.EUROPE).industry is None
    with pytest.raises(Refused, match=r"groups\.region_taken"):
        on_each.do(groups.create_group, "ada", europe.model_copy(update={"name": "Other"}))
    industries, regions = on_each.store.read_sync(groups.missing)
    assert Industry.TOYS not in industries
    assert Region.EUROPE not in regions


def test_a_term_ends_the_day_after_its_last_for_members_and_chairs(on_each: Alliance) -> None:
    group, tansy = on_each.groups["shoes"], on_each.holders["tansy"]
    last = NOW.date() + timedelta(days=30)
    on_each.do(groups.add_member, "ada", group, tansy, ends_on=last)
    on_each.do(groups.name_chair, "ada", group, "UTESS", deputy=True, ends_on=last)
    assert on_each.one(GroupSeat, deputy=True).ends_on == last

    def end(at: datetime) -> int:
        return on_each.store.run_sync(groups.end_terms, now=at)

    async def at_once() -> int:
        return sum(await asyncio.gather(*(on_each.store.run(groups.end_terms, now=LATER) for _ in range(5))))

    assert end(NOW + timedelta(days=30)) == 0
    assert asyncio.run(at_once()) == 2  # several replicas look
    assert end(LATER) == 0
    assert len(on_each.all(AuditEntry, operation="group_term_ended")) == 2
    assert members(on_each) == {"nordlys", "halden"}
    assert len(on_each.all(RoleGrant, role=Role.GROUP_CHAIR, until=None)) == 1


def test_a_term_that_is_over_already_and_a_guest_in_the_chair_are_refused(alliance: Alliance) -> None:
    group = alliance.groups["shoes"]
    with pytest.raises(Refused, match=r"groups\.term_over"):
        alliance.do(groups.add_member, "ada", group, alliance.holders["tansy"], ends_on=date(2026, 11, 20))
    alliance.do(people.open_home, "gail")
    alliance.do(people.profile_changed, "gail", Profile(team_id=TEAM, user_id="UGAIL", restricted=True))
    with pytest.raises(Refused, match=r"groups\.guest_chair"):
        alliance.do(groups.name_chair, "ada", group, "UGAIL")


def test_seats_on_a_committee_are_for_a_year(alliance: Alliance) -> None:
    form = GroupForm(name="Small, Europe", kind=GroupKind.COMMITTEE, region=Region.EUROPE)
    alliance.groups["small"] = alliance.do(groups.create_group, "ada", form)
    alliance.do(groups.name_chair, "ada", alliance.groups["small"], "UHUGO")
    asked = ask(alliance, "tess", "tansy", group="small")
    alliance.do(group_applications.decide, "hugo", asked, approve=True)
    member = alliance.one(GroupMember, group_id=alliance.groups["small"])
    assert member.ends_on == NOW.date() + groups.COMMITTEE_TERM
