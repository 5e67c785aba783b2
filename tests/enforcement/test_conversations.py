"""Talk to us: who may ask, who comes, what an association has to say, how it opens once and how it ends."""

import pytest
from sqlmodel import Session

from bot.enforcement import (
    channels,
    conversation_time,
    conversations,
    roster,
    security_team,
)
from bot.enforcement.access import Denied
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.refusals import Refused
from bot.messenger import viewer_of
from storage.engine import Store
from storage.queries import conversations as kept
from storage.records.audit import AuditEntry
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState
from storage.records.conversation_sheets import Pointed
from storage.records.conversations import (
    About,
    Concern,
    Conversation,
    ConversationMember,
    Part,
    SecurityContact,
    TalkForm,
    TalkOutcome,
    TalkState,
)
from storage.records.misuse import Censure, CensureKind, CensureState
from storage.records.roster import Role
from tests.enforcement.alliance import BOT, NOW, Alliance
from tests.enforcement.talk_world import CHANNEL, ask, open_in, parts, standing_change, steps, talk, with_team


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return with_team(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Alliance:
    """The same on each database, where a constraint or a lock decides."""
    return with_team(store)


COMING = (
    ("emil", Concern.OTHER, {"UEMIL": "asker", "UPIA": "manager", "UWEI": "deputy", "ULENA": "lead"}),
    ("lena", Concern.RIGHTS, {"ULENA": "asker", "UPIA": "manager", "UWEI": "deputy"}),
    (
        "lena",
        Concern.SECURITY,
        {"ULENA": "asker", "UPIA": "manager", "UWEI": "deputy", "USOL": "security"},
    ),
    # Nobody is named for Tansy: the team comes. An association acts for it: its officer comes.
    (
        "tess",
        Concern.OTHER,
        {"UTESS": "asker", "UPIA": "staff", "UWEI": "staff", "USOL": "staff", "UOLGA": "advisor"},
    ),
)


def test_the_right_people_come(alliance: Alliance) -> None:
    for number, (by, concern, coming) in enumerate(COMING, start=1):
        sheet = ask(alliance, by, concern)
        assert {user: part.value for user, part in parts(alliance, sheet.talk.id).items()} == coming
        assert sheet.talk.state is TalkState.OPENING
        assert steps(alliance) == [("open", "")] * number


def test_nobody_asks_for_a_company_that_is_not_theirs(alliance: Alliance) -> None:
    for by in ("ada", "stranger"):
        with pytest.raises(Denied):
            ask(alliance, by)
    with pytest.raises(Denied):
        ask(alliance, "lena", holder_id=alliance.holders["halden"])
    with pytest.raises(Denied):
        ask(alliance, "lena", pointed=Pointed(About.NOTICE, "01JMISSING"))
    with pytest.raises(Refused, match="from_a_case"):
        ask(alliance, "pia", pointed=Pointed(About.SELLER, "01JMISSING"))
    for holder_id in ("", "01JMISSING"):
        with pytest.raises(Denied):
            ask(alliance, "pia", holder_id=holder_id)
    assert alliance.all(Conversation) == []


def test_an_officer_asks_for_a_member_and_picks_which(alliance: Alliance) -> None:
    with pytest.raises(Denied):
        ask(alliance, "olga", holder_id=alliance.holders["nordlys"])
    sheet = ask(alliance, "olga", Concern.SECURITY, holder_id=alliance.holders["tansy"])
    assert (sheet.talk.state, sheet.talk.role) == (TalkState.OPENING, "AS")
    assert parts(alliance, sheet.talk.id)["UOLGA"] is Part.ASKER


def test_a_ring_is_told_only_after_the_association_agreed(on_each: Alliance) -> None:
    sheet = ask(on_each, "tess", Concern.SECURITY)
    talk_id = sheet.talk.id
    assert (sheet.talk.state, steps(on_each)) == (TalkState.WAITING, [])
    assert parts(on_each, talk_id) == {"UTESS": Part.ASKER}
    assert on_each.drawn("conversation_approval") == {(talk_id, "UOLGA")}
    for by in ("tess", "lena", "pia", "ada"):
        with pytest.raises(Denied):
            on_each.do(conversations.approve, by, talk_id)
    on_each.do(conversations.approve, "olga", talk_id)
    assert (talk(on_each, talk_id).state, steps(on_each)) == (TalkState.OPENING, [("open", "")])
    assert parts(on_each, talk_id)["USOL"] is Part.SECURITY
    with pytest.raises(Refused, match="decided_already"):
        on_each.do(conversations.decline, "olga", talk_id, "No.")


def test_a_no_of_the_association_has_a_reason_and_opens_nothing(alliance: Alliance) -> None:
    talk_id = ask(alliance, "tess", Concern.SECURITY).talk.id
    with pytest.raises(Refused, match="say_why"):
        alliance.do(conversations.decline, "olga", talk_id, "  ")
    alliance.do(conversations.decline, "olga", talk_id, "We take it to the police first.")
    declined = talk(alliance, talk_id)
    assert (declined.state, declined.reason) == (TalkState.DECLINED, "We take it to the police first.")
    assert steps(alliance) == []
    assert (talk_id, "UTESS") in alliance.drawn("conversation_news")
    assert ask(alliance, "tess", Concern.SECURITY).talk.id != talk_id


def test_without_an_officer_nobody_can_agree_and_one_is_told_so(alliance: Alliance) -> None:
    alliance.store.run_sync(
        roster.end_role, alliance.person("olga"), Role.ASSOCIATION_OFFICER, alliance.holders["glen"], NOW
    )
    with pytest.raises(Refused, match="no_officer"):
        ask(alliance, "tess", Concern.SECURITY)


def test_a_second_press_leads_to_the_first_conversation(on_each: Alliance) -> None:
    first = ask(on_each, "lena", Concern.RIGHTS)
    assert ask(on_each, "lena", Concern.RIGHTS).talk.id == first.talk.id
    assert ask(on_each, "lena", Concern.STANDING).talk.id != first.talk.id
    assert ask(on_each, "emil", Concern.RIGHTS).talk.id != first.talk.id  # without a case, each their own


def test_whoever_asks_about_the_same_case_joins(alliance: Alliance) -> None:
    case = standing_change(alliance)
    talk_id = ask(alliance, "lena", Concern.STANDING, case).talk.id
    assert open_in(alliance, talk_id, "ULENA", "UPIA", "UWEI")
    again = ask(alliance, "emil", Concern.OTHER, case)
    assert (again.talk.id, again.talk.concern) == (talk_id, Concern.STANDING)
    assert parts(alliance, talk_id)["UEMIL"] is Part.JOINED
    assert steps(alliance)[-1] == ("invite", "UEMIL")
    with pytest.raises(Denied):
        ask(alliance, "hugo", Concern.OTHER, case)


def test_the_platform_asks_a_brand(alliance: Alliance) -> None:
    about_it = ask(alliance, "sol", Concern.SECURITY, standing_change(alliance))
    about_nothing = ask(alliance, "pia", holder_id=alliance.holders["nordlys"])
    for sheet in (about_it, about_nothing):
        assert (sheet.talk.state, sheet.talk.role) == (TalkState.OPENING, "PS")
        assert parts(alliance, sheet.talk.id)["ULENA"] is Part.LEAD


def test_a_warning_is_talked_about_by_whom_it_concerns_alone(alliance: Alliance) -> None:
    def warn(session: Session) -> str:
        row = Censure(
            kind=CensureKind.WARNING,
            state=CensureState.IN_FORCE,
            person_id=emil,
            holder_id=alliance.holders["nordlys"],
            reason="Three answers were taken back.",
            figures={},
            proposed_at=NOW,
        )
        session.add(row)
        session.flush()
        return row.id

    emil = alliance.person("emil")
    warning = Pointed(About.CENSURE, alliance.store.run_sync(warn))
    for by in ("lena", "pia", "hugo"):
        with pytest.raises(Denied):
            ask(alliance, by, Concern.STANDING, warning)
    own = Scope(ChannelPurpose.BRAND, alliance.brands["nordlys"])
    alliance.do(channels.bind, "lena", own, Seen("CNORDLYS", ["ULENA", BOT]))
    talk_id = ask(alliance, "emil", Concern.STANDING, warning).talk.id
    others = [ask(alliance, "emil").talk.id, ask(alliance, "emil", pointed=standing_change(alliance)).talk.id]
    places = [alliance.store.read_sync(conversation_time.plan, each) for each in (talk_id, *others)]
    assert [plan and plan.thread for plan in places] == [None, None, (TalkForm.THREAD, "CNORDLYS")]
    open_in(alliance, talk_id, "UEMIL", "UPIA")
    assert (warning.subject_id, CHANNEL) in alliance.drawn("censure")


def test_a_channel_is_bound_to_the_one_company(on_each: Alliance) -> None:
    talk_id = ask(on_each, "lena").talk.id
    assert open_in(on_each, talk_id, "ULENA", "UPIA", "UWEI")
    binding = on_each.one(ChannelBinding, channel_id=CHANNEL)
    assert (binding.purpose.value, binding.scope_id, binding.state.value) == (
        "conversation",
        talk_id,
        "bound",
    )
    viewer = on_each.store.read_sync(viewer_of, CHANNEL, pictures=True)
    assert viewer is not None
    assert (viewer.scope_id, viewer.talk_id) == (on_each.brands["nordlys"], talk_id)
    assert (talk_id, CHANNEL) in on_each.drawn("conversation")
    other = ask(on_each, "hugo").talk.id
    assert not open_in(on_each, other, "UHUGO")  # a group message that belongs to another conversation
    assert open_in(on_each, talk_id, "ULENA")  # said twice: nothing changes
    assert len(on_each.all(ChannelBinding, purpose="conversation")) == 1


def test_a_rival_in_the_channel_pauses_it_and_a_leaver_is_taken_out(alliance: Alliance) -> None:
    talk_id = ask(alliance, "emil").talk.id
    open_in(alliance, talk_id, "UEMIL", "ULENA", "UPIA", "UWEI")
    alliance.do(channels.someone_joined, "hugo", CHANNEL, "UHUGO")
    assert alliance.one(ChannelBinding, channel_id=CHANNEL).state is ChannelState.PAUSED
    assert alliance.store.read_sync(viewer_of, CHANNEL, pictures=True) is None
    assert ("remove", "UHUGO") not in steps(alliance)  # whom a person brought, a person takes out
    alliance.do(channels.someone_left, "hugo", CHANNEL, "UHUGO")
    alliance.do(roster.remove_person, "lena", alliance.holders["nordlys"], alliance.person("emil"))
    assert alliance.one(ChannelBinding, channel_id=CHANNEL).state is ChannelState.PAUSED
    assert steps(alliance)[-1] == ("remove", "UEMIL")
    assert "UEMIL" not in parts(alliance, talk_id)
    alliance.do(channels.someone_left, "emil", CHANNEL, "UEMIL")
    assert alliance.one(ChannelBinding, channel_id=CHANNEL).state is ChannelState.BOUND
    stays = alliance.all(ChannelMember, left_at=None)
    assert {stay.user_id for stay in stays} == {"ULENA", "UPIA", "UWEI"}


def test_those_who_take_part_close_it(alliance: Alliance) -> None:
    for number, by in enumerate(("emil", "lena", "wei")):
        channel, concern = f"{CHANNEL}{number}", list(Concern)[number]
        talk_id = ask(alliance, "emil", concern).talk.id
        open_in(alliance, talk_id, "UEMIL", "ULENA", "UPIA", "UWEI", place=channel)
        with pytest.raises(Denied):
            alliance.do(conversations.close, "hugo", talk_id, TalkOutcome.SOLVED, "")
        alliance.do(conversations.close, by, talk_id, TalkOutcome.SOLVED, "The listing is back.")
        closed = talk(alliance, talk_id)
        assert (closed.state, closed.outcome) == (TalkState.CLOSED, TalkOutcome.SOLVED)
        assert closed.outcome_text == "The listing is back."
        assert (talk_id, channel) in alliance.drawn("conversation_end")
        assert steps(alliance)[-1] == ("end", "")
        assert len(alliance.all(AuditEntry, operation="close_talk", outcome="solved")) == number + 1
        assert alliance.store.run_sync(conversation_time.ended, talk_id, now=NOW) == channel
        assert alliance.all(ChannelBinding, unbound_at=None, channel_id=channel) == []
        with pytest.raises(Refused, match="not_open"):
            alliance.do(conversations.close, by, talk_id, TalkOutcome.SOLVED, "")


def test_an_expert_closes_no_conversation_of_a_colleague(alliance: Alliance) -> None:
    talk_id = ask(alliance, "lena").talk.id
    open_in(alliance, talk_id, "ULENA")
    with pytest.raises(Denied):
        alliance.do(conversations.close, "emil", talk_id, TalkOutcome.SOLVED, "")


def test_an_archived_channel_ended_its_conversation(alliance: Alliance) -> None:
    talk_id = ask(alliance, "lena").talk.id
    open_in(alliance, talk_id, "ULENA", "UPIA")
    alliance.do(channels.gone, "lena", CHANNEL, "is_archived")
    gone = talk(alliance, talk_id)
    assert (gone.state, gone.outcome) == (TalkState.CLOSED, TalkOutcome.GONE)
    assert ask(alliance, "lena").talk.id != talk_id


def test_only_staff_are_named_for_security_and_whoever_leaves_the_staff_is_none(alliance: Alliance) -> None:
    with pytest.raises(Refused, match="not_staff"):
        alliance.do(security_team.add, "ada", alliance.person("lena"))
    with pytest.raises(Denied):
        alliance.do(security_team.add, "pia", alliance.person("pia"))
    alliance.do(security_team.add, "ada", alliance.person("sol"))  # a second time: nothing changes
    assert len(alliance.all(SecurityContact)) == 1
    alliance.do(roster.remove_platform_staff, "ada", alliance.person("sol"))
    assert "USOL" not in parts(alliance, ask(alliance, "lena", Concern.SECURITY).talk.id)
    alliance.do(security_team.remove, "ada", alliance.person("sol"))
    assert alliance.one(SecurityContact).until == NOW


def test_members_lists_are_for_the_present(alliance: Alliance) -> None:
    talk_id = ask(alliance, "emil").talk.id
    count = alliance.store.read_sync(kept.open_count, alliance.person("emil"))
    (own,) = alliance.store.read_sync(kept.open_of, alliance.person("emil"))
    assert (own.id, count) == (talk_id, 1)
    assert alliance.store.read_sync(kept.open_of, alliance.person("hugo")) == []
    assert {row.part for row in alliance.all(ConversationMember)} >= {Part.ASKER, Part.MANAGER}
