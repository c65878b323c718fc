"""Adding a kind to the mock itself: its file and its algorithm, and no other file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from component_bench import GUEST, instances, run, under
from flowkit_mockserver import kinds
from flowkit_mockserver.dsl.parameters import merge_component
from flowkit_mockserver.kinds import lookup

KIND = """
from flowkit_mockserver.kinds.kind import Exactness, Kind
from flowkit_mockserver.kinds.rules import need, whole_at_least

KIND = Kind(
    name="MadeUp",
    algorithm="made_up_algorithm:double",
    exactness=Exactness.EXACT,
    accuracy="Nothing is lost.",
    param_class="MadeUpParam",
    defaults={"times": 2},
    rules=(need("times", whole_at_least(1), "made up param's times {} not supported"),),
    code_path={"guest": "made_up.py/MadeUp"},
)
"""
ALGORITHM = """
from flowkit_mockserver.components.core.interface import PartyResult
from flowkit_mockserver.components.core.run import parameter


def double(run):
    return {
        party: PartyResult(summary={"doubled": 2 * parameter(run, party)["times"]})
        for party in run.parties
    }
"""


@pytest.fixture
def two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A family of kinds with one kind in it, and its algorithm."""
    family = tmp_path / "made_up_family"
    family.mkdir()
    (family / "__init__.py").touch()
    (family / "made_up.py").write_text(KIND)
    (tmp_path / "made_up_algorithm.py").write_text(ALGORITHM)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    monkeypatch.setattr(lookup, "_known", {})
    monkeypatch.syspath_prepend(tmp_path)
    lookup._bundled_modules.cache_clear()
    yield
    lookup._bundled_modules.cache_clear()
    for name in [name for name in sys.modules if "made_up" in name]:
        del sys.modules[name]


@pytest.mark.usefixtures("two_files")
def test_a_dsl_can_name_it_and_its_parameters_are_merged_and_checked() -> None:
    conf = {"role": {"guest": [1], "host": [2]}, "component_parameters": {}}

    stored = merge_component(conf, "MadeUp", "made_up_0", version=2)

    assert stored["guest"][0]["MadeUpParam"] == {"times": 2}
    assert "host" not in stored


@pytest.mark.usefixtures("two_files")
def test_it_runs() -> None:
    table = instances({"a": [1.0]}, ["x0"])

    results = run("MadeUp", under("data", {GUEST: table}), times=4)

    assert results[GUEST].summary == {"doubled": 8}
