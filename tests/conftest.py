"""What holds for every test: the environment stays as it is, and nothing leaves the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, socket_allow_hosts

LOOPBACK = ["127.0.0.1", "::1", "localhost"]

# Set by pytest itself, and by coverage tools, while a test runs.
PYTEST_OWN = ("PYTEST_", "COV_")


def pytest_runtest_setup() -> None:
    """Refuse every connection but those to this machine, before fixtures of any scope are made."""
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _environment_unchanged() -> Iterator[None]:
    """Fail a test that leaves another environment behind than it found."""
    before = _environment()
    yield
    assert _environment() == before, "the test changed os.environ; use monkeypatch.setenv"


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("FLOWKIT_")]:
        monkeypatch.delenv(name)


def _environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith(PYTEST_OWN)
    }
