"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowkit import CassetteError
from flowkit_replay.cassette.atomic import replace_file, report_disk_errors, sweep_temporary


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("old")
    path.chmod(0o640)
    with replace_file(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert [place.name for place in tmp_path.iterdir()] == ["one.yaml"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("old")

    def fail() -> None:
        with replace_file(path) as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_text() == "old"
    assert [place.name for place in tmp_path.iterdir()] == ["one.yaml"]


def test_the_file_being_written_is_not_swept(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    with replace_file(path) as file:
        sweep_temporary(path)
        file.write(b"new")
    assert path.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_what_a_killed_process_wrote_is_swept(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    child = os.fork()
    if child == 0:
        with replace_file(path):
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 1
    sweep_temporary(path)
    assert list(tmp_path.iterdir()) == []


def test_what_the_disk_says_is_reported_with_the_cassette(tmp_path: Path) -> None:
    path = tmp_path / "none" / "one.yaml"
    with (
        pytest.raises(CassetteError, match=r"cassette .*one\.yaml cannot be written: No such file"),
        report_disk_errors(path),
        replace_file(path),
    ):
        pass
