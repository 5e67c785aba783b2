"""The command line as a host uses it: a real process, a real database, plain words and exit codes."""

import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
Ran = subprocess.CompletedProcess[str]


def goodfaith(*arguments: str, **environ: str) -> Ran:
    """Run the command with nothing in its environment but what is given."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("GOODFAITH_", "SLACK_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT, env=clean | environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'alliance.db'}"


def test_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert goodfaith("version").stdout.strip() == project["version"]


def test_help_names_every_command_in_one_line_each() -> None:
    said = goodfaith("--help").stdout
    for name in ("run", "doctor", "manifest", "admin", "seed", "audit", "db", "openapi", "version"):
        assert f"    {name} " in said


def test_no_command_takes_a_secret_as_an_option() -> None:
    said = goodfaith("run", "--help").stdout
    assert "--port" in said
    assert not [word for word in ("token", "--secret", "--slack-signing") if word in said]


def test_manifest_prints_yaml_with_the_host_s_address() -> None:
    document = yaml.safe_load(goodfaith("manifest", "--url", "https://bot.host.example").stdout)
    assert document["settings"]["interactivity"]["request_url"] == "https://bot.host.example/slack/events"


def test_openapi_prints_json() -> None:
    assert json.loads(goodfaith("openapi").stdout)["openapi"].startswith("3.")


def test_run_says_every_fault_of_its_settings_and_no_trace() -> None:
    ran = goodfaith("run", "--port", "http", GOODFAITH_SECRET="short")
    assert ran.returncode == 2
    faults = ran.stderr.splitlines()
    assert len(faults) == 4
    assert all(fault.startswith("goodfaith: ") for fault in faults)
    assert "Traceback" not in ran.stderr


def test_the_database_is_brought_up_to_date_and_its_audit_chain_is_verified(url: str) -> None:
    upgraded = goodfaith("db", "upgrade", "--database-url", url)
    assert (upgraded.returncode, upgraded.stdout) == (0, "The database is up to date.\n")
    verified = goodfaith("audit", "verify", GOODFAITH_DATABASE_URL=url)
    assert verified.returncode == 0
    assert verified.stdout.startswith("The audit chain is intact: 0 rows")


def test_an_administrator_named_on_the_host_is_in_the_roster_and_in_the_audit(url: str) -> None:
    added = goodfaith("admin", "add", "U024BE7LH", "--team", "T024BE7LD", GOODFAITH_DATABASE_URL=url)
    assert (added.returncode, added.stderr) == (0, "")
    again = goodfaith("admin", "add", "U024BE7LH", "--team", "T024BE7LD", GOODFAITH_DATABASE_URL=url)
    assert again.returncode == 0
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        (grants,) = database.execute(
            "SELECT count(*) FROM role_grant WHERE role = 'administrator'"
        ).fetchone()
        actors = database.execute("SELECT DISTINCT actor FROM audit").fetchall()
    database.close()
    assert grants == 1
    assert actors == [("operator",)]
    assert goodfaith("audit", "verify", GOODFAITH_DATABASE_URL=url).returncode == 0


def test_an_administrator_needs_a_workspace(url: str) -> None:
    ran = goodfaith("admin", "add", "U024BE7LH", GOODFAITH_DATABASE_URL=url)
    assert ran.returncode == 2
    assert "--team" in ran.stderr


def test_a_database_that_cannot_be_opened_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = goodfaith("db", "upgrade", "--database-url", f"sqlite:///{tmp_path / 'file' / 'alliance.db'}")
    assert ran.returncode == 1
    assert ran.stderr.startswith("goodfaith: ")
    assert ran.stderr.count("\n") == 1
