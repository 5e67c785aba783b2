"""`/digest` and the buttons of digests: show the days so far, set when they come, show the way Home."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from bot.enforcement import digests
from bot.enforcement.channels import Scope
from bot.enforcement.digest_kinds import SECTIONS
from bot.enforcement.digests import Schedule
from bot.enforcement.refusals import Refused
from bot.gateway import SlackFailure
from bot.words.catalogue import Words
from handlers.blocks import digest_forms as blocks
from handlers.guard import BadForm, Call, Reply, notice_view
from handlers.ids import DigestField, HomePage
from handlers.payloads import Form, Malformed, Pointer, one_of, text_at
from handlers.slack.views import open_view, view_failed
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import Section

# Where in App Home the cases behind a figure are.
_BEHIND = {
    Section.NOTICES: HomePage.NOTICES,
    Section.REQUESTS: HomePage.NOW,
    Section.VERDICTS: HomePage.FIGURES,
    Section.REMOVALS: HomePage.FIGURES,
    Section.ATTAINMENT: HomePage.FIGURES,
    Section.RESPONSES: HomePage.FIGURES,
    Section.SELLERS: HomePage.FIGURES,
    Section.PATTERNS: HomePage.FIGURES,
    Section.DEADLINES: HomePage.NOW,
    Section.STANDING: HomePage.COMPANY,
    Section.LINES: HomePage.FIGURES,
}


async def handle_digest(call: Call) -> Reply | None:
    """`/digest`: that of whose channel this is, or of what is named behind it, else a choice."""
    words = await call.words()
    named = text_at(call.body, "text").strip()
    if named.lower() == "help":
        return Reply(text=words.text("digests.help"))
    if not await open_view(call, await _first_view(call, words, named)):
        return await view_failed(call, words, "digests.not_opened")
    return None


async def handle_place(call: Call) -> Reply | None:
    """Somebody was chosen in the modal."""
    await _show(call, *_about(call.value))
    return None


async def handle_span(call: Call) -> Reply | None:
    """Days, weeks or months were chosen in the modal."""
    scope, _ = _about(text_at(call.body, "view", "private_metadata"))
    await _show(call, scope, one_of(Span, call.value))
    return None


async def handle_form(call: Call) -> Reply | None:
    """When a channel's digest comes and what it says, or that it comes no more."""
    scope, span = _about(text_at(call.body, "view", "private_metadata"))
    words = await call.words()
    schedule = _schedule(Form.of(call.body), words)
    kept = await call.act(digests.configure, scope, span, schedule)
    if kept is None:
        return Reply(update=notice_view(words, words.text("digests.stopped")))
    return Reply(update=notice_view(words, words.text("digests.saved", next=words.moment(kept.next_due_at))))


async def handle_open(call: Call) -> Reply | None:
    """The cases behind a figure, for the one who asked: their own App Home."""
    app, team = text_at(call.body, "api_app_id"), text_at(call.body, "team", "id")
    address = f"slack://app?team={team}&amp;id={app}&amp;tab=home"
    page = _BEHIND[one_of(Section, call.value)]
    await call.act(digests.open_home, call.channel_id, page.value, address)
    return None


async def _first_view(call: Call, words: Words, named: str) -> Mapping[str, Any]:
    here = None if named else await call.read(digests.place_here, call.channel_id)
    if here is not None:
        return await _preview(call, words, here, Span.DAY)
    places = await call.read(digests.places, named)
    if not places:
        raise Refused("digests.none_named" if named else "digests.no_place")
    if len(places) > 1:
        return blocks.chooser(words, places)
    return await _preview(call, words, Scope(places[0].purpose, places[0].scope_id), Span.DAY)


async def _show(call: Call, scope: Scope, span: Span) -> None:
    words = await call.words()
    view = await _preview(call, words, scope, span)
    try:
        await call.desk.gateway.update_view(
            text_at(call.body, "view", "id"), view, text_at(call.body, "view", "hash")
        )
    except (SlackFailure, TimeoutError):
        call.count("view_failed")


async def _preview(call: Call, words: Words, scope: Scope, span: Span) -> Mapping[str, Any]:
    shown = await call.read(
        digests.preview, scope, span, now=call.now, calendar=call.desk.calendar, zone=str(words.zone)
    )
    return blocks.preview(words, shown, SECTIONS[scope.purpose])


def _about(pointer: str) -> tuple[Scope, Span]:
    """What a view is about, as `blocks.pointer` wrote it."""
    found = Pointer.parse(pointer)
    purpose, _, scope_id = found.id.partition("-")
    scope = Scope(one_of(ChannelPurpose, purpose), scope_id)
    if scope.purpose not in SECTIONS:
        raise Malformed("no digest of that")
    return scope, one_of(Span, found.detail)


def _schedule(form: Form, words: Words) -> Schedule | None:
    if form.choice(DigestField.COMES) == blocks.NEVER:
        return None
    hour, _, minute = form.choice(DigestField.TIME).partition(":")
    language = form.choice(DigestField.LANGUAGE)
    try:
        return Schedule.model_validate(
            {
                "hour": int(hour),
                "minute": int(minute),
                "zone": form.choice(DigestField.ZONE),
                "weekday": int(form.choice(DigestField.WEEKDAY) or 0),
                "language": "" if language == blocks.AS_CHANNEL else language,
                "sections": form.choices(DigestField.SECTIONS),
                "tell_empty": blocks.TELL in form.choices(DigestField.EMPTY),
                "resumes_on": _day(form, words),
            }
        )
    except (ValueError, ValidationError) as error:
        raise Malformed("no time of day") from error


def _day(form: Form, words: Words) -> date | None:
    text = form.text(DigestField.RESUMES)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadForm({DigestField.RESUMES: words.text("digests.no_day")}) from error
