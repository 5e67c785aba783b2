"""The sandbox makes channels and archives them as Slack does."""

from pathlib import Path

import pytest

from tests.sandbox.test_web_api import refused
from tests.sandbox.trial_app import TrialApp
from tests.workspace import Workspace


async def test_a_private_channel_has_the_app_in_it_and_a_name_of_its_own(trial: TrialApp) -> None:
    create = trial.client.conversations_create
    made = (await create(name="talk-notice-7k3m", is_private=True))["channel"]
    assert (made["is_private"], made["is_member"]) == (True, True)
    assert (await refused(create(name="talk-notice-7k3m", is_private=True)))["error"] == "name_taken"
    listed = await trial.client.conversations_list(types="private_channel")
    assert made["id"] in {channel["id"] for channel in listed["channels"]}
    ingrid = trial.workspace.member("Ingrid")
    await trial.client.conversations_invite(channel=made["id"], users=ingrid)
    shown = await trial.workspace.get("/sandbox/state", **{"as": ingrid})
    assert made["id"] in {channel["id"] for channel in shown["channels"]}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name_required"),
        ("Talk", "invalid_name_specials"),
        ("talk now", "invalid_name_specials"),
        ("t" * 81, "invalid_name_maxlength"),
    ],
)
async def test_a_name_that_slack_does_not_take_is_refused(trial: TrialApp, name: str, code: str) -> None:
    body = await refused(
        trial.client.api_call("conversations.create", json={"name": name, "is_private": True})
    )
    assert body["error"] == code


async def test_an_archived_channel_takes_no_message_and_is_archived_once(trial: TrialApp) -> None:
    made = (await trial.client.conversations_create(name="talk-home-1", is_private=True))["channel"]
    await trial.client.conversations_archive(channel=made["id"])
    again = await refused(trial.client.conversations_archive(channel=made["id"]))
    said = await refused(trial.client.chat_postMessage(channel=made["id"], text="late"))
    assert (again["error"], said["error"]) == ("already_archived", "is_archived")


async def test_a_group_message_is_no_channel_to_archive(trial: TrialApp) -> None:
    workspace = trial.workspace
    people = [workspace.member("Ingrid"), workspace.member("Mikkel")]
    group = (await trial.client.conversations_open(users=",".join(people)))["channel"]["id"]
    again = (await trial.client.conversations_open(users=",".join(reversed(people))))["channel"]["id"]
    assert group == again
    body = await refused(trial.client.conversations_archive(channel=group))
    assert body["error"] == "method_not_supported_for_channel_type"


async def test_channels_are_made_with_their_scope_alone(tmp_path: Path) -> None:
    manifest = (Path(__file__).parent / "manifest.yml").read_text(encoding="utf-8")
    (tmp_path / "manifest.yml").write_text(manifest.replace("groups:write, ", ""), encoding="utf-8")
    workspace = await Workspace.start(tmp_path / "manifest.yml")
    trial = TrialApp(workspace)
    await trial.serve()
    body = await refused(trial.client.conversations_create(name="talk-home-2", is_private=True))
    assert (body["error"], body["needed"]) == ("missing_scope", "groups:write")
    await trial.stop()
    await workspace.stop()
