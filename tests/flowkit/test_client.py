"""FlowClient: settings, options, groups and plugins."""

from __future__ import annotations

import copy
import pickle

import pytest

from fakes import Server, envelope
from flowkit import ArgumentError, Call, FlowClient, Group, Operation, Response, hookimpl
from flowkit.call.model import Effect
from flowkit.reply import Reply


def test_every_operation_of_the_table_has_a_method() -> None:
    flow = FlowClient()
    for operation in flow.operations:
        group, _, method = operation.name.partition(".")
        assert callable(getattr(getattr(flow, group), method)), operation.name


def test_the_constructor_takes_what_the_official_one_takes() -> None:
    flow = FlowClient("127.0.0.1", 9000, "v1")
    assert (flow.ip, flow.port, flow.version) == ("127.0.0.1", 9000, "v1")


@pytest.mark.parametrize("timeout", [0, -1, (5, 0), "soon", True])
def test_a_timeout_that_is_none_is_refused(timeout: object) -> None:
    with pytest.raises(ArgumentError, match="timeout must be seconds above 0"):
        FlowClient(timeout=timeout)  # type: ignore[arg-type]


def test_an_unknown_way_to_tell_errors_is_refused() -> None:
    with pytest.raises(ArgumentError, match="on_error must be 'raise' or 'reply'"):
        FlowClient(on_error="ignore")  # type: ignore[arg-type]


def test_options_hold_for_the_twin_only() -> None:
    flow = FlowClient(plugins=[Server()])
    twin = flow.with_options(timeout=3, cache=False, on_error="reply")
    assert twin.options["cache"] is False
    assert twin.options["timeout"].read_timeout == 3
    assert twin.on_error == "reply"
    assert "cache" not in flow.options
    assert flow.on_error == "raise"
    assert twin.hooks is flow.hooks


class SeesOptions:
    """Notes the options of each call."""

    def __init__(self) -> None:
        self.options: list[object] = []

    @hookimpl
    def flowkit_call(self, call: Call) -> None:
        self.options.append(call.options.get("cache", "unset"))


def test_options_reach_plugins_with_each_call() -> None:
    plugin = SeesOptions()
    flow = FlowClient(plugins=[plugin, Server(envelope({}))])
    flow.with_options(cache=False).tag.list()
    flow.tag.list()
    assert plugin.options == [False, "unset"]


class Weather(Group):
    """A group that FATE Flow does not have."""

    operations = (
        Operation("weather.today", "POST", "weather/today", Effect.READ, "Tell the weather."),
    )

    def today(self, place: str) -> Reply[str]:
        """Tell the weather."""
        return self._call("weather.today", place=place)


class BringsWeather:
    """A plugin with a group."""

    @hookimpl
    def flowkit_operation_groups(self) -> dict[str, type[Group]]:
        return {"weather": Weather}


def test_a_plugins_group_is_one_like_any_other() -> None:
    server = Server(envelope("sunny"))
    flow = FlowClient(plugins=[BringsWeather(), server])
    assert flow.weather.today("Shenzhen").data == "sunny"  # type: ignore[attr-defined]
    assert server.requests[0].path == "/v1/weather/today"
    assert "weather.today" in flow.operations
    assert "weather.today" not in FlowClient().operations


class LifeCycle:
    """Notes when it is opened and closed."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl
    def flowkit_client_opened(self, client: FlowClient) -> None:
        self.seen.append("opened")

    @hookimpl
    def flowkit_client_closed(self, client: FlowClient) -> None:
        self.seen.append("closed")


def test_plugins_are_opened_and_closed_with_the_client_once() -> None:
    plugin = LifeCycle()
    with FlowClient(plugins=[plugin]) as flow:
        assert plugin.seen == ["opened"]
    flow.close()
    assert plugin.seen == ["opened", "closed"]


def test_a_plugin_can_take_part_for_a_while() -> None:
    flow = FlowClient(plugins=[Server(envelope("outer"))])
    plugin = LifeCycle()
    with flow.using(plugin), flow.using(Server(envelope("inner"))):
        assert flow.tag.list()["data"] == "inner"
    assert flow.tag.list()["data"] == "outer"
    assert plugin.seen == ["opened", "closed"]


class Answers:
    """Answers a whole call."""

    @hookimpl
    def flowkit_call(self) -> Response:
        return envelope("answered")


def test_a_plugin_that_answers_a_call_stops_it_from_being_sent() -> None:
    server = Server()
    flow = FlowClient(plugins=[Answers(), server])
    assert flow.tag.list()["data"] == "answered"
    assert server.requests == []


def test_two_clients_keep_their_plugins_apart() -> None:
    first, second = Server(envelope(1)), Server(envelope(2))
    one, two = FlowClient(plugins=[first]), FlowClient(plugins=[second])
    assert (one.tag.list()["data"], two.tag.list()["data"]) == (1, 2)


def test_paths_that_moved_follow_the_servers_line() -> None:
    old, new = FlowClient(server="1.6"), FlowClient(server="1.11")
    assert (old.request("job.log").method, old.request("job.log").path) == ("GET", "/v1/job/log")
    moved = new.request("job.log")
    assert (moved.method, moved.path) == ("POST", "/v1/job/log/download")


def test_closing_twice_is_harmless_and_a_repr_holds_no_secret() -> None:
    flow = FlowClient("flow.example")
    assert repr(flow) == "<FlowClient http://flow.example:9380 v1>"
    flow.close()
    flow.close()


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes"])
def test_what_json_has_no_form_for_is_refused_before_anything_is_sent(value: object) -> None:
    server = Server()
    flow = FlowClient(plugins=[server])
    with pytest.raises(ArgumentError, match=r"must be made of JSON values|cannot be sent as JSON"):
        flow.job.submit({"role": {"guest": [value]}}, {"components": {}})
    assert server.requests == []


def test_a_client_says_that_it_cannot_be_pickled_and_what_to_do() -> None:
    flow = FlowClient(plugins=[Server()])
    for one in (flow, flow.job, flow.job.submit):
        with pytest.raises(TypeError, match=r"cannot be pickled.*; make one in each process"):
            pickle.dumps(one)
    with pytest.raises(TypeError, match="cannot be pickled"):
        copy.deepcopy(flow)


def test_a_copy_shares_what_with_options_shares() -> None:
    flow = FlowClient(plugins=[Server()])
    twin = copy.copy(flow)
    assert twin is not flow
    assert (twin.hooks, twin.options) == (flow.hooks, flow.options)
