"""What the addresses of tables consist of that lie elsewhere; the expected values are those of a real 1.9.0."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.wire.later.addresses import connection_of, full_address


@pytest.mark.parametrize(
    ("engine", "given", "full"),
    [
        ("PATH", {"path": "/a", "zz": 1}, {"connector_name": None, "path": "/a"}),
        (
            "STANDALONE",
            {"name": "t_g", "namespace": "c17", "storage_type": "LMDB"},
            {
                "connector_name": None,
                "home": None,
                "name": "t_g",
                "namespace": "c17",
                "storage_type": "LMDB",
            },
        ),
        (
            "API",
            {"url": "http://x", "method": "get"},
            {"body": {}, "connector_name": None, "header": {}, "method": "get", "url": "http://x"},
        ),
    ],
)
def test_an_address_has_all_fields_of_its_engine(
    engine: str, given: dict[str, Any], full: dict[str, Any]
) -> None:
    assert full_address(engine, given, {}) == full


def test_a_connector_goes_before_what_is_given() -> None:
    connectors = {"con": {"user": "u", "passwd": None, "host": "h", "port": 3306, "db": "d"}}
    full = full_address("MYSQL", {"connector_name": "con", "host": "x", "name": "t"}, connectors)
    assert full == {
        "connector_name": "con",
        "db": "d",
        "host": "h",
        "name": "t",
        "passwd": None,
        "port": 3306,
        "user": "u",
    }


def test_a_connector_keeps_how_to_reach_an_engine() -> None:
    assert connection_of("HDFS", {"name_node": "hdfs://x", "path": "/y"}) == {
        "name_node": "hdfs://x"
    }
    assert connection_of("PATH", {"path": "/y"}) == {}


def test_an_unknown_engine_has_no_address() -> None:
    with pytest.raises(AttributeError, match="'method-wrapper' object has no attribute '__code__'"):
        full_address("ZZ", {}, {})
