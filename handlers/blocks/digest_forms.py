"""The modal of `/digest`: whose digest, the days so far, and the form that sets when it comes."""

from collections.abc import Mapping, Sequence

from babel import Locale

from bot.words.catalogue import Words, languages
from bot.words.text import escape, plain
from handlers.blocks.aggregates import address_of
from handlers.blocks.digest_sections import Told, days, details, heads
from handlers.blocks.digests import place_name
from handlers.blocks.parts import Block, actions, button, context, divider, field, modal, option, section
from handlers.blocks.parts import plain as plain_text
from handlers.ids import DigestField, DigestId, ExportId
from handlers.payloads import Pointer
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import Section
from storage.records.digests import DigestPreview, DigestSubscription, Place

YES, NEVER, AS_CHANNEL, TELL = "yes", "never", "channel", "tell"
MOST_PLACES = 100  # of one select
_NAME = 75
_DEFAULT_TIME = (9, 0)
# One or two zones for each hour of the world; the reader's own and the one subscribed are added.
_ZONES = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Phoenix",
    "America/Chicago", "America/Mexico_City", "America/New_York", "America/Toronto", "America/Bogota",
    "America/Lima", "America/Caracas", "America/Halifax", "America/Santiago", "America/St_Johns",
    "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Atlantic/Azores", "UTC", "Europe/London",
    "Europe/Dublin", "Europe/Lisbon", "Africa/Casablanca", "Africa/Lagos", "Europe/Amsterdam",
    "Europe/Berlin", "Europe/Madrid", "Europe/Oslo", "Europe/Paris", "Europe/Rome", "Europe/Stockholm",
    "Europe/Warsaw", "Europe/Zurich", "Africa/Cairo", "Africa/Johannesburg", "Asia/Jerusalem",
    "Europe/Athens", "Europe/Helsinki", "Europe/Kyiv", "Europe/Istanbul", "Africa/Nairobi", "Asia/Riyadh",
    "Asia/Dubai", "Asia/Tehran", "Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka",
    "Asia/Yangon", "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Hong_Kong", "Asia/Kuala_Lumpur",
    "Asia/Manila", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Australia/Perth", "Asia/Seoul",
    "Asia/Tokyo", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip


def pointer(purpose: ChannelPurpose, scope_id: str, span: Span) -> str:
    """What a view or an option is about, as it travels."""
    return str(Pointer(f"{purpose}-{scope_id}", span))


def chooser(words: Words, places: Sequence[Place]) -> Block:
    """A modal that asks whose digest to show; more than a select can hold are found by their names."""
    by_kind: dict[ChannelPurpose, list[Place]] = {}
    for place in places[:MOST_PLACES]:
        by_kind.setdefault(place.purpose, []).append(place)
    groups = [
        {
            "label": plain_text(words.text(f"digests.kind.{purpose}"), _NAME),
            "options": [
                option(place_name(words, place), pointer(place.purpose, place.scope_id, Span.DAY))
                for place in found
            ],
        }
        for purpose, found in by_kind.items()
    ]
    select = {
        "type": "static_select",
        "action_id": DigestId.PLACE,
        "placeholder": plain_text(words.text("digests.pick"), 150),
        "option_groups": groups,
    }
    blocks = [section(words.text("digests.choose"), block_id=DigestId.PLACE, accessory=select)]
    if len(places) > MOST_PLACES:
        blocks.append(context(words.text("digests.name_it")))
    return modal(words, words.text("digests.title"), blocks, callback_id=DigestId.CHOOSER)


def preview(words: Words, shown: DigestPreview, offered: Sequence[Section]) -> Block:
    """A modal with the days so far; for those who may, with the form that sets when the digest comes."""
    place = shown.place
    metadata = pointer(place.purpose, place.scope_id, shown.span)
    blocks = [*_spans(words, shown), *_figures(words, shown, offered)]
    if shown.exports and not shown.too_small:
        form_ = address_of(place.purpose, place.scope_id)
        blocks.append(actions(button(words.text("exports.figures"), ExportId.GO, form_)))
    blocks.append(divider())
    if shown.may_configure and shown.channel_id:
        return modal(
            words,
            words.text("digests.title"),
            [*blocks, *_form(words, shown, offered)],
            callback_id=DigestId.FORM,
            submit=words.text("digests.save"),
            metadata=metadata,
        )
    blocks.append(section(_when(words, shown)))
    if not shown.may_configure:
        blocks.append(context(words.text("digests.others_set_it")))
    return modal(words, words.text("digests.title"), blocks, callback_id=DigestId.PREVIEW, metadata=metadata)


def _spans(words: Words, shown: DigestPreview) -> list[Block]:
    options = {span: option(words.text(f"digests.span.{span}"), span) for span in Span}
    select = _select(DigestId.SPAN, list(options.values()), options[shown.span])
    name = escape(place_name(words, shown.place))
    title = words.text("digests.of", name=name)
    return [section(title), actions(select, block_id=DigestId.SPAN)]


def _figures(words: Words, shown: DigestPreview, sections: Sequence[Section]) -> list[Block]:
    if shown.too_small:
        return [section(words.text("digests.too_small"))]
    if shown.figures is None:
        return [section(words.text("digests.not_yours_to_read"))]
    figures = shown.figures
    told = Told(figures, shown.place.purpose)
    if told.aggregate:
        title = words.text("digests.as_told", days=days(words, figures))
    else:
        title = words.text("digests.so_far", days=days(words, figures), until=words.moment(shown.until))
    texts = [text for _, text in heads(words, told, sections)]
    notes = [context(words.text("digests.rounded"))] if told.aggregate else []
    return [section(text) for text in (title, *texts, *details(words, told, sections))][:60] + notes


def _when(words: Words, shown: DigestPreview) -> str:
    if not shown.channel_id:
        return words.text("digests.no_channel")
    comes = shown.subscription
    if comes is None:
        return words.text("digests.comes_not")
    time = words.time_of_day(comes.hour, comes.minute)
    channel = f"<#{shown.channel_id}>"
    day = weekday(words, comes.weekday)
    return words.text(f"digests.comes.{shown.span}", channel=channel, time=time, zone=comes.zone, day=day)


def weekday(words: Words, number: int) -> str:
    """The name of a weekday; 0 is Monday."""
    name: str = words.locale.days["stand-alone"]["wide"][number]
    return name


def _form(words: Words, shown: DigestPreview, offered: Sequence[Section]) -> list[Block]:
    kept = shown.subscription
    own = kept.zone if kept else str(words.zone)
    comes = [option(words.text("digests.comes_yes"), YES), option(words.text("digests.never"), NEVER)]
    times = [
        option(words.time_of_day(hour, minute), f"{hour:02}:{minute:02}")
        for hour in range(24)
        for minute in (0, 30)
    ]
    hour, minute = (kept.hour, kept.minute) if kept else _DEFAULT_TIME
    zones = [option(zone, zone) for zone in sorted({*_ZONES, own})]
    fields = [
        _field(
            words, DigestField.COMES, {"type": "radio_buttons", "options": comes, "initial_option": comes[0]}
        ),
        _field(words, DigestField.TIME, _select("", times, times[2 * hour + minute // 30])),
        _field(words, DigestField.ZONE, _select("", zones, option(own, own))),
    ]
    if shown.span is Span.WEEK:
        days_ = [option(weekday(words, number), str(number)) for number in range(7)]
        fields.insert(
            1, _field(words, DigestField.WEEKDAY, _select("", days_, days_[kept.weekday if kept else 0]))
        )
    return [*fields, *_what_it_says(words, kept, offered)]


def _what_it_says(words: Words, kept: DigestSubscription | None, offered: Sequence[Section]) -> list[Block]:
    spoken = {AS_CHANNEL: option(words.text("digests.as_channel"), AS_CHANNEL)} | {
        language: option(language_name(language), language) for language in languages()
    }
    chosen = spoken[kept.language or AS_CHANNEL] if kept else spoken[AS_CHANNEL]
    parts = {each: option(words.text(f"digests.section.{each}"), each) for each in offered}
    ticked = [parts[each] for each in offered if not kept or not kept.sections or each in kept.sections]
    tell = option(words.text("digests.tell_empty"), TELL)
    empty: Block = {"type": "checkboxes", "options": [tell]}
    if kept and kept.tell_empty:
        empty["initial_options"] = [tell]
    resumes: Block = {"type": "datepicker"}
    if kept and kept.resumes_on:
        resumes["initial_date"] = kept.resumes_on.isoformat()
    sections = {"type": "multi_static_select", "options": list(parts.values()), "initial_options": ticked}
    return [
        _field(words, DigestField.SECTIONS, sections),
        _field(words, DigestField.LANGUAGE, _select("", list(spoken.values()), chosen)),
        _field(words, DigestField.EMPTY, empty, optional=True),
        _field(words, DigestField.RESUMES, resumes, optional=True),
    ]


def language_name(language: str) -> str:
    """A language in itself."""
    locale = Locale.parse(language)
    return plain(str(locale.get_display_name(locale)), _NAME)


def _field(
    words: Words, name: DigestField, element: Mapping[str, object], *, optional: bool = False
) -> Block:
    label = words.text(f"digests.form.{name.removeprefix('digest_')}")
    return field(name, label, {**element, "action_id": name}, optional=optional)


def _select(action_id: str, options: list[Block], initial: Block) -> Block:
    return {"type": "static_select", "action_id": action_id, "options": options, "initial_option": initial}
