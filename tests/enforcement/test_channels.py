"""Bound channels: who may bind, who must not be in one, and what pauses, breaks and resumes it."""

import pytest
from sqlmodel import Session, select

from bot.enforcement import channels, digests, groups, roster
from bot.enforcement.access import Denied
from bot.enforcement.channels import Scope, Seen, Strangers
from bot.enforcement.digests import Schedule
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.messenger import viewer_of
from storage.engine import Store
from storage.queries import channels as queries
from storage.records.calendars import Span
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState
from storage.records.digests import DigestSubscription
from storage.records.roster import Role
from tests.enforcement.alliance import BOT, Alliance, found

NORDLYS = ("ULENA", "UEMIL")


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return found(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Alliance:
    """The same on each database, where a constraint, a lock or a race decides."""
    return found(store)


def scope(alliance: Alliance, name: str) -> Scope:
    """The scope of a brand, of the group, of the association, or of the platform."""
    if name == "platform":
        return Scope(ChannelPurpose.PLATFORM)
    if name == "glen":
        return Scope(ChannelPurpose.ASSOCIATION, alliance.holders["glen"])
    if name == "shoes":
        return Scope(ChannelPurpose.GROUP, alliance.groups["shoes"])
    return Scope(ChannelPurpose.BRAND, alliance.brands[name])


def bind(alliance: Alliance, by: str, name: str, *members: str, channel: str = "C1") -> str:
    """Bind a channel with these people and the bot in it."""
    facts = Seen(channel, [*members, BOT])
    binding: str = alliance.do(channels.bind, by, scope(alliance, name), facts)
    return binding


def state(alliance: Alliance, channel: str = "C1") -> ChannelState:
    found: ChannelState = alliance.one(ChannelBinding, channel_id=channel, unbound_at=None).state
    return found


@pytest.mark.parametrize(
    ("by", "name", "allowed"),
    [
        ("lena", "nordlys", True),
        ("ada", "nordlys", True),
        ("emil", "nordlys", False),
        ("hugo", "nordlys", False),
        ("pia", "nordlys", False),
        ("nobody", "nordlys", False),
        ("tess", "tansy", False),
        ("olga", "tansy", True),
        ("olga", "glen", True),
        ("olga", "nordlys", False),
        ("hugo", "shoes", True),
        ("lena", "shoes", False),
        ("ada", "platform", True),
        ("pia", "platform", False),
    ],
)
def test_a_channel_is_bound_by_those_whose_cases_it_shows(
    alliance: Alliance, by: str, name: str, *, allowed: bool
) -> None:
    if allowed:
        bind(alliance, by, name)
        assert state(alliance) is ChannelState.BOUND
    else:
        with pytest.raises(Denied):
            bind(alliance, by, name)
        assert alliance.all(ChannelBinding) == []


def test_a_scope_that_does_not_exist_is_as_foreign_as_another_ones(alliance: Alliance) -> None:
    for purpose in (ChannelPurpose.BRAND, ChannelPurpose.GROUP, ChannelPurpose.ASSOCIATION):
        for by in ("lena", "ada"):
            with pytest.raises(Denied):
                alliance.do(channels.bind, by, Scope(purpose, "01MISSING"), Seen("C1", [BOT]))


@pytest.mark.parametrize(
    ("name", "members", "strangers"),
    [
        ("nordlys", ["ULENA", "UEMIL", "UPIA"], []),
        ("nordlys", ["ULENA", "UHUGO"], ["UHUGO"]),
        ("nordlys", ["UADA", "ULENA", "UGHOST"], ["UADA", "UGHOST"]),
        ("shoes", ["ULENA", "UHUGO", "UEMIL", "UADA", "UPIA"], []),
        ("shoes", ["ULENA", "UTESS"], ["UTESS"]),
        ("glen", ["UOLGA", "UTESS"], ["UTESS"]),
        ("platform", ["UPIA", "UADA"], ["UADA"]),
    ],
)
def test_whoever_is_on_no_roster_of_the_scope_is_a_stranger(
    alliance: Alliance, name: str, members: list[str], strangers: list[str]
) -> None:
    if not strangers:
        bind(alliance, "operator", name, *members)
        return
    with pytest.raises(Strangers) as refused:
        bind(alliance, "operator", name, *members)
    assert refused.value.user_ids == strangers
    assert alliance.all(ChannelBinding) == []


@pytest.mark.parametrize(
    ("seen", "key"),
    [
        (Seen("C1", ["ULENA", BOT], private=False), "channels.public"),
        (Seen("C1", ["ULENA", BOT], archived=True), "channels.archived"),
    ],
)
def test_a_channel_that_others_read_or_nobody_writes_in_is_refused(
    alliance: Alliance, seen: Seen, key: str
) -> None:
    with pytest.raises(Refused) as refused:
        alliance.do(channels.bind, "lena", scope(alliance, "nordlys"), seen)
    assert refused.value.key == key


def test_a_channel_without_the_bot_is_refused(alliance: Alliance) -> None:
    with pytest.raises(Refused, match=r"channels\.bot_missing"):
        alliance.do(channels.bind, "lena", scope(alliance, "nordlys"), Seen("C1", ["ULENA"]))


def test_one_channel_shows_one_thing_and_one_brand_has_one_channel(on_each: Alliance) -> None:
    bind(on_each, "lena", "nordlys", "ULENA")
    with pytest.raises(Refused, match=r"channels\.taken"):
        bind(on_each, "hugo", "halden", "UHUGO")
    bind(on_each, "lena", "nordlys", "ULENA", channel="C2")
    live = on_each.all(ChannelBinding, unbound_at=None)
    assert [binding.channel_id for binding in live] == ["C2"]
    bind(on_each, "hugo", "halden", "UHUGO")


def test_a_groups_digest_moves_with_its_channel_and_comes_once(on_each: Alliance) -> None:
    schedule = Schedule(hour=9, zone="Europe/Oslo")
    for channel in ("C1", "C2"):
        bind(on_each, "hugo", "shoes", "UHUGO", channel=channel)
        on_each.do(
            digests.configure,
            "hugo",
            Scope(ChannelPurpose.GROUP, on_each.groups["shoes"]),
            Span.DAY,
            schedule,
        )
    bind(on_each, "hugo", "shoes", "UHUGO", channel="C3")
    assert on_each.one(DigestSubscription).channel_id == "C3"
    bind(on_each, "hugo", "shoes", "UHUGO", channel="C3")
    assert on_each.one(DigestSubscription).channel_id == "C3"


def test_a_stranger_pauses_a_channel_and_those_who_keep_it_are_told(on_each: Alliance) -> None:
    bind(on_each, "operator", "platform", "UPIA", channel="CTEAM")
    bind(on_each, "lena", "nordlys", *NORDLYS)
    on_each.do(channels.someone_joined, "ghost", "C1", "UGHOST")
    stay = on_each.one(ChannelMember, user_id="UGHOST")
    assert state(on_each) is ChannelState.PAUSED
    assert on_each.store.read_sync(viewer_of, "C1", pictures=True) is None
    assert on_each.drawn(Drawing.CHANNEL_NOTE) == {(stay.id, "ULENA"), (stay.id, "CTEAM")}


def test_the_bot_itself_and_those_who_belong_pause_nothing(alliance: Alliance) -> None:
    bind(alliance, "lena", "nordlys", "ULENA")
    for user_id in (BOT, "UEMIL", "UPIA"):
        alliance.do(channels.someone_joined, "ghost", "C1", user_id)
    alliance.do(channels.someone_joined, "ghost", "COTHER", "UGHOST")
    assert state(alliance) is ChannelState.BOUND


def test_a_channel_goes_on_when_the_last_stranger_has_left(alliance: Alliance) -> None:
    bind(alliance, "lena", "nordlys", *NORDLYS)
    for name in ("UGHOST", "UHUGO"):
        alliance.do(channels.someone_joined, "ghost", "C1", name)
    alliance.do(channels.someone_left, "ghost", "C1", "UGHOST")
    assert state(alliance) is ChannelState.PAUSED
    alliance.do(channels.someone_left, "ghost", "C1", "UHUGO")
    assert state(alliance) is ChannelState.BOUND


def test_whoever_comes_back_is_a_stranger_again(on_each: Alliance) -> None:
    bind(on_each, "lena", "nordlys", *NORDLYS)
    on_each.do(channels.someone_joined, "ghost", "C1", "UGHOST")
    stay = on_each.one(ChannelMember, user_id="UGHOST").id
    on_each.do(channels.let_in, "lena", stay)
    on_each.do(channels.someone_left, "ghost", "C1", "UGHOST")
    on_each.do(channels.someone_joined, "ghost", "C1", "UGHOST")
    assert state(on_each) is ChannelState.PAUSED
    assert len(on_each.all(ChannelMember, user_id="UGHOST")) == 2


@pytest.mark.parametrize(("by", "allowed"), [("lena", True), ("ada", True), ("emil", False), ("pia", False)])
def test_a_stranger_is_let_in_by_those_who_may_bind(alliance: Alliance, by: str, *, allowed: bool) -> None:
    bind(alliance, "lena", "nordlys", *NORDLYS)
    alliance.do(channels.someone_joined, "ghost", "C1", "UGHOST")
    stay = alliance.one(ChannelMember, user_id="UGHOST").id
    if allowed:
        alliance.do(channels.let_in, by, stay)
    else:
        with pytest.raises(Denied):
            alliance.do(channels.let_in, by, stay)
    assert state(alliance) is (ChannelState.BOUND if allowed else ChannelState.PAUSED)


def test_nobody_is_let_in_who_has_left_or_never_came(alliance: Alliance) -> None:
    bind(alliance, "lena", "nordlys", *NORDLYS)
    alliance.do(channels.someone_joined, "ghost", "C1", "UGHOST")
    alliance.do(channels.someone_left, "ghost", "C1", "UGHOST")
    with pytest.raises(Refused, match=r"channels\.has_left"):
        alliance.do(channels.let_in, "lena", alliance.one(ChannelMember, user_id="UGHOST").id)
    with pytest.raises(Denied):
        alliance.do(channels.let_in, "lena", "01MISSING")


def test_a_place_on_the_roster_makes_a_stranger_belong_and_its_end_a_stranger(alliance: Alliance) -> None:
    bind(alliance, "lena", "nordlys", *NORDLYS)
    alliance.do(channels.someone_joined, "ghost", "C1", "UGHOST")
    ghost = alliance.do(roster.add_person, "lena", alliance.holders["nordlys"], "UGHOST", Role.EXPERT)
    assert state(alliance) is ChannelState.BOUND
    alliance.do(roster.remove_person, "lena", alliance.holders["nordlys"], ghost)
    assert state(alliance) is ChannelState.PAUSED


def test_a_member_who_leaves_the_group_pauses_the_groups_channel(alliance: Alliance) -> None:
    bind(alliance, "hugo", "shoes", "UHUGO", "ULENA")
    alliance.do(groups.remove_member, "ada", alliance.groups["shoes"], alliance.holders["nordlys"])
    assert state(alliance) is ChannelState.PAUSED
    alliance.do(groups.add_member, "ada", alliance.groups["shoes"], alliance.holders["nordlys"])
    assert state(alliance) is ChannelState.BOUND


def test_a_lost_channel_is_broken_told_of_once_and_mended_by_binding(alliance: Alliance) -> None:
    binding = bind(alliance, "lena", "nordlys", *NORDLYS)
    alliance.do(channels.gone, "ghost", "C1", "channel_archive")
    alliance.do(channels.gone, "ghost", "C1", "channel_archive")
    alliance.do(channels.someone_joined, "ghost", "C1", "UGHOST")
    assert state(alliance) is ChannelState.BROKEN
    assert alliance.drawn(Drawing.CHANNEL_NOTE) == {(binding, "ULENA")}
    bind(alliance, "lena", "nordlys", *NORDLYS)
    assert state(alliance) is ChannelState.BOUND


def test_an_unbound_channel_shows_nothing_more(alliance: Alliance) -> None:
    binding = bind(alliance, "lena", "nordlys", *NORDLYS)
    with pytest.raises(Denied):
        alliance.do(channels.unbind, "hugo", binding)
    alliance.do(channels.unbind, "lena", binding)
    with pytest.raises(Denied):
        alliance.do(channels.unbind, "lena", binding)

    def shown(session: Session) -> object:
        return viewer_of(session, "C1", pictures=True)

    assert alliance.store.read_sync(shown) is None


def test_each_channel_knows_its_own_strangers_among_many(on_each: Alliance) -> None:
    people = ("ULENA", "UEMIL", "UHUGO", "UTESS", "UOLGA", "UPIA", "UADA", "UGHOST")
    names = ("nordlys", "halden", "tansy", "shoes", "glen", "platform")
    for number, name in enumerate(names):
        bind(on_each, "operator", name, channel=f"C{number}")
        for user_id in people:
            on_each.do(channels.someone_joined, "ghost", f"C{number}", user_id)

    def found(session: Session) -> list[tuple[str, set[str], set[str]]]:
        bound = session.exec(select(ChannelBinding)).all()
        told = queries.strangers_in(session, [binding.id for binding in bound])
        return [
            (
                binding.purpose,
                {member.user_id for member in told[binding.id]},
                set(people) - queries.belonging(session, binding.purpose, binding.scope_id),
            )
            for binding in bound
        ]

    for purpose, told, expected in on_each.store.read_sync(found):
        assert told == expected, purpose
