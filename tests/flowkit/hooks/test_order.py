"""The order of plugins: as enabled, moved by ``before``, ``after``, ``tryfirst`` and ``trylast``."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import Server
from flowkit import FlowClient, PluginError, hookimpl
from flowkit.hooks.runner import Hooks


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
