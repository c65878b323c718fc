"""A bounded run of every attack; ``python -m tests.hostile --scale 20`` is the long one."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.hostile.finding import table


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("requests", 1500),
        ("lines", 700),
        ("control", 400),
        ("parameters", 150),
        ("files", 280),
        ("connections", 40),
        ("kill", 2),
        ("jobs", 30),
        ("disk", 4),
        ("state", 25),
    ],
)
def test_an_attack_finds_nothing(name: str, count: int) -> None:
    found = import_module(f"tests.hostile.attack_{name}").attack(seed=20261127, count=count)

    assert not found.faults, table([found])
