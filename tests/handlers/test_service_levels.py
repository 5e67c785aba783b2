"""`/service` from end to end: each reads their own, the chart is a picture, two administrators set a lane."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.clock import utc_now
from storage.records.channels import ChannelBinding
from storage.records.notices import Notice, NoticeOrigin, NoticeState, ReasonCode
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.roster import Brand, Person
from tests.bot_under_test import Product
from tests.notice_desk import Desk as NoticeDesk
from tests.office import changed, home_at, press, texts, top
from tests.workspace import Json

pytest_plugins = ["tests.bot_under_test"]


def _file(session: Session, brand_name: str, shares: list[bool], at: datetime) -> None:
    """Notices of a brand that fell due then, each decided in time or not."""
    brand = session.exec(select(Brand).where(col(Brand.name) == brand_name)).one()
    person = session.exec(select(Person)).first()
    assert person is not None
    for number, in_time in enumerate(shares):
        decided_at = at + timedelta(hours=-1 if in_time else 2)
        session.add(
            Notice(
                reference=f"GF-{brand_name[:3]}-{at:%d}-{number}",
                holder_id=brand.holder_id,
                brand_id=brand.id,
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
                state=NoticeState.ACTIONED,
                submitted_at=at,
                due_at=at,
                decided_at=decided_at,
                changed_at=at,
            )
        )


class Desk:
    """People, and what they do over and over."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws
        self.ingrid, self.wei, self.noor = (self.ws.member(name) for name in ("Ingrid", "Wei", "Noor"))
        self.brand_channel = self.ws.channel("brand-nordlys")
        self.platform_channel = self.ws.channel("openbazaar-team")

    async def service(self, user: str, channel: str) -> Json:
        answer = await self.ws.command(user, "/service", channel)
        assert answer.get("ok"), answer
        return await top(self.ws, user)

    async def pick(self, user: str, view: Json, action_id: str, text: str) -> Json:
        """Pick the option of this text in a select of the page."""
        element = next(
            each
            for block in view["blocks"]
            for each in block.get("elements", [])
            if each.get("action_id") == action_id
        )
        option = next(each for each in element["options"] if each["text"]["text"] == text)
        done = await self.ws.click_view(
            user, view["id"], action_id, type="static_select", selected_option=option
        )
        assert done == {"ok": True}
        return await changed(self.ws, user, view)

    async def post_chart(self, user: str, view: Json) -> None:
        """Press "Post the chart here"."""
        value = next(
            each["value"]
            for block in view["blocks"]
            for each in block.get("elements", [])
            if each.get("action_id") == "service_post_chart"
        )
        done = await self.ws.click_view(user, view["id"], "service_post_chart", type="button", value=value)
        assert done == {"ok": True}

    async def pictures(self, user: str, channel: str) -> list[Json]:
        """The messages with a file in a channel."""
        return [each for each in await self.ws.messages(user, channel) if each.get("files")]

    async def picture(self, user: str, channel: str) -> Json:
        """The newest message with a file in a channel."""

        async def look() -> Json | None:
            found = await self.pictures(user, channel)
            return found[-1] if found else None

        message = await self.ws.wait_for(look, 20)
        assert message is not None
        return message


@pytest.fixture
def desk(product: Product) -> Desk:
    return Desk(product)


def brands(session: Session) -> list[str]:
    """Nordlys' brand, which has a channel of its own, and a rival's."""
    bound = session.exec(
        select(Brand)
        .join(ChannelBinding, col(ChannelBinding.scope_id) == col(Brand.id))
        .where(col(ChannelBinding.channel_id) == "C0BRAND01")
    ).one()
    rival = session.exec(select(Brand).where(col(Brand.holder_id) != bound.holder_id)).first()
    assert rival is not None
    return [bound.name, rival.name]


async def test_a_lead_sees_her_own_brands_and_posts_the_chart_into_their_channel(desk: Desk) -> None:
    store, at = desk.product.store, utc_now() - timedelta(minutes=5)
    own, rival = store.read_sync(brands)
    store.run_sync(_file, own, [True] * 32 + [False], at)
    store.run_sync(_file, rival, [False] * 5, at)
    view = await desk.service(desk.ingrid, desk.brand_channel)
    assert "*96.9%* decided in time: 32 of 33 notices" in texts(view)
    assert "The target of 97% is not reached." in texts(view)
    split = await desk.pick(desk.ingrid, view, "service_cut", "By brand")
    assert own in texts(split)
    assert rival not in texts(split)

    await desk.post_chart(desk.ingrid, split)
    message = await desk.picture(desk.ingrid, desk.brand_channel)
    assert "96.9% of the notices were decided in time (32 of 33), target 97%" in message["text"]
    (file,) = message["files"]
    assert f"Line chart of {own}" in file["alt"]
    assert "Below the target:" in file["alt"]
    stored = desk.ws.sandbox.memory.files[file["id"]]
    assert stored.content.startswith(b"\x89PNG")
    assert rival not in file["alt"] + message["text"]


async def test_a_chart_whose_answer_was_lost_is_found_again_and_not_posted_twice(desk: Desk) -> None:
    store = desk.product.store
    own, _ = store.read_sync(brands)
    store.run_sync(_file, own, [True], utc_now() - timedelta(minutes=5))
    view = await desk.service(desk.ingrid, desk.brand_channel)
    await desk.ws.fault("files.completeUploadExternal", "lost_after_effect", times=1)
    await desk.post_chart(desk.ingrid, view)
    await desk.picture(desk.ingrid, desk.brand_channel)

    def state(session: Session) -> str:
        return session.exec(select(OutboxRow.state).where(col(OutboxRow.kind) == "picture")).one()

    async def settled() -> bool:
        return await store.read(state) == OutboxState.SENT

    assert await desk.ws.wait_for(settled)
    assert len(await desk.pictures(desk.ingrid, desk.brand_channel)) == 1


async def test_the_platform_team_sees_every_brand_the_worst_first_and_what_was_late(desk: Desk) -> None:
    store, at = desk.product.store, utc_now() - timedelta(minutes=5)
    own, rival = store.read_sync(brands)
    store.run_sync(_file, own, [True] * 3, at)
    store.run_sync(_file, rival, [True, False], at)
    view = await desk.service(desk.wei, desk.platform_channel)
    assert "*80%* decided in time: 4 of 5 notices" in texts(view)
    view = await desk.pick(desk.wei, view, "service_cut", "By brand")
    shown = texts(view)
    assert shown.index(rival) < shown.index(own)
    assert f"◆ *50%* {rival}: 1 of 2" in shown
    view = await desk.pick(desk.wei, view, "service_topic", "Decided late")
    assert "*1* notice was not decided when it was due." in texts(view)
    assert "decided 2 hrs later" in texts(view)
    for topic, empty in (("Brands' answers", "No request was answered"), ("Fast lanes", "Nobody is in it.")):
        view = await desk.pick(desk.wei, view, "service_topic", topic)
        assert empty in texts(view)
    view = await press(desk.ws, desk.wei, view, "lanes:month-brand-1-0")
    view = await press(desk.ws, desk.wei, view, "lanes:month-brand-0-0")
    assert "All brands" in texts(view)


async def test_app_home_shows_the_month_so_far_and_opens_the_rest(desk: Desk) -> None:
    store = desk.product.store
    own, rival = store.read_sync(brands)
    store.run_sync(_file, own, [True, False], utc_now() - timedelta(minutes=5))
    store.run_sync(_file, rival, [False], utc_now() - timedelta(minutes=5))
    home = await home_at(desk.ws, desk.ingrid, "figures", "Service this month")
    assert "*50%* decided in time: 1 of 2 notices" in texts(home)
    assert await desk.ws.click_view(desk.ingrid, home["id"], "service_open", type="button") == {"ok": True}
    assert "1 of 2 notices" in texts(await top(desk.ws, desk.ingrid))


async def test_a_control_that_no_page_has_is_answered_with_a_sentence(desk: Desk) -> None:
    view = await desk.service(desk.ingrid, desk.brand_channel)
    for value in ("attainment:year-time-0-0", "attainment:month-time-0", "secrets:month-time-0-0", "x" * 70):
        done = await desk.ws.click_view(
            desk.ingrid, view["id"], "service_earlier", type="button", value=value
        )
        assert done == {"ok": True}
        stack = await desk.ws.views(desk.ingrid)
        assert "Service levels" in str(stack[0]["title"])


async def test_in_another_s_channel_or_a_group_s_there_is_no_chart_to_post(desk: Desk) -> None:
    for channel in (desk.ws.channel("alliance-lobby"), "C0GROUP01"):
        view = await desk.service(desk.ws.member("Mikkel"), channel)
        assert "Post the chart here" not in texts(view)
        assert "in a brand's own channel" in texts(view)


async def test_who_has_no_figures_is_told_the_same_as_of_something_missing(desk: Desk) -> None:
    stranger, lobby = desk.ws.member("Gail"), desk.ws.channel("alliance-lobby")
    assert (await desk.ws.command(stranger, "/service", lobby)).get("ok")
    assert await desk.ws.views(stranger) == []
    assert "not yours to act on" in texts({"blocks": await desk.ws.messages(stranger, lobby)})


async def test_staff_ask_for_a_lane_an_administrator_confirms_and_the_next_notice_is_in_it(
    desk: Desk,
) -> None:
    view = await desk.service(desk.wei, desk.platform_channel)
    view = await desk.pick(desk.wei, view, "service_topic", "Fast lanes")
    assert await desk.ws.click_view(desk.wei, view["id"], "service_change_terms", type="button") == {
        "ok": True
    }
    form = await top(desk.ws, desk.wei)
    asked = {"lane": "designs", "hours": "12", "percent": "95"}
    assert set((await desk.ws.submit(desk.wei, form["id"], asked))["errors"]) == {"hours"}
    assert (await desk.ws.submit(desk.wei, form["id"], asked | {"hours": "6"})).get("ok")
    assert "Asked." in texts(await top(desk.ws, desk.wei))
    await desk.ws.close_view(desk.wei, form["id"])
    assert await desk.ws.click_view(desk.wei, view["id"], "service_change_lane", type="button") == {
        "ok": True
    }
    form = await top(desk.ws, desk.wei)
    offered = await desk.ws.options(desk.wei, form["id"], "office_pick_holder", "nordlys")
    (option,) = offered["options"]
    chosen = {"lane": "partner", "holder": option["value"], "change": "join"}
    assert (await desk.ws.submit(desk.wei, form["id"], chosen)).get("ok")
    assert "Asked." in texts(await top(desk.ws, desk.wei))

    async def card() -> Json | None:
        found = await desk.ws.direct_messages(desk.noor)
        return next((each for each in found if "Partner lane" in texts(each)), None)

    message = await desk.ws.wait_for(card)
    assert message is not None
    assert "Put *Nordlys AS* into the fast lane *Partner lane*" in texts(message)
    await desk.ws.click(
        desk.noor, message["channel"], message["ts"], "office_review", type="button", value=_review(message)
    )
    review = await top(desk.ws, desk.noor)
    assert (await desk.ws.submit(desk.noor, review["id"])).get("ok")

    notices = NoticeDesk(desk.product)
    await notices.file(notices.link(1))
    shown = texts(await notices.card_saying("Partner lane: within 8 business hours"))
    assert "Due <!date^" in shown


def _review(message: Json) -> Any:
    return next(
        each["value"]
        for block in message["blocks"]
        for each in block.get("elements", [])
        if each.get("action_id") == "office_review"
    )
