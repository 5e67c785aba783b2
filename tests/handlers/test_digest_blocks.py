"""What digests look like: for whom they are drawn, inside Slack's limits, dead to what strangers write."""

import json
from datetime import date, timedelta

import pytest
from sqlmodel import Session

from bot.messenger import Drawn, Viewer
from bot.sandbox.limits import check_message, check_view
from bot.words.catalogue import words_for
from handlers.blocks import digests as blocks
from handlers.drawn.digests import draw_digest, draw_digest_detail
from storage.engine import Store
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import Attained, Count, DigestFigures, DigestPreview, NamedSeller, Split
from storage.records.groups import Digest, DigestSubscription, GroupKind, WorkingGroup
from tests.enforcement.digest_world import CHANNEL, MORNING, found

WORDS = words_for("en-GB", "Europe/London")
DAY = date(2026, 11, 18)
EVIL = "*Bold* <!channel> <https://evil.example|Official> :skull: " * 9
GROUP = WorkingGroup(
    name="Everyday & <goods>",
    name_key="e",
    kind=GroupKind.INDUSTRY,
    created_at=MORNING,
)
BARE = DigestFigures(
    first=DAY,
    last=DAY,
    zone="Europe/London",
    notices=None,
    requests=None,
    verdicts=None,
    takedowns=None,
    attainment=None,
    sellers=(),
)
FULL = DigestFigures(
    first=DAY,
    last=DAY,
    zone="Europe/London",
    notices=Count(window=1, cases=1015),
    requests=Count(window=7, cases=20),
    verdicts=Split(window=28, rows={"fake": 15, "genuine": None, "other": None}, total=25),
    takedowns=Split(window=1, rows={"removed": None, "not_removed": None}, total=10),
    attainment=Attained(window=7, percent=96),
    sellers=tuple(NamedSeller(name=f"{number} {EVIL}", marketplace="openbazaar") for number in range(20)),
)


def preview_of(
    figures: DigestFigures, *, may_configure: bool = True, channel: str = CHANNEL
) -> DigestPreview:
    subscription = DigestSubscription(
        channel_id=CHANNEL,
        group_id=GROUP.id,
        hour=23,
        minute=30,
        zone="Antarctica/Troll",
        next_due_at=MORNING,
        changed_by="",
        changed_at=MORNING,
    )
    return DigestPreview(
        group=GROUP,
        too_small=True,
        channel_id=channel,
        subscription=subscription,
        may_configure=may_configure,
        until=MORNING,
        figures=figures,
    )


def test_figures_are_told_with_their_windows() -> None:
    text, shown = blocks.message(WORDS, GROUP, FULL, None)
    said = json.dumps(shown, ensure_ascii=False)
    assert text == "Digest of Everyday &amp; &lt;goods&gt; for Wednesday, 18 November 2026"
    assert "about 1,015" in said
    assert "about 20 in 7 days" in said
    assert "about 25 in 28 days" in said
    assert "at least 96% in 7 days (goal 97%)" in said
    assert "and more in the thread" in said
    _, told = blocks.detail(WORDS, GROUP, FULL)
    assert "Fake: about 15 in 28 days\\nGenuine: too few to show" in json.dumps(told)


def test_what_may_not_be_shown_is_said_to_be_too_few() -> None:
    _, shown = blocks.message(WORDS, GROUP, BARE, None)
    assert json.dumps(shown).count("too few to show") == 5
    _, told = blocks.detail(WORDS, GROUP, BARE)
    assert json.dumps(told).count("too few to show") == 7


@pytest.mark.parametrize("figures", [BARE, FULL])
def test_everything_stays_inside_slack_s_limits(figures: DigestFigures) -> None:
    for text, shown in (blocks.message(WORDS, GROUP, figures, MORNING), blocks.detail(WORDS, GROUP, figures)):
        check_message(text, shown, None, ())
    for may_configure in (True, False):
        check_view(blocks.preview(WORDS, preview_of(figures, may_configure=may_configure)), ())
    check_view(blocks.preview(WORDS, preview_of(figures, channel="")), ())
    many = [
        WorkingGroup(id=str(number), name="G" * 80, name_key="", kind=GroupKind.INDUSTRY, created_at=MORNING)
        for number in range(120)
    ]
    check_view(blocks.chooser(WORDS, many), ())


def test_nothing_that_a_stranger_wrote_comes_alive() -> None:
    for _, shown in (blocks.message(WORDS, GROUP, FULL, None), blocks.detail(WORDS, GROUP, FULL)):
        said = json.dumps(shown, ensure_ascii=False)
        assert "<!channel>" not in said
        assert "<https" not in said
        assert "*Bold*" not in said
        assert ":skull:" not in said


def test_the_form_starts_with_what_is_subscribed() -> None:
    said = json.dumps(blocks.preview(WORDS, preview_of(FULL)))
    assert '"initial_option": {"text": {"type": "plain_text", "text": "23:30"' in said
    assert '"value": "Antarctica/Troll"' in said


def test_a_digest_is_drawn_for_its_own_group_alone(store: Store) -> None:
    def make(session: Session) -> tuple[str, str]:
        world = found(session)
        digest = Digest(
            channel_id=CHANNEL,
            group_id=world.group,
            local_date=DAY + timedelta(days=1),
            due_at=MORNING,
            made_at=MORNING,
            figures=FULL.model_dump(mode="json"),
        )
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
    assert "late" not in json.dumps(message.blocks)
    assert detail is not None
    assert detail.thread_of == ("digest", digest_id)
    late, _ = draw(ChannelPurpose.GROUP, group_id, timedelta(hours=6, seconds=1))
    assert late is not None
    assert "This digest is late: it was due on 19 Nov 2026, 09:00" in json.dumps(late.blocks)
    for purpose, scope in (
        (ChannelPurpose.GROUP, "another group"),
        (ChannelPurpose.BRAND, group_id),
        (ChannelPurpose.PLATFORM, ""),
        (None, ""),
    ):
        assert draw(purpose, scope) == [None, None]
