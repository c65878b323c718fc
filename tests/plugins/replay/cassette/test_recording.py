"""Recordings: kept call by call, by one writer or several, and made into a cassette at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit import CassetteError
from flowkit_replay import Interaction
from flowkit_replay.cassette import files
from flowkit_replay.cassette.recording import Recording, recover
from recorded import OK, interaction


def numbered(n: int = 0, body: bytes = OK) -> Interaction:
    """Return an interaction whose path holds its number."""
    return interaction(f"/v1/job/{n}", body)


def test_a_recording_is_moved_into_place_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    recording = Recording(path)
    recording.append(numbered(1))
    assert not path.exists()
    recording.save()
    recording.close()
    assert files.read(path) == [numbered(1)]
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
    assert files.read(path) == [numbered(1), numbered(2)]
    recording = Recording(path)
    assert recording.recovered == [numbered(1), numbered(2)]
    recording.append(numbered(3))
    recording.save()
    recording.close()
    assert files.read(path) == [numbered(1), numbered(2), numbered(3)]
    assert [p.name for p in tmp_path.iterdir()] == ["one.yaml"]


def test_what_a_killed_process_left_is_forgotten_by_one_that_records_anew(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    killed(path)
    recording = Recording(path, anew=True)
    recording.append(numbered(3))
    recording.save()
    recording.close()
    assert files.read(path) == [numbered(3)]


def test_what_was_left_can_be_settled(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    files.write(path, [numbered(0)])
    killed(path)
    recover(path)
    assert files.read(path) == [numbered(0), numbered(1), numbered(2)]
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
    recording.append(numbered(1))
    files.write(path, [numbered(7)])
    with pytest.raises(CassetteError, match="written by somebody else"):
        recording.save()
    recording.close(keep=True)
    assert files.read(path, unfinished=False) == [numbered(7)]


def test_several_processes_record_one_cassette_when_they_join(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    owner = Recording(path, anew=True)
    for n in (1, 2):
        other = Recording(path, joining=True)
        other.append(numbered(n))
        other.save()
        other.close()
    assert not path.exists()
    owner.save()
    owner.close()
    assert files.read(path) == [numbered(1), numbered(2)]


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
        recording.append(replace(numbered(1, answer), request_body=sent))
    recording.save()
    recording.close()
    assert [(one.read_request(), one.decode()) for one in files.read(path)] == bodies
    path.unlink()


def test_a_recording_that_has_ended_takes_nothing_more_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    owner = Recording(path)
    other = Recording(path, joining=True)
    owner.append(numbered(1))
    owner.save()
    owner.close()
    with pytest.raises(
        CassetteError, match=r"was ended by the process .*; POST /v1/job/2 of process"
    ):
        other.append(numbered(2))
    other.close()
    with pytest.raises(CassetteError, match="is not being recorded any more"):
        Recording(path, joining=True)
    assert files.read(path) == [numbered(1)]


def test_what_was_kept_can_be_revised_when_it_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    recording = Recording(path)
    recording.append(numbered(1, b"rough"))
    recording.append(numbered(2))
    recording.save(
        extra={"metadata": 1},
        revise=lambda one: replace(one, body=one.body.replace(b"rough", b"fine")),
    )
    recording.close()
    assert [one.body for one in files.read(path)] == [b"fine", OK]
    assert files.read(path).extra == {"metadata": 1}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_neither_saves_nor_removes_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    recording = Recording(path)
    recording.append(numbered(1))
    child = os.fork()
    if child == 0:
        recording.append(numbered(2))
        recording.save()
        recording.close()
        os._exit(0 if not path.exists() else 1)
    assert os.waitpid(child, 0)[1] == 0
    recording.append(numbered(3))
    recording.save()
    recording.close()
    assert files.read(path) == [numbered(1), numbered(2), numbered(3)]
