"""What is wrong with this installation, in plain words. Nothing is changed and no lock is taken.

Every examination says one line, with what to do about it where it is not well. The exit code is
1 when anything is wrong, so that a script can ask too.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from bot import manifest
from bot.clock import utc_now
from bot.gateway import Gateway, SlackFailure, TokenReport
from bot.settings import BadSettings, HostSettings, Settings, on_loopback
from storage.engine import Store, open_store
from storage.errors import StoreError
from storage.records.roster import Role, RoleGrant

CLOCK_TOLERANCE = timedelta(seconds=60)  # Slack refuses and replays are judged by minutes
OLDEST_SOUND_SQLITE = (3, 51, 3)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `well` or not, and what is there or what to do."""

    well: bool
    sentence: str


def examine(given: Mapping[str, str], file: Path | None, environ: Mapping[str, str], say: Say) -> int:
    """Look at everything that can be looked at, even when some settings are wrong; the exit code."""
    findings = list(_of_settings(given, file, environ))
    for finding in findings:
        say(("  ok    " if finding.well else "  WRONG ") + finding.sentence)
    wrong = sum(not finding.well for finding in findings)
    say(f"{wrong} things are wrong." if wrong > 1 else "One thing is wrong." if wrong else "All is well.")
    return 1 if wrong else 0


def _of_settings(
    given: Mapping[str, str], file: Path | None, environ: Mapping[str, str]
) -> Iterator[Finding]:
    try:
        settings = Settings.load(given, file, environ)
    except BadSettings as bad:
        yield from (Finding(False, fault) for fault in bad.faults)
        try:
            yield from of_store(HostSettings.load(given, file, environ).database_url, ())
        except BadSettings:
            return
        return
    yield Finding(True, "the settings can be used")
    yield of_address(settings)
    yield from of_store(settings.database_url, settings.admins)
    yield from of_slack(asyncio.run(_ask_slack(settings)), utc_now(), manifest.bot_scopes())


def of_address(settings: Settings) -> Finding:
    """Whether Slack and the marketplaces can reach the bot, as far as the address tells."""
    if settings.public_url is None:
        if settings.socket_mode:
            return Finding(
                True, "Socket Mode needs no public address; marketplaces need GOODFAITH_PUBLIC_URL"
            )
        return Finding(False, "GOODFAITH_PUBLIC_URL is missing: Slack needs an address to send requests to")
    if on_loopback(settings.public_url) or on_loopback(settings.slack_api_url):
        return Finding(
            on_loopback(settings.slack_api_url),
            f"the public address is {settings.public_url}, on this machine",
        )
    secure = urlsplit(settings.public_url).scheme == "https"
    return Finding(
        secure, f"the public address is {settings.public_url}" + ("" if secure else ", without TLS")
    )


def of_store(url: str, admins: tuple[str, ...]) -> Iterator[Finding]:
    """Whether the database answers, is sound, is up to date, and knows an administrator."""
    try:
        store = open_store(url, read_only=True)
    except (StoreError, OSError, ValueError) as error:
        yield Finding(False, f"the database cannot be opened: {error}")
        return
    try:
        yield from _of_open_store(store, admins)
    except StoreError as error:
        yield Finding(False, f"the database does not answer: {error}")
    finally:
        store.close_sync()


def _of_open_store(store: Store, admins: tuple[str, ...]) -> Iterator[Finding]:
    health = asyncio.run(store.health())
    yield Finding(True, f"the database is {health.database}, {health.durability}")
    product, _, number = health.database.partition(" ")
    if product == "SQLite" and tuple(int(part) for part in number.split(".")) < OLDEST_SOUND_SQLITE:
        yield Finding(True, "this SQLite has a flaw in its WAL mode, so the slower rollback journal is used")
    if health.revision is None:
        yield Finding(False, "the database has no schema yet: start the bot, or run goodfaith db upgrade")
        return
    yield Finding(True, f"the schema is at revision {health.revision}")
    named = store.read_sync(_administrators) + len(admins)
    yield Finding(
        named > 0,
        f"administrators: {named}"
        if named
        else "no administrator: run goodfaith admin add, or set GOODFAITH_ADMINS",
    )


def _administrators(session: Session) -> int:
    live = select(RoleGrant.id).where(RoleGrant.role == Role.ADMINISTRATOR, col(RoleGrant.until).is_(None))
    return len(session.exec(live).all())


async def _ask_slack(settings: Settings) -> TokenReport | SlackFailure:
    gateway = Gateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    await gateway.start()
    try:
        return await gateway.inspect()
    except SlackFailure as failure:
        return failure
    finally:
        await gateway.close()


def of_slack(report: TokenReport | SlackFailure, now: datetime, wanted: frozenset[str]) -> Iterator[Finding]:
    """What Slack says of the token, against the manifest and this host's clock."""
    if isinstance(report, SlackFailure):
        yield Finding(False, f"Slack does not accept the bot token, or cannot be reached: {report}")
        return
    yield Finding(True, f"the bot token belongs to the workspace {report.identity.team_name}")
    missing, surplus = sorted(wanted - report.scopes), sorted(report.scopes - wanted)
    if missing:
        yield Finding(
            False, f"the token lacks {', '.join(missing)}: update the app's manifest and reinstall it"
        )
    if surplus:
        yield Finding(False, f"the token may do more than it needs: {', '.join(surplus)}; take these away")
    if not missing and not surplus:
        yield Finding(True, f"the token has the {len(wanted)} scopes of the manifest, and no others")
    if report.date is not None:
        off = abs(now - report.date)
        sentence = f"this host's clock and Slack's differ by {off.total_seconds():.0f} seconds"
        yield Finding(off <= CLOCK_TOLERANCE, sentence)
