"""Plugins of one client: registered, listed, taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pluggy
import pytest

from flowkit import Call, PluginError, Response, hookimpl
from flowkit.hooks.loading import Choice
from flowkit.hooks.registry import Registry


class Named:
    def __init__(self, name: str, identity: str | None = None) -> None:
        self.name = name
        if identity is not None:
            self.identity = identity


def test_the_first_that_is_enabled_runs_outermost() -> None:
    registry = Registry([Named("a"), Named("b")])
    assert registry.names() == ["a", "b"]
    registry.register(Named("c"))
    assert registry.names() == ["c", "a", "b"]


def test_one_object_is_registered_once_and_two_of_a_name_are_told_apart() -> None:
    one = Named("a")
    registry = Registry([one, Named("a")])
    assert len(set(registry.names())) == 2
    with pytest.raises(PluginError, match="registered already; make a second object"):
        registry.register(one)


def test_two_that_are_equal_are_refused_without_showing_any_other() -> None:
    @dataclass
    class Tracing:
        name: str = "tracing"
        key: str = "hunter33"

    registry = Registry([Tracing()])
    with pytest.raises(
        PluginError, match="'tracing' equals 'tracing', which is registered"
    ) as raised:
        registry.register(Tracing())
    assert "hunter33" not in str(raised.value)
    registry.register(Tracing(name="other"))
    assert registry.names() == ["other", "tracing"]


def test_what_is_taken_out_leaves_no_record() -> None:
    registry = Registry([Named("a")])
    plugin = registry.get("a")
    registry.unregister(plugin)
    assert (registry.names(), registry.records) == ([], [])


def test_what_is_disabled_is_a_record_with_its_origin() -> None:
    registry = Registry()
    registry.enable([Choice("cache", "the file"), Choice("-cache", "the program")])
    (record,) = registry.records
    assert (record.name, record.origin, record.state) == ("cache", "the program", "disabled")


def test_a_hook_with_one_implementation_is_run_without_a_detour() -> None:
    class Answers(Named):
        @hookimpl
        def flowkit_call(self, call: Call) -> Response | None:
            return None

    class Wraps(Named):
        @hookimpl(wrapper=True)
        def flowkit_call(self) -> Iterator[None]:
            return (yield)

    one, other = Answers("a"), Answers("b")
    registry = Registry([one])
    assert registry.runner("flowkit_call") == one.flowkit_call
    registry.register(other)
    assert isinstance(registry.runner("flowkit_call"), pluggy.HookCaller)
    registry.unregister(one)
    assert registry.runner("flowkit_call") == other.flowkit_call
    assert isinstance(Registry([Wraps("c")]).runner("flowkit_call"), pluggy.HookCaller)


def test_an_implementation_that_wants_fewer_arguments_is_run_by_pluggy() -> None:
    class Brief(Named):
        @hookimpl
        def flowkit_send(self) -> Response:
            return Response(200)

    runner = Registry([Brief("a")]).runner("flowkit_send")
    assert isinstance(runner, pluggy.HookCaller)
    assert runner(call=None, request=None).status == 200
