"""A sandbox comes back as it was, keeps its secrets to itself, and its alliance file tells one story."""

import asyncio
import json
import stat
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.alliance import read_alliance
from bot.sandbox.snapshot import Snapshot, load, save
from bot.sandbox.state import StateDirectory, Trouble
from tests.sandbox.trial_app import BUTTONS, TrialApp

DATA = Path(__file__).parent.parent.parent / "bot" / "sandbox" / "data"


async def test_a_snapshot_brings_everything_back(trial: TrialApp, tmp_path: Path) -> None:
    workspace, brand = trial.workspace, trial.workspace.channel("brand-nordlys")
    await trial.client.chat_postMessage(channel=brand, text="Well?", blocks=BUTTONS)
    await workspace.upload(workspace.member("Ingrid"), "photo.jpg", b"\xff\xd8\x00\xfe")
    await trial.client.views_publish(
        user_id="U0INGRID1", view={"type": "home", "blocks": [{"type": "divider"}]}
    )
    kept = Snapshot(workspace.sandbox.memory, workspace.server.market.memory, 3600.0)
    save(kept, tmp_path / "workspace.json")
    assert load(tmp_path / "workspace.json") == kept
    assert stat.S_IMODE((tmp_path / "workspace.json").stat().st_mode) == 0o600


def test_keys_stay_until_a_fresh_start_and_are_for_their_owner_only(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "state")
    keys = state.open(fresh=False)
    keys.api_key = "gfk_1_secret"
    state.keep(keys)
    assert stat.S_IMODE((state.path / "keys.json").stat().st_mode) == 0o600
    assert state.open(fresh=False) == keys
    assert state.open(fresh=True).bot_token != keys.bot_token


def test_a_directory_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(Trouble, match="left alone"):
        StateDirectory(tmp_path).open(fresh=True)
    assert (tmp_path / "letter.txt").exists()


def test_the_alliance_is_as_large_and_as_varied_as_promised() -> None:
    document = read_alliance()
    holders, groups = document["rights_holders"], document["groups"]
    assert len(holders) >= 8
    assert {holder["size"] for holder in holders} == {"small", "medium", "large"}
    assert sum(len(holder["brands"]) for holder in holders) == 11
    assert [len(group["holders"]) >= 6 for group in groups].count(True) == 1
    assert sorted(len(group["holders"]) for group in groups)[0] == 2
    assert Counter(holder["standing"] for holder in holders)["good_faith"] >= 4
    acting = [p for p in document["people"] if not (p.get("deleted") or p.get("guest") or p.get("team_id"))]
    assert len(acting) == 17
    assert document["platform"]["staff"] == ["U0NOOR001", "U0WEI0001"]


def test_everything_that_the_alliance_names_exists() -> None:
    document = read_alliance()
    people = {person["user_id"] for person in document["people"]} | {document["workspace"]["bot_user_id"]}
    channels = {channel["channel_id"]: channel for channel in document["channels"]}
    holders = {holder["key"]: holder for holder in document["rights_holders"]}
    for channel in channels.values():
        assert set(channel["members"]) <= people
    for holder in holders.values():
        staff = {person["user_id"] for person in holder["people"]}
        brands = {brand["key"] for brand in holder["brands"]}
        for brand in holder["brands"]:
            assert set(channels[brand["channel"]]["members"]) - {"U0GOODFTH"} == staff
        assert {right["brand"] for right in holder["rights"]} == brands
    for group in document["groups"]:
        assert set(group["holders"]) <= holders.keys()
        assert group["chair"] in channels[group["channel"]]["members"]
    for mandate in document["mandates"]:
        assert {mandate["association"], mandate["holder"]} <= holders.keys()


def test_every_listing_is_suspected_to_copy_a_brand_of_the_alliance() -> None:
    brands = {brand["name"] for holder in read_alliance()["rights_holders"] for brand in holder["brands"]}
    listings = json.loads((DATA / "listings.json").read_text(encoding="utf-8"))
    assert {listing["brand"] for listing in listings} <= brands
    assert all((DATA / "pictures" / one["picture"]).exists() for one in listings if one["picture"])


async def test_the_server_alone_says_where_it_is_and_stops_politely() -> None:
    manifest = str(Path(__file__).parent / "manifest.yml")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "serve", "--manifest", manifest),
        *("--signing-secret", "s", "--bot-token", "xoxb-1"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    url = json.loads(await process.stdout.readline())["url"]
    async with aiohttp.ClientSession() as session, session.get(f"{url}/sandbox/people") as response:
        assert len(await response.json()) == 20
    process.terminate()
    assert await process.wait() == 0
