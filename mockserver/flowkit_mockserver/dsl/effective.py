"""The runtime conf that counts: per party for the job parameters, and for a predict job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dsl.errors import DslError
from flowkit_mockserver.dsl.parameters import applies
from flowkit_mockserver.dsl.trees import copy_tree, deep_merge

__all__ = ["job_parameters_by_party", "predict_conf_v1", "predict_conf_v2"]

Conf = Mapping[str, Any]


def job_parameters_by_party(conf: Conf, *, version: int) -> dict[str, dict[int, dict[str, Any]]]:
    """Return the flat job parameters of every party: role -> party -> parameters."""
    parameters = conf.get("job_parameters", {})
    common, by_role = parameters, {}
    if version == 2:
        common, by_role = parameters.get("common", {}), parameters.get("role", {})
    result: dict[str, dict[int, dict[str, Any]]] = {}
    for role, parties in conf["role"].items():
        result[role] = {}
        own = by_role.get(role, {}) if by_role else {}
        for index, party in enumerate(parties):
            flat = copy_tree(common)
            for indexes in own:
                if applies(indexes, index):
                    flat = deep_merge(flat, own[indexes])
            result[role][party] = flat
    return result


def predict_conf_v1(train_conf: Conf, predict_conf: Conf) -> dict[str, Any]:
    """Return the training conf overlaid with the predict conf."""
    return deep_merge(train_conf, predict_conf)


def predict_conf_v2(train_conf: Conf, predict_conf: Conf) -> dict[str, Any]:
    """Return the training conf, reduced to those who predict, overlaid with the predict conf.

    Raises:
        DslError: a party did not take part in the training.
        ValueError: the parties differ from the training and a key is ``all``.
    """
    reduced: dict[str, Any] = copy_tree(dict(train_conf))
    wanted: Any = predict_conf.get("role")
    if len(train_conf) < len(wanted):
        # The server compares the number of roles with the number of keys of the whole conf.
        raise DslError(
            f"Predict roles is {wanted}, train roles is {train_conf}, "
            "predict roles should be subset of train role"
        )
    for role, trained in train_conf["role"].items():
        if role not in wanted:
            del reduced["role"][role]
            for part in ("job_parameters", "component_parameters"):
                if reduced.get(part, {}).get("role", {}).get(role):
                    del reduced[part]["role"][role]
            continue
        for party in wanted[role]:
            if party not in trained:
                raise DslError(f"Predict role: {role} party_id: {party} not occurs in training")
        if list(trained) != list(wanted[role]):
            _renumber(reduced, role, trained, wanted[role])
    return deep_merge(reduced, predict_conf)


def _renumber(conf: dict[str, Any], role: str, trained: list[int], wanted: list[int]) -> None:
    """Rewrite the party indexes of a role from their places in the training to the new ones."""
    for part in ("job_parameters", "component_parameters"):
        by_index = conf.get(part, {}).get("role", {}).get(role)
        if not by_index:
            continue
        renumbered: dict[str, Any] = {}
        for indexes, parameters in by_index.items():
            parties = [trained[int(index)] for index in indexes.split("|")]
            places = [str(wanted.index(party)) for party in parties if party in wanted]
            if places:
                renumbered.setdefault("|".join(places), {}).update(parameters)
        conf[part]["role"][role] = renumbered
