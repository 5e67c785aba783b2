"""The register's forms: a rights holder, a brand, a lead, a standing, a mandate, a person, a right."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import form, person_select, select, text_input
from handlers.blocks.parts import Block, context, field, option, section
from handlers.blocks.register import role_option
from handlers.ids import OfficeId
from storage.records.groups import Industry
from storage.records.rights import RightKind
from storage.records.roster import Brand, HolderKind, HolderSize, RightsHolder, Role, Standing


def holder_form(words: Words, holder: RightsHolder | None) -> Block:
    """A rights holder to add or to correct."""
    kinds = [option(words.text(f"register.kind.{kind}"), kind) for kind in HolderKind]
    sizes = [option(words.text(f"register.size.{size}"), size) for size in HolderSize]
    blocks = [
        field("name", words.text("register.name"), text_input(holder.name if holder else "")),
        field(
            "kind", words.text("register.kind"), select(kinds, holder.kind if holder else HolderKind.COMPANY)
        ),
        field("size", words.text("register.size"), select(sizes, holder.size if holder else "")),
        field(
            "industry",
            words.text("register.industry"),
            select(_industries(words, holder), holder.industry if holder else ""),
        ),
        field(
            "country",
            words.text("register.country"),
            text_input(holder.country if holder else "", most=2, example="NO"),
            hint=words.text("register.country_hint"),
        ),
    ]
    here = f"holder_form:{holder.id}" if holder else "holder_form"
    back = f"holder:{holder.id}" if holder else "holders"
    return form(
        words, words.text("register.holder"), blocks, callback_id=OfficeId.HOLDER_FORM, here=here, back=back
    )


def _industries(words: Words, holder: RightsHolder | None) -> list[Block]:
    """The twelve, and what stands in the register beside them."""
    options = [option(words.text(f"groups.industry.{each}"), each) for each in Industry]
    if holder and holder.industry not in set(Industry):
        options.append(option(holder.industry, holder.industry))
    return options


def brand_form(words: Words, holder_id: str, brand: Brand | None) -> Block:
    """A brand to add or to rename."""
    typed = text_input(brand.name if brand else "")
    blocks = [
        field("name", words.text("register.brand_name"), typed, hint=words.text("register.brand_name_hint"))
    ]
    here = f"rename_form:{brand.id}" if brand else f"brand_form:{holder_id}"
    back = f"brand:{brand.id}" if brand else f"holder:{holder_id}"
    return form(
        words, words.text("register.brand"), blocks, callback_id=OfficeId.BRAND_FORM, here=here, back=back
    )


def standing_form(words: Words, holder: RightsHolder) -> Block:
    """The good-faith standing to propose; a second administrator confirms it."""
    options = [option(words.text(f"register.standing.{standing}"), standing) for standing in Standing]
    blocks = [
        section(words.text("register.standing_means", name=escape(holder.name))),
        field("standing", words.text("register.standing"), select(options, holder.standing)),
        field("reason", words.text("register.standing_reason"), text_input(most=300)),
        context(words.text("approvals.second_needed")),
    ]
    return form(
        words,
        words.text("register.standing"),
        blocks,
        callback_id=OfficeId.STANDING_FORM,
        here=f"standing_form:{holder.id}",
        back=f"holder:{holder.id}",
        submit=words.text("approvals.ask"),
    )


def lead_form(words: Words, holder: RightsHolder, roles: Sequence[Role]) -> Block:
    """The first lead to propose; a second administrator confirms it."""
    blocks = [
        section(words.text("register.lead_means", name=escape(holder.name))),
        field("person", words.text("register.person"), person_select()),
        field("role", words.text("register.role"), select(_roles(words, roles), roles[0])),
        context(words.text("approvals.second_needed")),
    ]
    return form(
        words,
        words.text("register.name_lead"),
        blocks,
        callback_id=OfficeId.LEAD_FORM,
        here=f"lead_form:{holder.id}",
        back=f"holder:{holder.id}",
        submit=words.text("approvals.ask"),
    )


def mandate_form(words: Words, association: RightsHolder) -> Block:
    """A written mandate to note."""
    blocks = [
        section(words.text("register.mandate_means", name=escape(association.name))),
        field("member", words.text("register.member"), holder_select(words)),
        field(
            "document",
            words.text("register.document"),
            text_input(most=300),
            hint=words.text("register.document_hint"),
        ),
    ]
    return form(
        words,
        words.text("register.mandate"),
        blocks,
        callback_id=OfficeId.MANDATE_FORM,
        here=f"mandate_form:{association.id}",
        back=f"holder:{association.id}",
    )


def holder_select(words: Words) -> Block:
    """Any rights holder, found by the first letters."""
    return {
        "type": "external_select",
        "action_id": OfficeId.PICK_HOLDER,
        "min_query_length": 0,
        "placeholder": {"type": "plain_text", "text": words.text("register.pick_holder")},
    }


def person_form(words: Words, holder: RightsHolder, roles: Sequence[Role]) -> Block:
    """Somebody to put on the roster."""
    blocks = [
        field("person", words.text("register.person"), person_select()),
        field("role", words.text("register.role"), select(_roles(words, roles), roles[0])),
    ]
    return form(
        words,
        words.text("register.add_person"),
        blocks,
        callback_id=OfficeId.PERSON_FORM,
        here=f"person_form:{holder.id}",
        back=f"roster:{holder.id}",
        submit=words.text("register.add"),
    )


def guest_form(words: Words, holder: RightsHolder) -> Block:
    """A guest to put on the roster."""
    blocks = [
        context(words.text("register.guest_line")),
        field("person", words.text("register.person"), person_select()),
    ]
    return form(
        words,
        words.text("register.add_guest"),
        blocks,
        callback_id=OfficeId.GUEST_FORM,
        here=f"guest_form:{holder.id}",
        back=f"holder:{holder.id}",
        submit=words.text("register.add"),
    )


def right_form(words: Words, holder: RightsHolder, brands: Sequence[Brand]) -> Block:
    """A right to register; an administrator confirms it."""
    kinds = [option(words.text(f"rights.kind.{kind}"), kind) for kind in RightKind]
    blocks = [
        context(words.text("register.right_means")),
        field("kind", words.text("register.right_kind"), select(kinds, RightKind.TRADEMARK)),
        field("title", words.text("register.right_title"), text_input(most=200)),
        field(
            "number",
            words.text("register.right_number"),
            text_input(most=200),
            optional=True,
            hint=words.text("register.right_number_hint"),
        ),
        field(
            "office",
            words.text("register.right_office"),
            text_input(most=200, example=words.text("register.right_office_example")),
            optional=True,
        ),
        field(
            "territory",
            words.text("register.right_territory"),
            text_input(most=200, example=words.text("register.right_territory_example")),
        ),
        field(
            "classes",
            words.text("register.right_classes"),
            text_input(most=200, example=words.text("register.right_classes_example")),
            optional=True,
        ),
        field(
            "expires_on",
            words.text("register.right_expires"),
            {"type": "datepicker", "action_id": "date"},
            optional=True,
        ),
        field("certificate", words.text("register.right_certificate"), text_input(most=2000), optional=True),
    ]
    if brands:
        options = [option(brand.name, brand.id) for brand in brands]
        blocks.insert(2, field("brand", words.text("register.right_brand"), select(options), optional=True))
    return form(
        words,
        words.text("home.register"),
        blocks,
        callback_id=OfficeId.RIGHT_FORM,
        here=f"right_form:{holder.id}",
        back=f"roster:{holder.id}",
    )


def _roles(words: Words, roles: Sequence[Role]) -> list[Block]:
    return [role_option(words, role) for role in roles]
