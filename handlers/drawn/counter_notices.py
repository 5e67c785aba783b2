"""Drawings of counter-notices: the card and its steps, in the brand's own channel or for who may see them."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import regimes
from bot.enforcement.access import Actor, Denied, Operation, Subject, may
from bot.enforcement.calendars import calendar_of
from bot.enforcement.evidence import Handed, for_person
from bot.enforcement.outgoing import Drawing
from bot.files import Made
from bot.messenger import Drawn, Viewer
from bot.words.catalogue import Words
from bot.words.text import escape, plain
from handlers.blocks.counter_notices import Terms, card, card_text, step_blocks, step_text
from handlers.blocks.parts import Block, context, moment_token
from handlers.drawn.conversations import talkable
from storage.engine import Store
from storage.queries import counter_notices, people
from storage.records.channels import ChannelPurpose
from storage.records.conversations import About
from storage.records.counter_notice_sheets import CounterNoticeSheet
from storage.records.counter_notices import CounterNoticeStep, StepKind
from storage.records.notices import Notice
from storage.records.takedowns import TakedownState


def draw_counter_notice_card(
    session: Session, counter_id: str, viewer: Viewer, _now: datetime
) -> Drawn | None:
    """The card of a counter-notice as it is now."""
    sheet = _seen(session, counter_id, viewer)
    if sheet is None:
        return None
    blocks = talkable(viewer, card(viewer.words, sheet, _terms(sheet)), About.COUNTER_NOTICE, counter_id)
    return Drawn(card_text(viewer.words, sheet), blocks)


def draw_counter_notice_step(session: Session, step_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """One step in the card's thread; a warning stands in the channel itself, where it is seen."""
    step = session.get(CounterNoticeStep, step_id)
    sheet = _seen(session, step.counter_notice_id, viewer) if step else None
    if step is None or sheet is None:
        return None
    blocks = step_blocks(viewer.words, step, sheet, _terms(sheet))
    above = None if step.kind is StepKind.WARNED else (Drawing.COUNTER_NOTICE_CARD, step.counter_notice_id)
    return Drawn(step_text(viewer.words, step, sheet), blocks, above)


def follow_removal(session: Session, words: Words, case: Any, blocks: list[Block]) -> list[Block]:
    """A request's card, and below it how long its seller may object, or that they did."""
    if case.takedown_id is None or case.takedown_removed_at is None:
        return blocks
    mine = [
        each
        for each in counter_notices.against(session, case.takedown_id)
        if each.holder_id == case.holder_id
    ]
    if mine:
        return [*blocks, context(words.text(f"counter_notices.head.{mine[-1].state.value}"))]
    if case.takedown_state is not TakedownState.REMOVED:
        return blocks
    removed, marketplace = case.takedown_removed_at, case.snapshot["marketplace"]
    return [*blocks, context(_may_object(session, words, case.client_id, marketplace, removed))]


def follow_removals(session: Session, words: Words, notice: Notice, blocks: list[Block]) -> list[Block]:
    """The same for a notice's card whose listings were removed, at once or by the marketplace's decision."""
    if not notice.immediate and notice.decided_at is None:
        return blocks
    removal = counter_notices.removal_of_notice(session, notice.id)
    told: list[str] = []
    if removal.removed_at is not None:
        told.append(_may_object(session, words, notice.client_id, notice.marketplace, removal.removed_at))
    if removal.objections:
        told.append(words.count("counter_notices.window.objections", removal.objections))
    if removal.upheld:
        told.append(words.count("counter_notices.window.upheld", removal.upheld))
    return [*blocks, context(*told)] if told else blocks


def _may_object(
    session: Session, words: Words, client_id: str | None, marketplace: str, removed: datetime
) -> str:
    calendar = calendar_of(session, client_id)
    regime = regimes.usual(marketplace, calendar.country)
    if regime is None:
        return words.text("counter_notices.window.unknown")
    rule = regimes.current(regime, removed, calendar)
    until = regimes.seller_may_until(rule, 1, removed, calendar)
    named = words.text(f"counter_notices.regime.{regime.value}")
    if until is None:
        return words.text("counter_notices.window.open", regime=named)
    return words.text("counter_notices.window.until", regime=named, moment=moment_token(words, until))


def _seen(session: Session, counter_id: str, viewer: Viewer) -> CounterNoticeSheet | None:
    """The counter-notice where this viewer may see it, with the seller's papers: nowhere else."""
    sheet = counter_notices.sheet(session, counter_id)
    if sheet is None:
        return None
    if viewer.purpose is not None:
        in_its_channel = viewer.purpose is ChannelPurpose.BRAND and viewer.scope_id == sheet.brand.id
        return sheet if in_its_channel and sheet.brand.holder_id == sheet.counter.holder_id else None
    person = people.by_user(session, viewer.place)
    if person is None:
        return None
    subject = Subject("counter_notice", counter_id, holder_id=sheet.counter.holder_id)
    actor = Actor(team_id=person.team_id, user_id=person.user_id)
    return sheet if may(session, actor, Operation.VIEW_OWN_CASES, subject) else None


async def make_evidence(store: Store, evidence_id: str, viewer: Viewer, _now: datetime) -> Made | None:
    """A file of an answer for one of the rights holder's own people; None for anybody else."""
    found = await store.read(_handed, evidence_id, viewer.place)
    if found is None:
        return None
    comment = viewer.words.text("counter_notices.files_of", title=escape(plain(found.title, 75)))
    return Made(plain(found.title, 120), found.title, comment, found.content)


def _handed(session: Session, evidence_id: str, user_id: str) -> Handed | None:
    person = people.by_user(session, user_id)
    if person is None:
        return None
    try:
        return for_person(session, Actor(team_id=person.team_id, user_id=user_id), evidence_id)
    except Denied:
        return None


def _terms(sheet: CounterNoticeSheet) -> Terms:
    rule = regimes.rule(sheet.counter.regime, sheet.counter.regime_version)
    return Terms(rule.silence.value, rule.contests)
