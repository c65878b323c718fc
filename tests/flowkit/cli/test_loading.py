"""Commands and the mock server, found among the entry points."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import click
import pytest

from flowkit.cli import loading


def test_a_command_is_described_without_being_imported() -> None:
    point = loading.extensions()["mock"]
    assert loading.summary(point) == "Run a mock FATE Flow server until interrupted."


def test_what_is_no_command_is_refused() -> None:
    with pytest.raises(click.ClickException, match="json:dumps is no click command"):
        loading.load_extension(EntryPoint("x", "json:dumps", "flowkit.commands"))


def test_without_a_mock_server_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "entry_points", lambda group: EntryPoints())
    with pytest.raises(click.ClickException, match=r"fate-flowkit\[mock\]"):
        loading.mock_server()
