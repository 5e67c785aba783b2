"""The door and Bolt together: what Bolt does by itself still works when it gets the body decoded."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.metrics import Metrics
from bot.slack_door import HttpDoor
from bot.web import build_web
from tests.test_foundations_slack_door import CLICK, NOW, SECRET, headers

Client = TestClient[web.Request, web.Application]
JSON = "application/json"


async def authorize() -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None, team_id="T1", bot_user_id="UBOT", bot_id="B1", bot_token="xoxb-1"
    )


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @app.action("verdict")
    @app.command("/notice")
    @app.view_submission("notice_form")
    async def answer(request: AsyncBoltRequest) -> BoltResponse:
        return BoltResponse(status=200, body=json.dumps({"text": request.context.user_id}))

    door = HttpDoor(app.async_dispatch, SECRET, now=lambda: NOW)
    async with TestClient(TestServer(build_web(slack=door, platform=(), checks=(), metrics=Metrics()))) as it:
        yield it


async def post(client: Client, raw: bytes, content_type: str = "application/x-www-form-urlencoded") -> str:
    answer = await client.post("/slack/events", data=raw, headers=headers(raw, content_type=content_type))
    assert answer.status == 200
    return await answer.text()


async def test_slack_s_verification_of_the_address_is_answered(client: Client) -> None:
    raw = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "x"}).encode()
    assert "3eZbrw1aB" in await post(client, raw, JSON)


async def test_commands_clicks_and_forms_reach_their_listeners(client: Client) -> None:
    command = urlencode(
        {"command": "/notice", "text": "https://a.example/item/1 ü+%", "user_id": "U1", "team_id": "T1"}
    )
    form = CLICK | {
        "type": "view_submission",
        "view": {"id": "V1", "callback_id": "notice_form", "type": "modal"},
    }
    form.pop("actions")
    for raw in (
        command.encode(),
        urlencode({"payload": json.dumps(CLICK)}).encode(),
        urlencode({"payload": json.dumps(form)}).encode(),
    ):
        assert json.loads(await post(client, raw)) == {"text": "U1"}


async def test_our_own_events_are_ignored_and_others_without_a_listener_are_404(client: Client) -> None:
    event = {"type": "event_callback", "event_id": "Ev1", "team_id": "T1"}
    own = json.dumps(event | {"event": {"type": "app_home_opened", "user": "UBOT"}}).encode()
    other = json.dumps(event | {"event": {"type": "app_home_opened", "user": "U1"}}).encode()
    await post(client, own, JSON)
    answer = await client.post("/slack/events", data=other, headers=headers(other, content_type=JSON))
    assert answer.status == 404
