"""What holds for every test: the environment stays as it is, and settings of ours stay out.
Hypothesis sets no deadlines, so that a loaded machine fails no test.

Connections to anywhere but this machine are refused by pytest-socket; see ``pyproject.toml``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from flowkit.routing.discovery import EVERYWHERE

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("flowkit", deadline=None)
settings.load_profile("flowkit")

#: Variables of the environment that other programs share with flowkit.
SHARED = (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "requests_ca_bundle", "curl_ca_bundle", "ssl_cert_file",
)  # fmt: skip

# Set by pytest and by coverage tools themselves, while a test runs, and by libraries when they are imported:
# scikit-learn, torch, polars.
NOT_OURS = ("PYTEST_", "COV_", "KMP_", "TORCHINDUCTOR_", "_RJEM_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker ends with it alone."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _environment_unchanged() -> Iterator[None]:
    """Fail a test that leaves another environment behind than it found."""
    before = _environment()
    yield
    assert _environment() == before, "the test changed os.environ; use monkeypatch.setenv"


@pytest.fixture(autouse=True)
def _root_logger_unchanged() -> Iterator[None]:
    """Take off what a server that was started in this process logs to, as other processes do by ending."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _servers_are_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget which line a server at an address was of: another test's server may get the same port."""
    monkeypatch.setattr(EVERYWHERE, "found", {})


@pytest.fixture(autouse=True)
def _no_settings(_environment_unchanged: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them, and their configuration file."""
    for name in [
        name for name in os.environ if name.startswith("FLOWKIT_") or name.lower() in SHARED
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLOWKIT_CONFIG", "")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
