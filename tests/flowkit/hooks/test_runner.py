"""Plugins of a client: what is checked, who runs in which order, and who is named when one fails."""

from __future__ import annotations

import logging
import types
from collections.abc import Generator
from typing import Any

import pytest

from fakes import Server
from flowkit import Call, FlowClient, Group, PluginError, Request, Response, hookimpl
from flowkit.hooks.runner import Hooks
from flowkit.hooks.table import HOOKS


def plugin(title: str, **members: Any) -> Any:
    """Return a plugin of that name with these members."""
    return type(title.title(), (), {"name": title, **members})()


def noting(title: str, log: list[str], **members: Any) -> Any:
    """Return a plugin that notes when it signs."""

    @hookimpl
    def flowkit_sign(self: Any) -> None:
        log.append(title)

    return plugin(title, flowkit_sign=flowkit_sign, **members)


def order(*plugins: Any) -> list[str]:
    """Return the names in the order in which the plugins sign."""
    log: list[str] = plugins[0]
    FlowClient(plugins=[*plugins[1:], Server()]).tag.list()
    return log


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


class TestOrder:
    def test_the_first_enabled_runs_first(self) -> None:
        log: list[str] = []
        assert order(log, noting("a", log), noting("b", log)) == ["a", "b"]

    def test_a_plugin_may_ask_to_run_after_another(self) -> None:
        log: list[str] = []
        late = noting("late", log, after="auth")
        assert order(log, late, noting("x", log), noting("auth", log)) == ["x", "auth", "late"]

    def test_a_plugin_may_ask_to_run_before_others(self) -> None:
        log: list[str] = []
        early = noting("early", log, before=("a", "b", "not there"))
        assert order(log, noting("a", log), noting("b", log), early) == ["early", "a", "b"]

    def test_who_wants_nothing_stays_where_it_was_enabled(self) -> None:
        log: list[str] = []
        plugins = [noting(name, log) for name in "abc"]
        wants = noting("d", log, before="c")
        assert order(log, *plugins, wants) == ["a", "b", "d", "c"]

    def test_a_circle_is_reported_by_its_members(self) -> None:
        a, b, c = plugin("a", after="b"), plugin("b", after="c"), plugin("c", after="a")
        with pytest.raises(PluginError, match="run before each other: a → c → b → a"):
            Hooks([a, b, c])

    def test_after_a_circle_was_refused_the_others_go_on(self) -> None:
        hooks = Hooks([plugin("a", after="b")])
        with pytest.raises(PluginError):
            hooks.register(plugin("b", after="a"))
        assert hooks.names() == ["a"]

    def test_a_wish_that_trylast_overrules_is_an_error(self) -> None:
        log: list[str] = []

        @hookimpl(trylast=True)
        def flowkit_sign(self: Any) -> None: ...

        last = plugin("last", flowkit_sign=flowkit_sign, before="first")
        with pytest.raises(PluginError, match="tryfirst or trylast"):
            Hooks([noting("first", log), last])

    @pytest.mark.parametrize("wish", [3, ["a", 1]])
    def test_a_wish_must_be_names(self, wish: object) -> None:
        with pytest.raises(PluginError, match="must be the names of plugins"):
            Hooks([plugin("a", after=wish)])

    def test_plugins_that_join_later_find_their_place_too(self) -> None:
        log: list[str] = []
        flow = FlowClient(plugins=[noting("auth", log), Server()])
        with flow.using(noting("late", log, after="auth")):
            flow.tag.list()
        flow.tag.list()
        assert log == ["auth", "late", "auth"]


class Fails:
    """Fails in one hook."""

    def __init__(self, name: str, hook: str, error: Exception) -> None:
        self.name = name
        self.error = error

        @hookimpl(specname=hook)
        def fail() -> None:
            raise self.error

        self.fail = fail


class TestEssentialHooks:
    @pytest.mark.parametrize("hook", ["flowkit_call", "flowkit_send", "flowkit_sign"])
    def test_an_exception_ends_the_call_and_names_plugin_hook_and_operation(
        self, hook: str
    ) -> None:
        error = ValueError("mine")
        flow = FlowClient(plugins=[Fails("bad", hook, error), Server()])
        with pytest.raises(ValueError, match="mine") as caught:
            flow.tag.list()
        assert caught.value is error
        assert error.__notes__ == [f"raised by the plugin 'bad' in {hook} during tag.list"]

    def test_a_wrapper_that_only_passes_an_exception_on_is_not_blamed(self) -> None:
        class Watches:
            name = "watches"

            @hookimpl(wrapper=True)
            def flowkit_send(self) -> Generator[None, Response, Response]:
                return (yield)

        error = ValueError("mine")
        bad = Fails("bad", "flowkit_sign", error)
        with pytest.raises(ValueError, match="mine"):
            FlowClient(plugins=[Watches(), bad, Server()]).tag.list()
        assert error.__notes__ == ["raised by the plugin 'bad' in flowkit_sign during tag.list"]

    def test_of_two_plugins_of_one_class_the_right_one_is_blamed(self) -> None:
        class Picky:
            def __init__(self, name: str, error: Exception | None = None) -> None:
                self.name, self.error = name, error

            @hookimpl
            def flowkit_sign(self) -> None:
                if self.error:
                    raise self.error

        error = ValueError("mine")
        with pytest.raises(ValueError, match="mine"):
            FlowClient(plugins=[Picky("one"), Picky("two", error), Server()]).tag.list()
        assert "'two'" in error.__notes__[0]

    def test_what_the_core_raises_bears_no_note(self) -> None:
        with (
            FlowClient("127.0.0.1", 1) as flow,
            pytest.raises(Exception, match="refused") as caught,
        ):
            flow.queue.clean()
        assert not getattr(caught.value, "__notes__", [])

    def test_a_client_is_not_made_if_a_plugin_cannot_be_opened_and_the_others_are_closed(
        self,
    ) -> None:
        log: list[str] = []

        class Opens:
            name = "opens"

            @hookimpl
            def flowkit_client_opened(self) -> None:
                log.append("opened")

            @hookimpl
            def flowkit_client_closed(self) -> None:
                log.append("closed")

        with pytest.raises(ValueError, match="mine") as caught:
            FlowClient(plugins=[Opens(), Fails("bad", "flowkit_client_opened", ValueError("mine"))])
        assert log == ["opened", "closed"]
        assert caught.value.__notes__ == ["raised by the plugin 'bad' in flowkit_client_opened"]

    def test_groups_that_cannot_be_made_name_their_plugin(self) -> None:
        bad = Fails("bad", "flowkit_operation_groups", ValueError("mine"))
        with pytest.raises(ValueError, match="mine") as caught:
            FlowClient(plugins=[bad])
        assert caught.value.__notes__ == ["raised by the plugin 'bad' in flowkit_operation_groups"]


class TestObservers:
    @pytest.mark.parametrize("hook", [one.name for one in HOOKS.values() if one.observer])
    def test_an_exception_is_logged_once_and_the_others_go_on(
        self, hook: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        log: list[str] = []

        class Follows:
            name = "follows"

            @hookimpl(specname=hook)
            def follow(self) -> None:
                log.append(hook)

        flow = FlowClient(plugins=[Fails("bad", hook, ValueError("mine")), Follows(), Server()])
        with caplog.at_level(logging.ERROR, "flowkit.plugins"):
            for _ in range(2):
                call = Call(flow.operations["tag.list"], {}, Request("POST", "", ""), flow, {})
                flow.hooks.transferred(call, 1, 2)
                flow.hooks.job_changed(flow, {})
                flow.hooks.client_closed(flow)
        assert log == [hook, hook]
        (record,) = caplog.records
        assert "the plugin 'bad'" in record.getMessage()
        assert record.exc_info is not None


def test_every_hook_declares_when_it_runs_what_it_may_change_and_what_it_costs() -> None:
    for hook in HOOKS.values():
        assert list(hook.facts) == ["Runs", "May change", "May answer", "Costs"], hook.name
        assert hook.summary.endswith("."), hook.name
        assert "def " + hook.name in hook.example, hook.name


def test_hooks_that_may_answer_say_so() -> None:
    for hook in HOOKS.values():
        assert hook.facts["May answer"].startswith("yes" if hook.answers else "no"), hook.name


def test_a_plugins_group_is_a_full_member_of_the_table() -> None:
    from flowkit import Effect, Operation

    class Weather(Group):
        operations = (Operation("weather.today", "POST", "w", Effect.READ, "Tell the weather."),)

        def today(self) -> Any:
            """Tell the weather."""
            return self._call("weather.today")

    class Brings:
        @hookimpl
        def flowkit_operation_groups(self) -> dict[str, type[Group]]:
            return {"weather": Weather}

    flow: Any = FlowClient(plugins=[Brings(), Server()])
    assert flow.weather.today().ok
    assert "weather.today" in flow.operations
