"""Structured logs that cannot leak: only named fields pass, and nothing that looks like a secret.

Libraries log bodies, tokens and user ids as they please, so theirs are muted below WARNING, Bolt's below
ERROR, and cut to one line. Every line carries the correlation id of the request that caused it.
"""

import json
import logging
import re
import traceback
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

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

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)  # the id of a request

Fields = MutableMapping[str, Any]


class Log(logging.LoggerAdapter[logging.Logger]):
    """The log of a module: `log.info("ready", port=3000)`."""

    def process(self, msg: Any, kwargs: Fields) -> tuple[Any, Fields]:
        """What is not for the library is a field."""
        return msg, {"exc_info": kwargs.pop("exc_info", None), "extra": {"fields": kwargs}}


def logger(name: str) -> Log:
    """The structured log of a module; pass fields of `ALLOWED_FIELDS`, for others are dropped."""
    return Log(logging.getLogger(name))


def configure_logs(level: str, log_format: str, stream: TextIO) -> None:
    """Send every log of the process, ours and the libraries', to `stream`, one event a line."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines(_for_machines if log_format == "json" else _for_people))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Bolt warns at each start that it ignores the token of the environment, as it should.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    for name in _MUTED:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def redact(text: str) -> str:
    """One line without secrets: tokens, keys, signatures, passwords in addresses, control characters."""
    return _CONTROL.sub(" ", _SECRETS.sub("[redacted]", text))[:_LONGEST]


class _Lines(logging.Formatter):
    def __init__(self, write: Callable[[Fields], str]) -> None:
        super().__init__()
        self._write = write

    def format(self, record: logging.LogRecord) -> str:
        event: Fields = getattr(record, "fields", {}) | {
            "request": correlation.get(),
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            **_where(record.exc_info[1] if record.exc_info else None),
        }
        kept = {name: value for name, value in event.items() if name in ALLOWED_FIELDS and value is not None}
        return self._write({name: redact(v) if isinstance(v, str) else v for name, v in kept.items()})


def _where(error: BaseException | None) -> Fields:
    """An exception -> its kind and where it was raised: its text may hold what people typed."""
    if error is None:
        return {}
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = (f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return {"error": type(error).__name__, "where": " > ".join(places)}


def _for_machines(event: Fields) -> str:
    return json.dumps(event, default=repr)


def _for_people(event: Fields) -> str:
    time, level, place, what = (event.pop(name) for name in ("timestamp", "level", "logger", "event"))
    fields = "".join(f" {name}={value}" for name, value in event.items())
    return f"{time} [{level}] {what} [{place}]{fields}"
