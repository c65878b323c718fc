"""Cassette files: whole or not there, and shared by one writer at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flowkit import CassetteError
from flowkit_replay import files
from flowkit_replay.interactions import Interaction


def interaction(n: int = 0, body: bytes = b'{"retcode": 0}') -> Interaction:
    headers = {"Content-Type": "application/json"}
    uri = f"http://127.0.0.1:9380/v1/job/{n}"
    return Interaction("POST", uri, headers, b"{}", 200, "OK", {"Server": ["x"]}, body)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "one.yaml"
    held = [interaction(1), interaction(2, b"\x00\xff binary"), interaction(3, b"")]
    files.write(path, held)
    assert files.read(path) == held
    assert [p.name for p in path.parent.iterdir()] == ["one.yaml"]


def test_large_bodies_lie_beside_the_cassette_by_digest(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    held = [interaction(1, b"x" * 5000), interaction(2, b"x" * 5000), interaction(3)]
    files.write(path, held, large=1000)
    assert path.stat().st_size < 3000
    assert len(list((tmp_path / "one.yaml.bodies").iterdir())) == 1
    assert files.read(path) == held


def test_a_body_that_was_changed_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    files.write(path, [interaction(1, b"x" * 5000)], large=1000)
    next((tmp_path / "one.yaml.bodies").iterdir()).write_bytes(b"other")
    with pytest.raises(CassetteError, match="was changed"):
        files.read(path)


@pytest.mark.parametrize(
    "text", ["- a list", "interactions: 3", "{unclosed", "interactions: [{request: 1}]"]
)
def test_what_is_no_cassette_is_told_as_such(tmp_path: Path, text: str) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(text)
    with pytest.raises(CassetteError, match=r"one\.yaml is not a cassette"):
        files.read(path)


def test_a_missing_cassette_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match=r"there is no cassette .*none\.yaml"):
        files.read(tmp_path / "none.yaml")


def test_a_recording_is_moved_into_place_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    with files.Recording(path) as recording:
        recording.append(interaction(1))
        assert not path.exists()
        recording.save([interaction(1)])
    assert files.read(path) == [interaction(1)]
    assert [p.name for p in tmp_path.iterdir()] == ["one.yaml"]


DIES = """
import os, sys
from pathlib import Path
from flowkit_replay import files
from flowkit_replay.interactions import Interaction

recording = files.Recording(Path(sys.argv[1]))
for n in (1, 2):
    uri = f"http://127.0.0.1:9380/v1/job/{n}"
    headers = {"Content-Type": "application/json"}
    recording.append(Interaction("POST", uri, headers, b"{}", 200, "OK", {"Server": ["x"]}, b'{"retcode": 0}'))
os._exit(9)
"""


def test_a_killed_process_loses_no_finished_call(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    assert subprocess.run([sys.executable, "-c", DIES, str(path)], check=False).returncode == 9
    left = path.with_name("one.yaml.recording")
    left.write_text(left.read_text() + "- request:\n    body: cut o")
    with files.Recording(path) as recording:
        assert recording.recovered == [interaction(1), interaction(2)]


def test_two_at_once_cannot_record_one_cassette(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    with files.Recording(path), pytest.raises(CassetteError, match="is being recorded by another"):
        files.Recording(path)


def test_a_cassette_written_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    recording = files.Recording(path)
    files.write(path, [interaction(7)])
    with pytest.raises(CassetteError, match="written by somebody else"):
        recording.save([interaction(1)])
    recording.close()
    assert files.read(path) == [interaction(7)]
