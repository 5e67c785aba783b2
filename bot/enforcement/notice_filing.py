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

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from bot.enforcement import fast_lanes, outgoing, relistings, second_look, takedowns
from bot.enforcement import notices as lifecycle
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.listing_identity import ListingIdentity
from bot.enforcement.listings import ReadLinks, Sighting, read_links, remember
from bot.enforcement.notice_drafts import keep, own_draft
from bot.enforcement.notice_form import (
    Problem,
    check,
    particulars,
    sheet_of,
    starts_takedowns,
    statements,
)
from bot.enforcement.second_look import NO_LIMITS, Limits
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.queries import notices, people, sellers
from storage.records.listings import Listing
from storage.records.notice_sheets import Batch, FormSheet, NoticeSheet, Reported, ReviewSheet
from storage.records.notices import (
    ItemState,
    Notice,
    NoticeDraft,
    NoticeEvent,
    NoticeItem,
    NoticeOrigin,
    NoticeState,
    ReasonCode,
)
from storage.records.platform import PlatformClient
from storage.records.roster import Person, RightsHolder
from storage.records.second_look import Ground
from storage.records.takedowns import CauseKind

Fresh = Mapping[str, Sequence[ListingIdentity]]  # what is to be filed, by marketplace

_ITEM = SQLModel.metadata.tables[str(NoticeItem.__tablename__)]
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
        draft = own_draft(session, actor, draft_id, lock=True)
    except Denied:
        filed = _filed_before(session, actor, draft_id)
        if filed is None:
            raise
        return filed
    keep(session, draft, typed, now)
    sheet = sheet_of(session, actor, draft, now.date())
    links = read_links(sheet.form.links, own)
    problems = check(sheet, links)
    if problems:
        return Incomplete(sheet, problems)
    subject = Subject("notice", draft_id, holder_id=sheet.form.holder_id)
    grant = authorize(session, actor, Operation.FILE_NOTICE, subject)
    # One filing per holder at a time, so that two people cannot report one listing side by side.
    holder = session.get_one(RightsHolder, sheet.form.holder_id, with_for_update=True)
    review, fresh = _review(session, sheet, links)
    if starts_takedowns(ReasonCode(sheet.form.reason), holder.standing, in_review=grant.cell.review):
        keys = [listing.key for listings in fresh.values() for listing in listings]
        ground = second_look.of_notice(session, limits, draft.person_id, keys, now, pilot=holder.pilot)
        review = replace(review, second_ground=ground)
    if not fresh or (review.says_something and not reviewed):
        return Review(review)
    return _file(session, actor, grant, holder, draft, sheet, fresh, review.second_ground, now)


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


def _review(session: Session, sheet: FormSheet, links: ReadLinks) -> tuple[ReviewSheet, Fresh]:
    """What filing would do, as people read it, and the listings to file by marketplace."""
    known = notices.reported(session, sheet.form.holder_id, [listing.key for listing in links.listings])
    fresh: dict[str, list[ListingIdentity]] = defaultdict(list)
    for listing in links.listings:
        if listing.key not in known:
            fresh[listing.marketplace].append(listing)
    clients = notices.clients_of(session, list(fresh))
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


def _file(
    session: Session,
    actor: Actor,
    grant: Grant,
    holder: RightsHolder,
    draft: NoticeDraft,
    sheet: FormSheet,
    fresh: Fresh,
    ground: Ground | None,
    now: datetime,
) -> Filed:
    person = session.get_one(Person, draft.person_id)
    clients = notices.clients_of(session, list(fresh))
    ids = remember(session, [Sighting(listing) for listings in fresh.values() for listing in listings], now)
    filed = []
    for marketplace, listings in fresh.items():
        client = clients.get(marketplace)
        notice = _notice(sheet, grant, holder, person, marketplace, client, ground, now)
        session.add(notice)
        session.flush()
        _keep_items(session, notice.id, [ids[listing.key] for listing in listings])
        _look_for_relistings(session, notice.id, [ids[listing.key] for listing in listings], now)
        session.add(
            NoticeEvent(notice_id=notice.id, event_key="submitted", state=notice.state, by="member", at=now)
        )
        if client is not None:
            send(session, notice.id, now)
        place = lifecycle.redraw(session, notice, now)
        subject = Subject("notice", notice.id, holder_id=holder.id)
        note(session, actor, grant, Operation.FILE_NOTICE, subject, now, listings=len(listings))
        filed.append(FiledNotice(notice.reference, notice.marketplace, len(listings), place))
    _say_filed(session, actor, draft, filed, now)
    session.delete(draft)
    outgoing.refresh_home(session, actor.user_id, now)
    return Filed(filed)


def _keep_items(session: Session, notice_id: str, listing_ids: Sequence[str]) -> None:
    rows = [
        {
            "id": new_id(),
            "notice_id": notice_id,
            "listing_id": listing_id,
            "state": ItemState.OPEN,
            "reason": "",
            "position": position,
        }
        for position, listing_id in enumerate(listing_ids)
    ]
    session.connection().execute(insert(_ITEM).inline(), rows)


def _look_for_relistings(session: Session, notice_id: str, listing_ids: Sequence[str], now: datetime) -> None:
    listed = sellers.listed(session, listing_ids)
    sighted = [relistings.Sighted(notice_id, row.id, row.seller_id, row.title) for row in listed]
    relistings.look(session, sighted, now)


def _notice(
    sheet: FormSheet,
    grant: Grant,
    holder: RightsHolder,
    person: Person,
    marketplace: str,
    client: PlatformClient | None,
    ground: Ground | None,
    now: datetime,
) -> Notice:
    reason = ReasonCode(sheet.form.reason)
    return Notice(
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
        role=grant.role,
        immediate=ground is None and starts_takedowns(reason, holder.standing, in_review=grant.cell.review),
        second_ground=ground,
        state=NoticeState.SUBMITTED,
        submitted_at=now,
        changed_at=now,
    )


def send(session: Session, notice_id: str, now: datetime) -> None:
    """Send a notice to its marketplace, and ask for its takedowns where it starts them at once."""
    sheet = notices.sheet(session, notice_id)
    if sheet is None or sheet.client is None:
        return
    notice, right = sheet.notice, sheet.right
    lane = fast_lanes.promise(session, notice, now)
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
        "lane": fast_lanes.shown(lane) if lane else None,
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
    for notice in waiting:
        notice.client_id = client.id
        session.add(notice)
        session.flush()
        send(session, notice.id, now)
        lifecycle.redraw(session, notice, now)
    return len(waiting)


def new_reference() -> str:
    """A short name for people: random, so that no two notices tell how many lie between them."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(2))
    return "-".join(("GF", *groups))


def _say_filed(
    session: Session, actor: Actor, draft: NoticeDraft, filed: Sequence[FiledNotice], now: datetime
) -> None:
    """One sentence in the channel where the person asked, which is told nothing else."""
    channel: str = draft.body["place"]
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
