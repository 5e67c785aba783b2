"""The whole bot killed under load: what was acknowledged stands, and every effect happened exactly once."""

import sys
from pathlib import Path

import pytest

from tests.faults import planted, report
from tests.faults.campaign import Campaign
from tests.workspace import Workspace

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

LONG = pytest.param(50, marks=pytest.mark.long)
LIFE = {5: (1, 5), 50: (2, 12)}  # by kills: how many cards are answered before each


@pytest.mark.parametrize("kills", [5, LONG])
async def test_kills_under_load_lose_nothing_and_double_nothing(
    workspace: Workspace, database_kind: str, database_url: str, tmp_path: Path, kills: int
) -> None:
    campaign = Campaign(workspace, database_url, tmp_path, life=LIFE[kills])
    await campaign.run(kills)
    sys.stdout.write(f"{campaign}\n")
    assert not campaign.wrong, str(campaign)
    assert campaign.history.acknowledged > 5 * kills
    assert campaign.mid_send + campaign.history.cut_off > 0, "nothing was cut off: this proves nothing"
    if kills == 50:
        report.write(database_kind, campaign)


@pytest.mark.long
@pytest.mark.parametrize("bug", planted.BUGS)
async def test_a_planted_bug_is_found(
    workspace: Workspace, sqlite_url: str, tmp_path: Path, bug: str
) -> None:
    program = (planted.__file__, bug)
    campaign = Campaign(workspace, sqlite_url, tmp_path, program, life=(25, 35))
    await campaign.run(kills=6)
    sys.stdout.write(f"{bug}: {campaign}\n")
    _, invariant = planted.BUGS[bug]
    assert any(said.startswith(invariant) for said in campaign.wrong), f"{bug} was not found"
