"""The card as drawn: what strangers wrote stays text, Slack's limits hold, each state says what it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.words.catalogue import words_for
from handlers.blocks.authenticity import Asking, card, card_text, sample_card, unrouted_card
from handlers.blocks.authenticity_forms import assign_form, reason_form
from storage.records.authenticity import Answer, Decision, Outcome, RequestState
from storage.records.second_look import Ground
from storage.records.takedowns import TakedownState
from tests.enforcement.request_world import NOW

WORDS = words_for("en-GB", "Europe/London")
EVIL = [
    "<!channel> <@U0INGRID1> <#C0BRAND01>",
    "*bold* _it_ ~gone~ `code` ```block```",
    "<http://evil.example|market.example>",
    "&lt;!here&gt; > quote\n> quote",
    "http://evil.example/ www.evil.example",
    "\u202egnp.exe \u200b\u2028 :smile: @here #general",
    "x" * 5000,
    "<" * 3000,
]


def case(**changes: Any) -> Any:
    """A row as the query gives it."""
    row: dict[str, Any] = {
        "id": "01J00000000000000000000000",
        "round": 1,
        "state": RequestState.OPEN,
        "brand": "Nordlys",
        "brand_id": "b",
        "brand_named": "Nordlys",
        "client": "Open Bazaar",
        "deadline": NOW + timedelta(days=1),
        "reasons": ["Price is 70 % below the catalogue"],
        "withdrawn_reason": "",
        "snapshot": {
            "marketplace": "openbazaar",
            "url": "https://market.example/item/811",
            "item_id": "811",
            "title": "Nordlys runner",
            "price": {"amount": "39.90", "currency": "EUR"},
            "seller": {"id": "s-17", "name": "shoe.corner"},
            "pictures": [f"https://market.example/p/{n}.jpg" for n in range(10)],
        },
    }
    for name in (
        "verdict_id", "answer", "outcome", "late", "verdict_at", "verdict_user", "decision", "decided_reason",
        "decided_at", "decided_user", "retracted_reason", "retracted_at", "retracted_user", "takedown_id",
        "takedown_state", "takedown_reason", "takedown_removed_at", "notice_id", "notice_reference",
    ):  # fmt: skip
        row[name] = None
    row["second_ground"] = None
    return SimpleNamespace(**(row | changes))


def answered(**changes: Any) -> Any:
    return case(
        **{
            "state": RequestState.ANSWERED,
            "verdict_id": "v",
            "answer": Answer.FAKE,
            "outcome": Outcome.TAKEDOWN,
            "late": False,
            "verdict_at": NOW,
            "verdict_user": "U0MIKKEL1",
            "takedown_reason": "",
        }
        | changes
    )


def asking(*consequences: Outcome, pictures: bool = True, late: bool = False) -> Asking:
    now = NOW + timedelta(days=2) if late else NOW
    return Asking(consequences or (Outcome.TAKEDOWN,), pictures, now)


def texts(node: Any) -> Iterator[tuple[str, str]]:
    """(type, text) of every text object below."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str) and "type" in node:
            yield node["type"], node["text"]
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def drawn(blocks: list[dict[str, Any]]) -> str:
    return "\n".join(text for _, text in texts(blocks))


@pytest.mark.parametrize("evil", EVIL)
def test_what_strangers_wrote_never_becomes_markup_and_always_fits(evil: str) -> None:
    snapshot = case().snapshot | {"title": evil, "seller": {"id": evil, "name": evil}}
    rows = [
        case(snapshot=snapshot, reasons=[evil] * 10, brand_named=evil, client=evil),
        answered(
            snapshot=snapshot,
            decision=Decision.DECLINED,
            decided_reason=evil,
            decided_at=NOW,
            decided_user="U0INGRID1",
            client=evil,
            retracted_reason=evil,
            retracted_at=NOW,
            retracted_user="U0INGRID1",
        ),
        answered(
            snapshot=snapshot, takedown_id="t", takedown_state=TakedownState.REFUSED, takedown_reason=evil
        ),
        case(snapshot=snapshot, state=RequestState.WITHDRAWN, withdrawn_reason=evil),
        case(snapshot=snapshot, state=RequestState.UNROUTED, brand=None, brand_id=None, brand_named=evil),
    ]
    for row in rows:
        todo = SimpleNamespace(id="t", done_at=None)
        shown = [card(WORDS, row, asking()), unrouted_card(WORDS, row), sample_card(WORDS, row, todo, "")]
        for blocks in shown:
            assert len(blocks) <= 50
            for kind, text in texts(blocks):
                assert len(text) <= 3000
                if kind == "mrkdwn":
                    assert_no_life(text)
        assert_no_life(card_text(WORDS, row))


def assert_no_life(text: str) -> None:
    for token in (
        "<!channel",
        "<!here",
        "<@U0INGRID1> <#",
        "<http://evil",
        "```",
        "http://evil.example",
        "@here",
    ):
        assert token not in text, (token, text)


@pytest.mark.parametrize(
    ("consequences", "said", "sure"),
    [
        ([Outcome.TAKEDOWN], "starts the takedown at once", "starts at once"),
        ([Outcome.AWAITING_CONFIRMATION], "a second person of your company", "must confirm"),
        ([Outcome.REVIEW], "becomes a notice", "notice for the marketplace"),
        ([Outcome.TAKEDOWN, Outcome.AWAITING_CONFIRMATION], "from anyone else", "Otherwise a second person"),
    ],
)
def test_the_card_says_before_the_click_what_fake_does(
    consequences: list[Outcome], said: str, sure: str
) -> None:
    blocks = card(WORDS, case(), asking(*consequences))
    assert said in drawn(blocks)
    fake = next(e for e in blocks[-1]["elements"] if e["action_id"] == "request_fake")
    assert sure in fake["confirm"]["text"]["text"]
    promised = "-".join(["1", *(each.value for each in consequences)])
    assert fake["value"] == f"01J00000000000000000000000:{promised}"


@pytest.mark.parametrize(
    ("unusual", "first", "said"),
    [
        (Outcome.AWAITING_CONFIRMATION, True, "A second person must confirm your first Fake"),
        (Outcome.AWAITING_CONFIRMATION, False, "A second person must confirm Fakes that come unusually fast"),
        (Outcome.REVIEW, True, "Your first Fake, and Fakes that come"),
        (Outcome.REVIEW, False, "Fakes that come unusually fast or in unusual number become notices"),
    ],
)
def test_the_card_says_before_the_click_when_a_second_person_is_asked_all_the_same(
    unusual: Outcome, first: bool, said: str
) -> None:
    seen = replace(asking(Outcome.TAKEDOWN), unusual=unusual, unusual_first=first)
    blocks = card(WORDS, case(), seen)
    assert said in drawn(blocks)
    fake = next(e for e in blocks[-1]["elements"] if e["action_id"] == "request_fake")
    assert said in fake["confirm"]["text"]["text"]
    assert fake["value"].endswith(f":1-takedown-{unusual.value}")


@pytest.mark.parametrize("ground", Ground)
def test_the_card_says_after_the_click_why_a_second_person_is_asked(ground: Ground) -> None:
    waiting = answered(state=RequestState.AWAITING_CONFIRMATION, second_ground=ground)
    assert "looked at twice" in drawn(card(WORDS, waiting, asking()))


def test_at_most_three_pictures_and_links_where_they_cannot_be_shown() -> None:
    images = [block for block in card(WORDS, case(), asking()) if block["type"] == "image"]
    assert len(images) == 3
    assert all(image["alt_text"] for image in images)
    plain = card(WORDS, case(), asking(pictures=False))
    assert not [block for block in plain if block["type"] == "image"]
    assert "https://market.example/p/0.jpg" in drawn(plain)


def test_a_link_shows_where_it_leads_and_an_imitation_is_marked() -> None:
    assert "market.example" in drawn(card(WORDS, case(), asking())).replace("\u2060", "")
    odd = case(snapshot=case().snapshot | {"url": "https://xn--mrket-3ve.example/item/1"})
    assert "imitates another" in drawn(card(WORDS, odd, asking()))


def test_a_passed_deadline_is_told_while_an_answer_still_counts() -> None:
    assert "still counts" in drawn(card(WORDS, case(), asking(late=True)))
    assert "still counts" not in drawn(card(WORDS, case(), asking()))
    assert "(late)" in drawn(card(WORDS, answered(late=True), asking()))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"takedown_state": TakedownState.REQUESTED}, "asking Open Bazaar"),
        ({"takedown_state": TakedownState.REQUESTED, "takedown_reason": "unreachable"}, "We keep trying"),
        ({"takedown_state": TakedownState.REQUESTED, "takedown_reason": "turned_away"}, "turned our message"),
        ({"takedown_state": TakedownState.UNCLEAR}, "was lost"),
        ({"takedown_state": TakedownState.SENT}, "has our request"),
        ({"takedown_state": TakedownState.REMOVED, "takedown_removed_at": NOW}, "removed the listing"),
        ({"takedown_state": TakedownState.REFUSED, "takedown_reason": "no proof"}, "refused: no proof"),
        ({"takedown_state": TakedownState.CANCELLED}, "cancelled before"),
        ({"takedown_state": TakedownState.REINSTATEMENT_REQUESTED}, "to put the listing back"),
        ({"takedown_state": TakedownState.REINSTATED}, "put the listing back"),
    ],
)
def test_the_card_tells_how_the_takedown_stands(changes: dict[str, Any], said: str) -> None:
    assert said in drawn(card(WORDS, answered(takedown_id="t", **changes), asking()))


def test_a_takedown_that_stands_on_other_grounds_is_not_said_to_be_reversed() -> None:
    retracted = {"retracted_at": NOW, "retracted_user": "U1", "retracted_reason": "mistaken"}
    row = answered(takedown_id="t", takedown_state=TakedownState.REMOVED, **retracted)
    assert "other grounds" in drawn(card(WORDS, row, asking()))


@pytest.mark.parametrize("brands", [1, 100, 101, 2500])
def test_any_number_of_brands_fits_into_the_form(brands: int) -> None:
    view = assign_form(WORDS, "r", "x" * 500, [(f"id{n}", f"Brand {n} {'y' * 90}") for n in range(brands)])
    element = view["blocks"][0]["element"]
    groups = element.get("option_groups", [{"options": element.get("options", [])}])
    assert sum(len(group["options"]) for group in groups) == brands
    assert all(len(group["options"]) <= 100 for group in groups)
    assert all(len(option["text"]["text"]) <= 75 for group in groups for option in group["options"])


@pytest.mark.parametrize("act", ["retract", "decline"])
def test_the_reason_form_names_the_listing_as_text(act: str) -> None:
    view = reason_form(WORDS, "r", 2, act, "<!channel>" * 100)
    assert view["private_metadata"] == f"r:2-{act}"
    assert [kind for kind, _ in texts(view["blocks"])] == ["plain_text", "plain_text"]
    assert len(view["title"]["text"]) <= 24
