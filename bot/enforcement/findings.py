"""Findings: what members tell each other about patterns, kinds of sellers, and what has helped.

To its own groups a member tells at once, to others with the permission of their chair. An anonymous finding
names nobody to rivals, to chairs neither: only its own company, the platform's staff and administrators see
who shared it, and the audit. Whoever puts an emoji on it has found it useful; each person counts once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import Session

from bot.enforcement import outgoing
from bot.enforcement.access import (
    Actor,
    Denied,
    Grant,
    Operation,
    Subject,
    authorize,
    authorize_each,
    may,
    tenants,
)
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.queries import findings, groups, installation, people, roster
from storage.records.findings import (
    LONGEST_LINK,
    LONGEST_REASON,
    LONGEST_SELLERS,
    LONGEST_SIGNS,
    LONGEST_TITLE,
    Finding,
    FindingKind,
    FindingReaction,
    FindingSharing,
    Shared,
    SharingState,
)
from storage.records.groups import Industry, WorkingGroup
from storage.records.roster import Person, RightsHolder, Role

_UNHELPFUL = frozenset({"-1", "thumbsdown"})


def _address(link: str) -> str:
    if link and not link.startswith(("https://", "http://")):
        raise ValueError("no address of a page")
    return link


Link = Annotated[str, Field(max_length=LONGEST_LINK), AfterValidator(_address)]


class FindingForm(BaseModel):
    """A finding as it is written."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    kind: FindingKind
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    sellers: str = Field(default="", max_length=LONGEST_SELLERS)
    signs: str = Field(min_length=1, max_length=LONGEST_SIGNS)
    industry: Industry | None = None
    link: Link = ""
    picture: Link = ""
    is_anonymous: bool = False


@dataclass(frozen=True)
class Told:
    """What became of a sharing: the names of groups that read it, whose chair is asked, without a channel."""

    finding_id: str
    posted: tuple[str, ...]
    asked: tuple[str, ...]
    without: tuple[str, ...]


@dataclass(frozen=True)
class FindingSheet:
    """A finding as one reader sees it; `author` is empty where it is not for them to know."""

    finding: Finding
    holder: str
    author: str
    sharings: tuple[tuple[FindingSharing, WorkingGroup], ...]
    useful: int
    withdraws: bool


@dataclass(frozen=True)
class Choice:
    """The groups that a person may share with, and which of them are their own."""

    groups: Sequence[WorkingGroup]
    own: frozenset[str]


def choice(session: Session, actor: Actor) -> Choice:
    """With whom this person may share. Raises `Denied` for who may share with nobody."""
    across = may(session, actor, Operation.SHARE_ACROSS, Subject("finding"))
    own = _seen(session, actor)
    if not own and not across:
        raise Denied(actor, Operation.SHARE_FINDING, Subject("finding"))
    return Choice(findings.groups(session, None if across else own), frozenset(own))


def share(
    session: Session, actor: Actor, form: FindingForm, group_ids: Sequence[str], *, now: datetime
) -> Told:
    """Tell groups a finding: the own ones at once, the others when their chair agrees."""
    inside = _inside(session, actor)
    wanted = findings.groups(session, group_ids)
    author = people.find(session, actor.team_id, actor.user_id)
    if author is None or not wanted or len(wanted) != len(set(group_ids)):
        raise Denied(actor, Operation.SHARE_FINDING, Subject("finding"))
    places = findings.channels(session, [group.id for group in wanted])
    if not places:
        raise Refused("findings.no_channel", group=wanted[0].name)
    speaks_for = sorted({holder for group in wanted for holder in inside.get(group.id, ())})
    own = sorted(_own(session, actor))
    finding = Finding(
        **form.model_dump(),
        author_id=author.id,
        holder_id=next(iter(speaks_for or own), None),
        shared_at=now,
    )
    session.add(finding)
    session.flush()
    posted, asked = [], []
    with_channel = [group for group in wanted if group.id in places]
    for group, operation, subject, grant in _granted(session, actor, finding, with_channel, inside):
        waits = grant.cell.second
        sharing = FindingSharing(
            finding_id=finding.id,
            group_id=group.id,
            state=SharingState.ASKED if waits else SharingState.POSTED,
            posted_at=None if waits else now,
        )
        session.add(sharing)
        session.flush()
        note(session, actor, grant, operation, subject, now, group=group.id, anonymous=form.is_anonymous)
        if waits:
            _ask(session, sharing, grant.person_id, actor.user_id, group, now)
            asked.append(group.name)
        else:
            outgoing.draw(session, Drawing.FINDING, sharing.id, places[group.id], now)
            posted.append(group.name)
    without = tuple(group.name for group in wanted if group.id not in places)
    return Told(finding.id, tuple(posted), tuple(asked), without)


def _granted(
    session: Session,
    actor: Actor,
    finding: Finding,
    wanted: Sequence[WorkingGroup],
    inside: Mapping[str, Collection[str]],
) -> Iterator[tuple[WorkingGroup, Operation, Subject, Grant]]:
    """Each group with what it takes to share with it: one's own and others', each asked for once."""
    for operation, groups_ in (
        (Operation.SHARE_FINDING, [group for group in wanted if inside.get(group.id)]),
        (Operation.SHARE_ACROSS, [group for group in wanted if not inside.get(group.id)]),
    ):
        holders = [min(inside.get(group.id, ()), default=None) for group in groups_]
        subjects = [
            Subject("finding", finding.id, holder_id=holder_id, group_id=group.id)
            for group, holder_id in zip(groups_, holders, strict=True)
        ]
        grants = authorize_each(session, operation, [(actor, subject) for subject in subjects])
        for group, subject, grant in zip(groups_, subjects, grants, strict=True):
            if grant is None:
                raise Denied(actor, operation, subject)
            yield group, operation, subject, grant


def decide(
    session: Session, actor: Actor, sharing_id: str, *, approve: bool, now: datetime, reason: str = ""
) -> None:
    """Let another group's member tell this group, or not; a no says why."""
    sharing = session.get(FindingSharing, sharing_id, with_for_update=True)
    subject = Subject("finding", sharing_id, group_id=sharing.group_id if sharing else None)
    grant = authorize(session, actor, Operation.DECIDE_SHARING, subject)
    if sharing is None:
        raise Denied(actor, Operation.DECIDE_SHARING, subject)
    if sharing.state is not SharingState.ASKED:
        raise Refused("findings.decided_already")
    finding = session.get_one(Finding, sharing.finding_id)
    if finding.author_id == grant.person_id:
        raise Refused("findings.own_finding")
    if not approve and not reason.strip():
        raise Refused("findings.reason_missing")
    place = findings.channels(session, [sharing.group_id]).get(sharing.group_id)
    if approve and place is None:
        raise Refused("findings.no_channel", group=session.get_one(WorkingGroup, sharing.group_id).name)
    sharing.state = SharingState.POSTED if approve else SharingState.DECLINED
    sharing.posted_at = now if approve else None
    sharing.decided_by, sharing.decided_at = grant.person_id or None, now
    sharing.reason = reason.strip()[:LONGEST_REASON]
    session.add(sharing)
    session.flush()
    note(session, actor, grant, Operation.DECIDE_SHARING, subject, now, decision=sharing.state)
    if approve and place is not None:
        outgoing.draw(session, Drawing.FINDING, sharing.id, place, now)
    _redraw_request(session, sharing, now)


def withdraw(session: Session, actor: Actor, finding_id: str, *, now: datetime) -> None:
    """Take a finding back: its author, who leads the company, or the platform everywhere; a chair from there.

    Where it stands, a line says that it was withdrawn.
    """
    finding = session.get(Finding, finding_id)
    reached = [
        (sharing, subject)
        for sharing, subject in _subjects(session, finding_id, finding, lock=True)
        if may(session, actor, Operation.WITHDRAW_FINDING, subject)
    ]
    if finding is None or not reached:
        raise Denied(actor, Operation.WITHDRAW_FINDING, Subject("finding", finding_id))
    places = findings.channels(session, [sharing.group_id for sharing, _ in reached])
    for sharing, subject in reached:
        if sharing.state not in (SharingState.POSTED, SharingState.ASKED):
            continue
        grant = authorize(session, actor, Operation.WITHDRAW_FINDING, subject)
        stood = sharing.state is SharingState.POSTED
        sharing.state = SharingState.WITHDRAWN
        sharing.decided_by, sharing.decided_at = grant.person_id or None, now
        session.add(sharing)
        session.flush()
        note(session, actor, grant, Operation.WITHDRAW_FINDING, subject, now, group=sharing.group_id)
        if stood and sharing.group_id in places:
            outgoing.draw(session, Drawing.FINDING, sharing.id, places[sharing.group_id], now)
        _redraw_request(session, sharing, now)


def stands_here(session: Session, _actor: Actor, channel_id: str, ts: str) -> bool:
    """Whether a message is a finding: most that people react to are none, and cost this look alone."""
    return findings.by_message(session, Drawing.FINDING, channel_id, ts) is not None


def react(
    session: Session,
    actor: Actor,
    channel_id: str,
    ts: str,
    reaction: str,
    *,
    added: bool,
    now: datetime,
) -> None:
    """Somebody in the channel put an emoji on a message, or took it away; most messages are no findings.

    Slack says who is in the channel; bots, thumbs that point down and the author do not count. An anonymous
    finding's author does: an emoji that everybody sees and nobody counts would say who shared it.
    """
    sharing = findings.by_message(session, Drawing.FINDING, channel_id, ts)
    if sharing is None or not actor.user_id:
        return
    if not added:
        findings.unreact(session, sharing.id, actor.user_id, reaction)
        return
    person = people.find(session, actor.team_id, actor.user_id)
    home = installation.current(session)
    is_bot = (person is not None and person.is_bot) or (
        home is not None and home.bot_user_id == actor.user_id
    )
    finding = session.get_one(Finding, sharing.finding_id)
    is_author = session.get_one(Person, finding.author_id).user_id == actor.user_id
    if is_bot or (is_author and not finding.is_anonymous) or reaction.partition("::")[0] in _UNHELPFUL:
        return
    findings.react(
        session,
        FindingReaction(
            sharing_id=sharing.id,
            user_id=actor.user_id,
            reaction=reaction,
            finding_id=finding.id,
            at=now,
        ),
    )


def listed(session: Session, actor: Actor, *, limit: int, offset: int = 0) -> tuple[int, list[Shared]]:
    """The findings of the reader's groups, the most useful first, and how many there are."""
    authorize(session, actor, Operation.READ_FINDINGS, Subject("finding"))
    return listed_in(session, _seen(session, actor), limit=limit, offset=offset)


def listed_in(
    session: Session, group_ids: Sequence[str], *, limit: int, offset: int = 0
) -> tuple[int, list[Shared]]:
    """The same of these groups."""
    total, found = findings.posted(session, group_ids, limit=limit, offset=offset)
    return total, [Shared(finding, useful) for finding, useful in found]


def sheet(session: Session, actor: Actor, finding_id: str) -> FindingSheet:
    """One finding, for who is in a group that reads it, who shared it, or who sees everything."""
    finding = session.get(Finding, finding_id)
    subject = Subject("finding", finding_id, holder_id=finding.holder_id if finding else None)
    authorize(session, actor, Operation.READ_FINDINGS, subject)
    seen = set(_seen(session, actor))
    knows = may(session, actor, Operation.SEE_AUTHOR, subject)
    everywhere = findings.sharings(session, finding_id)
    shown = [
        (sharing, group)
        for sharing, group in everywhere
        if knows or (sharing.group_id in seen and sharing.state is SharingState.POSTED)
    ]
    if finding is None or not shown:
        raise Denied(actor, Operation.READ_FINDINGS, subject)
    named = knows or not finding.is_anonymous
    holder = session.get(RightsHolder, finding.holder_id) if finding.holder_id and named else None
    author = session.get_one(Person, finding.author_id).user_id if knows else ""
    withdraws = any(
        sharing.state in (SharingState.POSTED, SharingState.ASKED)
        and may(session, actor, Operation.WITHDRAW_FINDING, reached)
        for sharing, reached in _subjects(session, finding_id, finding)
    )
    return FindingSheet(
        finding,
        holder.name if holder else "",
        author,
        tuple(shown),
        findings.useful(session, finding_id),
        withdraws,
    )


def _subjects(
    session: Session, finding_id: str, finding: Finding | None, *, lock: bool = False
) -> list[tuple[FindingSharing, Subject]]:
    """Every sharing of a finding, as something that the author, their company or a chair may reach."""
    return [
        (
            sharing,
            Subject(
                "finding",
                finding_id,
                holder_id=finding.holder_id if finding else None,
                group_id=sharing.group_id,
                owner_id=finding.author_id if finding else None,
            ),
        )
        for sharing, _ in findings.sharings(session, finding_id, lock=lock)
    ]


def _own(session: Session, actor: Actor) -> set[str]:
    return tenants(session, actor, Operation.SHARE_FINDING) | tenants(
        session, actor, Operation.APPLY_TO_GROUP
    )


def _inside(session: Session, actor: Actor) -> dict[str, set[str]]:
    """Group -> which of the person's companies are in it."""
    return groups.memberships_of(session, _own(session, actor))


def _seen(session: Session, actor: Actor) -> list[str]:
    """The groups whose findings a person reads: those of their companies, those they chair, or all."""
    if may(session, actor, Operation.SEE_AUTHOR, Subject("finding")):
        return [group.id for group in findings.groups(session)]
    person = people.find(session, actor.team_id, actor.user_id)
    held = roster.held_by(session, person.id) if person else []
    chaired = {grant.scope_id for grant in held if grant.role is Role.GROUP_CHAIR}
    return sorted({*_inside(session, actor), *chaired})


def _ask(
    session: Session,
    sharing: FindingSharing,
    asker_id: str,
    asker_user: str,
    group: WorkingGroup,
    now: datetime,
) -> None:
    """Ask the group's chairs, or where it has none the administrators; show the asker that it waits."""
    chairs = people.holding(session, (Role.GROUP_CHAIR,), group.id)
    deciders = chairs or people.holding(session, (Role.ADMINISTRATOR,))
    asked = [person.user_id for person in deciders if person.id != asker_id]
    if not asked:
        raise Refused("findings.nobody_answers", group=group.name)
    for user_id in [*asked, asker_user]:
        outgoing.draw(session, Drawing.FINDING_REQUEST, sharing.id, user_id, now)


def _redraw_request(session: Session, sharing: FindingSharing, now: datetime) -> None:
    for place in groups.places_of(session, Drawing.FINDING_REQUEST, sharing.id):
        outgoing.draw(session, Drawing.FINDING_REQUEST, sharing.id, place, now)
