"""The platform API over real HTTP: every answer as published, every bad request refused in one line."""

import re
from typing import Any

import orjson
import pytest
from openapi_spec_validator import validate

from bot.enforcement import platform
from bot.enforcement.access import OPERATOR
from handlers.platform.routes import BASE, CALLS
from storage.records.audit import AuditEntry
from storage.records.authenticity import AuthenticityRequest
from storage.records.notices import Notice, NoticeItem
from storage.records.takedowns import Takedown
from tests.enforcement.request_world import NOW, question
from tests.platform_caller import DESCRIPTION, NOWHERE, Api, new_key


def test_the_description_is_valid_openapi_and_names_every_call() -> None:
    validate(DESCRIPTION)
    described = {
        (method.upper(), path) for path, operations in DESCRIPTION["paths"].items() for method in operations
    }
    assert described == {(method, path.replace(":[0-9A-HJKMNP-TV-Z]{26}", "")) for method, path, _ in CALLS}


async def test_the_description_is_served_without_a_key(api: Api) -> None:
    async with api.http.get(f"{api.url}{BASE}/openapi.json") as answer:
        assert await answer.json() == orjson.loads(orjson.dumps(DESCRIPTION))


async def test_a_request_is_taken_once(api: Api) -> None:
    first = await api.call("POST", "/authenticity-requests", question())
    again = await api.call("POST", "/authenticity-requests", question())
    assert (first[0], again[0]) == (202, 200)
    assert first[1]["id"] == again[1]["id"]
    status, said = await api.call("POST", "/authenticity-requests", question() | {"reasons": ["other"]})
    assert (status, said["error"]["field"]) == (409, "external_id")


async def test_a_request_is_read_by_our_id_and_by_theirs(api: Api) -> None:
    request_id = await api.ask()
    api.world.answer("ines", request_id)
    status, said = await api.call("GET", f"/authenticity-requests/{request_id}")
    assert status == 200
    assert said["verdict"]["answer"] == "fake"
    assert said["takedown_id"] == api.world.one(Takedown).id
    by_theirs = await api.call("GET", "/authenticity-requests?external_id=mp-Nordlys-811")
    assert by_theirs == (200, said)
    assert (await api.call("GET", "/authenticity-requests"))[0] == 422


async def test_a_batch_judges_each_alone(api: Api) -> None:
    await api.ask(item="1")
    wrong = question(item="3") | {"colour": "red"}
    status, said = await api.call(
        "POST",
        "/authenticity-requests/batch",
        {"requests": [question(item="1"), wrong, question(item="2"), 7, {"external_id": 5}]},
    )
    assert status == 200
    assert [each["status"] for each in said["results"]] == [200, 422, 202, 422, 422]
    assert said["results"][1]["error"]["field"] == "colour"
    assert said["results"][1]["external_id"] == "mp-Nordlys-3"


async def test_a_batch_of_five_hundred_is_taken_and_of_more_refused(api: Api) -> None:
    asked = [question(item=str(number)) for number in range(500)]
    status, said = await api.call("POST", "/authenticity-requests/batch", {"requests": asked})
    assert (status, len(said["results"])) == (200, 500)
    assert {each["status"] for each in said["results"]} == {202}
    more = {"requests": [*asked, question(item="more")]}
    assert (await api.call("POST", "/authenticity-requests/batch", more))[0] == 422
    assert (await api.call("POST", "/authenticity-requests/batch", {"requests": []}))[0] == 422


async def test_a_request_is_withdrawn_until_it_is_answered(api: Api) -> None:
    request_id = await api.ask()
    path = f"/authenticity-requests/{request_id}/withdraw"
    status, said = await api.call("POST", path, {"reason": "gone"})
    assert (status, said["state"]) == (200, "withdrawn")
    assert (await api.call("POST", path, {}))[0] == 200
    answered = await api.ask(item="2")
    api.world.answer("ines", answered)
    assert (await api.call("POST", f"/authenticity-requests/{answered}/withdraw", {}))[0] == 409


async def test_a_takedown_is_read_and_reported(api: Api) -> None:
    api.world.answer("ines", await api.ask())
    takedown_id = api.world.one(Takedown).id
    status, said = await api.call("GET", f"/takedowns/{takedown_id}")
    assert (status, said["state"]) == (200, "requested")
    path = f"/takedowns/{takedown_id}/status"
    assert (await api.call("POST", path, {"event_id": "1", "state": "reinstated"}))[0] == 409
    status, said = await api.call("POST", path, {"event_id": "2", "state": "refused"})
    assert (status, said["error"]["field"]) == (422, "reason")
    status, said = await api.call("POST", path, {"event_id": "2", "state": "removed", "reference": "R"})
    assert (status, said["state"], said["reference"]) == (200, "removed", "R")
    assert await api.call("POST", path, {"event_id": "2", "state": "removed"}) == (200, said)


async def test_the_notice_that_a_verdict_became_is_read_and_moved(api: Api) -> None:
    api.world.answer("tess", await api.ask(brand="Tansy"))
    notice_id = api.world.one(Notice).id
    status, said = await api.call("GET", f"/notices/{notice_id}")
    assert (status, said["origin"]) == (200, "verdict")
    path = f"/notices/{notice_id}/status"
    status, said = await api.call("POST", path, {"event_id": "1", "state": "rejected"})
    assert (status, said["error"]["field"]) == (422, "reason")
    assert (await api.call("POST", path, {"event_id": "1", "state": "received"}))[0] == 200
    item_id = api.world.one(NoticeItem).id
    moved = {"event_id": "2", "state": "actioned", "items": [{"id": item_id, "state": "removed"}]}
    assert (await api.call("POST", path, moved))[1]["items"][0]["state"] == "removed"
    assert (await api.call("POST", path, {"event_id": "3", "state": "in_review"}))[0] == 409


def wrong_keys(api: Api) -> list[str]:
    key_id, secret = api.key.split("_")[1:]
    return [
        "",
        "nonsense",
        f"gfk_{key_id}_",
        f"gfk_{key_id}_{secret[:-1]}0" if secret[-1] != "0" else f"gfk_{key_id}_{secret[:-1]}1",
        f"gfk_{NOWHERE}_{secret}",
        f"xxx_{key_id}_{secret}",
        api.key + "0" * 300,
        "gfk_%00_%00",
    ]


def sound_body(method: str, path: str) -> Any:
    """A body that the call would take."""
    last = path.rpartition("/")[2]
    if method == "GET":
        return None
    if last == "status":
        return {"event_id": "1", "state": "removed" if "takedowns" in path else "received"}
    return {"authenticity-requests": question(), "batch": {"requests": [question()]}}.get(last, {})


async def test_no_call_works_without_a_live_key_and_all_say_the_same(api: Api) -> None:
    said = set()
    for key in wrong_keys(api):
        for method, path, _ in CALLS:
            plain = re.sub(r"\{\w+:[^}]+\}\}", NOWHERE, path)
            query = "?external_id=x" if method == "GET" and plain.endswith("requests") else ""
            status, answer = await api.call(method, plain + query, sound_body(method, plain), key=key)
            assert status == 401, (key, path, answer)
            said.add(str(answer))
    assert len(said) == 1
    assert api.world.rows(AuthenticityRequest) == []


async def test_without_a_live_key_nobody_learns_what_else_is_wrong(api: Api) -> None:
    for path, body in (("/authenticity-requests", {"x": 1}), ("/authenticity-requests/batch", [])):
        assert (await api.call("POST", path, body, key="nonsense"))[0] == 401
    assert (await api.call("GET", "/authenticity-requests", key="nonsense"))[0] == 401


async def test_a_revoked_key_ends_at_once_and_the_other_still_works(api: Api) -> None:
    second = new_key(api.world, api.world.client.client_id)
    key_id = api.key.split("_")[1]
    api.world.store.run_sync(platform.revoke_key, OPERATOR, key_id, now=NOW)
    assert (await api.call("GET", "/authenticity-requests?external_id=x"))[0] == 401
    assert (await api.call("GET", "/authenticity-requests?external_id=x", key=second))[0] == 404


async def test_foreign_and_missing_are_the_same_answer_and_the_attempt_is_kept(api: Api) -> None:
    request_id = await api.ask()
    api.world.answer("ines", request_id)
    takedown_id = api.world.one(Takedown).id
    report = {"event_id": "1", "state": "removed"}
    for method, path, body in (
        ("GET", "/authenticity-requests/{}", None),
        ("POST", "/authenticity-requests/{}/withdraw", {}),
        ("GET", "/takedowns/{}", None),
        ("POST", "/takedowns/{}/status", report),
    ):
        own = takedown_id if "takedowns" in path else request_id
        foreign = await api.call(method, path.format(own), body, key=api.foreign_key)
        missing = await api.call(method, path.format(NOWHERE), body, key=api.foreign_key)
        assert foreign == missing
        assert foreign[0] == 404
    theirs = await api.call("GET", "/authenticity-requests?external_id=mp-Nordlys-811", key=api.foreign_key)
    assert theirs[0] == 404
    assert len(api.world.rows(AuditEntry, outcome="denied")) == 9


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 129}, "external_id"),
        ({"external_id": "a\x00b"}, "external_id"),
        ({"external_id": 7}, "external_id"),
        ({"brand": " "}, "brand"),
        ({"reasons": []}, "reasons"),
        ({"reasons": ["x"] * 11}, "reasons"),
        ({"reasons": ["x" * 301]}, "reasons.0"),
        ({"deadline": "tomorrow"}, "deadline"),
        ({"deadline": "2026-11-23T09:00:00"}, "deadline"),
        ({"deadline": 5}, "deadline"),
        ({"deadline": "9999-12-31T23:59:59-12:00"}, "deadline"),
        ({"deadline": "0001-01-01T00:00:00+14:00"}, "deadline"),
        ({"colour": "red"}, "colour"),
        ({"state": "answered"}, "state"),
        ({"listing": {}}, "listing.marketplace"),
    ],
)
async def test_a_wrong_field_is_named(api: Api, change: dict[str, Any], field: str) -> None:
    status, said = await api.call("POST", "/authenticity-requests", question() | change)
    assert (status, said["error"]["field"]) == (422, field), said


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "javascript:alert(1)"}, "listing.url"),
        ({"url": "https://market.example/item/<script>"}, "listing.url"),
        ({"url": "https://market.example/item/" + "9" * 2000}, "listing.url"),
        ({"title": ""}, "listing.title"),
        ({"title": "\u0000"}, "listing.title"),
        ({"price": {"amount": "39,90", "currency": "EUR"}}, "listing.price.amount"),
        ({"price": {"amount": 39.9, "currency": "EUR"}}, "listing.price.amount"),
        ({"price": {"amount": "1", "currency": "euro"}}, "listing.price.currency"),
        ({"pictures": ["https://market.example/p.jpg"] * 11}, "listing.pictures"),
        ({"pictures": ["file:///etc/passwd"]}, "listing.pictures.0"),
        ({"item_id": "../../x"}, "listing.item_id"),
        ({"seller": {"id": "s", "rating": 5}}, "listing.seller.rating"),
    ],
)
async def test_a_wrong_field_of_the_listing_is_named(api: Api, change: dict[str, Any], field: str) -> None:
    asked = question()
    asked["listing"] = asked["listing"] | change
    status, said = await api.call("POST", "/authenticity-requests", asked)
    assert (status, said["error"]["field"]) == (422, field), said


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"external_id": "\xed\xa0\x80"}',
        b'{"external_id": NaN}',
        b'{"requests": ["\\ud800"], "external_id": "\\ud800"}',
        b"[" * 5000,
        b'{"a":' * 5000,
    ],
)
async def test_what_is_no_request_is_refused_in_one_line(api: Api, raw: bytes) -> None:
    for path in ("/authenticity-requests", "/authenticity-requests/batch"):
        status, said = await api.call("POST", path, raw=raw)
        assert status in (400, 422)
        assert "\n" not in said["error"]["message"]


@pytest.mark.parametrize(
    "item",
    [b"1234567890123456789012345678901234567890", b"NaN", b"null", b"[" * 100 + b"]" * 100, b'{"a":1e999}'],
)
async def test_a_strange_item_of_a_batch_is_refused_alone(api: Api, item: bytes) -> None:
    raw = b'{"requests":[' + item + b"," + orjson.dumps(question()) + b"]}"
    status, said = await api.call("POST", "/authenticity-requests/batch", raw=raw)
    assert status == 200
    assert [each["status"] for each in said["results"]] == [422, 202]


async def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    status, said = await api.call("POST", "/authenticity-requests", raw=b" " * (65 << 10))
    assert (status, said["error"]["code"]) == (413, "too_large")
    status, _ = await api.call("POST", "/authenticity-requests/batch", raw=b" " * (1025 << 10))
    assert status == 413


@pytest.mark.parametrize(
    "path", ["/nothing", "/takedowns/x", "/authenticity-requests/' OR 1=1", "/notices/%00"]
)
async def test_an_address_that_does_not_exist_is_a_404(api: Api, path: str) -> None:
    assert (await api.call("GET", path))[0] == 404
