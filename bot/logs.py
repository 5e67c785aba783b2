"""Structured logs that cannot leak: only named fields pass, and nothing that looks like a secret.

Libraries log bodies, tokens and user ids as they please, so theirs are muted below WARNING, Bolt's below
ERROR, and cut to one line. Every line carries the correlation id of the request that caused it.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

# fmt: off
ALLOWED_FIELDS = frozenset({
    "attempt", "count", "database", "days", "error", "event", "fault", "host", "id", "incident",
    "kind", "level", "logger", "method", "mode", "name", "outcome", "port", "reason", "request",
    "retry_after", "route", "row", "seconds", "signal", "status", "tick", "timestamp", "version",
    "where", "wrong",
})
# fmt: on
_SECRETS = re.compile(
    r"xox[a-z]-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+|gfk_\w+|whsec_[A-Za-z0-9+/=_-]+|v0=[0-9a-f]{16,}"
    r"|https?://hooks\.slack\.com/\S+|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_MUTED = ("slack_sdk", "apscheduler", "aiohttp", "asyncio", "sqlalchemy", "alembic")
_LONGEST = 500

Event = MutableMapping[str, Any]


def redact(text: str) -> str:
    """One line without secrets: tokens, keys, signatures, passwords in addresses, control characters."""
    return _CONTROL.sub(" ", _SECRETS.sub("[redacted]", text))[:_LONGEST]


def _only_allowed(_: object, __: str, event: Event) -> Event:
    allowed = {name: value for name, value in event.items() if name in ALLOWED_FIELDS or name.startswith("_")}
    return {name: redact(value) if isinstance(value, str) else value for name, value in allowed.items()}


def _where(_: object, __: str, event: Event) -> Event:
    """An exception -> its kind and where it was raised: its text may hold what people typed."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else None
    if info is True:
        error = sys.exc_info()[1]
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        event["error"] = type(error).__name__
        event["where"] = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return event


def configure_logs(level: str, log_format: str, stream: TextIO) -> None:
    """Send every log of the process, ours and the libraries', to `stream`, one event a line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _where,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _only_allowed,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Bolt warns at each start that it ignores the token of the environment, as it should.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    for name in _MUTED:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The structured logger of a module; pass fields of `ALLOWED_FIELDS`, for others are dropped."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound
