"""The rules of the house that no linter knows, checked over the whole tree."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 400
PACKAGES = ("bot", "handlers", "storage")
REVISIONS = ROOT / "storage/migrations/versions"


def tracked(*suffixes: str) -> list[Path]:
    """The files that are kept in the repository and still there, by ending; all when none is given."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    paths = [ROOT / name for name in listed if name]
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def modules() -> list[Path]:
    """Every Python file of the product, without the generated revisions."""
    return [path for path in tracked(".py") if path.relative_to(ROOT).parts[0] in PACKAGES]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_packages_resolve_inside_the_checkout() -> None:
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        assert Path(spec.origin).parent == ROOT / package


def test_no_file_has_outgrown_its_room() -> None:
    grown = {
        named(path): lines
        for path in tracked(".py", ".js", ".css")
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert grown == {}


def test_every_init_is_empty() -> None:
    assert [
        named(path) for path in modules() if path.name == "__init__.py" and path.read_text().strip()
    ] == []


def test_every_module_says_why_it_exists() -> None:
    mute = [
        named(path)
        for path in modules()
        if path.name != "__init__.py"
        and REVISIONS not in path.parents
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert mute == []


def faults_of(tree: ast.AST) -> Iterator[str]:
    """What must not be in the product: code from data, shells, unchecked certificates, SQL from text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in {"pickle", "marshal", "shelve"})
        elif isinstance(node, ast.ImportFrom):
            if node.module in {"pickle", "marshal", "shelve", "apscheduler.jobstores.sqlalchemy"}:
                yield node.module
        elif isinstance(node, ast.Call):
            yield from faults_of_call(node)
        elif isinstance(node, ast.Constant) and node.value == "0.0.0.0":  # noqa: S104  # looked for, not used
            yield "listens everywhere"


def faults_of_call(call: ast.Call) -> Iterator[str]:
    called = ast.unparse(call.func)
    if called in {"eval", "exec", "compile", "yaml.load", "os.system"}:
        yield called
    if (
        called in {"text", "sa.text", "sqlalchemy.text"}
        and call.args
        and isinstance(call.args[0], ast.JoinedStr)
    ):
        yield "SQL from an f-string"
    for keyword in call.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if (keyword.arg == "shell" and value is True) or (
            keyword.arg in {"verify", "ssl"} and value is False
        ):
            yield f"{keyword.arg}={value}"


def test_forbidden_things_are_nowhere() -> None:
    found = {named(path): list(faults_of(ast.parse(path.read_text()))) for path in modules()}
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "bad",
    [
        "import pickle",
        "from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore",
        "eval('1')",
        "yaml.load(x)",
        "subprocess.run(x, shell=True)",
        "session.execute(text(f'select {x}'))",
        "requests.get(x, verify=False)",
        "run(host='0.0.0.0')",
    ],
)
def test_the_search_for_forbidden_things_finds_them(bad: str) -> None:
    assert list(faults_of(ast.parse(bad)))


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    # Put together from pieces, so that this file does not name them either.
    foreign = (
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "npmjs" + ".org",
        "/work" + "/",
        "/root" + "/",
        "/opt" + "/",
    )
    texts = [path for path in tracked() if path.suffix not in {".png", ".jpg", ".jpeg", ".webp", ".ico"}]
    assert [(named(path), word) for path in texts for word in foreign if word in path.read_text()] == []


def test_the_import_contracts_know_every_room_of_the_bot() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    leaves = next(each for each in contracts if each["name"] == "words, contract and clock are leaves")
    known = {
        *leaves["source_modules"],
        *leaves["forbidden_modules"],
        "bot.sandbox",
        "bot.__main__",
        "bot.__init__",
    }
    rooms = {
        f"bot.{path.relative_to(ROOT / 'bot').parts[0].removesuffix('.py')}"
        for path in modules()
        if path.is_relative_to(ROOT / "bot")
    }
    assert rooms - known == set()
