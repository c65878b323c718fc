"""Options of the pytest plugin: the command line, the environment, pytest's configuration file, in this order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowkit.testing.options import Options, read_options


class Config:
    """As much of `pytest.Config` as options are read from."""

    inipath = Path("pytest.ini")

    def __init__(self, given: dict[str, Any], file: dict[str, Any]) -> None:
        self.given, self.file = given, file

    def getoption(self, name: str) -> Any:
        return self.given.get(name)

    def getini(self, name: str) -> Any:
        return self.file.get(name)


def read(given: dict[str, Any] | None = None, **file: Any) -> Options:
    config: Any = Config(given or {}, file)
    return read_options(config)


def test_the_mock_is_the_default() -> None:
    assert read() == Options("mock", None, False, "flow_cassettes")


def test_the_command_line_counts_before_the_environment_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read(flow="record").mode == "record"
    monkeypatch.setenv("FLOWKIT_PYTEST_FLOW", "replay")
    assert read(flow="record").mode == "replay"
    assert read({"--flow": "mock"}, flow="record").mode == "mock"


def test_every_option_has_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_PYTEST_FLOW", "live")
    monkeypatch.setenv("FLOWKIT_PYTEST_FLOW_URL", "http://flow.example")
    monkeypatch.setenv("FLOWKIT_PYTEST_FLOW_NETWORK", "true")
    monkeypatch.setenv("FLOWKIT_PYTEST_FLOW_CASSETTES", "tapes")
    assert read() == Options("live", "http://flow.example", True, "tapes")


def test_every_option_has_its_line_in_the_file() -> None:
    file = {"flow": "live", "flow_url": "http://flow.example", "flow_network": True}
    assert read(**file, flow_cassettes="tapes") == Options(
        "live", "http://flow.example", True, "tapes"
    )


@pytest.mark.parametrize(
    ("variable", "value", "text"),
    [
        (
            "FLOW",
            "repaly",
            "the environment variable FLOWKIT_PYTEST_FLOW must be one of .*'replay'",
        ),
        ("FLOW_NETWORK", "perhaps", "FLOWKIT_PYTEST_FLOW_NETWORK must be true or false"),
        (
            "FLOW_CASSETTES",
            "../tapes",
            "FLOWKIT_PYTEST_FLOW_CASSETTES must be the name of a folder",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_origin(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, text: str
) -> None:
    monkeypatch.setenv(f"FLOWKIT_PYTEST_{variable}", value)
    with pytest.raises(pytest.UsageError, match=text):
        read()


def test_a_mode_of_the_file_is_checked_as_well() -> None:
    with pytest.raises(pytest.UsageError, match=r"flow in pytest\.ini must be one of"):
        read(flow="moc")


def test_the_mode_live_needs_an_address() -> None:
    with pytest.raises(pytest.UsageError, match="FLOWKIT_PYTEST_FLOW_URL"):
        read({"--flow": "live"})
