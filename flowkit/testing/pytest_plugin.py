"""The pytest plugin: one suite on the mock, on cassettes, or on a live server.

``--flow=mock`` (the default) gives every test a mock server of its own. ``--flow=record`` records a
cassette for every test, from ``--flow-url`` or else from the mock; ``--flow=replay`` plays it again
with the network blocked. ``--flow=live`` uses the server at ``--flow-url`` as it is.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowkit.call.markers import hookimpl
from flowkit.call.model import Call, Response
from flowkit.call.secrets import mask
from flowkit.client import FlowClient
from flowkit.errors import PluginError
from flowkit.hooks.loading import mock_server_class, plugin_factory

__all__ = ["CallLog", "flow_client", "flow_mock"]

MODES = ("mock", "replay", "record", "live")
HERE = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", "0.0.0.0", "::"})
LONGEST = 150
MOCK_SETTINGS = ("pace", "seed")
MARKER_SETTINGS = ("cassette", *MOCK_SETTINGS, "hold_last", "network")
LOG = pytest.StashKey["CallLog"]()
#: By cassette: the places of the interactions that no test has asked for.
UNPLAYED = pytest.StashKey[dict[str, list[int]]]()
#: By cassette: the first test that recorded it.
RECORDED = pytest.StashKey[dict[str, str]]()
#: By cassette: the file of a test that it belongs to.
CLAIMED = pytest.StashKey[dict[str, str]]()


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
    config.stash[UNPLAYED], config.stash[RECORDED], config.stash[CLAIMED] = {}, {}, {}
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
            f"{k}={v!r}" for k, v in mask(call.arguments).items() if isinstance(v, str | int)
        )
        line = f"{call.operation.name}({names})"
        try:
            response = yield
        except Exception as error:
            self.lines.append(f"{line} raised {type(error).__name__}: {error}")
            raise
        self.lines.append(f"{line} -> HTTP {response.status} from {response.source}")
        return response


def _settings(item: pytest.Item) -> dict[str, Any]:
    """Return the arguments of the test's ``flow`` markers, the nearest winning.

    Raises:
        pytest.UsageError: a marker has an argument that it does not know.
    """
    found: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("flow"))):
        for name in (*marker.args, *marker.kwargs):
            if name not in marker.kwargs or name not in MARKER_SETTINGS:
                known = ", ".join(f"{one}=…" for one in MARKER_SETTINGS)
                raise pytest.UsageError(
                    f"{item.nodeid}: @pytest.mark.flow takes {known}; got {name!r}"
                )
        found.update(marker.kwargs)
    return found


def _cassette(item: pytest.Item) -> Path:
    """Return the file of the test's cassette: named by the marker, or after the test."""
    folder = item.path.parent / "cassettes"
    named = _settings(item).get("cassette")
    if named is not None:
        return Path(folder / named)
    return folder / item.path.stem / f"{_file_name(item.nodeid.partition('::')[2])}.yaml"


def _file_name(name: str) -> str:
    """Return a test's name as a file name that no other test of its module has."""
    plain = re.fullmatch(r"([\w:]+)(?:\[([\w.-]+)\])?", name, re.ASCII)
    if plain is not None and len(name) <= LONGEST:
        return "-".join(filter(None, (plain[1].replace("::", "."), plain[2])))
    readable = re.sub(r"[^A-Za-z0-9_.]+", "-", name.replace("::", "."))[:LONGEST].strip("-.")
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note which cassette belongs to a test, whether it will run or not."""
    if "flow_client" in getattr(item, "fixturenames", ()):
        item.config.stash[CLAIMED][str(_cassette(item).resolve())] = str(item.path)


def _mock(settings: dict[str, Any]) -> Any:
    """Return a mock server of the installed kind; flowkit itself knows none."""
    try:
        server = mock_server_class()
    except PluginError as error:
        raise pytest.UsageError(str(error)) from error
    return server(**{key: settings[key] for key in MOCK_SETTINGS if settings.get(key) is not None})


@pytest.fixture
def flow_mock(request: pytest.FixtureRequest, _flow_network: None) -> Iterator[Any]:
    """A mock FATE Flow server for this test alone: ``flowkit_mockserver.MockServer``."""
    with _mock(_settings(request.node)) as mock:
        yield mock


@pytest.fixture
def flow_client(request: pytest.FixtureRequest, _flow_network: None) -> Iterator[FlowClient]:
    """A client of whatever ``--flow`` names: a mock of its own, a cassette, or a live server."""
    mode = request.config.getoption("--flow")
    url = request.config.getoption("--flow-url")
    log = CallLog()
    request.node.stash[LOG] = log
    plugins: list[object] = [log]
    replay: Any = None
    if mode in ("replay", "record"):
        replay = _replay(request.node, mode)
        plugins.append(replay)
    if mode == "mock" or (mode == "record" and not url):
        client = request.getfixturevalue("flow_mock").client(plugins=plugins)
    elif mode == "replay":
        client = FlowClient(plugins=plugins)
    else:
        client = FlowClient(url, plugins=plugins)
    with client:
        yield client
        if mode == "record":
            replay.save()  # closing the client would only log that it failed
    if mode == "replay":
        unplayed = request.config.stash[UNPLAYED]
        left = [n for n, one in enumerate(replay.cassette, 1) if not one.played]
        _keep_unplayed(unplayed, str(replay.path.resolve()), left)


def _replay(item: pytest.Item, mode: str) -> Any:
    """Return the plugin that plays the test's cassette, or records it anew."""
    path = _cassette(item)
    if mode == "record":
        first = item.config.stash[RECORDED].setdefault(str(path.resolve()), item.nodeid)
        if first != item.nodeid:
            pytest.fail(
                f"cassette {path} was recorded by {first} already; give each test one of its own"
            )
    hold_last = bool(_settings(item).get("hold_last", False))
    kind = "none" if mode == "replay" else "all"
    return plugin_factory("replay")(path, kind, hold_last=hold_last)


def _keep_unplayed(unplayed: dict[str, list[int]], path: str, left: list[int]) -> None:
    """Note what one test has not asked for; what another one has does not count."""
    unplayed[path] = [n for n in unplayed.get(path, left) if n in left]


@pytest.fixture
def _flow_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block the network for tests that use one of the fixtures, unless they ask for it."""
    mode = request.config.getoption("--flow")
    elsewhere = mode == "live" or (mode == "record" and request.config.getoption("--flow-url"))
    allowed = request.config.getoption("--flow-network") or _settings(request.node).get("network")
    if not (elsewhere or allowed):
        _block(monkeypatch)


def _block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse everything that would leave the machine, for the length of a test."""

    def refuse(where: object) -> None:
        raise pytest.fail.Exception(
            f"a test tried to reach {where!r}; the network is blocked: mark it "
            "@pytest.mark.flow(network=True), or run with --flow-network"
        )

    def guard(owner: Any, name: str, place: int) -> None:
        real = getattr(owner, name)

        def checking(*args: Any, **kwargs: Any) -> Any:
            # The address is the last argument of sendto and sendmsg, which may do without one.
            where = args[place] if -len(args) <= place < len(args) else kwargs.get("host")
            if isinstance(where, tuple):
                where = where[0] if _is_remote(where[0]) else None
            elif owner is not socket or not _is_remote(where):
                where = None  # a path, a file descriptor, or this machine
            if where is not None:
                refuse(where)
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, checking)

    for name in ("connect", "connect_ex"):
        guard(socket.socket, name, 1)
    for name in ("sendto", "sendmsg"):
        guard(socket.socket, name, -1)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        guard(socket, name, 0)


def _is_remote(host: object) -> bool:
    """True for the name or address of another machine."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(text, str) or text.lower() in HERE:
        return False
    try:
        return not ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return True


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
        output["flowkit_unplayed"] = session.config.stash[UNPLAYED]
        output["flowkit_claimed"] = session.config.stash[CLAIMED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take in what a worker used."""
    output = getattr(node, "workeroutput", {})
    for path, left in output.get("flowkit_unplayed", {}).items():
        _keep_unplayed(node.config.stash[UNPLAYED], path, left)
    node.config.stash[CLAIMED].update(output.get("flowkit_claimed", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Report interactions that no test asked for, and cassettes that no test uses."""
    if config.getoption("--flow") != "replay":
        return
    left = {path: some for path, some in sorted(config.stash[UNPLAYED].items()) if some}
    orphans = _orphans(config)
    if not left and not orphans:
        return
    terminalreporter.section("flowkit cassettes")
    for path, some in left.items():
        which = ", ".join(map(str, some[:10])) + (", …" if len(some) > 10 else "")
        terminalreporter.line(f"{path}: {len(some)} interactions were never asked for: {which}")
    for path in orphans:
        terminalreporter.line(f"{path}: no test uses this cassette")


def _orphans(config: pytest.Config) -> list[str]:
    """Return the cassettes that belong to no test, as far as the tests were collected."""
    if any("::" in argument for argument in config.args) or config.getoption("lf", False):
        return []
    claimed = config.stash[CLAIMED]
    held: set[Path] = set()
    for path, test in claimed.items():
        # Others' cassettes may lie there too: only folders that hold one of ours are looked at.
        held.update(Path(path).parent.glob("*.yaml"))
        for folder in (Path(test).parent / "cassettes").glob("*/"):
            if not folder.parent.with_name(f"{folder.name}.py").exists():
                held.update(folder.glob("*.yaml"))
    return sorted({str(path.resolve()) for path in held} - claimed.keys())
