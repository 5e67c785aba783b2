"""What digests look like: for whom they are drawn, inside Slack's limits, dead to what strangers write."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlmodel import Session

from bot.enforcement.digest_kinds import SECTIONS
from bot.messenger import Drawn, Viewer
from bot.sandbox.limits import check_message, check_view
from bot.words.catalogue import Words, words_for
from handlers.blocks import digest_forms as forms
from handlers.blocks import digests as blocks
from handlers.drawn.digests import draw_digest, draw_digest_detail
from storage.engine import Store
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import (
    Attained,
    Count,
    DigestFigures,
    Item,
    ItemKind,
    Line,
    NamedSeller,
    Pattern,
    PatternKind,
    Responded,
    Section,
    Split,
    StandingOf,
    Waiting,
)
from storage.records.digests import (
    Digest,
    DigestPreview,
    DigestSheet,
    DigestSubscription,
    Lateness,
    Place,
)
from tests.enforcement.digest_world import CHANNEL, MORNING, found

WORDS = words_for("en-GB", "Europe/London")
DAY = date(2026, 11, 18)
EVIL = "*Bold* <!channel> <https://evil.example|Official> :skull: " * 9
GROUP = Place(ChannelPurpose.GROUP, "g", "Everyday & <goods>")
BRAND = Place(ChannelPurpose.BRAND, "b", "Nordlys")
PLATFORM = Place(ChannelPurpose.PLATFORM, "", "")
BARE = DigestFigures(first=DAY, last=DAY, zone="Europe/London")
FULL = DigestFigures(
    first=DAY,
    last=DAY,
    zone="Europe/London",
    notices=Count(window=1, cases=1015, before=1000),
    requests=Count(window=7, until=date(2026, 11, 15), days=5, cases=20),
    verdicts=Split(
        window=28, until=date(2026, 10, 25), rows={"fake": 15, "genuine": None, "other": None}, total=25
    ),
    takedowns=Split(window=1, rows={"started": None}, total=10, before=10),
    attainment=Attained(window=7, percent=96),
    responses=Responded(window=1, median=60, before=120),
    sellers=tuple(NamedSeller(name=f"{number} {EVIL}", marketplace="openbazaar") for number in range(20)),
    patterns=(
        Pattern(kind=PatternKind.NAMED, name=EVIL, marketplace="openbazaar"),
        Pattern(kind=PatternKind.COMMON, name="store_front"),
        Pattern(kind=PatternKind.FINDING, name=EVIL, cases=3),
    ),
    deadlines=Count(window=1, cases=5),
)
OWN = DigestFigures(
    span=Span.MONTH,
    first=date(2026, 10, 1),
    last=date(2026, 10, 31),
    zone="Europe/London",
    notices=Count(window=31, cases=12, before=15),
    requests=Count(window=31, cases=4, before=4),
    verdicts=Split(window=31, rows={"fake": 3, "genuine": 1, "other": 0}, total=4, before=2),
    takedowns=Split(window=31, rows={"started": 5}, total=3, before=0),
    attainment=Attained(window=31, percent=97, before=99, of=34),
    responses=Responded(window=31, median=95, ninth=300, before=80),
    sellers=(NamedSeller(name=EVIL, marketplace="openbazaar", cases=4),),
    patterns=(
        Pattern(kind=PatternKind.RELISTING, cases=2),
        Pattern(kind=PatternKind.SELLER, name=EVIL, marketplace="openbazaar", cases=3),
        Pattern(kind=PatternKind.SELLERS, cases=9),
    ),
    waiting=Waiting(
        requests=2,
        clarifications=1,
        counters=1,
        items=tuple(
            Item(kind=kind, brand="Nordlys", title=EVIL, due_at=MORNING) for kind in list(ItemKind) * 6
        ),
    ),
    standing=(StandingOf(holder="Nordlys", standing="good_faith", losses=(("takedown", 3), ("counter", 1))),),
    lines=tuple(
        Line(name=f"{number} {EVIL}", notices=7, requests=1, fake=1, removed=2, due=3, in_time=2, waiting=1)
        for number in range(200)
    ),
    this_year=Line(name="2026", notices=120, removed=30),
)


def sheet_of(figures: DigestFigures, place: Place, missed: date | None = None) -> DigestSheet:
    digest = Digest(
        channel_id=CHANNEL,
        span=figures.span,
        purpose=place.purpose,
        scope_id=place.scope_id,
        local_date=DAY + timedelta(days=1),
        due_at=MORNING,
        made_at=MORNING,
        missed_since=missed,
        sections=[],
        figures=figures.model_dump(mode="json"),
    )
    return DigestSheet(digest, place, figures)


def drawn(figures: DigestFigures, place: Place, words: Words = WORDS) -> tuple[str, str]:
    """The message and its details as one text each."""
    sections, sheet = SECTIONS[place.purpose], sheet_of(figures, place)
    _, message = blocks.message(words, sheet, sections, None)
    _, detail = blocks.detail(words, sheet, sections)
    return json.dumps(message, ensure_ascii=False), json.dumps(detail, ensure_ascii=False)


def preview_of(
    figures: DigestFigures | None,
    *,
    place: Place = GROUP,
    span: Span = Span.WEEK,
    may_configure: bool = True,
    channel: str = CHANNEL,
    sections: Sequence[str] = (),
) -> DigestPreview:
    subscription = DigestSubscription(
        channel_id=CHANNEL,
        span=span,
        purpose=place.purpose,
        scope_id=place.scope_id,
        hour=23,
        minute=30,
        weekday=4,
        zone="Antarctica/Troll",
        language="zh_Hans",
        sections=list(sections),
        tell_empty=True,
        resumes_on=DAY,
        next_due_at=MORNING,
        changed_by="",
        changed_at=MORNING,
    )
    return DigestPreview(
        place=place,
        span=span,
        too_small=False,
        channel_id=channel,
        subscription=subscription,
        may_configure=may_configure,
        until=MORNING,
        figures=figures,
    )


def test_a_group_s_figures_are_told_with_their_days_and_changes() -> None:
    text, _ = blocks.message(WORDS, sheet_of(FULL, GROUP), SECTIONS[GROUP.purpose], None)
    said, told = drawn(FULL, GROUP)
    assert text == "Digest of Everyday &amp; &lt;goods&gt;: Wednesday, 18 November 2026"
    assert "about 1,015 (+15)" in said
    assert "about 20 on 5 of the 7 days to 15 Nov" in said
    assert "about 25 in the 28 days to 25 Oct" in said
    assert "about 10 (±0)" in said
    assert "at least 96% in 7 days; the goal is 97%" in said
    assert "half came within 1 hr (−1 hr)" in said
    assert "and more in the thread" in said
    assert "about 5 requests fall due on the day to come" in said
    assert "*Verdicts in the 28 days to 25 Oct*\\nFake: about 15\\nGenuine: too few to show" in told
    assert told.count("in the 28 days") == 1


def test_one_s_own_figures_are_exact_and_name_what_waits() -> None:
    said, told = drawn(OWN, BRAND)
    assert "Nordlys: Oct 2026" in said
    assert "*New notices:* 12 (−3)" in said
    assert "97% of 34 notices (−2%)" in said
    assert "half within 1 hr 35 mins (+15 mins), nine of ten within 5 hrs" in said
    assert "2 requests, 1 notice that needs clarification and 1 counter-notice" in said
    assert "3 more refused takedowns, and standing is lost." in said
    assert "the change against the month before" in said
    assert "Takedowns that began: 5" in told
    assert "Since January" in told
    everybody, by_brand = drawn(OWN, PLATFORM)
    assert "195 more in the thread" in everybody
    assert "199 " in by_brand


def test_what_may_not_be_shown_is_said_to_be_too_few() -> None:
    said, told = drawn(BARE, GROUP)
    assert said.count("too few to show") == 6
    assert told.count("too few to show") == 6


def test_each_number_has_a_button_that_says_what_it_opens() -> None:
    _, shown = blocks.message(WORDS, sheet_of(OWN, BRAND), SECTIONS[BRAND.purpose], None)
    buttons = [block["accessory"] for block in shown if "accessory" in block]
    assert [each["value"] for each in buttons] == list(SECTIONS[BRAND.purpose])
    assert buttons[0]["accessibility_label"] == "Open on your Home tab: New notices"


def test_sections_that_were_not_chosen_are_left_out() -> None:
    chosen = (Section.NOTICES, Section.DEADLINES)
    _, shown = blocks.message(WORDS, sheet_of(OWN, BRAND), chosen, None)
    assert len([block for block in shown if "accessory" in block]) == 2
    _, told = blocks.detail(WORDS, sheet_of(OWN, BRAND), chosen)
    assert "Fake" not in json.dumps(told)


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("place", [GROUP, BRAND, PLATFORM])
@pytest.mark.parametrize("figures", [BARE, FULL, OWN])
def test_everything_stays_inside_slack_s_limits(figures: DigestFigures, place: Place, language: str) -> None:
    words = words_for(language, "Asia/Shanghai")
    sections, sheet = SECTIONS[place.purpose], sheet_of(figures, place, DAY - timedelta(days=3))
    for text, shown in (
        blocks.message(words, sheet, sections, Lateness.DOWN),
        blocks.detail(words, sheet, sections),
    ):
        check_message(text, shown, None)
    for span in Span:
        for may_configure in (True, False):
            shown_ = preview_of(figures, place=place, span=span, may_configure=may_configure)
            check_view(forms.preview(words, shown_, sections))
    check_view(forms.preview(words, preview_of(None, place=place), sections))
    check_view(forms.preview(words, preview_of(figures, place=place, channel=""), sections))


def test_a_long_choice_of_digests_says_how_to_name_one() -> None:
    many = [Place(ChannelPurpose.BRAND, str(number), "B" * 80) for number in range(120)]
    view = forms.chooser(WORDS, [GROUP, *many, PLATFORM])
    check_view(view)
    assert "Type `/digest` with a part of the name" in json.dumps(view)
    assert json.dumps(view).count("Whose digest?") == 1


def test_nothing_that_a_stranger_wrote_comes_alive() -> None:
    for figures, place in ((FULL, GROUP), (OWN, BRAND), (OWN, PLATFORM)):
        for said in drawn(figures, place):
            assert "<!channel>" not in said
            assert "<https" not in said
            assert "*Bold*" not in said
            assert ":skull:" not in said


def test_the_form_starts_with_what_is_subscribed() -> None:
    shown = preview_of(OWN, place=BRAND, sections=["notices"])
    said = json.dumps(forms.preview(WORDS, shown, SECTIONS[BRAND.purpose]), ensure_ascii=False)
    for initial in (
        "23:30",
        "Friday",
        "Antarctica/Troll",
        "中文 (简体)",
        "Tell also when there is nothing to tell",
    ):
        assert f'"initial_option": {{"text": {{"type": "plain_text", "text": "{initial}' in said or (
            f'"initial_options": [{{"text": {{"type": "plain_text", "text": "{initial}' in said
        )
    assert '"initial_date": "2026-11-18"' in said
    assert said.count('"initial_options": [{"text": {"type": "plain_text", "text": "New notices"') == 1


def test_late_and_missed_digests_say_so_in_the_channel_s_zone() -> None:
    sheet = sheet_of(FULL, GROUP, DAY - timedelta(days=1))
    _, shown = blocks.message(WORDS, sheet, SECTIONS[GROUP.purpose], Lateness.CHANNEL)
    said = json.dumps(shown)
    assert "Late: it was due on 19 Nov 2026, 09:00 GMT, when this channel was paused" in said
    assert "The digests that were due from 17 Nov 2026 to 18 Nov 2026 were not sent" in said


def test_a_digest_is_drawn_for_its_own_group_alone(store: Store) -> None:
    def make(session: Session) -> tuple[str, str]:
        world = found(session)
        digest = sheet_of(FULL, Place(ChannelPurpose.GROUP, world.group, "")).digest
        session.add(digest)
        return digest.id, world.group

    digest_id, group_id = store.run_sync(make)

    def draw(purpose: ChannelPurpose | None, scope: str, late: timedelta = timedelta()) -> list[Drawn | None]:
        viewer = Viewer(WORDS, CHANNEL, purpose, scope)
        return [
            store.read_sync(each, digest_id, viewer, MORNING + late)
            for each in (draw_digest, draw_digest_detail)
        ]

    message, detail = draw(ChannelPurpose.GROUP, group_id)
    assert message is not None
    assert "Late" not in json.dumps(message.blocks)
    assert detail is not None
    assert detail.thread_of == ("digest", digest_id)
    late, _ = draw(ChannelPurpose.GROUP, group_id, timedelta(minutes=31))
    assert late is not None
    assert "Late: it was due on 19 Nov 2026, 09:00 GMT, and Slack did not take it in time" in json.dumps(
        late.blocks
    )
    for purpose, scope in (
        (ChannelPurpose.GROUP, "another group"),
        (ChannelPurpose.BRAND, group_id),
        (ChannelPurpose.PLATFORM, ""),
        (None, ""),
    ):
        assert draw(purpose, scope) == [None, None]
