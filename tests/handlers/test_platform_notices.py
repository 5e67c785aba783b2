"""The platform API's calls about notices, over real HTTP with a real key."""

from typing import Any

import aiohttp
from sqlmodel import col, select

from bot.clock import utc_now
from bot.enforcement.access import OPERATOR, Actor
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import Filed, file_notice
from bot.enforcement.platform import create_client, create_key
from storage.queries import notices
from storage.records.notices import Notice, ReasonCode
from storage.records.rights import RightKind
from tests.bot_under_test import Product

EXPLANATION = "The sole has no pattern and the box is blank, as on each of the four pairs that we bought."


async def filed(product: Product) -> str:
    """A notice of Nordlys about three listings; its id."""
    workspace = product.ws.sandbox.memory
    actor = Actor(team_id=workspace.team_id, user_id=product.ws.member("Mikkel"))
    now = utc_now()
    sheet = await product.store.run(open_draft, actor, [], "", now=now)
    typed = {
        "right_id": next(right.id for right in sheet.rights if right.kind is RightKind.TRADEMARK),
        "reason": ReasonCode.TRADEMARK_IN_LISTING.value,
        "links": ("\n".join(f"{product.ws.url}/item/{number}" for number in (1, 2, 3)),),
        "explanation": EXPLANATION,
        "statement": True,
    }
    own = product.bot.desk.own_marketplaces
    outcome = await product.store.run(file_notice, actor, sheet.draft_id, typed, own, now=now)
    assert isinstance(outcome, Filed)
    notice_id: str = await product.store.read(
        lambda session: session.exec(
            select(Notice.id).where(col(Notice.reference) == outcome.notices[0].reference)
        ).one()
    )
    return notice_id


class Caller:
    """A marketplace at our API."""

    def __init__(self, product: Product, api_key: str) -> None:
        self.base = f"{product.url}/api/v1/notices"
        self.headers = {"Authorization": f"Bearer {api_key}"}

    async def read(self, notice_id: str) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers=self.headers) as session,
            session.get(f"{self.base}/{notice_id}") as answer,
        ):
            return answer.status, await answer.json()

    async def move(self, notice_id: str, **body: Any) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers=self.headers) as session,
            session.post(f"{self.base}/{notice_id}/status", json=body) as answer,
        ):
            return answer.status, await answer.json()


async def test_a_notice_is_read_and_moved_and_a_report_counts_once(product: Product) -> None:
    caller, notice_id = Caller(product, product.client["api_key"]), await filed(product)
    status, notice = await caller.read(notice_id)
    assert (status, notice["state"], len(notice["items"])) == (200, "submitted", 3)
    report = {"event_id": "e1", "state": "received", "complaint_number": "OB-1"}
    first = await caller.move(notice_id, **report)
    again = await caller.move(notice_id, **report)
    assert first == again
    assert (first[1]["state"], first[1]["complaint_number"]) == ("received", "OB-1")
    items = [{"id": notice["items"][0]["id"], "state": "removed"}]
    status, decided = await caller.move(notice_id, event_id="e2", state="partially_actioned", items=items)
    assert status == 200
    assert [each["state"] for each in decided["items"]] == ["removed", "kept", "kept"]


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"state": "received"}, "event_id"),
    ({"event_id": "e", "state": "lost"}, "state"),
    ({"event_id": "e", "state": "withdrawn"}, "state"),
    ({"event_id": "e", "state": "rejected"}, "reason"),
    ({"event_id": "e", "state": "clarification_required", "reason": " "}, "reason"),
    ({"event_id": "e", "state": "partially_actioned"}, "items"),
    ({"event_id": "e", "state": "received", "stat": "x"}, "stat"),
    (
        {
            "event_id": "e",
            "state": "partially_actioned",
            "items": [{"id": "01JAAAAAAAAAAAAAAAAAAAAAAA", "state": "kept"}],
        },
        "items",
    ),
)


async def test_a_report_that_is_wrong_names_its_field_and_changes_nothing(product: Product) -> None:
    caller, notice_id = Caller(product, product.client["api_key"]), await filed(product)
    for body, field in WRONG:
        status, refusal = await caller.move(notice_id, **body)
        assert (status, refusal["error"].get("field")) == (422, field), body
    assert (await caller.read(notice_id))[1]["state"] == "submitted"


async def test_a_move_that_the_state_does_not_allow_is_a_conflict(product: Product) -> None:
    caller, notice_id = Caller(product, product.client["api_key"]), await filed(product)
    await caller.move(notice_id, event_id="e1", state="rejected", reason="No right in this country")
    status, refusal = await caller.move(notice_id, event_id="e2", state="received")
    assert (status, refusal["error"]["code"]) == (409, "conflict")


async def test_another_marketplace_cannot_tell_a_foreign_notice_from_a_missing_one(product: Product) -> None:
    notice_id = await filed(product)

    def connect(session: Any) -> str:
        client = create_client(
            session, OPERATOR, "Other", "other", "https://other.example/hooks", now=utc_now()
        )
        return create_key(session, OPERATOR, client.id, now=utc_now()).api_key

    other = Caller(product, await product.store.run(connect))
    report = {"event_id": "e", "state": "received"}
    assert await other.read(notice_id) == await other.read("01JAAAAAAAAAAAAAAAAAAAAAAA")
    foreign = await other.move(notice_id, **report)
    assert foreign == await other.move("01JAAAAAAAAAAAAAAAAAAAAAAA", **report)
    assert foreign[0] == 404
    sheet = await product.store.read(notices.sheet, notice_id)
    assert sheet is not None
    assert sheet.notice.state == "submitted"
