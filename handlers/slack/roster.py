"""Joiners and leavers: a rights holder's roster for its leads, the platform's team for administrators."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session

from bot.enforcement import product_lines, rights, roster
from bot.enforcement.access import Actor
from bot.enforcement.product_lines import LineForm
from bot.enforcement.rights import RightDetails
from handlers.guard import BadForm, Call, Reply
from handlers.payloads import Form, Malformed, one_of
from handlers.slack.office import detail_of, here, next_page, on_field, show
from handlers.slack.register import filled
from storage.records.roster import Role


async def handle_person_form(call: Call) -> Reply | None:
    """Somebody joins a roster."""
    given, holder_id = Form.of(call.body), here(call).detail
    await on_field(
        call,
        call.act(roster.add_person, holder_id, given.user("person"), one_of(Role, given.choice("role"))),
        {
            "roster.already_there": "person",
            "roster.cannot_act": "person",
            "roster.guest_by_administrator": "person",
            "roster.role_does_not_fit": "role",
        },
    )
    return await next_page(call, f"roster:{holder_id}")


async def handle_guest_form(call: Call) -> Reply | None:
    """An administrator puts a guest on a roster."""
    holder_id = here(call).detail
    refused = ("roster.already_there", "roster.cannot_act", "roster.not_a_guest")
    await on_field(
        call,
        call.act(roster.add_guest, holder_id, Form.of(call.body).user("person")),
        dict.fromkeys(refused, "person"),
    )
    return await next_page(call, f"holder:{holder_id}")


async def handle_colleague_form(call: Call) -> Reply | None:
    """What somebody on a roster may do and which lines they know was changed."""
    given = Form.of(call.body)
    holder_id, _, person_id = here(call).detail.partition("-")
    roles = [one_of(Role, role) for role in given.choices("roles")]
    fields = (
        "roster.no_role",
        "roster.last_lead",
        "roster.role_does_not_fit",
        "roster.guest_by_administrator",
    )
    change = call.act(_change_colleague, holder_id, person_id, roles, given.choices("lines"))
    await on_field(call, change, dict.fromkeys(fields, "roles"))
    return await next_page(call, f"roster:{holder_id}")


def _change_colleague(
    session: Session,
    actor: Actor,
    holder_id: str,
    person_id: str,
    roles: Sequence[Role],
    lines: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Both in one transaction: a form is taken whole or not at all."""
    roster.set_roles(session, actor, holder_id, person_id, roles, now=now)
    product_lines.set_lines(session, actor, holder_id, person_id, lines, now=now)


async def handle_line_form(call: Call) -> Reply | None:
    """A brand has another product line."""
    given, holder_id = Form.of(call.body), here(call).detail
    form = filled(LineForm, brand_id=given.choice("brand"), name=given.text("name"))
    refused = dict.fromkeys(("lines.exists", "lines.too_many"), "name")
    await on_field(call, call.act(product_lines.add_line, form), refused)
    return await next_page(call, f"lines:{holder_id}")


async def handle_end_line(call: Call) -> Reply | None:
    """A brand has a product line no more."""
    pointer = detail_of(call)
    await call.act(product_lines.end_line, pointer.id)
    return await show(call, f"lines:{pointer.detail}")


async def handle_remove_person(call: Call) -> Reply | None:
    """Somebody leaves a roster."""
    pointer = detail_of(call)
    await call.act(roster.remove_person, pointer.id, pointer.detail)
    return await show(call, f"roster:{pointer.id}")


async def handle_staff_form(call: Call) -> Reply | None:
    """Somebody joins the platform's team."""
    await call.act(roster.add_platform_staff, Form.of(call.body).user("person"))
    return await next_page(call, "platform")


async def handle_remove_staff(call: Call) -> Reply | None:
    """Somebody leaves the platform's team."""
    await call.act(roster.remove_platform_staff, call.value)
    return await show(call, "platform")


async def handle_right_form(call: Call) -> Reply | None:
    """A right is registered, to be confirmed by an administrator."""
    given, holder_id = Form.of(call.body), here(call).detail
    try:
        details = RightDetails(
            kind=given.choice("kind"),
            title=given.text("title"),
            number=given.text("number"),
            office=given.text("office"),
            territory=given.text("territory"),
            classes=given.text("classes"),
            brand_id=given.choice("brand") or None,
            expires_on=given.text("expires_on") or None,
            certificate_url=given.text("certificate"),
        )
    except ValidationError as error:
        if any(each["loc"] == ("certificate_url",) for each in error.errors()):
            words = await call.words()
            raise BadForm({"certificate": words.text("register.bad_address")}) from error
        raise Malformed("a field is missing or too long") from error
    await on_field(
        call,
        call.act(rights.register_right, holder_id, details),
        {
            "rights.number_missing": "number",
            "rights.already_registered": "number",
            "rights.expired": "expires_on",
        },
    )
    return await next_page(call, f"roster:{holder_id}")


async def handle_confirm_right(call: Call) -> Reply | None:
    """An administrator has seen the certificate."""
    await call.act(rights.confirm_right, call.value)
    return await show(call, "rights")
