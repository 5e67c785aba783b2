"""What a notice must hold before it may be filed, checked field by field, and what its form offers.

The fields are the union of DSA Article 16(2) (explanation, exact locations, name and e-mail, statement of
good faith), of 17 U.S.C. 512(c)(3)(A) for copyright, and of what marketplaces ask beside them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from bot.enforcement import fast_lanes
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize, grants
from bot.enforcement.listings import ReadLinks
from bot.enforcement.rights import REASONS
from bot.enforcement.standing_rules import has_good_standing
from storage.queries import filings, rights
from storage.records.notice_sheets import (
    AUTHORITY,
    GOOD_FAITH,
    INPUT_LENGTH,
    MOST_INPUTS,
    FormSheet,
    NoticeForm,
)
from storage.records.notices import COUNTERFEIT, ReasonCode
from storage.records.roster import Standing

MOST_LINKS = 300
SHORTEST_EXPLANATION = 30

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_ENOUGH = re.compile(rf"(?:\W*+\w){{{SHORTEST_EXPLANATION}}}")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: the sentence's key, and the line where the field has lines."""

    field: str
    key: str
    line: int = 0


@dataclass(frozen=True)
class Basis:
    """On what a notice can be filed: this person's right to, and what was picked, as rows.

    `channel` is the brand's own, where it has one.
    """

    grant: Grant
    holder: Any
    brand: Any
    right: Any
    lane: Any
    channel: str | None


def settle(
    session: Session, actor: Actor, draft_id: str, form: NoticeForm, today: date
) -> tuple[FormSheet, Basis | None]:
    """A form with what was picked in it, and on what it can be filed; without that, as `sheet_of`.

    The rights holder is locked: nobody else files for it before the end of the unit.
    """
    if basis := _basis(session, actor, form, today):
        return _sheet_on(basis, draft_id, form), basis
    sheet = sheet_of(session, actor, draft_id, form, today)
    return sheet, _basis(session, actor, sheet.form, today) if sheet.form != form else None


def _basis(session: Session, actor: Actor, form: NoticeForm, today: date) -> Basis | None:
    grant = grants(session, actor, Operation.FILE_NOTICE).get(form.holder_id)
    if grant is None:
        return None
    picked = filings.lock_picked(session, form.holder_id, form.brand_id, form.right_id, today)
    if picked is None or form.reason not in REASONS[picked.right.kind]:
        return None
    lane = fast_lanes.fitting(picked.lanes, picked.right)
    return Basis(grant, picked.holder, picked.brand, picked.right, lane, picked.channel)


def _sheet_on(basis: Basis, draft_id: str, form: NoticeForm) -> FormSheet:
    reasons = REASONS[basis.right.kind]
    return FormSheet(
        draft_id, form, [basis.holder], [basis.brand], [basis.right], basis.right, reasons, lane=basis.lane
    )


def sheet_of(session: Session, actor: Actor, draft_id: str, form: NoticeForm, today: date) -> FormSheet:
    """What a draft's form shows to this person today. Raises Denied for one who can file for nobody.

    A pick that is no longer offered is dropped; where there is one thing to pick, it is picked.
    """
    return offer(session, actor, grants(session, actor, Operation.FILE_NOTICE), draft_id, form, today)


def offer(
    session: Session,
    actor: Actor,
    granted: Mapping[str, Grant],
    draft_id: str,
    form: NoticeForm,
    today: date,
) -> FormSheet:
    """As `sheet_of`, of one whose grants to file are known."""
    offered = filings.holders(session, granted)
    if not offered:
        authorize(session, actor, Operation.FILE_NOTICE, Subject("notice"))  # who is suspended is told so
        raise Denied(actor, Operation.FILE_NOTICE, Subject("notice"))
    holder_id = _settled(form.holder_id, [holder.id for holder, _ in offered])
    brands = filings.brands(session, holder_id) if holder_id else []
    brand_id = _settled(form.brand_id, [brand.id for brand in brands])
    usable = rights.usable(session, holder_id, brand_id, today) if brand_id else []
    right_id = _settled(form.right_id, [right.id for right in usable])
    right = next((right for right in usable if right.id == right_id), None)
    reasons = REASONS[right.kind] if right else ()
    reason = _settled(form.reason, reasons)
    picked = {"holder_id": holder_id, "brand_id": brand_id, "right_id": right_id, "reason": str(reason)}
    holder, lanes = next((each for each in offered if each[0].id == holder_id), (None, ()))
    at_once = False
    if holder and reason:
        in_review = granted[holder_id].cell.review
        at_once = starts_takedowns(ReasonCode(reason), holder.standing, in_review=in_review)
    return FormSheet(
        draft_id,
        form.model_copy(update=picked),
        [holder for holder, _ in offered],
        brands,
        usable,
        right,
        reasons,
        at_once,
        fast_lanes.fitting(lanes, right),
    )


def starts_takedowns(reason: ReasonCode, standing: Standing, *, in_review: bool) -> bool:
    """Whether a notice starts takedowns at once: counterfeits, from a holder in good standing, unreviewed."""
    return reason in COUNTERFEIT and has_good_standing(standing) and not in_review


def _settled(picked: str, offered: Sequence[str]) -> str:
    if picked in offered:
        return picked
    return offered[0] if len(offered) == 1 else ""


@dataclass(frozen=True)
class Rule:
    """One thing that must be there: on which field, when asked, what makes it good, what is said else."""

    field: str
    asked: Callable[[FormSheet], bool]
    good: Callable[[FormSheet], bool]
    key: str


def _always(_sheet: FormSheet) -> bool:
    return True


def _for_copyright(sheet: FormSheet) -> bool:
    return sheet.asks_copyright


def _filled(name: str) -> Callable[[FormSheet], bool]:
    return lambda sheet: bool(getattr(sheet.form, name))


RULES: Sequence[Rule] = (
    Rule("holder_id", _always, _filled("holder_id"), "notices.needs.holder"),
    Rule("brand_id", _filled("holder_id"), _filled("brand_id"), "notices.needs.brand"),
    Rule("brand_id", _filled("brand_id"), lambda sheet: bool(sheet.rights), "notices.needs.registered_right"),
    Rule("right_id", lambda sheet: bool(sheet.rights), _filled("right_id"), "notices.needs.right"),
    Rule("reason", _filled("right_id"), _filled("reason"), "notices.needs.reason"),
    # DSA 16(2)(a): a sufficiently substantiated explanation; a marketplace may agree to ask less of partners
    Rule(
        "explanation",
        lambda sheet: sheet.asks_explanation,
        lambda sheet: says_enough(sheet.form.explanation),
        "notices.needs.explanation",
    ),
    Rule(
        "order_number", lambda sheet: sheet.asks_order, _filled("order_number"), "notices.needs.order_number"
    ),
    # DSA 16(2)(c): name and e-mail address
    Rule("email", _always, lambda sheet: bool(_EMAIL.fullmatch(sheet.form.email)), "notices.needs.email"),
    # DSA 16(2)(d) and 512(c)(3)(A)(v): the statement of good faith
    Rule("statement", _always, _filled("statement"), "notices.needs.statement"),
    # 512(c)(3)(A)(ii), (i), (iv) twice, and (vi)
    Rule("work", _for_copyright, _filled("work"), "notices.needs.work"),
    Rule("signature", _for_copyright, _filled("signature"), "notices.needs.signature"),
    Rule("address", _for_copyright, _filled("address"), "notices.needs.address"),
    Rule("telephone", _for_copyright, _filled("telephone"), "notices.needs.telephone"),
    Rule("authority", _for_copyright, _filled("authority"), "notices.needs.authority"),
)


def says_enough(explanation: str) -> bool:
    """Whether an explanation can be one: letters and digits count, not spaces, dots and dashes."""
    return _ENOUGH.match(explanation) is not None


def check(sheet: FormSheet, links: ReadLinks) -> list[Problem]:
    """All that is missing or wrong, in the order of the form; nothing may be filed before this is empty."""
    missing = [Problem(rule.field, rule.key) for rule in RULES if rule.asked(sheet) and not rule.good(sheet)]
    return missing + _links_in_the_way(sheet.form, links)


def _links_in_the_way(form: NoticeForm, links: ReadLinks) -> list[Problem]:
    """DSA 16(2)(b), 512(c)(3)(A)(iii): the exact location of each listing."""
    if links.bad:
        return [Problem(links_field(bad.text), bad.reason, bad.line) for bad in links.bad]
    if not links.listings:
        return [Problem(links_field(0), "notices.needs.links")]
    if len(links.listings) > MOST_LINKS:
        return [Problem(links_field(len(form.links) - 1), "notices.needs.fewer_links")]
    return []


def links_field(position: int) -> str:
    """The name of one of the inputs for links, the first being 0."""
    return f"links_{position + 1}"


def spread(links: Sequence[str]) -> tuple[str, ...]:
    """Links one per line, over as many inputs as they need; what no input could take is left out."""
    texts = [""]
    for link in links[:MOST_LINKS]:
        if len(link) > INPUT_LENGTH:
            continue
        grown = f"{texts[-1]}\n{link}" if texts[-1] else link
        if len(grown) <= INPUT_LENGTH:
            texts[-1] = grown
        elif len(texts) < MOST_INPUTS:
            texts.append(link)
    return tuple(texts)


def particulars(sheet: FormSheet) -> dict[str, str]:
    """What only this kind of notice needs, for the record."""
    asked: Mapping[str, bool] = {
        "order_number": sheet.asks_order,
        **dict.fromkeys(("work", "signature", "address", "telephone"), sheet.asks_copyright),
    }
    return {name: getattr(sheet.form, name) for name, is_asked in asked.items() if is_asked}


def statements(sheet: FormSheet) -> list[str]:
    """The statements that were ticked, with the number of their wording."""
    return [GOOD_FAITH, AUTHORITY] if sheet.asks_copyright else [GOOD_FAITH]
