"""The server writes into its data and temporary directories only, so that everything else may be read-only.

The kernel's own protection is not for every user to set up (`test_other_user` has it), so here the process refuses by
an audit hook what such a file system would refuse.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flowkit import FlowClient
from flowkit.demo import DATA, upload
from mock_process import mock_process

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="what descriptors stand for is read from /proc"
)

GUARD = r"""
import errno, os, sys
ALLOWED = tuple(os.path.realpath(path) + os.sep for path in sys.argv[1].split(os.pathsep))
PLACES = {"os.mkdir": 0, "os.remove": 0, "os.rmdir": 0, "os.rename": 1, "os.link": 1, "os.symlink": 1,
          "os.truncate": 0, "os.chmod": 0, "os.utime": 0}
RELATIVE = {"os.mkdir", "os.remove", "os.rmdir", "os.rename"}  # these may be given a directory's descriptor
def refuse(event, arguments):
    if event == "open":
        path, _, flags = arguments
        if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
    elif event in PLACES:
        path = arguments[PLACES[event]]
        if event in RELATIVE and arguments[-1] not in (-1, None):
            path = os.path.join(os.readlink(f"/proc/self/fd/{arguments[-1]}"), os.fsdecode(path))
    else:
        return
    if isinstance(path, int) or os.fsdecode(path).startswith("/dev/"):
        return
    if not (os.path.realpath(os.fsdecode(path)) + os.sep).startswith(ALLOWED):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
sys.addaudithook(refuse)
from flowkit_mockserver.command import mock
mock(sys.argv[2:])
"""


def guarded(*writable: Path) -> tuple[str, ...]:
    return (sys.executable, "-B", "-c", GUARD, ":".join(map(str, writable)))


def work(url: str) -> None:
    """Upload two tables and train on them."""
    with FlowClient(url) as flow:
        for role in ("guest", "host"):
            upload(flow, role)
        job = flow.job.submit(DATA / "train_conf.json", DATA / "train_dsl.json")
        flow.job.wait(job.job_id, timeout=60)


def test_it_writes_into_its_temporary_directory_only(tmp_path: Path) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    environment = {"TMPDIR": str(place), "HOME": "/nonexistent"}
    with mock_process(command=guarded(place), environment=environment) as server:
        work(server.url)
        assert list(place.iterdir())
        server.process.terminate()
        assert server.process.wait(30) == 0
    assert not list(place.iterdir())


def test_with_a_data_directory_it_needs_no_other(tmp_path: Path) -> None:
    place = tmp_path / "data"
    place.mkdir()
    environment = {"TMPDIR": str(tmp_path / "none"), "HOME": "/nonexistent"}
    options = ("--data", str(place / "state"))
    with mock_process(*options, command=guarded(place), environment=environment) as server:
        work(server.url)
        server.process.terminate()
        assert server.process.wait(30) == 0
    assert (place / "state" / "flowkit-mock.sqlite3").is_file()
    assert not list((place / "state").glob("flowkit-mock-*"))


def test_where_nothing_can_be_written_it_says_what_to_do(tmp_path: Path) -> None:
    command = [*guarded(tmp_path / "nowhere"), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "TMPDIR" in done.stderr
    assert "--data" in done.stderr
