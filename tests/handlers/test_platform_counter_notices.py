"""The platform API's calls about counter-notices, over real HTTP with a real key."""

from datetime import timedelta
from typing import Any

import aiohttp
from sqlmodel import select

from bot.clock import utc_now
from bot.contract.counter_notices import LARGEST_PAPER
from bot.enforcement.access import OPERATOR
from bot.enforcement.platform import create_client, create_key
from storage.records.counter_notices import CounterNotice
from tests.bot_under_test import Product
from tests.counter_desk import INGRID, CounterDesk

MISSING = "01JAAAAAAAAAAAAAAAAAAAAAAA"
PAPER = {
    "title": "Invoice 771",
    "url": "https://seller.example/invoice.pdf",
    "sha256": "0f" * 32,
    "media_type": "application/pdf",
    "size": 120_000,
}
WHOLE = {
    "name": "Ann Seller",
    "address": "1 Market Street, Springfield",
    "telephone": "+1 555 0100",
    "signature": "Ann Seller",
    "former_location": "https://openbazaar.example/item/48143",
    "under_penalty_of_perjury": True,
    "accepts_jurisdiction": True,
}


class Caller:
    """A marketplace at our API."""

    def __init__(self, product: Product, api_key: str) -> None:
        self.base = f"{product.url}/api/v1/counter-notices"
        self.headers = {"Authorization": f"Bearer {api_key}"}

    async def post(self, body: Any, path: str = "") -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers=self.headers) as session,
            session.post(self.base + path, json=body) as answer,
        ):
            return answer.status, await answer.json()

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers=self.headers) as session,
            session.get(self.base + path, params=query) as answer,
        ):
            return answer.status, await answer.json()


async def removed(product: Product) -> tuple[Caller, dict[str, Any]]:
    """A removed listing of Nordlys's, and what its seller could have relayed."""
    takedown = await CounterDesk(product).removed()
    body = {
        "external_id": "cn-771",
        "takedown_id": takedown["takedown_id"],
        "regime": "dmca",
        "ground": "authorized",
        "statement": "These are genuine.",
        "filed_at": utc_now().isoformat(),
        "particulars": WHOLE,
        "papers": [PAPER],
    }
    return Caller(product, product.client["api_key"]), body


async def test_one_is_relayed_read_and_decided_each_once(product_on_each: Product) -> None:
    caller, body = await removed(product_on_each)
    status, relayed = await caller.post(body)
    assert (status, relayed["state"], relayed["chance"]) == (201, "open", 1)
    assert (relayed["regime"], relayed["regime_version"], relayed["silence"]) == ("dmca", 1, "reinstate")
    assert await caller.post(body) == (200, relayed)
    assert (await caller.get(f"/{relayed['id']}")) == (200, relayed)
    assert (await caller.get("", external_id="cn-771")) == (200, relayed)
    status, refusal = await caller.post(body | {"statement": "Something else"})
    assert (status, refusal["error"]["field"]) == (409, "external_id")
    status, refusal = await caller.post(body | {"external_id": "cn-772"})
    assert (status, refusal["error"]["field"]) == (409, "takedown_id")

    told = {"event_id": "e1", "state": "rejected", "reason": "The invoice is forged."}
    status, decided = await caller.post(told, f"/{relayed['id']}/status")
    assert (status, decided["state"], decided["decided_by"]) == (200, "rejected", "platform")
    assert await caller.post(told, f"/{relayed['id']}/status") == (200, decided)
    assert await caller.post(told | {"event_id": "e2"}, f"/{relayed['id']}/status") == (200, decided)
    status, refusal = await caller.post({"event_id": "e3", "state": "upheld"}, f"/{relayed['id']}/status")
    assert (status, refusal["error"]["code"]) == (409, "conflict")


async def test_what_is_wrong_names_its_field_and_changes_nothing(product: Product) -> None:
    caller, body = await removed(product)
    later = (utc_now() + timedelta(hours=1)).isoformat()
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"external_id": ""}, "external_id"),
        ({"takedown_id": "cn"}, "takedown_id"),
        ({"regime": "martian"}, "regime"),
        ({"ground": "because"}, "ground"),
        ({"statement": " "}, "statement"),
        ({"statement": "a\0b"}, "statement"),
        ({"filed_at": "2026-11-20T09:00:00"}, "filed_at"),
        ({"filed_at": later}, "filed_at"),
        ({"regime": "mercado_libre", "papers": []}, "papers"),
        ({"papers": [PAPER] * 11}, "papers"),
        ({"papers": [PAPER | {"size": LARGEST_PAPER + 1}]}, "papers.0.size"),
        ({"papers": [PAPER | {"size": 0}]}, "papers.0.size"),
        ({"papers": [PAPER | {"media_type": "text/html"}]}, "papers.0.media_type"),
        ({"papers": [PAPER | {"sha256": "0F" * 32}]}, "papers.0.sha256"),
        ({"papers": [PAPER | {"url": "javascript:alert(1)"}]}, "papers.0.url"),
        ({"particulars": {}}, "particulars.name"),
        (
            {"particulars": WHOLE | {"under_penalty_of_perjury": False}},
            "particulars.under_penalty_of_perjury",
        ),
        ({"particulars": WHOLE | {"nickname": "x"}}, "particulars.nickname"),
        ({"cause": MISSING}, "cause"),
    )
    for change, field in wrong:
        status, refusal = await caller.post(body | change)
        assert (status, refusal["error"].get("field")) == (422, field), (change, refusal)
    assert await product.store.read(lambda session: session.exec(select(CounterNotice)).all()) == []
    status, refusal = await caller.post(body | {"cause_id": MISSING})
    assert (status, refusal["error"]["field"]) == (409, "takedown_id")
    assert (await caller.post(body))[0] == 201
    counter_id = (await caller.get("", external_id="cn-771"))[1]["id"]
    for told, field in (
        ({"event_id": "e", "state": "rejected"}, "reason"),
        ({"event_id": "e", "state": "open"}, "state"),
        ({"state": "upheld"}, "event_id"),
    ):
        status, refusal = await caller.post(told, f"/{counter_id}/status")
        assert (status, refusal["error"].get("field")) == (422, field), told


async def test_another_marketplace_cannot_tell_a_foreign_one_from_a_missing_one(product: Product) -> None:
    caller, body = await removed(product)
    _, relayed = await caller.post(body)

    def connect(session: Any) -> str:
        client = create_client(
            session, OPERATOR, "Other", "other", "https://other.example/hooks", now=utc_now()
        )
        return create_key(session, OPERATOR, client.id, now=utc_now()).api_key

    other = Caller(product, await product.store.run(connect))
    told = {"event_id": "e", "state": "upheld"}
    assert await other.get(f"/{relayed['id']}") == await other.get(f"/{MISSING}")
    assert await other.get("", external_id="cn-771") == await other.get("", external_id="nothing")
    assert await other.post(body) == await other.post(body | {"takedown_id": MISSING})
    foreign = await other.post(told, f"/{relayed['id']}/status")
    assert foreign == await other.post(told, f"/{MISSING}/status")
    assert foreign[0] == 404
    assert (await caller.get(f"/{relayed['id']}"))[1] == relayed


async def test_the_marketplace_reads_the_answer_without_a_name(product: Product) -> None:
    caller, body = await removed(product)
    _, relayed = await caller.post(body)
    desk = CounterDesk(product)
    card = await desk.saying("Invoice 771")
    assert "1 Market Street" in str(card["blocks"])
    form = await desk.press(INGRID, card, "counter_contest")
    refused = await desk.ws.submit(INGRID, form["id"], {"code": "court_action", "explanation": "We sued."})
    assert set(refused["errors"]) == {"reference"}
    typed = {"code": "court_action", "explanation": "We sued.", "reference": "SDNY 26-cv-1"}
    assert await desk.ws.submit(INGRID, form["id"], typed) == {"ok": True}
    _, read = await caller.get(f"/{relayed['id']}")
    assert (read["state"], read["answer"]["reference"]) == ("contested", "SDNY 26-cv-1")
    assert read["answer"]["expert"].startswith("expert-")
    assert INGRID not in str(read)
