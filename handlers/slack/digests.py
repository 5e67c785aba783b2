"""`/digest` and the digest's button: show a group's day, set when its channel gets it, show the way Home."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.enforcement import digests
from bot.enforcement.digests import Schedule
from bot.enforcement.refusals import Refused
from bot.gateway import SlackFailure
from bot.words.catalogue import Words
from handlers.blocks import digests as blocks
from handlers.guard import Call, Reply, notice_view
from handlers.ids import DigestField
from handlers.payloads import Form, Malformed, Pointer, text_at
from handlers.slack.views import open_view, view_failed


async def handle_digest(call: Call) -> Reply | None:
    """`/digest`: the digest of the group whose channel this is, else a choice of groups."""
    words = await call.words()
    if text_at(call.body, "text").strip().lower() == "help":
        return Reply(text=words.text("digests.help"))
    if not await open_view(call, await _first_view(call, words)):
        return await view_failed(call, words, "digests.not_opened")
    return None


async def handle_group(call: Call) -> Reply | None:
    """A group was chosen in the modal."""
    words = await call.words()
    view = await _preview(call, words, Pointer.parse(call.value).id)
    try:
        await call.desk.gateway.update_view(
            text_at(call.body, "view", "id"), view, text_at(call.body, "view", "hash")
        )
    except (SlackFailure, TimeoutError):
        call.count("view_failed")
    return None


async def handle_form(call: Call) -> Reply | None:
    """When a group's digest comes, or that it comes no more."""
    group_id = Pointer.parse(text_at(call.body, "view", "private_metadata")).id
    kept = await call.act(digests.configure, group_id, _schedule(Form.of(call.body)))
    words = await call.words()
    if kept is None:
        return Reply(update=notice_view(words, words.text("digests.stopped")))
    return Reply(update=notice_view(words, words.text("digests.saved", next=words.moment(kept.next_due_at))))


async def handle_own_figures(call: Call) -> Reply | None:
    """The way to App Home, for the one who asked."""
    app, team = text_at(call.body, "api_app_id"), text_at(call.body, "team", "id")
    address = f"slack://app?team={team}&amp;id={app}&amp;tab=home"
    await call.act(digests.own_figures, call.channel_id, address)
    return None


async def _first_view(call: Call, words: Words) -> Mapping[str, Any]:
    here = await call.read(digests.group_here, call.channel_id)
    if here is not None:
        return await _preview(call, words, here)
    groups = await call.read(digests.groups_to_preview)
    if not groups:
        raise Refused("digests.no_group")
    return blocks.chooser(words, groups) if len(groups) > 1 else await _preview(call, words, groups[0].id)


async def _preview(call: Call, words: Words, group_id: str) -> Mapping[str, Any]:
    shown = await call.read(
        digests.preview,
        group_id,
        now=call.now,
        calendar=call.desk.calendar,
        zone=str(words.zone),
    )
    return blocks.preview(words, shown)


def _schedule(form: Form) -> Schedule | None:
    if form.choice(DigestField.COMES) == blocks.NEVER:
        return None
    hour, _, minute = form.choice(DigestField.TIME).partition(":")
    try:
        return Schedule.model_validate(
            {"hour": int(hour), "minute": int(minute), "zone": form.choice(DigestField.ZONE)}
        )
    except (ValueError, ValidationError) as error:
        raise Malformed("no time of day") from error
