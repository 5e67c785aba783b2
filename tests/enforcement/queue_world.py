"""Hands for tests of the review queue and of product knowledge, over the world of requests."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from bot.enforcement import knowledge, knowledge_pictures, review_queue
from bot.enforcement.evidence import Fetched
from bot.enforcement.limits import NO_LIMITS
from storage.engine import Store
from storage.moments import moment_text
from storage.queries import people
from storage.records.authenticity import Answer
from storage.records.product_lines import LineExpert, ProductLine
from storage.records.review_queue import Turn
from tests.enforcement.request_world import NOW, World, build, who


@dataclass
class Queue:
    """The world, its product lines, and people who work through what is open."""

    world: World
    lines: dict[str, str] = field(default_factory=dict)

    @classmethod
    def over(cls, store: Store) -> "Queue":
        """A fresh world with two lines of Nordlys and one of Halden."""
        queue = cls(build(store))
        for brand, name in (("Nordlys", "Trail shoes"), ("Nordlys", "Parkas"), ("Halden", "Watches")):
            line = ProductLine(brand_id=queue.world.brands[brand], name=name, name_key=name.casefold())
            queue.lines[name] = line.id
            store.run_sync(_add, line)
        return queue

    @property
    def store(self) -> Store:
        return self.world.store

    def open(self, name: str, now: datetime = NOW) -> Turn:
        turn, _ = self.store.run_sync(review_queue.open_queue, who(name), now=now)
        return turn

    def skip(self, name: str, turn: Turn, now: datetime = NOW) -> Turn:
        assert turn.request_id
        return self.store.run_sync(review_queue.skip, who(name), turn.request_id, turn.answered, now=now)

    def answer(
        self, name: str, turn: Turn, said: Answer = Answer.GENUINE, **more: Any
    ) -> tuple[review_queue.Before, Turn]:
        given: dict[str, Any] = {"promised": (), "limits": NO_LIMITS, "now": NOW} | more
        return self.store.run_sync(
            review_queue.answer, who(name), turn.request_id, 1, said, turn.answered, **given
        )

    def write(
        self, name: str, line: str, version: int = 0, words: str = "Look at the seam", **more: Any
    ) -> None:
        given = {"points": ["Seam"], "pictures": []} | more
        self.store.run_sync(
            knowledge.write,
            who(name),
            self.lines[line],
            version,
            words,
            given["points"],
            given["pictures"],
            now=more.get("now", NOW),
        )

    def add(self, name: str, line: str, **contents: bytes) -> None:
        """Somebody adds pictures to a line's form, by Slack's ids."""
        files = [
            Fetched(file_id, f"{file_id.lower()}.png", "image/png", content)
            for file_id, content in contents.items()
        ]
        self.store.run_sync(knowledge_pictures.keep, who(name), self.lines[line], files, now=NOW)

    def knows(self, name: str, line: str) -> None:
        """Somebody is an expert of a line from now on."""
        person = self.store.read_sync(people.by_user, who(name).user_id)
        assert person
        self.store.run_sync(_add, LineExpert(line_id=self.lines[line], person_id=person.id, since=NOW))

    def lapse(self) -> None:
        """Whoever has something before them lets it lie for longer than the lease."""

        def turn_back(session: Session) -> None:
            session.connection().execute(
                text("UPDATE review_claim SET until = :long_ago"),
                {"long_ago": moment_text(NOW - timedelta(days=3650))},
            )

        self.world.change(turn_back)


def _add(session: Session, row: Any) -> None:
    session.add(row)


IN_AN_HOUR = NOW + timedelta(hours=1)
IN_A_DAY = NOW + timedelta(days=1)
IN_A_WEEK = NOW + timedelta(days=7)
