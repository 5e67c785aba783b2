"""Sanctions over the platform API: read and reported by the marketplace that they were proposed to, once."""

from datetime import timedelta

from bot.contract.takedowns import TakedownReport
from bot.enforcement import strike_policies, takedown_progress
from bot.enforcement.access import OPERATOR
from storage.records.sellers import Sanction
from storage.records.takedowns import Takedown
from tests.enforcement.request_world import NOW, question
from tests.platform_caller import NOWHERE, Api, new_key


def ban(api: Api) -> str:
    """A seller reaches the third strike; the sanction's id."""
    world = api.world
    given = {"client_id": world.client.client_id, "policy": "three_strikes", "valid": "365", "apart": "3"}
    world.store.run_sync(strike_policies.switch, OPERATOR, given, now=NOW)
    for number in range(3):
        at = NOW + timedelta(days=4 * number)
        (received,) = world.receive(question(item=str(number)), now=at)
        world.answer("ines", received.id, now=at)
        newest = max(row.id for row in world.rows(Takedown))
        told = TakedownReport.model_validate({"event_id": newest, "state": "removed"})
        world.store.run_sync(takedown_progress.report_takedown, world.client, newest, told, now=at)
    return str(world.one(Sanction).id)


async def test_a_sanction_is_read_and_reported(api: Api) -> None:
    sanction_id = ban(api)
    status, said = await api.call("GET", f"/sanctions/{sanction_id}")
    assert (status, said["state"], said["measure"], len(said["takedown_ids"])) == (200, "proposed", "ban", 3)
    path = f"/sanctions/{sanction_id}/status"
    status, answer = await api.call("POST", path, {"event_id": "1", "state": "declined"})
    assert (status, answer["error"]["field"]) == (422, "reason")
    assert (await api.call("POST", path, {"event_id": "1", "state": "withdrawn"}))[0] == 422
    done = {"event_id": "1", "state": "carried_out", "reference": "B-7"}
    status, answer = await api.call("POST", path, done)
    assert (status, answer["state"], answer["reference"]) == (200, "carried_out", "B-7")
    assert await api.call("POST", path, done) == (200, answer)
    other = {"event_id": "2", "state": "declined", "reason": "a mistake"}
    status, answer = await api.call("POST", path, other)
    assert (status, answer["error"]["code"]) == (409, "conflict")


async def test_another_marketplace_finds_no_sanction_there(api: Api) -> None:
    sanction_id = ban(api)
    stranger = new_key(api.world, api.world.other_client.client_id)
    done = {"event_id": "1", "state": "carried_out"}
    for found in (sanction_id, NOWHERE):
        assert (await api.call("GET", f"/sanctions/{found}", key=stranger))[0] == 404
        assert (await api.call("POST", f"/sanctions/{found}/status", done, key=stranger))[0] == 404


async def test_what_links_sellers_is_taken_within_bounds(api: Api) -> None:
    asked = question()
    asked["listing"]["seller"] = {"id": "s-1", "contacts": ["a@x.example"] * 11}
    status, answer = await api.call("POST", "/authenticity-requests", asked)
    assert (status, answer["error"]["field"]) == (422, "listing.seller.contacts")
    asked["listing"]["seller"] = {"id": "s-1", "contacts": ["a@x.example"], "shipments": ["S 1"]}
    assert (await api.call("POST", "/authenticity-requests", asked))[0] == 202
