"""`/seller` and what is done on the pages: find a seller, note a fact, answer a sanction, try a policy."""

from bot.contract.sellers import SanctionReport
from bot.enforcement import approvals, category_bans, networks, sanctions, seller_view
from bot.enforcement.access import Denied
from bot.enforcement.approvals import ActName
from bot.enforcement.refusals import Refused
from bot.enforcement.strike_policies import Wanted
from handlers.blocks import sellers as blocks
from handlers.guard import BadForm, Call, Reply
from handlers.payloads import Form, Malformed, Pointer, one_of, text_at
from handlers.slack.office import here, next_page, on_field, open_page, redraw, show
from handlers.slack.seller_pages import detail_of, wanted_of
from handlers.slack.views import open_view, view_failed
from storage.records.sellers import TraitKind

_POLICY_FIELDS = {
    "sellers.bad_validity": "valid",
    "sellers.bad_pause": "apart",
    "sellers.no_such_policy": "policy",
}


async def handle_seller(call: Call) -> Reply | None:
    """`/seller`: the search; with a name, an id or a link, what it finds."""
    words = await call.words()
    typed = text_at(call.body, "text").strip()
    if typed.lower() == "help":
        return Reply(text=words.text("sellers.help"))
    if not typed:
        return await open_page(call, "sellers")
    found = await call.read(seller_view.search, typed, call.desk.own_marketplaces)
    if not found:
        return Reply(text=words.text("sellers.search.nobody"))
    if len(found) == 1:
        return await open_page(call, f"seller:{found[0].id}")
    if await open_view(call, blocks.found_page(words, typed, found)):
        return None
    return await view_failed(call, words, "office.slack_silent")


async def handle_options(call: Call) -> Reply:
    """The sellers that begin with what was typed in the search."""
    try:
        found = await call.read(seller_view.search, text_at(call.body, "value"), call.desk.own_marketplaces)
    except Denied:
        return Reply(options=[])
    return Reply(options=blocks.options(found))


async def handle_carried_out(call: Call) -> Reply | None:
    """The marketplace took the measure, says its staff."""
    sanction_id = Pointer.parse(call.value).id
    report = SanctionReport(event_id=f"slack:{call.inbox_key}"[:128], state="carried_out")
    read = await call.act(sanctions.report_sanction, sanction_id, report)
    return await _in_place(call, read.sanction_id)


async def handle_decline_form(call: Call) -> Reply | None:
    """The marketplace does not take it, and says why."""
    reason = Form.of(call.body).text("reason")
    if not reason:
        words = await call.words()
        raise BadForm({"reason": words.text("sellers.decline.reason_missing")})
    report = SanctionReport(event_id=f"slack:{call.inbox_key}"[:128], state="declined", reason=reason)
    await call.act(sanctions.report_sanction, here(call).detail, report)
    seller_id = await call.read(seller_view.seller_of_sanction, here(call).detail)
    return await next_page(call, f"seller:{seller_id}")


async def handle_fact_form(call: Call) -> Reply | None:
    """Something is known of a seller."""
    form, seller_id = Form.of(call.body), here(call).detail
    kind = one_of(TraitKind, form.choice("kind"))
    noted = call.act(networks.note_fact, seller_id, kind, form.text("text"))
    await on_field(call, noted, {"sellers.fact_empty": "text"})
    return await next_page(call, f"seller:{seller_id}")


async def handle_picture(call: Call) -> Reply | None:
    """A picture of the network, to one's own messages."""
    seller_id = Pointer.parse(call.value).id
    await call.act(seller_view.ask_for_picture, seller_id)
    words = await call.words()
    sheet = await call.read(seller_view.network, seller_id)
    await redraw(call, blocks.network_page(words, sheet, words.text("sellers.network.sent")))
    return None


async def handle_policy_form(call: Call) -> Reply | None:
    """A policy is tried out over the past."""
    form = Form.of(call.body)
    given = {
        "client_id": here(call).detail,
        "policy": form.choice("policy"),
        "valid": form.text("valid"),
        "apart": form.text("apart"),
    }
    try:
        wanted = Wanted.read(given)
    except Refused as refused:
        words = await call.words()
        field = _POLICY_FIELDS[refused.key]
        raise BadForm({field: words.text(refused.key, **refused.values)}) from refused
    return await next_page(call, f"policy_trial:{detail_of(wanted)}")


async def handle_propose(call: Call) -> Reply | None:
    """It is proposed to a second administrator."""
    address = Pointer.parse(call.value)
    if address.id != "policy_trial":
        raise Malformed("no policy")
    given = wanted_of(address.detail).written()
    await call.act(approvals.ask, ActName.SWITCH_STRIKE_POLICY, given)
    return await show(call, "approvals")


async def handle_ban_form(call: Call) -> Reply | None:
    """Goods are put on the list of those that may not be listed."""
    form, client_id = Form.of(call.body), here(call).detail
    added = call.act(category_bans.add_ban, client_id, form.text("goods"), form.text("reason"))
    fields = dict.fromkeys(("sellers.goods_missing", "sellers.goods_banned_already"), "goods")
    await on_field(call, added, fields)
    return await next_page(call, f"bans:{client_id}")


async def handle_end_ban(call: Call) -> Reply | None:
    """Goods are taken off it."""
    pointer = Pointer.parse(call.value)
    await call.act(category_bans.end_ban, pointer.id)
    return await show(call, f"bans:{pointer.detail}")


async def _in_place(call: Call, sanction_id: str) -> Reply | None:
    """After an answer from within the modal the seller's page; a card is drawn again by itself."""
    if text_at(call.body, "view", "type") != "modal":
        return None
    seller_id = await call.read(seller_view.seller_of_sanction, sanction_id)
    return await show(call, f"seller:{seller_id}")
