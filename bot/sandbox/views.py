"""Open modals and App Homes: opened by a trigger, stacked at most three deep, updated under their hash."""

import secrets
import time
from copy import deepcopy

from bot.sandbox.fanout import FanOut
from bot.sandbox.forms import initial_state, kept_state
from bot.sandbox.limits import Reach, check_view
from bot.sandbox.records import Json, Memory, View
from bot.sandbox.refusal import Refusal
from bot.sandbox.slack_json import page_view
from bot.sandbox.workspace import new_id, with_ids

STACK_LIMIT = 3


def _new_hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"


class Views:
    """Every person's stack of modals, bottom first, and their App Home."""

    def __init__(self, memory: Memory, fanout: FanOut, reach: Reach) -> None:
        self.memory = memory
        self.fanout = fanout
        self.reach = reach
        self.stacks: dict[str, list[View]] = {}

    def stack(self, user: str) -> list[View]:
        """The person's open modals, bottom first."""
        return self.stacks.setdefault(user, [])

    def open(self, user: str, document: Json) -> View:
        """Open a modal at the bottom of a new stack.

        :raises Refusal: invalid_arguments or view_too_large
        """
        check_view(document, self.reach)
        for view in list(self.stack(user)):
            self.close(user, view)
        return self._show(user, document, None)

    def push(self, user: str, document: Json) -> View:
        """Lay a modal on top of the open ones.

        :raises Refusal: not_found (nothing is open), push_limit_reached, invalid_arguments or view_too_large
        """
        check_view(document, self.reach)
        stack = self.stack(user)
        if not stack:
            raise Refusal("not_found")
        if len(stack) >= STACK_LIMIT:
            raise Refusal("push_limit_reached")
        return self._show(user, document, stack[-1])

    def _show(self, user: str, document: Json, below: View | None) -> View:
        view = self._made(user, document)
        view.root_view_id = below.root_view_id if below else view.id
        view.previous_view_id = below.id if below else None
        self.stack(user).append(view)
        self.fanout.tell([user], {"type": "view_opened", "view": page_view(view)})
        return view

    def _made(self, user: str, document: Json) -> View:
        external_id = document.get("external_id") or ""
        if external_id and any(view.external_id == external_id for view in self.all_open()):
            raise Refusal("duplicate_external_id")
        view = View(new_id("V"), user, document["type"], [], "")
        _fill(view, document)
        return view

    def all_open(self) -> list[View]:
        """Every open modal of everybody."""
        return [view for stack in self.stacks.values() for view in stack]

    def find(self, view_id: str) -> View:
        """An open modal or a published home.

        :raises Refusal: not_found
        """
        for view in [*self.all_open(), *self.memory.homes.values()]:
            if view.id == view_id:
                return view
        raise Refusal("not_found")

    def find_external(self, external_id: str) -> View:
        """An open modal by the id that the app gave it.

        :raises Refusal: not_found
        """
        for view in self.all_open():
            if view.external_id == external_id:
                return view
        raise Refusal("not_found")

    def update(self, view: View, document: Json, expected_hash: str | None = None) -> None:
        """Redraw a view in place; what was touched stays typed.

        :raises Refusal: hash_conflict, invalid_arguments or view_too_large
        """
        if expected_hash and expected_hash != view.hash:
            raise Refusal("hash_conflict")
        check_view(document, self.reach)
        if document["type"] != view.type:
            raise Refusal("invalid_arguments", ["the type of a view cannot change [json-pointer:/view/type]"])
        _fill(view, document)
        event = "home" if view.type == "home" else "view_updated"
        self.fanout.tell([view.user], {"type": event, "view": page_view(view)})

    def publish(self, user: str, document: Json, expected_hash: str | None = None) -> View:
        """Draw a person's App Home.

        :raises Refusal: hash_conflict, invalid_arguments or view_too_large
        """
        home = self.memory.homes.get(user)
        if home is None:
            check_view(document, self.reach)
            home = self.memory.homes[user] = View(new_id("V"), user, "home", [], _new_hash())
            home.root_view_id = home.id
            expected_hash = None
        self.update(home, document, expected_hash)
        return home

    def close(self, user: str, view: View) -> None:
        """Take one modal off its stack."""
        self.stack(user).remove(view)
        self.fanout.tell([user], {"type": "view_closed", "view_id": view.id})


def _fill(view: View, document: Json) -> None:
    blocks = with_ids(document["blocks"])
    view.state = kept_state(view.blocks, view.state, blocks) if view.blocks else initial_state(blocks)
    view.blocks = blocks
    view.hash = _new_hash()
    for name in ("title", "submit", "close"):
        setattr(view, name, deepcopy(document.get(name)))
    for name in ("callback_id", "private_metadata", "external_id"):
        setattr(view, name, document.get(name) or "")
    for name in ("notify_on_close", "clear_on_close", "submit_disabled"):
        setattr(view, name, bool(document.get(name)))
