"""Drafts: what a person has typed and not yet filed is a row, so that no failure on the way here loses it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Denied, Operation, Subject
from bot.enforcement.notice_form import sheet_of, spread
from bot.enforcement.outgoing import refresh_home
from storage.queries import people
from storage.records.notice_sheets import MOST_INPUTS, FormSheet, NoticeForm
from storage.records.notices import NoticeDraft
from storage.records.roster import Person


def open_draft(
    session: Session, actor: Actor, links: Sequence[str], place: str, *, now: datetime
) -> FormSheet:
    """Begin a notice with some links; `place` is the channel in which the person asked, or nothing."""
    person = _person(session, actor)
    form = NoticeForm(links=spread(links), email=person.email)
    draft = NoticeDraft(
        person_id=person.id,
        body={"form": form.model_dump(mode="json"), "place": place},
        created_at=now,
        changed_at=now,
    )
    sheet = sheet_of(session, actor, draft, now.date())
    session.add(draft)
    refresh_home(session, actor.user_id, now)
    return sheet


def read_draft(session: Session, actor: Actor, draft_id: str, *, now: datetime) -> FormSheet:
    """The form of a draft of this person's own."""
    return sheet_of(session, actor, own_draft(session, actor, draft_id), now.date())


def save_draft(
    session: Session,
    actor: Actor,
    draft_id: str,
    typed: Mapping[str, Any],
    *,
    another_input: bool = False,
    now: datetime,
) -> FormSheet:
    """Keep what was typed so far, and give the form as it should look now, with one more input for links."""
    draft = own_draft(session, actor, draft_id)
    form = keep(session, draft, typed, now)
    if another_input and len(form.links) < MOST_INPUTS:
        keep(session, draft, {"links": (*form.links, "")}, now)
    return sheet_of(session, actor, draft, now.date())


def leave_draft(
    session: Session, actor: Actor, draft_id: str, typed: Mapping[str, Any], *, now: datetime
) -> None:
    """The form was closed: what was typed waits in App Home, a form without anything in it is forgotten."""
    draft = session.get(NoticeDraft, draft_id)
    if draft is None or draft.person_id != _person(session, actor).id:
        return  # filed or thrown away meanwhile
    if keep(session, draft, typed, now).is_blank:
        session.delete(draft)
    refresh_home(session, actor.user_id, now)


def drop_draft(session: Session, actor: Actor, draft_id: str, *, now: datetime) -> None:
    """Throw a draft away."""
    session.delete(own_draft(session, actor, draft_id))
    refresh_home(session, actor.user_id, now)


def keep(session: Session, draft: NoticeDraft, typed: Mapping[str, Any], now: datetime) -> NoticeForm:
    """Write what was typed into a draft; a field that the form did not show keeps what it had."""
    form = NoticeForm.model_validate({**draft.body["form"], **typed})
    draft.body = {**draft.body, "form": form.model_dump(mode="json")}
    draft.changed_at = now
    session.add(draft)
    return form


def own_draft(session: Session, actor: Actor, draft_id: str, *, lock: bool = False) -> NoticeDraft:
    """A draft of this person's own; anybody else's is as missing as none."""
    person = _person(session, actor)
    draft = session.get(NoticeDraft, draft_id, with_for_update=lock or None)
    if draft is None or draft.person_id != person.id:
        raise Denied(actor, Operation.FILE_NOTICE, Subject("notice_draft", draft_id))
    return draft


def _person(session: Session, actor: Actor) -> Person:
    person = people.find(session, actor.team_id, actor.user_id)
    if person is None:
        raise Denied(actor, Operation.FILE_NOTICE, Subject("notice"))
    return person
