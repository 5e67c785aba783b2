"""What a start imports, and that whatever is imported later is there when it is asked for."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from bot.app import SOON
from bot.lazy import Later, MadeLater, load
from handlers.drawings import DRAWINGS, PICTURES, draw_home
from handlers.platform.routes import CALLS
from handlers.routes import ROUTES
from storage.migrations.schema import metadata

ROOT = Path(__file__).parents[1]
RECORDS = "storage.records."
# Each is a part of its own, or a library that only some of them need.
LATER = (
    *("handlers.slack", "handlers.blocks", "handlers.drawn", "handlers.platform.door"),
    *("bot.contract", "bot.enforcement.digests", "bot.messenger", "bot.webhooks", "storage.records.notices"),
    *("bot.charts", "bot.scheduler", "bot.words", "apscheduler", "babel", "multiprocessing"),
    *("alembic", "holidays", "numpy", "psycopg", "resvg_py", "xlsxwriter", "yaml"),
)
PRODUCT = [
    path
    for path in (*ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/**/*.py"))
    if "sandbox" not in path.parts  # which shares nothing with the bot
]


def texts(path: Path, *names: str) -> Iterator[str]:
    """The texts that these functions are called with."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in names:
                said = [each.value for each in args if isinstance(each, ast.Constant)]
                yield from (text for text in said if isinstance(text, str))


def imported(module: str) -> Iterator[str]:
    """The modules of records that a module of records imports."""
    for node in ast.walk(ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == RECORDS.rstrip("."):
            yield from (RECORDS + each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(RECORDS):
            yield str(node.module)


def brought(module: str, known: set[str]) -> set[str]:
    """A module of records and all that come with it."""
    if module not in known:
        known.add(module)
        for each in imported(module):
            brought(each, known)
    return known


def heirs(kind: type[Any]) -> Iterator[type[Any]]:
    """All classes made of it."""
    for each in type.__subclasses__(kind):
        yield each
        yield from heirs(each)


def test_every_route_drawing_and_call_leads_to_its_function() -> None:
    tables = (ROUTES.values(), DRAWINGS.values(), PICTURES.values(), [draw_home])
    parts = [*chain.from_iterable(tables), *(handler for _, _, handler in CALLS)]
    assert all(isinstance(part, Later) and callable(part.function()) for part in parts)


def test_whatever_is_imported_later_by_its_name_is_there() -> None:
    found = [
        *SOON,
        *(f"bot.enforcement.{text}" for text in texts(ROOT / "bot/app.py", "_look", "_tick")),
        *(text for path in PRODUCT for text in texts(path, "Later")),
    ]
    assert len(found) > 15
    assert all(callable(Later(each).function()) for each in found)
    modules = {text for path in PRODUCT for text in texts(path, "load")}
    assert {load(each).__name__ for each in modules} == modules


def test_what_is_made_later_is_made_once_and_when_it_is_asked_for() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("one")
        return "made"

    shelf = MadeLater({"one": make})
    assert (list(shelf), len(shelf), made) == (["one"], 1, [])
    assert [shelf["one"], shelf.get("one"), shelf.get("another")] == ["made", "made", None]
    assert made == ["one"]


def test_a_record_brings_the_tables_that_it_points_to() -> None:
    """Without them SQLAlchemy writes no row of it, in a process that has not met their module otherwise."""
    tables = metadata().tables
    records = [record for record in heirs(SQLModel) if hasattr(record, "__table__")]
    home = {record.__tablename__: record.__module__ for record in records}
    missing = {
        f"{table.name} -> {key.column.table.name}"
        for table in tables.values()
        for key in table.foreign_keys
        if home[key.column.table.name] not in brought(home[table.name], set())
    }
    assert missing == set()


def test_a_start_imports_no_part_before_somebody_asks_for_it() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import sys, bot.cli, bot.logs, bot.app; print(*sys.modules)"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert [name for name in listed if name.startswith(LATER)] == []
    assert "bot.app" in listed


@pytest.mark.parametrize("module", ["storage.records.notices", "handlers.slack.home"])
def test_the_search_for_a_late_import_would_find_it(module: str) -> None:
    assert import_module(module).__name__.startswith(LATER)
