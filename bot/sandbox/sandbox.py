"""Everything that one running sandbox consists of, in one place for the doors that need it."""

from collections import deque
from dataclasses import dataclass, field

from bot.sandbox.clock import OffsetClock
from bot.sandbox.delivery import Delivery
from bot.sandbox.events import Events
from bot.sandbox.fanout import FanOut
from bot.sandbox.faults import Faults
from bot.sandbox.limits import Reach
from bot.sandbox.manifest import Manifest
from bot.sandbox.records import Json, Memory
from bot.sandbox.refusal import Refusal
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.tickets import Tickets
from bot.sandbox.views import Views
from bot.sandbox.workspace import Workspace

CALLS_KEPT = 20_000


@dataclass(frozen=True)
class Credentials:
    """What the installed app proves itself with, and what we prove ourselves with to it."""

    bot_token: str
    signing_secret: str
    app_token: str = ""


@dataclass
class Options:
    """Where the app listens, and what tests like to hurry."""

    bot_url: str = ""
    retry_scale: float = 1.0
    trigger_seconds: float = 3.0
    unreachable_hosts: set[str] = field(default_factory=lambda: {"unreachable.example"})


class Sandbox:
    """The parts of the workspace server, wired together."""

    def __init__(
        self, memory: Memory, manifest: Manifest, credentials: Credentials, options: Options | None = None
    ) -> None:
        options = options or Options()
        self.memory = memory
        self.manifest = manifest
        self.credentials = credentials
        self.clock = OffsetClock()
        self.fanout = FanOut()
        self.workspace = Workspace(memory, self.clock, self.fanout)
        self.reach = Reach(options.unreachable_hosts, self.workspace.shows)
        self.views = Views(memory, self.fanout, self.reach)
        self.tickets = Tickets(trigger_seconds=options.trigger_seconds)
        self.faults = Faults()
        self.socket = SocketMode(memory.app_id)
        self.delivery = Delivery(
            self.socket, credentials.signing_secret, options.bot_url, options.retry_scale
        )
        self.events = Events(self.workspace, manifest, self.delivery)
        self.calls: deque[Json] = deque(maxlen=CALLS_KEPT)

    @property
    def base_url(self) -> str:
        """This server's own address, without a slash at the end."""
        return self.workspace.base_url

    def require(self, scope: str) -> None:
        """:raises Refusal: missing_scope, naming what is needed and what the token has"""
        if scope not in self.manifest.scopes:
            provided = ",".join(sorted(self.manifest.scopes))
            raise Refusal("missing_scope", needed=scope, provided=provided)

    async def close(self) -> None:
        """Stop deliveries and sockets."""
        await self.socket.close()
        await self.delivery.close()
