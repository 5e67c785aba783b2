"""Good-faith standing is computed: from each decided case, in the transaction that decides it.

What counts. A takedown counts once for each rights holder that asked for it, under its reason code; an item
of a notice counts where no takedown stands for it. It is decided when the marketplace says removed or kept,
on the UTC day of its first word; a later removal corrects that day. What its holder takes back after that
word, or after it was sent, stays decided and is no success (A8). A counter-notice counts on the day on which
it was upheld.

A decision adds to one tally and sums one window, whatever the history. Time moves standings too: the tick
(`standing_watch.py`) looks at those whose oldest day leaves the window, or whose re-entry has come.

Two administrators may set a standing by hand. A good one then stands for one window, an exclusion for its
term; suspension until it is lifted. Any other is judged by its figures from then on.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.enforcement import outgoing
from bot.enforcement.access import Actor
from bot.enforcement.outgoing import Drawing
from bot.enforcement.standing_rules import (
    DEFAULT,
    PUBLISHED,
    Change,
    add_months,
    has_good_standing,
    judge,
    look_again,
    window_start,
)
from storage.queries import audit, authenticity, channels, people, standing
from storage.records.notices import ItemState
from storage.records.roster import Role, Standing
from storage.records.standing import (
    Counted,
    Figures,
    Rule,
    StandingCause,
    StandingChange,
)
from storage.records.takedowns import CauseKind, TakedownState

_TOLD_TO = (Role.LEAD, Role.SMALL_MEMBER)


class Delta(NamedTuple):
    """What one decision adds to a tally."""

    holder_id: str
    day: date
    reason_code: str
    decided: int = 0
    removed: int = 0
    upheld: int = 0


class InForce(NamedTuple):
    """The rule by which standing is judged now, and who can earn it."""

    rule: Rule
    pilot_only: bool


def in_force(session: Session) -> InForce:
    """The rule that two administrators chose last, else the default."""
    chosen = standing.choice(session)
    return InForce(PUBLISHED[chosen.version], chosen.pilot_only) if chosen else InForce(DEFAULT, False)


def takedown_decided(session: Session, causes: Sequence[Any], removed: bool, *, now: datetime) -> None:
    """The marketplace said what became of a takedown: it counts for each rights holder that asked for it.

    Those of its causes that are items which were decided before, and so count themselves, are left out.
    """
    deltas: list[Delta] = []
    ids: dict[tuple[Counted, date], list[str]] = {}
    becomes = Counted.REMOVED if removed else Counted.REFUSED
    for group in _by_holder(causes):
        cause = _counting(group)
        if cause is None or cause.counted not in (None, Counted.REFUSED) or cause.counted is becomes:
            continue
        day = cause.counted_on or now.date()
        deltas.append(_delta(cause, day, decided=int(cause.counted is None), removed=int(removed)))
        ids.setdefault((becomes, day), []).append(cause.id)
    _keep(session, ids, deltas, now)


def causes_withdrawn(
    session: Session,
    kind: CauseKind,
    subject_ids: Collection[str],
    takedown_ids: Collection[str],
    *,
    now: datetime,
) -> None:
    """Rights holders took back what had asked for takedowns. What was surely never sent does not count."""
    if not takedown_ids:
        return
    withdrawn = set(subject_ids)
    deltas: list[Delta] = []
    ids: dict[tuple[Counted, date], list[str]] = {}
    for group in _by_holder(standing.causes(session, takedown_ids)):
        if not any(cause.kind is kind and cause.subject_id in withdrawn for cause in group):
            continue
        if any(cause.withdrawn_at is None for cause in group):
            continue  # the same holder still asks for it
        cause = next((each for each in group if each.counted), group[0])
        if cause.state is TakedownState.CANCELLED or cause.counted not in (None, Counted.REMOVED):
            continue
        day = cause.counted_on or now.date()
        deltas.append(
            _delta(cause, day, decided=int(cause.counted is None), removed=-int(cause.counted is not None))
        )
        ids.setdefault((Counted.RETRACTED, day), []).append(cause.id)
    _keep(session, ids, deltas, now)


def never_arrived(session: Session, takedown_id: str, *, now: datetime) -> None:
    """A takedown that was taken back turns out never to have reached the marketplace: nobody was harmed."""
    gone = [each for each in standing.causes(session, [takedown_id]) if each.counted is Counted.RETRACTED]
    if gone:
        standing.count_causes(session, [each.id for each in gone], None, None)
        count(session, [_delta(each, each.counted_on, decided=-1) for each in gone], now=now)


def items_decided(session: Session, notice: Any, items: Sequence[Any], *, now: datetime) -> list[Any]:
    """The marketplace decided listings of a notice: those count for which no takedown stands.

    The items as they count now, which the caller keeps.
    """
    decided: Counter[date] = Counter()
    removed: Counter[date] = Counter()
    counted = []
    for item in items:
        becomes = _counts_as(item)
        if becomes is item.counted:
            counted.append(item)
            continue
        day = item.counted_on or now.date()
        decided[day] += item.counted is None
        removed[day] += (becomes is Counted.REMOVED) - (item.counted is Counted.REMOVED)
        counted.append(item._replace(counted=becomes, counted_on=day))
    reason = notice.reason_code.value
    deltas = [Delta(notice.holder_id, day, reason, decided[day], removed[day]) for day in decided]
    count(session, deltas, now=now)
    return counted


def _counts_as(item: Any) -> Counted | None:
    """What an item of a notice counts as by its state. Once it was taken back or put back, that stays."""
    # An upheld removal stays one, and counts as upheld beside that.
    settled = item.cause_id or item.upheld_on or item.counted is Counted.RETRACTED
    if settled or item.state is ItemState.OPEN:
        counted: Counted | None = item.counted
        return counted
    return Counted.REMOVED if item.state is ItemState.REMOVED else Counted.REFUSED


def notice_withdrawn(session: Session, notice: Any, *, now: datetime) -> None:
    """Those who filed a notice took it back: what was removed by it is no success any more."""
    found = standing.retract_items(session, notice.id)
    reason = notice.reason_code.value
    count(
        session,
        [Delta(notice.holder_id, day, reason, removed=-number) for day, number in found.items()],
        now=now,
    )


def counter_notice_upheld(session: Session, takedown_id: str, holder_id: str, *, now: datetime) -> None:
    """A seller was right against a rights holder's takedown: once for each takedown and holder."""
    asked = [each for each in standing.causes(session, [takedown_id]) if each.holder_id == holder_id]
    if any(each.upheld_on for each in asked):
        return
    if not asked:
        for item, notice in standing.counting_items(session, takedown_id, holder_id)[:1]:
            item_upheld(session, notice, item, now=now)
        return
    cause = next((each for each in asked if each.counted), asked[0])
    standing.uphold(session, cause.id, now.date())
    count(session, [_delta(cause, now.date(), upheld=1)], now=now)


def item_upheld(session: Session, notice: Any, item: Any, *, now: datetime) -> None:
    """A seller was right against what was removed on a notice without a takedown of ours: once an item."""
    if item.upheld_on is not None:
        return
    standing.uphold_item(session, item.id, now.date())
    count(session, [Delta(notice.holder_id, now.date(), notice.reason_code.value, upheld=1)], now=now)


def count(session: Session, deltas: Sequence[Delta], *, now: datetime) -> None:
    """Add to tallies, and judge the rights holders concerned by their new figures."""
    ordered = sorted(deltas, key=lambda each: each.holder_id)
    for holder_id, of_holder in groupby(ordered, key=lambda each: each.holder_id):
        # Before the tally: two decisions about one holder see each other's figures.
        holder = standing.lock(session, holder_id)
        standing.add(session, [each._asdict() for each in of_holder])
        force = in_force(session)
        since = window_start(now.date(), force.rule)
        figures = standing.windows(session, [holder_id], since)[holder_id]
        judge_now(session, holder, figures, force, now)


def set_by_hand(
    session: Session, holder_id: str, becomes: Standing, reason: str, *, by: Actor, now: datetime
) -> None:
    """Two people set a standing, whatever its figures say. The caller has authorized, and audits."""
    holder = standing.lock(session, holder_id)
    rule = in_force(session).rule
    until = None
    if has_good_standing(becomes):
        until = add_months(now.date(), rule.window)
    elif becomes is Standing.EXCLUDED:
        until = add_months(now.date(), rule.reentry)
    figures = figures_of(session, holder.id, rule, now)
    change = Change(becomes, StandingCause.BY_HAND, until)
    holder = _change(session, holder, change, figures, rule, now, by=str(by), reason=reason)
    due = look_again(becomes, until, figures, rule, now.date())
    standing.change_holder(session, holder, standing_due=due)


def judge_now(session: Session, holder: Any, figures: Figures, force: InForce, now: datetime) -> None:
    """Change a standing where its figures say so, and note when time will have changed them."""
    today, rule = now.date(), force.rule
    admitted = holder.pilot or not force.pilot_only
    # Until nothing changes: who just enters may have to be warned at once, the next refusal being too many.
    while change := judge(holder.standing, holder.standing_until, figures, rule, today, admitted=admitted):
        holder = _change(session, holder, change, figures, rule, now)
    due = look_again(holder.standing, holder.standing_until, figures, rule, today)
    if holder.standing_due != due:
        standing.change_holder(session, holder, standing_due=due)


def _change(
    session: Session,
    holder: Any,
    change: Change,
    figures: Figures,
    rule: Rule,
    now: datetime,
    *,
    by: str = "bot",
    reason: str = "",
) -> Any:
    """One change of a standing: in the register, in its log with its figures, in the audit, in words.

    The rights holder as it is now.
    """
    before = holder.standing
    holder = standing.change_holder(
        session, holder, standing=change.standing, standing_since=now, standing_until=change.until
    )
    kept = standing.insert_change(
        session,
        holder_id=holder.id,
        before=before,
        after=change.standing,
        cause=change.cause,
        rule=rule.version,
        figures=figures.kept(),
        until=change.until,
        by=by,
        reason=reason,
        at=now,
    )
    if change.cause is not StandingCause.BY_HAND:
        audit.record(
            session,
            at=now,
            actor="bot",
            role="",
            operation="compute_standing",
            subject_kind="rights_holder",
            subject_id=holder.id,
            tenant=holder.id,
            outcome=change.cause.value,
            details={"before": before, "after": change.standing, "rule": rule.version} | figures.kept(),
        )
    _tell(session, kept, now)
    return holder


def _tell(session: Session, change: StandingChange, now: datetime) -> None:
    """Tell a rights holder in its brands' channels, else its leads; open cards then say what is true now."""
    places = channels.brand_places(session, change.holder_id)
    leads = [] if places else people.holding(session, _TOLD_TO, change.holder_id)
    for place in [*places.values(), *(person.user_id for person in leads)]:
        outgoing.draw(session, Drawing.STANDING_NOTE, change.id, place, now)
    if has_good_standing(change.before) != has_good_standing(change.after):
        for brand_id, place in places.items():
            for request_id in authenticity.undecided_of(session, brand_id):
                outgoing.draw(session, Drawing.REQUEST_CARD, request_id, place, now)
    outgoing.refresh_homes(session, change.holder_id, now)


def figures_of(session: Session, holder_id: str, rule: Rule, now: datetime) -> Figures:
    """A rights holder's window under a rule."""
    return standing.windows(session, [holder_id], window_start(now.date(), rule))[holder_id]


def _by_holder(causes: Sequence[Any]) -> list[list[Any]]:
    """Causes by takedown and rights holder, in the order in which they asked."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for cause in causes:
        groups.setdefault((cause.takedown_id, cause.holder_id), []).append(cause)
    return list(groups.values())


def _counting(group: Sequence[Any]) -> Any | None:
    """The one cause by which a takedown counts for a holder: the one that does, else the first that asks."""
    counted = next((cause for cause in group if cause.counted), None)
    return counted or next((cause for cause in group if cause.withdrawn_at is None), None)


def _delta(cause: Any, day: date, *, decided: int = 0, removed: int = 0, upheld: int = 0) -> Delta:
    return Delta(cause.holder_id, day, cause.reason_code, decided, removed, upheld)


def _keep(
    session: Session,
    ids: Mapping[tuple[Counted, date], Sequence[str]],
    deltas: Sequence[Delta],
    now: datetime,
) -> None:
    """Write down what causes count for, and count it."""
    for (counted, day), causes in ids.items():
        standing.count_causes(session, causes, counted, day)
    count(session, deltas, now=now)
