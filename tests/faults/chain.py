"""The order in which things were committed, by the audit chain: moments are taken before units wait."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from storage.records.audit import AuditEntry
from storage.records.authenticity import Confirmation, Retraction, Verdict
from storage.records.notices import NoticeItem
from storage.records.takedowns import CauseKind, Takedown, TakedownCause

T = TypeVar("T", Confirmation, Retraction)
STILL_OPEN = 2**63


class Chain:
    """When, as a number in the audit, each cause asked for its takedown, and each takedown was closed."""

    def __init__(
        self,
        entries: Iterable[AuditEntry],
        verdicts: Sequence[Verdict],
        confirmations: Iterable[Confirmation],
        retractions: Iterable[Retraction],
        items: Iterable[NoticeItem],
    ) -> None:
        numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        for entry in sorted(entries, key=lambda each: each.seq):
            if entry.outcome != "denied":
                operation = "answer" if entry.operation == "answer_fake" else entry.operation
                numbers[operation, entry.subject_id].append(entry.seq)
        self._numbers = numbers
        self._verdicts = {each.id: each for each in verdicts}
        # A request has one verdict in each of its rounds, and one row in the audit for each of them.
        in_order = sorted(verdicts, key=lambda each: each.round)
        self._said = self._numbered("answer", in_order)
        self._confirmed = self._numbered("confirm_fake", _those_of(in_order, confirmations))
        self._retracted = self._numbered("retract_verdict", _those_of(in_order, retractions))
        self._filed = {each.id: numbers["file_notice", each.notice_id] for each in items}
        self._withdrawn = {each.id: numbers["withdraw_notice", each.notice_id] for each in items}

    def opened(self, causes: Sequence[TakedownCause]) -> int:
        """When the first of a takedown's causes asked for it."""
        return min(self._asked(cause) for cause in causes)

    def closed(self, takedown: Takedown, causes: Sequence[TakedownCause]) -> int:
        """When it was open no longer: the marketplace reported, or nobody asked for it any more."""
        reports = self._numbers["report_takedown", takedown.id] or [STILL_OPEN]
        return min(reports[0], max(self._taken_back(cause) for cause in causes))

    def _asked(self, cause: TakedownCause) -> int:
        if cause.kind is CauseKind.NOTICE_ITEM:
            return self._filed[cause.subject_id][0]
        return self._confirmed.get(cause.subject_id) or self._said[cause.subject_id]

    def _taken_back(self, cause: TakedownCause) -> int:
        if cause.withdrawn_at is None:
            return STILL_OPEN
        if cause.kind is CauseKind.NOTICE_ITEM:
            return self._withdrawn[cause.subject_id][0]
        return self._retracted[cause.subject_id]

    def _numbered(self, operation: str, verdicts: Iterable[Verdict]) -> dict[str, int]:
        of_request: dict[str, list[str]] = defaultdict(list)
        for verdict in verdicts:
            of_request[verdict.request_id].append(verdict.id)
        return {
            verdict_id: number
            for request_id, ids in of_request.items()
            for verdict_id, number in zip(ids, self._numbers[operation, request_id], strict=False)
        }


def _those_of(verdicts: Iterable[Verdict], words: Iterable[T]) -> list[Verdict]:
    spoken_of = {word.verdict_id for word in words}
    return [verdict for verdict in verdicts if verdict.id in spoken_of]
