"""Product knowledge: who writes and reads it, that no version is lost, of which line a request is."""

import pytest
from sqlmodel import Session

from bot.enforcement import knowledge, knowledge_pictures, routing
from bot.enforcement.access import Actor, Denied
from bot.enforcement.knowledge_pictures import Chosen
from bot.enforcement.limits import NO_LIMITS
from bot.enforcement.refusals import Refused
from bot.messenger import Viewer
from bot.words.catalogue import words_for
from handlers.drawn.authenticity import draw_request_card
from handlers.drawn.review_queue import draw_turn
from handlers.slack.knowledge_pages import KNOWLEDGE_PAGES
from storage.engine import Store
from storage.queries import knowledge as known
from storage.records.authenticity import Answer
from storage.records.channels import ChannelPurpose
from storage.records.evidence import EvidenceContent
from storage.records.knowledge import KnowledgePicture, KnowledgeSheet, ProductKnowledge
from storage.records.outbox import OutboxRow
from tests.enforcement.queue_world import Queue
from tests.enforcement.request_world import LATER, NOW, who

CANARY = "CANARY-OF-NORDLYS"
SEAM, LABEL, BOX = (b"\x89PNG\r\n\x1a\n" + each for each in (b"seam", b"label", b"box"))


@pytest.mark.parametrize(
    ("words", "points", "refusal"),
    [
        (" \n", [], "knowledge.text_missing"),
        ("x" * 3001, [], "knowledge.too_long"),
        ("x", ["y"] * 2 + [str(n) for n in range(10)], "knowledge.too_many_points"),
        ("x", ["y" * 201], "knowledge.too_many_points"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    sqlite_store: Store, words: str, points: list[str], refusal: str
) -> None:
    queue = Queue.over(sqlite_store)
    with pytest.raises(Refused) as refused:
        queue.write("ines", "Trail shoes", words=words, points=points)
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
    assert [(each.version, each.author) for each in versions] == [(2, "UNOOR"), (1, "UINES")]


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
    queue.add("ines", "Trail shoes", F1=SEAM)
    seam = Chosen(CANARY, file_id="F1")
    queue.write("ines", "Trail shoes", words=CANARY, points=[CANARY], pictures=[seam])
    picture = queue.world.one(KnowledgePicture).id
    sqlite_store.run_sync(knowledge_pictures.copied, picture, f"F{CANARY}", ready_at=NOW)
    mine = queue.world.ask(item="1", product_line="Trail shoes")
    queue.world.answer("ines", queue.world.ask(item="2", reasons=[CANARY]), Answer.GENUINE)
    theirs = queue.world.ask("Halden", "3", product_line="Trail shoes")

    def card(session: Session, request_id: str, brand: str) -> str:
        viewer = Viewer(words_for("en"), f"C{brand.upper()}", ChannelPurpose.BRAND, queue.world.brands[brand])
        return str(draw_request_card(session, request_id, viewer, NOW))

    def in_queue(name: str) -> str:
        turn = queue.open(name)
        return str(sqlite_store.read_sync(draw_turn, who(name), turn, NOW, NO_LIMITS))

    assert f"F{CANARY}" in sqlite_store.read_sync(card, mine, "Nordlys")
    assert CANARY in in_queue("ines")
    assert CANARY not in sqlite_store.read_sync(card, theirs, "Halden")
    assert CANARY not in in_queue("petra")
    assert sqlite_store.read_sync(card, mine, "Halden") == "None"
    words, line = words_for("en"), queue.lines["Trail shoes"]
    for page in KNOWLEDGE_PAGES.values():
        for detail in (line, mine, queue.world.holders["Nordlys"], "all-0", ""):
            with pytest.raises(Denied):
                sqlite_store.read_sync(page, who("petra"), detail, words, NOW)


def test_pictures_go_with_the_version_and_those_taken_out_of_its_form_are_forgotten(store: Store) -> None:
    queue = Queue.over(store)
    line = queue.lines["Trail shoes"]
    queue.add("ines", "Trail shoes", F1=SEAM, F2=LABEL, F3=BOX, F4=SEAM)
    assert store.read_sync(knowledge_pictures.missing, who("ines"), line, ["F2", "F9"], now=NOW) == ["F9"]
    chosen = [Chosen("The seam", file_id="F1"), Chosen(file_id="F2"), Chosen("again", file_id="F4")]
    queue.write("ines", "Trail shoes", pictures=chosen)
    kept = {each.file_id: each for each in queue.world.rows(KnowledgePicture)}
    assert {name: each.version for name, each in kept.items()} == {"F1": 1, "F2": 1}
    assert len(queue.world.rows(EvidenceContent)) == 2
    assert {row.subject_id for row in queue.world.rows(OutboxRow, kind="copy")} == {
        kept["F1"].id,
        kept["F2"].id,
    }

    sheet = store.read_sync(knowledge.read, who("ines"), line)
    assert [(each.caption, each.copy_id) for each in sheet.pictures] == [("The seam", ""), ("f2", "")]
    queue.write("lars", "Trail shoes", 1, pictures=[Chosen("The label", id=kept["F2"].id)])
    _, versions = store.read_sync(knowledge.history, who("lars"), line)
    told = [[each.caption for each in version.pictures] for version in versions]
    assert told == [["The label"], ["The seam", "f2"]]


def test_a_picture_that_is_not_ones_own_or_one_too_many_is_refused(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    queue.add("ines", "Trail shoes", **{f"F{n}": SEAM + bytes([n]) for n in range(6)})
    queue.add("ines", "Parkas", F9=SEAM)
    for chosen, refusal in (
        ([Chosen(file_id=f"F{n}") for n in range(6)], "knowledge.too_many_pictures"),
        ([Chosen(file_id="F9")], "knowledge.files.file_gone"),
        ([Chosen(id=queue.world.rows(KnowledgePicture)[0].id)], "knowledge.files.file_gone"),
    ):
        with pytest.raises(Refused, match=refusal):
            queue.write("ines", "Trail shoes", pictures=chosen)
    with pytest.raises(Refused, match=r"knowledge\.files\.file_gone"):
        queue.write("lars", "Trail shoes", pictures=[Chosen(file_id="F1")])
    for name in ("petra", "pia", "nobody"):
        with pytest.raises(Denied):
            queue.add(name, "Trail shoes", F7=SEAM)


def test_the_marketplace_gets_the_pictures_of_its_own_requests_line(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    asked, other = queue.world.ask(product_line="Trail shoes"), queue.world.ask(item="2")
    queue.add("ines", "Trail shoes", F1=SEAM)
    queue.write("ines", "Trail shoes", pictures=[Chosen("The seam", file_id="F1")])
    (told,) = sqlite_store.read_sync(knowledge.of_request, queue.world.client, asked).pictures
    assert (told.caption, told.media_type, told.size) == ("The seam", "image/png", len(SEAM))

    def handed(actor: Actor, request_id: str) -> bytes:
        return sqlite_store.read_sync(knowledge_pictures.for_platform, actor, request_id, told.id).content

    assert handed(queue.world.client, asked) == SEAM
    for actor, request_id in ((queue.world.other_client, asked), (queue.world.client, other)):
        with pytest.raises(Denied):
            handed(actor, request_id)


def test_in_a_conversation_about_a_request_nothing_is_told_of_it(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    queue.write("ines", "Trail shoes", words=CANARY)
    asked = queue.world.ask(product_line="Trail shoes")
    viewer = Viewer(
        words_for("en"), "CTALK", ChannelPurpose.BRAND, queue.world.brands["Nordlys"], talk_id="01TALK"
    )
    assert CANARY not in str(sqlite_store.read_sync(draw_request_card, asked, viewer, NOW))
