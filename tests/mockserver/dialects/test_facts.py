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
    last = line_of("1.11")
    server_facts(last, "components").clear()
    found = server_facts(last, "components")
    assert found["Reader"] == "fate_flow.components.reader"
    assert {name.lower() for name in found} == set(server_facts(last, "grantable"))


def test_a_line_adds_to_what_the_servers_before_it_say_and_takes_from_it() -> None:
    seven, eight, nine = (line_of(name) for name in ("1.7", "1.8", "1.9"))
    assert "DATABASE" not in server_facts(seven, "configuration")
    # A real 1.8.0 tells its database and its password; a real 1.7.2 neither.
    assert server_facts(eight, "configuration")["DATABASE"]["passwd"] == "fate"
    assert server_facts(eight, "job_defaults")["upload_max_bytes"] == 104857600
    assert "upload_max_bytes" not in server_facts(nine, "job_defaults")
    assert server_facts(nine, "job_defaults")["upload_block_max_bytes"] == 104857600
    assert set(server_facts(nine, "class_path")) - set(server_facts(eight, "class_path")) == {
        "anonymous_generator",
        "data_format",
        "hetero_model_merge",
    }
