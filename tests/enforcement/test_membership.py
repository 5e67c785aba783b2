"""Who is to be in Slack's channels and user groups, and who is left alone there."""

import pytest

from bot.enforcement import channels, groups, membership, people, product_lines, roster
from bot.enforcement.access import Denied, Operation, Subject, may
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.membership import ChannelPlan
from bot.enforcement.people import Profile
from bot.enforcement.product_lines import LineForm
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.queries import product_lines as lines
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState
from storage.records.group_seats import UserGroup
from storage.records.outbox import OutboxRow
from storage.records.roster import Role, RoleGrant
from tests.enforcement.alliance import BOT, NOW, TEAM, Alliance, found, who


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return found(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Alliance:
    """The same on each database, where a constraint, a lock or a race decides."""
    return found(store)


def bind(alliance: Alliance, *members: str, purpose: ChannelPurpose = ChannelPurpose.BRAND) -> str:
    scope = alliance.groups["shoes"] if purpose is ChannelPurpose.GROUP else alliance.brands["nordlys"]
    binding: str = alliance.do(channels.bind, "operator", Scope(purpose, scope), Seen("C1", [*members, BOT]))
    return binding


def plan(alliance: Alliance, binding: str) -> tuple[set[str], set[str]]:
    found = alliance.store.read_sync(membership.channel_plan, binding)
    assert isinstance(found, ChannelPlan)
    return set(found.come), set(found.go)


def test_who_belongs_is_invited_and_goes_again_but_nobody_whom_the_bot_did_not_bring(
    on_each: Alliance,
) -> None:
    binding = bind(on_each, "ULENA")
    assert plan(on_each, binding) == ({"UEMIL"}, set())
    on_each.store.run_sync(membership.came, binding, {"UEMIL"}, NOW)
    holder = on_each.holders["nordlys"]
    on_each.do(roster.add_person, "lena", holder, "UBEN", Role.LEAD)
    on_each.do(channels.someone_joined, "ghost", "C1", "UBEN")
    assert plan(on_each, binding) == (set(), set())
    for name in ("emil", "ben"):
        on_each.do(roster.remove_person, "lena", holder, on_each.person(name))
    assert plan(on_each, binding) == (set(), {"UEMIL"})
    assert on_each.one(ChannelBinding).state is ChannelState.PAUSED
    on_each.store.run_sync(membership.went, binding, "UEMIL", NOW)
    stay = on_each.one(ChannelMember, user_id="UBEN")
    on_each.do(channels.take_out, "lena", stay.id)
    assert plan(on_each, binding) == (set(), {"UBEN"})
    on_each.store.run_sync(membership.went, binding, "UBEN", NOW)
    assert on_each.one(ChannelBinding).state is ChannelState.BOUND


def test_who_left_by_themselves_is_left_alone_and_who_comes_back_to_the_roster_is_invited(
    alliance: Alliance,
) -> None:
    binding = bind(alliance, "ULENA", "UEMIL")
    alliance.do(channels.someone_left, "ghost", "C1", "UEMIL")
    assert plan(alliance, binding) == (set(), set())
    alliance.do(channels.someone_joined, "ghost", "C1", "UEMIL")
    alliance.do(channels.take_out, "lena", alliance.one(ChannelMember, user_id="UEMIL", left_at=None).id)
    alliance.store.run_sync(membership.went, binding, "UEMIL", NOW)
    assert plan(alliance, binding) == ({"UEMIL"}, set())


def test_only_those_who_may_bind_a_channel_have_somebody_removed_or_switch_it_off(alliance: Alliance) -> None:
    binding = bind(alliance, "ULENA")
    alliance.do(channels.someone_joined, "ghost", "C1", "UGHOST")
    stay = alliance.one(ChannelMember, user_id="UGHOST").id
    for name in ("emil", "hugo", "pia", "nobody"):
        with pytest.raises(Denied):
            alliance.do(channels.take_out, name, stay)
        with pytest.raises(Denied):
            alliance.do(channels.keep_in_step, name, binding, keep=False)
    alliance.do(channels.keep_in_step, "lena", binding, keep=False)
    assert plan(alliance, binding) == (set(), set())
    alliance.do(channels.take_out, "lena", stay)
    assert plan(alliance, binding) == (set(), {"UGHOST"})


def test_what_a_workspace_refuses_is_told_once_and_forgotten_when_it_works(alliance: Alliance) -> None:
    binding = bind(alliance, "ULENA")
    for _ in range(2):
        alliance.store.run_sync(membership.refused, binding, "restricted_action", NOW)
    assert alliance.one(ChannelBinding).step_problem == "restricted_action"
    assert len(alliance.drawn("channel_note")) == 1
    alliance.store.run_sync(membership.came, binding, {"UEMIL"}, NOW)
    assert alliance.one(ChannelBinding).step_problem == ""


def test_guests_are_invited_into_their_own_companys_channels_and_into_no_group(alliance: Alliance) -> None:
    alliance.do(people.open_home, "gail")
    alliance.do(people.profile_changed, "gail", Profile(team_id=TEAM, user_id="UGAIL", restricted=True))
    alliance.do(roster.add_guest, "ada", alliance.holders["nordlys"], "UGAIL")
    assert plan(alliance, bind(alliance, "ULENA"))[0] == {"UEMIL", "UGAIL"}
    channel = alliance.do(
        channels.bind,
        "hugo",
        Scope(ChannelPurpose.GROUP, alliance.groups["shoes"]),
        Seen("C2", ["UHUGO", BOT]),
    )
    assert plan(alliance, channel)[0] == {"ULENA", "UEMIL"}


def test_a_user_group_is_wanted_by_a_chair_and_follows_the_members(on_each: Alliance) -> None:
    group = on_each.groups["shoes"]
    with pytest.raises(Denied):
        on_each.do(membership.want_user_group, "lena", group, want=True)
    on_each.do(membership.want_user_group, "hugo", group, want=True)
    wanted = on_each.store.read_sync(membership.user_group_plan, group)
    assert wanted is not None
    assert (wanted.handle, set(wanted.people)) == ("gf-shoes", {"UHUGO", "ULENA", "UEMIL"})
    on_each.store.run_sync(membership.user_group_is, group, "S1", {"UHUGO"}, now=NOW)
    assert on_each.one(UserGroup).put == ["UHUGO"]
    before = len(on_each.all(OutboxRow, kind="membership"))
    on_each.do(groups.remove_member, "ada", group, on_each.holders["nordlys"])
    assert len(on_each.all(OutboxRow, kind="membership")) == before  # one that waits is enough
    wanted = on_each.store.read_sync(membership.user_group_plan, group)
    assert wanted is not None
    assert set(wanted.people) == {"UHUGO"}


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Food and drink", "gf-food-and-drink"),
        ("Électronique & Montres!", "gf-electronique-montr"),
        ("玩具", "gf-group"),
        ("a" * 30, "gf-" + "a" * 18),
    ],
)
def test_a_handle_is_of_small_letters_and_short(name: str, handle: str) -> None:
    assert membership.handle_of(name) == handle


def test_a_role_that_is_changed_counts_from_the_next_click_on(on_each: Alliance) -> None:
    holder, emil = on_each.holders["nordlys"], on_each.person("emil")
    subject = Subject("case", holder_id=holder)
    on_each.do(roster.set_roles, "lena", holder, emil, [Role.EXPERT, Role.LEAD])
    assert on_each.store.read_sync(may, who("emil"), Operation.MANAGE_ROSTER, subject)
    on_each.do(roster.set_roles, "emil", holder, on_each.person("lena"), [Role.EXPERT])
    assert not on_each.store.read_sync(may, who("lena"), Operation.MANAGE_ROSTER, subject)
    with pytest.raises(Refused, match=r"roster\.last_lead"):
        on_each.do(roster.set_roles, "emil", holder, emil, [Role.EXPERT])
    with pytest.raises(Refused, match=r"roster\.no_role"):
        on_each.do(roster.set_roles, "emil", holder, emil, [])
    with pytest.raises(Refused, match=r"roster\.role_does_not_fit"):
        on_each.do(roster.set_roles, "emil", holder, emil, [Role.LEAD, Role.ADMINISTRATOR])
    with pytest.raises(Denied):
        on_each.do(roster.set_roles, "lena", holder, emil, [Role.EXPERT])
    assert len(on_each.all(RoleGrant, person_id=emil, until=None)) == 2


def test_a_lead_keeps_product_lines_and_who_knows_them(on_each: Alliance) -> None:
    holder, brand, emil = on_each.holders["nordlys"], on_each.brands["nordlys"], on_each.person("emil")
    form = LineForm(brand_id=brand, name="Running shoes")
    line = on_each.do(product_lines.add_line, "lena", form)
    with pytest.raises(Refused, match=r"lines\.exists"):
        on_each.do(product_lines.add_line, "lena", LineForm(brand_id=brand, name="running  SHOES"))
    for name in ("emil", "hugo", "ada", "pia"):
        with pytest.raises(Denied):
            on_each.do(product_lines.add_line, name, form)
        with pytest.raises(Denied):
            on_each.do(product_lines.set_lines, name, holder, emil, [line])
    coats = on_each.do(product_lines.add_line, "lena", LineForm(brand_id=brand, name="Coats"))
    on_each.do(product_lines.set_lines, "lena", holder, emil, [line, coats])
    on_each.do(product_lines.set_lines, "lena", holder, emil, [coats])
    assert on_each.store.read_sync(lines.known_to, holder, [emil]) == {emil: [coats]}
    with pytest.raises(Denied):
        on_each.do(product_lines.set_lines, "lena", holder, on_each.person("hugo"), [line])
    on_each.do(product_lines.end_line, "lena", coats)
    assert on_each.store.read_sync(lines.known_to, holder, [emil]) == {}
    assert [each.id for each in on_each.store.read_sync(lines.of_brands, [brand])] == [line]
    on_each.do(product_lines.add_line, "lena", LineForm(brand_id=brand, name="Coats"))
