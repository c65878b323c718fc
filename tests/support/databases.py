"""A real PostgreSQL for tests, from the programs of this machine; each test has a database of its own in it.

A test that needs one is skipped where it is not installed; ``.ci/run`` installs it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemons import free_port

__all__ = ["PostgreSQL", "find_postgresql", "postgresql"]

PATIENCE = 60.0  # seconds
#: Durability that costs time, and of no use to a server whose files nobody keeps: what dies here are its clients.
OPTIONS = "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB -c max_connections=200"


def find_postgresql() -> Path | None:
    """Return the directory of PostgreSQL's programs, the newest that there is; None when there is none."""
    found = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parent.parent.name.isdecimal()
    ]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    here = shutil.which("initdb")
    return None if here is None else Path(here).resolve().parent


class PostgreSQL:
    """A server on a free port of this machine, its files in one folder.

    Args:
        programs: where its programs are.
        folder: an empty folder; made over to another user where this one is root, as which it does not run.
    """

    _numbers = itertools.count()

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._log = folder / "postgresql.log"
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        command = [
            "-D",
            str(self._data),
            "-U",
            "flowkit",
            "--auth=trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        self._run("initdb", *command, "--locale=C.UTF-8")

    def _command(self, program: str, *options: str) -> list[str]:
        return [str(self._programs / program), *options]

    def _run(self, program: str, *options: str) -> None:
        done = subprocess.run(
            self._command(program, *options),
            user=self._user,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")

    def start(self) -> None:
        """Let it answer."""
        options = (
            f"{OPTIONS} -p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        )
        log = ["-l", str(self._log), "-o", options, "-w", "-t", str(int(PATIENCE))]
        self._run("pg_ctl", "start", "-D", str(self._data), *log)

    @property
    def pid(self) -> int:
        """The process that all others of the server are children of."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def stop(self, mode: str = "fast") -> None:
        """End it; ``immediate`` as if the machine had lost its power."""
        self._run("pg_ctl", "stop", "-D", str(self._data), "-m", mode, "-w")

    def create(self) -> str:
        """Make an empty database and return its URL, with a password that it does not ask for."""
        name = f"mock_{os.getpid()}_{next(self._numbers)}"
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "flowkit"]
        self._run("createdb", *address, name)
        return f"postgresql+psycopg://flowkit:pa55word@127.0.0.1:{self.port}/{name}"


@contextlib.contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a server for the length of a block; skip the test when PostgreSQL is not installed."""
    programs = find_postgresql()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="flowkit-postgresql-"))
    try:
        server = PostgreSQL(programs, folder)
        server.start()
        try:
            yield server
        finally:
            with contextlib.suppress(RuntimeError):  # a test may have ended it
                server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
