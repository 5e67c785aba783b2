"""The whole bot killed under load: what was acknowledged stands, and every effect happened exactly once."""

import sys
from pathlib import Path

import pytest

from tests.faults.campaign import Campaign
from tests.workspace import Workspace

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]


async def test_five_kills_under_load_lose_and_double_nothing(
    workspace: Workspace, database_url: str, tmp_path: Path
) -> None:
    campaign = Campaign(workspace, database_url, tmp_path)
    await campaign.run(kills=5)
    sys.stdout.write(f"{campaign}\n")
    assert not campaign.wrong, str(campaign)
    assert campaign.history.acknowledged > 50
    assert campaign.mid_send + campaign.history.cut_off > 0, "nothing was cut off: this proves nothing"
