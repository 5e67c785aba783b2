"""Blocks, messages and views beyond Slack's limits are refused, each fault with the place it is at."""

from typing import Any

import pytest

from bot.sandbox.limits import Reach, check_blocks, check_message, check_view
from bot.sandbox.refusal import Refusal

Json = dict[str, Any]


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def section(text: str = "x", **more: Any) -> Json:
    """A section with formatted text."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def actions(*elements: Json) -> Json:
    """A row of elements."""
    return {"type": "actions", "elements": list(elements)}


def button(**changes: Any) -> Json:
    """A button."""
    return {"type": "button", "text": plain("Yes"), "action_id": "yes", **changes}


def select(count: int, **changes: Any) -> Json:
    """A select with so many options."""
    options = [{"text": plain("x"), "value": str(number)} for number in range(count)]
    return {"type": "static_select", "action_id": "pick", "options": options, **changes}


def question(**element: Any) -> Json:
    """An input block."""
    return {"type": "input", "label": plain("What"), "element": {"action_id": "a", **element}}


CONFIRM = {"title": plain("Sure?"), "text": plain("Sure?"), "confirm": plain("Yes"), "deny": plain("No")}
REACH = Reach({"unreachable.example"}, lambda file: file == {"id": "F1"})
TAKEN = [
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a shoe"},
    section("x" * 3000),
    section(fields=[plain("x")] * 10),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "context", "elements": [plain("x")] * 10},
    {"type": "image", "image_url": "https://a.example/p.jpg", "alt_text": "a shoe"},
    actions(*[button(action_id=str(number)) for number in range(25)]),
    actions(button(confirm=CONFIRM, style="danger", value="x" * 2000)),
    actions(select(100)),
    section(accessory={"type": "overflow", "action_id": "o", "options": select(5)["options"]}),
    question(type="plain_text_input", multiline=True, max_length=3000),
    question(type="checkboxes", options=select(10)["options"]),
]
REFUSED = [
    (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "section"}, "must have at least one of text, fields [json-pointer:/blocks/0]"),
    (section(fields=[plain("x")] * 11), "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    (
        section(fields=[plain("x" * 2001)]),
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    (section(colour="red"), "invalid additional property: colour [json-pointer:/blocks/0]"),
    (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    ({"type": "poster"}, "unsupported type: poster [json-pointer:/blocks/0/type]"),
    ({"type": "alert", "text": plain("x")}, "unsupported type: alert [json-pointer:/blocks/0/type]"),
    (
        {"type": "image", "image_url": "https://unreachable.example/p.jpg", "alt_text": "a"},
        "downloading image failed [json-pointer:/blocks/0/image_url]",
    ),
    (
        section(accessory={"type": "image", "slack_file": {"id": "F2"}, "alt_text": "a"}),
        "invalid slack file [json-pointer:/blocks/0/accessory/slack_file]",
    ),
    (
        {"type": "image", "alt_text": "a"},
        "must have exactly one of image_url, slack_file [json-pointer:/blocks/0]",
    ),
    (actions(), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    (
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        actions(button(value="x" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (actions(button(style="loud")), "must be primary or danger [json-pointer:/blocks/0/elements/0/style]"),
    (actions(button(), button()), 'action_id "yes" already exists [json-pointer:/blocks/0]'),
    (actions(select(101)), "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    (
        actions(select(2, initial_option={"text": plain("y"), "value": "0"})),
        "initial option must match one of the options [json-pointer:/blocks/0/elements/0]",
    ),
    (
        actions({"type": "plain_text_input", "action_id": "a"}),
        "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
    ),
    (
        actions(button(confirm={**CONFIRM, "text": plain("x" * 301)})),
        "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
    ),
    (question(type="file_input"), "unsupported type: file_input [json-pointer:/blocks/0/element/type]"),
]


@pytest.mark.parametrize("block", TAKEN)
def test_blocks_at_their_limits_are_taken(block: Json) -> None:
    assert check_blocks([block], "message", REACH) == []


@pytest.mark.parametrize(("block", "line"), REFUSED)
def test_blocks_beyond_their_limits_are_named(block: Json, line: str) -> None:
    assert check_blocks([block], "message", REACH) == [line]


def test_a_message_has_at_most_fifty_blocks_and_a_view_a_hundred() -> None:
    assert check_blocks([section()] * 50, "message", REACH) == []
    assert check_blocks([section()] * 51, "message", REACH) == [
        "no more than 50 items allowed [json-pointer:/blocks]"
    ]
    assert check_blocks([section()] * 100, "modal", REACH) == []


def test_a_block_id_stands_once() -> None:
    blocks = [section(block_id="a"), section(block_id="a")]
    assert check_blocks(blocks, "message", REACH) == ['block_id "a" already exists [json-pointer:/blocks]']


def test_a_message_needs_text_or_blocks() -> None:
    with pytest.raises(Refusal, match="no_text"):
        check_message("", None, None, REACH)


def modal(**changes: Any) -> Json:
    """A small modal."""
    return {"type": "modal", "title": plain("Trial"), "blocks": [section()], **changes}


@pytest.mark.parametrize(
    ("view", "line"),
    [
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (
            modal(blocks=[question(type="plain_text_input")]),
            "missing required field: submit [json-pointer:/view]",
        ),
        (
            modal(private_metadata="x" * 3001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (modal(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (
            {"type": "home", "blocks": [], "title": plain("x")},
            "invalid additional property: title [json-pointer:/view]",
        ),
    ],
)
def test_a_view_beyond_its_limits_is_refused(view: Json, line: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_view(view, REACH)
    assert (caught.value.code, caught.value.messages) == ("invalid_arguments", [line])


def test_a_view_has_at_most_250_kilobytes() -> None:
    with pytest.raises(Refusal, match="view_too_large"):
        check_view(modal(blocks=[section("x" * 3000)] * 90), REACH)
