"""The doctor: against the sandbox, with other scopes, and with settings that cannot be used."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import manifest
from bot.doctor import examine, of_address, of_slack, of_store
from bot.gateway import Identity, SlackRefused, TokenReport
from bot.settings import Settings
from tests.test_cli import goodfaith
from tests.workspace import BOT_TOKEN, SIGNING_SECRET, Workspace

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
IDENTITY = Identity("T1", "Good Faith Alliance", "", "U0BOT", "B1")
SCOPES = frozenset({"chat:write", "commands"})
GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "GOODFAITH_SECRET": "s" * 32}


def said_of_slack(scopes: frozenset[str] = SCOPES, date: datetime | None = NOW) -> dict[str, bool]:
    report = TokenReport(IDENTITY, scopes, date)
    return {finding.sentence: finding.well for finding in of_slack(report, NOW, SCOPES)}


async def test_a_sound_installation_has_nothing_wrong(workspace: Workspace, tmp_path: Path) -> None:
    given = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": workspace.api_url,
        "GOODFAITH_SECRET": "s" * 32,
        "GOODFAITH_PUBLIC_URL": "http://127.0.0.1:3000",
        "GOODFAITH_DATABASE_URL": f"sqlite:///{tmp_path / 'alliance.db'}",
    }
    named = await asyncio.to_thread(goodfaith, "admin", "add", "U024BE7LH", "--team", "T1", **given)
    assert named.returncode == 0
    ran = await asyncio.to_thread(goodfaith, "doctor", **given)
    assert "WRONG" not in ran.stdout
    assert ran.stdout.endswith("All is well.\n")
    assert ran.returncode == 0


async def test_a_token_that_slack_does_not_know_is_said(workspace: Workspace, tmp_path: Path) -> None:
    given = GOOD | {
        "SLACK_API_URL": workspace.api_url,
        "GOODFAITH_DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}",
    }
    ran = await asyncio.to_thread(goodfaith, "doctor", **given)
    assert "invalid_auth" in ran.stdout
    assert ran.returncode == 1


def test_missing_and_surplus_scopes_are_both_wrong() -> None:
    missing = said_of_slack(frozenset({"commands"}))
    assert missing["the token lacks chat:write: update the app's manifest and reinstall it"] is False
    surplus = said_of_slack(SCOPES | {"admin"})
    assert surplus["the token may do more than it needs: admin; take these away"] is False
    assert all(said_of_slack().values())


@pytest.mark.parametrize(("seconds", "well"), [(0, True), (60, True), (61, False), (-61, False)])
def test_a_clock_that_is_off_by_more_than_a_minute_is_wrong(seconds: int, well: bool) -> None:
    said = said_of_slack(date=NOW + timedelta(seconds=seconds))
    assert said[f"this host's clock and Slack's differ by {abs(seconds)} seconds"] is well


def test_a_refusal_of_slack_is_said_with_its_word() -> None:
    (finding,) = of_slack(SlackRefused("token_revoked"), NOW, manifest.bot_scopes())
    assert not finding.well
    assert "token_revoked" in finding.sentence


@pytest.mark.parametrize(
    ("change", "well"),
    [
        ({"GOODFAITH_PUBLIC_URL": "https://bot.example"}, True),
        ({"GOODFAITH_PUBLIC_URL": "http://bot.example"}, False),
        ({"GOODFAITH_PUBLIC_URL": "https://127.0.0.1"}, False),
        ({}, False),
        ({"SLACK_APP_TOKEN": "xapp-1"}, True),
        ({"GOODFAITH_PUBLIC_URL": "http://127.0.0.1:1", "SLACK_API_URL": "http://127.0.0.1:2/api/"}, True),
    ],
)
def test_the_public_address_must_be_one_that_slack_can_reach(change: dict[str, str], well: bool) -> None:
    assert of_address(Settings.load({}, None, GOOD | change)).well is well


def test_a_database_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    (finding,) = of_store(f"sqlite:///{tmp_path / 'alliance.db'}", ())
    assert not finding.well
    assert "there is no database" in finding.sentence
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_schema_is_said(tmp_path: Path) -> None:
    (tmp_path / "alliance.db").touch()
    wrong = [each for each in of_store(f"sqlite:///{tmp_path / 'alliance.db'}", ()) if not each.well]
    assert [each.sentence for each in wrong] == [
        "the database has no schema yet: start the bot, or run goodfaith db upgrade"
    ]


def test_wrong_settings_are_said_and_the_database_is_still_looked_at(tmp_path: Path) -> None:
    lines: list[str] = []
    environ = {"GOODFAITH_DATABASE_URL": f"sqlite:///{tmp_path / 'alliance.db'}"}
    assert examine({}, None, environ, lines.append) == 1
    assert any("SLACK_BOT_TOKEN is missing" in line for line in lines)
    assert any("there is no database" in line for line in lines)
    assert lines[-1].endswith("things are wrong.")
