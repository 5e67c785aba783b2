"""The chart of a digest: every number on its bar, words where there is none, Latin letters without a font."""

from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import Session

from bot.charts.course import WIDTH, Chart, Row, svg
from bot.charts.render import Charts
from bot.messenger import Viewer
from bot.pictures import Pictured
from bot.pictures import painted as painted_anywhere
from bot.words.catalogue import words_for
from handlers.drawn.digest_charts import paint_digest
from storage.engine import Store
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import Bar, DigestFigures
from storage.records.digests import Digest
from tests.enforcement.digest_world import CHANNEL, MORNING, found

SPACE = "{http://www.w3.org/2000/svg}"
DAY = date(2026, 11, 18)
NO_LETTER = "\U000f0000"  # of a plane that no font covers


def drawn(*rows: Row, labels: int = 7) -> ET.Element:
    days = [f"{number} Nov" for number in range(12, 12 + labels)]
    chart = Chart("Shoes & <bags>: how it went", "Rounded to 5", days, rows, "too few")
    return ET.fromstring(svg(chart))  # noqa: S314  # our own drawing


def said(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SPACE}text")]


@pytest.mark.parametrize(
    ("numbers", "bars", "gaps"),
    [
        ([5, 10, 15, 20, 25, 30, 1015], 7, 0),
        ([5, None, None, 10, None, 5, 0], 4, 2),  # gaps that touch are one
        ([None] * 7, 0, 1),
        ([0] * 7, 7, 0),
    ],
)
def test_a_number_stands_on_its_bar_and_a_gap_says_that_it_is_one(
    numbers: list[int | None], bars: int, gaps: int
) -> None:
    picture = drawn(Row("Notices", numbers))
    shapes = list(picture.iter(f"{SPACE}rect"))[1:]
    dashed = [shape for shape in shapes if "stroke-dasharray" in shape.attrib]
    assert (len(shapes) - len(dashed), len(dashed)) == (bars, gaps)
    assert said(picture).count("too few") == gaps
    assert [each for each in numbers if each is not None] == [
        int(word) for word in said(picture) if word.isdecimal()
    ]
    for shape in shapes:
        assert float(shape.attrib["x"]) >= 0
        assert float(shape.attrib["x"]) + float(shape.attrib["width"]) <= WIDTH


async def test_without_a_font_for_its_letters_a_picture_is_drawn_in_latin_ones() -> None:
    def picture(word: str) -> str:
        return svg(Chart(word, "", ["1", "2"], [Row("A", [5, None])], "too few"))

    charts, plain = Charts(), picture("Shoes")
    far = plain.replace("Shoes", NO_LETTER)
    try:
        assert await charts.png(far, plain) == await charts.png(plain)
        assert await charts.png(plain, picture("Bags")) == await charts.png(plain)
        chinese = picture("近七天")
        # Whichever it is here: never the boxes of a font that has no such letters.
        assert await charts.png(chinese, plain) in (await charts.png(plain), await charts.png(chinese))
    finally:
        charts.close()


def painted(store: Store, language: str, purpose: ChannelPurpose = ChannelPurpose.GROUP) -> Pictured | None:
    def do(session: Session) -> Pictured | None:
        world = found(session)
        course = [
            Bar(
                first=DAY - timedelta(days=back),
                last=DAY - timedelta(days=back),
                notices=None if back else 15,
                requests=None,
                removed=20,
            )
            for back in reversed(range(7))
        ]
        figures = DigestFigures(first=DAY, last=DAY, zone="UTC", course=tuple(course))
        digest = Digest(
            channel_id=CHANNEL,
            span=Span.DAY,
            purpose=ChannelPurpose.GROUP,
            scope_id=world.group,
            local_date=DAY,
            due_at=MORNING,
            made_at=MORNING,
            language=language,
            sections=[],
            figures=figures.model_dump(mode="json"),
        )
        session.add(digest)
        session.flush()
        viewer = Viewer(words_for("en"), CHANNEL, purpose, world.group)
        return paint_digest(session, digest.id, viewer, MORNING)

    return store.run_sync(do)


def test_a_digests_picture_says_the_same_in_words_and_hangs_below_it(sqlite_store: Store) -> None:
    picture = painted(sqlite_store, "")
    assert picture is not None
    assert "Notices: Nov 12 too few," in picture.alt
    assert "Nov 18 15. Requests: Nov 12 too few" in picture.alt
    assert picture.thread_of is not None
    assert picture.thread_of[0] == "digest"
    assert "Tools &amp; &lt;toys&gt;" in picture.comment


def test_a_chinese_channels_picture_has_an_english_one_behind_it(sqlite_store: Store) -> None:
    picture = painted(sqlite_store, "zh-Hans")
    assert picture is not None
    assert "通知" in picture.svg
    assert "通知" in picture.alt
    assert "通知" not in picture.plain
    assert "Notices" in picture.plain


def test_every_picture_in_other_letters_has_an_english_one_behind_it(sqlite_store: Store) -> None:
    def paint(_session: Session, _id: str, viewer: Viewer, _now: datetime) -> Pictured:
        return Pictured("", "", "", viewer.words.text("digest_charts.notices"))

    def do(session: Session) -> list[Pictured | None]:
        viewers = [Viewer(words_for(locale), CHANNEL) for locale in ("zh-Hans", "de")]
        return [painted_anywhere(paint, session, "", viewer, MORNING) for viewer in viewers]

    chinese, other = sqlite_store.read_sync(do)
    assert chinese == Pictured("", "", "", "通知", plain="Notices")
    assert other == Pictured("", "", "", "Notices")


def test_another_kind_of_channel_gets_no_picture_of_a_group(sqlite_store: Store) -> None:
    assert painted(sqlite_store, "", ChannelPurpose.BRAND) is None
