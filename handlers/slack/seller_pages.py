"""Pages about sellers in the register's modal: the search, a seller, a network, policies, banned goods."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import category_bans, seller_view, strike_policies
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may
from bot.enforcement.strike_policies import Wanted
from bot.words.catalogue import Words
from handlers.blocks import sellers as blocks
from handlers.blocks import strike_policies as policy_blocks
from handlers.blocks.parts import Block
from handlers.payloads import Malformed
from storage.queries import sellers

Page = Callable[[Session, Actor, str, Words, datetime], Block]


def wanted_of(detail: str) -> Wanted:
    """The policy in an address: `01J...-three_strikes-365-3`."""
    parts = detail.split("-")
    if len(parts) != 4:
        raise Malformed("no policy")
    return Wanted.read(dict(zip(("client_id", "policy", "valid", "apart"), parts, strict=True)))


def detail_of(wanted: Wanted) -> str:
    """What `wanted_of` reads."""
    return "-".join(wanted.written().values())


def _search(session: Session, actor: Actor, _id: str, words: Words, _now: datetime) -> Block:
    seller_view.reach(session, actor)
    return blocks.search_page(words)


def _seller(session: Session, actor: Actor, seller_id: str, words: Words, now: datetime) -> Block:
    return blocks.seller_page(words, seller_view.sheet(session, actor, seller_id, now))


def _notice_sellers(session: Session, actor: Actor, notice_id: str, words: Words, _now: datetime) -> Block:
    notice, found = seller_view.sellers_of_notice(session, actor, notice_id)
    return blocks.notice_sellers_page(words, notice_id, notice.reference, found)


def _network(session: Session, actor: Actor, seller_id: str, words: Words, _now: datetime) -> Block:
    return blocks.network_page(words, seller_view.network(session, actor, seller_id))


def _fact_form(session: Session, actor: Actor, seller_id: str, words: Words, _now: datetime) -> Block:
    subject = Subject("seller", seller_id)
    authorize(session, actor, Operation.NOTE_SELLER_FACT, subject)
    seller = sellers.find(session, seller_id)
    if seller is None:
        raise Denied(actor, Operation.NOTE_SELLER_FACT, subject)
    return blocks.fact_form(words, seller)


def _decline_form(session: Session, actor: Actor, sanction_id: str, words: Words, _now: datetime) -> Block:
    subject = Subject("sanction", sanction_id)
    authorize(session, actor, Operation.REPORT_SANCTION, subject)
    sanction = sellers.sanction(session, sanction_id)
    seller = sellers.find(session, sanction.seller_id) if sanction else None
    if seller is None:
        raise Denied(actor, Operation.REPORT_SANCTION, subject)
    return blocks.decline_form(words, seller, sanction)


def _policies(session: Session, actor: Actor, _id: str, words: Words, _now: datetime) -> Block:
    return policy_blocks.policies_page(words, strike_policies.overview(session, actor))


def _policy(session: Session, actor: Actor, client_id: str, words: Words, _now: datetime) -> Block:
    line = strike_policies.market(session, actor, client_id)
    subject = Subject("strike_policy", client_id)
    switches = may(session, actor, Operation.SWITCH_STRIKE_POLICY, subject)
    return policy_blocks.policy_page(words, line, switches=switches)


def _policy_form(session: Session, actor: Actor, client_id: str, words: Words, _now: datetime) -> Block:
    authorize(session, actor, Operation.SWITCH_STRIKE_POLICY, Subject("strike_policy", client_id))
    line = strike_policies.market(session, actor, client_id)
    return policy_blocks.policy_form(words, line, strike_policies.own_pause(line.policy))


def _policy_trial(session: Session, actor: Actor, detail: str, words: Words, now: datetime) -> Block:
    wanted = wanted_of(detail)
    authorize(session, actor, Operation.SWITCH_STRIKE_POLICY, Subject("strike_policy", wanted.client_id))
    line = strike_policies.market(session, actor, wanted.client_id)
    tried = strike_policies.histogram(session, actor, wanted, now)
    given = wanted.written()
    return policy_blocks.trial_page(
        words, line, given["policy"], given["valid"], given["apart"], tried, detail
    )


def _bans(session: Session, actor: Actor, client_id: str, words: Words, _now: datetime) -> Block:
    banned = category_bans.bans(session, actor, client_id)
    name = strike_policies.market(session, actor, client_id).client.name
    return policy_blocks.bans_page(words, client_id, name, banned)


def _ban_form(session: Session, actor: Actor, client_id: str, words: Words, _now: datetime) -> Block:
    authorize(session, actor, Operation.KEEP_CATEGORY_BANS, Subject("category_ban", client_id))
    strike_policies.market(session, actor, client_id)
    return policy_blocks.ban_form(words, client_id)


SELLER_PAGES: Mapping[str, Page] = {
    "sellers": _search,
    "seller": _seller,
    "notice_sellers": _notice_sellers,
    "network": _network,
    "fact_form": _fact_form,
    "decline_form": _decline_form,
    "policies": _policies,
    "policy": _policy,
    "policy_form": _policy_form,
    "policy_trial": _policy_trial,
    "bans": _bans,
    "ban_form": _ban_form,
}
