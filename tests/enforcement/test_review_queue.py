"""The review queue: what comes first, that no two people meet, and that its answers are those of the card."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Lock

import pytest
from sqlmodel import Session

from bot.enforcement import requests, review_queue
from bot.enforcement.access import Denied, Suspended
from bot.enforcement.refusals import Refused
from bot.enforcement.review_queue import Before, usual_of
from storage.engine import Store
from storage.queries import authenticity as cases
from storage.queries import people
from storage.records.authenticity import Answer, Outcome, RequestState, Verdict
from storage.records.review_queue import CaseNotes, ReviewClaim, Turn, UsualPrice
from storage.records.roster import Person
from tests.enforcement.queue_world import IN_A_DAY, IN_A_WEEK, IN_AN_HOUR, Queue
from tests.enforcement.request_world import LATER, NOW, question, who

PRICES = [("a", "10.00", "x"), ("b", "30.00", "x"), ("c", "20.00", None), ("c", "20.00", None)]


@pytest.mark.parametrize(
    ("prices", "line", "usual"),
    [
        ([], None, UsualPrice(None, 0)),
        (PRICES[:2], "x", UsualPrice(None, 2)),
        (PRICES, None, UsualPrice(Decimal("20.00"), 3)),
        (PRICES, "x", UsualPrice(Decimal("20.00"), 3)),
        ([*PRICES, ("d", "50.00", "x")], "x", UsualPrice(Decimal("30.00"), 3, line=True)),
        ([*PRICES, ("d", "50.00", "x")], None, UsualPrice(Decimal("25.00"), 4)),
    ],
)
def test_the_usual_price_is_the_median_of_the_line_or_else_of_the_brand(
    prices: list[tuple[str, str, str | None]], line: str | None, usual: UsualPrice
) -> None:
    assert usual_of(prices, line) == usual


def test_what_is_due_soon_comes_first_then_what_one_knows_then_the_rest(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    queue.knows("ines", "Parkas")
    ask = queue.world.ask
    week = ask(item="1", deadline=IN_A_WEEK)
    day = ask(item="2", deadline=IN_A_DAY)
    parka = ask(item="3", deadline=IN_A_WEEK, product_line="parkas")
    soon = ask(item="4", deadline=IN_AN_HOUR)
    ask("Halden", "5", deadline=IN_AN_HOUR)
    turn, seen = queue.open("ines"), []
    while turn.request_id:
        seen.append((turn.request_id, turn.number, turn.total))
        _, turn = queue.answer("ines", turn)
    assert seen == [(soon, 1, 4), (parka, 2, 4), (day, 3, 4), (week, 4, 4)]
    assert turn == Turn(None, 4, 5, 4)


def test_nobody_gets_what_somebody_has_before_them(store: Store) -> None:
    queue = Queue.over(store)
    first, second, third = (
        queue.world.ask(item=str(n), deadline=day) for n, day in enumerate((IN_AN_HOUR, IN_A_DAY, IN_A_WEEK))
    )
    ines, noor = queue.open("ines"), queue.open("noor")
    assert (ines.request_id, noor.request_id) == (first, second)
    lars = queue.open("lars")
    assert (lars.request_id, lars.elsewhere) == (third, 2)

    # Put off: it is free for the others, and comes back to its person when nothing else is left.
    ines = queue.skip("ines", ines)
    assert (ines.request_id, ines.number, ines.total) == (first, 1, 1)
    _, noor = queue.answer("noor", noor)
    assert (noor.request_id, noor.elsewhere) == (None, 2)
    store.run_sync(review_queue.leave, who("lars"), now=NOW)
    _, ines = queue.answer("ines", ines)
    assert ines.request_id == third
    # Left lying too long, it goes to whoever asks.
    queue.lapse()
    assert queue.open("noor").request_id == third
    kept = store.run_sync(review_queue.stay, who("ines"), third, 1, now=NOW)
    assert (kept.request_id, kept.elsewhere) == (None, 1)
    (claim,) = queue.world.rows(ReviewClaim)
    assert claim.person_id == queue.world.one(Person, user_id="UNOOR").id


def test_those_put_off_come_back_in_their_order_after_all_others(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    asked = [queue.world.ask(item=str(n), deadline=IN_A_DAY) for n in range(4)]
    turn = queue.open("ines")
    turn = queue.skip("ines", turn)
    turn = queue.skip("ines", turn, LATER)
    places = []
    while turn.request_id:
        places.append((asked.index(turn.request_id), turn.number))
        _, turn = queue.answer("ines", turn)
    assert places == [(2, 3), (3, 4), (0, 3), (1, 4)]


def test_two_experts_clear_everything_at_once_and_never_meet(store: Store) -> None:
    queue = Queue.over(store)
    queue.world.receive(*(question(item=str(n)) for n in range(30)))
    before: dict[str, str] = {}
    met: list[str] = []
    gate = Lock()

    def work(name: str) -> int:
        turn = queue.open(name)
        while turn.request_id:
            with gate:
                met.extend(other for other, held in before.items() if held == turn.request_id)
                before[name] = turn.request_id
            done, turn = _let_go_and_answer(name, turn)
            assert done.recorded
            assert done.recorded.first
        return turn.answered

    def _let_go_and_answer(name: str, turn: Turn) -> tuple[Before, Turn]:
        with gate:
            del before[name]
        return queue.answer(name, turn)

    with ThreadPoolExecutor(2) as hands:
        cleared = list(hands.map(work, ("ines", "noor")))
    assert met == []
    assert sum(cleared) == 30
    assert min(cleared) > 0
    assert len(queue.world.rows(Verdict)) == 30


def test_an_answer_from_the_queue_is_the_one_of_the_card(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    one, two = queue.world.ask(item="1"), queue.world.ask(item="2")
    before, turn = queue.answer("ines", queue.open("ines"), Answer.FAKE, promised=[Outcome.TAKEDOWN])
    assert before.recorded
    assert (before.request_id, before.recorded.outcome, turn.request_id) == (one, Outcome.TAKEDOWN, two)
    assert len(queue.world.webhooks("takedown.requested")) == 1
    drawn = [row for row in queue.world.outgoing("draw") if row["subject_id"] == one]
    assert {row["place"] for row in drawn} == {"CNORDLYS"}
    assert queue.world.outgoing("whisper") == []


def test_what_changed_meanwhile_is_said_and_passed_over(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    ids = [queue.world.ask(item=str(n), deadline=IN_A_DAY) for n in range(3)]
    turn = queue.open("ines")
    queue.world.answer("noor", ids[0], Answer.GENUINE)
    before, turn = queue.answer("ines", turn, Answer.FAKE)
    assert before.recorded
    assert (before.recorded.first, before.recorded.user_id) == (False, "UNOOR")
    assert (turn.request_id, turn.answered) == (ids[1], 0)

    sqlite_store.run_sync(requests.withdraw_request, queue.world.client, ids[1], "", now=NOW)
    with pytest.raises(Refused, match=r"authenticity\.withdrawn"):
        queue.answer("ines", turn)
    assert sqlite_store.run_sync(review_queue.stay, who("ines"), ids[1], 0, now=NOW).request_id == ids[2]

    # What Fake leads to is no longer what the modal said: the same request stays, and nothing is recorded.
    turn = sqlite_store.run_sync(review_queue.stay, who("ines"), ids[2], 0, now=NOW)
    before, turn = queue.answer("ines", turn, Answer.FAKE, promised=[Outcome.REVIEW])
    assert (before.recorded, turn.request_id) == (None, ids[2])
    assert queue.world.outgoing("whisper") == []
    assert queue.world.request(ids[2]).state is RequestState.OPEN


def test_only_those_who_answer_for_the_brand_may_work(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    request_id = queue.world.ask()
    for name in ("pia", "nobody", "guest"):
        with pytest.raises(Denied):
            queue.open(name)
    petra = queue.open("petra")
    assert petra.request_id is None
    for act in (review_queue.skip, review_queue.stay):
        with pytest.raises(Denied):
            sqlite_store.run_sync(act, who("petra"), request_id, 0, now=NOW)
    with pytest.raises(Denied):
        sqlite_store.run_sync(review_queue.sort, who("petra"), request_id, queue.lines["Watches"], 0, now=NOW)
    sqlite_store.run_sync(_suspend, "UINES")
    with pytest.raises(Suspended):
        queue.open("ines")


def _suspend(session: Session, user_id: str) -> None:
    person = people.by_user(session, user_id)
    assert person
    person.suspended_at = NOW


def test_notes_beside_a_request_rest_on_the_brands_own_cases(sqlite_store: Store) -> None:
    queue = Queue.over(sqlite_store)
    for n, amount in enumerate(("100.00", "120.00", "140.00")):
        price = {"amount": amount, "currency": "EUR"}
        for brand, name in (("Nordlys", "ines"), ("Halden", "petra")):
            listing = question(brand, f"{brand}{n}")["listing"] | {"price": price}
            asked = queue.world.ask(brand, f"{brand}{n}", listing=listing)
            queue.world.answer(name, asked, Answer.GENUINE)
    queue.world.answer("petra", queue.world.ask("Halden", "77"), Answer.FAKE)
    queue.world.answer("ines", queue.world.ask(item="78"), Answer.FAKE)
    request_id = queue.world.ask(item="79")

    def beside(session: Session) -> CaseNotes:
        return review_queue.notes(session, cases.case(session, request_id))

    notes = sqlite_store.read_sync(beside)
    assert notes.usual == UsualPrice(Decimal("120.00"), 3)
    assert notes.seller
    assert notes.seller.answers == {Answer.GENUINE: 3, Answer.FAKE: 1}
    assert notes.seller.strikes == 0
    assert notes.knowledge is None
    assert [line.name for line in notes.lines] == ["Parkas", "Trail shoes"]
