"""`/service`: the way through the pages of service levels, the chart, and who is in which fast lane."""

from collections.abc import Mapping

from sqlmodel import Session

from bot.enforcement import approvals, service_levels
from bot.enforcement.access import Actor, Operation, Subject, authorize
from bot.enforcement.approvals import ActName
from bot.enforcement.digest_calendar import local_day
from bot.gateway import SlackFailure
from handlers.blocks import service_lanes as lane_blocks
from handlers.blocks import service_levels as blocks
from handlers.blocks.parts import Block
from handlers.blocks.service_levels import NOWHERE
from handlers.guard import Call, Reply, notice_view
from handlers.payloads import Form, Malformed, Pointer, one_of, text_at
from handlers.slack.office import on_field, redraw
from handlers.slack.views import open_view, view_failed
from storage.queries import service_levels as queries
from storage.records.calendars import Span
from storage.records.service_figures import Asked, Cut, Topic
from storage.records.service_levels import FastLane

_FURTHEST = 4  # digits of a page's number or of how far back


async def handle_service(call: Call) -> Reply | None:
    """The command: this month, for the channel in which it was typed."""
    words = await call.words()
    if text_at(call.body, "text").strip().lower() == "help":
        return Reply(text=words.text("service.help"))
    if not await open_view(call, await _view(call, Asked(), call.channel_id)):
        return await view_failed(call, words, "service.not_opened")
    return None


async def handle_open(call: Call) -> Reply | None:
    """The button in App Home: the same, in no channel."""
    if not await open_view(call, await _view(call, Asked(), "")):
        return await view_failed(call, await call.words(), "service.not_opened")
    return None


async def handle_go(call: Call) -> Reply | None:
    """Any control of a page: it carries where it leads."""
    await redraw(call, await _view(call, _asked(call.value), _channel(call)))
    return None


async def handle_post_chart(call: Call) -> Reply | None:
    """The chart of this channel's own figures, into this channel."""
    zone = call.desk.calendar.zone
    await call.act(service_levels.post_chart, _channel(call), _asked(call.value), zone=zone)
    return None


async def handle_change_lane(call: Call) -> None:
    """Who is to be put into a lane, or taken out."""
    await _push(call, lane_blocks.lane_form(await call.words(), await call.read(_lanes)))


async def handle_change_terms(call: Call) -> None:
    """What a lane is to promise."""
    await _push(call, lane_blocks.terms_form(await call.words(), await call.read(_lanes)))


async def handle_lane_form(call: Call) -> Reply | None:
    """Two administrators decide; this asks them."""
    form = Form.of(call.body)
    change = form.choice("change")
    if change not in (lane_blocks.JOIN, lane_blocks.LEAVE):
        raise Malformed("neither in nor out")
    name = ActName.JOIN_LANE if change == lane_blocks.JOIN else ActName.LEAVE_LANE
    lane = await _lane_of(call, form)
    given = {"holder_id": form.choice("holder"), "lane": lane.id, "lane_name": lane.name}
    keys = ("service.lane_member", "service.lane_stranger")
    fields = {**dict.fromkeys(keys, "holder"), **dict.fromkeys(lane_blocks.CANNOT_ASK, "lane")}
    return await _ask(call, name, given, fields)


async def handle_terms_form(call: Call) -> Reply | None:
    """Two administrators decide this too."""
    form = Form.of(call.body)
    lane = await _lane_of(call, form)
    given = {"lane": lane.id, "lane_name": lane.name}
    given |= {name: form.text(name) for name in ("hours", "percent")}
    fields = {
        "service.lane_bad_hours": "hours",
        "service.lane_bad_percent": "percent",
        "service.lane_same": "hours",
        **dict.fromkeys(lane_blocks.CANNOT_ASK, "lane"),
    }
    return await _ask(call, ActName.CHANGE_LANE, given, fields)


async def _ask(call: Call, name: ActName, given: Mapping[str, str], fields: Mapping[str, str]) -> Reply:
    await on_field(call, call.act(approvals.ask, name, given), fields)
    words = await call.words()
    return Reply(update=notice_view(words, words.text("service.lane_asked")))


async def _push(call: Call, view: Block) -> None:
    try:
        await call.desk.gateway.push_view(call.trigger_id, view)
    except (SlackFailure, TimeoutError):
        call.count("view_failed")


async def _lane_of(call: Call, form: Form) -> FastLane:
    lane = next((each for each in await call.read(_lanes) if each.id == form.choice("lane")), None)
    if lane is None:
        raise Malformed("no such lane")
    return lane


async def _view(call: Call, asked: Asked, channel_id: str) -> Block:
    calendar = call.desk.calendar
    shown = await call.read(
        service_levels.show,
        asked,
        channel_id,
        now=call.now,
        calendar=calendar,
        target=call.desk.service_percent,
    )
    return blocks.view(await call.words(), shown, local_day(call.now, calendar.zone))


def _lanes(session: Session, actor: Actor) -> list[FastLane]:
    authorize(session, actor, Operation.PROPOSE_LANE, Subject("fast_lane"))
    return list(queries.lanes(session))


def _channel(call: Call) -> str:
    channel_id = text_at(call.body, "view", "private_metadata").partition("|")[0]
    return "" if channel_id == NOWHERE else channel_id


def _asked(value: str) -> Asked:
    """What a control asks for; raises `Malformed` for what no control carries."""
    pointer = Pointer.parse(value)
    parts = pointer.detail.split("-")
    if len(parts) != 4 or not all(part.isdecimal() and len(part) <= _FURTHEST for part in parts[2:]):
        raise Malformed("no such page")
    span, cut, back, page = parts
    return Asked(one_of(Topic, pointer.id), one_of(Span, span), one_of(Cut, cut), int(back), int(page))
