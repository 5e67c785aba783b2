"""Pictures of product knowledge: kept before the version that they go with, shown by a copy of the bot's own.

What was uploaded belongs to a person, who may delete it, and is theirs alone to see; the copy belongs to the
bot, is shared with nobody by itself and can be made again from the bytes that are kept.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from sqlmodel import Session, col, select

from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.evidence import JPEG, PNG, Fetched, Handed, media_type_of
from bot.enforcement.refusals import Refused
from bot.words.text import plain
from storage.queries import authenticity, evidence, knowledge
from storage.records.evidence import EvidenceContent
from storage.records.knowledge import KnowledgePicture, KnowledgeSheet

MOST_PICTURES, LONGEST_CAPTION = 5, 150
_SHOWN = {PNG, JPEG}  # of what Slack shows in a block; moving pictures are none to compare with
_ENDINGS = {PNG: ".png", JPEG: ".jpg"}


@dataclass(frozen=True)
class Chosen:
    """A picture of a form: `id` of one that is there, else Slack's `file_id` of one that was just added."""

    caption: str = ""
    id: str = ""
    file_id: str = ""


def picture_type_of(content: bytes) -> str | None:
    """What bytes are, where they are a picture that Slack shows; None for all else."""
    found = media_type_of(content)
    return found if found in _SHOWN else None


def missing(
    session: Session, actor: Actor, line_id: str, file_ids: Collection[str], *, now: datetime
) -> list[str]:
    """Those of these files that are not here yet, for a person who may write of this line."""
    _writer(session, actor, line_id)
    if len(file_ids) > MOST_PICTURES:
        raise Refused("knowledge.too_many_pictures", most=MOST_PICTURES)
    here = session.exec(
        select(KnowledgePicture.file_id).where(
            col(KnowledgePicture.line_id) == line_id, col(KnowledgePicture.file_id).in_(file_ids)
        )
    ).all()
    return [each for each in file_ids if each not in here]


def keep(session: Session, actor: Actor, line_id: str, files: Sequence[Fetched], *, now: datetime) -> None:
    """Keep what was fetched for a version that this person is about to write."""
    person_id = _writer(session, actor, line_id)
    for each in files:
        digest, size = hashlib.sha256(each.content).hexdigest(), len(each.content)
        evidence.keep(
            session,
            EvidenceContent(sha256=digest, content=each.content, size=size, at=now),
            KnowledgePicture(
                line_id=line_id,
                file_id=each.file_id,
                sha256=digest,
                title=each.title,
                media_type=each.media_type,
                size=size,
                person_id=person_id,
                at=now,
            ),
        )


def settle(
    session: Session, sheet: KnowledgeSheet, person_id: str, chosen: Sequence[Chosen]
) -> list[dict[str, str]]:
    """The pictures of the version to come, each once, as it holds them; refused where one is not here.

    Without a caption a picture has the name of its file.
    """
    there = {each.id: each for each in sheet.pictures}
    added = _given(session, sheet.line_id, person_id, [each.file_id for each in chosen])
    entries: dict[str, dict[str, str]] = {}  # by hash
    for each in chosen:
        caption = plain(each.caption, LONGEST_CAPTION)
        if each.id in there:
            entry, sha256 = (
                {"id": each.id, "caption": caption or there[each.id].caption},
                there[each.id].sha256,
            )
        elif each.file_id in added:
            new = added[each.file_id]
            named = plain(PurePath(new.title).stem, LONGEST_CAPTION)
            entry, sha256 = {"id": new.id, "caption": caption or named}, new.sha256
        else:
            raise Refused("knowledge.files.file_gone")
        entries.setdefault(sha256, entry)
    if len(entries) > MOST_PICTURES:
        raise Refused("knowledge.too_many_pictures", most=MOST_PICTURES)
    return list(entries.values())


def attach(
    session: Session,
    line_id: str,
    person_id: str,
    entries: Sequence[dict[str, str]],
    version: int,
    now: datetime,
) -> None:
    """What was added belongs to this version from now on; what was taken out of the form is forgotten."""
    ids = {entry["id"] for entry in entries}
    added = _waiting(session, line_id, person_id)
    for each in added:
        if each.id in ids:
            each.version = version
            session.add(each)
            outgoing.copy(session, each.id, now)
    session.flush()
    evidence.forget(session, KnowledgePicture, [each for each in added if each.id not in ids])


def doubt(session: Session, copy_ids: Collection[str], *, now: datetime) -> None:
    """Slack did not take what shows these copies: they are shown again once Slack surely has them."""
    in_sight = session.exec(
        select(KnowledgePicture).where(
            col(KnowledgePicture.copy_id).in_(copy_ids), col(KnowledgePicture.ready_at).is_not(None)
        )
    ).all()
    for each in in_sight:
        each.ready_at = None
        session.add(each)
        outgoing.copy(session, each.id, now)


def for_platform(session: Session, actor: Actor, request_id: str, picture_id: str) -> Handed:
    """A picture of what a marketplace reads about the line of a request of its own."""
    case = authenticity.case(session, request_id)
    subject = Subject(
        "authenticity_request",
        request_id,
        holder_id=case.holder_id if case else None,
        client_id=case.client_id if case else None,
    )
    authorize(session, actor, Operation.READ_KNOWLEDGE, subject)
    sheet = knowledge.of_request(session, request_id) if case else None
    shown = {each.id: each for each in sheet.pictures} if sheet else {}
    if picture_id not in shown:
        raise Denied(actor, Operation.READ_KNOWLEDGE, subject)
    picture = session.get_one(KnowledgePicture, picture_id)
    return Handed(_file_name(picture), picture.media_type, evidence.content(session, picture))


def to_copy(session: Session, picture_id: str) -> tuple[KnowledgePicture, str, bytes]:
    """A picture, the name of its copy's file, and its bytes where Slack has no copy yet."""
    picture = session.get_one(KnowledgePicture, picture_id)
    content = b"" if picture.copy_id else evidence.content(session, picture)
    return picture, _file_name(picture), content


def copied(session: Session, picture_id: str, copy_id: str | None, *, ready_at: datetime | None) -> None:
    """Slack has a copy, or has it no more; `ready_at`: since when it shows it."""
    picture = session.get_one(KnowledgePicture, picture_id)
    picture.copy_id, picture.ready_at = copy_id, ready_at
    session.add(picture)


def _file_name(picture: KnowledgePicture) -> str:
    return f"{plain(PurePath(picture.title).stem, 80)}{_ENDINGS[picture.media_type]}"


def _given(
    session: Session, line_id: str, person_id: str, file_ids: Collection[str]
) -> dict[str, KnowledgePicture]:
    """Those of these files that somebody has added to a line's form, now or before, by Slack's ids."""
    found = session.exec(
        select(KnowledgePicture).where(
            col(KnowledgePicture.line_id) == line_id,
            col(KnowledgePicture.person_id) == person_id,
            col(KnowledgePicture.file_id).in_(file_ids),
        )
    ).all()
    return {each.file_id: each for each in found}


def _waiting(session: Session, line_id: str, person_id: str) -> Sequence[KnowledgePicture]:
    """What somebody has added to a line's form and no version holds yet."""
    return session.exec(
        select(KnowledgePicture).where(
            col(KnowledgePicture.line_id) == line_id,
            col(KnowledgePicture.person_id) == person_id,
            col(KnowledgePicture.version).is_(None),
        )
    ).all()


def _writer(session: Session, actor: Actor, line_id: str) -> str:
    """The person who may write of this line."""
    sheet = knowledge.of_line(session, line_id)
    subject = Subject("product_line", line_id, holder_id=sheet.holder_id if sheet else None)
    grant = authorize(session, actor, Operation.WRITE_KNOWLEDGE, subject)
    if sheet is None:
        raise Denied(actor, Operation.WRITE_KNOWLEDGE, subject)
    return grant.person_id
