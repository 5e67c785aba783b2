"""Drafts: what a person has typed and not yet filed is a row, so that no failure on the way here loses it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Denied, Operation, Subject
from bot.enforcement.notice_form import sheet_of, spread
from bot.enforcement.outgoing import refresh_home, refresh_own_home
from storage.queries import notices, people
from storage.records.notice_sheets import MOST_INPUTS, FormSheet, NoticeForm


def open_draft(
    session: Session, actor: Actor, links: Sequence[str], place: str, *, now: datetime
) -> FormSheet:
    """Begin a notice with some links; `place` is the channel in which the person asked, or nothing."""
    person = _person(session, actor)
    form = NoticeForm(links=spread(links), email=person.email)
    body = {"form": form.model_dump(mode="json"), "place": place}
    draft = notices.new_draft(session, person.id, body, now)
    refresh_own_home(session, person, now)
    return sheet_of(session, actor, draft, now.date())


def read_draft(session: Session, actor: Actor, draft_id: str, *, now: datetime) -> FormSheet:
    """The form of a draft of this person's own."""
    return sheet_of(session, actor, own_draft(session, actor, draft_id).draft, now.date())


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
    draft = typed_into(own_draft(session, actor, draft_id).draft, typed, now)
    links = draft.body["form"]["links"]
    if another_input and len(links) < MOST_INPUTS:
        draft = typed_into(draft, {"links": (*links, "")}, now)
    notices.keep_draft(session, draft)
    return sheet_of(session, actor, draft, now.date())


def leave_draft(
    session: Session, actor: Actor, draft_id: str, typed: Mapping[str, Any], *, now: datetime
) -> None:
    """The form was closed: what was typed waits in App Home, a form without anything in it is forgotten."""
    own = notices.own_draft(session, draft_id, actor.team_id, actor.user_id)
    if own is None:
        return  # filed or thrown away meanwhile
    draft = typed_into(own.draft, typed, now)
    if NoticeForm.model_validate(draft.body["form"]).is_blank:
        notices.forget_draft(session, draft_id)
    else:
        notices.keep_draft(session, draft)
    refresh_home(session, actor.user_id, now)


def drop_draft(session: Session, actor: Actor, draft_id: str, *, now: datetime) -> None:
    """Throw a draft away."""
    notices.forget_draft(session, own_draft(session, actor, draft_id).draft.id)
    refresh_home(session, actor.user_id, now)


def typed_into(draft: Any, typed: Mapping[str, Any], now: datetime) -> Any:
    """A draft with what was typed in it; a field that the form did not show keeps what it had."""
    form = NoticeForm.model_validate({**draft.body["form"], **typed})
    return draft._replace(body={**draft.body, "form": form.model_dump(mode="json")}, changed_at=now)


def own_draft(session: Session, actor: Actor, draft_id: str, *, lock: bool = False) -> Any:
    """A draft of this person's own, as (draft, person); anybody else's is as missing as none."""
    own = notices.own_draft(session, draft_id, actor.team_id, actor.user_id, lock=lock)
    if own is None:
        raise Denied(actor, Operation.FILE_NOTICE, Subject("notice_draft", draft_id))
    return own


def _person(session: Session, actor: Actor) -> Any:
    person = people.known(session, actor.team_id, actor.user_id)
    if person is None:
        raise Denied(actor, Operation.FILE_NOTICE, Subject("notice"))
    return person
