"""Digests from end to end: the chair sets the hour at the page, the morning comes, the group reads."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.digest_sending import digest_tick
from bot.lazy import load
from storage.records.audit import AuditEntry
from storage.records.calendars import Span
from storage.records.digests import Digest, DigestSubscription, Lateness
from storage.records.groups import GroupMember, WorkingGroup
from storage.records.notices import Notice, NoticeOrigin, NoticeState, ReasonCode
from storage.records.roster import Brand, Person, Role, RoleGrant
from tests.bot_under_test import Product
from tests.workspace import Json

GROUP, SMALL_GROUP, BRAND_CHANNEL, LOBBY = "C0GROUP01", "C0GROUP03", "C0BRAND01", "C0LOBBY01"
LONDON = "Europe/London"


def everyday(session: Session) -> list[tuple[str, str]]:
    """(holder, brand) of every member of the group."""
    statement = (
        select(GroupMember.holder_id, Brand.id)
        .join(WorkingGroup, col(WorkingGroup.id) == col(GroupMember.group_id))
        .join(Brand, col(Brand.holder_id) == col(GroupMember.holder_id))
        .where(col(WorkingGroup.name) == "Everyday goods")
    )
    return list(dict(session.exec(statement).all()).items())


def two_notices_each(session: Session, at: datetime) -> None:
    person = session.exec(select(Person)).first()
    assert person is not None
    for number, (holder_id, brand_id) in enumerate(everyday(session) * 2):
        session.add(
            Notice(
                reference=f"GF-{at:%d}-{number}",
                holder_id=holder_id,
                brand_id=brand_id,
                marketplace="openbazaar",
                origin=NoticeOrigin.MEMBER,
                reason_code=ReasonCode.OTHER,
                explanation="",
                statements=[],
                submitter_id=person.id,
                submitter_name="",
                submitter_email="",
                role="BM",
                immediate=False,
                state=NoticeState.SUBMITTED,
                submitted_at=at,
                changed_at=at,
            )
        )


class Desk:
    """People of the group, and what they do over and over."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws
        self.hannah, self.mikkel = self.ws.member("Hannah"), self.ws.member("Mikkel")
        self.sofia = self.ws.member("Sofia")

    async def digest(self, user: str, channel: str, text: str = "") -> Json:
        """Type `/digest`; the modal."""
        answer = await self.ws.command(user, f"/digest {text}".strip(), channel)
        assert answer == {"ok": True}
        views = await self.ws.views(user)
        return views[-1] if views else {}

    async def said(self, user: str, text: str) -> list[Json]:
        """Type `/digest` with a text; what stands in the lobby then."""
        await self.ws.command(user, f"/digest {text}", LOBBY)
        return list(await self.ws.messages(user, LOBBY))

    async def messages(self, channel: str = GROUP) -> list[Json]:
        """What the bot wrote in a channel, threads included."""
        return [message for message in await self.ws.messages(self.mikkel, channel) if "blocks" in message]

    async def thread(self, channel: str = GROUP) -> list[Json]:
        """A digest with its details and its chart, once all of them are there."""
        found = sorted(await self.messages(channel), key=lambda each: str(each["ts"]))
        return found if len(found) == 3 else []

    async def tick(self) -> int:
        """What the scheduler does twice a minute."""
        return await digest_tick(self.product.store, self.product.bot.clock, MONDAY_TO_FRIDAY)

    async def sleep_until(self, then: datetime) -> None:
        """Move the clock; the bot follows and looks at what is due."""
        await self.ws.advance((then - self.product.bot.clock()).total_seconds())
        await self.product.bot._follow_clock()


@pytest.fixture
def desk(product: Product) -> Desk:
    load("numpy")  # a first look loads it, which takes long where many tests run beside each other
    return Desk(product)


def texts(view: Any) -> str:
    """Every text of a view or a message."""
    match view:
        case {"text": str(text), **rest}:
            return text + "\n" + texts(rest)
        case dict():
            return "\n".join(texts(each) for each in view.values())
        case list():
            return "\n".join(texts(each) for each in view)
    return ""


async def test_the_chair_sets_the_hour_and_the_morning_brings_one_message_with_a_thread(desk: Desk) -> None:
    view = await desk.digest(desk.hannah, GROUP)
    assert "Everyday goods" in texts(view)
    chosen = {
        "digest_comes": "yes",
        "digest_time": "06:30",
        "digest_zone": "UTC",
        "digest_language": "channel",
    }
    assert await desk.ws.submit(desk.hannah, view["id"], chosen) == {"ok": True}
    assert "Saved. The next digest comes on" in texts(await desk.ws.views(desk.hannah))
    kept = desk.product.store.read_sync(lambda session: session.get(DigestSubscription, (GROUP, Span.DAY)))
    assert kept is not None
    assert (kept.hour, kept.minute, kept.zone) == (6, 30, "UTC")

    today = desk.product.bot.clock().replace(hour=7, minute=0)
    desk.product.store.run_sync(two_notices_each, today)
    await desk.sleep_until(today + timedelta(days=1))
    await desk.tick()

    message, detail, chart = await desk.ws.wait_for(desk.thread)
    assert [each["thread_ts"] for each in (detail, chart)] == [message["ts"]] * 2
    assert "about 15" in texts(message)
    assert "too few to show" in texts(message)
    assert "All: too few to show" in texts(detail)
    assert await desk.tick() == 0
    await desk.product.restart()
    assert await desk.tick() == 0
    assert len(await desk.messages()) == 3

    await desk.ws.click(desk.mikkel, GROUP, message["ts"], "digest_open", value="notices")

    async def whispered() -> bool:
        return "slack://app?" in texts(await desk.ws.messages(desk.mikkel, GROUP))

    assert await desk.ws.wait_for(whispered)
    assert "slack://app?" not in texts(await desk.ws.messages(desk.hannah, GROUP))


async def test_a_chair_changes_the_hour_over_a_night_in_which_clocks_change(desk: Desk) -> None:
    """London's clock goes from 01:00 to 02:00: 01:30 is never shown, and its digest comes once."""
    store, change = desk.product.store, next_change(desk.product.bot.clock().date())
    midnight = datetime.combine(change, time(), UTC)
    told = {"digest_comes": "yes", "digest_zone": LONDON, "digest_empty": ["tell"]}
    for hour, then in (("01:30", -4), ("02:00", 12), ("01:30", 13)):
        await desk.sleep_until(midnight + timedelta(hours=then))
        view = await desk.digest(desk.hannah, GROUP)
        chosen = told | {"digest_language": "zh_Hans", "digest_time": hour}
        assert await desk.ws.submit(desk.hannah, view["id"], chosen) == {"ok": True}
    await desk.sleep_until(midnight + timedelta(days=1, hours=20))
    made = store.read_sync(_made, GROUP, change)
    assert [(digest.local_date, digest.due_at - midnight, digest.late) for digest in made] == [
        (change, timedelta(hours=1, minutes=30), Lateness.DOWN),
        (change + timedelta(days=1), timedelta(days=1, minutes=30), Lateness.DOWN),
    ]

    async def chinese() -> bool:
        return "数量太少" in texts(await desk.messages())

    assert await desk.ws.wait_for(chinese)


def next_change(today: date) -> date:
    """The next date on which London's clock is put forward."""
    london, day = ZoneInfo(LONDON), today + timedelta(days=1)
    while datetime.combine(day, time(12), london).utcoffset() == timedelta(0):
        day += timedelta(days=1)
    if day > today + timedelta(days=1):
        return day
    while datetime.combine(day, time(12), london).utcoffset() != timedelta(0):
        day += timedelta(days=1)
    return next_change(day)


def _made(session: Session, channel_id: str, since: date) -> list[Digest]:
    of_channel = (Digest.channel_id == channel_id, Digest.span == Span.DAY, Digest.local_date >= since)
    return list(session.exec(select(Digest).where(*of_channel).order_by(col(Digest.local_date))).all())


async def test_someone_who_is_not_the_chair_sees_the_figures_and_who_sets_the_hour(desk: Desk) -> None:
    view = await desk.digest(desk.mikkel, GROUP)
    assert "submit" not in view or view["submit"] is None
    assert "Only those who keep this channel, and administrators, can change this" in texts(view)
    assert "every day at 09:00 (Europe/London)" in texts(view)


async def test_a_form_that_someone_else_s_hands_got_hold_of_is_refused_with_a_sentence(desk: Desk) -> None:
    view = await desk.digest(desk.hannah, GROUP)
    desk.product.store.run_sync(_end_chair)
    assert await desk.ws.submit(desk.hannah, view["id"], {"digest_comes": "never"}) == {"ok": True}
    assert "not yours to act on" in texts(await desk.ws.views(desk.hannah))
    entries = desk.product.store.read_sync(lambda session: list(session.exec(select(AuditEntry))))
    assert (entries[-1].operation, entries[-1].outcome) == ("configure_digest", "denied")


def _end_chair(session: Session) -> None:
    for grant in session.exec(select(RoleGrant).where(col(RoleGrant.role) == Role.GROUP_CHAIR)):
        grant.until = grant.since


async def test_elsewhere_one_chooses_whose_digest_or_names_it(desk: Desk) -> None:
    view = await desk.digest(desk.mikkel, LOBBY)
    select_ = view["blocks"][0]["accessory"]
    kinds = {group["label"]["text"]: group["options"] for group in select_["option_groups"]}
    names = [each["text"]["text"] for each in kinds["Working groups"]]
    assert names == ["Electronics and watches", "Everyday goods"]
    assert [each["text"]["text"] for each in kinds["Brands"]] == ["Nordlys"]
    done = await desk.ws.click_view(
        desk.mikkel,
        view["id"],
        "digest_place",
        type="static_select",
        selected_option=kinds["Working groups"][1],
    )
    assert done == {"ok": True}
    assert "Everyday goods" in texts(await desk.ws.views(desk.mikkel))
    assert "Nordlys" in texts(await desk.digest(desk.mikkel, LOBBY, "nordl"))
    assert "No digest that you may see has that name" in texts(await desk.said(desk.mikkel, "no such brand"))


async def test_a_group_that_is_too_small_says_so_and_stays_quiet(desk: Desk) -> None:
    view = await desk.digest(desk.sofia, SMALL_GROUP)
    assert "too small for a digest" in texts(view)


async def test_help_is_a_sentence_of_ones_own(desk: Desk) -> None:
    await desk.digest(desk.mikkel, BRAND_CHANNEL, "help")
    assert "shows what happened so far today" in texts(await desk.ws.messages(desk.mikkel, BRAND_CHANNEL))
    others = await desk.ws.messages(desk.ws.member("Ingrid"), BRAND_CHANNEL)
    assert "shows what happened so far today" not in texts(others)


async def test_someone_without_any_digest_is_told_so(desk: Desk) -> None:
    guest = desk.ws.member("Gail")
    channel = (await desk.ws.state(guest))["channels"][0]["id"]
    assert await desk.digest(guest, channel) == {}
    assert "There is no digest that you could read or set" in texts(await desk.ws.messages(guest, channel))
