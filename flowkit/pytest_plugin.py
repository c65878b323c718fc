"""The pytest plugin: one suite on the mock, on cassettes, or on a live server.

``--flow=mock`` (the default) gives every test a mock server of its own. ``--flow=record`` records a
cassette for every test, from ``--flow-url`` or else from the mock; ``--flow=replay`` plays it again
with the network blocked. ``--flow=live`` uses the server at ``--flow-url`` as it is.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowkit.call import Call, Response
from flowkit.client import FlowClient
from flowkit.hookspecs import hookimpl
from flowkit.plugins import plugin_factory

__all__ = ["CallLog", "flow_client", "flow_mock"]

MODES = ("mock", "replay", "record", "live")
LOOPBACK = ("127.", "::1", "localhost")
LOG = pytest.StashKey["CallLog"]()
USED = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the command line's options."""
    group = parser.getgroup("flowkit", "FATE Flow")
    group.addoption(
        "--flow",
        choices=MODES,
        default="mock",
        help="what the flow_client fixture talks to (default: mock)",
    )
    group.addoption("--flow-url", default=None, help="address of a FATE Flow server: record, live")
    group.addoption(
        "--flow-network", action="store_true", help="do not block the network in mock and replay"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker and check that the options go together."""
    config.addinivalue_line(
        "markers",
        "flow(cassette=None, pace=None, seed=None, hold_last=False, network=False): settings of "
        "flow_client and flow_mock: the cassette's file, the mock's pace (seconds a task, 'instant' "
        "or 'manual') and seed, and whether the network is open",
    )
    config.stash[USED] = {}
    if config.getoption("--flow") == "live" and not config.getoption("--flow-url"):
        raise pytest.UsageError("--flow=live needs --flow-url=http://host:port")


class CallLog:
    """A plugin that remembers the calls of a test, to show them when it fails."""

    name = "call-log"

    def __init__(self) -> None:
        self.lines: list[str] = []

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        """Note the call and what came of it."""
        names = ", ".join(
            f"{k}={v!r}" for k, v in call.arguments.items() if isinstance(v, str | int)
        )
        line = f"{call.operation.name}({names})"
        try:
            response = yield
        except Exception as error:
            self.lines.append(f"{line} raised {type(error).__name__}: {error}")
            raise
        self.lines.append(f"{line} -> HTTP {response.status} from {response.source}")
        return response


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the arguments of the test's ``flow`` markers, the nearest winning."""
    found: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("flow"))):
        found.update(marker.kwargs)
    return found


def _cassette(request: pytest.FixtureRequest) -> Path:
    """Return the file of the test's cassette: named by the marker, or after the test."""
    folder = Path(request.path).parent / "cassettes"
    named = _settings(request).get("cassette")
    if named is not None:
        path = Path(named)
        return path if path.is_absolute() else folder / path
    inside = request.node.nodeid.partition("::")[2]
    return folder / Path(request.path).stem / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', inside)}.yaml"


def _mock(settings: dict[str, Any]) -> Any:
    """Return a mock server of the installed kind; flowkit itself knows none."""
    from importlib.metadata import entry_points

    points = list(entry_points(group="flowkit.mock"))
    if not points:
        raise pytest.UsageError("no mock server is installed; pip install 'fate-flowkit[mock]'")
    kept = {name: settings[name] for name in ("pace", "seed") if settings.get(name) is not None}
    return points[0].load()(**kept)


@pytest.fixture
def flow_mock(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A mock FATE Flow server for this test alone: ``flowkit_mockserver.MockServer``."""
    with _mock(_settings(request)) as mock:
        yield mock


@pytest.fixture
def flow_client(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlowClient]:
    """A client of whatever ``--flow`` names: a mock of its own, a cassette, or a live server."""
    mode = request.config.getoption("--flow")
    url = request.config.getoption("--flow-url")
    settings = _settings(request)
    log = CallLog()
    request.node.stash[LOG] = log
    plugins: list[object] = [log]
    replay: Any = None
    if mode in ("replay", "record"):
        path = _cassette(request)
        hold_last = bool(settings.get("hold_last", False))
        kind = "none" if mode == "replay" else "all"
        replay = plugin_factory("replay")(path, kind, hold_last=hold_last)
        plugins.append(replay)
    elsewhere = mode == "live" or (mode == "record" and url)
    if not (elsewhere or request.config.getoption("--flow-network") or settings.get("network")):
        _block(monkeypatch)
    if mode == "mock" or (mode == "record" and not url):
        client = request.getfixturevalue("flow_mock").client(plugins=plugins)
    elif mode == "replay":
        client = FlowClient(plugins=plugins)
    else:
        client = FlowClient(url, plugins=plugins)
    with client:
        yield client
    if mode == "replay":
        request.config.stash[USED][str(replay.path.resolve())] = len(replay.unplayed)


def _block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave the machine, for the length of a test."""

    def guard(name: str) -> None:
        real = getattr(socket.socket, name)

        def connect(self: socket.socket, address: Any) -> Any:
            host = address[0] if isinstance(address, tuple) else "127."
            if not str(host).startswith(LOOPBACK):
                raise pytest.fail.Exception(
                    f"a test tried to reach {address!r}; the network is blocked: mark it "
                    "@pytest.mark.flow(network=True), or run with --flow-network"
                )
            return real(self, address)

        monkeypatch.setattr(socket.socket, name, connect)

    guard("connect")
    guard("connect_ex")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the calls that a failing test made."""
    report = yield
    log = item.stash.get(LOG, None)
    if report.failed and log is not None and log.lines:
        report.sections.append(("calls made through flowkit", "\n".join(log.lines)))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was used to the controlling process, under pytest-xdist."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["flowkit_used"] = session.config.stash[USED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take in what a worker used."""
    node.config.stash[USED].update(getattr(node, "workeroutput", {}).get("flowkit_used", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Report interactions that no test asked for, and cassettes that no test used."""
    used = config.stash[USED]
    if config.getoption("--flow") != "replay" or not used:
        return
    left = {path: count for path, count in sorted(used.items()) if count}
    folders = {path.parent for path in map(Path, used)}
    held = {str(path.resolve()) for folder in folders for path in folder.glob("*.yaml")}
    orphans = [] if _partial(config) else sorted(held - used.keys())
    if not left and not orphans:
        return
    terminalreporter.section("flowkit cassettes")
    for path, count in left.items():
        terminalreporter.line(f"{path}: {count} interactions were never asked for")
    for path in orphans:
        terminalreporter.line(f"{path}: no test uses this cassette")


def _partial(config: pytest.Config) -> bool:
    """True when only a selection of the tests ran, so that nothing can be called unused."""
    chosen = any("::" in argument for argument in config.args)
    return bool(chosen or config.getoption("keyword", "") or config.getoption("markexpr", ""))
