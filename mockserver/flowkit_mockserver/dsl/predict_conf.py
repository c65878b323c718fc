"""The template of a predict conf (model/get/predict/conf): the training conf with gaps to fill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dsl.conf import copy_tree, grammar_of
from flowkit_mockserver.dsl.errors import DslError, server_texts
from flowkit_mockserver.kinds.lookup import reads_table

__all__ = ["predict_conf"]

Conf = dict[str, Any]

_DATA_ROLES = ("guest", "host")


def predict_conf(
    train_conf: Mapping[str, Any],
    inference_dsl: Mapping[str, Any],
    model_id: str,
    model_version: str,
) -> Conf:
    """Return a predict conf for a model, with table names to be filled in.

    Args:
        train_conf: runtime conf of the training.
        inference_dsl: the deployed DSL; empty for a v2 model that is not deployed.
        model_id: goes into the job parameters.
        model_version: goes into the job parameters.

    Raises:
        DslError: the training conf has no role or no initiator.
    """
    with server_texts():
        trained: Conf = copy_tree(dict(train_conf))
        version = grammar_of(trained)
        if not trained.get("role") or not trained.get("initiator"):
            raise DslError("role and initiator should be contain in job's trainconf")
        model = {"model_id": model_id, "model_version": model_version, "job_type": "predict"}
        conf: Conf = {
            "initiator": trained["initiator"],
            "role": trained["role"],
            "job_parameters": trained.get("job_parameters", {}),
        }
        if version == 2:
            conf["dsl_version"] = 2
            conf["job_parameters"]["common"].update(model)
            conf["component_parameters"] = {"role": _reader_gaps(conf["role"], inference_dsl)}
        else:
            conf["job_parameters"].update(model)
            conf["role_parameters"] = _args_gaps(conf["role"], inference_dsl)
        return conf


def _gap(number: int) -> dict[str, str]:
    return {
        "name": f"name_to_be_filled_{number}",
        "namespace": f"namespace_to_be_filled_{number}",
    }


def _reader_gaps(roles: Mapping[str, Any], dsl: Mapping[str, Any]) -> Conf:
    components = dsl.get("components", {})
    readers = [name for name in components if reads_table(components[name]["module"])]
    return {
        role: {
            str(index): {reader: {"table": _gap(number)} for number, reader in enumerate(readers)}
            for index in range(len(parties))
        }
        for role, parties in roles.items()
        if role in _DATA_ROLES
    }


def _args_gaps(roles: Mapping[str, Any], dsl: Mapping[str, Any]) -> Conf:
    keys = {
        reference.split(".")[1]
        for component in dsl.get("components", {}).values()
        for references in component.get("input", {}).get("data", {}).values()
        for reference in references
        if reference.split(".")[0] == "args"
    }
    return {
        role: {
            "args": {"data": {key: [_gap(i) for i in range(len(parties))] for key in sorted(keys)}}
        }
        for role, parties in roles.items()
        if role in _DATA_ROLES
    }
