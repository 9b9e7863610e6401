"""A server of PostgreSQL for the tests, from the system's package, where it is there."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
PASSWORD = "s3cret/of:the@server"
USER = "searcher"


def address(folder: Path) -> str:
    """Of the server in a folder."""
    return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@/postgres?host={folder}"


def programs() -> Path:
    """The folder of the newest server. Skips where there is none."""
    found = [place for pattern in PLACES for place in Path("/").glob(pattern[1:]) if (place / "initdb").is_file()]
    if not found:
        pytest.skip("no server of PostgreSQL is installed (Debian: apt-get install postgresql)")
    return max(
        found, key=lambda one: [int(part) for part in one.parent.name.split("-")[-1].split(".") if part.isdigit()]
    )


@contextmanager
def server() -> Iterator[Path]:
    """Starts a server that listens on a socket in the folder that is given; it and its data go in the end."""
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed (the extra postgres)")
    folder, account = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp")), _account()
    try:
        if account is not None:
            os.chown(folder, account, -1)
        (folder / "password").write_text(PASSWORD, "ascii")
        _run(
            account,
            "initdb",
            "-D",
            folder / "data",
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            "--no-sync",
            f"--pwfile={folder / 'password'}",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run(account, "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield folder
        finally:
            _run(account, "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> int | None:
    """The server refuses to run as root: who runs it then; None where that is who asks."""
    if os.getuid() != 0:
        return None
    import pwd  # of Unix only

    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return pytest.skip("the server does not run as root, and there is no other user")


def _run(account: int | None, program: str, *words: object) -> None:
    done = subprocess.run(
        [str(programs() / program), *map(str, words)],
        user=account,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
