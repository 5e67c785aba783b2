"""A card is asked for again at the moment in which its older drawing, put off by Slack, goes back to wait."""

import pytest
from sqlmodel import Session, select

from bot.clock import utc_now
from storage.engine import open_store
from storage.queries import outbox
from storage.records.outbox import OutboxRow, OutboxState

pytestmark = [pytest.mark.faults, pytest.mark.postgres]


def draw(session: Session) -> None:
    outbox.enqueue(session, kind="draw", subject_id="1", now=utc_now(), lane="C1", coalesce=True)


def states(session: Session) -> list[OutboxState]:
    return [row.state for row in session.exec(select(OutboxRow).order_by("id"))]


async def test_a_drawing_asked_for_while_the_older_one_is_put_back_goes_instead(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, another = open_store(postgres_url), open_store(postgres_url)
    await store.run(draw)
    (row,) = await store.run(outbox.claim, owner="me", room=1, now=utc_now())
    look = outbox._newer_goes_instead

    def look_too_early(*args: object) -> bool:
        found = look(*args)  # type: ignore[arg-type]  # passed on as they came
        monkeypatch.setattr(outbox, "_newer_goes_instead", look)
        another.run_sync(draw)
        return found

    monkeypatch.setattr(outbox, "_newer_goes_instead", look_too_early)
    assert await store.run(outbox.finish, row, state=OutboxState.READY, now=utc_now(), error="busy")
    assert await store.read(states) == [OutboxState.DROPPED, OutboxState.READY]
    await store.close()
    await another.close()
