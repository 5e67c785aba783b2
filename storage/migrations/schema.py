"""The schema as the code has it, and the revisions that lead to it."""

import importlib
import pkgutil
from pathlib import Path

from sqlalchemy import MetaData
from sqlmodel import SQLModel

import storage.records

FOLDER = Path(__file__).parent


def metadata() -> MetaData:
    """All tables of all records."""
    for module in pkgutil.iter_modules(storage.records.__path__):
        importlib.import_module(f"storage.records.{module.name}")
    return SQLModel.metadata


def revisions() -> list[str]:
    """The known revisions, oldest first: the numbers that the files of `versions` begin with."""
    return sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
