"""Cassettes that are recorded anew after a time, on the client's clock."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import ArgumentError, ConnectionFailed, FlowClient, ManualClock, Retry
from flowkit_replay import Mode, Replay
from flowkit_replay.cassette import files
from flowkit_replay.expiry import add_time, is_outdated

START = 1_700_000_000.0
DAY = 24 * 3600.0


def ask(path: Path, at: float, answer: Any, mode: Mode = "once", **settings: Any) -> Any:
    settings = {"re_record_interval": DAY, **settings}
    plugins = [Replay(path, mode, **settings), Server(answer)]
    clock = ManualClock(at)
    with FlowClient(plugins=plugins, retry=Retry(attempts=1), clock=clock) as flow:
        return flow.tag.list().data


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "one.yaml"
    assert ask(path, START, envelope("old")) == "old"
    return path


def test_the_time_of_the_recording_stands_in_the_metadata(path: Path) -> None:
    assert files.read(path).extra == {"metadata": {"recorded_at": "2023-11-14T22:13:20+00:00"}}


@pytest.mark.parametrize("mode", ["once", "new_episodes"])
def test_a_cassette_is_recorded_anew_when_it_is_older_than_the_interval(
    path: Path, mode: Mode
) -> None:
    assert ask(path, START + DAY, envelope("new"), mode) == "old"
    assert ask(path, START + DAY + 1, envelope("new"), mode) == "new"
    assert ask(path, START + DAY + 2, envelope("newer"), mode) == "new"
    assert len(files.read(path)) == 1


def test_none_never_records_and_no_interval_means_never(path: Path) -> None:
    assert ask(path, START + 9 * DAY, envelope("new"), "none") == "old"
    assert ask(path, START + 9 * DAY, envelope("new"), re_record_interval=None) == "old"


def test_a_cassette_stays_when_nothing_answers(path: Path) -> None:
    before = path.read_text()
    with (
        pytest.warns(UserWarning, match="older than re_record_interval, and nothing answered"),
        pytest.raises(ConnectionFailed),
    ):
        ask(path, START + 2 * DAY, ConnectionFailed("refused"))
    assert path.read_text() == before
    assert [file.name for file in path.parent.iterdir()] == ["one.yaml"]


def test_without_metadata_the_time_of_the_file_counts(path: Path) -> None:
    files.write(path, files.read(path), extra={"metadata": ["a list of somebody else's"]})
    os.utime(path, (START, START))
    assert not is_outdated(path, files.read(path).extra, DAY, START + DAY)
    assert is_outdated(path, files.read(path).extra, DAY, START + DAY + 1)
    assert add_time({"metadata": ["x"]}, START) == {"metadata": ["x"]}


@pytest.mark.parametrize("interval", [0, -1, "a day", True, timedelta(0), float("nan")])
def test_an_interval_is_a_time_above_zero(tmp_path: Path, interval: Any) -> None:
    with pytest.raises(ArgumentError, match="re_record_interval must be a number of seconds above"):
        Replay(tmp_path / "one.yaml", re_record_interval=interval)
    Replay(tmp_path / "one.yaml", re_record_interval=timedelta(days=7))
