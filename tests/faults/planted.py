"""The bot with one bug planted into it: a fault run must find each of them, or it proves nothing.

`python planted.py BUG` runs the bot as `python -m bot run` does.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import text
from sqlmodel import Session

from bot.cli import command
from bot.messenger import DrawDeliverer
from bot.outbox import NotSent, Outcome
from bot.slack_door import HttpDoor
from bot.webhooks import WebhookDeliverer
from storage.columns import new_id
from storage.engine import Store
from storage.queries import outbox, takedowns
from storage.records.outbox import OutboxRow
from storage.records.takedowns import Takedown

_kept: set[asyncio.Task[Any]] = set()


def acknowledge_before_commit() -> None:
    """Slack gets its 200 at once, and the work is done by a task that nobody waits for."""
    handle = HttpDoor.handle

    async def at_once(self: HttpDoor, request: web.Request) -> web.Response:
        await request.read()

        async def later() -> None:
            await asyncio.sleep(0.5)  # a busy process
            await handle(self, request)

        task = asyncio.create_task(later())
        _kept.add(task)
        return web.Response()

    HttpDoor.handle = at_once  # type: ignore[method-assign]  # the bug


async def _never_there(_self: object, _row: OutboxRow) -> Outcome:
    return NotSent()


def repeat_webhooks_blindly() -> None:
    """A webhook whose answer was lost is sent again without a look."""
    WebhookDeliverer.look_up = _never_there  # type: ignore[assignment, method-assign]  # the bug


def repeat_cards_blindly() -> None:
    """A message whose answer was lost is posted again without a look."""
    DrawDeliverer.look_up = _never_there  # type: ignore[assignment, method-assign]  # the bug


def new_key_for_each_attempt() -> None:
    """The receiver cannot tell a repeated takedown from another one."""
    post = WebhookDeliverer._post

    async def under_a_new_key(self: WebhookDeliverer, row: OutboxRow, body: bytes) -> Outcome:
        another = OutboxRow(**row.model_dump() | {"payload": row.payload | {"id": new_id()}})
        return await post(self, another, body)

    WebhookDeliverer._post = under_a_new_key  # type: ignore[method-assign]  # the bug


def no_unique_takedown() -> None:
    """Nothing keeps two takedowns of one listing apart."""
    migrate = Store.migrate

    def migrate_and_forget(self: Store) -> None:
        migrate(self)
        self.run_sync(
            lambda session: session.connection().execute(text("DROP INDEX IF EXISTS uq_takedown_open"))
        )

    def insert_another(session: Session, row: Mapping[str, Any]) -> bool:
        session.add(Takedown(**row))
        session.flush()
        return True

    def insert_others(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
        return {row["id"] for row in rows if insert_another(session, row)}

    takedowns.insert_open = insert_another  # the bug
    takedowns.insert_all_open = insert_others  # the bug
    Store.migrate = migrate_and_forget  # type: ignore[method-assign]  # the bug


def decide_first_and_tell_later() -> None:
    """What a decision has to send is written down after it was committed, in a transaction of its own."""
    enqueue, run = outbox.enqueue, Store.run

    def remember(session: Any, **row: Any) -> None:
        session.info.setdefault("told later", []).append(row)

    async def run_and_tell(self: Store, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        said: list[dict[str, Any]] = []

        def decide(session: Any, *inner: Any, **more: Any) -> Any:
            result = use_case(session, *inner, **more)
            said.extend(session.info.pop("told later", []))
            return result

        result = await run(self, decide, *args, **kwargs)
        if said:
            await asyncio.sleep(1.0)  # a busy process
            await run(self, _tell, enqueue, said)
        return result

    outbox.enqueue = remember  # the bug
    Store.run = run_and_tell  # type: ignore[assignment, method-assign]  # the bug


def _tell(session: Any, enqueue: Callable[..., None], said: list[dict[str, Any]]) -> None:
    for row in said:
        enqueue(session, **row)


# Each bug with the invariant by which it has to be found.
BUGS: dict[str, tuple[Callable[[], None], str]] = {
    bug.__name__: (bug, invariant)
    for bug, invariant in (
        (acknowledge_before_commit, "I1"),
        (repeat_webhooks_blindly, "I6"),
        (repeat_cards_blindly, "I12"),
        (new_key_for_each_attempt, "I6"),
        (no_unique_takedown, "I2"),
        (decide_first_and_tell_later, "I3"),
    )
}

if __name__ == "__main__":
    BUGS[sys.argv[1]][0]()
    sys.exit(command(["run"], os.environ))
