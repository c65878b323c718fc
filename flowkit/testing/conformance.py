"""A check for plugins: that one fits the hooks and disturbs neither calls nor other plugins."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flowkit.call.markers import hookimpl
from flowkit.call.model import JSON, Call, Operation, Request, Response
from flowkit.client import FlowClient
from flowkit.clock import ManualClock
from flowkit.errors import ConnectionFailed, FlowError
from flowkit.hooks.checks import check_plugin

__all__ = ["assert_plugin_conforms"]

THREADS = 8
CALLS = 40
ENVELOPE = {"data": {"tags": []}, "retcode": 0, "retmsg": "success"}


class Origin:
    """Stands in for a server, within the plugin, and notes what reaches it."""

    name = "conformance-origin"
    identity = ""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.failing = False

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        """Answer, or break the connection off."""
        self.seen.append(call.signed(request))
        if self.failing:
            raise ConnectionFailed("broken off", sent=True)
        return Response(200, JSON, json.dumps(ENVELOPE).encode())


def assert_plugin_conforms(make: Callable[[], Any], *, secrets: tuple[str, ...] = ()) -> None:
    """Check a plugin as every plugin can be checked.

    That it fits the hooks; that clients open and close with it, twice and at once; that calls,
    their failures and their order come through it unharmed from several threads; that nothing
    above the wire is changed by signing; and that no secret shows.

    Args:
        make: makes a new plugin object: its class, as a rule. A plugin that answers in the
            server's place is checked as one.
        secrets: texts that must show in no ``repr`` and no pickle of it.

    Raises:
        AssertionError: it does not conform; the text says in what.
        PluginError: it does not fit the hooks.
    """
    plugin = make()
    name = str(getattr(plugin, "name", type(plugin).__name__))
    check_plugin(plugin, name)
    _check_name(plugin, name)
    _check_secrets(plugin, name, secrets)
    _check_calls(make(), name)
    _check_failures(make(), name)
    _check_threads(make(), name)
    _check_clients(make(), name)


def _require(condition: object, complaint: str) -> None:
    """Raise `complaint` as an assertion; the statement would be gone under ``python -O``."""
    if not condition:
        raise AssertionError(complaint)


def _check_name(plugin: object, name: str) -> None:
    _require(
        name and name.strip() == name, f"{name!r}: a name must not be empty or have blanks around"
    )
    _require(not name.startswith("-"), f"{name!r}: a name with a minus could not be enabled")
    _require("," not in name, f"{name!r}: FLOWKIT_PLUGINS separates names by commas")
    identity = getattr(plugin, "identity", "")
    _require(isinstance(identity, str), f"{name}: identity must be a text, got {identity!r}")


def _check_secrets(plugin: object, name: str, secrets: tuple[str, ...]) -> None:
    shown = [
        repr(plugin),
        str(plugin),
        repr(getattr(plugin, "__dict__", "")),
        str(getattr(plugin, "identity", "")),
    ]
    with contextlib.suppress(Exception):  # what cannot be pickled or copied gives nothing away
        shown.append(repr(pickle.dumps(plugin)))
        shown.append(repr(vars(copy.deepcopy(plugin))))
    for secret in secrets:
        _require(
            not any(secret in text for text in shown),
            f"{name}: a secret shows in its repr or pickle",
        )


def _client(plugin: object, origin: Origin) -> FlowClient:
    return FlowClient(plugins=[plugin, origin], clock=ManualClock(), on_error="raise")


def _check_calls(plugin: object, name: str) -> None:
    origin = Origin()
    with _client(plugin, origin) as flow:
        for operation in flow.operations:
            request = _request(flow, operation)
            before = dict(request.headers)
            with contextlib.suppress(FlowError):  # a plugin may refuse; it may not fall over
                flow.send(operation.name, {}, request)
            left = {key for key in request.headers if key not in before}
            _require("Authorization" not in left, f"{name}: credentials belong into flowkit_sign")
        _require(flow.hooks.get(name) is plugin, f"{name}: the client does not know it by its name")


def _check_failures(plugin: object, name: str) -> None:
    origin = Origin()
    origin.failing = True
    with _client(plugin, origin) as flow:
        try:
            flow.send("queue.clean", {}, _request(flow, flow.operations["queue.clean"]))
        except FlowError:
            _require(len(origin.seen) <= 1, f"{name}: a write that may have arrived was sent twice")
        else:
            _require(not origin.seen, f"{name}: it hides that a write has failed")


def _check_threads(plugin: object, name: str) -> None:
    origin = Origin()
    with _client(plugin, origin) as flow, ThreadPoolExecutor(THREADS) as pool:
        results = [pool.submit(_read, flow) for _ in range(CALLS)]
        for result in results:
            answer = result.result(timeout=30)
            _require(
                not origin.seen or answer in (ENVELOPE, None),
                f"{name}: an answer came back changed: {answer!r}",
            )


def _read(flow: FlowClient) -> Any:
    try:
        return flow.send("tag.list", {}, _request(flow, flow.operations["tag.list"]))
    except FlowError:
        return None


def _check_clients(plugin: object, name: str) -> None:
    with _client(plugin, Origin()) as one, _client(plugin, Origin()) as two:
        pass
    for flow in (one, two):
        states = {record.state for record in flow.hooks.records if record.name == name}
        _require(states == {"enabled"}, f"{name}: it did not stay enabled")
        flow.close()


def _request(flow: FlowClient, operation: Operation) -> Request:
    return flow.request(operation.name, body=b'{"limit": 1}', headers=JSON)
