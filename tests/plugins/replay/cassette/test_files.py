"""Cassette files: whole or not there, and shared by one writer at a time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit import CassetteError
from flowkit_replay.cassette import files
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cassette.recording import Recording, recover


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
    assert [one.decode() for one in files.read(path)] == [one.body for one in held]
    files.write(path, files.read(path)[2:])
    assert [p.name for p in tmp_path.iterdir()] == ["one.yaml"]


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
    recording = Recording(path)
    recording.append(interaction(1))
    assert not path.exists()
    recording.save()
    recording.close()
    assert files.read(path) == [interaction(1)]
    assert [p.name for p in tmp_path.iterdir()] == ["one.yaml"]


DIES = """
import os, sys
from pathlib import Path
from flowkit_replay.cassette import files
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cassette.recording import Recording

recording = Recording(Path(sys.argv[1]))
for n in (1, 2):
    uri = f"http://127.0.0.1:9380/v1/job/{n}"
    headers = {"Content-Type": "application/json"}
    recording.append(Interaction("POST", uri, headers, b"{}", 200, "OK", {"Server": ["x"]}, b'{"retcode": 0}'))
os._exit(9)
"""


def killed(path: Path) -> None:
    """Record two calls in a process that dies, in the middle of a third."""
    assert subprocess.run([sys.executable, "-c", DIES, str(path)], check=False).returncode == 9
    left = path.with_name("one.yaml.recording")
    left.write_text(left.read_text() + "\n- request:\n    body: cut o")


def test_a_killed_process_loses_no_finished_call(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    killed(path)
    assert files.read(path) == [interaction(1), interaction(2)]
    recording = Recording(path)
    assert recording.recovered == [interaction(1), interaction(2)]
    recording.append(interaction(3))
    recording.save()
    recording.close()
    assert files.read(path) == [interaction(1), interaction(2), interaction(3)]
    assert [p.name for p in tmp_path.iterdir()] == ["one.yaml"]


def test_what_a_killed_process_left_is_forgotten_by_one_that_records_anew(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    killed(path)
    recording = Recording(path, anew=True)
    recording.append(interaction(3))
    recording.save()
    recording.close()
    assert files.read(path) == [interaction(3)]


def test_what_was_left_can_be_settled(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    files.write(path, [interaction(0)])
    killed(path)
    recover(path)
    assert files.read(path) == [interaction(0), interaction(1), interaction(2)]
    assert [p.name for p in tmp_path.iterdir()] == ["one.yaml"]


def test_two_at_once_cannot_record_one_cassette(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    recording = Recording(path)
    with pytest.raises(CassetteError, match="is being recorded by another"):
        Recording(path)
    recording.close()
    Recording(path).close()


def test_a_cassette_written_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    recording = Recording(path)
    recording.append(interaction(1))
    files.write(path, [interaction(7)])
    with pytest.raises(CassetteError, match="written by somebody else"):
        recording.save()
    recording.close(keep=True)
    assert files.read(path, unfinished=False) == [interaction(7)]


def test_several_processes_record_one_cassette_when_they_join(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    owner = Recording(path, anew=True)
    for n in (1, 2):
        other = Recording(path, joining=True)
        other.append(interaction(n))
        other.save()
        other.close()
    assert not path.exists()
    owner.save()
    owner.close()
    assert files.read(path) == [interaction(1), interaction(2)]


def test_what_the_disk_refuses_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CassetteError, match=r"cassette .*one\.yaml cannot be written: "):
        Recording(tmp_path / "file" / "one.yaml")
    with pytest.raises(CassetteError, match=r"cannot be written: "):
        files.write(tmp_path / "file" / "one.yaml", [])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.binary(max_size=60) | st.text(max_size=40).map(str.encode), st.binary(max_size=60)
        )
    )
)
def test_whatever_bodies_come_back_as_they_were(
    tmp_path: Path, bodies: list[tuple[bytes, bytes]]
) -> None:
    path = tmp_path / "any.yaml"
    recording = Recording(path, anew=True, large=40)
    for sent, answer in bodies:
        recording.append(replace(interaction(1, answer), request_body=sent))
    recording.save()
    recording.close()
    assert [(one.read_request(), one.decode()) for one in files.read(path)] == bodies
    path.unlink()
