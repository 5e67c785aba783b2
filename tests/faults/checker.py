"""Holds the bot's database, Slack's channels and the marketplace's ledger against what the clients were told.

Each check gives sentences, one for each thing that is wrong; an empty list means that nothing was lost and
nothing doubled. The ids (I1 ...) are those of the invariants in docs/operate/faults.md.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from operator import itemgetter
from typing import Any

from sqlmodel import Session, col, select

from bot.enforcement.outgoing import Drawing, Outgoing
from bot.messenger import viewer_of
from bot.sandbox.records import Message
from handlers.drawings import DRAWINGS
from storage.queries import audit
from storage.records.audit import AuditEntry
from storage.records.authenticity import (
    Answer,
    AuthenticityRequest,
    Confirmation,
    Decision,
    Outcome,
    RequestState,
    Retraction,
    Verdict,
)
from storage.records.inbox import InboxKey
from storage.records.messages import DrawnMessage
from storage.records.notices import Notice, NoticeItem
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.takedowns import CauseKind, Takedown, TakedownCause, TakedownState
from tests.faults.chain import Chain
from tests.faults.history import History
from tests.workspace import Workspace

UNDONE = frozenset({TakedownState.CANCELLED, TakedownState.REINSTATEMENT_REQUESTED, TakedownState.REINSTATED})
SETTLED = frozenset({OutboxState.SENT, OutboxState.DROPPED})


@dataclass(frozen=True)
class Figures:
    """What a run amounted to, for the table."""

    requests: int
    verdicts: int
    notices: int
    effects: int
    deliveries: int


class Check:
    """The state after a run, read once; `wrong` is every sentence."""

    def __init__(self, session: Session, ws: Workspace, history: History, now: datetime) -> None:
        self.session, self.ws, self.history, self.now = session, ws, history, now
        self.requests = {each.id: each for each in self._all(AuthenticityRequest)}
        self.verdicts = self._all(Verdict)
        self.confirmations = {each.verdict_id: each for each in self._all(Confirmation)}
        self.retractions = {each.verdict_id: each for each in self._all(Retraction)}
        self.takedowns = {each.id: each for each in self._all(Takedown)}
        self.causes = self._all(TakedownCause)
        self.notices = self._all(Notice)
        self.outbox = self._all(OutboxRow)
        self.market = ws.server.market.memory
        self.effects = {each.takedown_id: len(each.webhook_ids) for each in self.market.takedowns.values()}

    def _all(self, table: type[Any]) -> list[Any]:
        return list(self.session.exec(select(table)).all())

    def wrong(self) -> list[str]:
        """Everything that is lost, doubled or untrue."""
        checks = (
            self._acknowledged_stands,
            self._one_effect_at_most,
            self._every_cause_has_its_effect,
            self._no_effect_without_cause,
            self._one_answer,
            self._nothing_sent_twice,
            self._one_name_for_each_message,
            self._audit_matches,
            self._nothing_waits,
            self._retraction_undoes,
            self._each_card_once,
            self._each_card_is_true,
        )
        return [*self.history.contradictions, *(said for check in checks for said in check())]

    def figures(self) -> Figures:
        """The sizes of the run."""
        return Figures(
            requests=len(self.requests),
            verdicts=len(self.verdicts),
            notices=len(self.notices),
            effects=sum(self.effects.values()),
            deliveries=len(self.market.received),
        )

    def _acknowledged_stands(self) -> Iterator[str]:
        by_external = {each.external_id: each for each in self.requests.values()}
        for external_id, request_id in self.history.asked.items():
            if external_id not in by_external or by_external[external_id].id != request_id:
                yield f"I1: {external_id} was accepted as {request_id} and is not there"
        yield from self._clicks_stand()
        for request_id in self.history.withdrawn:
            if not self._is(request_id, RequestState.WITHDRAWN):
                yield f"I1: {request_id} was withdrawn and is not"
        yield from self._second_words_stand()
        explanations = " ".join(notice.explanation for notice in self.notices)
        yield from (
            f"I1: the notice {token} is lost" for token in self.history.filed if token not in explanations
        )

    def _clicks_stand(self) -> Iterator[str]:
        with_verdict = {verdict.request_id for verdict in self.verdicts}
        sent_back = {verdict.request_id for verdict in self.verdicts if verdict.outcome is Outcome.REROUTED}
        taken = {each.key for each in self._all(InboxKey)}
        refused = self._told_that_nothing_was_recorded()
        for key, click in self.history.answered.items():
            if self._is(click.request_id, RequestState.WITHDRAWN) or click.request_id in sent_back:
                continue  # whoever clicked was told so, and nothing was recorded
            if key in taken and click.request_id in with_verdict:
                continue
            refused[click.user_id] -= 1
            if refused[click.user_id] < 0:
                yield f"I1: a click on {click.request_id} was acknowledged and is not recorded"

    def _told_that_nothing_was_recorded(self) -> Counter[str]:
        """How often each person was told to click again: the database was busy for too long."""
        whispers = (row for row in self.outbox if row.kind == Outgoing.WHISPER)
        return Counter(row.subject_id for row in whispers if row.payload["key"] == "common.not_recorded")

    def _second_words_stand(self) -> Iterator[str]:
        requests = {verdict.id: verdict.request_id for verdict in self.verdicts}
        confirmed = {requests[verdict_id] for verdict_id in self.confirmations}
        retracted = {requests[verdict_id] for verdict_id in self.retractions}
        for request_id in self.history.retracted - retracted:
            yield f"I1: the verdict on {request_id} was retracted and is not"
        # A confirmation of one's own verdict, or of one retracted meanwhile, is refused by a whisper.
        for request_id in self.history.confirmed - confirmed:
            if request_id not in self.requests:
                yield f"I1: a confirmation of {request_id} was acknowledged and the request is not there"

    def _is(self, request_id: str, state: RequestState) -> bool:
        request = self.requests.get(request_id)
        return request is not None and request.state is state

    def _one_effect_at_most(self) -> Iterator[str]:
        for takedown_id, count in self.effects.items():
            if count != 1:
                yield f"I2: takedown {takedown_id} took effect {count} times"
        of_request: dict[str, set[str]] = defaultdict(set)
        requests = {verdict.id: verdict.request_id for verdict in self.verdicts}
        for cause in self.causes:
            if cause.kind is CauseKind.VERDICT:
                of_request[requests[cause.subject_id]].add(cause.takedown_id)
        for request_id, takedown_ids in of_request.items():
            if len(takedown_ids) > 1:
                yield f"I2: {request_id} has {len(takedown_ids)} takedowns"
        yield from self._one_at_a_time()

    def _one_at_a_time(self) -> Iterator[str]:
        chain = Chain(
            self._all(AuditEntry),
            self.verdicts,
            self.confirmations.values(),
            self.retractions.values(),
            self._all(NoticeItem),
        )
        causes: dict[str, list[TakedownCause]] = defaultdict(list)
        for cause in self.causes:
            causes[cause.takedown_id].append(cause)
        of_listing: dict[tuple[str, str], list[tuple[int, Takedown]]] = defaultdict(list)
        for takedown in self.takedowns.values():
            opened = chain.opened(causes[takedown.id])
            of_listing[takedown.client_id, takedown.listing_id].append((opened, takedown))
        for listing, found in of_listing.items():
            in_order = sorted(found, key=itemgetter(0))
            for (_, earlier), (opened, later) in pairwise(in_order):
                if opened < chain.closed(earlier, causes[earlier.id]):
                    yield f"I2: {listing} had two open takedowns, {earlier.id} and {later.id}"

    def _asking(self) -> Iterator[TakedownCause]:
        return (cause for cause in self.causes if cause.withdrawn_at is None)

    def _every_cause_has_its_effect(self) -> Iterator[str]:
        caused = {cause.subject_id for cause in self.causes}
        for verdict in self.verdicts:
            if self._asks_for_takedown(verdict) and verdict.id not in caused:
                yield f"I3: the Fake on {verdict.request_id} asked for no takedown"
        immediate = {notice.id for notice in self.notices if notice.immediate}
        for item in self._all(NoticeItem):
            if item.notice_id in immediate and item.id not in caused:
                yield f"I3: item {item.id} of an immediate notice asked for no takedown"
        for cause in self._asking():
            if self.effects.get(cause.takedown_id) is None:
                state = self.takedowns[cause.takedown_id].state
                yield f"I3: takedown {cause.takedown_id} ({state}) is asked for and never took effect"

    def _asks_for_takedown(self, verdict: Verdict) -> bool:
        if verdict.outcome is Outcome.TAKEDOWN:
            return True
        word = self.confirmations.get(verdict.id)
        return word is not None and word.decision is Decision.CONFIRMED

    def _no_effect_without_cause(self) -> Iterator[str]:
        caused = {cause.takedown_id for cause in self.causes}
        for takedown_id in self.effects:
            takedown = self.takedowns.get(takedown_id)
            if takedown is None or takedown_id not in caused:
                yield f"I4: takedown {takedown_id} took effect and nobody asked for it"
            elif takedown.state is TakedownState.CANCELLED:
                yield f"I4: takedown {takedown_id} took effect and is cancelled"
        for cause in self.causes:
            if cause.kind is CauseKind.VERDICT:
                verdict = next(each for each in self.verdicts if each.id == cause.subject_id)
                if verdict.answer is not Answer.FAKE:
                    yield f"I4: a verdict of {verdict.answer} asked for a takedown"

    def _one_answer(self) -> Iterator[str]:
        rounds = Counter((verdict.request_id, verdict.round) for verdict in self.verdicts)
        yield from (f"I5: {place} has {count} verdicts" for place, count in rounds.items() if count > 1)
        given = {(self.requests[each.request_id].external_id, each.answer.value) for each in self.verdicts}
        for delivery in self.market.received:
            data = delivery.data or {}
            told = data.get("verdict") if delivery.type == "verdict.recorded" else None
            if told and (data["external_id"], told["answer"]) not in given:
                yield f"I5: the marketplace was told {told['answer']}, which nobody said"

    def _nothing_sent_twice(self) -> Iterator[str]:
        for delivery in self.market.received:
            # One that is slow to arrive is not there when the bot looks, and may be sent under the same id.
            if delivery.duplicate and delivery.id not in self.ws.server.market.looked_in_vain:
                yield f"I6: {delivery.type} {delivery.id} was sent again though it had arrived"

    def _one_name_for_each_message(self) -> Iterator[str]:
        names: dict[tuple[str, str], set[str]] = defaultdict(set)
        for delivery in self.market.received:
            if delivery.valid:
                names[delivery.type, json.dumps(delivery.data, sort_keys=True)].add(delivery.id)
        for (kind, _), ids in names.items():
            if len(ids) > 1:
                yield f"I6: one {kind} was sent under {len(ids)} ids: {sorted(ids)}"

    def _audit_matches(self) -> Iterator[str]:
        verification = audit.verify(self.session)
        if not verification.intact:
            yield f"I9: the chain breaks at {verification.first_bad}: {verification.problem}"
        rows = Counter(
            (entry.operation, entry.subject_id)
            for entry in self._all(AuditEntry)
            if entry.outcome != "denied"
        )
        expected: Counter[tuple[str, str]] = Counter()
        expected.update(("create_request", request_id) for request_id in self.requests)
        expected.update(
            ("answer_fake" if each.answer is Answer.FAKE else "answer", each.request_id)
            for each in self.verdicts
        )
        expected.update(
            ("withdraw_request", each.id)
            for each in self.requests.values()
            if each.state is RequestState.WITHDRAWN
        )
        by_verdict = {each.id: each.request_id for each in self.verdicts}
        expected.update(("retract_verdict", by_verdict[verdict_id]) for verdict_id in self.retractions)
        expected.update(("confirm_fake", by_verdict[verdict_id]) for verdict_id in self.confirmations)
        expected.update(("file_notice", each.id) for each in self.notices if each.verdict_id is None)
        kinds = {operation for operation, _ in expected}
        for key in {key for key in rows if key[0] in kinds} | set(expected):
            if rows[key] != expected[key]:
                yield f"I9: {key} changed {expected[key]} times and has {rows[key]} audit rows"

    def _nothing_waits(self) -> Iterator[str]:
        for row in self.outbox:
            if row.state not in SETTLED:
                yield f"I12: outbox row {row.id} ({row.kind}) ended as {row.state}: {row.last_error}"
        drawn = {each.subject_id for each in self._all(DrawnMessage)}
        for request in self.requests.values():
            if request.state is not RequestState.WITHDRAWN and request.id not in drawn:
                yield f"I12: {request.id} ({request.state}) was never shown"
        for takedown in self.market.takedowns.values():
            if takedown.reported != takedown.state:
                yield f"I12: the report {takedown.state} of {takedown.takedown_id} was not heard"

    def _retraction_undoes(self) -> Iterator[str]:
        asked_for = {cause.takedown_id for cause in self._asking()}
        reinstated = {
            (delivery.data or {}).get("takedown_id")
            for delivery in self.market.received
            if delivery.type == "reinstatement.requested"
        }
        for takedown in self.takedowns.values():
            if takedown.id in asked_for:
                continue
            effect = self.effects.get(takedown.id, 0)
            if takedown.state not in UNDONE:
                yield f"I16: nobody asks for {takedown.id} and it is {takedown.state}"
            if effect and takedown.id not in reinstated:
                yield f"I16: {takedown.id} took effect, was retracted, and nobody asked to reinstate it"
            standing = next((t for t in self.market.takedowns.values() if t.takedown_id == takedown.id), None)
            if standing and standing.state != "reinstated":
                yield f"I16: {takedown.id} was retracted and is {standing.state} at the marketplace"

    def _each_card_once(self) -> Iterator[str]:
        marks = {f"outbox-{row.id}": row for row in self.outbox}
        shown: Counter[tuple[str, str]] = Counter()
        for message in self._bot_messages():
            row = marks.get(_mark(message))
            if row is not None:
                shown[row.subject_id, message.channel] += 1
        yield from (f"I12: {place} is shown {count} times" for place, count in shown.items() if count > 1)

    def _each_card_is_true(self) -> Iterator[str]:
        """Every card shows the row as it is: the last redraw was not lost."""
        by_place = {(message.channel, message.ts): message for message in self._bot_messages()}
        cards = select(DrawnMessage).where(col(DrawnMessage.kind) == Drawing.REQUEST_CARD.value)
        for drawn in self.session.exec(cards).all():
            message = by_place.get((drawn.channel_id, drawn.ts))
            viewer = viewer_of(self.session, drawn.place, pictures=True)
            if message is None or viewer is None:
                yield f"I12: the card of {drawn.subject_id} is not where it was posted"
                continue
            now = DRAWINGS[drawn.kind](self.session, drawn.subject_id, viewer, self.now)
            if now is None or texts_of(now.blocks) != texts_of(message.blocks):
                yield f"I12: the card of {drawn.subject_id} does not show what stands"

    def _bot_messages(self) -> Iterator[Message]:
        memory = self.ws.sandbox.memory
        return (
            message
            for messages in memory.messages.values()
            for message in messages
            if message.user == memory.bot_user_id and not message.ephemeral_for
        )


def _mark(message: Message) -> str:
    payload = (message.metadata or {}).get("event_payload", {})
    return str(payload.get("mark", ""))


def texts_of(node: Any) -> list[str]:
    """Every text in blocks, in order; ids that Slack adds are left out."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for value in node.values() for text in texts_of(value)]
    if isinstance(node, list | tuple):
        return [text for each in node for text in texts_of(each)]
    return []
