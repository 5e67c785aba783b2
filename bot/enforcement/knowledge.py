"""Product knowledge: experts write down how to tell a fake, and whoever is asked later reads it.

It is the brand's own: its people and the platform read it, nobody else does. Each version is kept with its
author; a version without text takes back what was there, which is for those who lead. Of which line a
request's listing is says the marketplace, by the line's name, or an expert; nobody guesses.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.contract.fields import stamp
from bot.contract.knowledge import ReadKnowledge, ReadPicture
from bot.enforcement import knowledge_pictures
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may
from bot.enforcement.knowledge_pictures import Chosen
from bot.enforcement.platform_view import pseudonym
from bot.enforcement.refusals import Refused
from bot.enforcement.routing import redraw
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.queries import authenticity, knowledge, product_lines
from storage.records.authenticity import RequestState
from storage.records.knowledge import KnowledgeSheet, KnowledgeVersion

LONGEST = 3000
MOST_POINTS, LONGEST_POINT = 10, 200
_UNDECIDED = frozenset({RequestState.OPEN, RequestState.AWAITING_CONFIRMATION})


def write(
    session: Session,
    actor: Actor,
    line_id: str,
    version: int,
    text: str,
    points: Sequence[str],
    pictures: Sequence[Chosen] = (),
    *,
    now: datetime,
) -> None:
    """Write what is known of a line; `version` is the one that the writer has read, 0 where there was none.

    Refused where somebody wrote meanwhile, where a part is too long or the text is missing, or where a
    picture is not here.
    """
    sheet = knowledge.of_line(session, line_id)
    subject = _subject(line_id, sheet)
    grant = authorize(session, actor, Operation.WRITE_KNOWLEDGE, subject)
    if sheet is None:
        raise Denied(actor, Operation.WRITE_KNOWLEDGE, subject)
    if sheet.ended:
        raise Refused("knowledge.line_ended")
    text, points = text.strip(), _lines(points)
    if not text:
        raise Refused("knowledge.text_missing")
    _check(text, points)
    entries = knowledge_pictures.settle(session, sheet, grant.person_id, pictures)
    there = [{"id": each.id, "caption": each.caption} for each in sheet.pictures]
    if (text, points, entries) == (sheet.text, list(sheet.points), there):
        return
    _keep(session, sheet, version, text, points, entries, grant.person_id, grant.role, now)
    knowledge_pictures.attach(session, line_id, grant.person_id, entries, version + 1, now)
    note(session, actor, grant, Operation.WRITE_KNOWLEDGE, subject, now, version=version + 1)


def take_back(session: Session, actor: Actor, line_id: str, version: int, *, now: datetime) -> None:
    """Nothing is known of a line any more; what was written stays in its history."""
    sheet = knowledge.of_line(session, line_id)
    subject = _subject(line_id, sheet)
    grant = authorize(session, actor, Operation.TAKE_KNOWLEDGE_BACK, subject)
    if sheet is None:
        raise Denied(actor, Operation.TAKE_KNOWLEDGE_BACK, subject)
    if sheet.text:
        _keep(session, sheet, version, "", [], [], grant.person_id, grant.role, now)
        note(session, actor, grant, Operation.TAKE_KNOWLEDGE_BACK, subject, now, version=version + 1)


def read(session: Session, actor: Actor, line_id: str) -> KnowledgeSheet:
    """What is known of a line. Whoever is not of the company learns no author."""
    sheet = knowledge.of_line(session, line_id)
    subject = _subject(line_id, sheet)
    authorize(session, actor, Operation.READ_KNOWLEDGE, subject)
    if sheet is None:
        raise Denied(actor, Operation.READ_KNOWLEDGE, subject)
    inside = may(session, actor, Operation.VIEW_OWN_CASES, subject)
    return sheet if inside else replace(sheet, author="", author_id="")


def history(
    session: Session, actor: Actor, line_id: str
) -> tuple[KnowledgeSheet, Sequence[KnowledgeVersion]]:
    """Every version, for the company's own people."""
    sheet = knowledge.of_line(session, line_id)
    subject = _subject(line_id, sheet)
    authorize(session, actor, Operation.WRITE_KNOWLEDGE, subject)
    if sheet is None:
        raise Denied(actor, Operation.WRITE_KNOWLEDGE, subject)
    return sheet, knowledge.versions(session, line_id)


def of_request(session: Session, actor: Actor, request_id: str) -> ReadKnowledge:
    """What a marketplace reads about the line of a request of its own; denied where nothing is known."""
    case = authenticity.case(session, request_id)
    subject = Subject(
        "authenticity_request",
        request_id,
        holder_id=case.holder_id if case else None,
        client_id=case.client_id if case else None,
    )
    authorize(session, actor, Operation.READ_KNOWLEDGE, subject)
    sheet = knowledge.of_request(session, request_id) if case else None
    if case is None or sheet is None or not sheet.text or sheet.at is None:
        raise Denied(actor, Operation.READ_KNOWLEDGE, subject)
    return ReadKnowledge(
        request_id=request_id,
        brand=sheet.brand,
        product_line=sheet.line,
        text=sheet.text,
        points=list(sheet.points),
        pictures=[
            ReadPicture(
                id=each.id,
                caption=each.caption,
                media_type=each.media_type,
                size=each.size,
                sha256=each.sha256,
            )
            for each in sheet.pictures
        ],
        version=sheet.version,
        at=stamp(sheet.at),
        expert=pseudonym(case.client_id, sheet.author_id),
    )


def to_sort(session: Session, actor: Actor, request_id: str) -> tuple[Any, str, list[Any]]:
    """A request, the line it is of (or nothing) and the lines to choose from, for whoever may say which."""
    case = authenticity.case(session, request_id)
    subject = _of_case(request_id, case)
    authorize(session, actor, Operation.SET_PRODUCT_LINE, subject)
    if case is None:
        raise Denied(actor, Operation.SET_PRODUCT_LINE, subject)
    sheet = knowledge.of_request(session, request_id)
    return case, sheet.line_id if sheet else "", product_lines.of_brands(session, [case.brand_id])


def set_line(session: Session, actor: Actor, request_id: str, line_id: str, *, now: datetime) -> None:
    """An expert says of which of the brand's lines a request's listing is."""
    case, chosen, lines = to_sort(session, actor, request_id)
    subject = _of_case(request_id, case)
    grant = authorize(session, actor, Operation.SET_PRODUCT_LINE, subject)
    if line_id not in {line.id for line in lines}:
        raise Denied(actor, Operation.SET_PRODUCT_LINE, subject)
    if line_id == chosen:
        return
    knowledge.set_lines(session, {request_id: line_id}, grant.person_id, now)
    note(session, actor, grant, Operation.SET_PRODUCT_LINE, subject, now, line=line_id)
    if case.state in _UNDECIDED:
        redraw(session, case, now)


def _keep(
    session: Session,
    sheet: KnowledgeSheet,
    version: int,
    text: str,
    points: Sequence[str],
    pictures: Sequence[dict[str, str]],
    person_id: str,
    role: str,
    now: datetime,
) -> None:
    row = {
        "id": new_id(),
        "line_id": sheet.line_id,
        "version": version + 1,
        "text": text,
        "points": list(points),
        "pictures": list(pictures),
        "person_id": person_id,
        "role": role,
        "at": now,
    }
    if version != sheet.version or not knowledge.insert(session, row):
        raise Refused("knowledge.written_meanwhile")


def _check(text: str, points: Sequence[str]) -> None:
    if len(text) > LONGEST:
        raise Refused("knowledge.too_long", most=LONGEST)
    if len(points) > MOST_POINTS or any(len(point) > LONGEST_POINT for point in points):
        raise Refused("knowledge.too_many_points", most=MOST_POINTS, longest=LONGEST_POINT)


def _lines(parts: Sequence[str]) -> list[str]:
    """Each once, without those that are empty."""
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _subject(line_id: str, sheet: KnowledgeSheet | None) -> Subject:
    return Subject("product_line", line_id, holder_id=sheet.holder_id if sheet else None)


def _of_case(request_id: str, case: Any) -> Subject:
    return Subject("authenticity_request", request_id, holder_id=case.holder_id if case else None)
