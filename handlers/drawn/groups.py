"""Messages about working groups: an application, and the picture of the alliance's growth."""

from datetime import datetime

from sqlmodel import Session

from bot.charts.course import Chart, Row, svg
from bot.enforcement import directory
from bot.enforcement.access import Actor, Operation, Subject, may
from bot.messenger import Drawn, Viewer
from bot.pictures import Pictured
from handlers.blocks.group_applications import Application, application_card
from handlers.blocks.parts import section
from storage.queries import people
from storage.records.group_seats import GroupApplication
from storage.records.groups import WorkingGroup
from storage.records.roster import Person, RightsHolder

_BARS = 7  # as many as have room for their labels on a phone


def told_of(session: Session, application: GroupApplication) -> Application:
    """An application with the names around it."""
    asker = session.get_one(Person, application.asked_by)
    decider = session.get(Person, application.decided_by) if application.decided_by else None
    return Application(
        application,
        session.get_one(WorkingGroup, application.group_id),
        session.get_one(RightsHolder, application.holder_id),
        asker.user_id,
        decider.user_id if decider else "",
    )


def draw_application(session: Session, application_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """An application in the direct messages of whoever may answer it or has asked."""
    application = session.get(GroupApplication, application_id)
    person = people.by_user(session, viewer.place) if viewer.purpose is None else None
    if application is None or person is None:
        return None
    subject = Subject(
        "group_application",
        application_id,
        holder_id=application.holder_id,
        group_id=application.group_id,
    )
    actor, own = Actor(person.team_id, person.user_id), application.asked_by == person.id
    answers = may(session, actor, Operation.DECIDE_APPLICATION, subject) and not own
    if not answers and not own:  # they could, when it was drawn first
        told = viewer.words.text("groups.not_yours")
        return Drawn(told, [section(told)])
    text, blocks = application_card(viewer.words, told_of(session, application), answers=answers, own=own)
    return Drawn(text, blocks)


def paint_growth(session: Session, _id: str, viewer: Viewer, now: datetime) -> Pictured | None:
    """The growth of the alliance, for somebody who asked for it in direct messages."""
    person = people.by_user(session, viewer.place) if viewer.purpose is None else None
    if person is None:
        return None
    actor, words = Actor(person.team_id, person.user_id), viewer.words
    if not may(session, actor, Operation.VIEW_DIRECTORY, Subject("directory")):
        return None
    growth = directory.grown(session, now)[-_BARS:]
    rows = [
        Row(words.text(f"directory.total.{name}"), [getattr(point, name) for point in growth])
        for name in ("holders", "people", "memberships")
    ]
    title = words.text("directory.chart_title")
    days = [words.short_day(point.at.date()) for point in growth]
    last = growth[-1]
    values = {
        "first": words.day(growth[0].at.date()),
        "last": words.day(last.at.date()),
        **{
            f"{name}_{when}": words.number(getattr(point, name))
            for name in ("holders", "people", "memberships")
            for when, point in (("first", growth[0]), ("last", last))
        },
    }
    return Pictured(
        title,
        words.text("directory.chart_comment", **values),
        words.text("directory.chart_alt", **values),
        svg(Chart(title, words.text("directory.chart_subtitle", **values), days, rows, "")),
    )
