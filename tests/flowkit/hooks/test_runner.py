"""The hooks of a client: observers stop nothing, and a plugin's group is one like any other."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from fakes import Server
from flowkit import Call, FlowClient, Group, PluginError, Request, hookimpl
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


class Fails:
    """Fails in one hook."""

    def __init__(self, name: str, hook: str, error: Exception) -> None:
        self.name = name
        self.error = error

        @hookimpl(specname=hook)
        def fail() -> None:
            raise self.error

        self.fail = fail


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
                flow.hooks.job_unreachable(flow, "7", None)
                flow.hooks.client_closed(flow)
        assert log == [hook, hook]
        (record,) = caplog.records
        assert "the plugin 'bad'" in record.getMessage()
        assert record.exc_info is not None


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


@pytest.mark.parametrize("hook", ["flowkit_call", "flowkit_send"])
def test_an_answer_that_is_no_response_names_the_plugin(hook: str) -> None:
    @hookimpl(specname=hook)
    def answer(self: Any, call: Call) -> Any:
        return {"retcode": 0}

    says = f"tag.list: the plugin 'hasty' answered {hook} with dict; it must be a flowkit.Response"
    with pytest.raises(PluginError, match=says):
        FlowClient(plugins=[plugin("hasty", answer=answer)]).tag.list()
