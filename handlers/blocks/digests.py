"""The digest as a message, its details for the thread, and the modal of `/digest`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.words.catalogue import Words
from bot.words.text import escape, plain
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    context,
    divider,
    field,
    fields,
    header,
    modal,
    option,
    section,
)
from handlers.blocks.parts import plain as plain_text
from handlers.ids import DigestField, DigestId
from storage.records.digest_figures import Attained, Count, DigestFigures, DigestPreview, NamedSeller, Split
from storage.records.groups import DigestSubscription, WorkingGroup

GOAL = Decimal("0.97")  # of notices processed within 24 hours on business days, as platforms publish it
DAILY, NEVER = "daily", "never"
_SELLER_NAME = 60
_GROUP_NAME = 80
_SELLERS_IN_MESSAGE = 3
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


def message(
    words: Words, group: WorkingGroup, figures: DigestFigures, late_since: datetime | None
) -> tuple[str, list[Block]]:
    """A morning's digest: its plain text and its blocks. `late_since` is when a late one was due."""
    day = words.weekday(figures.last)
    name = plain(group.name, _GROUP_NAME)
    blocks = [header(words.text("digests.headline", group=name, day=day))]
    if late_since is not None:
        local = Words(words.locale, ZoneInfo(figures.zone))
        blocks.append(context(words.text("digests.late", due=local.moment(late_since))))
    blocks += _summary(words, figures)
    if figures.sellers:
        names = words.listing([_seller(words, seller) for seller in figures.sellers[:_SELLERS_IN_MESSAGE]])
        if len(figures.sellers) > _SELLERS_IN_MESSAGE:
            names = words.text("digests.sellers_thread", names=names)
        blocks.append(section(words.text("digests.sellers", names=names)))
    blocks.append(actions(button(words.text("digests.own_button"), DigestId.OPEN_HOME)))
    blocks.append(context(words.text("digests.rounded")))
    return words.text("digests.text", group=escape(name), day=day), blocks


def detail(words: Words, group: WorkingGroup, figures: DigestFigures) -> tuple[str, list[Block]]:
    """What stands in the thread below it."""
    day = words.weekday(figures.last)
    name = escape(plain(group.name, _GROUP_NAME))
    return words.text("digests.text", group=name, day=day), _details(words, figures)


def chooser(words: Words, groups: Sequence[WorkingGroup]) -> Block:
    """A modal that asks which group's digest to show."""
    select = {
        "type": "static_select",
        "action_id": DigestId.GROUP,
        "placeholder": plain_text(words.text("digests.choose"), 150),
        "options": [option(plain(group.name, _GROUP_NAME), group.id) for group in groups[:100]],
    }
    asked = section(words.text("digests.choose"), block_id=DigestId.GROUP, accessory=select)
    return modal(words, words.text("digests.title"), [asked], callback_id=DigestId.CHOOSER)


def preview(words: Words, shown: DigestPreview) -> Block:
    """A modal with a group's day so far; for those who may, with the form that sets when its digest comes."""
    name = escape(plain(shown.group.name, _GROUP_NAME))
    blocks = [section(words.text("digests.so_far", group=name, until=words.moment(shown.until)))]
    if shown.too_small:
        blocks = [section(words.text("digests.too_small"))]
    else:
        blocks += [*_summary(words, shown.figures), *_details(words, shown.figures)]
        blocks.append(context(words.text("digests.rounded")))
    blocks.append(divider())
    if shown.may_configure and shown.channel_id:
        return modal(
            words,
            words.text("digests.title"),
            [*blocks, *_form(words, shown.subscription)],
            callback_id=DigestId.FORM,
            submit=words.text("digests.save"),
            metadata=shown.group.id,
        )
    blocks.append(section(_when(words, shown)))
    if not shown.may_configure:
        blocks.append(context(words.text("digests.others_set_it")))
    return modal(words, words.text("digests.title"), blocks, callback_id=DigestId.PREVIEW)


def _summary(words: Words, figures: DigestFigures) -> list[Block]:
    told = fields(
        [
            (words.text("digests.notices"), _count(words, figures.notices)),
            (words.text("digests.requests"), _count(words, figures.requests)),
            (words.text("digests.verdicts"), _total(words, figures.verdicts)),
            (words.text("digests.takedowns"), _total(words, figures.takedowns)),
        ]
    )
    reached = words.text(
        "digests.attainment", told=_share(words, figures.attainment), goal=words.percent(GOAL)
    )
    return [told, section(reached)]


def _details(words: Words, figures: DigestFigures) -> list[Block]:
    answers = {
        "fake": words.text("digests.fake"),
        "genuine": words.text("digests.genuine"),
        "other": words.text("digests.other_answers"),
    }
    states = {"removed": words.text("digests.removed"), "not_removed": words.text("digests.not_removed")}
    sellers = words.text("digests.no_sellers")
    if figures.sellers:
        names = "\n".join(f"• {_seller(words, seller)}" for seller in figures.sellers)
        sellers = words.text("digests.sellers", names=f"\n{names}")
    return [
        section(_split(words, words.text("digests.verdicts"), answers, figures.verdicts)),
        section(_split(words, words.text("digests.takedowns"), states, figures.takedowns)),
        section(sellers),
    ]


def _split(words: Words, title: str, labels: Mapping[str, str], split: Split | None) -> str:
    rows = split.rows if split else {}
    window = split.window if split else 1
    told = {label: _about(words, rows.get(row), window) for row, label in labels.items()}
    told[words.text("digests.all")] = _total(words, split)
    lines = [words.text("digests.row", label=label, told=cases) for label, cases in told.items()]
    return "\n".join([f"*{title}*", *lines])


def _count(words: Words, count: Count | None) -> str:
    return _about(words, count.cases if count else None, count.window if count else 1)


def _total(words: Words, split: Split | None) -> str:
    return _about(words, split.total if split else None, split.window if split else 1)


def _about(words: Words, cases: int | None, window: int) -> str:
    if cases is None:
        return words.text("digests.too_few")
    return _over(words, words.text("digests.about", number=words.number(cases)), window)


def _share(words: Words, attained: Attained | None) -> str:
    if attained is None:
        return words.text("digests.too_few")
    told = words.text("digests.at_least", share=words.percent(Decimal(attained.percent) / 100))
    return _over(words, told, attained.window)


def _over(words: Words, told: str, window: int) -> str:
    return told if window == 1 else words.count("digests.over_days", window, told=told)


def _seller(words: Words, seller: NamedSeller) -> str:
    name = escape(plain(seller.name, _SELLER_NAME))
    return words.text("digests.seller", name=name, marketplace=escape(seller.marketplace))


def _when(words: Words, shown: DigestPreview) -> str:
    if not shown.channel_id:
        return words.text("digests.no_channel")
    comes = shown.subscription
    if comes is None:
        return words.text("digests.comes_not")
    time = words.time_of_day(comes.hour, comes.minute)
    return words.text("digests.comes", channel=f"<#{shown.channel_id}>", time=time, zone=comes.zone)


def _form(words: Words, subscription: DigestSubscription | None) -> list[Block]:
    own = subscription.zone if subscription else str(words.zone)
    choices = [option(words.text("digests.daily"), DAILY), option(words.text("digests.never"), NEVER)]
    comes = {"type": "radio_buttons", "options": choices, "initial_option": choices[0]}
    times = [
        option(words.time_of_day(hour, minute), f"{hour:02}:{minute:02}")
        for hour in range(24)
        for minute in (0, 30)
    ]
    hour, minute = (subscription.hour, subscription.minute) if subscription else _DEFAULT_TIME
    zones = [option(zone, zone) for zone in sorted({*_ZONES, own})]
    return [
        field(
            DigestField.COMES,
            words.text("digests.comes_label"),
            {**comes, "action_id": DigestField.COMES},
        ),
        field(
            DigestField.TIME,
            words.text("digests.time_label"),
            _select(DigestField.TIME, times, times[2 * hour + minute // 30]),
        ),
        field(
            DigestField.ZONE,
            words.text("digests.zone_label"),
            _select(DigestField.ZONE, zones, option(own, own)),
        ),
    ]


def _select(action_id: str, options: list[Block], initial: Block) -> Block:
    return {"type": "static_select", "action_id": action_id, "options": options, "initial_option": initial}
