"""The queue's modal and a card with product knowledge keep to Slack's limits, whatever is written in them."""

import pytest
from sqlmodel import Session

from bot.enforcement import knowledge, knowledge_pictures
from bot.enforcement.knowledge_pictures import Chosen
from bot.enforcement.limits import NO_LIMITS, Limits
from bot.messenger import Viewer
from bot.sandbox.limits import check_message, check_view
from bot.words.catalogue import words_for
from handlers.drawn.authenticity import draw_request_card
from handlers.drawn.review_queue import draw_sure, draw_turn
from handlers.slack.knowledge_pages import KNOWLEDGE_PAGES
from storage.engine import Store
from storage.queries import people
from storage.records.authenticity import Answer
from storage.records.channels import ChannelPurpose
from storage.records.knowledge import KnowledgePicture
from storage.records.product_lines import ProductLine
from storage.records.review_queue import Turn
from tests.enforcement.queue_world import Queue
from tests.enforcement.request_world import NOW, question, who

NASTY = "<!channel> & *x* "
EVERY_LIMIT = Limits(first=True, answers_a_minute=1, fakes_an_hour=1, fakes_a_day=1, seller_listings=1)


@pytest.fixture
def queue(sqlite_store: Store) -> Queue:
    """A request and a line with as much text as each may have."""
    queue = Queue.over(sqlite_store)
    listing = question(item="1")["listing"] | {
        "title": (NASTY * 40)[:500],
        "seller": {"id": "s-1", "name": (NASTY * 20)[:200]},
        "pictures": [f"https://market.example/{n}.jpg" for n in range(10)],
    }
    reasons = [(NASTY * 30)[:299] + str(n) for n in range(10)]
    queue.world.answer("ines", queue.world.ask(item="2"), Answer.GENUINE)
    queue.world.ask(item="1", listing=listing, reasons=reasons, product_line="Trail shoes")
    queue.add("ines", "Trail shoes", **{f"F{n}": b"%d" % n for n in range(5)})
    pictures = [Chosen("&" * 149 + str(n), file_id=f"F{n}") for n in range(5)]
    points = ["&" * 199 + str(n) for n in range(10)]
    queue.write("ines", "Trail shoes", words="&" * 3000, points=points, pictures=pictures)
    kept = queue.world.rows(KnowledgePicture)
    for each in kept:
        queue.store.run_sync(knowledge_pictures.copied, each.id, f"F{each.id}", ready_at=NOW)
    again = [Chosen(NASTY * 8, id=each.id) for each in kept]
    queue.write("noor", "Trail shoes", 1, words=NASTY * 100, points=points, pictures=again)

    def more_lines(session: Session) -> None:
        for n in range(98):
            name = f"{NASTY}{n:03d} " + "x" * 40
            session.add(ProductLine(brand_id=queue.world.brands["Nordlys"], name=name, name_key=name))

    queue.world.change(more_lines)
    return queue


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_nothing_outgrows_slack_and_nothing_that_was_written_comes_alive(queue: Queue, locale: str) -> None:
    def speaks(session: Session) -> None:
        for name in ("ines", "pia"):
            person = people.by_user(session, who(name).user_id)
            assert person
            person.locale = locale

    queue.world.change(speaks)
    turn = queue.open("ines")
    assert turn.request_id
    before = queue.skip("ines", turn)
    views = [
        queue.store.read_sync(draw_turn, who("ines"), before, NOW, limits, None, turn.request_id)
        for limits in (NO_LIMITS, EVERY_LIMIT)
    ]
    views.append(queue.store.read_sync(draw_turn, who("ines"), turn, NOW, EVERY_LIMIT, pictures=False))
    views.append(queue.store.read_sync(draw_turn, who("ines"), Turn(None, 3, elsewhere=2), NOW, NO_LIMITS))
    views.append(queue.store.read_sync(draw_sure, who("ines"), turn, NOW, EVERY_LIMIT))
    words = words_for(locale)
    for name, page in KNOWLEDGE_PAGES.items():
        reader = who("pia") if name == "knowledge_all" else who("lars")
        detail = {"knowledge_lines": queue.world.holders["Nordlys"], "request_line": turn.request_id}
        of = detail.get(name, queue.lines["Trail shoes"])
        views.append(queue.store.read_sync(page, reader, of, words, NOW))
    for view in views:
        check_view(view)
        assert "<!channel>" not in _markup(view)
    viewer = Viewer(words, "CNORDLYS", ChannelPurpose.BRAND, queue.world.brands["Nordlys"])
    card = queue.store.read_sync(draw_request_card, turn.request_id, viewer, NOW, limits=EVERY_LIMIT)
    assert card
    check_message(card.text, list(card.blocks), None)
    assert "<!channel>" not in _markup(card.blocks)


def _markup(part: object) -> str:
    """Everything in which Slack would look for mentions."""
    if isinstance(part, dict):
        own = str(part["text"]) if part.get("type") == "mrkdwn" else ""
        return own + "".join(_markup(each) for each in part.values())
    return "".join(_markup(each) for each in part) if isinstance(part, list | tuple) else ""


def test_a_text_is_cut_into_sections_where_words_end(queue: Queue) -> None:
    sheet = queue.store.read_sync(knowledge.read, who("ines"), queue.lines["Trail shoes"])
    view = queue.store.read_sync(
        KNOWLEDGE_PAGES["knowledge"], who("ines"), sheet.line_id, words_for("en"), NOW
    )
    told = [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
    assert len(told) >= 3
    assert all(len(each) <= 3000 for each in told)
