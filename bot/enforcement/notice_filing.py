"""Filing: a draft that is complete becomes one notice per marketplace, with everything that follows from it.

Three hundred listings are one transaction of few statements: identities are worked out in memory, listings
and items go in together.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import deadlines, fast_lanes, outgoing, relistings, second_look, takedowns
from bot.enforcement import notices as lifecycle
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject
from bot.enforcement.business_clock import Calendar
from bot.enforcement.calendars import of_client
from bot.enforcement.limits import NO_LIMITS, Limits
from bot.enforcement.listing_identity import ListingIdentity
from bot.enforcement.listings import ReadLinks, Sighting, read_links, remember
from bot.enforcement.notice_drafts import own_draft, typed_into
from bot.enforcement.notice_form import (
    Problem,
    check,
    offer,
    particulars,
    starts_takedowns,
    statements,
)
from bot.enforcement.trail import note
from storage.queries import notices, people
from storage.records.listings import Listing
from storage.records.notice_sheets import Batch, FormSheet, NoticeSheet, Reported, ReviewSheet
from storage.records.notices import (
    ItemState,
    NoticeItem,
    NoticeOrigin,
    NoticeState,
    ReasonCode,
)
from storage.records.platform import PlatformClient
from storage.records.second_look import Ground
from storage.records.takedowns import CauseKind

Fresh = Mapping[str, Sequence[ListingIdentity]]  # what is to be filed, by marketplace

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that looks like another
_GROUP = 4


@dataclass(frozen=True)
class Incomplete:
    """Nothing was filed: what is missing or wrong. The draft is kept."""

    sheet: FormSheet
    problems: Sequence[Problem]


@dataclass(frozen=True)
class Review:
    """Nothing was filed yet: the person should see this first."""

    sheet: ReviewSheet


@dataclass(frozen=True)
class FiledNotice:
    """A notice that was just filed, or had been by the same draft; `place` shows its card."""

    reference: str
    marketplace: str
    listings: int
    place: str


@dataclass(frozen=True)
class Filed:
    """What a draft became."""

    notices: Sequence[FiledNotice]


def file_notice(
    session: Session,
    actor: Actor,
    draft_id: str,
    typed: Mapping[str, Any],
    own: Mapping[str, str],
    *,
    reviewed: bool = False,
    limits: Limits = NO_LIMITS,
    now: datetime,
) -> Incomplete | Review | Filed:
    """File a draft with what was typed last. `own` as in `identify`.

    What is incomplete is kept and said; what is reported already or goes nowhere yet is shown once before it
    is filed (`reviewed`). A draft that was filed before gives what it became then.
    """
    try:
        draft, person = own_draft(session, actor, draft_id, lock=True)
    except Denied:
        filed = _filed_before(session, actor, draft_id)
        if filed is None:
            raise
        return filed
    draft = typed_into(draft, typed, now)
    sheet, grant = offer(session, actor, draft, now.date())
    links = read_links(sheet.form.links, own)
    problems = check(sheet, links)
    if problems or grant is None:
        notices.keep_draft(session, draft)
        return Incomplete(sheet, problems)
    if limits.many:
        second_look.hold(session, actor)  # before the holder, which a verdict refers to
    # One filing per holder at a time, so that two people cannot report one listing side by side.
    holder = notices.lock_holder(session, sheet.form.holder_id)
    clients = notices.clients_of(session, {listing.marketplace for listing in links.listings})
    review, fresh = _review(session, sheet, links, clients)
    if starts_takedowns(ReasonCode(sheet.form.reason), holder.standing, in_review=grant.cell.review):
        keys = [listing.key for listings in fresh.values() for listing in listings]
        ground = second_look.of_notice(session, limits, person.id, keys, now, pilot=holder.pilot)
        review = replace(review, second_ground=ground)
    if not fresh or (review.says_something and not reviewed):
        notices.keep_draft(session, draft)
        return Review(review)
    filing = _Filing(actor, grant, holder, person, sheet, clients, review.second_ground, now)
    filed_now = _file(session, filing, fresh)
    _say_filed(session, actor, draft.body["place"], filed_now, now)
    notices.forget_draft(session, draft_id)
    outgoing.refresh_own_home(session, person, now)
    return Filed(filed_now)


@dataclass(frozen=True)
class _Filing:
    """Who files what, with everything that was read for it."""

    actor: Actor
    grant: Grant
    holder: Any
    person: Any
    sheet: FormSheet
    clients: Mapping[str, PlatformClient]
    ground: Ground | None
    now: datetime


def _filed_before(session: Session, actor: Actor, draft_id: str) -> Filed | None:
    person = people.find(session, actor.team_id, actor.user_id)
    before = notices.filed_from(session, draft_id, person.id) if person else []
    if not before:
        return None
    counts = notices.item_counts(session, [notice.id for notice in before])
    return Filed(
        [
            FiledNotice(
                notice.reference, notice.marketplace, counts[notice.id], lifecycle.place_of(session, notice)
            )
            for notice in before
        ]
    )


def _review(
    session: Session, sheet: FormSheet, links: ReadLinks, clients: Mapping[str, PlatformClient]
) -> tuple[ReviewSheet, Fresh]:
    """What filing would do, as people read it, and the listings to file by marketplace."""
    known = notices.reported(session, sheet.form.holder_id, [listing.key for listing in links.listings])
    fresh: dict[str, list[ListingIdentity]] = defaultdict(list)
    for listing in links.listings:
        if listing.key not in known:
            fresh[listing.marketplace].append(listing)
    batches = [
        Batch(
            market, clients[market].name if market in clients else None, [_named(each) for each in listings]
        )
        for market, listings in fresh.items()
    ]
    reported = [
        Reported(_named(listing), *known[listing.key]) for listing in links.listings if listing.key in known
    ]
    repeated = [_named(listing) for listing in links.repeated]
    return ReviewSheet(sheet.draft_id, batches, repeated, reported), fresh


def _named(listing: ListingIdentity) -> str:
    return listing.canonical_url.partition("://")[2]


def _file(session: Session, filing: _Filing, fresh: Fresh) -> list[FiledNotice]:
    now = filing.now
    sightings = [Sighting(listing) for listings in fresh.values() for listing in listings]
    known = remember(session, sightings, now)
    filed = []
    for marketplace, listings in fresh.items():
        sheet = _keep(session, filing, marketplace, [known[listing.key] for listing in listings])
        notice = sheet.notice
        _look_for_relistings(session, sheet, now)
        notices.insert_event(session, notice.id, "submitted", notice.state, "member", now)
        if sheet.client is not None:
            _hand_over(session, sheet, of_client(sheet.client), now)
        place = lifecycle.redraw(session, notice, now)
        subject = Subject("notice", notice.id, holder_id=notice.holder_id)
        note(
            session,
            filing.actor,
            filing.grant,
            Operation.FILE_NOTICE,
            subject,
            now,
            listings=len(listings),
        )
        filed.append(FiledNotice(notice.reference, marketplace, len(listings), place))
    return filed


def _keep(session: Session, filing: _Filing, marketplace: str, listings: Sequence[Any]) -> NoticeSheet:
    """Keep the notice for one marketplace, and what is promised where that has a line to us."""
    sheet, holder, person = filing.sheet, filing.holder, filing.person
    client = filing.clients.get(marketplace)
    lane = sheet.lane if client else None
    reason = ReasonCode(sheet.form.reason)
    at_once = starts_takedowns(reason, holder.standing, in_review=filing.grant.cell.review)
    notice = notices.insert(
        session,
        reference=new_reference(),
        holder_id=holder.id,
        brand_id=sheet.form.brand_id,
        right_id=sheet.form.right_id,
        marketplace=marketplace,
        client_id=client.id if client else None,
        origin=NoticeOrigin.MEMBER,
        draft_id=sheet.draft_id,
        reason_code=reason,
        explanation=sheet.form.explanation,
        particulars=particulars(sheet),
        statements=statements(sheet),
        submitter_id=person.id,
        submitter_name=sheet.form.signature or person.name,
        submitter_email=sheet.form.email,
        role=filing.grant.role,
        immediate=filing.ground is None and at_once,
        second_ground=filing.ground,
        state=NoticeState.SUBMITTED,
        submitted_at=filing.now,
        changed_at=filing.now,
        **(fast_lanes.promise(lane, of_client(client), filing.now) if client else {}),
    )
    items = notices.insert_items(session, notice.id, [listing.id for listing in listings])
    brand = next(brand for brand in sheet.brands if brand.id == notice.brand_id)
    listed = list(zip(items, listings, strict=True))
    by_state = {ItemState.OPEN: len(items)}
    return NoticeSheet(notice, brand, holder, sheet.right, client, person, listed, by_state, lane)


def _look_for_relistings(session: Session, sheet: NoticeSheet, now: datetime) -> None:
    sighted = [
        relistings.Sighted(sheet.notice.id, row.id, row.seller_id, row.title) for _, row in sheet.items
    ]
    relistings.look(session, sighted, now)


def send(session: Session, notice_id: str, now: datetime) -> None:
    """Promise when a notice is due at its marketplace, and send it there."""
    sheet = notices.sheet(session, notice_id)
    if sheet is None or sheet.client is None:
        return
    calendar = of_client(sheet.client)
    lane = fast_lanes.lane_for(session, sheet.notice.holder_id, sheet.right)
    notice = notices.change(session, sheet.notice, **fast_lanes.promise(lane, calendar, now))
    _hand_over(session, replace(sheet, notice=notice, lane=lane), calendar, now)


def _hand_over(session: Session, sheet: NoticeSheet, calendar: Calendar, now: datetime) -> None:
    """The marketplace gets a notice, and its takedowns where it starts them at once."""
    if sheet.client is None:
        return
    notice, right = sheet.notice, sheet.right
    deadlines.watch_notice(session, notice, calendar, now)
    data = {
        "notice_id": notice.id,
        "reference": notice.reference,
        "brand": sheet.brand.name,
        "rights_holder": sheet.holder.name,
        "reason_code": notice.reason_code.value,
        "right": {
            "kind": right.kind.value,
            "number": right.number,
            "office": right.office,
            "territory": right.territory,
            "title": right.title,
        }
        if right
        else None,
        "explanation": notice.explanation,
        "particulars": notice.particulars or {},
        "statements": notice.statements,
        "submitter": {"name": notice.submitter_name, "email": notice.submitter_email},
        "items": [
            {"id": item.id, "listing": takedowns.shown_listing(listing)} for item, listing in sheet.items
        ],
        "immediate": notice.immediate,
        "origin": notice.origin.value,
        "due_at": notice.due_at.isoformat() if notice.due_at else None,
        "lane": fast_lanes.shown(sheet.lane) if sheet.lane else None,
    }
    key = takedowns.key_of("notice", notice.id)
    outgoing.webhook(session, sheet.client.id, "notice.submitted", key, data, now, case=notice.id)
    if notice.immediate:
        start_takedowns(session, sheet, now)


def start_takedowns(session: Session, sheet: NoticeSheet, now: datetime) -> None:
    """Ask for the takedowns of a notice's listings that nobody has decided yet."""
    if sheet.client is None:
        return  # they are asked for when its marketplace gets a line to us
    client_id = sheet.client.id
    undecided = [(item, listing) for item, listing in sheet.items if item.state is ItemState.OPEN]
    grounds = [_grounds(sheet, client_id, item, listing) for item, listing in undecided]
    takedowns.request_takedowns(session, client_id, grounds, now=now)


def _grounds(sheet: NoticeSheet, client_id: str, item: NoticeItem, listing: Listing) -> takedowns.Grounds:
    """One listing of a notice as the cause of a takedown."""
    notice = sheet.notice
    return takedowns.Grounds(
        kind=CauseKind.NOTICE_ITEM,
        subject_id=item.id,
        case_id=notice.id,
        external_id=None,
        client_id=client_id,
        listing_id=listing.id,
        seller_id=listing.seller_id,
        holder_id=notice.holder_id,
        brand_id=notice.brand_id,
        brand=sheet.brand.name,
        reason_code=notice.reason_code.value,
        listing=takedowns.shown_listing(listing),
    )


def send_waiting(session: Session, client: PlatformClient, now: datetime) -> int:
    """A marketplace got its line to us: what was filed for it meanwhile goes out. Gives the number."""
    waiting = notices.unsent(session, client.marketplace)
    for notice_id in waiting:
        notice = notices.change(session, notices.find(session, notice_id, lock=True), client_id=client.id)
        send(session, notice_id, now)
        lifecycle.redraw(session, notice, now)
    return len(waiting)


def new_reference() -> str:
    """A short name for people: random, so that no two notices tell how many lie between them."""
    number, letters = secrets.randbelow(len(_LETTERS) ** (2 * _GROUP)), ""
    for _ in range(2 * _GROUP):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return f"GF-{letters[:_GROUP]}-{letters[_GROUP:]}"


def _say_filed(
    session: Session, actor: Actor, channel: str, filed: Sequence[FiledNotice], now: datetime
) -> None:
    """One sentence in the channel where the person asked, which is told nothing else."""
    if not channel:
        return
    references = ", ".join(notice.reference for notice in filed)
    place = filed[0].place
    if place == actor.user_id:
        outgoing.whisper(session, actor.user_id, channel, "notices.filed_direct", now, references=references)
    else:
        outgoing.whisper(
            session,
            actor.user_id,
            channel,
            "notices.filed_in",
            now,
            references=references,
            place=f"<#{place}>",
        )
