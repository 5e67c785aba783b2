"""What people do in the sandbox reaches a Bolt app as Slack's own payloads, and its answers are obeyed."""

import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.trial_app import BUTTONS, FORM, TrialApp


async def test_a_command_opens_a_form_and_its_submission_closes_it(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid, channel = workspace.member("Ingrid"), workspace.channel("brand-nordlys")
    assert await workspace.command(ingrid, "/form  some text", channel) == {"ok": True}
    command = trial.seen["/form"][0]
    assert (command["text"], command["user_id"], command["channel_name"]) == (
        "some text",
        ingrid,
        "privategroup",
    )
    [view] = await workspace.views(ingrid)
    assert await workspace.submit(ingrid, view["id"], {"what": "a shoe"}) == {"ok": True}
    [submission] = trial.seen["view_submission"]
    assert submission["view"]["state"]["values"]["what"]["what"]["value"] == "a shoe"
    assert await workspace.views(ingrid) == []


@pytest.mark.parametrize(("typed", "sentence"), [("", "required"), ("x" * 51, "between 0 and 50")])
async def test_what_slacks_client_checks_never_reaches_the_app(
    trial: TrialApp, typed: str, sentence: str
) -> None:
    workspace = trial.workspace
    ingrid = workspace.member("Ingrid")
    await workspace.command(ingrid, "/form", workspace.channel("brand-nordlys"))
    [view] = await workspace.views(ingrid)
    answer = await workspace.submit(ingrid, view["id"], {"what": typed})
    assert sentence in answer["errors"]["what"]
    assert "view_submission" not in trial.seen


@pytest.mark.parametrize(
    ("submission", "answer", "open_after"),
    [
        ({"response_action": "errors", "errors": {"what": "No."}}, {"errors": {"what": "No."}}, ["form"]),
        ({"response_action": "update", "view": {**FORM, "callback_id": "second"}}, {"ok": True}, ["second"]),
        (
            {"response_action": "push", "view": {**FORM, "callback_id": "second"}},
            {"ok": True},
            ["form", "second"],
        ),
        ({"response_action": "clear"}, {"ok": True}, []),
        ({}, {"ok": True}, []),
    ],
)
async def test_every_answer_to_a_submission_is_obeyed(
    trial: TrialApp, submission: dict[str, object], answer: dict[str, object], open_after: list[str]
) -> None:
    workspace = trial.workspace
    ingrid = workspace.member("Ingrid")
    await workspace.command(ingrid, "/form", workspace.channel("brand-nordlys"))
    [view] = await workspace.views(ingrid)
    trial.submission = submission
    assert await workspace.submit(ingrid, view["id"], {"what": "a shoe"}) == answer
    assert [view["callback_id"] for view in await workspace.views(ingrid)] == open_after


async def test_a_click_carries_the_buttons_own_value_and_never_the_pages(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid, channel = workspace.member("Ingrid"), workspace.channel("brand-nordlys")
    posted = await trial.client.chat_postMessage(channel=channel, text="Well?", blocks=BUTTONS)
    assert await workspace.click(ingrid, channel, posted["ts"], "yes", value="forged") == {"ok": True}
    [click] = trial.seen["block_actions"]
    assert click["actions"][0]["value"] == "y-1"
    assert click["container"]["message_ts"] == posted["ts"]
    assert click["user"]["id"] == ingrid


async def test_a_choice_that_is_not_offered_is_refused(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid, channel = workspace.member("Ingrid"), workspace.channel("brand-nordlys")
    posted = await trial.client.chat_postMessage(channel=channel, text="Well?", blocks=BUTTONS)
    chosen = {"text": {"type": "plain_text", "text": "Two"}, "value": "2"}
    answer = await workspace.click(ingrid, channel, posted["ts"], "pick", selected_option=chosen)
    assert answer == {"error": "This choice is not offered."}


async def test_a_command_nobody_declared_is_not_valid(trial: TrialApp) -> None:
    workspace = trial.workspace
    answer = await workspace.command(
        workspace.member("Ingrid"), "/nothing", workspace.channel("brand-nordlys")
    )
    assert answer == {"error": "/nothing is not a valid command."}


async def test_an_app_that_does_not_answer_within_three_seconds_failed(trial: TrialApp) -> None:
    workspace = trial.workspace
    workspace.sandbox.delivery.acknowledge_seconds = 0.2
    answer = await workspace.command(
        workspace.member("Ingrid"), "/silent", workspace.channel("brand-nordlys")
    )
    assert answer == {"error": "/silent failed because the app did not respond within 3 seconds."}


async def test_a_trigger_opens_one_view_within_three_seconds(trial: TrialApp) -> None:
    workspace = trial.workspace
    tickets = workspace.sandbox.tickets
    trigger = tickets.new_trigger(workspace.member("Ingrid"))
    await trial.client.views_open(trigger_id=trigger, view=FORM)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await trial.client.views_open(trigger_id=trigger, view=FORM)
    late = tickets.new_trigger(workspace.member("Ingrid"))
    tickets.triggers[late].born -= 3.01
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await trial.client.views_open(trigger_id=late, view=FORM)


async def test_a_modal_stacks_three_deep_and_closing_tells_the_app(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid = workspace.member("Ingrid")
    await workspace.command(ingrid, "/form", workspace.channel("brand-nordlys"))
    [view] = await workspace.views(ingrid)
    await workspace.click_view(ingrid, view["id"], "push")
    first, second = await workspace.views(ingrid)
    assert second["callback_id"] == "pushed"
    await workspace.close_view(ingrid, first["id"], clear=True)
    assert await workspace.views(ingrid) == []
    assert trial.seen["view_closed"][0]["is_cleared"] is True


async def test_shortcuts_carry_their_message_and_only_where_they_are_declared(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid, channel = workspace.member("Ingrid"), workspace.channel("brand-nordlys")
    await workspace.say(ingrid, channel, "look at this")
    [message] = await workspace.messages(ingrid, channel)
    assert await workspace.shortcut(ingrid, "report", (channel, message["ts"])) == {"ok": True}
    assert trial.seen["message_action"][0]["message"]["text"] == "look at this"
    assert await workspace.shortcut(ingrid, "begin") == {"ok": True}
    assert "error" in await workspace.shortcut(ingrid, "begin", (channel, message["ts"]))


async def test_people_of_another_team_click_but_have_no_commands(trial: TrialApp) -> None:
    workspace = trial.workspace
    erik, lobby = workspace.member("Erik"), workspace.channel("alliance-lobby")
    assert "not a valid command" in (await workspace.command(erik, "/form", lobby))["error"]
    await workspace.join("U0GOODFTH", lobby)
    posted = await trial.client.chat_postMessage(channel=lobby, text="Well?", blocks=BUTTONS)
    assert await workspace.click(erik, lobby, posted["ts"], "yes") == {"ok": True}
    assert trial.seen["block_actions"][0]["user"]["team_id"] == "T0PARTNER1"


async def test_nobody_acts_as_a_deactivated_person_or_where_they_are_not(trial: TrialApp) -> None:
    workspace = trial.workspace
    brand = workspace.channel("brand-nordlys")
    gone = await workspace.say(workspace.member("Oskar"), brand, "hello")
    assert gone == {"error": "This account is deactivated."}
    outside = await workspace.say(workspace.member("Claire"), brand, "hello")
    assert outside == {"error": "You are not in this conversation."}


async def test_nobody_reaches_into_anothers_form(trial: TrialApp) -> None:
    workspace = trial.workspace
    ingrid, claire = workspace.member("Ingrid"), workspace.member("Claire")
    await workspace.command(ingrid, "/form", workspace.channel("brand-nordlys"))
    [view] = await workspace.views(ingrid)
    assert await workspace.submit(claire, view["id"], {"what": "x"}) == {"error": "not found"}
    assert await workspace.views(claire) == []
