"""Asking for a change of who is in a fast lane."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import plain as one_line
from handlers.blocks.office import select
from handlers.blocks.parts import Block, context, field, modal, option
from handlers.blocks.register_forms import holder_select
from handlers.ids import ServiceId
from storage.records.service_levels import FastLane

JOIN, LEAVE = "join", "leave"
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
