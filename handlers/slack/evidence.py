"""Fetching the files that people add to a form, while the form waits: what fails is said on its field.

Slack waits three seconds for the answer to a form. What was fetched by then is kept, so that sending the form
again goes on where it stopped; nothing that was typed or added is lost.
"""

import asyncio
from collections.abc import Sequence

from bot.enforcement import evidence
from bot.enforcement.evidence import FILES, Fetched
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


async def fetch_files(call: Call, counter_id: str, round_: int, file_ids: Sequence[str]) -> None:
    """Have these files here, or raise BadForm with what is wrong with the first that is not."""
    if not file_ids:
        return
    wanted = await call.read(evidence.missing, counter_id, round_, file_ids, now=call.now)
    tasks = [asyncio.create_task(_fetch(call, each)) for each in wanted]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=FETCH_SECONDS)
        for each in late:
            each.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        here = [each for each in found if isinstance(each, Fetched)]
        if here:
            await call.desk.store.run(
                evidence.keep, call.actor, counter_id, round_, here, now=call.now, urgent=True
            )
        wrong = next((each for each in found if isinstance(each, BaseException)), None)
        if wrong is not None:
            raise await _said(call, wrong, len(late)) from wrong


async def _fetch(call: Call, file_id: str) -> Fetched:
    most = call.desk.largest_evidence
    try:
        info = await call.desk.gateway.file(file_id)
        title = plain(text_at(info, "title") or text_at(info, "name") or file_id, _TITLE)
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
    media_type = evidence.media_type_of(content)
    if media_type is None:
        raise Unfetched("wrong_kind", title=title)
    return Fetched(file_id, title, media_type, content)


async def _said(call: Call, wrong: BaseException, late: int) -> BadForm:
    words = await call.words()
    if isinstance(wrong, Unfetched) and wrong.key != "fetch_again":
        return BadForm({FILES: words.text(f"counter_notices.form.{wrong.key}", **wrong.values)})
    return BadForm({FILES: words.count("counter_notices.form.fetch_again", max(late, 1))})
