"""Finds elements in Block Kit and keeps what a person typed into them, as Slack's own client does."""

from collections.abc import Iterator

from bot.sandbox.records import Json

State = dict[str, dict[str, Json]]

VALUE_FIELD = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
    "rich_text_input": "rich_text_value",
}
INITIAL_FIELD = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "rich_text_value": "initial_value",
    "files": "initial_files",
}
REQUIRED = "Please complete this required field."


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every (block, element) that a person can act on, in reading order."""
    for block in blocks:
        candidates = [block.get("element"), block.get("accessory")]
        if block.get("type") in ("actions", "context_actions"):
            candidates += block.get("elements", [])
        for element in candidates:
            if isinstance(element, dict) and element.get("type") != "image":
                yield block, element


def find_element(blocks: list[Json], block_id: str, action_id: str) -> Json | None:
    """The element with these ids, None where there is none."""
    for block, element in elements(blocks):
        if block.get("block_id") == block_id and element.get("action_id") == action_id:
            return element
    return None


def initial_state(blocks: list[Json]) -> State:
    """What a view's state is before anyone touches it."""
    state: State = {}
    for block, element in elements(blocks):
        name = VALUE_FIELD.get(element["type"])
        if name is None:
            continue
        empty: list[Json] | None = [] if name in ("selected_options", "files") else None
        value = element.get(INITIAL_FIELD[name], empty)
        state.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], name: value}
    return state


def merged_state(blocks: list[Json], typed: State) -> State:
    """The initial state with what was typed laid over it; entries without an element are dropped."""
    state = initial_state(blocks)
    for block_id, entries in state.items():
        for action_id, entry in entries.items():
            given = typed.get(block_id, {}).get(action_id)
            name = VALUE_FIELD[entry["type"]]
            if given is not None and name in given:
                entry[name] = given[name] if given[name] != "" else None
    return state


def kept_state(old: list[Json], typed: State, new: list[Json]) -> State:
    """The state after an update: what was touched stays where both ids and the type stayed the same."""
    before = initial_state(old)
    touched = {
        block_id: {
            action: entry
            for action, entry in entries.items()
            if before.get(block_id, {}).get(action) != entry
        }
        for block_id, entries in typed.items()
    }
    fresh = initial_state(new)
    same_type = {
        block_id: {
            action: entry
            for action, entry in entries.items()
            if fresh.get(block_id, {}).get(action, {}).get("type") == entry.get("type")
        }
        for block_id, entries in touched.items()
    }
    return merged_state(new, same_type)


def submission_errors(blocks: list[Json], state: State) -> dict[str, str]:
    """What Slack's client checks before it sends a form: required fields and lengths, by block id."""
    errors: dict[str, str] = {}
    for block, element in elements(blocks):
        if block["type"] != "input":
            continue
        entry = state.get(block["block_id"], {}).get(element["action_id"], {})
        value = entry.get(VALUE_FIELD[element["type"]])
        if value in (None, [], ""):
            if not block.get("optional"):
                errors[block["block_id"]] = REQUIRED
        elif sentence := _content_error(element, value):
            errors[block["block_id"]] = sentence
    return errors


def _content_error(element: Json, value: object) -> str | None:
    kind = element["type"]
    text = str(value)
    if kind == "plain_text_input":
        low, high = element.get("min_length", 0), element.get("max_length", 3000)
        if not low <= len(text) <= high:
            return f"This takes between {low} and {high} characters."
    if kind == "email_text_input" and "@" not in text.strip("@"):
        return "Please enter a valid email address."
    if kind == "url_text_input" and "://" not in text:
        return "Please enter a valid URL."
    if kind == "number_input":
        return _number_error(element, text)
    if kind == "file_input" and isinstance(value, list):
        return _files_error(element, value)
    return None


def _files_error(element: Json, files: list[Json]) -> str | None:
    most, wanted = element.get("max_files", 10), element.get("filetypes")
    if len(files) > most:
        return f"Please add no more than {most} files."
    endings = {str(file["name"]).rpartition(".")[2].lower() for file in files}
    if wanted and not endings <= {str(each).lower() for each in wanted}:
        return f"Please add files of these types: {', '.join(wanted)}."
    return None


def _number_error(element: Json, text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and "." in text:
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if (low is not None and number < float(low)) or (high is not None and number > float(high)):
        return "This number is out of range."
    return None
