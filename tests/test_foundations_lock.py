"""The lock: a build stops when a pin is missing, unhashed, too old, or made from other dependency tables."""

import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LOCK: dict[str, Any] = runpy.run_path(str(ROOT / ".ci/lock.py"))
PROJECT: dict[str, Any] = {
    "project": {"dependencies": ["aiohttp>=3.13.4"]},
    "dependency-groups": {"dev": ["ruff>=0.11"]},
}
PINS = "aiohttp==3.14.5 \\\n    --hash=sha256:00\nruff==0.12.0 \\\n    --hash=sha256:11\n"
FLOORS = {"aiohttp": "3.13.4"}


def faults(pins: str = PINS, project: dict[str, Any] = PROJECT) -> list[str]:
    found: list[str] = LOCK["faults"](
        project, FLOORS, f"{LOCK['MARK']}{LOCK['fingerprint'](PROJECT)}\n{pins}"
    )
    return found


def test_the_lock_of_this_repository_is_in_step() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    floors = project["tool"]["goodfaith"]["floors"]
    assert LOCK["faults"](project, floors, (ROOT / "requirements.lock").read_text()) == []
    assert faults() == []


@pytest.mark.parametrize(
    ("pins", "sentence"),
    [
        (PINS.replace("3.14.5", "3.13.3"), "aiohttp 3.13.3 is below its floor 3.13.4"),
        (PINS.replace("3.14.5", "3.13.3"), "aiohttp>=3.13.4 is stated, but the lock pins ['3.13.3']"),
        (PINS.replace("ruff==", "rough=="), "ruff>=0.11 is stated, but the lock pins nothing"),
        (PINS.replace(" \\\n    --hash=sha256:11", ""), "ruff==0.12.0 has no hash"),
    ],
)
def test_a_lock_that_is_not_sound_is_refused(pins: str, sentence: str) -> None:
    assert sentence in faults(pins)


def test_other_dependency_tables_need_another_lock() -> None:
    fewer = PROJECT | {"project": {"dependencies": []}}
    assert faults(project=fewer) == ["requirements.lock was made from other dependency tables: run make lock"]
