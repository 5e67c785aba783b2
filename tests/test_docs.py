"""The documents: links lead somewhere, every capability has its line, and what is said to be tested is."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COUNTS = {"N": 13, "A": 12, "T": 6, "G": 4, "S": 5, "W": 6, "P": 4, "E": 6, "C": 9, "R": 5, "O": 5}


def rows() -> list[tuple[str, str, str, str, str]]:
    """The table of capabilities: id, state, what, where, test."""
    text = (ROOT / "docs/capabilities.md").read_text(encoding="utf-8")
    found = [
        match.groups() for match in re.finditer(r"^\|(.*)\|(.*)\|(.*)\|(.*)\|(.*)\|$", text, re.MULTILINE)
    ]
    cells = [tuple(cell.strip(" `") for cell in row) for row in found]
    return [(row[0], row[1], row[2], row[3], row[4]) for row in cells if re.fullmatch(r"[A-Z]\d+", row[0])]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    targets = [target.partition("#")[0] for target in LINK.findall(document.read_text(encoding="utf-8"))]
    inside = [
        target for target in targets if target and not target.startswith(("http://", "https://", "mailto:"))
    ]
    assert [target for target in inside if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_heading_finds_it(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if anchor and not path.startswith("http"):
            other = (document.parent / path) if path else document
            headings = re.findall(r"^#+ (.*)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {
                re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings
            }


def test_every_capability_has_one_line_in_order() -> None:
    assert [row[0] for row in rows()] == [
        f"{letter}{n}" for letter, count in COUNTS.items() for n in range(1, count + 1)
    ]


def test_every_state_is_one_of_three_and_what_works_is_tested() -> None:
    for ident, state, what, where, test in rows():
        assert state in {"works", "partly", "not yet"}, ident
        assert what, ident
        if state != "not yet":
            assert where, ident
            assert test, ident


def test_what_is_said_to_be_tested_is_tested_there() -> None:
    for ident, _, _, _, test in rows():
        for path in re.split(r"[,\s`]+", test):
            name, _, function = path.partition("::")
            if name:
                assert (ROOT / name).exists(), f"{ident}: {name}"
            if function:
                assert f"def {function}(" in (ROOT / name).read_text(encoding="utf-8"), f"{ident}: {function}"


def test_what_is_written_by_the_code_is_up_to_date() -> None:
    generate = runpy.run_path(str(ROOT / "docs/generate.py"))["generated"]
    stale = [path.name for path, text in generate().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run make docs"


def test_the_readme_begins_with_the_two_commands() -> None:
    commands = [line.split("#")[0].strip() for line in (ROOT / "README.md").read_text().splitlines()[1:4]]
    assert commands == ["", "make sandbox", "make test"]
