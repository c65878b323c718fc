"""What is checked when a plugin is registered."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Generator
from typing import Any

import pytest

from fakes import Server
from flowkit import Call, FlowClient, PluginError, Request, hookimpl
from flowkit.hooks.runner import Hooks
from flowkit.hooks.table import HOOKS


def plugin(title: str, **members: Any) -> Any:
    """Return a plugin of that name with these members."""
    return type(title.title(), (), {"name": title, **members})()


class TestChecks:
    def test_a_misspelled_hook_is_refused_with_the_nearest_name(self) -> None:
        @hookimpl
        def flowkit_sing(self: Any) -> None: ...

        with pytest.raises(
            PluginError, match=r"flowkit_sing is not a hook; did you mean flowkit_sign"
        ):
            Hooks([plugin("bad", flowkit_sing=flowkit_sing)])

    def test_a_marked_function_without_the_prefix_is_refused_too(self) -> None:
        @hookimpl
        def sign(self: Any) -> None: ...

        with pytest.raises(PluginError, match="did you mean flowkit_sign"):
            Hooks([plugin("bad", sign=sign)])

    def test_a_wrong_argument_is_refused_with_the_nearest_name(self) -> None:
        @hookimpl
        def flowkit_send(self: Any, call: Call, requests: Request) -> None: ...

        with pytest.raises(PluginError, match=r"takes 'requests', which .* did you mean request\?"):
            Hooks([plugin("bad", flowkit_send=flowkit_send)])

    def test_a_hook_without_arguments_takes_none(self) -> None:
        @hookimpl
        def flowkit_operation_groups(self: Any, client: Any) -> None: ...

        with pytest.raises(PluginError, match="it takes none"):
            Hooks([plugin("bad", flowkit_operation_groups=flowkit_operation_groups)])

    def test_an_unmarked_hook_would_never_run(self) -> None:
        def flowkit_sign(self: Any) -> None: ...

        with pytest.raises(PluginError, match="not marked with @hookimpl"):
            Hooks([plugin("bad", flowkit_sign=flowkit_sign)])

    @pytest.mark.parametrize("hook", [one.name for one in HOOKS.values() if not one.wrappable])
    def test_what_has_nothing_to_wrap_takes_no_wrapper(self, hook: str) -> None:
        def wrapper(self: Any) -> Generator[None]:
            yield

        wrapper.__name__ = hook
        with pytest.raises(PluginError, match="nothing to wrap"):
            Hooks([plugin("bad", **{hook: hookimpl(wrapper=True)(wrapper)})])

    def test_a_class_is_not_yet_a_plugin(self) -> None:
        with pytest.raises(PluginError, match=r"register an instance, Server\(…\)"):
            Hooks([Server])

    def test_an_object_is_registered_once(self) -> None:
        one = plugin("one")
        with pytest.raises(PluginError, match="registered already"):
            Hooks([one, one])

    def test_a_module_may_be_a_plugin(self) -> None:
        module = types.ModuleType("module")

        @hookimpl
        def flowkit_sign(request: Request) -> None:
            request.headers["X-Module"] = "yes"

        module.flowkit_sign = flowkit_sign  # type: ignore[attr-defined]
        server = Server()
        FlowClient(plugins=[module, server]).tag.list()
        assert server.requests[0].headers["X-Module"] == "yes"


class TestForms:
    """Functions of a kind that would never run, or lose what they were given."""

    @staticmethod
    def refuse(function: Any, text: str) -> None:
        with pytest.raises(PluginError, match=text):
            Hooks([plugin("bad", **{function.__name__: function})])

    def test_an_asynchronous_hook_is_refused(self) -> None:
        @hookimpl
        async def flowkit_send(self: Any, call: Call, request: Request) -> None: ...

        self.refuse(flowkit_send, "plugin 'bad': flowkit_send is asynchronous")

    def test_an_asynchronous_wrapper_is_refused(self) -> None:
        @hookimpl(wrapper=True)
        async def flowkit_call(self: Any, call: Call) -> Any:
            yield

        self.refuse(flowkit_call, "flowkit_call is asynchronous")

    def test_a_wrapper_without_a_yield_is_refused(self) -> None:
        @hookimpl(wrapper=True)
        def flowkit_call(self: Any, call: Call) -> None: ...

        self.refuse(flowkit_call, "is a wrapper without a yield")

    def test_a_yield_without_the_mark_of_a_wrapper_is_refused(self) -> None:
        @hookimpl
        def flowkit_call(self: Any, call: Call) -> Any:
            return (yield)

        self.refuse(flowkit_call, r"no wrapper.*wrapper=True")

    def test_a_wrapper_that_returns_nothing_is_refused(self) -> None:
        @hookimpl(wrapper=True)
        def flowkit_call(self: Any, call: Call) -> Any:
            response = yield
            self.status = response.status

        @hookimpl(wrapper=True)
        def flowkit_send(self: Any, call: Call) -> Any:
            try:
                yield
            finally:
                self.done = True

        self.refuse(flowkit_call, "returns nothing, so the answer would be lost")
        self.refuse(flowkit_send, "returns nothing")

    def test_a_wrapper_that_returns_somewhere_or_only_raises_is_fine(self) -> None:
        @hookimpl(wrapper=True)
        def returns(self: Any, call: Call) -> Any:
            if call.operation.reads:
                return (yield)
            response = yield
            return response

        @hookimpl(wrapper=True)
        def passes(self: Any) -> Any:
            with contextlib.suppress(ZeroDivisionError):
                return (yield)
            return None

        @hookimpl(wrapper=True)
        def raises(self: Any) -> Any:
            yield
            raise RuntimeError

        @hookimpl(wrapper=True)
        def flowkit_sign(self: Any) -> Any:
            yield

        for function in (returns, passes, raises):
            function.__name__ = "flowkit_send"
            Hooks([plugin("good", flowkit_send=function)])
        Hooks([plugin("good", flowkit_sign=flowkit_sign)])
