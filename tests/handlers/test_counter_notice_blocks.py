"""What counter-notices look like: inside Slack's limits at their largest, dead to what strangers write."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from bot.contract.counter_notices import MOST_PAPERS, Particulars
from bot.enforcement.counter_answers import MOST_LINKS
from bot.sandbox.limits import check_message, check_view
from handlers.blocks.counter_notice_forms import accept_form, contest_form, decline_form
from handlers.blocks.counter_notices import Terms, card, card_text, counter_row, step_blocks, step_text
from handlers.ids import CounterId
from storage.records.counter_notice_sheets import CounterNoticeLine, CounterNoticeSheet, GivenAnswer
from storage.records.counter_notices import (
    BRANDS_TURN,
    ContestCode,
    CounterNotice,
    CounterNoticeAnswer,
    CounterNoticePaper,
    CounterNoticeStep,
    CounterState,
    DecidedBy,
    Position,
    Regime,
    SellerGround,
    StepKind,
)
from storage.records.home import Place
from storage.records.listings import Listing, Seller
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, Person
from storage.records.takedowns import TakedownState
from tests.handlers.test_notice_blocks import HOSTILE, NOW, WORDS, markup

TERMS = Terms("reinstate", tuple(ContestCode))
DUE = NOW + timedelta(days=3)
EVIL = "https://evil.example/" + "a&b<" * 40
LIVE = re.compile(
    r"<(?!@UTOLD>|!date\^|https://(evil|market)\.example/)[^>]*>|[*_~`]bold|:fire:|`|(?<![<^|])https?://evil"
)


def sheet(
    state: CounterState, by: DecidedBy | None, *, position: Position | None = None, seconded: bool = False
) -> CounterNoticeSheet:
    """A counter-notice in which everything is as long and as hostile as it can be."""
    counter = CounterNotice(
        id="C",
        client_id="P",
        external_id="cn",
        body_hash="",
        takedown_id="T",
        holder_id="H",
        brand_id="B",
        listing_id="L",
        reason_code="other",
        regime=Regime.MERCADO_LIBRE,
        regime_version=1,
        chance=1,
        ground=SellerGround.NOT_USED,
        statement=HOSTILE * 40,
        particulars=dict.fromkeys(Particulars.model_fields, HOSTILE * 3),
        state=state,
        state_reason=HOSTILE * 10,
        decided_by=by,
        filed_at=NOW,
        received_at=NOW,
        due_at=DUE,
        next_at=None,
        changed_at=NOW,
    )
    papers = [
        CounterNoticePaper(
            counter_notice_id="C",
            position=number,
            title=HOSTILE[:128],
            url=EVIL,
            sha256="0f" * 32,
            media_type="image/jpeg",
            size=5_000_000,
        )
        for number in range(MOST_PAPERS)
    ]
    return CounterNoticeSheet(
        counter,
        Brand(id="B", holder_id="H", name=HOSTILE, name_key="", created_at=NOW),
        Listing(id="L", key="k", key_version=1, marketplace="m", url=EVIL, title=HOSTILE, first_seen_at=NOW),
        Seller(id="S", marketplace="m", external_id="s", name=HOSTILE, first_seen_at=NOW),
        PlatformClient(
            id="P", name=HOSTILE, name_key="", marketplace="m", webhook_url="https://m", created_at=NOW
        ),
        papers,
        _given(position, seconded=seconded) if position else None,
        TakedownState.REMOVED,
    )


def _given(position: Position, *, seconded: bool) -> GivenAnswer:
    person = Person(id="1", team_id="T", user_id="UTOLD", name="Told")
    answer = CounterNoticeAnswer(
        counter_notice_id="C",
        round=1,
        position=position,
        code=ContestCode.COURT_ACTION if position is Position.CONTEST else None,
        explanation=HOSTILE * 20,
        reference=HOSTILE,
        evidence=[{"url": EVIL}] * MOST_LINKS,
        person_id="1",
        role="BL",
        at=NOW,
        second_id="1" if seconded else None,
        second_agrees=True if seconded else None,
        second_at=NOW if seconded else None,
    )
    return GivenAnswer(answer, person, person if seconded else None)


def every_sheet() -> Iterator[CounterNoticeSheet]:
    answers = [None, Position.ACCEPT, Position.CONTEST]
    for state, by, position in product(CounterState, [None, *DecidedBy], answers):
        if by is DecidedBy.SELLER and state is CounterState.UPHELD:
            continue
        yield sheet(state, by, position=position, seconded=state not in BRANDS_TURN)


def every_step() -> Iterator[CounterNoticeStep]:
    for kind in StepKind:
        yield CounterNoticeStep(
            counter_notice_id="C", step_key="k", kind=kind, reason=HOSTILE * 20, by="x", at=NOW
        )


def test_the_largest_of_everything_is_inside_slacks_limits_and_dead() -> None:
    for each in every_sheet():
        blocks = card(WORDS, each, TERMS)
        check_message(card_text(WORDS, each), blocks, None)
        for step in every_step():
            said = step_blocks(WORDS, step, each, TERMS)
            check_message(step_text(WORDS, step, each), said, None)
            blocks = [*blocks, *said]
        for text in [*markup(blocks), card_text(WORDS, each)]:
            assert not LIVE.search(text), text
    for view in every_form():
        check_view(view)
        assert not [text for text in markup(view) if LIVE.search(text)]


def every_form() -> Iterator[dict[str, Any]]:
    found = sheet(CounterState.OPEN, None)
    yield accept_form(WORDS, found, HOSTILE)
    yield contest_form(WORDS, found, HOSTILE, tuple(ContestCode), 5_000_000)
    yield contest_form(WORDS, found, HOSTILE, (ContestCode.COURT_ACTION,), 5_000_000)
    yield decline_form(WORDS, found)


def test_a_line_of_app_home_is_dead_too() -> None:
    line = CounterNoticeLine("C", HOSTILE, HOSTILE, CounterState.AWAITING_CONFIRMATION, DUE, Place("", ""))
    row = counter_row(WORDS, line, "")
    check_message("x", [row], None)
    assert not [text for text in markup(row) if LIVE.search(text)]


@pytest.mark.parametrize("state", CounterState)
def test_buttons_stand_only_while_they_mean_something(state: CounterState) -> None:
    each = sheet(state, None, position=Position.CONTEST)
    drawn = json.dumps(card(WORDS, each, TERMS))
    warned = next(step for step in every_step() if step.kind is StepKind.WARNED)
    warning = json.dumps(step_blocks(WORDS, warned, each, TERMS))
    for action in (CounterId.ACCEPT, CounterId.CONTEST):
        assert (f'"{action.value}"' in drawn) is (state is CounterState.OPEN)
        assert (f'"{action.value}"' in warning) is (state is CounterState.OPEN)
    for action in (CounterId.CONFIRM, CounterId.DECLINE):
        assert (f'"{action.value}"' in drawn) is (state is CounterState.AWAITING_CONFIRMATION)


def test_an_answer_that_was_declined_is_shown_no_more() -> None:
    each = sheet(CounterState.OPEN, None, position=Position.CONTEST, seconded=True)
    assert each.given is not None
    each.given.answer.second_agrees = False
    assert "UTOLD" not in json.dumps(card(WORDS, each, TERMS))


def test_where_only_a_court_contests_the_card_and_the_form_say_so() -> None:
    court = Terms("reinstate", (ContestCode.COURT_ACTION,))
    each = sheet(CounterState.OPEN, None)
    said = WORDS.text("counter_notices.card.court_only")
    assert said in json.dumps(card(WORDS, each, court))
    assert said not in json.dumps(card(WORDS, each, TERMS))
    form = contest_form(WORDS, each, "Market", (ContestCode.COURT_ACTION,), 5_000_000)
    (reference,) = [block for block in form["blocks"] if block.get("block_id") == "reference"]
    assert reference["optional"] is False


def test_a_long_statement_is_shown_to_its_end() -> None:
    each = sheet(CounterState.OPEN, None)
    each.counter.statement = "x" * 4990 + " the end."
    assert "the end." in json.dumps(card(WORDS, each, TERMS))
