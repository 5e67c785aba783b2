"""Fetching the files that people add to a form, while the form waits: what fails is said on its field.

Slack waits three seconds for the answer to a form. What was fetched by then is kept, so that sending the form
again goes on where it stopped; nothing that was typed or added is lost.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.enforcement.evidence import Fetched
from bot.gateway import SlackFailure, SlackRefused
from bot.words.text import plain
from handlers.guard import BadForm, Call
from handlers.payloads import text_at

FETCH_SECONDS = 1.8
_TITLE = 200


class Unfetched(Exception):
    """A file that cannot be taken; `key` says why."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True)
class Shelf:
    """Where the files of a form go: `missing(session, actor, *subject, file_ids, now=)` says which are not
    here, `keep(session, actor, *subject, files, now=)` keeps them, `type_of` says what bytes are, or None for
    what is not taken. `key` gives the sentence for why.
    """

    missing: Callable[..., list[str]]
    keep: Callable[..., None]
    type_of: Callable[[bytes], str | None]
    key: Callable[[str], str]


async def fetch_files(
    call: Call, shelf: Shelf, *subject: str | int, file_ids: Sequence[str], field: str
) -> None:
    """Have these files here, or raise BadForm with what is wrong with the first that is not, on `field`."""
    if not file_ids:
        return
    wanted = await call.read(shelf.missing, *subject, file_ids, now=call.now)
    tasks = [asyncio.create_task(_fetch(call, shelf, each)) for each in wanted]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=FETCH_SECONDS)
        for each in late:
            each.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        here = [each for each in found if isinstance(each, Fetched)]
        if here:
            await call.desk.store.run(shelf.keep, call.actor, *subject, here, now=call.now, urgent=True)
        wrong = next((each for each in found if isinstance(each, BaseException)), None)
        if wrong is not None:
            raise BadForm({field: await _sentence(call, shelf, wrong, len(late))}) from wrong


async def _fetch(call: Call, shelf: Shelf, file_id: str) -> Fetched:
    most = call.desk.largest_evidence
    try:
        info = await call.desk.gateway.file(file_id)
        title = plain(text_at(info, "title") or text_at(info, "name") or file_id, _TITLE)
        if text_at(info, "user") != call.actor.user_id:  # the bot may read more than the person who asks
            raise Unfetched("file_gone")
        size = info.get("size")
        if isinstance(size, int) and size > most:
            raise Unfetched("too_large", title=title, size=most // 1_000_000)
        content = await call.desk.gateway.download(text_at(info, "url_private"), most)
    except SlackRefused as refused:
        raise Unfetched("file_gone") from refused
    except SlackFailure as failure:
        raise Unfetched("fetch_again") from failure
    if len(content) > most:
        raise Unfetched("too_large", title=title, size=most // 1_000_000)
    media_type = shelf.type_of(content)
    if media_type is None:
        raise Unfetched("wrong_kind", title=title)
    return Fetched(file_id, title, media_type, content)


async def _sentence(call: Call, shelf: Shelf, wrong: BaseException, late: int) -> str:
    words = await call.words()
    if isinstance(wrong, Unfetched) and wrong.key != "fetch_again":
        return words.text(shelf.key(wrong.key), **wrong.values)
    return words.count(shelf.key("fetch_again"), max(late, 1))
