"""Write what the documents say about the code out of the code itself: settings, and who may do what.

`write` fills everything between a `<!-- generated: NAME -->` line and the next `<!-- end -->`; `check` says
which document is out of date. `make docs` writes, `make check` checks.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.enforcement.access import MATRIX, Column
from bot.enforcement.regimes import RULES, Counting, Silence, Window
from bot.settings import Settings, default_database_url

DOCS = Path(__file__).parent
PART = re.compile(r"(?<=<!-- generated: )(?P<name>\w+)(?P<head> -->\n).*?(?=<!-- end -->)", re.DOTALL)
COUNTED: Mapping[Counting, str] = {
    Counting.CALENDAR_DAYS: "calendar days",
    Counting.BUSINESS_DAYS: "business days",
    Counting.WITHOUT_SUNDAYS: "days without Sundays",
    Counting.MONTHS: "months",
}
COLUMNS: Mapping[Column, str] = {
    Column.EXPERT: "expert",
    Column.LEAD: "brand lead",
    Column.SMALL_MEMBER: "small member",
    Column.ASSOCIATION_OFFICER: "association officer",
    Column.PLATFORM_STAFF: "platform staff",
    Column.GROUP_CHAIR: "group chair",
    Column.ADMINISTRATOR: "administrator",
    Column.GUEST: "guest on a roster",
    Column.PLATFORM_CLIENT: "platform client",
}


def settings_table() -> str:
    """Every setting with its default and its purpose."""
    rows = ["| setting | needed | default | what it is for |", "|---|---|---|---|"]
    for field in Settings.model_fields.values():
        needed = "yes" if field.is_required() else ""
        default = "" if field.is_required() or field.default in (None, ()) else f"`{field.default}`"
        if field.default_factory is default_database_url:
            default = "a file in your data directory"
        elif field.default_factory is not None:
            default = ""
        rows.append(f"| `{field.alias}` | {needed} | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def rights_table() -> str:
    """The authorisation matrix, one row for each operation."""
    rows = [f"| operation | {' | '.join(COLUMNS.values())} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for operation, cells in MATRIX.items():
        shown = " | ".join(str(cells.get(column) or "-") for column in COLUMNS)
        rows.append(f"| {operation.value.replace('_', ' ')} | {shown} |")
    return "\n".join(rows) + "\n"


def regimes_table() -> str:
    """Every version of every regime of counter-notices, with what the platform API asks for."""
    rows = [
        "| `regime` | version | the seller's time | the brand's time | silence | must bring | source |",
        "|---" * 7 + "|",
    ]
    for rule in RULES:
        sellers = ", then ".join(_window(window) for window in rule.seller)
        brings = [f"`{name}`" for name in rule.particulars] + ["`papers`"] * bool(rule.papers)
        silence = "the listing comes back" if rule.silence is Silence.REINSTATE else "the marketplace decides"
        cells = (
            f"`{rule.regime.value}`",
            str(rule.version),
            sellers,
            _window(rule.brand),
            silence,
            ", ".join(brings),
            rule.source,
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _window(window: Window | None) -> str:
    return f"{window.length} {COUNTED[window.counting]}" if window else "any"


PARTS: Mapping[str, Callable[[], str]] = {
    "settings": settings_table,
    "rights": rights_table,
    "regimes": regimes_table,
}


def generated() -> dict[Path, str]:
    """What each generated document should hold."""
    wanted = {}
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if PART.search(text):
            wanted[path] = PART.sub(lambda part: part["name"] + part["head"] + PARTS[part["name"]](), text)
    return wanted


def main(action: str) -> int:
    """Write, or say what is out of date; the exit code."""
    stale = {
        path: text
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if action == "write":
            path.write_text(text, encoding="utf-8")
        else:
            print(f"{path.relative_to(DOCS.parent)} is out of date: run make docs", file=sys.stderr)
    return 1 if stale and action == "check" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
