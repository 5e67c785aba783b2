"""Evidence as files: which may be given, kept before the answer that they go with, handed on to whom it may.

A file is fetched from Slack once and kept at once; an answer that fails for another reason finds it here when
it is sent again, within a day. The marketplace gets the files of an answer that counts, the brand's people
those of any.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import counter_answers
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.counter_answers import Unfit
from storage.engine import Store
from storage.queries import evidence, people
from storage.records.counter_notices import BRANDS_TURN, CounterNotice
from storage.records.evidence import CounterNoticeEvidence, EvidenceContent

MOST_FILES = 10
WAITING = timedelta(days=1)  # for the answer, or the version, that a file goes with
FILES = "files"  # the form's field
PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
_STARTS = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}


@dataclass(frozen=True)
class Fetched:
    """A file as it came from Slack. `media_type` is what its bytes are, whatever its name says."""

    file_id: str
    title: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Handed:
    """A file on its way to somebody who may have it."""

    title: str
    media_type: str
    content: bytes


def media_type_of(content: bytes) -> str | None:
    """What bytes are, by themselves: a PDF, a PNG or JPEG picture, plain text; None for all else."""
    for start, media_type in _STARTS.items():
        if content.startswith(start):
            return media_type
    if not content or b"\x00" in content:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    # A page of markup is no text: Slack shows one in place of a file that it does not hand out.
    return None if text.lstrip()[:1] == "<" else TEXT


def missing(
    session: Session, actor: Actor, counter_id: str, round_: int, file_ids: Collection[str], *, now: datetime
) -> list[str]:
    """Those of these files that are not here yet, for a person who may answer this counter-notice."""
    found = counter_answers.to_answer(session, actor, counter_id, round_, now=now)
    if len(file_ids) > MOST_FILES:
        raise Unfit(FILES, "counter_notices.form.too_many_files", most=MOST_FILES)
    here = {each.file_id for each in evidence.of_round(session, found.sheet.counter)}
    return [each for each in file_ids if each not in here]


def keep(
    session: Session, actor: Actor, counter_id: str, round_: int, files: Sequence[Fetched], *, now: datetime
) -> None:
    """Keep what was fetched for an answer that this person is about to give."""
    found = counter_answers.to_answer(session, actor, counter_id, round_, now=now)
    person = people.find(session, actor.team_id, actor.user_id)
    if person is None:
        raise Denied(actor, Operation.ANSWER_COUNTER_NOTICE, Subject("counter_notice", counter_id))
    for each in files:
        digest, size = hashlib.sha256(each.content).hexdigest(), len(each.content)
        evidence.keep(
            session,
            EvidenceContent(sha256=digest, content=each.content, size=size, at=now),
            CounterNoticeEvidence(
                counter_notice_id=counter_id,
                round=found.sheet.counter.round,
                file_id=each.file_id,
                sha256=digest,
                title=each.title,
                media_type=each.media_type,
                size=size,
                person_id=person.id,
                at=now,
            ),
        )


async def waiting_tick(store: Store, clock: Clock) -> int:
    """Forget files and pictures that went with nothing for too long; how many."""
    return await store.run(evidence.prune, clock() - WAITING)


def for_platform(session: Session, actor: Actor, counter_id: str, evidence_id: str) -> Handed:
    """A file of an answer that counts, for the marketplace that relayed the counter-notice."""
    counter = session.get(CounterNotice, counter_id)
    subject = Subject("counter_notice", counter_id, client_id=counter.client_id if counter else None)
    authorize(session, actor, Operation.VIEW_PLATFORM_CASE, subject)
    given = _given(session, counter, evidence_id)
    if counter is None or given is None or counter.state in BRANDS_TURN:
        raise Denied(actor, Operation.VIEW_PLATFORM_CASE, subject)
    return _handed(session, given)


def for_person(session: Session, actor: Actor, evidence_id: str) -> Handed:
    """A file of an answer, for the rights holder's own people."""
    given = session.get(CounterNoticeEvidence, evidence_id)
    counter = session.get(CounterNotice, given.counter_notice_id) if given else None
    subject = Subject("counter_notice", evidence_id, holder_id=counter.holder_id if counter else None)
    authorize(session, actor, Operation.VIEW_OWN_CASES, subject)
    if given is None or given.answer_id is None:
        raise Denied(actor, Operation.VIEW_OWN_CASES, subject)
    return _handed(session, given)


def _given(session: Session, counter: CounterNotice | None, evidence_id: str) -> CounterNoticeEvidence | None:
    given = session.get(CounterNoticeEvidence, evidence_id)
    if given is None or counter is None or given.counter_notice_id != counter.id or given.answer_id is None:
        return None
    return given if given.round == counter.round else None


def _handed(session: Session, given: CounterNoticeEvidence) -> Handed:
    return Handed(given.title, given.media_type, evidence.content(session, given))
