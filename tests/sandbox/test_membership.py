"""Who is in a channel and in a user group: invited, taken out and listed as in Slack."""

from tests.sandbox.test_web_api import refused
from tests.sandbox.trial_app import TrialApp


async def test_people_are_invited_into_a_channel_and_taken_out_of_it(trial: TrialApp) -> None:
    workspace, slack = trial.workspace, trial.client
    brand, claire, ingrid = (
        workspace.channel("brand-nordlys"),
        workspace.member("Claire"),
        workspace.member("Ingrid"),
    )
    both = [claire, ingrid]
    assert (await refused(slack.conversations_invite(channel=brand, users=both)))["error"] == (
        "already_in_channel"
    )
    forced = await slack.conversations_invite(channel=brand, users=both, force=True)
    assert forced["errors"] == [{"user": ingrid, "ok": False, "error": "already_in_channel"}]
    assert claire in (await slack.conversations_members(channel=brand))["members"]
    await slack.conversations_kick(channel=brand, user=claire)
    again = await refused(slack.conversations_kick(channel=brand, user=claire))
    assert again["error"] == "not_in_channel"
    himself = await refused(slack.conversations_kick(channel=brand, user="U0GOODFTH"))
    assert himself["error"] == "cant_kick_self"


async def test_a_user_group_is_made_filled_disabled_and_never_emptied(trial: TrialApp) -> None:
    slack, ingrid, guest = trial.client, trial.workspace.member("Ingrid"), trial.workspace.member("Gail")
    made = (await slack.usergroups_create(name="Shoes", handle="shoes"))["usergroup"]
    assert made["created_by"] == "U0GOODFTH"
    taken = await refused(slack.usergroups_create(name="shoes", handle="others"))
    assert taken["error"] == "name_already_exists"
    other = (await slack.usergroups_create(name="Bags", handle="bags"))["usergroup"]
    renamed = slack.usergroups_update
    assert (await refused(renamed(usergroup=other["id"], name="Shoes")))["error"] == "name_already_exists"
    assert (await refused(renamed(usergroup=other["id"], handle="shoes")))["error"] == "handle_already_exists"
    named = (await renamed(usergroup=other["id"], name="Bags and belts"))["usergroup"]
    assert (named["name"], named["handle"]) == ("Bags and belts", "bags")
    await slack.usergroups_disable(usergroup=other["id"])
    update = slack.usergroups_users_update
    assert (await refused(update(usergroup=made["id"], users=[])))["error"] == "no_users_provided"
    assert (await refused(update(usergroup=made["id"], users=[guest])))["error"] == "invalid_users"
    await update(usergroup=made["id"], users=[ingrid])
    assert (await slack.usergroups_users_list(usergroup=made["id"]))["users"] == [ingrid]
    await slack.usergroups_disable(usergroup=made["id"])
    assert (await slack.usergroups_list())["usergroups"] == []
    kept, _ = (await slack.usergroups_list(include_disabled=True))["usergroups"]
    assert kept["date_delete"] > 0
    await slack.usergroups_enable(usergroup=made["id"])
    assert len((await slack.usergroups_list())["usergroups"]) == 1
