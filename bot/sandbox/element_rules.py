"""The limits of Block Kit's elements and text objects (docs.slack.dev/reference/block-kit), as one table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.records import Json

PICK = {"placeholder": 150}
TYPED = ("focus_on_load", "dispatch_action_config")
WHERE_SELECT = frozenset({"section", "actions", "input"})


@dataclass(frozen=True)
class Shape:
    """What an object may carry: texts and strings with their longest length, lists with their bounds."""

    texts: Mapping[str, int] = field(default_factory=dict)
    strings: Mapping[str, int] = field(default_factory=dict)
    lists: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    homes: frozenset[str] = frozenset()

    def names(self) -> set[str]:
        """Every field that Slack knows here."""
        return {"type", *self.texts, *self.strings, *self.lists, *self.others}


def _select(*others: str, options: bool = False, many: bool = False) -> Shape:
    return Shape(
        texts=PICK,
        strings={"action_id": 255},
        lists={"options": (1, 100), "option_groups": (1, 100)} if options else {},
        others=("confirm", "focus_on_load", *(("max_selected_items",) if many else ()), *others),
        homes=WHERE_SELECT,
    )


ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        {"text": 75},
        {"action_id": 255, "value": 2000, "url": 3000, "accessibility_label": 75, "style": 10},
        others=("confirm",),
        required=("text",),
        homes=frozenset({"section", "actions"}),
    ),
    "overflow": Shape(
        strings={"action_id": 255},
        lists={"options": (1, 5)},
        others=("confirm",),
        required=("options",),
        homes=frozenset({"section", "actions"}),
    ),
    "checkboxes": Shape(
        strings={"action_id": 255},
        lists={"options": (1, 10)},
        others=("initial_options", "confirm", "focus_on_load"),
        required=("options",),
        homes=WHERE_SELECT,
    ),
    "radio_buttons": Shape(
        strings={"action_id": 255},
        lists={"options": (1, 10)},
        others=("initial_option", "confirm", "focus_on_load"),
        required=("options",),
        homes=WHERE_SELECT,
    ),
    "static_select": _select("initial_option", options=True),
    "external_select": _select("initial_option", "min_query_length"),
    "users_select": _select("initial_user"),
    "conversations_select": _select(
        "initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"
    ),
    "channels_select": _select("initial_channel", "response_url_enabled"),
    "multi_static_select": _select("initial_options", options=True, many=True),
    "multi_external_select": _select("initial_options", "min_query_length", many=True),
    "multi_users_select": _select("initial_users", many=True),
    "multi_conversations_select": _select(
        "initial_conversations", "default_to_current_conversation", "filter", many=True
    ),
    "multi_channels_select": _select("initial_channels", many=True),
    "datepicker": _select("initial_date"),
    "timepicker": _select("initial_time", "timezone"),
    "datetimepicker": Shape(
        strings={"action_id": 255},
        others=("initial_date_time", "confirm", "focus_on_load"),
        homes=frozenset({"actions", "input"}),
    ),
    "plain_text_input": Shape(
        PICK,
        {"action_id": 255, "initial_value": 3000},
        others=(*TYPED, "multiline", "min_length", "max_length"),
        homes=frozenset({"input"}),
    ),
    "email_text_input": Shape(
        PICK, {"action_id": 255, "initial_value": 3000}, others=TYPED, homes=frozenset({"input"})
    ),
    "url_text_input": Shape(
        PICK, {"action_id": 255, "initial_value": 3000}, others=TYPED, homes=frozenset({"input"})
    ),
    "number_input": Shape(
        PICK,
        {"action_id": 255, "initial_value": 3000},
        others=(*TYPED, "is_decimal_allowed", "min_value", "max_value"),
        required=("is_decimal_allowed",),
        homes=frozenset({"input"}),
    ),
    "rich_text_input": Shape(
        PICK, {"action_id": 255}, others=(*TYPED, "initial_value"), homes=frozenset({"input"})
    ),
    "file_input": Shape(
        strings={"action_id": 255}, others=("filetypes", "max_files"), homes=frozenset({"input"})
    ),
    "image": Shape(
        strings={"image_url": 3000, "alt_text": 2000},
        others=("slack_file",),
        required=("alt_text",),
        homes=frozenset({"section", "context"}),
    ),
}
CONFIRM = Shape(
    {"title": 100, "text": 300, "confirm": 30, "deny": 30},
    {"style": 10},
    required=("title", "text", "confirm", "deny"),
)
OPTION = Shape({"text": 75, "description": 75}, {"value": 150, "url": 3000}, required=("text", "value"))
GROUP = Shape({"label": 75}, lists={"options": (1, 100)}, required=("label", "options"))
PLAIN_ONLY = frozenset({"title", "confirm", "deny", "placeholder", "label", "hint", "submit", "close"})


class Findings:
    """Collects what is wrong, each line naming the place by a JSON pointer as Slack does."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, pointer: str, sentence: str) -> None:
        """One more fault."""
        self.lines.append(f"{sentence} [json-pointer:{pointer}]")

    def text(self, value: Any, pointer: str, limit: int, *, plain: bool = False) -> None:
        """A text object: its type, and a length between 1 and `limit`."""
        if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
            self.add(pointer, "must be a text object")
            return
        if plain and value["type"] != "plain_text":
            self.add(f"{pointer}/type", "must be plain_text")
        for name in value.keys() - {"type", "text", "emoji", "verbatim"}:
            self.add(pointer, f"invalid additional property: {name}")
        self.length(value.get("text"), f"{pointer}/text", limit)

    def length(self, value: Any, pointer: str, limit: int) -> None:
        """A string between 1 and `limit` characters."""
        if not isinstance(value, str):
            self.add(pointer, "must be a string")
        elif not value:
            self.add(pointer, "must be more than 0 characters")
        elif len(value) > limit:
            self.add(pointer, f"must be less than {limit + 1} characters")

    def items(self, value: Any, pointer: str, bounds: tuple[int, int]) -> list[Any]:
        """A list within its bounds; gives back what can be looked at further."""
        low, high = bounds
        if not isinstance(value, list):
            self.add(pointer, "must be an array")
            return []
        if len(value) < low:
            self.add(pointer, f"no fewer than {low} items allowed")
        if len(value) > high:
            self.add(pointer, f"no more than {high} items allowed")
        return [item if isinstance(item, dict | list) else {"type": item} for item in value]

    def shape(self, value: Json, pointer: str, shape: Shape) -> None:
        """Everything that the table says about one object."""
        for name in shape.required:
            if name not in value:
                self.add(pointer, f"missing required field: {name}")
        for name in value.keys() - shape.names() - {"block_id"}:
            self.add(pointer, f"invalid additional property: {name}")
        for name, limit in shape.texts.items():
            if name in value:
                plain = name in PLAIN_ONLY or value.get("type") in ("button", "header")
                self.text(value[name], f"{pointer}/{name}", limit, plain=plain)
        for name, limit in shape.strings.items():
            if name in value:
                self.length(value[name], f"{pointer}/{name}", limit)
        for name, bounds in shape.lists.items():
            if name in value:
                self.items(value[name], f"{pointer}/{name}", bounds)


def check_element(findings: Findings, element: Any, pointer: str, home: str) -> None:
    """One element inside a block of type `home`."""
    kind = element.get("type") if isinstance(element, dict) else None
    shape = ELEMENTS.get(str(kind))
    if shape is None or home not in shape.homes:
        findings.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    findings.shape(element, pointer, shape)
    if "confirm" in element:
        findings.shape(element["confirm"], f"{pointer}/confirm", CONFIRM)
    if kind == "image" and ("image_url" in element) == ("slack_file" in element):
        findings.add(pointer, "must have exactly one of image_url, slack_file")
    if element.get("style") not in (None, "primary", "danger"):
        findings.add(f"{pointer}/style", "must be primary or danger")
    _check_options(findings, element, pointer)


def _check_options(findings: Findings, element: Json, pointer: str) -> None:
    if "static_select" in element["type"] and ("options" in element) == ("option_groups" in element):
        findings.add(pointer, "must have exactly one of options, option_groups")
    groups = [group for group in element.get("option_groups") or [] if isinstance(group, dict)]
    for number, group in enumerate(groups):
        findings.shape(group, f"{pointer}/option_groups/{number}", GROUP)
    options = list(element.get("options") or [])
    for group in groups:
        options += group.get("options") or []
    for number, option in enumerate(options):
        findings.shape(option, f"{pointer}/options/{number}", OPTION)
    if "external" in element["type"]:
        return
    initial = list(element.get("initial_options") or [])
    initial += [element["initial_option"]] if "initial_option" in element else []
    if any(option not in options for option in initial):
        findings.add(pointer, "initial option must match one of the options")
    values = [option.get("value") for option in options if isinstance(option, dict)]
    if len(values) != len(set(values)):
        findings.add(f"{pointer}/options", "option values must be unique")
