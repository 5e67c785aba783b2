"""Drafts: what a person has typed and not yet filed is a row, so that no failure on the way here loses it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Denied, Operation, Subject, person_with_grants
from bot.enforcement.notice_form import offer, sheet_of, spread
from bot.enforcement.outgoing import refresh_home, refresh_own_home
from storage.queries import notices
from storage.records.notice_sheets import MOST_INPUTS, FormSheet, NoticeForm


def open_draft(
    session: Session, actor: Actor, links: Sequence[str], place: str, *, now: datetime
) -> FormSheet:
    """Begin a notice with some links; `place` is the channel in which the person asked, or nothing."""
    person, granted = person_with_grants(session, actor, Operation.FILE_NOTICE)
    if person is None:
        raise Denied(actor, Operation.FILE_NOTICE, Subject("notice"))
    form = NoticeForm(links=spread(links), email=person.email)
    draft_id = notices.new_draft(session, person.id, _body(form, place), now)
    refresh_own_home(session, person, now)
    return offer(session, actor, granted, draft_id, form, now.date())


def read_draft(session: Session, actor: Actor, draft_id: str, *, now: datetime) -> FormSheet:
    """The form of a draft of this person's own."""
    form = typed_into(own_draft(session, actor, draft_id).draft, {})
    return sheet_of(session, actor, draft_id, form, now.date())


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
    draft = own_draft(session, actor, draft_id).draft
    form = typed_into(draft, typed)
    if another_input and len(form.links) < MOST_INPUTS:
        form = form.model_copy(update={"links": (*form.links, "")})
    keep_draft(session, draft, form, now)
    return sheet_of(session, actor, draft_id, form, now.date())


def leave_draft(
    session: Session, actor: Actor, draft_id: str, typed: Mapping[str, Any], *, now: datetime
) -> None:
    """The form was closed: what was typed waits in App Home, a form without anything in it is forgotten."""
    own = notices.own_draft(session, draft_id, actor.team_id, actor.user_id)
    if own is None:
        return  # filed or thrown away meanwhile
    form = typed_into(own.draft, typed)
    if form.is_blank:
        notices.forget_draft(session, draft_id)
    else:
        keep_draft(session, own.draft, form, now)
    refresh_home(session, actor.user_id, now)


def drop_draft(session: Session, actor: Actor, draft_id: str, *, now: datetime) -> None:
    """Throw a draft away."""
    notices.forget_draft(session, own_draft(session, actor, draft_id).draft.id)
    refresh_home(session, actor.user_id, now)


def typed_into(draft: Any, typed: Mapping[str, Any]) -> NoticeForm:
    """What a draft holds with what was typed; a field that the form did not show keeps what it had."""
    return NoticeForm.model_validate({**draft.body["form"], **typed})


def keep_draft(session: Session, draft: Any, form: NoticeForm, now: datetime) -> None:
    """Keep what a draft holds now."""
    notices.keep_draft(session, draft.id, _body(form, draft.body["place"]), now)


def own_draft(session: Session, actor: Actor, draft_id: str, *, lock: bool = False) -> Any:
    """A draft of this person's own, as (draft, person); anybody else's is as missing as none."""
    own = notices.own_draft(session, draft_id, actor.team_id, actor.user_id, lock=lock)
    if own is None:
        raise Denied(actor, Operation.FILE_NOTICE, Subject("notice_draft", draft_id))
    return own


def _body(form: NoticeForm, place: str) -> dict[str, Any]:
    return {"form": form.model_dump(mode="json"), "place": place}
