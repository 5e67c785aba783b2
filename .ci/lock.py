"""Keep requirements.lock in step with pyproject.toml, without a network for the check.

`write` compiles the lock with uv and puts a fingerprint of the dependency tables on its first line. `check`
refuses a lock whose fingerprint is another, a declared requirement that the lock does not pin to an accepted
version, a pin without a hash, and a version below a floor (`[tool.goodfaith.floors]`: each floor is the first
release without a published flaw).
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "requirements.lock"
MARK = "# dependency tables: "
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(project: dict[str, object]) -> list[str]:
    """Every requirement that the project states, of the product and of the development group."""
    tables = project["project"], project["dependency-groups"]
    return [*tables[0]["dependencies"], *tables[1]["dev"]]  # type: ignore[index]  # TOML is untyped


def fingerprint(project: dict[str, object]) -> str:
    """SHA-256 over the stated requirements, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(declared(project))).encode()).hexdigest()


def faults(project: dict[str, object], floors: dict[str, str], lock: str) -> list[str]:
    """Everything that is wrong between the two files, each as one sentence."""
    found = []
    if not lock.startswith(f"{MARK}{fingerprint(project)}\n"):
        found.append("requirements.lock was made from other dependency tables: run make lock")
    pins: dict[str, list[str]] = {}
    for pin in PIN.finditer(lock):
        pins.setdefault(_canonical(pin["name"]), []).append(pin["version"])
    for line in declared(project):
        wanted = Requirement(line)
        versions = pins.get(_canonical(wanted.name), [])
        if not any(wanted.specifier.contains(version) for version in versions):
            found.append(f"{line} is stated, but the lock pins {versions or 'nothing'}")
    for name, floor in floors.items():
        found += [
            f"{name} {version} is below its floor {floor}"
            for version in pins.get(name, [])
            if Version(version) < Version(floor)
        ]
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock.removeprefix(lock.partition("\n")[0] + "\n"))
    found += [f"{block.split()[0]} has no hash" for block in blocks if "--hash=sha256:" not in block]
    return found


def write() -> None:
    """Compile the lock anew. Where packages come from is configured by whoever runs it, never in the file."""
    project = tomllib.loads(PROJECT.read_text())
    command = [
        str(Path(sys.executable).parent / "uv"),
        "pip",
        "compile",
        "--universal",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
    ]
    command += ["--quiet", "--group", f"{PROJECT}:dev", str(PROJECT), "-o", str(LOCK)]
    if LOCK.exists():
        LOCK.write_text(
            LOCK.read_text().partition("\n")[2] if LOCK.read_text().startswith(MARK) else LOCK.read_text()
        )
    subprocess.run(command, check=True, cwd=ROOT)
    LOCK.write_text(f"{MARK}{fingerprint(project)}\n{LOCK.read_text()}")


def check() -> int:
    """Print what is wrong; 1 when anything is."""
    project = tomllib.loads(PROJECT.read_text())
    found = faults(project, project["tool"]["goodfaith"]["floors"], LOCK.read_text())
    for sentence in found:
        print(f"lock: {sentence}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        write()
    sys.exit(check())
