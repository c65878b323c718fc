"""RunParameters: what ``job_parameters`` of a submitted conf becomes, and the engines they can name.

The initiator completes them once, as the baseline of the job; every party then adapts the baseline
to its own engine. The engines are those of a standalone server of 1.6.1, as its configuration registers them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dsl.conf import copy_tree
from flowkit_mockserver.dsl.errors import DslError

__all__ = [
    "MULTIPLE",
    "SINGLE",
    "STANDALONE",
    "Engine",
    "complete_baseline",
    "engine",
    "known_parameters",
    "on_party",
    "parameters_on",
]

RunParameters = dict[str, Any]

STANDALONE = "STANDALONE"
"""The computing engine that is the server itself."""

SINGLE = "SINGLE"
"""Federated mode in which this server plays all parties."""

MULTIPLE = "MULTIPLE"
"""Federated mode in which every party has a server of its own."""

_BACKENDS: Mapping[Any, tuple[str, str, str]] = {
    0: ("EGGROLL", "EGGROLL", "EGGROLL"),
    1: ("SPARK", "RABBITMQ", "HDFS"),
    2: ("SPARK", "PULSAR", "HDFS"),
    3: ("LINKIS_SPARK", "RABBITMQ", "LINKIS_HIVE"),
}
"""Number of a backend -> engines for computing, federation and storage."""

_LAYOUTS: Mapping[Any, str] = {
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
    ("computing", "SPARK"): Engine(2, 40, {"cores_per_node": 20, "home": None, "nodes": 2}),
    ("computing", "LINKIS_SPARK"): Engine(2, 40, {"cores_per_node": 20, "nodes": 2}),
    ("storage", "HDFS"): Engine(address={"name_node": "hdfs://fate-cluster", "path_prefix": None}),
    ("storage", "LINKIS_HIVE"): Engine(address={"host": "127.0.0.1", "port": 9001}),
    ("federation", "RABBITMQ"): Engine(
        address={
            "host": "192.168.0.4",
            "mng_port": 12345,
            "port": 5672,
            "user": "fate",
            "password": "fate",
            "route_table": None,
        }
    ),
    ("federation", "PULSAR"): Engine(
        address={
            "host": "192.168.0.5",
            "port": 6650,
            "mng_port": 8080,
            "cluster": "standalone",
            "tenant": "fl-tenant",
            "topic_ttl": -1,
            "route_table": None,
        }
    ),
}


_DEFAULTS: RunParameters = {
    "job_type": "train",
    "work_mode": 0,
    "backend": 0,
    "computing_engine": None,
    "federation_engine": None,
    "storage_engine": None,
    "engines_address": {},
    "federated_mode": None,
    "federation_info": None,
    "task_cores": None,
    "task_parallelism": None,
    "computing_partitions": None,
    "federated_status_collect_type": None,
    "federated_data_exchange_type": None,
    "model_id": None,
    "model_version": None,
    "dsl_version": None,
    "timeout": None,
    "eggroll_run": {},
    "spark_run": {},
    "rabbitmq_run": {},
    "pulsar_run": {},
    "adaptation_parameters": {},
    "assistant_role": None,
    "map_table_name": None,
    "map_namespace": None,
}
#: The same in the later lines, which know neither work mode nor backend and have one engine of each kind.
_LATER_DEFAULTS: RunParameters = {
    "job_type": "train",
    "inheritance_info": {},
    "computing_engine": None,
    "federation_engine": None,
    "storage_engine": None,
    "engines_address": {},
    "federated_mode": None,
    "federation_info": None,
    "task_cores": None,
    "task_parallelism": None,
    "computing_partitions": None,
    "federated_status_collect_type": None,
    "federated_data_exchange_type": None,
    "model_id": None,
    "model_version": None,
    "dsl_version": None,
    "auto_retries": None,
    "auto_retry_delay": None,
    "timeout": None,
    "eggroll_run": {},
    "spark_run": {},
    "rabbitmq_run": {},
    "pulsar_run": {},
    "adaptation_parameters": {},
    "assistant_role": None,
    "map_table_name": None,
    "map_namespace": None,
}
#: What those know besides that give parameters to single parties.
_DEFAULTS_BY_PARTY: RunParameters = {"task_conf": {}, "roles": {}, "role_parameters": {}}
_LATER_BASELINE: RunParameters = {
    "task_parallelism": 1,
    "auto_retries": 0,
    "auto_retry_delay": 1,
    "federated_status_collect_type": "PUSH",
}
_DEFAULT_TASK_CORES = 4
_PROCESSORS = "eggroll.session.processors.per.node"


def known_parameters(
    submitted: dict[str, Any], *, later: bool = False, by_party: bool = False
) -> RunParameters:
    """Return the parameters the server knows, in its order; unknown ones and nulls vanish.

    Args:
        submitted: what was submitted.
        later: whether it is for FATE Flow as a project of its own.
        by_party: whether the server gives parameters to single parties.
    """
    defaults = _LATER_DEFAULTS if later else _DEFAULTS
    if by_party:
        defaults = {**defaults, **_DEFAULTS_BY_PARTY}
    given = {key: submitted.get(key, default) for key, default in defaults.items()}
    return {key: copy_tree(value) for key, value in given.items() if value is not None}


def parameters_on(dialect: Dialect, parameters: RunParameters) -> RunParameters:
    """Return parameters without those that a line does not know."""
    for name in dialect.absent_run_parameters:
        parameters.pop(name, None)
    return parameters


def complete_baseline(
    parameters: RunParameters, *, job_id: str, later: str | None = None, by_party: bool = False
) -> RunParameters:
    """Return the parameters with everything the initiator decides: engines, cores, partitions.

    Args:
        parameters: those that were submitted.
        job_id: the job.
        later: the computing engine of a server that is FATE Flow as a project of its own; None for an earlier one.
        by_party: whether the server gives parameters to single parties.

    Raises:
        DslError: the backend does not exist.
        ValueError: ``task_cores`` or a processor count is not a number.
    """
    full = dict(parameters)
    if later:
        baseline = {**_LATER_BASELINE, "federated_mode": _LAYOUTS[later]}
        full |= {name: value for name, value in baseline.items() if full.get(name) is None}
        full["computing_engine"] = later
    elif full.get("computing_engine") is None or full.get("federation_engine") is None:
        _choose_engines(full, job_id)
    if full.get("federated_mode") is None and (mode := _LAYOUTS.get(full["computing_engine"])):
        full["federated_mode"] = mode
    task_cores = full.get("task_cores")
    full["adaptation_parameters"] = {
        "task_nodes": 0,
        "task_cores_per_node": 0,
        "task_memory_per_node": 0,
        "request_task_cores": int(task_cores) if task_cores else _DEFAULT_TASK_CORES,
        "if_initiator_baseline": True,
    }
    _adapt(full, engine("computing", full["computing_engine"]).nodes)
    full.setdefault("task_parallelism", 1)
    full.setdefault("federated_status_collect_type", "PULL")
    if not full.get("computing_partitions"):
        adapted = full["adaptation_parameters"]
        full["computing_partitions"] = adapted["task_cores_per_node"] * adapted["task_nodes"]
    return known_parameters(full, later=later is not None, by_party=by_party)


def on_party(
    parameters: RunParameters, role: str, *, later: str | None = None, by_party: bool = False
) -> RunParameters:
    """Return the parameters as one party keeps them: adapted to its engines, addresses filled in.

    Args:
        parameters: the baseline of the job.
        role: the role of the party.
        later: the computing engine of a server that is FATE Flow as a project of its own; None for an earlier one.
        by_party: whether the server gives parameters to single parties.
    """
    own = known_parameters(parameters, later=later is not None, by_party=by_party)
    if later:
        engines = next((each for each in _BACKENDS.values() if each[0] == later), (later,) * 3)
        own |= dict(
            zip(("computing_engine", "federation_engine", "storage_engine"), engines, strict=True)
        )
    adapted = own["adaptation_parameters"]
    if role == "arbiter":
        adapted["request_task_cores"] = 1
    elif "request_task_cores" not in adapted:
        adapted["request_task_cores"] = adapted["task_nodes"] * adapted["task_cores_per_node"]
    adapted["if_initiator_baseline"] = False
    _adapt(own, engine("computing", own["computing_engine"]).nodes)
    if own["computing_engine"] in ("STANDALONE", "EGGROLL"):
        own["eggroll_run"][_PROCESSORS] = adapted["task_cores_per_node"]
    elif own["computing_engine"] in ("SPARK", "LINKIS_SPARK"):
        own["spark_run"]["num-executors"] = adapted["task_nodes"]
        own["spark_run"]["executor-cores"] = adapted["task_cores_per_node"]
    for kind in ("computing", "federation", "storage"):
        address = engine(kind, own.get(f"{kind}_engine")).address
        # The later lines read the addresses from a database that has their names in order.
        entries = sorted(address.items()) if later else address.items()
        own["engines_address"][kind] = copy_tree(dict(entries))
    return known_parameters(own, later=True, by_party=by_party) if later else own


def _choose_engines(parameters: RunParameters, job_id: str) -> None:
    backend = parameters.get("backend")
    if backend is None:
        raise DslError("unable to find compatible backend engines")
    if backend not in _BACKENDS:
        raise DslError(f"{backend!r} is not a valid Backend")
    computing, federation, storage = _BACKENDS[backend]
    if computing == "EGGROLL" and parameters["work_mode"] == 0:
        computing = federation = storage = "STANDALONE"
    parameters |= {
        "computing_engine": computing,
        "federation_engine": federation,
        "storage_engine": storage,
    }
    if federation == "RABBITMQ":
        # The real server draws letters at random; these follow from the job.
        letters = hashlib.sha256(job_id.encode()).hexdigest()
        parameters["federation_info"] = {"union_name": letters[:4], "policy_id": letters[4:14]}


def _adapt(parameters: RunParameters, nodes: int) -> None:
    adapted = parameters["adaptation_parameters"]
    if parameters["computing_engine"] in ("STANDALONE", "EGGROLL"):
        adapted["task_nodes"] = nodes
        cores = int(parameters["eggroll_run"].get(_PROCESSORS, 0))
    elif parameters["computing_engine"] in ("SPARK", "LINKIS_SPARK"):
        adapted["task_nodes"] = int(parameters["spark_run"].get("num-executors", nodes))
        cores = int(parameters["spark_run"].get("executor-cores", 0))
    else:
        return
    wanted = int(adapted["request_task_cores"] / adapted["task_nodes"])
    adapted["task_cores_per_node"] = cores if cores > 0 else max(1, wanted)


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
