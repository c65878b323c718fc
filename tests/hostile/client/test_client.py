"""A bounded run of every attack; ``python -m tests.hostile.client`` is the long one."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.hostile.finding import table


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("envelopes", 600),
        ("servers", 12),
        ("archives", 300),
        ("arguments", 2000),
        ("answers", 200),
        ("secrets", 23),
    ],
)
def test_an_attack_finds_nothing(name: str, count: int) -> None:
    found = import_module(f"tests.hostile.client.attack_{name}").attack(seed=20261127, count=count)

    assert not found.faults, table([found])
