"""Filing: a draft that is complete becomes one notice per marketplace, with everything that follows from it.

Three hundred listings are one transaction of few statements: identities are worked out in memory, listings
and items go in together.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import fast_lanes, outgoing, relistings, second_look
from bot.enforcement import notices as lifecycle
from bot.enforcement.access import Actor, Denied, Operation, Subject
from bot.enforcement.calendars import of_client
from bot.enforcement.limits import NO_LIMITS, Limits
from bot.enforcement.listing_identity import ListingIdentity
from bot.enforcement.listings import ReadLinks, Remembered, read_links, remember_named
from bot.enforcement.notice_drafts import keep_draft, own_draft, typed_into
from bot.enforcement.notice_form import (
    Basis,
    Problem,
    check,
    particulars,
    settle,
    sheet_of,
    starts_takedowns,
    statements,
)
from bot.enforcement.notice_sending import hand_over
from bot.enforcement.trail import note
from storage.queries import filings, notices, people
from storage.records.notice_sheets import Batch, FormSheet, NoticeSheet, Reported, ReviewSheet
from storage.records.notices import (
    ItemState,
    NoticeOrigin,
    NoticeState,
    ReasonCode,
)
from storage.records.platform import PlatformClient
from storage.records.second_look import Ground

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
    form = typed_into(draft, typed)
    links = read_links(form.links, own)
    if limits.many:
        second_look.hold(session, actor)  # before the holder, which a verdict refers to
    # One filing per holder at a time, so that two people cannot report one listing side by side.
    sheet, basis = settle(session, actor, draft_id, form, now.date())
    problems = check(sheet, links)
    if problems or basis is None:
        keep_draft(session, draft, form, now)
        return Incomplete(sheet_of(session, actor, draft_id, form, now.date()), problems)
    known = filings.known_listings(session, basis.holder.id, [listing.key for listing in links.listings])
    clients = filings.clients_of(session, {listing.marketplace for listing in links.listings})
    reported, fresh = _apart(links, known)
    ground = _second_ground(session, basis, sheet, person, limits, fresh, now)
    repeated = [_named(listing) for listing in links.repeated]
    review = ReviewSheet(draft_id, _batches(fresh, clients), repeated, reported, ground)
    if not fresh or (review.says_something and not reviewed):
        keep_draft(session, draft, form, now)
        return Review(review)
    rows = {key: each.row for key, each in known.items()}
    filed_now = _file(session, _Filing(actor, basis, person, sheet, clients, ground, now), fresh, rows)
    _say_filed(session, actor, draft.body["place"], filed_now, now)
    notices.forget_draft(session, draft_id)
    outgoing.refresh_own_home(session, person, now)
    return Filed(filed_now)


@dataclass(frozen=True)
class _Filing:
    """Who files what, with everything that was read for it."""

    actor: Actor
    basis: Basis
    person: Any
    sheet: FormSheet
    clients: Mapping[str, PlatformClient]
    ground: Ground | None
    now: datetime

    @property
    def place(self) -> str:
        """Where the new cards will stand: in the brand's channel, else in a direct message to the filer."""
        return self.basis.channel or str(self.person.user_id)


def _second_ground(
    session: Session,
    basis: Basis,
    sheet: FormSheet,
    person: Any,
    limits: Limits,
    fresh: Fresh,
    now: datetime,
) -> Ground | None:
    """Why takedowns that would start at once have to wait for somebody else's word, if they do."""
    reason, holder = ReasonCode(sheet.form.reason), basis.holder
    if not starts_takedowns(reason, holder.standing, in_review=basis.grant.cell.review):
        return None
    keys = [listing.key for listings in fresh.values() for listing in listings]
    return second_look.of_notice(session, limits, person.id, keys, now, pilot=holder.pilot)


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


def _apart(links: ReadLinks, known: Mapping[str, filings.Known]) -> tuple[Sequence[Reported], Fresh]:
    """The listings that stand in an open notice already, and those to file by marketplace."""
    reported: list[Reported] = []
    fresh: dict[str, list[ListingIdentity]] = defaultdict(list)
    for listing in links.listings:
        before = known.get(listing.key)
        if before and before.reported:
            reported.append(Reported(_named(listing), *before.reported))
        else:
            fresh[listing.marketplace].append(listing)
    return reported, fresh


def _batches(fresh: Fresh, clients: Mapping[str, PlatformClient]) -> list[Batch]:
    """What would go to each marketplace, as people read it."""
    return [
        Batch(
            market, clients[market].name if market in clients else None, [_named(each) for each in listings]
        )
        for market, listings in fresh.items()
    ]


def _named(listing: ListingIdentity) -> str:
    return listing.canonical_url.partition("://")[2]


def _file(session: Session, filing: _Filing, fresh: Fresh, known: Mapping[str, Any]) -> list[FiledNotice]:
    now, holder_id, filed = filing.now, filing.basis.holder.id, []
    named = [listing for listings in fresh.values() for listing in listings]
    remembered = remember_named(session, named, known, now)
    for marketplace, listings in fresh.items():
        sheet = _keep(session, filing, marketplace, [remembered.rows[listing.key] for listing in listings])
        notice = sheet.notice
        _look_for_relistings(session, sheet, remembered, now)
        notices.insert_event(session, notice.id, "submitted", notice.state, "member", now)
        if sheet.client is not None:
            hand_over(session, sheet, of_client(sheet.client), now)
        outgoing.draw(session, outgoing.Drawing.NOTICE_CARD, notice.id, filing.place, now)
        note(
            session,
            filing.actor,
            filing.basis.grant,
            Operation.FILE_NOTICE,
            Subject("notice", notice.id, holder_id=holder_id),
            now,
            listings=len(listings),
        )
        filed.append(FiledNotice(notice.reference, marketplace, len(listings), filing.place))
    outgoing.refresh_homes(session, holder_id, now)
    return filed


def _keep(session: Session, filing: _Filing, marketplace: str, listings: Sequence[Any]) -> NoticeSheet:
    """Keep the notice for one marketplace, and what is promised where that has a line to us."""
    sheet, basis, person = filing.sheet, filing.basis, filing.person
    client = filing.clients.get(marketplace)
    lane = basis.lane if client else None
    reason = ReasonCode(sheet.form.reason)
    at_once = starts_takedowns(reason, basis.holder.standing, in_review=basis.grant.cell.review)
    notice = notices.insert(
        session,
        reference=new_reference(),
        holder_id=basis.holder.id,
        brand_id=basis.brand.id,
        right_id=basis.right.id,
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
        role=basis.grant.role,
        immediate=filing.ground is None and at_once,
        second_ground=filing.ground,
        state=NoticeState.SUBMITTED,
        submitted_at=filing.now,
        changed_at=filing.now,
        **(fast_lanes.promise(lane, of_client(client), filing.now) if client else {}),
    )
    items = notices.insert_items(session, notice.id, [listing.id for listing in listings])
    listed = list(zip(items, listings, strict=True))
    by_state = {ItemState.OPEN: len(items)}
    return NoticeSheet(notice, basis.brand, basis.holder, basis.right, client, person, listed, by_state, lane)


def _look_for_relistings(session: Session, sheet: NoticeSheet, remembered: Remembered, now: datetime) -> None:
    """A listing that nobody had named before was never removed, and of its seller nothing is known yet."""
    sighted = [
        relistings.Sighted(sheet.notice.id, row.id, row.seller_id, row.title)
        for _, row in sheet.items
        if row.key not in remembered.new
    ]
    relistings.look(session, sighted, now)


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
