"""An authenticity request as its card shows it: the question, what each answer does, and what became of it.

`case` is a row of `storage.queries.authenticity.case`: the request with its verdict and what followed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.words.catalogue import Words
from bot.words.text import escape, link, shown_host
from bot.words.text import plain as one_line
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    confirm,
    context,
    fields,
    header,
    moment_token,
    picture,
    section,
)
from handlers.ids import AuthenticityId
from handlers.payloads import Pointer
from storage.records.authenticity import Answer, Decision, Outcome, RequestState
from storage.records.memory import Repeats
from storage.records.takedowns import TakedownState

MOST_PICTURES = 3
_TITLE = 120
_PERSON = 75
_REASON = 300
_LINK = 1500  # a longer address does not fit beside the rest of its section
_UNDECIDED = frozenset({RequestState.OPEN, RequestState.AWAITING_CONFIRMATION})


@dataclass(frozen=True)
class Asking:
    """What the card needs beside the case: what "Fake" can lead to, whether pictures may be shown, now.

    `consequences` by role; `unusual` for somebody's first Fake (`unusual_first`), or one of many or of fast
    ones; `large_seller` where the seller's size is why nobody decides alone; `repeats`: how often this
    Genuine answered the question again.
    """

    consequences: Collection[Outcome]
    pictures: bool
    now: datetime
    unusual: Outcome | None = None
    unusual_first: bool = False
    large_seller: bool = False
    repeats: Repeats | None = None

    @property
    def promised(self) -> list[Outcome]:
        """Everything that the card says a click may lead to."""
        return list(dict.fromkeys([*self.consequences, *([self.unusual] if self.unusual else [])]))


def card(words: Words, case: Any, asking: Asking, beside: Sequence[Block] = ()) -> list[Block]:
    """The card in the brand's channel; `beside` stands between the listing and the question."""
    head = header(words.text(f"authenticity.head.{_head(case)}"))
    blocks = [head, *_listing(words, case, asking), *beside]
    if case.state is RequestState.OPEN:
        return blocks + _question(words, case, asking)
    blocks += _answer(words, case, asking)
    if case.state is RequestState.WITHDRAWN:
        reason = escape(one_line(case.withdrawn_reason, _REASON))
        key = "authenticity.card.withdrawn_because" if reason else "authenticity.card.withdrawn"
        blocks.append(section(words.text(key, reason=reason)))
    return blocks


def card_text(words: Words, case: Any) -> str:
    """The card in one line, for notifications."""
    title = escape(one_line(case.snapshot["title"], _TITLE))
    return words.text(f"authenticity.text.{case.state.value}", title=title)


def sent_back(words: Words) -> list[Block]:
    """What remains in a channel whose brand said that the listing is not theirs."""
    return [section(words.text("authenticity.card.sent_back"))]


def unrouted_card(words: Words, case: Any) -> list[Block]:
    """The card in the platform team's channel."""
    blocks = [
        header(words.text("authenticity.whose")),
        section(listing_line(words, case)),
        fields(facts_of(words, case)),
    ]
    if case.state is RequestState.UNROUTED:
        blocks.append(section(words.text(_why_unrouted(case), brand=_named(case))))
        return [*blocks, actions(assign_button(words, case))]
    key = "withdrawn" if case.state is RequestState.WITHDRAWN else "assigned"
    blocks.append(section(words.text(f"authenticity.unrouted.{key}", brand=_named(case))))
    return blocks


def assign_button(words: Words, case: Any) -> Block:
    """The button that gives an unrouted request to a brand."""
    label = words.text("authenticity.button.assign")
    return button(label, AuthenticityId.ASSIGN, str(Pointer(case.id)), style="primary")


def sample_card(words: Words, case: Any, todo: Any, done_user: str) -> list[Block]:
    """The to-do in a lead's direct messages."""
    asked = words.text("authenticity.sample.asked", person=_person(case.verdict_user))
    blocks = [section(asked), section(listing_line(words, case)), fields(facts_of(words, case))]
    if todo.done_at is None:
        done = button(words.text("authenticity.button.sample_done"), AuthenticityId.SAMPLE_DONE, todo.id)
        return [*blocks, actions(done)]
    moment = moment_token(words, todo.done_at)
    done_line = words.text("authenticity.sample.done", person=_person(done_user), moment=moment)
    return [*blocks, context(done_line)]


def _listing(words: Words, case: Any, asking: Asking) -> list[Block]:
    blocks = [section(listing_line(words, case)), fields(facts_of(words, case))]
    blocks.append(reasons_of(words, case))
    return blocks + pictures_of(words, case, asking) if case.state in _UNDECIDED else blocks


def reasons_of(words: Words, case: Any) -> Block:
    """Why the marketplace asks."""
    reasons = "\n".join(f"• {escape(one_line(reason, _REASON))}" for reason in case.reasons)
    market = escape(one_line(case.client, _PERSON))
    return section(f"{words.text('authenticity.card.reasons', marketplace=market)}\n{reasons}")


def _head(case: Any) -> str:
    if case.state is not RequestState.ANSWERED:
        return str(case.state.value)
    if case.retracted_at is not None:
        return "retracted"
    return "disputed" if case.decision is Decision.DECLINED else str(case.answer.value)


def listing_line(words: Words, case: Any) -> str:
    """The listing's title and the link to it, with the site that it opens."""
    listing = case.snapshot
    title = f"*{escape(one_line(listing['title'], _TITLE))}*"
    if len(listing["url"]) > _LINK:
        return title
    host = shown_host(listing["url"])
    shown = words.text("authenticity.card.open", host=host.domain)
    doubtful = f" {words.text('authenticity.card.odd_host')}" if host.suspicious else ""
    return f"{title}\n{link(listing['url'], shown)}{doubtful}"


def facts_of(words: Words, case: Any) -> list[tuple[str, str]]:
    """Brand, price, seller and deadline, as far as they are known, each with its label."""
    listing = case.snapshot
    told = [("brand", escape(one_line(case.brand or case.brand_named, _PERSON)))]
    if listing["price"]:
        told.append(("price", _money(words, listing["price"])))
    if listing["seller"]:
        seller = listing["seller"]
        told.append(("seller", escape(one_line(seller["name"] or seller["id"], _PERSON))))
    if case.deadline:
        told.append(("deadline", moment_token(words, case.deadline)))
    return [(words.text(f"authenticity.card.{name}"), value) for name, value in told]


def _money(words: Words, price: Mapping[str, str]) -> str:
    return escape(words.money(Decimal(price["amount"]), price["currency"]))


def pictures_of(words: Words, case: Any, asking: Asking) -> list[Block]:
    """The listing's first pictures, or links to them."""
    urls: Sequence[str] = case.snapshot["pictures"][:MOST_PICTURES]
    if not urls:
        return []
    if asking.pictures:
        told = words.text("authenticity.card.picture", title=one_line(case.snapshot["title"], _TITLE))
        return [picture(url, told) for url in urls]
    names = enumerate(urls, start=1)
    links = [
        link(url, words.text("authenticity.card.picture_link", n=n)) for n, url in names if len(url) <= _LINK
    ]
    return [context(*links)] if links else []


def _question(words: Words, case: Any, asking: Asking) -> list[Block]:
    return [context(*before_answer(words, case, asking)), actions(*answers(words, case, asking))]


def before_answer(words: Words, case: Any, asking: Asking) -> list[str]:
    """What Fake will do, and that the deadline has passed."""
    small = [words.text(f"authenticity.fake.{_kind(asking.consequences)}"), *_second_look(words, asking)]
    if case.deadline and asking.now > case.deadline:
        small.append(words.text("authenticity.card.late"))
    return small


def before_fake(words: Words, asking: Asking) -> str:
    """What Slack's dialog says before a Fake."""
    sure = words.text(f"authenticity.sure.{_kind(asking.consequences)}")
    return " ".join([sure, *_second_look(words, asking)])


def promise_of(case: Any, asking: Asking) -> str:
    """The round, and what was said that Fake may lead to, as a click carries it back."""
    return "-".join([str(case.round), *(outcome.value for outcome in asking.promised)])


def _second_look(words: Words, asking: Asking) -> list[str]:
    """Why a second person is asked in spite of good standing, or when one would be."""
    if asking.large_seller:
        return [words.text("second_look.large_seller")]
    if asking.unusual is None:
        return []
    whose = "first" if asking.unusual_first else "many"
    return [words.text(f"second_look.unless_{whose}.{asking.unusual.value}")]


def _kind(consequences: Collection[Outcome]) -> str:
    return "mixed" if len(consequences) > 1 else next(iter(consequences)).value


def answers(words: Words, case: Any, asking: Asking) -> list[Block]:
    """The five buttons of an open request."""
    sure = confirm(
        words.text("authenticity.sure.title"),
        before_fake(words, asking),
        words.text("authenticity.button.fake"),
        words.text("common.cancel"),
        danger=True,
    )
    fake = button(
        words.text("authenticity.button.fake"),
        AuthenticityId.FAKE,
        str(Pointer(case.id, promise_of(case, asking))),
        style="danger",
        confirm=sure,
    )
    value = _at_round(case)
    genuine = button(
        words.text("authenticity.button.genuine"), AuthenticityId.GENUINE, value, style="primary"
    )
    rest = [
        button(words.text(f"authenticity.button.{answer.value}"), action_id, value)
        for answer, action_id in (
            (Answer.CANNOT_TELL, AuthenticityId.CANNOT_TELL),
            (Answer.NEED_SAMPLE, AuthenticityId.NEED_SAMPLE),
            (Answer.NOT_OUR_BRAND, AuthenticityId.NOT_OUR_BRAND),
        )
    ]
    return [fake, genuine, *rest]


def _answer(words: Words, case: Any, asking: Asking) -> list[Block]:
    if case.verdict_id is None:
        return []
    told = words.text(
        f"authenticity.verdict.{case.answer.value}",
        person=_person(case.verdict_user),
        moment=moment_token(words, case.verdict_at),
    )
    if case.late:
        told = f"{told} {words.text('authenticity.verdict.late')}"
    if case.second_ground:
        told = f"{told} {words.text(f'second_look.because.{case.second_ground.value}')}"
    lines = [told, *_second_word(words, case), *_retracted(words, case), *_follows(words, case)]
    lines += _repeated(words, asking.repeats)
    buttons = afterwards(words, case)
    return [section("\n".join(lines)), *([actions(*buttons)] if buttons else [])]


def _repeated(words: Words, repeats: Repeats | None) -> list[str]:
    if repeats is None or repeats.last is None:
        return []
    return [words.count("memory.asked_again", repeats.times, moment=moment_token(words, repeats.last))]


def _second_word(words: Words, case: Any) -> list[str]:
    if case.decision is None:
        awaits = case.state is RequestState.AWAITING_CONFIRMATION
        return [words.text("authenticity.second.awaited")] if awaits else []
    values = {
        "person": _person(case.decided_user),
        "moment": moment_token(words, case.decided_at),
        "reason": escape(one_line(case.decided_reason, _REASON)),
    }
    return [words.text(f"authenticity.second.{case.decision.value}", **values)]


def _retracted(words: Words, case: Any) -> list[str]:
    if case.retracted_at is None:
        return []
    return [
        words.text(
            "authenticity.retracted",
            person=_person(case.retracted_user),
            moment=moment_token(words, case.retracted_at),
            reason=escape(one_line(case.retracted_reason, _REASON)),
        )
    ]


def _follows(words: Words, case: Any) -> list[str]:
    if case.notice_id:
        return [words.text("authenticity.became_notice", reference=case.notice_reference)]
    if case.takedown_id is None:
        return []
    state: TakedownState = case.takedown_state
    if case.retracted_at and state in (TakedownState.REQUESTED, TakedownState.SENT, TakedownState.REMOVED):
        return [words.text("authenticity.takedown.asked_by_others")]
    key = f"authenticity.takedown.{state.value}"
    if state is TakedownState.REQUESTED and case.takedown_reason:
        key = f"{key}_{case.takedown_reason}"
    return [
        words.text(
            key,
            marketplace=escape(one_line(case.client, _PERSON)),
            moment=moment_token(words, case.takedown_removed_at) if case.takedown_removed_at else "",
            reason=escape(one_line(case.takedown_reason, _REASON)),
        )
    ]


def afterwards(words: Words, case: Any) -> list[Block]:
    """The buttons of a request with a verdict: the second word, taking it back."""
    value = _at_round(case)
    buttons = []
    if case.state is RequestState.AWAITING_CONFIRMATION:
        sure = confirm(
            words.text("authenticity.sure.title"),
            words.text("authenticity.sure.confirm"),
            words.text("authenticity.button.confirm"),
            words.text("common.cancel"),
            danger=True,
        )
        label = words.text("authenticity.button.confirm")
        buttons.append(button(label, AuthenticityId.CONFIRM, value, style="danger", confirm=sure))
        buttons.append(button(words.text("authenticity.button.decline"), AuthenticityId.DECLINE, value))
    if case.retracted_at is None and case.decision is not Decision.DECLINED:
        buttons.append(button(words.text("authenticity.button.retract"), AuthenticityId.RETRACT, value))
    return buttons


def _why_unrouted(case: Any) -> str:
    if case.round > 1 and case.brand_id is None:
        return "authenticity.unrouted.sent_back"
    return "authenticity.unrouted.no_channel" if case.brand_id else "authenticity.unrouted.no_brand"


def _named(case: Any) -> str:
    return escape(one_line(case.brand or case.brand_named, _PERSON))


def _person(user_id: str) -> str:
    return f"<@{user_id}>"


def _at_round(case: Any) -> str:
    return str(Pointer(case.id, str(case.round)))
