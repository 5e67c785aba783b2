"""Sanctions against sellers: proposed to the marketplace, which alone can carry them out and reports back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.contract.fields import stamp
from bot.contract.sellers import CountedBy, ReadSanction, SanctionReport, ShownSeller
from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.strikes import Tally, Terms
from bot.enforcement.takedowns import key_of
from bot.enforcement.tallies import Tallies
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.queries import audit, channels, inbox
from storage.queries import platform as clients
from storage.queries import sellers as kept
from storage.records.channels import ChannelPurpose
from storage.records.sellers import Measure, Sanction, SanctionState, StrikePolicy

MOST_TAKEDOWNS = 50
BY_THE_BOT = "goodfaith"  # the actor of what follows from counting
_S = SanctionState
# A report that crosses our withdrawal does not undo it.
_MOVES = {
    "carried_out": {_S.PROPOSED: _S.CARRIED_OUT, _S.CARRIED_OUT: _S.CARRIED_OUT, _S.WITHDRAWN: _S.WITHDRAWN},
    "declined": {_S.PROPOSED: _S.DECLINED, _S.DECLINED: _S.DECLINED, _S.WITHDRAWN: _S.WITHDRAWN},
}


class WrongSanctionReport(Refused):
    """The sanction's state does not allow this report."""


def propose(
    session: Session, policy: StrikePolicy, seller_id: str, strike_id: str, tally: Tally[str], now: datetime
) -> None:
    """A seller's strikes reached a step: keep it, tell the marketplace and the platform team."""
    client = clients.client_of_marketplace(session, policy.marketplace)
    sanction_id = new_id()
    row = {
        "id": sanction_id,
        "seller_id": seller_id,
        "policy_id": policy.id,
        "strike_id": strike_id,
        "marketplace": policy.marketplace,
        "client_id": client.id if client else None,
        "measure": tally.measure,
        "counted": tally.total,
        "state": _S.PROPOSED,
        "reason": "",
        "reference": "",
        "proposed_at": now,
        "answered_at": None,
        "lapsed_at": None,
    }
    kept.insert_sanctions(session, [row])
    _record(session, seller_id, "propose_sanction", now, sanction=sanction_id, counted=tally.total)
    event = "seller.ban_proposed" if tally.measure is Measure.BAN else "seller.sanction_proposed"
    _tell(session, sanction_id, event, "sanction", now)


def withdraw(session: Session, unfounded: Sequence[Any], now: datetime) -> None:
    """Removals behind these sanctions were reversed; the marketplace hears of those it did not decline."""
    if not unfounded:
        return
    kept.withdraw(session, [each.id for each in unfounded], now)
    for each in unfounded:
        _record(session, each.seller_id, "withdraw_sanction", now, sanction=each.id)
        if each.state is _S.DECLINED:
            _draw(session, each.id, now)
        else:
            _tell(session, each.id, "seller.sanction_withdrawn", "sanction_withdrawn", now)


def report_sanction(
    session: Session, actor: Actor, sanction_id: str, report: SanctionReport, *, now: datetime
) -> ReadSanction:
    """The marketplace, or its staff in Slack, says what was done. The same `event_id` again changes nothing.

    Raises WrongSanctionReport where the state does not allow it.
    """
    sanction = kept.sanction(session, sanction_id, lock=True)
    subject = _subject(sanction_id, sanction)
    grant = authorize(session, actor, Operation.REPORT_SANCTION, subject)
    if sanction is None:
        raise Denied(actor, Operation.REPORT_SANCTION, subject)
    if not inbox.seen(session, f"sanction:{sanction_id}:{report.event_id}", "api", now):
        becomes = _MOVES[report.state].get(sanction.state)
        if becomes is None:
            raise WrongSanctionReport(
                "sellers.answered_already", state=sanction.state.value, reported=report.state
            )
        if becomes is not sanction.state:
            sanction.state, sanction.answered_at, sanction.reason = becomes, now, report.reason
        sanction.reference = report.reference or sanction.reference
        session.add(sanction)
        session.flush()
        _draw(session, sanction_id, now)
        note(session, actor, grant, Operation.REPORT_SANCTION, subject, now, state=report.state)
    return _shown(session, sanction)


def sanction_of(session: Session, actor: Actor, sanction_id: str) -> ReadSanction:
    """A sanction that was proposed to this client."""
    sanction = kept.sanction(session, sanction_id)
    subject = _subject(sanction_id, sanction)
    authorize(session, actor, Operation.VIEW_PLATFORM_CASE, subject)
    if sanction is None:
        raise Denied(actor, Operation.VIEW_PLATFORM_CASE, subject)
    return _shown(session, sanction)


def _subject(sanction_id: str, sanction: Sanction | None) -> Subject:
    return Subject("sanction", sanction_id, client_id=sanction.client_id if sanction else None)


def _shown(session: Session, sanction: Sanction) -> ReadSanction:
    policy = session.get_one(StrikePolicy, sanction.policy_id)
    seller = kept.find(session, sanction.seller_id)
    terms = Terms.read(policy.terms)
    tally = Tallies(session, terms, [sanction.seller_id], sanction.proposed_at).of(sanction.seller_id)
    counted = sorted(tally.counted, reverse=True)[:MOST_TAKEDOWNS]
    return ReadSanction(
        sanction_id=sanction.id,
        seller=ShownSeller(id=seller.external_id if seller else "", name=seller.name if seller else ""),
        measure=sanction.measure.value,
        policy=CountedBy(
            name=policy.name.value,
            version=policy.version,
            counted=sanction.counted,
            needed=next(least for least, measure in terms.steps if measure is sanction.measure),
        ),
        takedown_ids=kept.takedowns_behind(session, counted),
        state=sanction.state.value,
        reason=sanction.reason,
        reference=sanction.reference,
        proposed_at=stamp(sanction.proposed_at),
        answered_at=stamp(sanction.answered_at) if sanction.answered_at else None,
    )


def _tell(session: Session, sanction_id: str, event: str, kind: str, now: datetime) -> None:
    sanction = kept.sanction(session, sanction_id)
    if sanction is not None and sanction.client_id:
        session.refresh(sanction)
        data = _shown(session, sanction).model_dump(mode="json")
        key = key_of(kind, sanction_id)
        outgoing.webhook(session, sanction.client_id, event, key, data, now, case=sanction_id)
    _draw(session, sanction_id, now)


def _draw(session: Session, sanction_id: str, now: datetime) -> None:
    """The card in the platform team's channel, if it has one."""
    binding = channels.channel_of(session, ChannelPurpose.PLATFORM)
    if binding is not None:
        outgoing.draw(session, Drawing.SANCTION_CARD, sanction_id, binding.channel_id, now)


def _record(session: Session, seller_id: str, operation: str, now: datetime, **details: Any) -> None:
    audit.record(
        session,
        at=now,
        actor=BY_THE_BOT,
        role="",
        operation=operation,
        subject_kind="seller",
        subject_id=seller_id,
        tenant=None,
        outcome="done",
        details=details,
    )
