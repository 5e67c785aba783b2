"""A right that ends soon is told of twice, once at each step, where its company reads it."""

from datetime import date, timedelta

import pytest

from bot.enforcement import channels, right_reminders, rights
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.rights import RightDetails
from bot.messenger import Viewer
from bot.words.catalogue import words_for
from handlers.drawn.rights import draw_right_reminder
from storage.engine import Store
from storage.records.channels import ChannelPurpose
from storage.records.rights import RightKind
from tests.enforcement.alliance import BOT, NOW, Alliance, found

TODAY = NOW.date()
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("left", "step"), [(60, 60), (59, 60), (15, 60), (14, 14), (13, 14), (1, 14), (0, 14)]
)
def test_the_nearest_step_counts(left: int, step: int) -> None:
    assert right_reminders.step_of(TODAY + left * DAY, TODAY) == step


def keep(alliance: Alliance, holder: str, ends: date, *, confirmed: bool = True) -> str:
    details = RightDetails(
        kind=RightKind.TRADEMARK, title="MARK", number=str(ends), territory="Norway", expires_on=ends
    )
    right = alliance.do(rights.register_right, "operator", alliance.holders[holder], details)
    if confirmed:
        alliance.do(rights.confirm_right, "operator", right.id)
    return str(right.id)


def test_each_step_is_told_once_in_the_channel_else_to_the_lead(store: Store) -> None:
    alliance = found(store)
    brand = Scope(ChannelPurpose.BRAND, alliance.brands["nordlys"])
    alliance.do(channels.bind, "lena", brand, Seen("C1", [BOT, "ULENA"]))
    with_channel = keep(alliance, "nordlys", TODAY + 60 * DAY)
    without = keep(alliance, "halden", TODAY + 61 * DAY)
    keep(alliance, "nordlys", TODAY + 62 * DAY, confirmed=False)
    assert [tell(store, days) for days in range(4)] == [1, 1, 0, 0]
    assert [tell(store, days) for days in (46, 47, 47, 60, 70)] == [1, 1, 0, 0, 0]
    assert alliance.drawn("right_reminder") == {
        (f"{with_channel}-60", "C1"),
        (f"{without}-60", "UHUGO"),
        (f"{with_channel}-14", "C1"),
        (f"{without}-14", "UHUGO"),
    }


def tell(store: Store, days: int) -> int:
    return store.run_sync(right_reminders.remind, now=NOW + days * DAY)


def test_only_the_company_itself_reads_it(sqlite_store: Store) -> None:
    alliance = found(sqlite_store)
    right = keep(alliance, "nordlys", TODAY + 9 * DAY)
    words = words_for("en")
    own = Viewer(words, "C1", ChannelPurpose.BRAND, alliance.brands["nordlys"])
    drawn = sqlite_store.read_sync(draw_right_reminder, f"{right}-14", own, NOW)
    assert drawn is not None
    assert drawn.text == "*MARK* expires on Nov 30, 2026. After that notices may not rely on it."
    assert sqlite_store.read_sync(draw_right_reminder, f"{right}-14", Viewer(words, "ULENA"), NOW) is not None
    for viewer in (
        Viewer(words, "C2", ChannelPurpose.BRAND, alliance.brands["halden"]),
        Viewer(words, "C3", ChannelPurpose.GROUP, alliance.groups["shoes"]),
        Viewer(words, "UEMIL"),
        Viewer(words, "UHUGO"),
    ):
        assert sqlite_store.read_sync(draw_right_reminder, f"{right}-14", viewer, NOW) is None, viewer
