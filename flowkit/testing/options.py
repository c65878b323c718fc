"""The options of the pytest plugin: from the command line, else the environment, else pytest's configuration file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import pytest

from flowkit.inputs.spelling import nearest

__all__ = ["MODES", "Options", "add_options", "read_options"]

#: By mode, what the fixtures stand on.
MODES = {
    "mock": "a mock server for every test",
    "shared": "one mock server for the whole run, with a namespace for every test",
    "replay": "the cassettes",
    "record": "the server at --flow-url, or else the mock, recorded",
    "live": "the server at --flow-url",
}
VARIABLE = "FLOWKIT_PYTEST_{}"
SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Options:
    """What was said about the fixtures.

    Attributes:
        mode: one of `MODES`.
        url: address of a FATE Flow server, for the modes record and live.
        network: whether the network stays open where it would be blocked.
        cassettes: name of the folder, beside a test's file, in which its cassette lies.
    """

    mode: str
    url: str | None
    network: bool
    cassettes: str

    @property
    def elsewhere(self) -> bool:
        """Whether the tests reach a server of another machine."""
        return self.mode == "live" or (self.mode == "record" and self.url is not None)


def add_options(parser: pytest.Parser) -> None:
    """Add the options to the command line, and their like to the configuration file."""
    group = parser.getgroup("flowkit", "FATE Flow")
    modes = "; ".join(f"{name}: {text}" for name, text in MODES.items())
    group.addoption(
        "--flow", choices=MODES, help=f"what flow_client talks to, mock by default; {modes}"
    )
    group.addoption("--flow-url", help="address of a FATE Flow server: record, live")
    group.addoption(
        "--flow-network",
        action="store_true",
        default=None,
        help="do not block the network where no server of the network is used",
    )
    group.addoption(
        "--flow-cassettes", help="name of the folder of cassettes beside a test: flow_cassettes"
    )
    for name, kind in (
        ("flow", "string"),
        ("flow_url", "string"),
        ("flow_network", "bool"),
        ("flow_cassettes", "string"),
    ):
        option = f"--{name.replace('_', '-')}"
        parser.addini(name, f"as {option}", type=kind, default=None)  # type: ignore[arg-type]


def read_options(config: pytest.Config) -> Options:
    """Return the options that count.

    Raises:
        pytest.UsageError: a value cannot be used, or a mode lacks what it needs.
    """
    mode, origin = _value(config, "flow")
    mode = mode or "mock"
    if mode not in MODES:
        raise pytest.UsageError(
            f"{origin} must be one of {', '.join(MODES)}, got {mode!r};"
            f" did you mean {nearest(mode, MODES)!r}?"
        )
    url, _ = _value(config, "flow_url")
    if mode == "live" and not url:
        raise pytest.UsageError(
            "--flow=live needs --flow-url=http://host:port, or flow_url in pytest's configuration"
            f" file, or {VARIABLE.format('FLOW_URL')}"
        )
    network, origin = _value(config, "flow_network")
    if isinstance(network, str):
        if network.lower() not in SWITCHES:
            raise pytest.UsageError(f"{origin} must be true or false, got {network!r}")
        network = SWITCHES[network.lower()]
    cassettes, origin = _value(config, "flow_cassettes")
    if cassettes in (".", "..") or "/" in (cassettes or "") or os.sep in (cassettes or ""):
        raise pytest.UsageError(f"{origin} must be the name of a folder, got {cassettes!r}")
    return Options(mode, url or None, bool(network), cassettes or "flow_cassettes")


def _value(config: pytest.Config, name: str) -> tuple[Any, str]:
    """Return the value of an option, None when nobody gave it, and where it was given."""
    option = f"--{name.replace('_', '-')}"
    if (given := config.getoption(option)) is not None:
        return given, option
    variable = VARIABLE.format(name.upper())
    if given := os.environ.get(variable):
        return given, f"the environment variable {variable}"
    return config.getini(name), f"{name} in {config.inipath or 'the configuration file'}"
