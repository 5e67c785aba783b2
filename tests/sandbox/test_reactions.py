"""Emoji on messages: added, shown in the history and taken away, each with Slack's event."""

from tests.sandbox.trial_app import TrialApp


async def test_a_reaction_is_shown_told_and_taken_away(trial: TrialApp) -> None:
    workspace, slack = trial.workspace, trial.client
    channel, ingrid, mikkel = (
        workspace.channel("brand-nordlys"),
        workspace.member("Ingrid"),
        workspace.member("Mikkel"),
    )
    ts = (await slack.chat_postMessage(channel=channel, text="Look"))["ts"]
    for user in (ingrid, mikkel):
        assert await workspace.react(user, channel, ts, "+1") == {"ok": True}
    (message,) = (await slack.conversations_history(channel=channel, limit=1))["messages"]
    assert message["reactions"] == [{"name": "+1", "users": [ingrid, mikkel], "count": 2}]
    assert await workspace.react(ingrid, channel, ts, "+1") == {"ok": True}

    async def events() -> list[tuple[str, str]]:
        seen = [
            body["event"] for kind in ("added", "removed") for body in trial.seen.get(f"reaction_{kind}", [])
        ]
        return [(event["type"], event["user"]) for event in seen if event["item"]["ts"] == ts]

    async def all_three() -> bool:
        return len(await events()) == 3

    await workspace.wait_for(all_three)
    assert set(await events()) == {
        ("reaction_added", ingrid),
        ("reaction_added", mikkel),
        ("reaction_removed", ingrid),
    }
    (event,) = (body["event"] for body in trial.seen["reaction_removed"])
    assert event["item"] == {"type": "message", "channel": channel, "ts": ts}
    assert (event["reaction"], event["item_user"]) == ("+1", "U0GOODFTH")
    assert "error" in await workspace.react(workspace.member("Claire"), channel, ts, "+1")
    assert "error" in await workspace.react(ingrid, channel, ts, "not an emoji")
