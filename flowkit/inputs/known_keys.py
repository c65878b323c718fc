"""The keys that FATE reads of configurations, and saying which of those given it will not read.

A server passes over what it does not know: a misspelled ``partitons`` would be the default without a word. Servers with
extensions may know more, so that this is a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["UnknownKey", "warn_of_unknown_job_keys", "warn_of_unknown_upload_keys"]

#: Of an upload, on the lines 1.5 to 1.11, and what clients read of it themselves.
UPLOAD = frozenset({
    "file", "head", "partition", "namespace", "table_name", "name", "work_mode", "backend", "drop", "destroy",
    "verbose", "use_local_data", "id_delimiter", "storage_engine", "storage_address", "extend_sid",
    "auto_increasing_sid", "block_size", "schema", "with_meta", "meta", "conf_path", "module", "engine_name",
    "engines_address", "output_path", "delimiter", "id_column_name", "match_id_name",
})  # fmt: skip
#: Of a runtime configuration, and who submits it, which ``fate_flow_client.py`` adds.
CONF = frozenset({
    "dsl_version", "initiator", "role", "job_parameters", "component_parameters", "role_parameters",
    "algorithm_parameters", "conf_path", "local", "party_id", "notes",
})  # fmt: skip
#: Of ``job_parameters``, in version 2 of its ``common``.
JOB = frozenset({
    "job_type", "work_mode", "backend", "computing_engine", "federation_engine", "storage_engine",
    "engines_address", "federated_mode", "federation_info", "task_cores", "task_parallelism",
    "computing_partitions", "federated_status_collect_type", "federated_data_exchange_type", "model_id",
    "model_version", "dsl_version", "timeout", "eggroll_run", "spark_run", "rabbitmq_run", "pulsar_run",
    "adaptation_parameters", "assistant_role", "map_table_name", "map_namespace", "inheritance_info",
    "auto_retries", "auto_retry_delay", "task_conf", "roles", "role_parameters", "processors_per_node",
    "align_task_input_data_partition",
})  # fmt: skip
INITIATOR = frozenset({"role", "party_id"})
PARTS = frozenset({"common", "role"})


class UnknownKey(UserWarning):
    """A configuration holds a key that FATE does not read."""


def warn_of_unknown_upload_keys(name: str, conf: Mapping[str, Any], *, level: int = 4) -> None:
    """Warn of the keys in the configuration of an upload that FATE does not read.

    Args:
        name: the argument that brought it.
        conf: the configuration.
        level: how many calls above the code stands that is to mend it.
    """
    _warn(name, conf, UPLOAD, level + 1)


def warn_of_unknown_job_keys(name: str, conf: Mapping[str, Any], *, level: int = 4) -> None:
    """Warn of the keys in the runtime configuration of a job that FATE does not read.

    Parameters of components are the components' own; FATE checks them itself.

    Args:
        name: the argument that brought it.
        conf: the configuration.
        level: how many calls above the code stands that is to mend it.
    """
    level += 1
    _warn(name, conf, CONF, level)
    _warn(f"{name}.initiator", conf.get("initiator"), INITIATOR, level)
    parameters = conf.get("job_parameters")
    if not isinstance(parameters, Mapping):
        return
    if str(conf.get("dsl_version", "1")) == "1" and "common" not in parameters:
        _warn(f"{name}.job_parameters", parameters, JOB, level)
        return
    _warn(f"{name}.job_parameters", parameters, PARTS, level)
    _warn(f"{name}.job_parameters.common", parameters.get("common"), JOB, level)


def _warn(where: str, given: Any, known: Iterable[str], level: int) -> None:
    if not isinstance(given, Mapping):
        return
    unknown = [key for key in given if key not in set(known)]
    if not unknown:
        return
    import difflib  # needed only once something is unknown

    for key in unknown:
        near = difflib.get_close_matches(str(key), sorted(known), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it reads {', '.join(sorted(known))}"
        warnings.warn(f"{where}: FATE reads no {key!r}; {hint}", UnknownKey, stacklevel=level)
