"""The composition root: builds every part, hands each what it needs, starts and stops them in order.

Stop order: take no more from Slack or the platform, finish what is under way, then let go of the database.
Whatever was committed and not yet said is said after the next start.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ShiftedClock, Tick
from bot.enforcement.access import OPERATOR
from bot.gateway import Gateway, Identity, SlackFailure
from bot.lazy import Later, MadeLater, load
from bot.logs import logger
from bot.metrics import Metrics
from bot.outbox import Deliverer, OutboxWorker
from bot.settings import Settings
from bot.slack_door import HttpDoor, SocketDoor
from bot.web import Check, build_web
from handlers.guard import Desk
from handlers.platform.pace import Pace
from handlers.platform.routes import platform_routes
from handlers.routes import register
from storage.engine import open_store
from storage.errors import StoreError
from storage.queries import inbox, installation, outbox

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from slack_sdk.socket_mode.aiohttp import SocketModeClient

    from bot.charts.render import Charts
    from bot.webhooks import WebhookDeliverer

OLDEST_DUE_SECONDS = 120  # an outbox that waits longer than this is not ready
OLDEST_PING_SECONDS = 60
CONNECT_SECONDS = 5
CLOCK_SECONDS = 1
# What the first click, notice and look at App Home need: on a busy machine an import takes one of the three
# seconds. Holidays are needed inside a transaction, in which others wait for its locks meanwhile.
SOON = (
    "holidays.country_holidays",
    "handlers.slack.authenticity.handle_answer",
    "handlers.drawn.authenticity.draw_request_card",
    "bot.messenger.DrawDeliverer",
    "handlers.slack.notice_form.handle_notice",
    "handlers.slack.home.handle_home_opened",
    "handlers.slack.goodfaith.handle_goodfaith",
)
SOON_SECONDS = 1
KEEP = timedelta(days=30)
KEEP_INBOX = timedelta(days=1)  # no sender repeats itself for longer

log = logger(__name__)


class Bot:
    """One running bot. `start` returns when it takes requests; `port` is where."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = ShiftedClock()
        self.metrics = Metrics()
        self.store = open_store(settings.database_url)
        self.gateway = Gateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        self.desk = Desk(
            store=self.store,
            gateway=self.gateway,
            clock=self.clock,
            metrics=self.metrics,
            own_marketplaces=settings.own_marketplaces,
            calendar=settings.calendar,
            service_percent=settings.service_percent,
            webhook_secret=settings.secret.get_secret_value().encode(),
            limits=settings.limits,
            remember_genuine=settings.remember_genuine,
            answer_time=settings.answer_time,
            largest_evidence=settings.largest_evidence,
            pace=Pace(settings.calls_a_minute),
        )
        self.identity: Identity | None = None
        self.port = 0
        self._webhooks: WebhookDeliverer | None = None
        self._charts: Charts | None = None
        self._worker = OutboxWorker(
            self.store,
            self._deliverers(),
            self.clock,
            observe=lambda kind, outcome: self.metrics.deliveries.labels(kind, outcome).inc(),
        )
        self._scheduler: AsyncIOScheduler | None = None
        self._runner: web.AppRunner | None = None
        self._socket: SocketModeClient | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open everything, in the order in which one part needs the other."""
        self.store.migrate()  # nothing runs beside it yet
        await self.gateway.start()
        await self._follow_clock()
        await self._learn_identity()
        bolt = self._bolt()
        await self._worker.start()
        await self._listen(bolt)
        if self.settings.slack_app_token is not None:
            await self._connect(bolt, self.settings.slack_app_token.get_secret_value())
        log.info("ready", port=self.port, mode="socket" if self._socket else "http")
        self._warming = asyncio.create_task(self._warm_up(), name="warm-up")

    async def _warm_up(self) -> None:
        await asyncio.sleep(SOON_SECONDS)  # whoever waited for the start comes first
        try:
            build = await Later("bot.scheduler.build_scheduler").beside()
            self._scheduler = build(self._ticks())
            self._scheduler.start()
        except Exception:
            log.exception("nothing is looked after: start again")
        for name in SOON:
            await Later(name).beside()

    async def stop(self) -> None:
        """Close everything, in the order in which nothing is lost."""
        for task in (self._warming, self._connecting):
            if task is not None:
                task.cancel()
        if self._socket is not None:
            await self._socket.close()  # type: ignore[no-untyped-call]  # the SDK's
        if self._runner is not None:
            await self._runner.cleanup()
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await self._worker.stop()
        if self._charts is not None:
            self._charts.close()
        if self._webhooks is not None:
            await self._webhooks.close()
        await self.gateway.close()
        await self.store.close()

    def _deliverers(self) -> MadeLater[Deliverer]:
        """Who delivers which kind of row; each is imported for the first row of its kind."""
        to_slack, settings = (self.store, self.gateway, self.clock), self.settings
        drawn, messenger, pictures = "handlers.drawings", "bot.messenger", "bot.pictures"

        def webhooks() -> "WebhookDeliverer":
            self._webhooks = load("bot.webhooks").WebhookDeliverer(
                self.store, self.desk.webhook_secret, allow_private=settings.allow_private_webhooks
            )
            return self._webhooks

        def charts() -> "Charts":
            self._charts = self._charts or load("bot.charts.render").Charts()
            return self._charts

        return MadeLater(
            {
                "draw": lambda: load(messenger).DrawDeliverer(
                    *to_slack, load(drawn).drawings(settings.limits)
                ),
                "picture": lambda: load(pictures).PictureDeliverer(
                    *to_slack,
                    charts(),
                    load(drawn).pictures(settings.calendar, settings.service_percent),
                ),
                "file": lambda: load("bot.files").FileDeliverer(
                    *to_slack, load("handlers.parcels").parcels(charts(), settings.calendar)
                ),
                "copy": lambda: load(pictures).CopyDeliverer(*to_slack),
                "whisper": lambda: load(messenger).WhisperDeliverer(self.store, self.gateway),
                "home": lambda: load(messenger).HomeDeliverer(
                    *to_slack, partial(load(drawn).draw_home, calendar=settings.calendar)
                ),
                "membership": lambda: load("bot.memberships").MembershipDeliverer(*to_slack),
                "profile": lambda: load("bot.profiles").ProfileDeliverer(*to_slack),
                "webhook": webhooks,
                "conversation": lambda: load("bot.conversations").ConversationDeliverer(
                    *to_slack, settings.calendar
                ),
            }
        )

    def _bolt(self) -> AsyncApp:
        # By default Bolt asks Slack who it is during the first clicks, and drops them while Slack is down.
        async def authorize() -> AuthorizeResult:
            known = self.identity
            return AuthorizeResult(
                enterprise_id=known.enterprise_id if known else None,
                team_id=known.team_id if known else None,
                bot_user_id=known.bot_user_id if known else None,
                bot_id=known.bot_id if known else None,
                bot_token=self.settings.slack_bot_token.get_secret_value(),
            )

        secret = self.settings.slack_signing_secret
        bolt = AsyncApp(
            name="goodfaith",  # to find one itself, Bolt reads the sources of all its callers
            signing_secret=secret.get_secret_value() if secret else "unused in Socket Mode",
            authorize=authorize,
            process_before_response=True,
            logger=logging.getLogger("slack_bolt"),  # else Bolt's loggers leave the level that ours gave them
        )
        register(bolt, self.desk)
        return bolt

    async def _listen(self, bolt: AsyncApp) -> None:
        secret = self.settings.slack_signing_secret
        door = (
            None
            if self.settings.socket_mode or secret is None
            else HttpDoor(bolt.async_dispatch, secret.get_secret_value())
        )
        application = build_web(
            slack=door, platform=platform_routes(self.desk), checks=self._checks(), metrics=self.metrics
        )
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.settings.host, self.settings.port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def _connect(self, bolt: AsyncApp, app_token: str) -> None:
        client: type[SocketModeClient] = load("slack_sdk.socket_mode.aiohttp").SocketModeClient
        self._socket = client(
            app_token=app_token,
            web_client=AsyncWebClient(base_url=self.settings.slack_api_url),
        )
        self._socket.socket_mode_request_listeners.append(SocketDoor(bolt.async_dispatch))
        # The SDK tries until Slack answers; meanwhile the bot works for the platform and can be stopped.
        self._connecting = asyncio.create_task(self._socket.connect(), name="socket")  # type: ignore[no-untyped-call]  # the SDK's
        await asyncio.wait({self._connecting}, timeout=CONNECT_SECONDS)

    async def _learn_identity(self) -> None:
        """From Slack, else from what Slack said last time: a start must not need Slack."""
        if self.identity is not None:
            return
        try:
            found = await self.gateway.identity()
        except SlackFailure as failure:
            log.warning("slack does not say who we are", reason=str(failure))
            kept = await self.store.read(installation.current)
            if kept is not None:
                self.identity = Identity(
                    kept.team_id, kept.team_name, kept.enterprise_id, kept.bot_user_id, kept.bot_id
                )
            return
        self.identity = found
        await self.store.run(
            installation.remember,
            team_id=found.team_id,
            team_name=found.team_name,
            enterprise_id=found.enterprise_id,
            bot_user_id=found.bot_user_id,
            bot_id=found.bot_id,
            now=self.clock(),
        )
        for user_id in self.settings.admins:
            add = Later("bot.enforcement.roster.add_administrator")
            await self.store.run(add, OPERATOR, found.team_id, user_id, now=self.clock())

    def _checks(self) -> list[Check]:
        checks = [Check("database", self._database), Check("outbox", self._outbox)]
        if self.settings.socket_mode:
            checks.append(Check("socket", self._pings))
        return checks

    async def _database(self) -> str | None:
        try:
            await self.store.health()
        except StoreError as error:
            return str(error)
        return None

    async def _outbox(self) -> str | None:
        age = await self._worker.age()
        self.metrics.outbox_age.set(age)
        if age > OLDEST_DUE_SECONDS:
            return f"the oldest message has been due for {age:.0f} seconds"
        return None

    async def _pings(self) -> str | None:
        last = self._socket.last_ping_pong_time if self._socket else None
        if last is None:
            return "Slack has not answered a ping yet"
        age = time.time() - last
        return f"the last ping was {age:.0f} seconds ago" if age > OLDEST_PING_SECONDS else None

    def _ticks(self) -> list[Tick]:
        ticks = [
            Tick("digests", timedelta(seconds=30), self._make_digests),
            self._tick(30, "counter_time.counter_notice_tick"),
            self._tick(60, "reports.report_tick"),
            self._tick(30, "deadlines.deadline_tick"),
            self._tick(30, "conversation_time.conversation_tick"),
            self._tick(15, "networks.link_tick"),
            self._tick(900, "right_reminders.reminder_tick"),
            self._tick(300, "groups.term_tick"),
            Tick("identity", timedelta(seconds=30), self._learn_identity),
            Tick("service days", timedelta(minutes=5), self._close_days),
            Tick("standing", timedelta(minutes=1), self._compute_standing),
            Tick("pruning", timedelta(hours=1), self._prune),
        ]
        if self.settings.clock_url:
            ticks.append(Tick("clock", timedelta(seconds=CLOCK_SECONDS), self._follow_clock))
        return ticks

    def _tick(self, seconds: int, name: str) -> Tick:
        return Tick(name, timedelta(seconds=seconds), partial(self._look, name))

    async def _look(self, name: str, *more: Any) -> Any:
        """What is due: a function of `bot.enforcement`, imported when it is first looked at."""
        look = await Later(f"bot.enforcement.{name}").beside()
        return await look(self.store, self.clock, *more)

    async def _make_digests(self) -> None:
        late = timedelta(hours=self.settings.digest_catch_up_hours)
        await self._look("digest_sending.digest_tick", self.settings.calendar, late)

    async def _close_days(self) -> None:
        report = await self._look("service_closing.closing_tick", self.settings.platform_zone)
        if report.differed:
            log.warning("a recount of service days differed", days=[str(day) for day in report.differed])

    async def _compute_standing(self) -> None:
        wrong = await self._look("standing_watch.standing_tick")
        if wrong is not None:
            self.metrics.standing_wrong.set(wrong)
            log.info("standings recounted", wrong=wrong)

    async def _prune(self) -> None:
        now = self.clock()
        await self.store.run(inbox.prune, now - KEEP_INBOX)
        await self.store.run(outbox.prune, now - KEEP)
        await self._look("evidence.waiting_tick")

    async def _follow_clock(self) -> None:
        """In the sandbox the time is the sandbox's; the settings refuse this anywhere else."""
        if not self.settings.clock_url:
            return
        with suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
                session.get(self.settings.clock_url) as answer,
            ):
                said = await answer.json()
            offset = timedelta(seconds=float(said["offset_seconds"]))
            if offset != self.clock.offset:
                self.clock.offset = offset
                await self._catch_up()

    async def _catch_up(self) -> None:
        """Whoever moved the clock wants to see what it brings."""
        await self._look("counter_time.counter_notice_tick")
        await self._compute_standing()
        await self._look("deadlines.deadline_tick")
        await self._look("conversation_time.conversation_tick")
        await self._look("reports.report_tick")
        await self._make_digests()


def run(settings: Settings) -> int:
    """Run until a signal says stop; the exit code."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(settings))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop in C, where there is one for this system; else Python's own."""
    try:
        factory: Callable[[], asyncio.AbstractEventLoop] = load("uvloop").new_event_loop
    except ImportError:
        return None
    return factory


async def _run(settings: Settings) -> int:
    bot = Bot(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await bot.start()
        await stop.wait()
    finally:
        await bot.stop()
    return 0
