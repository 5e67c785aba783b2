"""Writes what the long runs measured into the table of docs/operate/faults.md."""

import re
from datetime import UTC, datetime

from tests.faults.campaign import Campaign
from tests.workspace import ROOT

PAGE = ROOT / "docs" / "operate" / "faults.md"
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def write(database: str, campaign: Campaign) -> None:
    """Replace the row of that database; `database` is `sqlite` or `postgres`."""
    if campaign.figures is None:
        raise ValueError("the campaign was not judged")
    cells = (
        NAMES[database],
        campaign.kills,
        campaign.history.acknowledged,
        campaign.history.cut_off + campaign.mid_send,
        campaign.figures.effects,
        campaign.figures.deliveries,
        0,
        0,
        f"{campaign.mean_cycle:.1f}",
        f"{max(campaign.recovery_seconds):.1f}",
        datetime.now(UTC).date().isoformat(),
    )
    row = "| " + " | ".join(str(cell) for cell in cells) + " |"
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(rf"^\| {NAMES[database]} \|.*$", row, text, flags=re.MULTILINE), encoding="utf-8")
