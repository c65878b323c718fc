"""Runtime confs: their checks, the facts that every later step needs, and what counts for a party or a prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.dsl.errors import DslError
from flowkit_mockserver.kinds.lookup import find_kind_in_any_letters

__all__ = [
    "applies",
    "check_initiator_party",
    "check_key_holders",
    "check_work_mode",
    "copy_tree",
    "deep_merge",
    "dsl_version",
    "grammar_of",
    "job_parameters_by_party",
    "job_type_of",
    "model_id_of",
    "normalize_parties",
    "predict_conf_v1",
    "predict_conf_v2",
    "require",
    "set_party_numbers",
]

Conf = dict[str, Any]

_WORK_MODES = (1, 0)
_GRAMMARS = {"1": 1, "2": 2}


def require(config: Any, names: Sequence[str]) -> None:
    """Check that a map has every key of `names`; null values count as present.

    Raises:
        DslError: some are missing; the text lists them in the order of `names`.
    """
    missing = [name for name in names if name not in config]
    if missing:
        raise DslError(f"required parameters are missing: {','.join(missing)};")


def dsl_version(conf: Conf) -> int:
    """Return the grammar of the conf as a number (default 1), for the layout of job_parameters."""
    return int(conf.get("dsl_version", 1))


def grammar_of(conf: Conf) -> int:
    """Return 1 or 2, the grammar that reads the DSL.

    Raises:
        DslError: there is no parser for that version.
    """
    version = str(conf.get("dsl_version", "1"))
    if version not in _GRAMMARS:
        raise DslError(f"{version} version of dsl parser is not currently supported.")
    return _GRAMMARS[version]


def check_work_mode(conf: Conf) -> None:
    """Check that the conf says whether it is for a standalone (0) or a cluster (1) deployment."""
    if dsl_version(conf) == 2:
        work_mode = conf["job_parameters"].get("common", {}).get("work_mode")
    else:
        work_mode = conf["job_parameters"].get("work_mode")
    if work_mode not in _WORK_MODES:
        raise DslError(
            "required parameter values: work_mode=(<WorkMode.CLUSTER: 1>, <WorkMode.STANDALONE: 0>)"
        )


def normalize_parties(conf: Conf) -> None:
    """Check that initiator and roles are there and turn their party ids into int, in place."""
    require(conf, ("initiator", "job_parameters", "role"))
    require(conf["initiator"], ("role", "party_id"))
    set_party_numbers(conf)


def set_party_numbers(conf: Conf) -> None:
    """Turn the party ids of initiator and roles into int, in place."""
    conf["initiator"]["party_id"] = int(conf["initiator"]["party_id"])
    for role in conf["role"].keys():  # noqa: SIM118 - what is no map fails on "keys"
        parties = conf["role"][role]
        for index in range(len(parties)):
            parties[index] = int(parties[index])


def check_key_holders(job_dsl: Any, conf: Conf) -> None:
    """Check the parties of the kinds whose arbiter holds the private key (`Kind.key_check`).

    Whoever is guest and arbiter at once must be the only host as well.

    Raises:
        DslError: the rule is broken.
    """
    if not job_dsl:
        return
    components = job_dsl["components"]
    modules = {components[name]["module"].lower() for name in components.keys()}  # noqa: SIM118
    roles = conf["role"]
    checked = [
        (kind.key_check, module)
        for module in modules
        if (kind := find_kind_in_any_letters(module)) and kind.key_check is not None
    ]
    for _, module in sorted(checked):
        if not {"guest", "arbiter", "host"} <= roles.keys():
            continue
        both = set(roles["guest"]) & set(roles["arbiter"])
        for party in both:
            if party not in roles["host"] or len(both) != len(roles["host"]):
                raise DslError(
                    f"{module} component constraint party id, please check role config:{roles}"
                )


def check_initiator_party(conf: Conf) -> None:
    """Check that the initiator is one of the parties of its role."""
    initiator = conf["initiator"]
    if initiator["party_id"] not in conf["role"][initiator["role"]]:
        raise DslError(f"initiator party id error {initiator['party_id']}")


def job_type_of(conf: Conf) -> Any:
    """Return what the conf says its job is for; ``train`` when it says nothing."""
    parameters = conf["job_parameters"]
    if dsl_version(conf) == 2:
        common = parameters.get("common", {}).get("job_type")
        if common:
            return common
    return parameters.get("job_type", "train")


def model_id_of(roles: Mapping[str, Sequence[int]]) -> str:
    """Return the id under which the parties `roles` keep a model they train together."""
    if not roles:
        return "all#model"
    parts = [
        f"{role}-{'_'.join(str(party) for party in sorted(set(roles[role])))}"
        for role in sorted(roles)
    ]
    return "#".join([*parts, "model"])


def copy_tree(value: Any) -> Any:
    """Return a copy of a JSON tree; many times faster than `copy.deepcopy`."""
    if isinstance(value, dict):
        return {key: copy_tree(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_tree(item) for item in value]
    return value


def deep_merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return `first` overlaid with `second`: nested maps are merged, anything else is replaced."""
    merged = dict(first)
    for key in second.keys():  # noqa: SIM118 - a value that is no map fails on "keys"
        present, value = first.get(key), second[key]
        merged[key] = deep_merge(present, value) if isinstance(present, dict) else value
    return merged


def applies(indexes: str, index: int) -> bool:
    """Tell whether a key of a role, ``"0"``, ``"0|2"`` or ``"all"``, includes party `index`."""
    return indexes == "all" or str(index) in indexes.split("|")


def job_parameters_by_party(
    conf: Mapping[str, Any], *, version: int
) -> dict[str, dict[int, dict[str, Any]]]:
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


def predict_conf_v1(
    train_conf: Mapping[str, Any], predict_conf: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the training conf overlaid with the predict conf."""
    return deep_merge(train_conf, predict_conf)


def predict_conf_v2(
    train_conf: Mapping[str, Any], predict_conf: Mapping[str, Any]
) -> dict[str, Any]:
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
