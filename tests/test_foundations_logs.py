"""Logs that cannot leak: canaries in every place where one could slip through, at DEBUG."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.logs import ALLOWED_FIELDS, configure_logs, correlation, logger

ROOT = Path(__file__).parents[1]

CANARIES = (
    "xoxb-17653470-Zm9vYmFy",
    "xapp-1-A0B1C2-99-deadbeef",
    "gfk_01JD_s3cr3tPart",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "v0=" + "a1" * 32,
    "bot:hunter2",
)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    written = io.StringIO()
    configure_logs("DEBUG", "json", written)
    yield written
    root.handlers, root.level = before, level


def fail(text: str) -> None:
    raise ValueError(text)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("canary", CANARIES)
def test_no_secret_gets_into_a_log_by_any_way(stream: io.StringIO, canary: str) -> None:
    text = f"postgresql://{canary}@db/x" if ":" in canary else f"answered {canary} late"
    logger("bot.test").warning(text, reason=text, body=text)
    logging.getLogger("slack_sdk.web").warning("failed: %s", text)
    try:
        fail(text)
    except ValueError:
        logger("bot.test").exception("it failed")
        logging.getLogger("somebody.else").exception("it failed")
    assert len(lines(stream)) == 4
    assert canary not in stream.getvalue()


def test_only_named_fields_pass(stream: io.StringIO) -> None:
    logger("bot.test").info("answered", status=200, listing_title="Nordlys runner", body="typed text")
    assert set(lines(stream)[0]) == {"event", "status", "level", "logger", "timestamp"}


def test_a_line_break_cannot_forge_a_line(stream: io.StringIO) -> None:
    logger("bot.test").info('one\n{"event": "forged"}\u2028two', route="/a\r\nb")
    assert len(stream.getvalue().splitlines()) == 1
    assert lines(stream)[0]["route"] == "/a b"


def test_an_exception_is_told_by_kind_and_place_without_its_text(stream: io.StringIO) -> None:
    try:
        fail("what a person typed")
    except ValueError:
        logger("bot.test").exception("it failed")
    line = lines(stream)[0]
    assert line["error"] == "ValueError"
    assert str(line["where"]).startswith("test_foundations_logs.py:")
    assert "typed" not in stream.getvalue()


@pytest.mark.parametrize(
    "name", ["slack_bolt.RequestVerification", "slack_sdk.web", "apscheduler", "sqlalchemy"]
)
def test_libraries_are_mute_below_a_warning_even_at_debug(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("Invalid request signature detected (body: %s)", "text=secret")
    assert stream.getvalue() == ""


def test_every_line_of_a_request_carries_its_id(stream: io.StringIO) -> None:
    before = correlation.set("0123456789abcdef")
    logger("bot.test").info("ours")
    logging.getLogger("somebody.else").warning("theirs")
    correlation.reset(before)
    assert [line["request"] for line in lines(stream)] == ["0123456789abcdef"] * 2


def test_people_can_read_the_console_form(stream: io.StringIO) -> None:
    console = io.StringIO()
    configure_logs("INFO", "console", console)
    logger("bot.test").info("ready", port=3000)
    assert "ready" in console.getvalue()
    assert "port=3000" in console.getvalue()
    assert stream.getvalue() == ""


def fields_logged() -> set[str]:
    """Every field that the product gives to a log call."""
    paths = [path for package in ("bot", "handlers", "storage") for path in (ROOT / package).rglob("*.py")]
    calls = [
        node
        for path in paths
        if "sandbox" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("log.", "_log.", "logger("))
    ]
    return {keyword.arg for call in calls for keyword in call.keywords if keyword.arg}


def test_no_field_is_logged_in_vain() -> None:
    assert fields_logged() - ALLOWED_FIELDS - {"exc_info"} == set()
