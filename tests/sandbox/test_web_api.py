"""The sandbox's Web API answers Slack's own SDK as Slack does."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.trial_app import BUTTONS, FORM, TrialApp

HOME = {"type": "home", "blocks": [{"type": "divider"}]}


async def refused(call: Any) -> dict[str, Any]:
    """The body with which a call was refused."""
    with pytest.raises(SlackApiError) as caught:
        await call
    body: dict[str, Any] = caught.value.response.data
    return body


async def test_identity_and_tokens(trial: TrialApp) -> None:
    answer = await trial.client.auth_test()
    assert (answer["team_id"], answer["user_id"]) == ("T0GOODFTH", "U0GOODFTH")
    assert "chat:write" in answer.headers["x-oauth-scopes"]
    stranger = AsyncWebClient(token="xoxb-other", base_url=trial.workspace.api_url)
    assert (await refused(stranger.auth_test()))["error"] == "invalid_auth"
    assert (await refused(trial.client.apps_connections_open(app_token="xoxb-sandbox")))[
        "error"
    ] == "not_allowed_token_type"
    assert (await refused(trial.client.api_call("chat.unheardOf")))["error"] == "unknown_method"


async def test_a_scope_that_the_manifest_lacks_is_named(trial: TrialApp) -> None:
    body = await refused(trial.client.conversations_history(channel=await _public(trial)))
    assert (body["error"], body["needed"]) == ("missing_scope", "channels:history")
    assert "chat:write" in body["provided"].split(",")


async def _public(trial: TrialApp) -> str:
    lobby = trial.workspace.channel("alliance-lobby")
    await trial.client.conversations_join(channel=lobby)
    return lobby


async def test_membership_decides_where_the_app_may_speak(trial: TrialApp) -> None:
    workspace = trial.workspace
    lobby, brand = workspace.channel("alliance-lobby"), workspace.channel("brand-nordlys")
    say = trial.client.chat_postMessage
    assert (await refused(say(channel=lobby, text="hello")))["error"] == "not_in_channel"
    await workspace.leave("U0GOODFTH", brand)
    assert (await refused(say(channel=brand, text="hello")))["error"] == "channel_not_found"
    await workspace.join("U0GOODFTH", brand)
    await workspace.archive(workspace.member("Ingrid"), brand)
    assert (await refused(say(channel=brand, text="hello")))["error"] == "is_archived"


async def test_a_message_to_a_person_goes_to_the_direct_conversation(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid = workspace.member("Ingrid")
    opened = await trial.client.conversations_open(users=ingrid)
    posted = await trial.client.chat_postMessage(channel=ingrid, text="between us")
    assert posted["channel"] == opened["channel"]["id"]
    assert [message["text"] for message in await workspace.direct_messages(ingrid)] == ["between us"]
    assert await workspace.direct_messages(workspace.member("Claire")) == []


async def test_an_ephemeral_is_seen_by_one_person_and_in_no_history(trial: TrialApp) -> None:
    workspace = trial.workspace
    brand, ingrid, mikkel = (
        workspace.channel("brand-nordlys"),
        workspace.member("Ingrid"),
        workspace.member("Mikkel"),
    )
    whisper = trial.client.chat_postEphemeral
    await whisper(channel=brand, user=ingrid, text="only you")
    assert [m["ephemeral"] for m in await workspace.messages(ingrid, brand)] == [True]
    assert await workspace.messages(mikkel, brand) == []
    assert (await trial.client.conversations_history(channel=brand))["messages"] == []
    claire = workspace.member("Claire")
    assert (await refused(whisper(channel=brand, user=claire, text="x")))["error"] == "user_not_in_channel"


async def test_a_lost_answer_can_be_found_by_its_metadata(trial: TrialApp) -> None:
    brand = trial.workspace.channel("brand-nordlys")
    await trial.workspace.fault("chat.postMessage", "lost_after_effect")
    metadata = {"event_type": "card", "event_payload": {"row": 42}}
    with pytest.raises(aiohttp.ClientError):
        await AsyncWebClient(
            token="xoxb-sandbox", base_url=trial.workspace.api_url, retry_handlers=[]
        ).chat_postMessage(channel=brand, text="a card", metadata=metadata)
    plain = await trial.client.conversations_history(channel=brand)
    assert "metadata" not in plain["messages"][0]
    found = await trial.client.conversations_history(channel=brand, include_all_metadata=True)
    assert [message["metadata"] for message in found["messages"]] == [metadata]


async def test_faults_come_as_often_as_they_were_ordered(trial: TrialApp) -> None:
    workspace, brand = trial.workspace, trial.workspace.channel("brand-nordlys")
    await workspace.fault("chat.postMessage", "429", retry_after=37)
    await workspace.fault("*", "ok_false", error="fatal_error", times=1)
    with pytest.raises(SlackApiError) as caught:
        await trial.client.chat_postMessage(channel=brand, text="x")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "37")
    assert (await refused(trial.client.chat_postMessage(channel=brand, text="x")))["error"] == "fatal_error"
    assert (await trial.client.chat_postMessage(channel=brand, text="x"))["ok"]
    assert [call["error"] for call in await workspace.calls("chat.postMessage")] == ["429", "ok_false", None]


async def test_replies_are_a_thread_and_not_history(trial: TrialApp) -> None:
    brand = trial.workspace.channel("brand-nordlys")
    parent = await trial.client.chat_postMessage(channel=brand, text="parent")
    await trial.client.chat_postMessage(channel=brand, text="reply", thread_ts=parent["ts"])
    history = await trial.client.conversations_history(channel=brand)
    assert [(m["text"], m["reply_count"]) for m in history["messages"]] == [("parent", 1)]
    replies = await trial.client.conversations_replies(channel=brand, ts=parent["ts"])
    assert [message["text"] for message in replies["messages"]] == ["parent", "reply"]


async def test_only_its_own_messages_can_be_changed_by_the_app(trial: TrialApp) -> None:
    workspace, brand = trial.workspace, trial.workspace.channel("brand-nordlys")
    ingrid = workspace.member("Ingrid")
    posted = await trial.client.chat_postMessage(channel=brand, text="one", blocks=BUTTONS)
    await trial.client.chat_update(channel=brand, ts=posted["ts"], text="two")
    assert (await workspace.messages(ingrid, brand))[0]["blocks"]
    await trial.client.chat_update(channel=brand, ts=posted["ts"], text="two", blocks=[])
    await workspace.say(ingrid, brand, "mine")
    ours, hers = await workspace.messages(ingrid, brand)
    assert (ours["text"], ours["blocks"], ours["edited"]) == ("two", None, True)
    update = trial.client.chat_update
    assert (await refused(update(channel=brand, ts=hers["ts"], text="x")))["error"] == "cant_update_message"
    assert (await refused(update(channel=brand, ts="1.2", text="x")))["error"] == "message_not_found"
    assert (await refused(update(channel=brand, ts=ours["ts"], text="x" * 4001)))["error"] == "msg_too_long"
    await trial.client.chat_delete(channel=brand, ts=posted["ts"])
    assert [message["text"] for message in await workspace.messages(ingrid, brand)] == ["mine"]


async def test_who_people_are_and_what_the_app_may_know_of_them(trial: TrialApp) -> None:
    workspace = trial.workspace
    info = trial.client.users_info
    mikkel = (await info(user=workspace.member("Mikkel"), include_locale=True))["user"]
    assert (mikkel["tz"], mikkel["locale"], mikkel["profile"]["email"]) == (
        "Europe/Oslo",
        "en-GB",
        "mikkel.aas@nordlys.example",
    )
    assert (await info(user=workspace.member("Gail")))["user"]["is_restricted"] is True
    assert (await info(user=workspace.member("Oskar")))["user"]["deleted"] is True
    stranger = (await info(user=workspace.member("Erik")))["user"]
    assert (stranger["team_id"], stranger["is_stranger"]) == ("T0PARTNER1", True)
    assert (await info(user="U0GOODFTH"))["user"]["is_bot"] is True
    assert (await refused(info(user="U0NOBODY1")))["error"] == "user_not_found"
    first = await trial.client.users_list(limit=5)
    second = await trial.client.users_list(limit=5, cursor=first["response_metadata"]["next_cursor"])
    assert {one["id"] for one in first["members"]}.isdisjoint(one["id"] for one in second["members"])


async def test_members_of_a_channel_are_listed(trial: TrialApp) -> None:
    brand = trial.workspace.channel("brand-nordlys")
    listed = await trial.client.conversations_members(channel=brand)
    assert listed["members"] == ["U0INGRID1", "U0MIKKEL1", "U0GOODFTH"]
    info = (await trial.client.conversations_info(channel=brand))["channel"]
    assert (info["is_private"], info["is_member"], info["name"]) == (True, True, "brand-nordlys")
    kept = await trial.client.conversations_list(types="public_channel,private_channel")
    assert {one["name"] for one in kept["channels"]} >= {"alliance-lobby", "brand-nordlys"}


async def test_a_home_is_published_under_its_hash(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid = workspace.member("Ingrid")
    first = await trial.client.views_publish(user_id=ingrid, view=HOME)
    second = await trial.client.views_publish(user_id=ingrid, view=HOME, hash=first["view"]["hash"])
    assert first["view"]["id"] == second["view"]["id"]
    body = await refused(trial.client.views_publish(user_id=ingrid, view=HOME, hash=first["view"]["hash"]))
    assert body["error"] == "hash_conflict"
    shown = await workspace.home(ingrid)
    assert shown is not None
    assert shown["hash"] == second["view"]["hash"]
    assert await workspace.home(workspace.member("Claire")) is None


async def test_what_was_typed_survives_an_update_of_the_view(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid = workspace.member("Ingrid")
    await workspace.command(ingrid, "/form", workspace.channel("brand-nordlys"))
    [view] = await workspace.views(ingrid)
    await workspace.click_view(ingrid, view["id"], "push", values={"what": "a shoe"})
    updated = await trial.client.views_update(view_id=view["id"], view=FORM)
    assert updated["view"]["state"]["values"]["what"]["what"]["value"] == "a shoe"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await trial.client.views_update(view_id=view["id"], view=FORM, hash=view["hash"])


async def test_a_file_goes_up_in_three_steps_and_comes_down_with_the_token(trial: TrialApp) -> None:
    workspace, brand = trial.workspace, trial.workspace.channel("brand-nordlys")
    await trial.client.files_upload_v2(
        channel=brand, filename="chart.txt", content="figures", title="chart.txt"
    )
    [message] = await workspace.messages(workspace.member("Ingrid"), brand)
    file_id = message["files"][0]["id"]
    address = (await trial.client.files_info(file=file_id))["file"]["url_private"]
    async with workspace.session.get(address, headers={"Authorization": "Bearer xoxb-sandbox"}) as response:
        assert await response.text() == "figures"
    async with workspace.session.get(address, allow_redirects=False) as response:
        assert response.status == 302
    # What a person uploaded and gave to nobody is not the app's to read.
    private = await workspace.upload(workspace.member("Ingrid"), "private.txt", b"hers")
    with pytest.raises(SlackApiError, match="file_not_found"):
        await trial.client.files_info(file=private["id"])


async def test_a_response_url_works_five_times_within_half_an_hour(trial: TrialApp) -> None:
    workspace, brand = trial.workspace, trial.workspace.channel("brand-nordlys")
    ingrid = workspace.member("Ingrid")
    await workspace.command(ingrid, "/echo hello", brand)
    address = trial.seen["/echo"][0]["response_url"]
    statuses = []
    for _ in range(6):
        async with workspace.session.post(address, json={"text": "again"}) as response:
            statuses.append(response.status)
    assert statuses == [200] * 5 + [404]
    assert [m["text"] for m in await workspace.messages(ingrid, brand)] == ["hello", *["again"] * 5]
    assert all(m["ephemeral"] for m in await workspace.messages(ingrid, brand))
    await workspace.command(ingrid, "/echo hello", brand)
    late = trial.seen["/echo"][1]["response_url"]
    workspace.sandbox.tickets.response_urls[late.rpartition("/")[2]].born -= 1801
    async with workspace.session.post(late, json={"text": "late"}) as response:
        assert (response.status, (await response.json())["error"]) == (404, "expired_url")


async def test_a_response_url_replaces_and_deletes_the_message_it_came_from(trial: TrialApp) -> None:
    workspace, brand = trial.workspace, trial.workspace.channel("brand-nordlys")
    ingrid = workspace.member("Ingrid")
    posted = await trial.client.chat_postMessage(channel=brand, text="Well?", blocks=BUTTONS)
    await workspace.click(ingrid, brand, posted["ts"], "yes")
    address = trial.seen["block_actions"][0]["response_url"]
    await workspace.session.post(address, json={"text": "done", "replace_original": True})
    [message] = await workspace.messages(ingrid, brand)
    assert (message["text"], message["ts"]) == ("done", posted["ts"])
    await workspace.session.post(address, json={"delete_original": True})
    assert await workspace.messages(ingrid, brand) == []
