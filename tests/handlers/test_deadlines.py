"""Deadlines from end to end: the clock moves on, warnings come, a click in one prevents what it warns of."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from storage.records.deadlines import Deadline, DeadlineWatch, Step, WaitsFor
from tests.bot_under_test import Product
from tests.handlers.test_authenticity import INGRID, MIKKEL, NORDLYS, PLATFORM, buttons
from tests.notice_desk import Desk
from tests.workspace import Json

BRAND = "C0BRAND01"


class Office:
    """People who wait for the clock."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws

    async def sleep_until(self, then: datetime) -> None:
        """Move the clock past a moment; the bot follows and looks at what is due."""
        await self.ws.advance((then - self.product.bot.clock()).total_seconds() + 60)
        await self.product.bot._follow_clock()

    async def tick(self) -> None:
        """What the scheduler does twice a minute."""
        await self.product.bot._look("deadlines.deadline_tick")

    def watched(self) -> DeadlineWatch:
        """The only case that is watched."""

        def read(session: Session) -> DeadlineWatch:
            return session.exec(select(DeadlineWatch)).one()

        return self.product.store.read_sync(read)

    def steps(self) -> list[Deadline]:
        """Every step that came, in order."""

        def read(session: Session) -> list[Deadline]:
            return list(session.exec(select(Deadline).order_by(col(Deadline.at), col(Deadline.id))).all())

        return self.product.store.read_sync(read)

    async def warning(self, user: str, channel: str, holds: str) -> Json:
        """The newest message of a channel that says something."""

        async def look() -> Json | None:
            found = [m for m in await self.ws.messages(user, channel) if holds in str(m.get("blocks"))]
            return found[-1] if found else None

        seen = await self.ws.wait_for(look)
        assert seen is not None
        return seen

    async def click(self, user: str, channel: str, message: Json, action_id: str) -> None:
        """Press the first such button of a message."""
        block, element = next(
            (block, element)
            for block in message["blocks"]
            for element in block.get("elements", [])
            if element.get("action_id") == action_id
        )
        done = await self.ws.click(
            user,
            channel,
            message["ts"],
            action_id,
            block_id=block["block_id"],
            type="button",
            value=element["value"],
        )
        assert done == {"ok": True}, done


@pytest.fixture
def office(product: Product) -> Office:
    return Office(product)


async def on_a_business_day(office: Office) -> None:
    """Wednesdays in early December are business days of every calendar that the alliance has."""
    now = office.product.bot.clock()
    wednesday = datetime(now.year + (now.month == 12), 12, 1, 9, tzinfo=UTC)
    while wednesday.weekday() != 2:
        wednesday += timedelta(days=1)
    await office.sleep_until(wednesday)


async def ask(office: Office, *listings: str) -> None:
    for result in await office.ws.ask(list(listings or (NORDLYS,))):
        assert "error" not in result, result


async def test_an_expert_prevents_the_breach_from_the_warning_itself(office: Office) -> None:
    await on_a_business_day(office)
    await ask(office)
    watched = office.watched()
    assert watched.due_at - watched.started_at == timedelta(hours=24)
    await office.sleep_until(watched.next_at)
    warning = await office.warning(MIKKEL, BRAND, "To be decided soon")
    assert "of business time left" in str(warning["blocks"])
    assert buttons(warning) == [
        "request_fake",
        "request_genuine",
        "request_cannot_tell",
        "request_need_sample",
        "request_not_our_brand",
    ]
    await office.click(MIKKEL, BRAND, warning, "request_genuine")
    decided = await office.warning(INGRID, BRAND, "All decided")
    assert decided["ts"] == warning["ts"]
    assert buttons(decided) == []
    await office.sleep_until(watched.due_at)
    await office.tick()
    assert [each.step for each in office.steps()] == [Step.REMINDER]


async def test_a_silent_brands_lead_then_the_platform_then_the_marketplace_hear_of_it(office: Office) -> None:
    await on_a_business_day(office)
    await ask(office)
    due_at = office.watched().due_at
    while office.product.bot.clock() < due_at:
        await office.sleep_until(office.watched().next_at)
        await office.tick()
    assert [each.step for each in office.steps()] == [
        Step.REMINDER,
        Step.LEAD,
        Step.ACCOUNT_MANAGER,
        Step.EXPIRED,
    ]

    async def told_alone(person: str) -> list[Json]:
        return [m for m in await office.ws.direct_messages(person) if "has not answered" in str(m)]

    (direct,) = await office.ws.wait_for(lambda: told_alone(INGRID))
    assert "request_genuine" in buttons(direct)
    (manager,) = await office.ws.wait_for(lambda: told_alone(office.ws.member("Wei")))
    assert buttons(manager) == []
    late = await office.warning(MIKKEL, BRAND, "It is marked late")
    await office.click(MIKKEL, BRAND, late, "request_genuine")
    card = await office.warning(MIKKEL, BRAND, f"says <@{MIKKEL}>")
    assert "late" in str(card["blocks"])

    async def told() -> list[Json]:
        return [each for each in await office.ws.market("received") if each["type"] == "request.expired"]

    (expired,) = await office.ws.wait_for(told)
    assert expired["answered"] < 300


async def test_a_notice_is_warned_of_before_the_platforms_team_or_the_brand_and_its_breach_is_kept(
    office: Office,
) -> None:
    await on_a_business_day(office)
    desk = Desk(office.product)
    await desk.file(desk.link(48143))
    watched = office.watched()
    await office.sleep_until(watched.next_at)
    warning = await office.warning(office.ws.member("Wei"), PLATFORM, "Notice GF-")
    assert "of business time left" in str(warning["blocks"])
    notice = await desk.received()
    await desk.move(notice["notice_id"], "clarification_required", reason="Whose photo is it?")
    await desk.card_saying("Whose photo is it?")
    await office.sleep_until(office.watched().next_at)
    await office.warning(MIKKEL, BRAND, "asked back and waits for Nordlys")
    await office.sleep_until(watched.due_at)
    await office.tick()
    breach = office.steps()[-1]
    assert (breach.step, breach.reason) == (Step.BREACHED, WaitsFor.CLARIFICATION)
