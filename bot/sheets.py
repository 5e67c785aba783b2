"""Tables as files for spreadsheets, written so that no cell can become a formula.

What strangers wrote stands in these cells. A program that opens a CSV takes a cell that begins with a sign
such as `=` for a formula, also in its full-width form; one of other habits splits a text at a separator
that is none here. Such beginnings get an apostrophe. In a workbook every text is kept as text besides.

Pure functions of plain values: they hold the interpreter's lock, so they run in a child process.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO, StringIO
from typing import Any

from bot import lazy

Cell = str | int | None
LONGEST_CELL = 32_767  # what a cell of a workbook takes, in UTF-16
_NAME = 31  # characters of a sheet's name
_WIDTH = 22  # of a column, in characters

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b"
_BEGINNING = re.compile(rf"^(?=[{_SIGNS}\t\r\n|])")
# A space, a mark of direction or a quotation mark before the sign changes nothing for some programs.
_HIDDEN = re.compile(rf"^(?=[\s\"'\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+[{_SIGNS}])")
_SPLIT = re.compile(rf"([;,\t\r\n][\s\"']*)(?=[{_SIGNS}])")
# What no XML and no cell may hold.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BAD_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Table:
    """A name, what stands above its columns, its rows."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def harmless(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula; numbers are our own and stay."""
    return _harmless(cell) if isinstance(cell, str) else cell


@lru_cache(maxsize=10_000)  # brands, states and days come over and over
def _harmless(cell: str) -> str:
    text = _SPLIT.sub(r"\1'", _UNFIT.sub("", cell))
    text = f"'{text}" if _BEGINNING.search(text) or _HIDDEN.search(text) else text
    return text[: LONGEST_CELL // 2]


def csv_of(table: Table) -> bytes:
    """A table as CSV: UTF-8 with a byte order mark, commas, everything in quotation marks."""
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([harmless(column) for column in table.columns])
    writer.writerows([harmless(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(tables: Sequence[Table]) -> bytes:
    """Tables as the sheets of one workbook, texts as texts."""
    kept = BytesIO()
    # Row by row: a long table is never whole in memory. Nothing that a text looks like is made of it.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = lazy.load("xlsxwriter").Workbook(kept, options)
    # A quote prefix keeps a text a text when somebody edits it.
    text = book.add_format({"num_format": "@", "quote_prefix": True})
    above = book.add_format({"num_format": "@", "quote_prefix": True, "bold": True})
    for number, table in enumerate(tables, start=1):
        sheet = book.add_worksheet(_sheet_name(table.name, number))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(table.columns) - 1, _WIDTH)
        _write(sheet, 0, table.columns, above)
        for position, row in enumerate(table.rows, start=1):
            _write(sheet, position, row, text)
    book.close()
    return kept.getvalue()


def _sheet_name(name: str, number: int) -> str:
    fit = _BAD_NAME.sub(" ", _UNFIT.sub("", name)).strip("' ")
    return fit[:_NAME].strip("' ") or str(number)


def _write(sheet: Any, position: int, cells: Sequence[Cell], style: Any) -> None:
    for column, each in enumerate(cells):
        cell = harmless(each)
        if cell is None or cell == "":
            continue
        if isinstance(cell, str):
            sheet.write_string(position, column, cell, style)
        else:
            sheet.write_number(position, column, cell)
