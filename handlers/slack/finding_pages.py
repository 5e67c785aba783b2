"""Pages about findings in the register's modal: the list, one of them, the form."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import findings
from bot.enforcement.access import Actor, Denied
from bot.words.catalogue import Words
from handlers.blocks import findings as blocks
from handlers.blocks.office import PAGE_SIZE
from handlers.blocks.parts import Block

Page = Callable[[Session, Actor, str, Words, datetime], Block]


def _list(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    number = int(detail) if detail.isdecimal() and len(detail) < 5 else 0
    total, found = findings.listed(session, actor, limit=PAGE_SIZE, offset=number * PAGE_SIZE)
    return blocks.list_page(words, found, number, total, shares=_shares(session, actor))


def _one(session: Session, actor: Actor, finding_id: str, words: Words, _now: datetime) -> Block:
    sheet = findings.sheet(session, actor, finding_id)
    return blocks.finding_page(
        words,
        sheet.finding,
        sheet.holder,
        sheet.author,
        sheet.sharings,
        sheet.useful,
        withdraws=sheet.withdraws,
    )


def _form(session: Session, actor: Actor, _detail: str, words: Words, _now: datetime) -> Block:
    chosen = findings.choice(session, actor)
    return blocks.share_form(words, chosen.groups, chosen.own, back="findings")


FINDING_PAGES: Mapping[str, Page] = {"findings": _list, "finding": _one, "finding_form": _form}


def _shares(session: Session, actor: Actor) -> bool:
    try:
        return bool(findings.choice(session, actor).groups)
    except Denied:
        return False
