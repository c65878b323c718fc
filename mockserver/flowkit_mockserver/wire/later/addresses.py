"""Where tables lie that are kept elsewhere: what an address of each engine consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["connection_of", "full_address"]


@dataclass(frozen=True, slots=True)
class _Address:
    """The fields of an address with their defaults, and those of them that a connector keeps."""

    fields: Mapping[str, Any]
    connection: tuple[str, ...] = ()


_PATH = _Address({"path": None})
_ADDRESSES: Mapping[str, _Address] = {
    "API": _Address({"method": "POST", "url": None, "header": {}, "body": {}}),
    "EGGROLL": _Address({"home": None, "name": None, "namespace": None}, ("home",)),
    "FILE": _PATH,
    "HDFS": _Address({"name_node": None, "path": None}, ("name_node",)),
    "HIVE": _Address(
        {
            "host": None,
            "name": None,
            "port": 10000,
            "username": None,
            "database": "default",
            "auth_mechanism": "PLAIN",
            "password": None,
        },
        ("host", "port", "username", "password", "database", "auth_mechanism"),
    ),
    "LINKIS_HIVE": _Address(
        {
            "host": "127.0.0.1",
            "port": 9001,
            "username": "",
            "database": "_ind",
            "name": "",
            "run_type": "hql",
            "execute_application_name": "hive",
            "source": {},
            "params": {},
        }
    ),
    "LOCALFS": _PATH,
    "MYSQL": _Address(
        {
            "user": None,
            "passwd": None,
            "host": None,
            "port": None,
            "db": None,
            "name": None,
        },
        ("user", "passwd", "host", "port", "db"),
    ),
    "PATH": _PATH,
    "STANDALONE": _Address(
        {"home": None, "name": None, "namespace": None, "storage_type": None}, ("home",)
    ),
}


def _address(engine: Any) -> _Address:
    if engine not in _ADDRESSES:
        # The real server looks for the fields of the address, and has no class for it.
        raise AttributeError("'method-wrapper' object has no attribute '__code__'")
    return _ADDRESSES[engine]


def connection_of(engine: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a connector to an engine keeps.

    Raises:
        AttributeError: there is no such engine.
    """
    full = full_address(engine, given, {})
    return {name: full[name] for name in _address(engine).connection}


def full_address(
    engine: Any, given: Mapping[str, Any], connectors: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return an address with all its fields: what was given, what its connector knows, and defaults.

    Args:
        engine: the name of the engine.
        given: the address as it was given; what is empty or belongs to no address of the engine is left out.
        connectors: what each connector keeps, by its name.

    Raises:
        AttributeError: there is no such engine.
    """
    fields = _address(engine).fields
    name = given.get("connector_name") or None
    known = connectors.get(str(name), {}) if name else {}
    return {
        "connector_name": name,
        **fields,
        **{field: given[field] for field in fields if given.get(field)},
        **{field: value for field, value in known.items() if value},
    }
