"""Product knowledge: who writes and reads it, that no version is lost, of which line a request is."""

import pytest
from sqlmodel import Session

from bot.enforcement import knowledge, routing
from bot.enforcement.access import Denied
from bot.enforcement.refusals import Refused
from bot.enforcement.second_look import NO_LIMITS
from bot.messenger import Viewer
from bot.words.catalogue import words_for
from handlers.drawn.authenticity import draw_request_card
from handlers.drawn.review_queue import draw_turn
from handlers.slack.knowledge_pages import KNOWLEDGE_PAGES
from storage.engine import Store
from storage.queries import knowledge as known
from storage.records.authenticity import Answer
from storage.records.channels import ChannelPurpose
from storage.records.knowledge import KnowledgeSheet, ProductKnowledge
from tests.enforcement.queue_world import Queue
from tests.enforcement.request_world import LATER, NOW, who

CANARY = "CANARY-OF-NORDLYS"


@pytest.mark.parametrize(
    ("words", "points", "pictures", "refusal"),
    [
        (" \n", [], [], "knowledge.text_missing"),
        ("x" * 3001, [], [], "knowledge.too_long"),
        ("x", ["y"] * 2 + [str(n) for n in range(10)], [], "knowledge.too_many_points"),
        ("x", ["y" * 201], [], "knowledge.too_many_points"),
        ("x", [], [f"https://a.example/{n}" for n in range(6)], "knowledge.bad_pictures"),
        ("x", [], ["http://a.example/1.jpg"], "knowledge.bad_pictures"),
        ("x", [], ["https://[broken"], "knowledge.bad_pictures"),
        ("x", [], ["https://a.example/<!channel>"], "knowledge.bad_pictures"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    sqlite_store: Store, words: str, points: list[str], pictures: list[str], refusal: str
) -> None:
    queue = Queue.over(sqlite_store)
    with pytest.raises(Refused) as refused:
        queue.write("ines", "Trail shoes", words=words, points=points, pictures=pictures)
    assert refused.value.key == refusal


def test_of_two_who_write_at_once_one_is_told_and_no_version_is_lost(store: Store) -> None:
    queue = Queue.over(store)
    queue.write("ines", "Trail shoes")
    queue.write("ines", "Trail shoes", 1)  # the same again is no new version
    queue.write("noor", "Trail shoes", 1, "And at the label")
    with pytest.raises(Refused, match=r"knowledge\.written_meanwhile"):
        queue.write("lars", "Trail shoes", 1, "And at the box")
    sheet = store.read_sync(knowledge.read, who("ines"), queue.lines["Trail shoes"])
    assert (sheet.version, sheet.text, sheet.author, sheet.points) == (
        2, "And at the label", "UNOOR", ("Seam",),
    )  # fmt: skip
    _, versions = store.read_sync(knowledge.history, who("lars"), queue.lines["Trail shoes"])
    assert [(each.version, each.user_id) for each in versions] == [(2, "UNOOR"), (1, "UINES")]


def test_experts_write_and_those_who_lead_take_back(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    line = queue.lines["Trail shoes"]
    queue.write("ines", "Trail shoes")
    with pytest.raises(Denied):
        sqlite_store.run_sync(knowledge.take_back, who("ines"), line, 1, now=NOW)
    sqlite_store.run_sync(knowledge.take_back, who("lars"), line, 1, now=NOW)
    sheet = sqlite_store.read_sync(knowledge.read, who("ines"), line)
    assert (sheet.version, sheet.text, sheet.pictures) == (2, "", ())
    assert len(queue.world.rows(ProductKnowledge)) == 2
    assert sqlite_store.read_sync(known.states, None, limit=9, offset=0) == (0, [])


def test_the_platform_reads_it_without_its_author_and_rivals_read_nothing(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    line, request_id = queue.lines["Trail shoes"], queue.world.ask(product_line="Trail Shoes")
    queue.write("ines", "Trail shoes")
    sheet = sqlite_store.read_sync(knowledge.read, who("pia"), line)
    assert (sheet.text, sheet.author, sheet.author_id) == ("Look at the seam", "", "")
    told = sqlite_store.read_sync(knowledge.of_request, queue.world.client, request_id)
    assert (told.product_line, told.text, told.version) == ("Trail shoes", "Look at the seam", 1)
    assert told.expert.startswith("expert-")
    for reader in (who("petra"), who("nobody"), queue.world.client):
        with pytest.raises(Denied):
            sqlite_store.read_sync(knowledge.read, reader, line)
    with pytest.raises(Denied):
        sqlite_store.read_sync(knowledge.of_request, queue.world.other_client, request_id)
    with pytest.raises(Denied):
        queue.write("petra", "Trail shoes", 1, "Nothing to see")


def test_the_marketplace_names_the_line_or_an_expert_does_and_nobody_guesses(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    named = queue.world.ask(item="1", product_line=" trail SHOES")
    unknown = queue.world.ask(item="2", product_line="Watches")  # a line of Halden
    silent = queue.world.ask(item="3")

    def line_of(request_id: str) -> str:
        sheet: KnowledgeSheet | None = sqlite_store.read_sync(known.of_request, request_id)
        return sheet.line if sheet else ""

    assert [line_of(each) for each in (named, unknown, silent)] == ["Trail shoes", "", ""]
    parkas = queue.lines["Parkas"]
    sqlite_store.run_sync(knowledge.set_line, who("ines"), silent, parkas, now=LATER)
    assert line_of(silent) == "Parkas"
    for name, line in (("ines", queue.lines["Watches"]), ("petra", parkas), ("pia", parkas)):
        with pytest.raises(Denied):
            sqlite_store.run_sync(knowledge.set_line, who(name), silent, line, now=LATER)

    # Not their brand: what it is of the next brand's lines is looked up anew.
    queue.world.answer("ines", unknown, Answer.NOT_OUR_BRAND)
    halden = queue.world.brands["Halden"]
    sqlite_store.run_sync(routing.assign_request, who("pia"), unknown, halden, now=LATER)
    assert line_of(unknown) == "Watches"


def test_a_rivals_card_queue_and_pages_hold_nothing_of_it(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    queue.write(
        "ines", "Trail shoes", words=CANARY, points=[CANARY], pictures=[f"https://x.example/{CANARY}"]
    )
    mine = queue.world.ask(item="1", product_line="Trail shoes")
    queue.world.answer("ines", queue.world.ask(item="2", reasons=[CANARY]), Answer.GENUINE)
    theirs = queue.world.ask("Halden", "3", product_line="Trail shoes")

    def card(session: Session, request_id: str, brand: str) -> str:
        viewer = Viewer(words_for("en"), f"C{brand.upper()}", ChannelPurpose.BRAND, queue.world.brands[brand])
        return str(draw_request_card(session, request_id, viewer, NOW))

    def in_queue(name: str) -> str:
        turn = queue.open(name)
        return str(sqlite_store.read_sync(draw_turn, who(name), turn, NOW, NO_LIMITS))

    assert CANARY in sqlite_store.read_sync(card, mine, "Nordlys")
    assert CANARY in in_queue("ines")
    assert CANARY not in sqlite_store.read_sync(card, theirs, "Halden")
    assert CANARY not in in_queue("petra")
    assert sqlite_store.read_sync(card, mine, "Halden") == "None"
    words, line = words_for("en"), queue.lines["Trail shoes"]
    for page in KNOWLEDGE_PAGES.values():
        for detail in (line, mine, queue.world.holders["Nordlys"], "all-0", ""):
            with pytest.raises(Denied):
                sqlite_store.read_sync(page, who("petra"), detail, words, NOW)
