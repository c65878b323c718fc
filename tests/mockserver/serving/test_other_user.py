"""The server as a user who owns nothing but one folder, on a file system that the kernel has made read-only.

It takes root to set that up: elsewhere the tests are skipped, and `test_read_only` stands for them.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import PostgreSQL
from flowkit import FlowClient
from flowkit.demo import DATA, upload
from mock_process import mock_process

NOBODY = 65534
#: What Python is made of, which whoever runs it has to reach.
NEEDED = (sys.base_prefix, sys.prefix, str(Path(__file__).parents[3]))

#: Arguments: the only folder to write in, a folder that only root may enter (or nothing), what is needed of that, and
#: a command behind ``--``.
SCRIPT = r"""
set -e
writable=$1 closed=$2
shift 2
mount --make-rprivate /
mount --bind "$writable" "$writable"
kept=$(TMPDIR=/tmp mktemp -d)
count=0
while [ "$1" != -- ]; do
    case "$1" in "$closed"/*)
        mkdir "$kept/$count"
        mount --bind "$1" "$kept/$count"
        echo "$1" > "$kept/$count.path" ;;
    esac
    count=$((count + 1))
    shift
done
shift
if [ -n "$closed" ]; then
    mount -t tmpfs -o mode=755 tmpfs "$closed"
    for path in "$kept"/*.path; do
        place=$(cat "$path")
        mkdir -p "$place"
        mount --bind "${path%.path}" "$place"
        umount "${path%.path}"
        rmdir "${path%.path}"
    done
fi
rm -r "$kept"
mount -o remount,bind,ro /
cd /
exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"
"""


def closed_folder() -> str:
    """Return the outermost folder above what Python is made of that others than root may not enter; "" for none."""
    for needed in NEEDED:
        for folder in reversed(Path(needed).parents):
            if not folder.stat().st_mode & 0o001:
                return str(folder)
    return ""


def command(writable: Path, *arguments: str) -> list[str]:
    """Return the command that runs another as nobody, with one folder to write in."""
    setting = (str(writable), closed_folder(), *NEEDED)
    return ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", *setting, "--", *arguments]


@functools.cache
def obstacle() -> str | None:
    """Return why this machine cannot run the tests; None when it can."""
    if os.name == "nt" or os.geteuid() != 0:
        return "only root can make a file system read-only for one process"
    if missing := [name for name in ("unshare", "setpriv", "mount") if shutil.which(name) is None]:
        return f"not installed: {', '.join(missing)} (apt-get install util-linux)"
    with tempfile.TemporaryDirectory(prefix="flowkit-nobody-") as folder:
        probe = command(Path(folder), sys.executable, "-B", "-c", "pass")
        done = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=60)
    return f"this machine does not let it: {done.stderr.strip()}" if done.returncode else None


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of nobody's, below folders that nobody may enter."""
    if (reason := obstacle()) is not None:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="flowkit-nobody-") as name:
        os.chown(name, NOBODY, NOBODY)
        yield Path(name)


def train(folder: Path, *options: str, tmp: Path | None = None) -> None:
    """Train on a server of nobody's, and end it."""
    environment = {
        "TMPDIR": str(tmp or folder / "none"),
        "HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    whole = command(folder, sys.executable, "-m", "flowkit_mockserver")
    with mock_process(*options, command=whole, environment=environment) as server:
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        assert f"Uid:\t{NOBODY}\t{NOBODY}" in status
        with FlowClient(server.url) as flow:
            for role in ("guest", "host"):
                upload(flow, role)
            job = flow.job.submit(DATA / "train_conf.json", DATA / "train_dsl.json")
            assert flow.job.wait(job.job_id, timeout=60).data["status"] == "success"
        server.process.terminate()
        assert server.process.wait(30) == 0


def test_the_file_system_is_read_only_but_for_the_folder(folder: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "pathlib.Path(sys.argv[1], 'mine').touch()\n"
        "for place in ('/tmp', '/var/tmp', sys.argv[2]):\n"
        "    assert not os.access(place, os.W_OK), place"
    )
    repository = NEEDED[-1]
    probe = command(folder, sys.executable, "-B", "-c", program, str(folder), repository)
    done = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (folder / "mine").stat().st_uid == NOBODY


def test_nobody_serves_from_a_temporary_directory(folder: Path) -> None:
    train(folder, tmp=folder)
    assert not list(folder.iterdir())


def test_nobody_serves_from_a_data_directory(folder: Path) -> None:
    train(folder, "--data", str(folder / "state"))
    assert (folder / "state" / "flowkit-mock.sqlite3").stat().st_uid == NOBODY


def test_workers_of_nobody_share_a_file_and_a_storage(folder: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
    pytest.importorskip("fsspec", reason="the extra storage is not installed")
    database = ("--database", f"sqlite:///{folder}/shared.sqlite3", "--workers", "2")
    train(folder, *database, "--storage", f"file://{folder}/objects", tmp=folder)
    assert any(path.is_file() for path in (folder / "objects").rglob("*"))


def test_workers_of_nobody_share_a_postgresql(folder: Path, postgresql_server: PostgreSQL) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
    train(folder, "--database", postgresql_server.create(), "--workers", "2", tmp=folder)
    assert not list(folder.iterdir())


def test_where_nobody_may_write_it_says_what_to_do(folder: Path) -> None:
    os.chown(folder, 0, 0)
    whole = command(folder, sys.executable, "-B", "-m", "flowkit_mockserver", "--port", "0")
    for options, words in (((), "TMPDIR"), (("--data", str(folder / "state")), "state")):
        done = subprocess.run(
            [*whole, *options], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 1
        assert done.stderr.startswith("Error: ")
        assert words in done.stderr
        assert "Traceback" not in done.stderr
