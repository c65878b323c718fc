"""Releases of FATE, and what belongs to each."""

from __future__ import annotations

import pytest

from flowkit.servers import LINES
from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.dialects.releases import RELEASES, absent_definitions, release_with


def test_every_version_of_fate_is_a_release_of_a_version_of_fate_flow() -> None:
    assert list(RELEASES) == [version for line in LINES for version in line.fate]
    flows = {version for line in LINES for version in line.fate_flow}
    assert {release.flow for release in RELEASES.values()} <= flows


@pytest.mark.parametrize(
    ("asked", "fate", "flow", "eggroll", "python"),
    [
        ("1.6.1", "1.6.1", "1.6.1", "2.2.2", "3.6.5"),
        ("1.7.2", "1.7.2", "1.7.2", "2.4.3", "3.6.5"),
        ("1.9.0", "1.9.0", "1.9.0", "2.4.5", "3.8"),
        ("1.9", "1.9.2", "1.9.1", "2.4.7", "3.8"),
        ("1.10.1", "1.10.0", "1.10.1", "2.4.8", "3.8"),
        ("1.11.2", "1.11.2", "1.11.1", "2.5.1", "3.8"),
        ("1.11", "1.11.4", "1.11.2", "2.5.3", "3.8"),
    ],
)
def test_a_version_brings_what_was_released_with_it(
    asked: str, fate: str, flow: str, eggroll: str, python: str
) -> None:
    dialect = dialect_of(asked)

    assert (dialect.fate_version, dialect.flow_version) == (fate, flow)
    assert dialect.versions["FATE"] == fate
    assert (dialect.versions["EGGROLL"], dialect.versions["PYTHON"]) == (eggroll, python)


def test_the_last_release_with_a_version_of_fate_flow() -> None:
    assert release_with("1.11.2") == "1.11.4"
    assert release_with("1.10.1") is None


def test_models_of_1_5_carry_no_definitions_of_a_data_transform() -> None:
    assert absent_definitions("1.5.3") == (
        "data-transform-meta.proto",
        "data-transform-param.proto",
    )
    assert absent_definitions("1.6.1") == ()
