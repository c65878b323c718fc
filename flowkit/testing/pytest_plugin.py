"""The pytest plugin: one suite on the mock, on cassettes, or on a live server.

``--flow=mock`` (the default) gives every test a mock server of its own, ``--flow=shared`` a namespace of its own on one
server that all processes of the run share. ``--flow=record`` records a
cassette for every test, from ``--flow-url`` or else from the mock; ``--flow=replay`` plays it again
with the network blocked. ``--flow=live`` uses the server at ``--flow-url`` as it is.

`flow_mock` and `flow_client` are a test's own; those that end in ``_module`` and ``_session`` are
shared by the tests of a module and of a run.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from flowkit.errors import PluginError
from flowkit.hooks.loading import mock_server_class, plugin_factory
from flowkit.testing.call_log import CallLog
from flowkit.testing.cassette_files import CassetteUse, cassette_path
from flowkit.testing.marker import (
    DECLARATION,
    MOCK_SETTINGS,
    marker_mistake,
    marker_settings,
)
from flowkit.testing.network import block_network
from flowkit.testing.options import Options, add_options, read_options
from flowkit.testing.sharing import lease_server, namespace_name

if TYPE_CHECKING:
    from flowkit import FlowClient

__all__ = [
    "CallLog",
    "flow_client",
    "flow_client_module",
    "flow_client_session",
    "flow_mock",
    "flow_mock_module",
    "flow_mock_session",
    "flow_mock_settings",
    "flow_mock_shared",
    "flow_redirect",
]

OPTIONS = pytest.StashKey[Options]()
CASSETTES = pytest.StashKey[CassetteUse]()
#: The calls of a test's own client, and by fixture those of clients that several tests share.
LOG = pytest.StashKey[CallLog]()
SHARED_LOGS = pytest.StashKey[dict[str, CallLog]]()
#: Settings that say where a server keeps its state.
PLACES = frozenset({"data", "database", "storage"})
SHARED_FIXTURES = frozenset(
    {
        "flow_mock_module",
        "flow_mock_session",
        "flow_mock_shared",
        "flow_client_module",
        "flow_client_session",
    }
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the command line's options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker and check that the options go together."""
    config.addinivalue_line("markers", DECLARATION)
    config.stash[OPTIONS] = read_options(config)
    config.stash[CASSETTES] = CassetteUse()
    config.stash[SHARED_LOGS] = {}


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let the collection of a module fail that has a marker with a mistake, under pytest-xdist too."""
    report = yield
    problems = [
        text
        for item in report.result
        if isinstance(item, pytest.Item) and (text := marker_mistake(item))
    ]
    if problems and report.passed:
        report.outcome, report.longrepr, report.result = "failed", "\n".join(problems), []
    return report


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note which cassette belongs to a test, whether it will run or not."""
    if marker_mistake(item):
        return
    names = getattr(item, "fixturenames", [])
    options = item.config.stash[OPTIONS]
    if "flow_client" in names and options.mode in ("replay", "record"):
        path = cassette_path(item, options.cassettes)
        item.config.stash[CASSETTES].claim(path, item)
    if SHARED_FIXTURES.intersection(names):
        # What several tests share cannot ask for the fixture that closes the network to each.
        names.insert(0, "_flow_network")


def _server_class() -> Any:
    """Return the class of the installed mock server; flowkit itself knows none."""
    try:
        return mock_server_class()
    except PluginError as error:
        raise pytest.UsageError(str(error)) from error


def _make_client(url: str | None = None, *, plugins: list[object]) -> FlowClient:
    """Return a client; it is imported with the first one, and not whenever pytest starts."""
    from flowkit import FlowClient

    return FlowClient(url, plugins=plugins)


@contextmanager
def _open_mock(request: pytest.FixtureRequest, **more: Any) -> Iterator[Any]:
    """Open a mock server of its own for a fixture, or a namespace of the shared one."""
    marked = marker_settings(request.node)
    given = {name: marked[name] for name in MOCK_SETTINGS if marked.get(name) is not None}
    common = request.getfixturevalue("flow_mock_settings")
    settings = {**common, **given}
    shared = request.config.stash[OPTIONS].mode == "shared"
    if shared and settings == common:
        name = namespace_name(f"{request.node.nodeid}::{request.node.name}")
        opened = request.getfixturevalue("flow_mock_shared").namespace(name)
    else:
        if shared:  # the state of the shared server is there
            settings = {name: settings[name] for name in settings.keys() - PLACES}
        opened = _server_class()(**settings, **more)
    with opened as mock:
        yield mock


@pytest.fixture(scope="session")
def flow_mock_settings() -> dict[str, Any]:
    """Arguments for every mock server of the run, such as ``{"fate_version": "1.11"}``.

    There are none; a ``conftest.py`` overrides this fixture. A marker counts before it.
    """
    return {}


@pytest.fixture(scope="session")
def flow_mock_shared(
    request: pytest.FixtureRequest,
    flow_mock_settings: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Any]:
    """The mock server that all processes of the run share: ``flowkit_mockserver.remote.RemoteMock``.

    The first process that needs it starts it in a process of its own; it ends with the last one, whatever becomes of
    them. ``flow_mock_shared.namespace("name")`` is a world of its own on it.
    """
    folder = tmp_path_factory.getbasetemp()
    if hasattr(
        request.config, "workerinput"
    ):  # the folder that the workers of pytest-xdist have in common
        folder = folder.parent
    with lease_server(folder, flow_mock_settings) as url, _server_class().connect(url) as mock:
        yield mock


@pytest.fixture(scope="session")
def flow_mock_session(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A mock server for all tests of the run, or of one worker of pytest-xdist."""
    with _open_mock(request) as mock:
        yield mock


@pytest.fixture(scope="module")
def flow_mock_module(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A mock server for the tests of a module, with the settings of its ``pytestmark``."""
    with _open_mock(request) as mock:
        yield mock


@pytest.fixture
def flow_mock(request: pytest.FixtureRequest, _flow_network: None) -> Iterator[Any]:
    """A mock FATE Flow server for this test alone: ``flowkit_mockserver.MockServer``.

    It stays in the process, unless the test asks for `flow_redirect` as well. With ``--flow=shared`` it is a namespace
    of `flow_mock_shared`, with the same verbs, unless the test's marker asks for other settings than the run's.
    """
    port = {"port": 0} if "flow_redirect" in request.fixturenames else {}
    with _open_mock(request, **port) as mock:
        yield mock


@pytest.fixture(scope="session")
def flow_client_session(request: pytest.FixtureRequest) -> Iterator[FlowClient]:
    """A client of `flow_mock_session`, or of the live server, for all tests of the run."""
    with _shared_client(request, "flow_mock_session") as client:
        yield client


@pytest.fixture(scope="module")
def flow_client_module(request: pytest.FixtureRequest) -> Iterator[FlowClient]:
    """A client of `flow_mock_module`, or of the live server, for the tests of a module."""
    with _shared_client(request, "flow_mock_module") as client:
        yield client


def _shared_client(request: pytest.FixtureRequest, mock: str) -> FlowClient:
    """Return a client that several tests share; cassettes are each one test's, so there it has none."""
    options = request.config.stash[OPTIONS]
    if options.mode in ("replay", "record"):
        pytest.fail(
            f"{request.fixturename} stands on the mock or a live server, for a cassette belongs to one"
            f" test: with --flow={options.mode} use flow_client"
        )
    logs = request.config.stash[SHARED_LOGS]
    logs[str(request.fixturename)] = log = CallLog()
    if options.mode == "live":
        return _make_client(options.url, plugins=[log])
    client: FlowClient = request.getfixturevalue(mock).client(plugins=[log])
    return client


@pytest.fixture
def flow_client(request: pytest.FixtureRequest, _flow_network: None) -> Iterator[FlowClient]:
    """A client of whatever ``--flow`` names: a mock of its own, a cassette, or a live server."""
    options = request.config.stash[OPTIONS]
    log = CallLog()
    request.node.stash[LOG] = log
    plugins: list[object] = [log]
    replay: Any = None
    if options.mode in ("replay", "record"):
        replay = _replay(request.node, options)
        plugins.append(replay)
    if options.mode in ("mock", "shared") or (options.mode == "record" and not options.url):
        client = request.getfixturevalue("flow_mock").client(plugins=plugins)
    elif options.mode == "replay":
        client = _make_client(plugins=plugins)
    else:
        client = _make_client(options.url, plugins=plugins)
    with client:
        yield client
        if options.mode == "record":
            replay.save()  # closing the client would only log that it failed
    if options.mode == "replay":
        request.config.stash[CASSETTES].played(replay)


def _replay(item: pytest.Item, options: Options) -> Any:
    """Return the plugin that plays the test's cassette, or records it anew."""
    path = cassette_path(item, options.cassettes)
    if options.mode == "record":
        item.config.stash[CASSETTES].begin_recording(path, item)
    hold_last = bool(marker_settings(item).get("hold_last", False))
    kind = "none" if options.mode == "replay" else "all"
    return plugin_factory("replay")(path, kind, hold_last=hold_last)


@pytest.fixture
def flow_redirect(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let every client that is made during the test talk to `flow_mock`, whatever address it names.

    It is for code that makes its own client, here or in a process that it starts: those of flowkit
    and of ``flow_sdk`` alike. Clients that were made before stay where they are.

    Returns:
        the address of the server: that of `flow_mock`, which listens on a port then, or with
        ``--flow=live`` that of the live one.
    """
    options = request.config.stash[OPTIONS]
    if options.mode in ("replay", "record"):
        pytest.fail(
            "flow_redirect leads to the mock or a live server; with"
            f" --flow={options.mode} use flow_client, or `flowkit record`"
        )
    url = options.url if options.mode == "live" else request.getfixturevalue("flow_mock").url
    monkeypatch.setenv("FLOWKIT_REDIRECT", str(url))
    if options.mode != "live":
        here = ["127.0.0.1", *filter(None, [os.environ.get("NO_PROXY", "")])]
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, ",".join(here))
    return str(url)


@pytest.fixture
def _flow_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block the network for tests that use one of the fixtures, unless they ask for it."""
    options = request.config.stash[OPTIONS]
    allowed = options.network or marker_settings(request.node).get("network")
    if not (options.elsewhere or allowed):
        block_network(monkeypatch)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Forget the calls that tests before this one made."""
    for log in item.config.stash[SHARED_LOGS].values():
        log.lines.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the calls that a failing test made."""
    report = yield
    if report.failed:
        logs = [*item.config.stash[SHARED_LOGS].values(), item.stash.get(LOG, CallLog())]
        if lines := [line for log in logs for line in log.lines]:
            report.sections.append(("calls made through flowkit", "\n".join(lines)))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was used to the controlling process, under pytest-xdist."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["flowkit_cassettes"] = session.config.stash[CASSETTES].export()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take in what a worker used."""
    output = getattr(node, "workeroutput", {})
    node.config.stash[CASSETTES].take_in(output.get("flowkit_cassettes", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Report interactions that no test asked for, and cassettes that no test uses."""
    options = config.stash[OPTIONS]
    if options.mode != "replay":
        return
    if lines := list(config.stash[CASSETTES].report(config, options.cassettes)):
        terminalreporter.section("flowkit cassettes")
        for line in lines:
            terminalreporter.line(line)
