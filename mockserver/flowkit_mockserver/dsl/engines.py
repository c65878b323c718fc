"""The engines that a standalone server of 1.6.1 knows, as its shipped configuration registers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BACKENDS", "LAYOUTS", "MULTIPLE", "SINGLE", "Engine", "engine"]

SINGLE = "SINGLE"
"""Federated mode in which this server plays all parties."""

MULTIPLE = "MULTIPLE"
"""Federated mode in which every party has a server of its own."""

BACKENDS: Mapping[Any, tuple[str, str, str]] = {
    0: ("EGGROLL", "EGGROLL", "EGGROLL"),
    1: ("SPARK", "RABBITMQ", "HDFS"),
    2: ("SPARK", "PULSAR", "HDFS"),
    3: ("LINKIS_SPARK", "RABBITMQ", "LINKIS_HIVE"),
}
"""Number of a backend -> engines for computing, federation and storage."""

LAYOUTS: Mapping[Any, str] = {
    "STANDALONE": SINGLE,
    "EGGROLL": MULTIPLE,
    "SPARK": MULTIPLE,
    "LINKIS_SPARK": MULTIPLE,
}
"""Computing engine -> federated mode."""


@dataclass(frozen=True)
class Engine:
    """One engine: its nodes, all its cores, and the address that jobs are given."""

    nodes: int = 1
    cores: int = 0
    address: Mapping[str, Any] = field(default_factory=dict)


_STANDALONE = Engine(1, 20, {"nodes": 1, "cores_per_node": 20})
_ENGINES: Mapping[tuple[str, Any], Engine] = {
    ("computing", "STANDALONE"): _STANDALONE,
    ("federation", "STANDALONE"): _STANDALONE,
    ("storage", "STANDALONE"): _STANDALONE,
    ("computing", "EGGROLL"): Engine(1, 16, {"cores_per_node": 16, "nodes": 1}),
    ("storage", "EGGROLL"): Engine(1, 16, {"cores_per_node": 16, "nodes": 1}),
    ("federation", "EGGROLL"): Engine(address={"host": "127.0.0.1", "port": 9370}),
    ("computing", "SPARK"): Engine(2, 40, {"cores_per_node": 20, "nodes": 2}),
    ("computing", "LINKIS_SPARK"): Engine(2, 40, {"cores_per_node": 20, "nodes": 2}),
    ("storage", "HDFS"): Engine(address={"name_node": "hdfs://fate-cluster"}),
    ("storage", "LINKIS_HIVE"): Engine(address={"host": "127.0.0.1", "port": 9001}),
    ("federation", "RABBITMQ"): Engine(address={"host": "192.168.0.4", "port": 5672}),
    ("federation", "PULSAR"): Engine(address={"host": "192.168.0.5", "port": 6650}),
}


def engine(kind: str, name: Any) -> Engine:
    """Return the engine `name` for ``computing``, ``federation`` or ``storage``.

    Raises:
        AttributeError: none is registered under that name, in the words of the server.
    """
    found = _ENGINES.get((kind, name))
    if found is None:
        missing = "f_nodes" if kind == "computing" else "f_engine_config"
        raise AttributeError(f"'NoneType' object has no attribute '{missing}'")
    return found
