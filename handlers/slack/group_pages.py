"""Pages of working groups in the register's modal, what is asked of them, and the alliance's directory."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import digests, directory, group_applications, groups
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may
from bot.enforcement.channels import Scope
from bot.words.catalogue import Words
from handlers.blocks import directory as directory_blocks
from handlers.blocks import group_applications as application_blocks
from handlers.blocks import groups as blocks
from handlers.blocks.groups import GroupSheet
from handlers.blocks.office import PAGE_SIZE
from handlers.blocks.parts import Block
from handlers.drawn.groups import told_of
from handlers.payloads import Malformed, number_of, part_of
from storage.queries import channels
from storage.queries import groups as queries
from storage.records.channels import ChannelPurpose
from storage.records.group_seats import GroupApplication, UserGroup, Wish
from storage.records.groups import WorkingGroup

Page = Callable[[Session, Actor, str, Words, datetime], Block]


def _groups(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    authorize(session, actor, Operation.VIEW_DIRECTORY, Subject("directory"))
    found, members = queries.all_groups(session), queries.numbers_of_members(session)
    lines = [(group, members.get(group.id, 0)) for group in found]
    founds = may(session, actor, Operation.CHANGE_REGISTER, Subject("register"))
    missing = groups.missing(session) if founds else None
    return blocks.groups_page(words, lines, missing, number_of(number))


def _group(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    group_id, number = part_of(detail)
    subject = Subject("group", group_id, group_id=group_id)
    authorize(session, actor, Operation.VIEW_DIRECTORY, subject)
    group = session.get(WorkingGroup, group_id)
    if group is None:
        raise Denied(actor, Operation.VIEW_DIRECTORY, subject)
    binds = may(session, actor, Operation.BIND_CHANNEL, subject)
    answers = may(session, actor, Operation.DECIDE_APPLICATION, subject)
    sheet = GroupSheet(
        group,
        queries.member_lines(session, group_id),
        queries.seats(session, group_id),
        channels.channel_of(session, ChannelPurpose.GROUP, group_id) if binds else None,
        session.get(UserGroup, group_id) if binds else None,
        group_applications.waiting(session, actor, group_id, answers=answers),
        group_applications.wishes(session, actor, group_id),
        edits=may(session, actor, Operation.CHANGE_REGISTER, subject),
        binds=binds,
        answers=answers,
        exports=digests.exports(session, actor, Scope(ChannelPurpose.GROUP, group_id)),
    )
    return blocks.group_page(words, sheet, number)


def _group_form(session: Session, actor: Actor, group_id: str, words: Words, _now: datetime) -> Block:
    authorize(session, actor, Operation.CHANGE_REGISTER, Subject("group", group_id, group_id=group_id))
    return blocks.group_form(words, _kept(session, actor, group_id) if group_id else None)


def _member_form(session: Session, actor: Actor, group_id: str, words: Words, now: datetime) -> Block:
    group = _kept(session, actor, group_id)
    return blocks.member_form(words, group, groups.usual_term(group, now))


def _chair_form(session: Session, actor: Actor, group_id: str, words: Words, now: datetime) -> Block:
    group = _kept(session, actor, group_id)
    return blocks.chair_form(words, group, groups.usual_term(group, now))


def _apply_form(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    group_id, _, said = detail.partition("-")
    if said not in set(Wish):
        raise Malformed("no such wish")
    wish, subject = Wish(said), Subject("group_application", group_id, group_id=group_id)
    group = session.get(WorkingGroup, group_id)
    holders = group_applications.wishes(session, actor, group_id)[wish]
    if group is None or not holders:
        raise Denied(actor, Operation.APPLY_TO_GROUP, subject)
    return application_blocks.apply_form(words, group, wish, holders)


def _application(session: Session, actor: Actor, application_id: str, words: Words, _now: datetime) -> Block:
    application = session.get(GroupApplication, application_id)
    group_id = application.group_id if application else None
    subject = Subject("group_application", application_id, group_id=group_id)
    authorize(session, actor, Operation.DECIDE_APPLICATION, subject)
    if application is None:
        raise Denied(actor, Operation.DECIDE_APPLICATION, subject)
    return application_blocks.decline_form(words, told_of(session, application))


def _directory(session: Session, actor: Actor, _id: str, words: Words, now: datetime) -> Block:
    return directory_blocks.directory_page(words, directory.overview(session, actor, now))


def _companies(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    page = number_of(number)
    total, found = directory.companies(session, actor, limit=PAGE_SIZE, offset=page * PAGE_SIZE)
    return directory_blocks.companies_page(words, found, page, total)


GROUP_PAGES: Mapping[str, Page] = {
    "groups": _groups,
    "group": _group,
    "group_form": _group_form,
    "member_form": _member_form,
    "chair_form": _chair_form,
    "apply_form": _apply_form,
    "application": _application,
    "directory": _directory,
    "companies": _companies,
}


def _kept(session: Session, actor: Actor, group_id: str) -> WorkingGroup:
    subject = Subject("group", group_id, group_id=group_id)
    authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    group = session.get(WorkingGroup, group_id)
    if group is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    return group
