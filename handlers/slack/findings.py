"""Sharing findings: the form and the shortcut, the chair's answer, taking one back, and what people react."""

from pydantic import ValidationError

from bot.enforcement import findings
from bot.enforcement.findings import FindingForm
from bot.words.text import plain
from handlers.blocks import findings as blocks
from handlers.guard import BadForm, Call, Reply, notice_view
from handlers.ids import Event, FindingField
from handlers.payloads import Form, Pointer, text_at
from handlers.slack.office import on_field, open_page, redraw, show
from handlers.slack.views import open_view, view_failed
from storage.records.findings import (
    LONGEST_LINK,
    LONGEST_REASON,
    LONGEST_SELLERS,
    LONGEST_SIGNS,
    LONGEST_TITLE,
)

_FIELDS = {"findings.no_channel": FindingField.GROUPS, "findings.nobody_answers": FindingField.GROUPS}
_WRONG = {
    "title": (FindingField.TITLE, "findings.title_missing"),
    "signs": (FindingField.SIGNS, "findings.signs_missing"),
    "link": (FindingField.LINK, "findings.bad_link"),
    "picture": (FindingField.PICTURE, "findings.bad_link"),
}


async def handle_shortcut(call: Call) -> Reply | None:
    """A message is to be shared as a finding: the form begins with its text."""
    words = await call.words()
    chosen = await call.read(findings.choice)
    said = _several_lines(text_at(call.body, "message", "text"))
    if await open_view(call, blocks.share_form(words, chosen.groups, chosen.own, signs=said)):
        return None
    return await view_failed(call, words, "office.slack_silent")


async def handle_form(call: Call) -> Reply | None:
    """A finding was written."""
    form, words = Form.of(call.body), await call.words()
    try:
        given = FindingForm.model_validate(
            {
                "kind": form.choice(FindingField.KIND),
                "title": plain(form.text(FindingField.TITLE), LONGEST_TITLE),
                "sellers": plain(form.text(FindingField.SELLERS), LONGEST_SELLERS),
                "signs": _several_lines(form.text(FindingField.SIGNS)),
                "industry": form.choice(FindingField.INDUSTRY) or None,
                "link": form.text(FindingField.LINK),
                "picture": form.text(FindingField.PICTURE),
                "is_anonymous": blocks.ANONYMOUS in form.choices(FindingField.ANONYMOUS),
            }
        )
    except ValidationError as error:
        wrong = [_WRONG[str(each["loc"][0])] for each in error.errors() if str(each["loc"][0]) in _WRONG]
        raise BadForm({block: words.text(key, most=LONGEST_LINK) for block, key in wrong}) from error
    chosen = form.choices(FindingField.GROUPS)
    if not chosen:
        raise BadForm({FindingField.GROUPS: words.text("findings.groups_missing")})
    if blocks.ALL in chosen:
        chosen = [group.id for group in (await call.read(findings.choice)).groups]
    told = await on_field(call, call.act(findings.share, given, chosen), _FIELDS)
    return Reply(update=notice_view(words, blocks.told(words, told.posted, told.asked, told.without)))


async def handle_approve(call: Call) -> Reply | None:
    """The chair lets a finding into the group."""
    await call.act(findings.decide, call.value, approve=True)
    return None


async def handle_decline(call: Call) -> Reply | None:
    """The chair does not want it, and is asked why."""
    words = await call.words()
    if await open_view(call, blocks.decline_form(words, str(Pointer.parse(call.value)))):
        return None
    return await view_failed(call, words, "office.slack_silent")


async def handle_decline_form(call: Call) -> Reply | None:
    """Why not."""
    sharing_id = Pointer.parse(text_at(call.body, "view", "private_metadata")).id
    reason = plain(Form.of(call.body).text(FindingField.REASON), LONGEST_REASON)
    fields = {"findings.reason_missing": FindingField.REASON}
    await on_field(call, call.act(findings.decide, sharing_id, approve=False, reason=reason), fields)
    return Reply(clear=True)


async def handle_open(call: Call) -> Reply | None:
    """One finding, from its message."""
    return await open_page(call, call.value)


async def handle_withdraw(call: Call) -> Reply | None:
    """A finding is taken back."""
    await call.act(findings.withdraw, call.value)
    words = await call.words()
    if text_at(call.body, "view", "type") == "modal":
        await redraw(call, notice_view(words, words.text("findings.taken_back")))
        return None
    return await show(call, "findings")


async def handle_reaction(call: Call) -> Reply | None:
    """An emoji was put on a message, or taken away: on a finding it counts as useful."""
    event = call.body.get("event")
    place = text_at(event, "item", "channel"), text_at(event, "item", "ts")
    if await call.read(findings.stands_here, *place):
        added = text_at(event, "type") == Event.REACTION_ADDED
        await call.act(findings.react, *place, text_at(event, "reaction"), added=added)
    return None


def _several_lines(text: str) -> str:
    lines = "\n".join(plain(line, LONGEST_SIGNS) for line in text.splitlines()).strip()
    return lines if len(lines) <= LONGEST_SIGNS else lines[: LONGEST_SIGNS - 1] + "…"
