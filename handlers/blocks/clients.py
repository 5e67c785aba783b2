"""The platform's pages: its team, its channel, and the connections of marketplaces with their keys."""

from collections.abc import Mapping, Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import cut, form, page, pager, part, person_select, row, select, text_input
from handlers.blocks.parts import Block, actions, button, context, field, header, option, section
from handlers.blocks.register import channel_part, sure
from handlers.ids import OfficeId
from storage.records.calendars import Reading
from storage.records.channels import ChannelBinding
from storage.records.platform import ApiKey, PlatformClient
from storage.records.roster import Person


def platform_page(
    words: Words,
    staff: Sequence[Person],
    channel: ChannelBinding | None,
    clients: Sequence[PlatformClient],
    number: int,
) -> Block:
    """The platform's team, channel and connections."""
    label = words.text("register.remove")
    people = [
        section(
            f"<@{person.user_id}>",
            accessory=button(
                label,
                OfficeId.REMOVE_STAFF,
                person.id,
                confirm=sure(words, words.text("clients.remove_staff_sure"), label),
            ),
        )
        for person in cut(staff, number)
    ]
    rows = [
        row(
            f"*{escape(client.name)}* · {escape(client.marketplace)}",
            words.text("register.open"),
            f"client:{client.id}",
        )
        for client in cut(clients, number)
    ]
    blocks = [
        *part(words.text("clients.staff"), people, words.text("clients.no_staff")),
        actions(
            button(words.text("clients.add_staff"), OfficeId.GO, "staff_form"),
            button(words.text("talk.security.title"), OfficeId.NEXT, "security"),
        ),
        header(words.text("clients.team_channel")),
        *channel_part(words, channel, "platform-", binds=True),
        *part(words.text("clients.title"), rows, words.text("clients.none")),
        actions(button(words.text("clients.connect"), OfficeId.GO, "client_form")),
        *pager(words, "platform:", number, max(len(staff), len(clients))),
    ]
    return page(words, words.text("clients.platform"), blocks, here="platform", back="menu")


def client_page(
    words: Words, client: PlatformClient, keys: Sequence[ApiKey], unsettled: int | None = None
) -> Block:
    """One connection: where its webhooks go, whose business days count, and its keys.

    `unsettled` is a year close by whose make-up working days are not known yet.
    """
    named = [
        section(
            words.text("clients.key_line", key_id=key.id, since=words.moment(key.created_at)),
            accessory=button(
                words.text("clients.revoke"),
                OfficeId.REVOKE_KEY,
                f"{key.id}:{client.id}",
                confirm=sure(words, words.text("clients.revoke_sure"), words.text("approvals.ask")),
            ),
        )
        for key in keys
    ]
    blocks = [
        header(client.name),
        row(
            words.text("clients.webhook_line", address=escape(client.webhook_url)),
            words.text("register.change"),
            f"webhook_form:{client.id}",
        ),
        row(
            words.text("clients.calendar_line", calendar=calendar_text(words, kept(client))),
            words.text("register.change"),
            f"calendar_form:{client.id}",
        ),
        *([context(words.text("clients.unsettled", year=unsettled))] if unsettled else []),
        *part(words.text("clients.keys"), named, words.text("clients.no_keys")),
        context(words.text("clients.keys_mean")),
        actions(
            button(words.text("clients.create_key"), OfficeId.CREATE_KEY, client.id),
            button(
                words.text("clients.rotate"),
                OfficeId.ROTATE_SECRET,
                client.id,
                confirm=sure(words, words.text("clients.rotate_sure"), words.text("approvals.ask")),
            ),
        ),
        context(words.text("approvals.second_needed")),
    ]
    return page(words, words.text("clients.one"), blocks, here=f"client:{client.id}", back="platform")


def staff_form(words: Words) -> Block:
    """Somebody to put onto the platform's team."""
    return form(
        words,
        words.text("clients.add_staff"),
        [field("person", words.text("register.person"), person_select())],
        callback_id=OfficeId.STAFF_FORM,
        here="staff_form",
        back="platform",
        submit=words.text("register.add"),
    )


def client_form(words: Words) -> Block:
    """A marketplace to connect."""
    blocks = [
        field("name", words.text("register.name"), text_input()),
        field(
            "marketplace",
            words.text("clients.marketplace"),
            text_input(most=60, example="openbazaar"),
            hint=words.text("clients.marketplace_hint"),
        ),
        _address(words, ""),
        context(words.text("approvals.second_needed")),
    ]
    return form(
        words,
        words.text("clients.connect"),
        blocks,
        callback_id=OfficeId.CLIENT_FORM,
        here="client_form",
        back="platform",
        submit=words.text("approvals.ask"),
    )


def webhook_form(words: Words, client: PlatformClient) -> Block:
    """Another address for a connection's webhooks."""
    blocks = [_address(words, client.webhook_url), context(words.text("approvals.second_needed"))]
    return form(
        words,
        words.text("clients.webhook"),
        blocks,
        callback_id=OfficeId.WEBHOOK_FORM,
        here=f"webhook_form:{client.id}",
        back=f"client:{client.id}",
        submit=words.text("approvals.ask"),
    )


def calendar_form(words: Words, client: PlatformClient) -> Block:
    """Another calendar for a connection."""
    calendar = kept(client)
    readings = [option(words.text(f"clients.reading.{each.value}"), each.value) for each in Reading]
    blocks = [
        field(
            "country",
            words.text("clients.country"),
            text_input(calendar["country"], most=6, example="CN"),
            hint=words.text("clients.country_hint"),
            optional=True,
        ),
        field("zone", words.text("clients.zone"), text_input(calendar["zone"], example="Asia/Shanghai")),
        field("reading", words.text("clients.reading"), select(readings, calendar["reading"])),
        field("opens", words.text("clients.opens"), _time(calendar["opens"])),
        field("closes", words.text("clients.closes"), _time(calendar["closes"])),
        context(words.text("clients.calendar_means"), words.text("approvals.second_needed")),
    ]
    return form(
        words,
        words.text("clients.calendar"),
        blocks,
        callback_id=OfficeId.CALENDAR_FORM,
        here=f"calendar_form:{client.id}",
        back=f"client:{client.id}",
        submit=words.text("approvals.ask"),
    )


def kept(client: PlatformClient) -> dict[str, str]:
    """A connection's calendar, as a proposal writes it."""
    return {
        "country": client.country,
        "zone": client.zone,
        "reading": client.reading.value,
        "opens": client.opens.isoformat("minutes"),
        "closes": client.closes.isoformat("minutes"),
    }


def calendar_text(words: Words, calendar: Mapping[str, str]) -> str:
    """A calendar in one line."""
    code = calendar["country"].strip().upper()
    country = words.country(code) if code else words.text("clients.no_holidays")
    told = {name: escape(calendar[name]) for name in ("zone", "opens", "closes")}
    return words.text(f"clients.calendar.{calendar['reading']}", country=escape(country), **told)


def _time(value: str) -> Block:
    return {"type": "timepicker", "action_id": "time", "initial_time": value}


def _address(words: Words, address: str) -> Block:
    typed = text_input(address, most=2000, example="https://market.example/hooks")
    return field("webhook_url", words.text("clients.webhook"), typed)
