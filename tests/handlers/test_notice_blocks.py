"""What notices look like: inside Slack's limits at their largest, and dead to whatever strangers write."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sandbox.limits import check_message, check_view
from bot.words.catalogue import words_for
from handlers.blocks.notice_form import form_view, review_view
from handlers.blocks.notices import Line, card, card_text, complaint_view, event_blocks, withdraw_view
from storage.records.listings import Listing
from storage.records.notice_sheets import (
    INPUT_LENGTH,
    MOST_INPUTS,
    Batch,
    FormSheet,
    NoticeForm,
    NoticeSheet,
    Reported,
    ReviewSheet,
)
from storage.records.notices import (
    ItemState,
    Notice,
    NoticeEvent,
    NoticeItem,
    NoticeOrigin,
    NoticeState,
    ReasonCode,
)
from storage.records.platform import PlatformClient
from storage.records.rights import Right, RightKind
from storage.records.roster import Brand, HolderKind, HolderSize, Person, RightsHolder, Standing

WORDS = words_for("en-GB", "Europe/London")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOSTILE = (
    "<!channel> <!here|x> <@U012ABC> <#C012ABC> <https://evil.example|your bank> &lt;!channel&gt; @everyone "
    "*bold* _it_ ~no~ `code` :fire: https://evil.example/login evil.example \u202eevil\u202c \u200b >quote"
)
# Slack's control sequences, an address that it would link, formatting marks, and emoji, in markup.
LIVE = re.compile(
    r"<(?!@UFILER>|!date\^|https://market\.example/)[^>]*>|(?<![<^])https?://evil|[*_~`]bold|:fire:|`"
)


def holder(name: str = HOSTILE) -> RightsHolder:
    return RightsHolder(
        id="H",
        name=name,
        name_key=name,
        kind=HolderKind.COMPANY,
        size=HolderSize.SMALL,
        industry="shoes",
        country="NO",
        standing=Standing.GOOD_FAITH,
        standing_since=NOW,
        created_at=NOW,
    )


def right(number: int = 0, kind: RightKind = RightKind.COPYRIGHT) -> Right:
    return Right(
        id=f"R{number}",
        holder_id="H",
        kind=kind,
        title=HOSTILE,
        number=HOSTILE,
        office=HOSTILE,
        territory="EU",
        registered_by="x",
        registered_at=NOW,
    )


def sheet(state: NoticeState = NoticeState.SUBMITTED, total: int = 300) -> NoticeSheet:
    notice = Notice(
        id="01JAAAAAAAAAAAAAAAAAAAAAAA",
        reference="GF-7K3M-Q2XW",
        holder_id="H",
        brand_id="B",
        marketplace="openbazaar",
        origin=NoticeOrigin.MEMBER,
        reason_code=ReasonCode.COUNTERFEIT_NO_TEST_BUY,
        explanation=HOSTILE * 15,
        statements=[],
        submitter_id="P",
        submitter_name=HOSTILE,
        submitter_email="a@b.example",
        role="BM",
        immediate=True,
        state=state,
        state_reason=HOSTILE * 10,
        complaint_number=HOSTILE,
        complaint_url="https://market.example/c/1?a=<b>|c",
        submitted_at=NOW,
        changed_at=NOW,
    )
    items = [(item(number), listing(number)) for number in range(min(total, 10))]
    return NoticeSheet(
        notice,
        Brand(id="B", holder_id="H", name=HOSTILE, name_key="x", created_at=NOW),
        holder(),
        right(),
        PlatformClient(
            name=HOSTILE,
            name_key="x",
            marketplace="openbazaar",
            webhook_url="https://x.example",
            created_at=NOW,
        ),
        Person(id="P", team_id="T", user_id="UFILER"),
        items,
        {ItemState.REMOVED: 2, ItemState.OPEN: total - 2},
    )


def item(number: int) -> NoticeItem:
    state = ItemState.REMOVED if number < 2 else ItemState.OPEN
    return NoticeItem(notice_id="N", listing_id="L", state=state, position=number)


def listing(number: int) -> Listing:
    url = f"https://market.example/item/{number}?q={'x' * (1900 if number % 2 else 20)}"
    return Listing(
        key=str(number),
        key_version=1,
        marketplace="openbazaar",
        item_id=str(number),
        url=url,
        title=HOSTILE,
        first_seen_at=NOW,
    )


def form(**typed: Any) -> FormSheet:
    holders = [holder(f"{HOSTILE} {number}") for number in range(3)]
    for number, each in enumerate(holders):
        each.id = f"H{number}"
    brands = [
        Brand(id=f"B{n}", holder_id="H0", name=HOSTILE, name_key=str(n), created_at=NOW) for n in range(150)
    ]
    rights = [right(number) for number in range(150)]
    picked = {
        "holder_id": "H0",
        "brand_id": "B1",
        "right_id": "R1",
        "reason": "counterfeit_test_buy",
        **typed,
    }
    return FormSheet("D1", NoticeForm(**picked), holders, brands, rights, rights[1], list(ReasonCode))


def markup(node: Any) -> Iterator[str]:
    """Every text that Slack reads as markup."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield node["text"]
        for value in node.values():
            yield from markup(value)
    elif isinstance(node, list):
        for each in node:
            yield from markup(each)


def every_message() -> list[Sequence[dict[str, Any]]]:
    cards = [card(WORDS, sheet(state), line) for state in NoticeState for line in Line]
    events = [
        event_blocks(
            WORDS,
            NoticeEvent(
                notice_id="N", event_key="k", state=state, reason=HOSTILE * 10, by="platform", at=NOW
            ),
            sheet(state),
        )
        for state in NoticeState
    ]
    return [*cards, *events]


def every_view() -> list[dict[str, Any]]:
    long = "x" * INPUT_LENGTH
    full = form(
        links=(long,) * MOST_INPUTS,
        explanation=long,
        order_number="1",
        email="a@b.example",
        statement=True,
        work=long,
        signature="Ines",
        address="Oslo",
        telephone="1",
        authority=True,
    )
    batches = [
        Batch(market, HOSTILE if number % 2 else None, [HOSTILE] * 300)
        for number, market in enumerate(("openbazaar", "amazon", "ebay", "web"))
    ]
    reported = [Reported(HOSTILE, "GF-7K3M-Q2XW", NOW)] * 300
    return [
        form_view(WORDS, full),
        form_view(WORDS, form(holder_id="", brand_id="", right_id="", reason="")),
        review_view(WORDS, ReviewSheet("D1", batches, [HOSTILE] * 300, reported)),
        review_view(WORDS, ReviewSheet("D1", [], [], reported)),
        withdraw_view(WORDS, "N", "GF-7K3M-Q2XW"),
        complaint_view(WORDS, "N", HOSTILE, "https://market.example/c/1"),
    ]


def test_the_largest_of_everything_is_inside_slacks_limits() -> None:
    for blocks in every_message():
        check_message("text", list(blocks), None)
    for view in every_view():
        check_view(view)


def test_nothing_that_strangers_write_comes_alive() -> None:
    drawn = json.loads(json.dumps([*map(list, every_message()), *every_view()]))
    alive = {found for text in markup(drawn) for found in LIVE.findall(text)}
    assert alive == set()
    assert "\u202e" not in json.dumps(drawn[: len(every_message())], ensure_ascii=False)


def test_a_company_with_many_rights_can_pick_each_of_them() -> None:
    view = form_view(WORDS, form(right_id="R149"))
    block = next(each for each in view["blocks"] if each.get("block_id", "").startswith("right_id:"))
    groups = block["element"]["option_groups"]
    assert [each["value"] for group in groups for each in group["options"]] == [f"R{n}" for n in range(150)]
    assert block["element"]["initial_option"]["value"] == "R149"


def test_the_card_shows_ten_listings_and_counts_the_rest() -> None:
    shown = "\n".join(markup(card(WORDS, sheet(total=300), Line.SENT)))
    assert "and 290 more" in shown
    assert "2 of 300 listings removed" in shown
    assert card_text(WORDS, sheet()) == "Notice GF-7K3M-Q2XW: Submitted"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (Line.SENT, None),
        (Line.NONE, "has no line to Goodfaith yet"),
        (Line.WAITING, "does not answer at the moment"),
        (Line.REFUSED, "did not take the message"),
    ],
)
def test_the_card_says_how_the_message_to_the_marketplace_fares(line: Line, sentence: str | None) -> None:
    shown = "\n".join(markup(card(WORDS, sheet(), line)))
    for known in ("has no line", "does not answer", "did not take"):
        assert (known in shown) is (sentence is not None and known in sentence)


@pytest.mark.parametrize("state", NoticeState)
def test_buttons_stand_only_while_they_mean_something(state: NoticeState) -> None:
    drawn = card(WORDS, sheet(state), Line.SENT)
    buttons = {
        each["action_id"] for block in drawn if block["type"] == "actions" for each in block["elements"]
    }
    withdraw = set() if state in (NoticeState.REJECTED, NoticeState.WITHDRAWN) else {"notice_withdraw"}
    complaint = set() if state is NoticeState.WITHDRAWN else {"notice_complaint"}
    assert buttons == withdraw | complaint


def test_a_field_that_depends_on_a_pick_is_another_block_after_another_pick() -> None:
    def block_ids(**typed: Any) -> set[str]:
        view = form_view(WORDS, form(**typed))
        return {block["block_id"] for block in view["blocks"] if "block_id" in block}

    first, second = block_ids(), block_ids(holder_id="H1", brand_id="B2")
    assert {"brand_id:H0", "right_id:B1"} <= first - second
    assert {"brand_id:H1", "right_id:B2"} <= second - first
