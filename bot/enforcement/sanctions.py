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
from storage.queries import sellers as kept
from storage.records.channels import ChannelPurpose
from storage.records.sellers import Measure, SanctionState

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
    session: Session, policy: Any, seller_id: str, strike_id: str, tally: Tally[str], now: datetime
) -> None:
    """A seller's strikes reached a step: keep it, tell the marketplace and the platform team."""
    sanction_id = new_id()
    row = {
        "id": sanction_id,
        "seller_id": seller_id,
        "policy_id": policy.id,
        "strike_id": strike_id,
        "marketplace": policy.marketplace,
        "client_id": policy.client_id,
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
    _tell(session, sanction_id, event, "sanction", now, tally)


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
    found = kept.sanctioned(session, sanction_id, lock=True)
    subject = _subject(sanction_id, found)
    grant = authorize(session, actor, Operation.REPORT_SANCTION, subject)
    if found is None:
        raise Denied(actor, Operation.REPORT_SANCTION, subject)
    sanction = found.sanction
    if not inbox.seen(session, f"sanction:{sanction_id}:{report.event_id}", "api", now):
        becomes = _MOVES[report.state].get(sanction.state)
        if becomes is None:
            raise WrongSanctionReport(
                "sellers.answered_already", state=sanction.state.value, reported=report.state
            )
        changed: dict[str, Any] = {"reference": report.reference or sanction.reference}
        if becomes is not sanction.state:
            changed |= {"state": becomes, "answered_at": now, "reason": report.reason}
        found = found._replace(sanction=kept.change_sanction(session, sanction, **changed))
        _draw(session, sanction_id, now)
        note(session, actor, grant, Operation.REPORT_SANCTION, subject, now, state=report.state)
    return _shown(session, found)


def sanction_of(session: Session, actor: Actor, sanction_id: str) -> ReadSanction:
    """A sanction that was proposed to this client."""
    found = kept.sanctioned(session, sanction_id)
    subject = _subject(sanction_id, found)
    authorize(session, actor, Operation.VIEW_PLATFORM_CASE, subject)
    if found is None:
        raise Denied(actor, Operation.VIEW_PLATFORM_CASE, subject)
    return _shown(session, found)


def _subject(sanction_id: str, found: Any) -> Subject:
    return Subject("sanction", sanction_id, client_id=found.sanction.client_id if found else None)


def _shown(session: Session, found: Any, tally: Tally[str] | None = None) -> ReadSanction:
    """A sanction as the platform reads it; `tally`: what its seller's strikes came to then, if known."""
    sanction, seller, policy = found
    terms = Terms.read(policy.terms)
    told = tally or Tallies(session, terms, [seller.id], sanction.proposed_at).of(seller.id)
    counted = sorted(told.counted, reverse=True)[:MOST_TAKEDOWNS]
    return ReadSanction(
        sanction_id=sanction.id,
        seller=ShownSeller(id=seller.external_id, name=seller.name),
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


def _tell(
    session: Session,
    sanction_id: str,
    event: str,
    kind: str,
    now: datetime,
    tally: Tally[str] | None = None,
) -> None:
    found = kept.sanctioned(session, sanction_id)
    client_id = found.sanction.client_id
    if client_id:
        data = _shown(session, found, tally).model_dump(mode="json")
        outgoing.webhook(session, client_id, event, key_of(kind, sanction_id), data, now, case=sanction_id)
    _draw(session, sanction_id, now)


def _draw(session: Session, sanction_id: str, now: datetime) -> None:
    """The card in the platform team's channel, if it has one."""
    team = channels.place_of(session, ChannelPurpose.PLATFORM)
    if team:
        outgoing.draw(session, Drawing.SANCTION_CARD, sanction_id, team, now)


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
