"""Tables for spreadsheets: nothing in them becomes a formula, and what was written comes back."""

import csv
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sheets import LONGEST_CELL, Cell, Table, csv_of, harmless, xlsx_of

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\t\r\n"
COLUMNS = ("Title", "Number")


@pytest.mark.parametrize("sign", list(SIGNS))
def test_a_text_that_begins_like_a_formula_begins_with_an_apostrophe(sign: str) -> None:
    assert str(harmless(f"{sign}cmd|' /C calc'!A0")).startswith("'")


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("Runner 811", "Runner 811"),
        ("a - b", "a - b"),
        ("mail@example.com", "mail@example.com"),
        ("https://market.example/?a=1", "https://market.example/?a=1"),
        ("假货 = fake", "假货 = fake"),
        (-5, -5),
        (None, None),
        ("", ""),
        ("  =1+1", "'  =1+1"),
        ("\u200e=1+1", "'\u200e=1+1"),
        ('"=1+1', "'\"=1+1"),
        ("\x00=1+1", "'=1+1"),
        ("shoe;=1+1", "shoe;'=1+1"),
        ("shoe,\t@SUM(A1)", "shoe,\t'@SUM(A1)"),
        ("one\r\n+two", "one\r\n'+two"),
        ("bad\ud800end", "badend"),
    ],
)
def test_what_a_cell_becomes(cell: Cell, kept: Cell) -> None:
    assert harmless(cell) == kept


def test_a_csv_has_its_mark_and_everything_in_quotation_marks() -> None:
    made = csv_of(Table("Cases", COLUMNS, [["=1+1", 3], ['say "hi", twice\nover', None]]))
    assert made.startswith(b'\xef\xbb\xbf"Title","Number"\r\n')
    rows = list(csv.reader(StringIO(made.decode("utf-8-sig"), newline="")))
    assert rows == [list(COLUMNS), ["'=1+1", "3"], ['say "hi", twice\nover', ""]]


def cells(book: bytes) -> list[dict[str, tuple[str, str]]]:
    """Each sheet's cells by their place, as (type, value), read back; an empty cell is none."""
    found = []
    with ZipFile(BytesIO(book)) as opened:
        assert opened.testzip() is None
        names = sorted(name for name in opened.namelist() if name.startswith("xl/worksheets/"))
        for name in names:
            tree = ET.fromstring(opened.read(name))  # noqa: S314  # our own
            assert tree.find(f".//{MAIN}f") is None
            found.append(
                {
                    cell.attrib["r"]: (cell.get("t", "n"), "".join(cell.itertext()))
                    for cell in tree.iter(f"{MAIN}c")
                }
            )
    return found


def test_a_workbook_keeps_texts_as_texts_and_numbers_as_numbers() -> None:
    tables = [
        Table("Notices & more: [all]/*?", COLUMNS, [['<b>=1</b> & "x"', 3], ["@SUM(A1)", None]]),
        Table("Two", ("One",), []),
    ]
    first, second = cells(xlsx_of(tables))
    assert first == {
        "A1": ("inlineStr", "Title"),
        "B1": ("inlineStr", "Number"),
        "A2": ("inlineStr", '<b>=1</b> & "x"'),
        "B2": ("n", "3"),
        "A3": ("inlineStr", "'@SUM(A1)"),
    }
    assert second == {"A1": ("inlineStr", "One")}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=20) | st.integers(-9, 9) | st.none(), min_size=1, max_size=4))
def test_no_cell_of_either_file_begins_like_a_formula(row: list[Cell]) -> None:
    table = Table("Any", ["c"] * len(row), [row])
    text = csv_of(table).decode("utf-8-sig")
    (_, read) = list(csv.reader(StringIO(text, newline="")))
    (sheet,) = cells(xlsx_of([table]))
    for column, (given_, in_csv) in enumerate(zip(row, read, strict=True)):
        kind, _ = sheet.get(f"{'ABCD'[column]}2", ("nothing", ""))
        if isinstance(given_, str):
            assert not in_csv.startswith(tuple(SIGNS))
            assert kind == ("inlineStr" if in_csv else "nothing")
            assert len(in_csv) <= LONGEST_CELL
        else:
            assert kind == ("nothing" if given_ is None else "n")
