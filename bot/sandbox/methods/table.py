"""What a Web API method is here: a function of the sandbox and its arguments, with the scope it needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.records import Json
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Method:
    """`scope` is None where none is needed or where it depends on the kind of conversation.

    `form_only`: Slack ignores a JSON body here, as it does in methods that only read.
    """

    run: Callable[[Sandbox, Json], Json]
    scope: str | None = None
    app_token: bool = False
    form_only: bool = False


def required(arguments: Json, name: str) -> Any:
    """An argument that must be there.

    :raises Refusal: invalid_arguments
    """
    value = arguments.get(name)
    if value in (None, ""):
        raise Refusal("invalid_arguments", [f"missing required field: {name}"])
    return value


def flag(arguments: Json, name: str) -> bool:
    """A truth value however it was sent."""
    return str(arguments.get(name, "")).lower() in ("true", "1")


def one_page(items: Sequence[Any], name: str, arguments: Json, default: int) -> Json:
    """One page of a list, with Slack's cursor to the next.

    :raises Refusal: invalid_arguments or invalid_limit
    """
    try:
        start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or default)
    except ValueError:
        raise Refusal("invalid_arguments", ["cursor and limit must be numbers"]) from None
    if limit < 1:
        raise Refusal("invalid_limit")
    end = start + limit
    cursor = str(end) if end < len(items) else ""
    return {"ok": True, name: list(items[start:end]), "response_metadata": {"next_cursor": cursor}}
