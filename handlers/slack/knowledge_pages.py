"""Pages about product knowledge in the register's modal: a list of lines, a line, its past, its forms."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import knowledge
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may
from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks import knowledge as blocks
from handlers.blocks.office import PAGE_SIZE
from handlers.blocks.parts import Block
from storage.queries import knowledge as known
from storage.records.knowledge import KnowledgeSheet
from storage.records.roster import RightsHolder

Page = Callable[[Session, Actor, str, Words, datetime], Block]


def _lines(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    holder_id, _, rest = detail.partition("-")
    subject = Subject("product_line", holder_id=holder_id)
    authorize(session, actor, Operation.WRITE_KNOWLEDGE, subject)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.WRITE_KNOWLEDGE, subject)
    number = _number(rest)
    total, found = known.states(session, [holder_id], limit=PAGE_SIZE, offset=number * PAGE_SIZE)
    told = words.text("knowledge.page.of_holder", name=escape(holder.name))
    return blocks.lines_page(words, told, found, number, total, f"knowledge_lines:{holder_id}")


def _all(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    authorize(session, actor, Operation.READ_KNOWLEDGE, Subject("product_line"))
    number = _number(detail.removeprefix("all-"))
    total, found = known.states(session, None, limit=PAGE_SIZE, offset=number * PAGE_SIZE)
    told = words.text("knowledge.page.of_all")
    return blocks.lines_page(words, told, found, number, total, "knowledge_all:all")


def _sheet(session: Session, actor: Actor, line_id: str, words: Words, _now: datetime) -> Block:
    sheet = knowledge.read(session, actor, line_id)
    subject = _of(sheet)
    writes = may(session, actor, Operation.WRITE_KNOWLEDGE, subject)
    takes_back = may(session, actor, Operation.TAKE_KNOWLEDGE_BACK, subject)
    outside = may(session, actor, Operation.READ_KNOWLEDGE, Subject("product_line"))
    back = f"knowledge_lines:{sheet.holder_id}" if writes else "knowledge_all" if outside else ""
    return blocks.sheet_page(words, sheet, writes=writes, takes_back=takes_back, back=back)


def _history(session: Session, actor: Actor, line_id: str, words: Words, _now: datetime) -> Block:
    return blocks.history_page(words, *knowledge.history(session, actor, line_id))


def _form(session: Session, actor: Actor, line_id: str, words: Words, _now: datetime) -> Block:
    sheet = knowledge.read(session, actor, line_id)
    authorize(session, actor, Operation.WRITE_KNOWLEDGE, _of(sheet))
    return blocks.knowledge_form(words, sheet)


def _end_form(session: Session, actor: Actor, line_id: str, words: Words, _now: datetime) -> Block:
    sheet = knowledge.read(session, actor, line_id)
    authorize(session, actor, Operation.TAKE_KNOWLEDGE_BACK, _of(sheet))
    return blocks.end_form(words, sheet)


def _line_form(session: Session, actor: Actor, request_id: str, words: Words, _now: datetime) -> Block:
    return blocks.line_form(words, *knowledge.to_sort(session, actor, request_id))


KNOWLEDGE_PAGES: Mapping[str, Page] = {
    "knowledge_lines": _lines,
    "knowledge_all": _all,
    "knowledge": _sheet,
    "knowledge_history": _history,
    "knowledge_form": _form,
    "knowledge_end": _end_form,
    "request_line": _line_form,
}


def _of(sheet: KnowledgeSheet) -> Subject:
    return Subject("product_line", sheet.line_id, holder_id=sheet.holder_id)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0
