"""The check for plugins: the bundled ones pass it, and those that disturb do not."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from flowkit import Call, PluginError, Request, Response, hookimpl
from flowkit.testing import assert_plugin_conforms
from flowkit_auth import Auth, Basic, Bearer
from flowkit_cache import Cache
from flowkit_faults import Faults, Rule
from flowkit_inprocess import InProcess
from flowkit_logging import Logging
from flowkit_progress import Progress
from flowkit_telemetry import Telemetry


def answer(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"retcode": 0, "retmsg": "success"}']


BUNDLED: list[Callable[[], Any]] = [
    lambda: Auth("ann", "hush"),
    lambda: Basic("ann", "hush"),
    lambda: Bearer("hush"),
    lambda: Bearer(lambda: "hush"),
    Cache,
    Faults,
    lambda: Faults([Rule("refuse", probability=0.2), Rule("delay", seconds=1)]),
    lambda: InProcess(answer),
    Logging,
    Progress,
    Telemetry,
]


@pytest.mark.parametrize("make", BUNDLED)
def test_the_bundled_plugins_conform(make: Callable[[], Any]) -> None:
    assert_plugin_conforms(make, secrets=("hush",))


def test_a_cache_on_disk_conforms(tmp_path: Path) -> None:
    assert_plugin_conforms(lambda: Cache(path=tmp_path / "cache.db"))


class Loud:
    """Shows its secret."""

    def __init__(self) -> None:
        self.token = "hush"


class Early:
    """Signs what everybody sees."""

    @hookimpl
    def flowkit_call(self, call: Call) -> None:
        call.request.headers["Authorization"] = "hush"


class Hides:
    """Makes a success of a failure."""

    @hookimpl(wrapper=True)
    def flowkit_send(self) -> Generator[None, Response, Response]:
        try:
            return (yield)
        except Exception:
            return Response(200, {}, b'{"retcode": 0}')


class Again:
    """Sends a write again."""

    @hookimpl(wrapper=True)
    def flowkit_send(self, call: Call, request: Request) -> Generator[None, Response, Response]:
        try:
            return (yield)
        except Exception:
            if call.scratch.setdefault("again", 0) > 0:
                raise
            call.scratch["again"] = 1
            return call.client.hooks.send(call, request)


class Mixes:
    """Gives one call's answer to another."""

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        yield
        return Response(200, {}, b'{"retcode": 0, "data": "of somebody else"}')


class Nameless:
    """Has a name that cannot be listed."""

    name = "a,b"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (Loud, "a secret shows"),
        (Early, "belong into flowkit_sign"),
        (Hides, "hides that a write has failed"),
        (Again, "sent twice"),
        (Mixes, "came back changed"),
        (Nameless, "separates names by commas"),
    ],
)
def test_a_plugin_that_disturbs_does_not_conform(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        assert_plugin_conforms(make, secrets=("hush",))


def test_what_does_not_fit_the_hooks_does_not_conform() -> None:
    class Misspelled:
        @hookimpl
        def flowkit_sing(self) -> None: ...

    with pytest.raises(PluginError, match="did you mean flowkit_sign"):
        assert_plugin_conforms(Misspelled)
