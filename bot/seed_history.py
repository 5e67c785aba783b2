"""Gives a fresh alliance a past: requests, verdicts, takedowns and notices, through the use cases people use.

The past is an agenda of steps in the order of time; a step may put later ones on it. The same document and
the same moment give the same past. Nothing of it is posted or sent: what its steps put into the outbox is
dropped before a bot runs.
"""

import heapq
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.contract.requests import AskedRequest
from bot.contract.sellers import SanctionReport
from bot.contract.takedowns import TakedownReport
from bot.enforcement import (
    authenticity,
    confirmations,
    notices,
    requests,
    samples,
    sanctions,
    takedown_progress,
)
from bot.enforcement.access import Actor
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import Filed, file_notice
from bot.enforcement.notices import ItemMove, Move
from storage.engine import Store
from storage.records.authenticity import Answer, Outcome, SampleTodo
from storage.records.notices import ItemState, Notice, NoticeItem, NoticeState, ReasonCode
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.rights import Right, RightKind
from storage.records.roster import Brand, Role, Standing
from storage.records.sellers import Sanction, SanctionState
from storage.records.takedowns import TakedownCause

Step = Callable[[Session, datetime], None]

STEPS_AT_ONCE = 100
QUIET = timedelta(hours=12)  # nothing new is asked that late, so that no card of the past is still open
WEEKEND = 0.4  # of the cases of a working day
NOTICES = 0.3  # of all cases
# So often the marketplace keeps a listing, that figures lead to the standings that the document gives.
KEPT, KEPT_IN_DOUBT = 0.03, 0.35
SELLERS, REPEAT = 50, 3  # few of the sellers make many of the cases, for several brands
ANSWERS = {Answer.FAKE: 50, Answer.GENUINE: 36, Answer.CANNOT_TELL: 11, Answer.NEED_SAMPLE: 3}
MARKED = {
    Answer.FAKE: "Price far below the catalogue",
    Answer.GENUINE: "First listing of a new seller",
    Answer.CANNOT_TELL: "Pictures differ from the catalogue",
    Answer.NEED_SAMPLE: "Label looks wrong in the pictures",
}
SELLER_WORDS = (("north", "sunny", "blue", "grand", "swift"), ("corner", "outlet", "trade", "depot", "goods"))
INVOICES = "The seller showed invoices of an authorised dealer"
EXPLANATION = "The seal and the stitching differ from ours, and the label is printed on paper."


@dataclass(frozen=True)
class Cast:
    """Who acts for a brand, and what its notices rely on."""

    brand: Brand
    lines: list[str]
    experts: list[Actor]
    filers: list[Actor]
    right: Right


def live_through(
    store: Store,
    document: Mapping[str, Any],
    client_id: str,
    platform_url: str,
    *,
    since: datetime,
    now: datetime,
) -> None:
    """Live the days from `since` to `now`, several hundred steps in one transaction."""
    past = _Past(document, client_id, platform_url, since, now)
    store.run_sync(past.cast_from)
    past.plan()
    while past.goes_on:
        store.run_sync(past.live_on)
        store.run_sync(_fall_silent, now)


def _fall_silent(session: Session, now: datetime) -> None:
    """Drop whatever waits to be said."""
    session.connection().execute(
        update(OutboxRow)
        .where(col(OutboxRow.state) == OutboxState.READY)
        .values(state=OutboxState.DROPPED, done_at=now, last_error="of the past")
    )


class _Past:
    """The agenda, and the hands that act in it."""

    def __init__(
        self, document: Mapping[str, Any], client_id: str, platform_url: str, since: datetime, now: datetime
    ) -> None:
        self._document = document
        self._market = document["platform"]["marketplace"]
        self._client = Actor(client_id=client_id)
        self._address = platform_url.rstrip("/")
        self._own = {urlsplit(platform_url).netloc: self._market}
        self._since, self._now = since, now
        self._chance = random.Random(document["history"]["seed"])  # noqa: S311  # a story, not a secret
        self._numbers = count(1)
        self._agenda: list[tuple[datetime, int, Step]] = []
        self._casts: list[Cast] = []
        self._doubted: set[str] = set()  # rights holders without standing
        self._banned: set[str] = set()  # sellers, as the marketplace knows them

    @property
    def goes_on(self) -> bool:
        """Whether something is left to live."""
        return bool(self._agenda)

    def cast_from(self, session: Session) -> None:
        """Find who can act for which brand."""
        team = self._document["workspace"]["team_id"]
        brands = {brand.name: brand for brand in session.exec(select(Brand)).all()}
        for holder in self._document["rights_holders"]:
            people = [(Actor(team, each["user_id"]), each["role"]) for each in holder["people"]]
            experts = [actor for actor, role in people if role != Role.ASSOCIATION_OFFICER]
            for entry in holder["brands"]:
                brand = brands[entry["name"]]
                if holder["standing"] != Standing.GOOD_FAITH:
                    self._doubted.add(brand.holder_id)
                wanted = (RightKind.TRADEMARK, RightKind.GEOGRAPHICAL_INDICATION)
                right = session.exec(
                    select(Right).where(col(Right.brand_id) == brand.id, col(Right.kind).in_(wanted))
                ).first()
                if right is not None and experts:
                    filers = [actor for actor, _ in people]
                    self._casts.append(Cast(brand, entry["product_lines"], experts, filers, right))

    def plan(self) -> None:
        """Put the first step of every case on the agenda."""
        day = self._since
        while day < self._now - QUIET:
            usual = self._document["history"]["cases_per_day"]
            cases = round(usual * (WEEKEND if day.weekday() > 4 else 1) * self._chance.uniform(0.8, 1.2))
            for _ in range(cases):
                at = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
                    hours=self._chance.triangular(6, 18, 10)
                )
                if self._since < at < self._now - QUIET:
                    self._later(at, self._notice if self._chance.random() < NOTICES else self._request)
            day += timedelta(days=1)
        self._plan_strikes()

    def _plan_strikes(self) -> None:
        """Sellers of listings that are still offered get two strikes: the next removal is their third."""
        for known in self._document["history"].get("repeat_sellers", ()):
            casts = [cast for cast in self._casts if cast.brand.name == known["brand"]]
            for days_ago in known["struck_days_ago"]:
                for cast in casts:
                    self._later(
                        self._now - timedelta(days=days_ago, hours=2),
                        partial(self._struck, cast=cast, seller={"id": known["id"], "name": known["name"]}),
                    )

    def live_on(self, session: Session) -> None:
        """Live the next steps."""
        for _ in range(STEPS_AT_ONCE):
            if not self._agenda:
                break
            at, _number, step = heapq.heappop(self._agenda)
            step(session, at)

    def _later(self, at: datetime, step: Step) -> None:
        """What lies after the present does not happen."""
        if at < self._now:
            heapq.heappush(self._agenda, (at, next(self._numbers), step))

    def _after(self, at: datetime, least: float, most: float, step: Step) -> None:
        """A step some hours later, more often sooner than later."""
        self._later(at + timedelta(hours=self._chance.triangular(least, most, least)), step)

    def _listing(self) -> tuple[Cast, dict[str, Any]]:
        cast, number = self._chance.choice(self._casts), next(self._numbers)
        seller = self._chance.randrange(REPEAT if self._chance.random() < 0.35 else SELLERS)
        while f"s-past-{seller}" in self._banned:
            seller += SELLERS  # under a new account
        first, second = SELLER_WORDS[0][seller % 5], SELLER_WORDS[1][seller // 5 % 5]
        price = f"{self._chance.randrange(9, 90)}.{self._chance.choice(('00', '50', '90'))}"
        return cast, {
            "marketplace": self._market,
            "url": f"{self._address}/item/past-{number:05}",
            "item_id": f"past-{number:05}",
            "title": f"{cast.brand.name} {self._chance.choice(cast.lines)}, lot {number}",
            "price": {"amount": price, "currency": "EUR"},
            "seller": {"id": f"s-past-{seller}", "name": f"{first}.{second}{seller}"},
        }

    def _request(self, session: Session, at: datetime) -> None:
        cast, listing = self._listing()
        answer = self._chance.choices(list(ANSWERS), list(ANSWERS.values()))[0]
        self._ask(session, at, cast, listing, answer)

    def _struck(self, session: Session, at: datetime, cast: Cast, seller: dict[str, str]) -> None:
        number = next(self._numbers)
        item = f"past-{number:05}"
        title = f"{cast.brand.name} {cast.lines[0]}, lot {number}"
        listing = {"url": f"{self._address}/item/{item}", "item_id": item, "title": title, "seller": seller}
        self._ask(session, at, cast, {"marketplace": self._market, "price": None, **listing}, Answer.FAKE)

    def _ask(
        self, session: Session, at: datetime, cast: Cast, listing: dict[str, Any], answer: Answer
    ) -> None:
        asked = AskedRequest.model_validate(
            {
                "external_id": f"mp-{listing['item_id']}",
                "brand": cast.brand.name,
                "listing": listing,
                "reasons": [MARKED[answer]],
                "deadline": at + timedelta(hours=48),
            }
        )
        (received,) = requests.receive_requests(session, self._client, [asked], self._own, now=at)
        self._after(at, 0.1, 5, lambda s, then: self._answer(s, then, cast, received.id, answer))

    def _answer(self, session: Session, at: datetime, cast: Cast, request_id: str, answer: Answer) -> None:
        expert = self._chance.choice(cast.experts)
        recorded = authenticity.record_verdict(session, expert, request_id, 1, answer, now=at)
        if recorded is None:
            return
        verdict_id = recorded.verdict_id
        match recorded.outcome:
            case Outcome.TAKEDOWN:
                self._after(at, 0.05, 3, lambda s, then: self._removed(s, then, verdict_id))
            case Outcome.AWAITING_CONFIRMATION:
                others = [each for each in cast.experts if each != expert]
                second = self._chance.choice(others)
                self._after(
                    at, 0.1, 4, lambda s, then: self._confirmed(s, then, second, request_id, verdict_id)
                )
            case Outcome.REVIEW:
                filed = session.exec(select(Notice.id).where(col(Notice.verdict_id) == verdict_id)).one()
                self._after(at, 0.2, 2, lambda s, then: self._received(s, then, filed))
        if answer is Answer.NEED_SAMPLE:
            self._after(at, 20, 70, lambda s, then: self._sampled(s, then, expert, verdict_id))

    def _confirmed(
        self, session: Session, at: datetime, second: Actor, request_id: str, verdict_id: str
    ) -> None:
        confirmations.confirm_fake(session, second, request_id, 1, now=at)
        self._after(at, 0.05, 3, lambda s, then: self._removed(s, then, verdict_id))

    def _sampled(self, session: Session, at: datetime, expert: Actor, verdict_id: str) -> None:
        todo = session.exec(select(SampleTodo.id).where(col(SampleTodo.verdict_id) == verdict_id)).one()
        samples.finish_sample(session, expert, todo, now=at)

    def _removed(self, session: Session, at: datetime, cause_id: str) -> None:
        takedown_id, holder_id = session.exec(
            select(TakedownCause.takedown_id, TakedownCause.holder_id).where(
                col(TakedownCause.subject_id) == cause_id
            )
        ).one()
        if holder_id in self._doubted and self._chance.random() < KEPT_IN_DOUBT:
            report = TakedownReport(event_id=f"past-{cause_id}", state="refused", reason=INVOICES)
        else:
            report = TakedownReport(event_id=f"past-{cause_id}", state="removed")
        takedown_progress.report_takedown(session, self._client, takedown_id, report, now=at)
        self._answer_sanctions(session, at)

    def _notice(self, session: Session, at: datetime) -> None:
        cast, first = self._listing()
        links = [first["url"]]
        links += [f"{first['url']}-{extra}" for extra in range(1, self._chance.choice((1, 1, 2, 4)))]
        filer = self._chance.choice(cast.filers)
        draft = open_draft(session, filer, links, "", now=at)
        session.flush()
        if cast.right.kind is RightKind.GEOGRAPHICAL_INDICATION:
            reason = ReasonCode.GEOGRAPHICAL_INDICATION
        else:
            reason = self._chance.choice(
                (ReasonCode.COUNTERFEIT_NO_TEST_BUY, ReasonCode.TRADEMARK_IN_LISTING)
            )
        typed = {
            "holder_id": cast.brand.holder_id,
            "brand_id": cast.brand.id,
            "right_id": cast.right.id,
            "reason": reason.value,
            "links": ("\n".join(links),),
            "explanation": EXPLANATION,
            "statement": True,
        }
        filed = file_notice(session, filer, draft.draft_id, typed, self._own, reviewed=True, now=at)
        if not isinstance(filed, Filed):
            raise TypeError(f"the past could not file a notice: {filed}")
        session.flush()
        for line in filed.notices:
            notice = session.exec(select(Notice).where(col(Notice.reference) == line.reference)).one()
            notice_id = notice.id
            if not notice.immediate:
                self._after(at, 0.2, 2, partial(self._received, notice_id=notice_id))
                continue
            for item_id in self._items(session, notice_id):
                self._after(at, 0.1, 4, partial(self._removed, cause_id=item_id))

    def _received(self, session: Session, at: datetime, notice_id: str) -> None:
        number = f"OB-{next(self._numbers):06}"
        move = Move(f"past-r-{notice_id}", NoticeState.RECEIVED, complaint_number=number)
        notices.move_notice(session, self._client, notice_id, move, now=at)
        most = 60 if self._chance.random() < 0.05 else 20
        self._after(at, 1, most, lambda s, then: self._decided(s, then, notice_id))

    def _decided(self, session: Session, at: datetime, notice_id: str) -> None:
        items = self._items(session, notice_id)
        state = NoticeState.ACTIONED
        holder_id = session.get_one(Notice, notice_id).holder_id
        if self._chance.random() < (KEPT_IN_DOUBT if holder_id in self._doubted else KEPT):
            state = NoticeState.PARTIALLY_ACTIONED if len(items) > 1 else NoticeState.REJECTED
        event_id = f"past-d-{notice_id}"
        move = Move(event_id, state)
        if state is NoticeState.PARTIALLY_ACTIONED:
            kept = ItemMove(items[0], ItemState.KEPT, "The seller showed invoices")
            removed = [ItemMove(item, ItemState.REMOVED) for item in items[1:]]
            move = Move(event_id, state, items=[kept, *removed])
        elif state is NoticeState.REJECTED:
            move = Move(event_id, state, reason=INVOICES)
        notices.move_notice(session, self._client, notice_id, move, now=at)
        self._answer_sanctions(session, at)

    def _answer_sanctions(self, session: Session, at: datetime) -> None:
        """The marketplace carries out what is proposed against its sellers."""
        proposed = select(Sanction.id).where(col(Sanction.state) == SanctionState.PROPOSED)
        for sanction_id in session.exec(proposed).all():
            report = SanctionReport(event_id=f"past-{sanction_id}", state="carried_out")
            done = sanctions.report_sanction(session, self._client, sanction_id, report, now=at)
            self._banned.add(done.seller.id)

    def _items(self, session: Session, notice_id: str) -> list[str]:
        found = select(NoticeItem.id).where(col(NoticeItem.notice_id) == notice_id)
        return list(session.exec(found.order_by(col(NoticeItem.position))).all())
