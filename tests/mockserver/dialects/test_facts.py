"""The tables: kinds by line, and what a server says of itself."""

from __future__ import annotations

from flowkit.servers import line_of
from flowkit_mockserver.dialects.facts import kinds_of, provider_of, server_facts


def test_kinds_come_and_change_with_lines() -> None:
    seven, eleven = kinds_of(line_of("1.7")), kinds_of(line_of("1.11"))
    assert "DataTransform" in seven
    assert {"HeteroSSHELR", "LabelTransform", "PositiveUnlabeled", "FeatureImputation"} <= set(
        eleven
    )
    assert "PositiveUnlabeled" not in seven
    assert eleven["HomoNN"].defaults != seven["HomoNN"].defaults


def test_who_provides_a_component() -> None:
    assert provider_of("reader") == "fate_flow"
    assert provider_of("HeteroLR") == "fate"


def test_facts_are_fresh_copies() -> None:
    server_facts("versions").clear()
    assert server_facts("versions")["FATEFlow"] == "1.11.2"
    assert {name.lower() for name in server_facts("components")} == set(server_facts("grantable"))
