"""A seller's page, their network, the search, the card of a sanction, and the small forms around them.

Rows are those of `storage/records/seller_sheets.py`. Values of traits reach the platform team's pages alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.words.catalogue import Words
from bot.words.text import escape, link
from bot.words.text import plain as one_line
from handlers.blocks.conversations import talk_button
from handlers.blocks.office import form, page, row, select, text_input
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    confirm,
    context,
    divider,
    field,
    fields,
    header,
    moment_token,
    option,
    section,
)
from handlers.ids import OfficeId, SellerId
from storage.records.conversations import About
from storage.records.seller_sheets import NetworkSheet, SellerSheet
from storage.records.sellers import Measure, SanctionState, TraitKind
from storage.records.takedowns import TakedownState

_NAME = 75
_TITLE = 90
_LINK = 500
_MOST_LINKED = 8
_FACT_KINDS = tuple(kind for kind in TraitKind if kind is not TraitKind.PICTURE)
_TRADE = (TakedownState.REMOVED, TakedownState.REFUSED, TakedownState.REINSTATED)


def named(seller: Any) -> str:
    """What people call a seller; their id where they have no name. Not yet markup."""
    return one_line(seller.name or seller.external_id, _NAME)


def search_page(words: Words) -> Block:
    """Where a seller is looked for."""
    pick: Block = {
        "type": "external_select",
        "action_id": SellerId.PICK,
        "min_query_length": 2,
        "placeholder": {"type": "plain_text", "text": words.text("sellers.search.placeholder")},
    }
    blocks = [
        section(words.text("sellers.search.intro")),
        actions(pick, block_id="seller"),
        context(words.text("sellers.search.hint")),
    ]
    return page(words, words.text("sellers.title"), blocks, here="sellers")


def found_page(words: Words, typed: str, found: Sequence[Any]) -> Block:
    """The sellers that a name fits."""
    open_ = words.text("register.open")
    blocks = [
        section(words.text("sellers.search.found", typed=escape(one_line(typed, _NAME)))),
        *(row(f"*{escape(named(each))}*\n{_where(each)}", open_, f"seller:{each.id}") for each in found),
    ]
    return page(words, words.text("sellers.title"), blocks, here="sellers", back="sellers")


def options(found: Sequence[Any]) -> list[Block]:
    """The same as options of a select; each leads to the seller's page."""
    return [
        option(f"{named(each)} · {one_line(each.external_id, 30)}", f"seller:{each.id}") for each in found
    ]


def seller_page(words: Words, sheet: SellerSheet) -> Block:
    """Everything that this reader may see of a seller."""
    seller = sheet.seller
    blocks: list[Block] = [header(named(seller)), fields(_facts(words, sheet))]
    blocks += [section(line) for line in _measures(words, sheet)]
    blocks += _proposed(words, sheet)
    blocks += [divider(), section(f"*{words.text('sellers.page.strikes')}*\n{_strikes(words, sheet)}")]
    if sheet.relistings:
        blocks.append(section(_relisted(words, sheet)))
    if sheet.linked:
        blocks.append(section(_linked(words, sheet)))
    blocks.append(context(words.text("sellers.page.whole" if sheet.whole else "sellers.page.own")))
    if sheet.whole:
        buttons = [button(words.text("sellers.page.note_fact"), OfficeId.GO, f"fact_form:{seller.id}")]
        if seller.network_id:
            buttons.insert(
                0, button(words.text("sellers.page.network"), OfficeId.NEXT, f"network:{seller.id}")
            )
        blocks.append(actions(*buttons))
    else:
        blocks.append(actions(talk_button(words, About.SELLER, seller.id)))
    return page(words, words.text("sellers.title"), blocks, here=f"seller:{seller.id}", back="sellers")


def network_page(words: Words, sheet: NetworkSheet, said: str = "") -> Block:
    """The sellers of one network and what they share; `said`: what was just done."""
    blocks: list[Block] = [section(said)] if said else []
    blocks += [
        header(words.count("sellers.network.members", len(sheet.members))),
        section("\n".join(f"• {escape(named(each))} · {_where(each)}" for each in sheet.members[:30])),
        divider(),
        section(f"*{words.text('sellers.network.shared')}*\n{_shared(words, sheet)}"),
        context(words.text("sellers.network.how")),
        actions(button(words.text("sellers.network.picture"), SellerId.PICTURE, sheet.seller.id)),
    ]
    return page(
        words,
        words.text("sellers.network.title"),
        blocks,
        here=f"network:{sheet.seller.id}",
        back=f"seller:{sheet.seller.id}",
    )


def fact_form(words: Words, seller: Any) -> Block:
    """Something that the platform team knows of a seller."""
    kinds = [option(words.text(f"sellers.trait.{kind}"), kind.value) for kind in _FACT_KINDS]
    blocks = [
        section(words.text("sellers.fact.about", seller=escape(named(seller)))),
        field("kind", words.text("sellers.fact.kind"), select(kinds)),
        field(
            "text",
            words.text("sellers.fact.text"),
            text_input(most=300),
            hint=words.text("sellers.fact.hint"),
        ),
    ]
    return form(
        words,
        words.text("sellers.title"),
        blocks,
        callback_id=SellerId.FACT_FORM,
        here=f"fact_form:{seller.id}",
        back=f"seller:{seller.id}",
    )


def decline_form(words: Words, seller: Any, sanction: Any) -> Block:
    """Why the marketplace does not take a measure."""
    about = words.text(
        "sellers.decline.about",
        seller=escape(named(seller)),
        measure=words.text(f"sellers.measure.{sanction.measure}"),
    )
    reason = text_input(most=1000, several_lines=True)
    return form(
        words,
        words.text("sellers.title"),
        [section(about), field("reason", words.text("sellers.decline.reason"), reason)],
        callback_id=SellerId.DECLINE_FORM,
        here=f"decline_form:{sanction.id}",
        back=f"seller:{seller.id}",
        submit=words.text("sellers.decline.submit"),
    )


def sanction_card(words: Words, seller: Any, sanction: Any, policy: str, needed: int) -> list[Block]:
    """A proposed measure in the platform team's channel, and what became of it."""
    facts = [
        ("seller", escape(named(seller))),
        ("marketplace", escape(one_line(sanction.marketplace, _NAME))),
        ("counted", _counted(words, policy, sanction.counted, needed)),
        ("proposed", moment_token(words, sanction.proposed_at)),
    ]
    blocks = [
        header(words.text(f"sellers.card.head_{sanction.measure}")),
        fields([(words.text(f"sellers.card.{name}"), value) for name, value in facts]),
        section(_sanction_line(words, sanction)),
    ]
    if sanction.reason:
        blocks.append(context(escape(one_line(sanction.reason, 300))))
    open_ = button(words.text("sellers.card.open"), OfficeId.GO, f"seller:{seller.id}")
    if sanction.state is not SanctionState.PROPOSED:
        return [*blocks, actions(open_)]
    return [*blocks, actions(open_, *_answers(words, sanction))]


def card_text(words: Words, seller: Any, sanction: Any) -> str:
    """The card in one line, for notifications."""
    measure = words.text(f"sellers.measure.{sanction.measure}")
    return words.text(f"sellers.text.{sanction.state}", seller=escape(named(seller)), measure=measure)


def followed(
    words: Words, card: Sequence[Block], way: Block | None, removed_at: datetime | None
) -> list[Block]:
    """A card with the way to its seller beside the listings, and under its head an earlier removal."""
    blocks = list(card)
    told = next(
        (number for number, block in enumerate(blocks) if "text" in block and block["type"] == "section"), 0
    )
    if way and told and "accessory" not in blocks[told]:
        blocks[told] = {**blocks[told], "accessory": way}
    if removed_at:
        blocks.insert(1, section(words.text("sellers.relisted", moment=moment_token(words, removed_at))))
    return blocks


def way_to(words: Words, seller_id: str, name: str) -> Block:
    """The button that leads to a seller's page."""
    shown = words.text("sellers.open_named", seller=one_line(name, 50))
    return button(shown, OfficeId.GO, f"seller:{seller_id}")


def way_to_several(words: Words, notice_id: str) -> Block:
    """The button that leads to a choice of a notice's sellers."""
    return button(words.text("sellers.open_several"), OfficeId.GO, f"notice_sellers:{notice_id}")


def notice_sellers_page(words: Words, notice_id: str, reference: str, found: Sequence[Any]) -> Block:
    """The sellers whose listings a notice names."""
    open_ = words.text("register.open")
    rows = [row(f"*{escape(named(each))}*\n{_where(each)}", open_, f"seller:{each.id}") for each in found]
    blocks = [section(words.text("sellers.of_notice", reference=reference)), *rows]
    return page(words, words.text("sellers.title"), blocks, here=f"notice_sellers:{notice_id}")


def _where(seller: Any) -> str:
    return f"{escape(one_line(seller.marketplace, _NAME))} · {escape(one_line(seller.external_id, _NAME))}"


def _facts(words: Words, sheet: SellerSheet) -> list[tuple[str, str]]:
    told = [("marketplace", _where(sheet.seller)), ("strikes", words.number(sheet.standing))]
    if sheet.count:
        told[1] = ("strikes", _counted(words, sheet.count.policy, sheet.count.total, sheet.count.needed))
    parts = [
        words.count(f"sellers.takedown.{state}", sheet.takedowns[state])
        for state in _TRADE
        if sheet.takedowns.get(state)
    ]
    told.append(("takedowns", words.listing(parts) if parts else words.text("sellers.page.none")))
    if sheet.asked is not None:
        told.append(("asked", words.number(sheet.asked)))
    if sheet.listings is not None:
        told.append(("listings", words.number(sheet.listings)))
        told.append(("first_seen", words.day(sheet.seller.first_seen_at.astimezone(words.zone).date())))
    if sheet.others:
        days, removals = sheet.others
        told.append(("others", words.text("sellers.page.about", removals=words.number(removals), days=days)))
    return [(words.text(f"sellers.page.{name}"), value) for name, value in told]


def _counted(words: Words, policy: str, counted: int, needed: int) -> str:
    return words.text(f"sellers.counted.{policy}", counted=words.number(counted), needed=words.number(needed))


def _measures(words: Words, sheet: SellerSheet) -> list[str]:
    """What the marketplace did: public, so everybody reads it. The platform team reads the rest as well."""
    if sheet.whole:
        return [
            _sanction_line(words, each)
            for each in sheet.sanctions
            if each.state is not SanctionState.PROPOSED
        ]
    return [
        words.text(
            "sellers.state.carried_out",
            measure=words.text(f"sellers.measure.{each.measure}"),
            moment=moment_token(words, each.answered_at),
        )
        for each in sheet.carried_out
    ]


def _proposed(words: Words, sheet: SellerSheet) -> list[Block]:
    blocks: list[Block] = []
    for each in sheet.sanctions:
        if each.state is SanctionState.PROPOSED:
            blocks.append(section(_sanction_line(words, each)))
            blocks.append(actions(*_answers(words, each), block_id=f"sanction-{each.id}"))
    return blocks


def _sanction_line(words: Words, sanction: Any) -> str:
    at = sanction.proposed_at if sanction.state is SanctionState.PROPOSED else sanction.answered_at
    return words.text(
        f"sellers.state.{sanction.state}",
        measure=words.text(f"sellers.measure.{sanction.measure}"),
        moment=moment_token(words, at),
    )


def _answers(words: Words, sanction: Any) -> tuple[Block, Block]:
    done = words.text("sellers.card.carried_out")
    sure = confirm(
        words.text("office.sure"),
        words.text("sellers.card.sure", measure=words.text(f"sellers.measure.{sanction.measure}")),
        done,
        words.text("common.cancel"),
        danger=sanction.measure is Measure.BAN,
    )
    return (
        button(done, SellerId.CARRIED_OUT, sanction.id, style="danger", confirm=sure),
        button(words.text("sellers.card.decline"), OfficeId.NEXT, f"decline_form:{sanction.id}"),
    )


def _strikes(words: Words, sheet: SellerSheet) -> str:
    lines = []
    for strike in sheet.strikes:
        title = one_line(strike.title or strike.url.partition("://")[2], _TITLE)
        shown = link(strike.url, title) if len(strike.url) <= _LINK else escape(title)
        told = [moment_token(words, strike.at), words.text(f"sellers.severity.{strike.severity}"), shown]
        if sheet.whole:
            told.append(escape(one_line(strike.holder, _NAME)))
        if strike.taken_back_at:
            told.append(words.text("sellers.strike.taken_back"))
        elif sheet.count and strike.id not in sheet.count.strikes:
            told.append(words.text("sellers.strike.not_counted"))
        lines.append("• " + " · ".join(told))
    return "\n".join(lines)[:2900] or words.text("sellers.page.no_strikes")


def _relisted(words: Words, sheet: SellerSheet) -> str:
    lines = [f"*{words.text('sellers.page.relisted')}*"]
    for each in sheet.relistings:
        title = one_line(each.title or each.url.partition("://")[2], _TITLE)
        lines.append(
            words.text(
                f"sellers.relisted_as.{each.likeness}",
                title=link(each.url, title) if len(each.url) <= _LINK else escape(title),
                found=moment_token(words, each.found_at),
                removed=moment_token(words, each.removed_at),
            )
        )
    return "\n• ".join(lines)


def _linked(words: Words, sheet: SellerSheet) -> str:
    lines = [f"*{words.text('sellers.page.linked')}*"]
    for each in sheet.linked[:_MOST_LINKED]:
        kinds = sorted(sheet.kinds.get(each.id, ()))
        by = words.listing([words.text(f"sellers.trait.{kind}") for kind in kinds])
        lines.append(f"{escape(named(each))} · {by or words.text('sellers.page.by_others')}")
    if len(sheet.linked) > _MOST_LINKED:
        lines.append(words.count("sellers.page.more_linked", len(sheet.linked) - _MOST_LINKED))
    return "\n• ".join(lines)


def _shared(words: Words, sheet: NetworkSheet) -> str:
    lines = [
        f"• {words.text(f'sellers.trait.{trait.kind}')}: {escape(one_line(trait.shown, 120))} · "
        f"{words.count('sellers.network.sellers', trait.sellers)}"
        for trait in sheet.traits[:15]
    ]
    return "\n".join(lines) or words.text("sellers.network.nothing")
