"""Asking for a change of who is in a fast lane, or of what a lane promises."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import plain as one_line
from handlers.blocks.office import select
from handlers.blocks.parts import Block, context, field, modal, option
from handlers.blocks.register_forms import holder_select
from handlers.ids import ServiceId
from storage.records.service_levels import FastLane

JOIN, LEAVE = "join", "leave"
MOST_HOURS = 240
CANNOT_ASK = ("approvals.nobody_else", "approvals.asked_already")


def lane_form(words: Words, lanes: Sequence[FastLane]) -> Block:
    """Which rights holder, which lane, in or out."""
    offered = [option(one_line(lane.name, 75), lane.id) for lane in lanes]
    changes = [option(words.text("service.lane_join"), JOIN), option(words.text("service.lane_leave"), LEAVE)]
    return modal(
        words,
        words.text("service.lane_title"),
        [
            field("lane", words.text("service.lane_label"), select(offered)),
            field("holder", words.text("service.lane_holder"), holder_select(words)),
            field("change", words.text("service.lane_change"), select(changes, JOIN)),
            context(words.text("service.lane_two")),
        ],
        callback_id=ServiceId.LANE_FORM,
        submit=words.text("service.lane_ask"),
    )


def terms_form(words: Words, lanes: Sequence[FastLane]) -> Block:
    """Which lane, within how many hours, for how many of a hundred."""
    offered = [option(one_line(lane.name, 75), lane.id) for lane in lanes]
    return modal(
        words,
        words.text("service.lane_title"),
        [
            field("lane", words.text("service.lane_label"), select(offered)),
            field("hours", words.text("service.lane_hours"), _number("hours", MOST_HOURS)),
            field("percent", words.text("service.lane_percent"), _number("percent", 100)),
            context(words.text("service.lane_two")),
        ],
        callback_id=ServiceId.TERMS_FORM,
        submit=words.text("service.lane_ask"),
    )


def _number(action_id: str, most: int) -> Block:
    return {
        "type": "number_input",
        "action_id": action_id,
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(most),
    }
