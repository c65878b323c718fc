"""The shared options: where the server is, with what credentials and plugins."""

from __future__ import annotations

import pytest

from flowkit import ArgumentError
from flowkit.cli.settings import Settings


def test_the_address_says_which_option_it_came_from() -> None:
    client = Settings(url="https://gate/fate", timeout=3.0, server="1.11").client()
    assert str(client.address) == "https://gate:443/fate (from the option --url)"
    assert (client.options["timeout"].read_timeout, client.server) == (3.0, "1.11")
    with pytest.raises(ArgumentError, match="port must be"):
        Settings(ip="host", port=0).client()


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_APP_KEY", "ann")
    monkeypatch.setenv("FLOWKIT_SECRET_KEY", "hush")
    assert "auth" in Settings(url="http://h").client().hooks.names()


def test_half_of_the_credentials_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLOWKIT_APP_KEY", "ann")
    with pytest.raises(ArgumentError, match="secret_key is missing beside app_key; give both"):
        Settings(url="http://h").client()


def test_a_port_alone_counts_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_URL", "http://flow.example:9380")
    assert Settings(port=9999).client().port == 9999
    with pytest.raises(ArgumentError, match="port is 9999, but url has another one"):
        Settings(url="http://h:9380", port=9999).client()
