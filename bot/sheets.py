"""Tables as files for spreadsheets, written so that no cell can become a formula.

What strangers wrote stands in these cells. A program that opens a CSV takes a cell that begins with a sign
such as `=` for a formula, also in its full-width form; one of other habits splits a text at a separator
that is none here. Such beginnings get an apostrophe. In a workbook every text is kept as text besides.

Pure functions of plain values: they hold the interpreter's lock, so they run in a child process.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO, StringIO
from typing import TextIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

Cell = str | int | None
LONGEST_CELL = 32_767  # what a cell of a workbook takes, in UTF-16
_NAME = 31  # characters of a sheet's name

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
    """Tables as the sheets of one workbook (Office Open XML, ISO/IEC 29500), texts as texts."""
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as book:
        numbers = range(1, len(tables) + 1)
        book.writestr("[Content_Types].xml", _types(numbers))
        book.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        book.writestr("xl/workbook.xml", _workbook(tables))
        sheets = [("worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
        book.writestr("xl/_rels/workbook.xml.rels", _relations([*sheets, ("styles", "styles.xml")]))
        book.writestr("xl/styles.xml", _STYLES)
        for number, table in zip(numbers, tables, strict=True):
            book.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(table))
    return kept.getvalue()


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Style 1 is text whose quote prefix keeps it text when somebody edits it; style 2 is that in bold.
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"'
    ' applyFont="1"/></cellXfs></styleSheet>'
)


def _types(numbers: range) -> str:
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_KIND}.worksheet+xml"/>'
        for number in numbers
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{parts}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'


def _workbook(tables: Sequence[Table]) -> str:
    sheets = "".join(
        f'<sheet name="{_attribute(_BAD_NAME.sub(" ", table.name)[:_NAME])}" sheetId="{number}" '
        f'r:id="rId{number}"/>'
        for number, table in enumerate(tables, start=1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _sheet(table: Table) -> str:
    made = StringIO()
    made.write(
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{len(table.columns)}" width="22" customWidth="1"/></cols><sheetData>'
    )
    _row(made, table.columns, 2)
    for row in table.rows:
        _row(made, row, 1)
    made.write("</sheetData></worksheet>")
    return made.getvalue()


def _row(made: TextIO, cells: Sequence[Cell], style: int) -> None:
    made.write("<row>")
    made.writelines(_cells(cells, style))
    made.write("</row>")


def _cells(cells: Sequence[Cell], style: int) -> Iterator[str]:
    for each in cells:
        cell = harmless(each)
        if cell is None or cell == "":
            yield "<c/>"
        elif isinstance(cell, str):
            yield f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        else:
            yield f"<c><v>{cell}</v></c>"


def _attribute(text: str) -> str:
    return escape(_UNFIT.sub("", text), {'"': "&quot;"})
