"""Events come with Slack's retries and headers, over HTTP or over a socket, where they are subscribed."""

import asyncio
import hashlib
import hmac
import json
import time

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.sandbox.signing import signed_headers
from tests.sandbox.trial_app import BUTTONS, TrialApp
from tests.workspace import APP_TOKEN


def test_a_signature_covers_the_time_and_the_raw_body() -> None:
    headers = signed_headers("secret", b"a=b", 1700000000)
    wanted = hmac.new(b"secret", b"v0:1700000000:a=b", hashlib.sha256).hexdigest()
    assert headers == {"X-Slack-Request-Timestamp": "1700000000", "X-Slack-Signature": f"v0={wanted}"}


class Unwilling:
    """Something that listens where the app should and answers a list of statuses in turn."""

    def __init__(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        self.statuses = list(statuses)
        self.headers = headers
        self.seen: list[tuple[str, str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        number = request.headers.get("X-Slack-Retry-Num", "")
        self.seen.append((body["event_id"], number, request.headers.get("X-Slack-Retry-Reason", "")))
        status = self.statuses.pop(0)
        if not status:
            await asyncio.sleep(3600)
        return web.Response(status=status or 200, headers=self.headers)

    async def listen(self, trial: TrialApp) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/slack/events", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        trial.workspace.connect(f"http://127.0.0.1:{runner.addresses[0][1]}")
        return runner


async def test_an_event_is_tried_four_times_with_its_reason(trial: TrialApp) -> None:
    unwilling = Unwilling(500, 0, 404, 200)
    runner = await unwilling.listen(trial)
    trial.workspace.sandbox.delivery.acknowledge_seconds = 0.5
    await trial.workspace.open_home(trial.workspace.member("Ingrid"))

    async def four() -> bool:
        return len(unwilling.seen) == 4

    await trial.workspace.wait_for(four)
    assert [(number, reason) for _, number, reason in unwilling.seen] == [
        ("", ""),
        ("1", "http_error"),
        ("2", "http_timeout"),
        ("3", "http_error"),
    ]
    assert len({event_id for event_id, _, _ in unwilling.seen}) == 1
    await runner.cleanup()


async def test_no_retry_is_heeded(trial: TrialApp) -> None:
    unwilling = Unwilling(500, 200, headers={"X-Slack-No-Retry": "1"})
    runner = await unwilling.listen(trial)
    await trial.workspace.open_home(trial.workspace.member("Ingrid"))
    await asyncio.sleep(0.3)
    assert len(unwilling.seen) == 1
    await runner.cleanup()


async def test_what_happens_to_channels_and_people_is_told(trial: TrialApp) -> None:
    workspace = trial.workspace
    brand, claire = workspace.channel("brand-nordlys"), workspace.member("Claire")
    await workspace.join(claire, brand)
    await workspace.change_person(claire, tz="Asia/Tokyo", locale="ja-JP")
    await workspace.archive(workspace.member("Ingrid"), brand)
    await workspace.leave("U0GOODFTH", workspace.channel("brand-halden"))

    async def all_heard() -> bool:
        return {"member_joined_channel", "user_change", "group_archive", "group_left"} <= trial.seen.keys()

    await workspace.wait_for(all_heard)
    joined = trial.seen["member_joined_channel"][0]["event"]
    assert (joined["user"], joined["channel"], joined["channel_type"]) == (claire, brand, "G")
    changed = trial.seen["user_change"][0]["event"]["user"]
    assert (changed["tz"], changed["locale"]) == ("Asia/Tokyo", "ja-JP")


async def test_the_same_app_works_over_a_socket_and_comes_back_on_a_new_one(trial: TrialApp) -> None:
    workspace = trial.workspace
    await trial.stop()
    handler = AsyncSocketModeHandler(trial.bolt, APP_TOKEN, web_client=trial.client)
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt left it without types
    ingrid, brand = workspace.member("Ingrid"), workspace.channel("brand-nordlys")
    await _until_connected(trial)
    assert await workspace.command(ingrid, "/echo over the socket", brand) == {"ok": True}
    assert (await workspace.messages(ingrid, brand))[-1]["text"] == "over the socket"
    posted = await trial.client.chat_postMessage(channel=brand, text="Well?", blocks=BUTTONS)
    assert await workspace.click(ingrid, brand, posted["ts"], "yes") == {"ok": True}
    await workspace.post("/sandbox/sockets/disconnect", {"reason": "refresh_requested"})
    await _until_connected(trial)
    assert await workspace.command(ingrid, "/echo once more", brand) == {"ok": True}
    await handler.close_async()  # type: ignore[no-untyped-call] # Bolt left it without types


async def _until_connected(trial: TrialApp) -> None:
    async def connected() -> bool:
        return trial.workspace.sandbox.socket.connected

    await trial.workspace.wait_for(connected, seconds=15)


async def test_a_page_hears_only_what_its_person_may_see(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid, mikkel, claire = (workspace.member(name) for name in ("Ingrid", "Mikkel", "Claire"))
    brand = workspace.channel("brand-nordlys")
    sockets = {
        user: await workspace.session.ws_connect(f"/sandbox/ws?as={user}")
        for user in (ingrid, mikkel, claire)
    }
    await trial.client.chat_postMessage(channel=brand, text="for the brand")
    await trial.client.chat_postEphemeral(channel=brand, user=mikkel, text="for Mikkel")
    await trial.client.chat_postMessage(channel=claire, text="for Claire")
    heard: dict[str, list[str]] = {}
    for user, socket in sockets.items():
        until = time.monotonic() + 0.3
        while (left := until - time.monotonic()) > 0:
            try:
                event = await socket.receive_json(timeout=left)
            except TimeoutError:
                break
            heard.setdefault(user, []).append(event["message"]["text"])
        await socket.close()
    assert heard == {
        ingrid: ["for the brand"],
        mikkel: ["for the brand", "for Mikkel"],
        claire: ["for Claire"],
    }


async def test_other_sites_pages_may_not_knock(trial: TrialApp) -> None:
    session = trial.workspace.session
    async with session.get("/sandbox/people", headers={"Origin": "https://evil.example"}) as response:
        assert response.status == 403
    async with session.get("/sandbox/people", headers={"Host": "evil.example"}) as response:
        assert response.status == 403
