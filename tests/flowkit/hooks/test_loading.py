"""Plugins by name: found, loaded one by one, disabled unseen, and what becomes of broken ones."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from fakes import Server
from flowkit import FlowClient, PluginError, hookimpl
from installed import install

GOOD = """
from flowkit import hookimpl

class Good:
    def __init__(self, ttl=1):
        self.ttl = ttl

    @hookimpl
    def flowkit_sign(self, request):
        request.headers["X-Good"] = str(self.ttl)
"""
FAILS = """
from flowkit import hookimpl

class Fails:
    @hookimpl
    def flowkit_sign(self):
        raise ValueError("mine")
"""


@pytest.fixture(autouse=True)
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_CONFIG", "")
    monkeypatch.delenv("FLOWKIT_PLUGINS", raising=False)
    plugins = {
        "good": "plugin_good:Good",
        "torn": "plugin_torn:Torn",
        "fails": "plugin_fails:Fails",
        "wrong": "plugin_good:Missing",
    }
    modules = {
        "plugin_good": GOOD,
        "plugin_torn": "raise RuntimeError('torn apart')",
        "plugin_fails": FAILS,
    }
    monkeypatch.syspath_prepend(str(install(tmp_path / "site", "made-up", plugins, modules)))
    for name in modules:
        monkeypatch.delitem(sys.modules, name, raising=False)


def header(flow: FlowClient, server: Server) -> str | None:
    flow.tag.list()
    return server.requests[-1].headers.get("X-Good")


def test_a_plugin_is_enabled_by_name() -> None:
    server = Server()
    assert header(FlowClient(plugins=["good", server]), server) == "1"


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(PluginError, match=r"no plugin is called 'goot'; did you mean 'good'\?"):
        FlowClient(plugins=["goot"])
    with pytest.raises(PluginError, match=r"no plugin is called 'xyz'; installed are: "):
        FlowClient(plugins=["xyz"])


def test_the_environment_enables_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_PLUGINS", "good")
    server = Server()
    flow = FlowClient(plugins=[server])
    assert header(flow, server) == "1"
    (record,) = [one for one in flow.hooks.records if one.name == "good"]
    assert record.origin == "the environment variable FLOWKIT_PLUGINS"
    assert (record.state, record.distribution) == ("enabled", "made-up 1.2")


def test_a_name_with_a_minus_disables_without_importing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_PLUGINS", "-torn,-good")
    server = Server()
    flow = FlowClient(plugins=["good", "torn", server])
    assert header(flow, server) is None
    assert "plugin_torn" not in sys.modules
    assert {one.name for one in flow.hooks.records if one.state == "disabled"} == {"good", "torn"}


def test_a_plugin_that_is_named_twice_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_PLUGINS", "good")
    flow = FlowClient(plugins=["good"])
    assert flow.hooks.names().count("good") == 1


def test_an_object_counts_before_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mine:
        name = "good"

        @hookimpl
        def flowkit_sign(self) -> None: ...

    monkeypatch.setenv("FLOWKIT_PLUGINS", "good")
    mine = Mine()
    assert FlowClient(plugins=[mine]).hooks.get("good") is mine


@pytest.mark.parametrize("name", ["torn", "wrong"])
def test_a_broken_plugin_of_the_environment_is_recorded_and_the_others_go_on(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FLOWKIT_PLUGINS", f"{name},good")
    server = Server()
    with caplog.at_level(logging.WARNING, "flowkit.plugins"):
        flow = FlowClient(plugins=[server])
    assert header(flow, server) == "1"
    (record,) = [one for one in flow.hooks.records if one.state == "broken"]
    assert (record.name, record.distribution) == (name, "made-up 1.2")
    assert "cannot be loaded" in record.error
    assert "Traceback" in record.traceback
    assert "going on without it" in caplog.text


def test_strict_raises_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_PLUGINS", "torn")
    with pytest.raises(PluginError, match=r"from made-up 1\.2.*torn apart") as caught:
        FlowClient(strict=True)
    assert caught.value.__notes__ == [
        "the plugin was enabled by the environment variable FLOWKIT_PLUGINS"
    ]


def test_a_broken_plugin_that_the_program_demands_raises_always() -> None:
    with pytest.raises(PluginError, match="torn apart"):
        FlowClient(plugins=["torn"])


def test_an_exception_names_the_distribution_too() -> None:
    with pytest.raises(ValueError, match="mine") as caught:
        FlowClient(plugins=["fails", Server()]).tag.list()
    assert caught.value.__notes__ == [
        "raised by the plugin 'fails' (made-up 1.2) in flowkit_sign during tag.list"
    ]
