"""The plugins that are enabled."""

from __future__ import annotations

from fakes import Server
from flowkit.doctor.finding import State
from flowkit.doctor.plugins import examine_plugins
from flowkit.hooks.loading import Choice, PluginRecord


def test_each_is_listed_with_its_origin() -> None:
    (finding,) = examine_plugins([Choice("cache", "flowkit.toml"), Choice(Server())])
    assert (finding.state, finding.text) == (State.OK, "cache (flowkit.toml), server")


def test_none_is_fine() -> None:
    (finding,) = examine_plugins([])
    assert (finding.state, finding.text) == (State.OK, "none is enabled")


def test_one_that_is_not_there_is_a_problem() -> None:
    (finding,) = examine_plugins([Choice("cahce", "FLOWKIT_PLUGINS")])
    assert finding.state is State.PROBLEM
    assert "did you mean 'cache'" in finding.text
    assert "take cahce out of FLOWKIT_PLUGINS" in finding.mend


def test_one_that_cannot_be_built_is_a_problem() -> None:
    choice = Choice("auth", "FLOWKIT_PLUGINS")
    record = PluginRecord("auth", "FLOWKIT_PLUGINS", "broken", error="FLOWKIT_APP_KEY is not set")
    (finding,) = examine_plugins([choice], [record])
    assert (finding.state, finding.text) == (State.PROBLEM, "FLOWKIT_APP_KEY is not set")
    assert finding.mend == "give it what it needs, or take auth out of FLOWKIT_PLUGINS"
