"""The plugin `record`: a cassette that the environment names, one for all clients of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes import Server
from flowkit import ArgumentError, FlowClient
from flowkit_replay.cassette import files
from flowkit_replay.environment import CASSETTE, MODE, shared


def test_all_clients_share_the_cassette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.yaml"
    monkeypatch.setenv(CASSETTE, str(path))
    with FlowClient(plugins=["record", Server()]) as flow:
        flow.tag.list()
        with FlowClient(plugins=["record", Server()]) as other:
            other.tag.list()
    assert len(files.read(path)) == 2
    assert shared() is shared()


def test_the_cassette_must_be_named_and_the_mode_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ArgumentError, match="needs the environment variable FLOWKIT_CASSETTE"):
        shared()
    monkeypatch.setenv(CASSETTE, str(tmp_path / "one.yaml"))
    monkeypatch.setenv(MODE, "sometimes")
    with pytest.raises(ArgumentError, match="mode must be one of none, once"):
        shared()
