"""The pages of the register: for each its query, who may look at it, and its builder.

A page is read by `(session, actor, id, words, now)`; what it leads to is judged again when it is done.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from bot.enforcement import channels
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may
from bot.enforcement.calendars import unsettled_soon
from bot.enforcement.channels import Scope
from bot.enforcement.platform import live_keys
from bot.enforcement.roster import LEADING, roles_of
from bot.words.catalogue import Words
from handlers.blocks import account_managers as manager_blocks
from handlers.blocks import approvals as approval_blocks
from handlers.blocks import channels as channel_blocks
from handlers.blocks import clients, register, register_forms
from handlers.blocks.parts import Block
from handlers.drawn import standing
from handlers.guard import words_of
from handlers.payloads import Malformed, Pointer, number_of, part_of
from handlers.slack.conversation_pages import CONVERSATION_PAGES
from handlers.slack.export_pages import EXPORT_PAGES
from handlers.slack.finding_pages import FINDING_PAGES
from handlers.slack.group_pages import GROUP_PAGES
from handlers.slack.knowledge_pages import KNOWLEDGE_PAGES
from handlers.slack.menu import menu_page
from handlers.slack.misuse_pages import MISUSE_PAGES
from handlers.slack.roster_pages import ROSTER_PAGES
from handlers.slack.seller_pages import SELLER_PAGES
from storage.queries import account_managers, approvals, people, rights, roster
from storage.queries import channels as bindings
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, RightsHolder, Role

Page = Callable[[Session, Actor, str, Words, datetime], Block]
TERMS = 8  # of those who answered for a rights holder before


def draw(session: Session, actor: Actor, address: Pointer, now: datetime) -> Block:
    """The page at an address, for this reader. Raises `Denied` where it is not theirs."""
    page = PAGES.get(address.id)
    if page is None:
        raise Malformed("no such page")
    return page(session, actor, address.detail, words_of(session, actor), now)


def scope_of(detail: str) -> Scope:
    """The scope in a channel page's address: `brand-01J...`, `platform-`."""
    purpose, _, scope_id = detail.partition("-")
    if purpose not in set(ChannelPurpose) - {ChannelPurpose.CONVERSATION}:
        raise Malformed("no such purpose")
    return Scope(ChannelPurpose(purpose), scope_id)


def page_of(scope: Scope) -> str:
    """The address of the page on which a scope's channel is kept."""
    match scope.purpose:
        case ChannelPurpose.BRAND:
            return f"brand:{scope.id}"
        case ChannelPurpose.GROUP:
            return f"group:{scope.id}"
        case ChannelPurpose.ASSOCIATION:
            return f"holder:{scope.id}"
        case ChannelPurpose.PLATFORM:
            return "platform"
        case ChannelPurpose.CONVERSATION:
            return "talks"


def channel_form(
    session: Session,
    actor: Actor,
    scope: Scope,
    words: Words,
    *,
    chosen: str = "",
    strangers: tuple[str, ...] = (),
) -> Block:
    """The form that binds a channel, after a refusal with the names of the strangers in it."""
    subject = channels.subject_of(session, scope)
    authorize(session, actor, Operation.BIND_CHANNEL, subject or Subject("channel", scope.id))
    if subject is None:
        raise Denied(actor, Operation.BIND_CHANNEL, Subject("channel", scope.id))
    return channel_blocks.channel_form(
        words,
        scope.purpose,
        scope.id,
        bindings.names(session, {scope.id}).get(scope.id, ""),
        back=page_of(scope),
        chosen=chosen,
        strangers=strangers,
    )


def _holders(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    _administers(session, actor)
    return register.holders_page(words, roster.holders(session), number_of(number))


def _holder(session: Session, actor: Actor, detail: str, words: Words, now: datetime) -> Block:
    holder_id, number = part_of(detail)
    holder = _found_holder(session, actor, holder_id)
    return register.holder_page(
        words,
        holder,
        roster.brands_of(session, [holder_id]),
        roster.members(session, [holder_id]).get(holder_id, []),
        roster.mandates_of(session, holder_id),
        number,
        has_lead=bool(people.holding(session, LEADING, holder_id)),
        manager=manager_blocks.manager_line(words, account_managers.of(session, holder_id), now),
    )


def _holder_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    _administers(session, actor)
    return register_forms.holder_form(words, _found_holder(session, actor, holder_id) if holder_id else None)


def _brand_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    return register_forms.brand_form(words, _found_holder(session, actor, holder_id).id, None)


def _rename_form(session: Session, actor: Actor, brand_id: str, words: Words, _now: datetime) -> Block:
    _administers(session, actor)
    brand = session.get(Brand, brand_id)
    if brand is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, Subject("brand", brand_id))
    return register_forms.brand_form(words, brand.holder_id, brand)


def _standing_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    return register_forms.standing_form(words, _found_holder(session, actor, holder_id))


def _lead_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    holder = _found_holder(session, actor, holder_id)
    roles = [role for role in reversed(roles_of(holder)) if role in LEADING]
    return register_forms.lead_form(words, holder, roles)


def _guest_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    return register_forms.guest_form(words, _found_holder(session, actor, holder_id))


def _mandate_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    return register_forms.mandate_form(words, _found_holder(session, actor, holder_id))


def _brand(session: Session, actor: Actor, brand_id: str, words: Words, _now: datetime) -> Block:
    scope = Scope(ChannelPurpose.BRAND, brand_id)
    subject = channels.subject_of(session, scope)
    authorize(session, actor, Operation.BIND_CHANNEL, subject or Subject("channel", brand_id))
    brand = session.get(Brand, brand_id)
    if brand is None:
        raise Denied(actor, Operation.BIND_CHANNEL, Subject("brand", brand_id))
    renames = may(session, actor, Operation.CHANGE_REGISTER, Subject("brand", brand_id))
    back = f"holder:{brand.holder_id}" if renames else f"roster:{brand.holder_id}"
    channel = bindings.channel_of(session, ChannelPurpose.BRAND, brand_id)
    return register.brand_page(words, brand, channel, binds=True, renames=renames, back=back)


def _right_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    subject = Subject("right", holder_id=holder_id)
    authorize(session, actor, Operation.REGISTER_RIGHT, subject)
    holder = session.get_one(RightsHolder, holder_id)
    brands = [line.brand for line in roster.brands_of(session, [holder_id])]
    return register_forms.right_form(words, holder, brands)


def _rights(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    authorize(session, actor, Operation.CONFIRM_RIGHT, Subject("right"))
    waiting = rights.waiting(session)
    ids = {right.holder_id for right in waiting}
    found = session.exec(select(RightsHolder.id, RightsHolder.name).where(col(RightsHolder.id).in_(ids)))
    return register.rights_page(words, waiting, dict(found.all()), number_of(number))


def _platform(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    _administers(session, actor)
    return clients.platform_page(
        words,
        people.holding(session, (Role.PLATFORM_STAFF,)),
        bindings.channel_of(session, ChannelPurpose.PLATFORM),
        session.exec(select(PlatformClient).order_by(col(PlatformClient.name_key))).all(),
        number_of(number),
    )


def _staff_form(session: Session, actor: Actor, _id: str, words: Words, _now: datetime) -> Block:
    _administers(session, actor)
    return clients.staff_form(words)


def _client_form(session: Session, actor: Actor, _id: str, words: Words, _now: datetime) -> Block:
    authorize(session, actor, Operation.MANAGE_CLIENTS, Subject("platform_client"))
    return clients.client_form(words)


def _client(session: Session, actor: Actor, client_id: str, words: Words, now: datetime) -> Block:
    client = _found_client(session, actor, client_id)
    return clients.client_page(words, client, live_keys(session, client_id), unsettled_soon(client, now))


def _webhook_form(session: Session, actor: Actor, client_id: str, words: Words, _now: datetime) -> Block:
    return clients.webhook_form(words, _found_client(session, actor, client_id))


def _calendar_form(session: Session, actor: Actor, client_id: str, words: Words, _now: datetime) -> Block:
    return clients.calendar_form(words, _found_client(session, actor, client_id))


def _approvals(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    _administers(session, actor)
    return approval_blocks.approvals_page(approvals.waiting(session), actor.user_id, words, number_of(number))


def _approval(session: Session, actor: Actor, approval_id: str, words: Words, _now: datetime) -> Block:
    _administers(session, actor)
    proposal = approvals.proposal(session, approval_id)
    if proposal is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, Subject("approval", approval_id))
    return approval_blocks.review_form(proposal, words)


def _channels(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    _administers(session, actor)
    kept = col(ChannelBinding.purpose) != ChannelPurpose.CONVERSATION  # those belong to who talks there
    bound = session.exec(select(ChannelBinding).where(col(ChannelBinding.unbound_at).is_(None), kept)).all()
    names = bindings.names(session, {binding.scope_id for binding in bound})
    lines = sorted(
        ((binding, names.get(binding.scope_id, "")) for binding in bound),
        key=lambda line: (line[0].purpose, line[1]),
    )
    return channel_blocks.channels_page(words, lines, number_of(number))


def _channel_form(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    return channel_form(session, actor, scope_of(detail), words)


def _manager_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    subject = Subject("rights_holder", holder_id, holder_id=holder_id)
    authorize(session, actor, Operation.NAME_ACCOUNT_MANAGER, subject)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.NAME_ACCOUNT_MANAGER, subject)
    terms = account_managers.history(session, holder_id, limit=TERMS)
    return manager_blocks.manager_form(words, holder, account_managers.of(session, holder_id), terms)


PAGES: Mapping[str, Page] = {
    "menu": menu_page,
    "holders": _holders,
    "holder": _holder,
    "holder_form": _holder_form,
    "manager_form": _manager_form,
    "brand_form": _brand_form,
    "rename_form": _rename_form,
    "standing_form": _standing_form,
    "standing": standing.standing_page,
    "standings": standing.standings_page,
    "standing_rule_form": standing.rule_form,
    "lead_form": _lead_form,
    "guest_form": _guest_form,
    "mandate_form": _mandate_form,
    "brand": _brand,
    "right_form": _right_form,
    "rights": _rights,
    "platform": _platform,
    "staff_form": _staff_form,
    "client_form": _client_form,
    "client": _client,
    "webhook_form": _webhook_form,
    "calendar_form": _calendar_form,
    "approvals": _approvals,
    "approval": _approval,
    "channels": _channels,
    "channel_form": _channel_form,
    **CONVERSATION_PAGES,
    **FINDING_PAGES,
    **GROUP_PAGES,
    **ROSTER_PAGES,
    **SELLER_PAGES,
    **MISUSE_PAGES,
    **KNOWLEDGE_PAGES,
    **EXPORT_PAGES,
}


def _administers(session: Session, actor: Actor) -> None:
    authorize(session, actor, Operation.CHANGE_REGISTER, Subject("register"))


def _found_holder(session: Session, actor: Actor, holder_id: str) -> RightsHolder:
    _administers(session, actor)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, Subject("rights_holder", holder_id))
    return holder


def _found_client(session: Session, actor: Actor, client_id: str) -> PlatformClient:
    authorize(session, actor, Operation.MANAGE_CLIENTS, Subject("platform_client", client_id))
    client = session.get(PlatformClient, client_id)
    if client is None:
        raise Denied(actor, Operation.MANAGE_CLIENTS, Subject("platform_client", client_id))
    return client
