"""Findings: who may tell whom, who learns who it was, and what people found useful."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from bot.enforcement import channels, findings, groups
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.findings import FindingForm, Told
from bot.enforcement.groups import GroupForm
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.messenger import Viewer
from bot.words.catalogue import words_for
from handlers.blocks import findings as blocks
from handlers.drawn.findings import draw_finding, draw_finding_request
from handlers.slack.finding_pages import FINDING_PAGES
from storage.engine import Store
from storage.queries import findings as kept
from storage.records.audit import AuditEntry
from storage.records.channels import ChannelPurpose
from storage.records.findings import FindingKind, FindingSharing, SharingState
from storage.records.groups import GroupKind
from storage.records.messages import DrawnMessage
from tests.enforcement.alliance import BOT, NOW, TEAM, Alliance, found, who

SHOES, WATCHES = "C0SHOES", "C0WATCHES"
FORM = FindingForm(
    kind=FindingKind.ALERT,
    title="<!channel> *Boxes* of others",
    sellers="New shops",
    signs="The box is <https://evil.example|ours>,\n@here the phone is not",
    link="https://example.com/a",
)
SECRET = FORM.model_copy(update={"is_anonymous": True})


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return founded(sqlite_store)


def founded(store: Store) -> Alliance:
    """Shoes is of nordlys and halden, chaired by hugo of halden; watches of tansy, chaired by alan."""
    world = found(store)

    def more(session: Session) -> None:
        form = GroupForm(name="Watches", kind=GroupKind.INDUSTRY)
        world.groups["watches"] = groups.create_group(session, OPERATOR, form, now=NOW)
        groups.add_member(session, OPERATOR, world.groups["watches"], world.holders["tansy"], now=NOW)
        groups.name_chair(session, OPERATOR, world.groups["watches"], "UALAN", now=NOW)
        for name, channel in (("shoes", SHOES), ("watches", WATCHES)):
            seen = Seen(channel, [BOT])
            channels.bind(session, OPERATOR, Scope(ChannelPurpose.GROUP, world.groups[name]), seen, now=NOW)

    store.run_sync(more)
    return world


def share(world: Alliance, name: str, *wanted: str, form: FindingForm = FORM) -> Told:
    told: Told = world.do(findings.share, name, form, [world.groups[group] for group in wanted])
    return told


def sharing(world: Alliance, told: Told, group: str) -> FindingSharing:
    one: FindingSharing = world.one(FindingSharing, finding_id=told.finding_id, group_id=world.groups[group])
    return one


def seen_in(world: Alliance, told: Told, group: str) -> str:
    """The bytes of the message in a group's channel."""
    place = {"shoes": SHOES, "watches": WATCHES}[group]
    viewer = Viewer(words_for("en"), place, ChannelPurpose.GROUP, world.groups[group], False)
    drawn = world.store.read_sync(draw_finding, sharing(world, told, group).id, viewer, NOW)
    return str(drawn)


def card_of(world: Alliance, told: Told, group: str, user: str) -> str:
    viewer = Viewer(words_for("en"), user, pictures=False)
    return str(world.store.read_sync(draw_finding_request, sharing(world, told, group).id, viewer, NOW))


def page_of(world: Alliance, told: Told, name: str) -> str:
    page = FINDING_PAGES["finding"]
    return str(world.store.read_sync(page, who(name), told.finding_id, words_for("en"), NOW))


@pytest.mark.parametrize(
    ("name", "groups_of", "posted", "asked"),
    [
        ("lena", ["shoes"], ("Shoes",), ()),
        ("emil", ["shoes", "watches"], ("Shoes",), ("Watches",)),
        ("tess", ["watches"], ("Watches",), ()),
        ("tess", ["shoes"], (), ("Shoes",)),
        ("olga", ["watches"], ("Watches",), ()),  # tansy's association is where tansy is
        ("olga", ["shoes"], (), ("Shoes",)),
        ("hugo", ["shoes"], ("Shoes",), ()),
        ("alan", ["watches", "shoes"], ("Shoes", "Watches"), ()),
        ("pia", ["watches", "shoes"], ("Shoes", "Watches"), ()),
    ],
)
def test_the_own_group_hears_at_once_and_another_when_its_chair_agrees(
    alliance: Alliance, name: str, groups_of: Sequence[str], posted: Sequence[str], asked: Sequence[str]
) -> None:
    told = share(alliance, name, *groups_of)
    assert (told.posted, told.asked) == (tuple(posted), tuple(asked))
    assert len(alliance.drawn(Drawing.FINDING)) == len(posted)


def test_a_finding_for_all_groups_reaches_them_however_many_there_are(alliance: Alliance) -> None:
    def more(session: Session) -> None:
        for number in range(45):
            form = GroupForm(name=f"Group {number}", kind=GroupKind.INDUSTRY)
            alliance.groups[form.name] = groups.create_group(session, OPERATOR, form, now=NOW)

    alliance.store.run_sync(more)
    told = share(alliance, "pia", *alliance.groups)
    assert (told.posted, len(told.without)) == (("Shoes", "Watches"), 45)
    said = blocks.told(words_for("en"), told.posted, told.asked, [name * 9 for name in told.without])
    assert len(said) == 3000  # of a section


def test_strangers_share_nothing_and_read_nothing(alliance: Alliance) -> None:
    told = share(alliance, "lena", "shoes")
    for name in ("nobody", "tess"):
        with pytest.raises(Denied):
            alliance.store.read_sync(findings.sheet, who(name), told.finding_id)
    with pytest.raises(Denied):
        share(alliance, "nobody", "shoes")
    with pytest.raises(Denied):
        alliance.do(findings.share, "lena", FORM, ["missing"])


def test_a_chair_answers_once_and_says_why_not(store: Store) -> None:
    world = founded(store)
    yes, no = share(world, "lena", "watches"), share(world, "lena", "watches")
    asked = sharing(world, yes, "watches").id
    assert {place for subject, place in world.drawn(Drawing.FINDING_REQUEST) if subject == asked} == {
        "UALAN",
        "ULENA",
    }
    for name in ("lena", "hugo", "pia", "tess"):
        with pytest.raises(Denied):
            world.do(findings.decide, name, asked, approve=True)
    with pytest.raises(Refused, match="reason_missing"):
        world.do(findings.decide, "alan", sharing(world, no, "watches").id, approve=False)
    world.do(findings.decide, "alan", asked, approve=True)
    world.do(findings.decide, "alan", sharing(world, no, "watches").id, approve=False, reason="*Known*")
    with pytest.raises(Refused, match="decided_already"):
        world.do(findings.decide, "ada", asked, approve=False, reason="Late")
    assert world.drawn(Drawing.FINDING) == {(asked, WATCHES)}
    assert "∗Known∗" in card_of(world, no, "watches", "ULENA")
    assert all("∗Known∗" in page_of(world, no, name) for name in ("lena", "emil"))


def test_what_is_shared_anonymously_names_nobody_anywhere_that_a_rival_reads(alliance: Alliance) -> None:
    told = share(alliance, "lena", "shoes", "watches", form=SECRET)
    read = [
        seen_in(alliance, told, "shoes"),
        card_of(alliance, told, "watches", "UALAN"),
        repr(alliance.store.read_sync(findings.sheet, who("hugo"), told.finding_id).author),
        repr(alliance.store.read_sync(findings.sheet, who("hugo"), told.finding_id).holder),
    ]
    for canary in ("Nordlys", "ULENA", alliance.holders["nordlys"], alliance.person("lena")):
        assert not any(canary in each for each in read)
    for name in ("pia", "ada", "emil", "lena"):
        sheet = alliance.store.read_sync(findings.sheet, who(name), told.finding_id)
        assert (sheet.author, sheet.holder) == ("ULENA", "Nordlys")
    acts = alliance.all(AuditEntry, subject_id=told.finding_id)
    assert {act.actor for act in acts} == {f"slack:{TEAM}:ULENA"}
    named = share(alliance, "lena", "shoes")
    assert "Nordlys" in seen_in(alliance, named, "shoes")


def test_taking_an_anonymous_finding_back_names_nobody_either(alliance: Alliance) -> None:
    told = share(alliance, "lena", "watches", form=SECRET)
    alliance.store.run_sync(_drawn, Drawing.FINDING_REQUEST, sharing(alliance, told, "watches").id, "UALAN")
    alliance.do(findings.withdraw, "lena", told.finding_id)
    assert "ULENA" not in card_of(alliance, told, "watches", "UALAN")


def test_foreign_text_becomes_neither_mention_nor_link_nor_markup(alliance: Alliance) -> None:
    told = share(alliance, "lena", "shoes", "watches")
    for shown in (seen_in(alliance, told, "shoes"), card_of(alliance, told, "watches", "UALAN")):
        assert "<!channel>" not in shown
        assert "*Boxes*" not in shown
        assert "<https://evil" not in shown
        assert "@here" not in shown
        assert "<https://example.com/a|example" in shown  # our own link, with the page's host


@pytest.mark.parametrize("wrong", [{"title": " "}, {"signs": ""}, {"link": "javascript:alert(1)"}])
def test_what_is_missing_or_no_address_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        FindingForm.model_validate(FORM.model_dump() | wrong)


@pytest.mark.parametrize(
    ("name", "gone_from"),
    [
        ("emil", {"shoes", "watches"}),  # who shared it
        ("lena", {"shoes", "watches"}),  # who leads the company
        ("hugo", {"shoes"}),  # the chair of one of the groups
        ("pia", {"shoes", "watches"}),
        ("tess", set()),
    ],
)
def test_a_finding_is_taken_back_as_far_as_one_may(
    alliance: Alliance, name: str, gone_from: set[str]
) -> None:
    told = share(alliance, "emil", "shoes", "watches")
    if not gone_from:
        with pytest.raises(Denied):
            alliance.do(findings.withdraw, name, told.finding_id)
    else:
        alliance.do(findings.withdraw, name, told.finding_id)
    gone = {
        group for group in alliance.groups if sharing(alliance, told, group).state == SharingState.WITHDRAWN
    }
    assert gone == gone_from
    assert ("withdrawn" in seen_in(alliance, told, "shoes")) is ("shoes" in gone_from)


def test_several_who_take_it_back_at_once_take_it_back_once(store: Store) -> None:
    world = founded(store)
    told = share(world, "emil", "shoes")

    async def race() -> None:
        clicks = [("emil", "lena", "hugo")[number % 3] for number in range(9)]
        await asyncio.gather(
            *(store.run(findings.withdraw, who(name), told.finding_id, now=NOW) for name in clicks)
        )

    asyncio.run(race())
    assert len(world.all(AuditEntry, operation="withdraw_finding")) == 1


def _drawn(session: Session, drawing: str, subject_id: str, place: str) -> None:
    session.add(
        DrawnMessage(
            kind=drawing, subject_id=subject_id, place=place, channel_id=place, ts="1.1", drawn_at=NOW
        )
    )


def test_each_person_who_reacts_has_found_it_useful_once(store: Store) -> None:
    world = founded(store)
    told = share(world, "lena", "shoes")
    store.run_sync(_drawn, Drawing.FINDING, sharing(world, told, "shoes").id, SHOES)

    def react(name: str, reaction: str = "+1", *, added: bool = True) -> int:
        world.do(findings.react, name, SHOES, "1.1", reaction, added=added)
        useful: int = store.read_sync(kept.useful, told.finding_id)
        return useful

    assert react("hugo") == 1
    assert react("hugo") == 1
    assert react("hugo", "eyes") == 1
    assert react("stranger", "heart") == 2  # whoever is in the channel
    assert [react("lena"), react("bot"), react("emil", "-1"), react("emil", "thumbsdown::skin-tone-3")] == [
        2
    ] * 4
    assert react("hugo", added=False) == 2
    assert react("hugo", "eyes", added=False) == 1
    world.do(findings.react, "hugo", SHOES, "9.9", "+1", added=True)  # another message
    assert store.read_sync(kept.useful, told.finding_id) == 1


def test_an_emoji_of_whoever_shared_it_anonymously_counts_as_anybodys_does(alliance: Alliance) -> None:
    told = share(alliance, "emil", "shoes", form=SECRET)
    alliance.store.run_sync(_drawn, Drawing.FINDING, sharing(alliance, told, "shoes").id, SHOES)
    for number, name in enumerate(("lena", "emil", "hugo"), start=1):
        alliance.do(findings.react, name, SHOES, "1.1", "+1", added=True)
        assert alliance.store.read_sync(kept.useful, told.finding_id) == number


def test_the_list_begins_with_the_most_useful_and_holds_only_what_one_may_read(store: Store) -> None:
    world = founded(store)
    first, second = share(world, "lena", "shoes"), share(world, "hugo", "shoes")
    elsewhere = share(world, "tess", "watches")
    store.run_sync(_drawn, Drawing.FINDING, sharing(world, first, "shoes").id, SHOES)
    world.do(findings.react, "hugo", SHOES, "1.1", "+1", added=True)

    def listed(name: str) -> list[str]:
        _, found_ = store.read_sync(lambda session: findings.listed(session, who(name), limit=9))
        return [each.finding.id for each in found_]

    assert listed("emil") == [first.finding_id, second.finding_id]
    assert listed("tess") == [elsewhere.finding_id]
    assert set(listed("pia")) == {first.finding_id, second.finding_id, elsewhere.finding_id}
    world.do(findings.withdraw, "lena", first.finding_id, now=NOW + timedelta(hours=1))
    assert listed("emil") == [second.finding_id]


def test_a_group_without_a_channel_or_without_another_chair_is_said(alliance: Alliance) -> None:
    def bare(session: Session) -> Any:
        return groups.create_group(
            session, OPERATOR, GroupForm(name="Bare", kind=GroupKind.INDUSTRY), now=NOW
        )

    alliance.groups["bare"] = alliance.store.run_sync(bare)
    with pytest.raises(Refused, match="no_channel"):
        share(alliance, "lena", "bare")
    assert share(alliance, "lena", "shoes", "bare").without == ("Bare",)
