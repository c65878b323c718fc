"""What plugins add to the command line, without a client."""

from __future__ import annotations

from types import ModuleType

import pytest

from fakes import Server
from flowkit import Group, PluginError, hookimpl
from flowkit.cli.plugin_groups import plugin_groups
from flowkit.hooks.loading import Choice


class Added(Group):
    """What a plugin adds."""


class Adding:
    made = 0

    def __init__(self) -> None:
        type(self).made += 1

    @property
    def identity(self) -> str:
        raise AssertionError("a property is not asked")

    @hookimpl
    def flowkit_operation_groups(self) -> dict[str, type[Group]]:
        return {"extra": Added}

    @hookimpl
    def flowkit_client_opened(self) -> None:
        raise AssertionError("there is no client")


class Renamed:
    @hookimpl(specname="flowkit_operation_groups")
    def groups(self) -> dict[str, type[Group]]:
        return {"renamed": Added}


def test_groups_come_without_a_client() -> None:
    assert plugin_groups([Choice(Adding())]) == {"extra": Added}


def test_a_hook_may_bear_another_name() -> None:
    assert plugin_groups([Choice(Renamed())]) == {"renamed": Added}


def test_a_module_is_a_plugin_as_well() -> None:
    module = ModuleType("adding")

    @hookimpl
    def flowkit_operation_groups() -> dict[str, type[Group]]:
        return {"module": Added}

    module.flowkit_operation_groups = flowkit_operation_groups  # type: ignore[attr-defined]
    assert plugin_groups([Choice(module)]) == {"module": Added}


def test_a_plugin_that_adds_none_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else a mock server would be started for a help text."""

    def fail(*_: object) -> None:
        raise AssertionError("made")

    monkeypatch.setattr("flowkit_inprocess.InProcess.__init__", fail)
    assert plugin_groups([Choice("inprocess"), Choice(Server())]) == {}


def test_a_disabled_plugin_adds_nothing() -> None:
    assert plugin_groups([Choice("logging"), Choice("-logging")]) == {}


def test_one_that_is_not_there_is_told() -> None:
    with pytest.raises(PluginError, match="no plugin is called 'nosuch'"):
        plugin_groups([Choice("nosuch")])
