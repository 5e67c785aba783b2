"""Typed reading of what Slack sends: pointers in buttons, values in forms. Tolerant of other releases.

A pointer says what a click is about; it gives no right to it. `private_metadata` is a pointer too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_PERSON = re.compile(r"[UW][0-9A-Z]{2,32}")
_CHANNEL = re.compile(r"[CDG][0-9A-Z]{2,32}")
_FILE = re.compile(r"F[0-9A-Z]{2,32}")
_LONGEST = 20_000  # characters of one typed value; Slack's own limit is 3,000


class Malformed(Exception):
    """A payload without the parts that Slack always sends, or with a pointer that is none."""


@dataclass(frozen=True)
class Pointer:
    """What a button, an option or a view is about: an id and an optional detail, such as a round or page."""

    id: str
    detail: str = ""

    def __str__(self) -> str:
        """As it travels: `id` or `id:detail`."""
        return f"{self.id}:{self.detail}" if self.detail else self.id

    @classmethod
    def parse(cls, text: object) -> "Pointer":
        """Read one back; raises `Malformed` for anything else."""
        if not isinstance(text, str):
            raise Malformed("no pointer")
        found, _, detail = text.partition(":")
        if not _ID.fullmatch(found) or (detail and not _ID.fullmatch(detail)):
            raise Malformed("no pointer")
        return cls(found, detail)


def part_of(detail: str) -> tuple[str, int]:
    """An id, and the number of the page after a dash: `01J...-2`."""
    found, _, number = detail.partition("-")
    return found, number_of(number)


def number_of(text: str) -> int:
    """The number of a page; the first where it is none."""
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def one_of(kind: type[E], value: str) -> E:
    """The member of a vocabulary that a form sent; raises `Malformed` for a value that no form offers."""
    try:
        return kind(value)
    except ValueError as error:
        raise Malformed(f"no such {kind.__name__}") from error


def part(body: object, *path: str) -> Any:
    """A nested member of a payload, or None where any step is missing or of another shape."""
    for step in path:
        if not isinstance(body, Mapping):
            return None
        body = body.get(step)
    return body


def text_at(body: object, *path: str) -> str:
    """A nested string, or an empty one; without NUL, which no database keeps and nobody means."""
    found = part(body, *path)
    return found.replace("\0", "") if isinstance(found, str) else ""


def _slack_id(shape: re.Pattern[str], value: str) -> str:
    if not shape.fullmatch(value):
        raise Malformed("nothing was picked")
    return value


@dataclass(frozen=True)
class Form:
    """The values of a view: one element per block id, whatever its action id."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Form":
        """The form of a view submission or of a click inside a view."""
        found = part(body, "view", "state", "values")
        return cls(found if isinstance(found, Mapping) else {})

    def _element(self, block: str) -> Mapping[str, Any]:
        held = self.values.get(block)
        if isinstance(held, Mapping):
            for element in held.values():
                if isinstance(element, Mapping):
                    return element
        return {}

    def text(self, block: str) -> str:
        """What was typed or picked as text (also dates, times, numbers), stripped; empty when nothing was."""
        element = self._element(block)
        for name in ("value", "selected_date", "selected_time"):
            if isinstance(element.get(name), str):
                return text_at(element, name)[:_LONGEST].strip()
        return ""

    def choice(self, block: str) -> str:
        """The value of the option picked in a select or among radio buttons."""
        return text_at(self._element(block), "selected_option", "value")

    def choices(self, block: str) -> list[str]:
        """The values of all options ticked or picked."""
        options = self._element(block).get("selected_options")
        return [text_at(option, "value") for option in options] if isinstance(options, list) else []

    def files(self, block: str) -> list[str]:
        """The Slack ids of the files that were added, each once."""
        files = self._element(block).get("files")
        found = [text_at(each, "id") for each in files] if isinstance(files, list) else []
        return [_slack_id(_FILE, each) for each in dict.fromkeys(found)]

    def user(self, block: str) -> str:
        """The picked person's Slack id; raises `Malformed` where no person was picked."""
        return _slack_id(_PERSON, text_at(self._element(block), "selected_user"))

    def user_or_nobody(self, block: str) -> str:
        """The same where nobody need be picked: then it is empty."""
        return self.user(block) if text_at(self._element(block), "selected_user") else ""

    def channel(self, block: str) -> str:
        """The picked conversation's or channel's Slack id; raises `Malformed` where none was picked."""
        element = self._element(block)
        found = text_at(element, "selected_conversation") or text_at(element, "selected_channel")
        return _slack_id(_CHANNEL, found)
