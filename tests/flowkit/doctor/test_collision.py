"""A second package flow_sdk."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

import flow_sdk
from flowkit.doctor.collision import examine_collision
from flowkit.doctor.finding import State

OURS = Path(str(flow_sdk.__file__))


def absent(name: str) -> str:
    raise metadata.PackageNotFoundError(name)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    client = tmp_path / "flow_sdk" / "client"
    client.mkdir(parents=True)
    (client / "__init__.py").write_text("from flow_sdk.client import api\n")
    return client.parent / "__init__.py"


def test_alone_flowkit_s_is_in_effect() -> None:
    (finding,) = examine_collision(absent)
    assert finding.state is State.OK


def test_the_official_one_in_effect_is_a_problem(theirs: Path) -> None:
    (finding,) = examine_collision(lambda name: "1.11.3", lambda: theirs)
    assert finding.state is State.PROBLEM
    assert "fate-client 1.11.3" in finding.text
    assert "from flowkit.compat import FlowClient" in finding.mend


def test_the_official_one_out_of_effect_is_a_warning() -> None:
    (finding,) = examine_collision(lambda name: "1.6.1", lambda: OURS)
    assert finding.state is State.WARNING
    assert "is flowkit's" in finding.text


def test_its_line_2_has_other_names() -> None:
    (finding,) = examine_collision(lambda name: "2.2.0", lambda: OURS)
    assert finding.state is State.OK


def test_a_folder_of_that_name_is_told(theirs: Path) -> None:
    (finding,) = examine_collision(absent, lambda: theirs)
    assert finding.state is State.WARNING
    assert str(theirs) in finding.text
