"""The register's forms and buttons: rights holders, brands, mandates, standing, the first lead."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.enforcement import approvals, register
from bot.enforcement.approvals import ActName
from bot.enforcement.register import BrandForm, HolderForm
from handlers.guard import Call, Reply
from handlers.payloads import Form, Malformed, one_of
from handlers.slack.office import detail_of, here, next_page, on_field, show
from storage.records.roster import Role, Standing

F = TypeVar("F", bound=BaseModel)
CANNOT_ASK = ("approvals.nobody_else", "approvals.asked_already")


async def handle_holder_form(call: Call) -> Reply | None:
    """A rights holder was added or corrected."""
    given = Form.of(call.body)
    form = filled(
        HolderForm,
        name=given.text("name"),
        kind=given.choice("kind"),
        size=given.choice("size"),
        industry=given.choice("industry"),
        country=given.text("country"),
    )
    fields = {"roster.holder_exists": "name", "roster.bad_country": "country"}
    holder_id = here(call).detail
    if holder_id:
        await on_field(call, call.act(register.change_holder, holder_id, form), fields)
    else:
        holder_id = await on_field(call, call.act(register.create_holder, form), fields)
    return await next_page(call, f"holder:{holder_id}")


async def handle_brand_form(call: Call) -> Reply | None:
    """A brand was added or renamed."""
    form = filled(BrandForm, name=Form.of(call.body).text("name"))
    fields = {"roster.brand_exists": "name"}
    page = here(call)
    if page.id == "rename_form":
        await on_field(call, call.act(register.rename_brand, page.detail, form), fields)
        return await next_page(call, f"brand:{page.detail}")
    await on_field(call, call.act(register.create_brand, page.detail, form), fields)
    return await next_page(call, f"holder:{page.detail}")


async def handle_mandate_form(call: Call) -> Reply | None:
    """A mandate was noted."""
    given = Form.of(call.body)
    association = here(call).detail
    await on_field(
        call,
        call.act(register.record_mandate, association, given.choice("member"), given.text("document")),
        {"roster.no_association": "member", "roster.mandate_exists": "member"},
    )
    return await next_page(call, f"holder:{association}")


async def handle_end_mandate(call: Call) -> Reply | None:
    """A mandate ends."""
    pointer = detail_of(call)
    await call.act(register.end_mandate, pointer.id)
    return await show(call, f"holder:{pointer.detail}")


async def handle_standing_form(call: Call) -> Reply | None:
    """Another standing is proposed."""
    given = Form.of(call.body)
    asked = {
        "holder_id": here(call).detail,
        "standing": one_of(Standing, given.choice("standing")).value,
        "reason": given.text("reason"),
    }
    fields = dict.fromkeys((*CANNOT_ASK, "roster.same_standing"), "standing")
    await on_field(call, call.act(approvals.ask, ActName.SET_STANDING, asked), fields)
    return await next_page(call, "approvals")


async def handle_lead_form(call: Call) -> Reply | None:
    """A first lead is proposed."""
    given = Form.of(call.body)
    asked = {
        "holder_id": here(call).detail,
        "user_id": given.user("person"),
        "role": one_of(Role, given.choice("role")).value,
    }
    fields = dict.fromkeys((*CANNOT_ASK, "roster.has_lead", "roster.not_leading"), "person")
    await on_field(call, call.act(approvals.ask, ActName.NAME_FIRST_LEAD, asked), fields)
    return await next_page(call, "approvals")


def filled(kind: type[F], /, **values: str | None) -> F:
    """A checked form; what Slack's own inputs cannot have sent is malformed."""
    try:
        return kind(**values)
    except ValidationError as error:
        raise Malformed("a field is missing or too long") from error
