"""The command line. Each command imports what it needs when it runs, so that the small ones start at once.

Exit codes: 0 done; 1 it did not work, or something is wrong; 2 the command or the settings cannot be used.
"""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from bot.clock import utc_now
from bot.lazy import load
from bot.settings import SECRET_NAMES, BadSettings, HostSettings, Settings

Environ = Mapping[str, str]
Act = Callable[[argparse.Namespace, Environ], int]
S = TypeVar("S", bound=HostSettings)


def command(arguments: Sequence[str], environ: Environ) -> int:
    """Parse and run one command line; faults go to standard error in plain words."""
    parsed = _parser().parse_args(arguments)
    act: Act = parsed.act
    try:
        return act(parsed, environ)
    except BadSettings as bad:
        for fault in bad.faults:
            _complain(fault)
        return 2
    except OSError as error:
        _complain(f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror))
        return 1
    except load("storage.errors").StoreError as error:
        _complain(f"the database: {error}")
        return 1


def _run(parsed: argparse.Namespace, environ: Environ) -> int:
    settings = _settings(Settings, parsed, environ)
    load("bot.logs").configure_logs(settings.log_level, settings.log_format, sys.stderr)
    gc.disable()  # as in `bot/__main__.py`
    application = load("bot.app")
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000)  # clicks leave next to nothing to collect; at 700, looking stopped all for 50 ms
    code: int = application.run(settings)
    return code


def _doctor(parsed: argparse.Namespace, environ: Environ) -> int:
    code: int = load("bot.doctor").examine(_given(parsed), parsed.config, environ, print)
    return code


def _manifest(parsed: argparse.Namespace, _: Environ) -> int:
    print(load("bot.manifest").text(parsed.url), end="")
    return 0


def _admin_add(parsed: argparse.Namespace, environ: Environ) -> int:
    add, operator = load("bot.enforcement.roster").add_administrator, load("bot.enforcement.access").OPERATOR
    with _store(_settings(HostSettings, parsed, environ)) as store:
        known = store.read_sync(load("storage.queries.installation").current)
        team_id = parsed.team or (known.team_id if known else "")
        if not team_id:
            _complain("the bot has not met its workspace yet: say which it is with --team")
            return 2
        store.run_sync(add, operator, team_id, parsed.user_id, now=utc_now())
    print(f"{parsed.user_id} is an administrator of the alliance.")
    return 0


def _seed(parsed: argparse.Namespace, environ: Environ) -> int:
    settings = _settings(Settings, parsed, environ)
    document = json.loads(Path(parsed.file).read_text(encoding="utf-8"))
    with _store(settings) as store:
        print(json.dumps(load("bot.seed").seed(store, settings, document, utc_now(), parsed.platform_url)))
    return 0


def _audit_verify(parsed: argparse.Namespace, environ: Environ) -> int:
    with _store(_settings(HostSettings, parsed, environ), read_only=True) as store:
        found = store.read_sync(load("storage.queries.audit").verify)
    if not found.intact:
        _complain(f"the audit chain is broken at row {found.first_bad}: {found.problem}")
        return 1
    print(f"The audit chain is intact: {found.rows} rows, the last is {found.head.seq} {found.head.hash}")
    return 0


def _openapi(_: argparse.Namespace, __: Environ) -> int:
    print(json.dumps(load("bot.contract.openapi").document(), indent=2, ensure_ascii=False))
    return 0


def _version(_: argparse.Namespace, __: Environ) -> int:
    print(version("goodfaith"))
    return 0


def _db_upgrade(parsed: argparse.Namespace, environ: Environ) -> int:
    with _store(_settings(HostSettings, parsed, environ)):
        print("The database is up to date.")
    return 0


@contextmanager
def _store(settings: HostSettings, *, read_only: bool = False) -> Iterator[Any]:
    """The store; one that is opened to write gets its schema brought up to date first."""
    store = load("storage.engine").open_store(settings.database_url, read_only=read_only)
    try:
        if not read_only:
            store.migrate()
        yield store
    finally:
        store.close_sync()


def _settings(kind: type[S], parsed: argparse.Namespace, environ: Environ) -> S:
    return kind.load(_given(parsed), parsed.config, environ)


def _given(parsed: argparse.Namespace) -> dict[str, str]:
    """The settings that were given as options, by name."""
    return {name: value for name, value in vars(parsed).items() if name.isupper() and value is not None}


def _complain(sentence: str) -> None:
    print(f"goodfaith: {sentence}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="goodfaith", description="Brands and a marketplace decide together."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(to: Any, name: str, act: Act, about: str, kind: type[HostSettings] | None = None) -> Any:
        one = to.add_parser(name, help=about, description=about)
        one.set_defaults(act=act)
        if kind is not None:
            _add_settings(one, kind)
        return one

    add(commands, "run", _run, "run the bot", Settings)
    add(commands, "doctor", _doctor, "say what is wrong with this installation", Settings)
    manifest = add(commands, "manifest", _manifest, "print the manifest of the Slack app for a host")
    manifest.add_argument(
        "--url", metavar="BASE", required=True, help="where Slack reaches the bot, https://..."
    )
    admin = commands.add_parser("admin", help="name administrators").add_subparsers(required=True)
    named = add(admin, "add", _admin_add, "make a person an administrator of the alliance", HostSettings)
    named.add_argument("user_id", metavar="USER_ID", help="the person's Slack user id")
    named.add_argument(
        "--team", metavar="TEAM_ID", default="", help="the workspace, if the bot has not met it"
    )
    seed = add(
        commands, "seed", _seed, "fill an empty database from a file that describes an alliance", Settings
    )
    seed.add_argument("file", metavar="FILE")
    seed.add_argument("--platform-url", metavar="URL", required=True, help="where the marketplace is reached")
    audit = commands.add_parser("audit", help="the audit log").add_subparsers(required=True)
    add(
        audit, "verify", _audit_verify, "recompute the audit chain and say whether it is intact", HostSettings
    )
    database = commands.add_parser("db", help="the database").add_subparsers(required=True)
    add(database, "upgrade", _db_upgrade, "bring the database's schema up to date", HostSettings)
    add(commands, "openapi", _openapi, "print the description of the platform API")
    add(commands, "version", _version, "print the version")
    return parser


def _add_settings(parser: argparse.ArgumentParser, kind: type[HostSettings]) -> None:
    """One option for each setting, apart from secrets: everybody on the host can read a command line."""
    parser.add_argument("--config", metavar="FILE", type=Path, help="a file of NAME=value lines")
    for field in kind.model_fields.values():
        name = str(field.alias)
        if name not in SECRET_NAMES:
            option = "--" + name.removeprefix("GOODFAITH_").lower().replace("_", "-")
            parser.add_argument(option, dest=name, metavar="VALUE", help=field.description)
